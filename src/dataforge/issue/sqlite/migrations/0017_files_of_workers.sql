-- Files that workers have sent for pages. `kept`: an answer that was submitted names it.
CREATE TABLE worker_files (
  page INTEGER NOT NULL REFERENCES pages,
  output TEXT NOT NULL,
  media TEXT NOT NULL,
  worker INTEGER NOT NULL REFERENCES workers,
  size INTEGER NOT NULL,
  seconds REAL,
  at REAL NOT NULL,
  kept INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (page, output, media)
) STRICT, WITHOUT ROWID;

CREATE INDEX worker_files_by_media ON worker_files (media);
CREATE INDEX worker_files_unkept ON worker_files (worker, at) WHERE kept = 0;
