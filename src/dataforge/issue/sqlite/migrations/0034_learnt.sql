-- What control items of runs show of workers: how many they answered right, of how many. It outlives the runs.
CREATE TABLE learnt (
  worker INTEGER NOT NULL REFERENCES workers (id),
  name TEXT NOT NULL,
  run INTEGER NOT NULL,
  correct INTEGER NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (worker, name, run)
) STRICT, WITHOUT ROWID;
