-- Items that workers are never given: nobody checks their own work.
CREATE TABLE withheld (
  item INTEGER NOT NULL REFERENCES items,
  worker INTEGER NOT NULL REFERENCES workers,
  PRIMARY KEY (item, worker)
) STRICT, WITHOUT ROWID;
