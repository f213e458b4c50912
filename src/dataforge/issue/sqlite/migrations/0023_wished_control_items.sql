-- How many control items a run wishes on a page of the worker's; null where it has no wish.
ALTER TABLE members ADD COLUMN control_wish REAL;
