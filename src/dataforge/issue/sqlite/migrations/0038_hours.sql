-- The time of workers that wage floors count, in milliseconds since the epoch: each millisecond once, whatever runs a
-- worker had pages of. `page` is what it counts for, null once that page is gone with its run. What ends at 0 is of a
-- clock that was set back.
CREATE TABLE hours (
  worker INTEGER NOT NULL REFERENCES workers,
  begun INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  page INTEGER
) STRICT;
CREATE INDEX hours_of_workers ON hours (worker, ended);
CREATE INDEX hours_of_pages ON hours (page) WHERE page IS NOT NULL;

-- What pages counted so far, right before they were sent.
INSERT INTO hours (worker, begun, ended, page)
SELECT worker, CAST(finished * 1000 AS INTEGER) - counted, CAST(finished * 1000 AS INTEGER), id
FROM pages WHERE counted > 0 AND finished IS NOT NULL;

-- How many milliseconds the accepted pages of a worker took, in runs with a wage floor; some may count in another run.
ALTER TABLE members ADD COLUMN paced INTEGER NOT NULL DEFAULT 0;
UPDATE members SET paced = counted WHERE counted <> 0;
