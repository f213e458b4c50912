-- What workers are good at, 0 to 100, by name: as it was given last, by whom or what, and when.
CREATE TABLE skills (
  worker INTEGER NOT NULL REFERENCES workers (id),
  name TEXT NOT NULL,
  value REAL NOT NULL,
  given_by TEXT NOT NULL,
  at REAL NOT NULL,
  PRIMARY KEY (worker, name)
) STRICT, WITHOUT ROWID;
