-- The queue of real items has levels: `levels` of them behind the first are in use.
ALTER TABLE counters ADD COLUMN levels INTEGER NOT NULL DEFAULT 0;

-- How far a worker is in each of them.
ALTER TABLE members ADD COLUMN position_1 INTEGER NOT NULL DEFAULT -1;
ALTER TABLE members ADD COLUMN position_2 INTEGER NOT NULL DEFAULT -1;
ALTER TABLE members ADD COLUMN position_3 INTEGER NOT NULL DEFAULT -1;
