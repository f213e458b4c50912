-- How many milliseconds an item of their accepted pages took a worker, in runs with a wage floor: the middle of these is
-- asked with every verdict. A column of its own, because only of such a one an index is enough.
ALTER TABLE members ADD COLUMN pace REAL;
UPDATE members SET pace = paced * 1.0 / timed WHERE timed > 0;
CREATE INDEX paces ON members (run, pace) WHERE pace IS NOT NULL;
