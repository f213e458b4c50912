-- How many commands of the run were carried out: an older copy of the database knows of fewer than the run's log.
ALTER TABLE counters ADD COLUMN commands INTEGER NOT NULL DEFAULT 0;
UPDATE counters SET commands = (SELECT COUNT(*) FROM commands WHERE commands.run = counters.run);
