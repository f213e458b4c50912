-- A run's texts, budget, lease and languages change while it goes on; what was published before stays for the pages that
-- were given out by it.
ALTER TABLE runs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE TABLE former_publications (
  run INTEGER NOT NULL REFERENCES runs,
  revision INTEGER NOT NULL,
  publication BLOB NOT NULL,
  PRIMARY KEY (run, revision)
) STRICT, WITHOUT ROWID;
