-- Who works in several runs at once has the same seconds in each: from when to when a worker worked last.
ALTER TABLE members ADD COLUMN worked_from REAL NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN worked_until REAL NOT NULL DEFAULT 0;
UPDATE members SET worked_from = accounted, worked_until = accounted;
