-- What workers told of themselves, empty or 0 while they did not, and when they told it last.
ALTER TABLE workers ADD COLUMN speaks TEXT NOT NULL DEFAULT '';
ALTER TABLE workers ADD COLUMN region TEXT NOT NULL DEFAULT '';
ALTER TABLE workers ADD COLUMN born INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workers ADD COLUMN speaks_told REAL;
ALTER TABLE workers ADD COLUMN region_told REAL;
ALTER TABLE workers ADD COLUMN born_told REAL;

-- What they work on, as their browser showed it last: phone, computer, or empty where it is not known.
ALTER TABLE workers ADD COLUMN device TEXT NOT NULL DEFAULT '';
