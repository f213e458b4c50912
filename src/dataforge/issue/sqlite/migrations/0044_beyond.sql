-- How much longer a worker's accepted pages took than their time counts for the wage floor, in milliseconds: later pages
-- that leave some of their bounds make it good.
ALTER TABLE members ADD COLUMN beyond INTEGER NOT NULL DEFAULT 0;
UPDATE members SET beyond = (
  SELECT COALESCE(SUM(MAX(CAST(seconds * 1000 AS INTEGER) - counted, 0)), 0) FROM pages
  WHERE pages.run = members.run AND pages.worker = members.worker AND state = 'accepted' AND counted > 0
) WHERE timed > 0;
