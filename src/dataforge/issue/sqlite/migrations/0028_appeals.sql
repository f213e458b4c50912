-- Why workers find the rejection of a page wrong, once for each, and what was decided. `told`: its run knows that the page was accepted.
CREATE TABLE appeals (
  page INTEGER PRIMARY KEY REFERENCES pages,
  run INTEGER NOT NULL REFERENCES runs,
  text TEXT NOT NULL,
  at REAL NOT NULL,
  state TEXT NOT NULL,
  decided REAL,
  reply TEXT NOT NULL,
  told INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX appeals_by_state ON appeals (state, at);
CREATE INDEX appeals_of_runs ON appeals (run, state, at);
CREATE INDEX appeals_untold ON appeals (page) WHERE state = 'upheld' AND told = 0;
