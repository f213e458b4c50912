-- Workers in the training of runs, as JSON: how far each is in a try, and how the last one went.
CREATE TABLE trainees (
  run INTEGER NOT NULL REFERENCES runs (id),
  worker INTEGER NOT NULL REFERENCES workers (id),
  trainee BLOB NOT NULL,
  PRIMARY KEY (run, worker)
) STRICT, WITHOUT ROWID;
