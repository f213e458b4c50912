-- A control item is fresh while it has been given to fewer workers than it has places. Places of pages that were given
-- back before this are counted as if nobody had seen them.
CREATE UNIQUE INDEX fresh_control_items ON items (run, position) WHERE control = 1 AND held < wanted;

-- `fresh`: places of control items that nobody has had.
ALTER TABLE counters ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0;
UPDATE counters SET fresh = (
  SELECT COALESCE(SUM(MAX(wanted - held, 0)), 0) FROM items WHERE items.run = counters.run AND control = 1
);

-- `workers`: how many have had a page.
ALTER TABLE counters ADD COLUMN workers INTEGER NOT NULL DEFAULT 0;
UPDATE counters SET workers = (
  SELECT COUNT(*) FROM members WHERE members.run = counters.run AND joined IS NOT NULL
);

-- How far a worker is among control items that are not fresh any more.
ALTER TABLE members ADD COLUMN recycled_position INTEGER NOT NULL DEFAULT -1;
UPDATE members SET recycled_position = control_position;
