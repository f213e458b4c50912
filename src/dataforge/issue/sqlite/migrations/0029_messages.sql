-- What workers write to their requester about a task, a page of it, or the item at a place of the page, and what they are
-- answered. `key` is made by who writes, so that sending twice is harmless; `seen`: the worker has read the answer.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  worker INTEGER NOT NULL REFERENCES workers,
  run INTEGER NOT NULL REFERENCES runs,
  page INTEGER REFERENCES pages,
  place INTEGER,
  text TEXT NOT NULL,
  at REAL NOT NULL,
  key TEXT NOT NULL,
  reply TEXT,
  replied REAL,
  seen INTEGER NOT NULL DEFAULT 0,
  UNIQUE (worker, key)
) STRICT;

CREATE INDEX messages_of_workers ON messages (worker, at);
CREATE INDEX messages_of_runs ON messages (run, at);
CREATE INDEX unanswered_messages ON messages (at) WHERE reply IS NULL;
CREATE INDEX unseen_replies ON messages (worker) WHERE reply IS NOT NULL AND seen = 0;
