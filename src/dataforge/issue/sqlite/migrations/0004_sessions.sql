-- Browsers that somebody signed in with: a worker, or the requester where `worker` is null. `token` is a SHA-256.
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  token BLOB NOT NULL UNIQUE,
  worker INTEGER REFERENCES workers,
  opened REAL NOT NULL,
  browser TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_by_worker ON sessions (worker);
