-- Who should answer an item that is asked again, if they come in time.
CREATE TABLE preferred (
  item INTEGER NOT NULL REFERENCES items,
  worker INTEGER NOT NULL REFERENCES workers,
  run INTEGER NOT NULL REFERENCES runs,
  PRIMARY KEY (item, worker)
) STRICT, WITHOUT ROWID;
CREATE INDEX preferred_by_run ON preferred (run);
