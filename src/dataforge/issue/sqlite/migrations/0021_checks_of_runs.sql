-- The run whose answers are judged in this one: whoever is invited to that one may work at both.
ALTER TABLE runs ADD COLUMN judged INTEGER REFERENCES runs;
CREATE INDEX runs_judged ON runs (judged) WHERE judged IS NOT NULL;
