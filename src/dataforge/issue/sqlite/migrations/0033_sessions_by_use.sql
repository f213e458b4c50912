-- When a browser was last used, told once a day: sessions end by it. Those of before begin anew, for nobody knows it of them.
ALTER TABLE sessions ADD COLUMN used REAL NOT NULL DEFAULT 0;
UPDATE sessions SET used = MAX(opened, CAST(unixepoch() AS REAL));
DROP INDEX sessions_by_age;
CREATE INDEX sessions_by_use ON sessions (used);
