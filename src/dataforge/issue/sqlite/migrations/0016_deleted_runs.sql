-- Of a run that was deleted only its number stays, which no other run may get, and since when it is gone.
ALTER TABLE runs ADD COLUMN deleted REAL;

-- Runs whose rows are still being removed, part by part.
CREATE TABLE leaving_runs (
  run INTEGER PRIMARY KEY REFERENCES runs
) STRICT;

-- Files of items that were removed, to be looked at whether anything else uses them.
CREATE TABLE leaving_media (
  media TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What workers did and earned in runs that were deleted. `name`: that of the task, in its languages.
CREATE TABLE past_work (
  worker INTEGER NOT NULL REFERENCES workers,
  run INTEGER NOT NULL REFERENCES runs,
  name BLOB NOT NULL,
  currency TEXT NOT NULL,
  pages_accepted INTEGER NOT NULL,
  pages_rejected INTEGER NOT NULL,
  earned INTEGER NOT NULL,
  at REAL NOT NULL,
  PRIMARY KEY (worker, run)
) STRICT, WITHOUT ROWID;
