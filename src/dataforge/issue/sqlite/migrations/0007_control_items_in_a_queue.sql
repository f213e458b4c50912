-- Control items stand in a queue as real ones do, in which a worker has a cursor, instead of being drawn.
-- `wanted` of a control item: by so many workers it is seen before the next ones come.
UPDATE items SET wanted = 1 WHERE control = 1 AND wanted < 1;
DROP TABLE draws;

-- What control items look like, as a digest of their inputs, so that nobody meets one again in another run. Those that
-- were there before have none that is equal to another.
CREATE TABLE control_looks (
  item INTEGER PRIMARY KEY REFERENCES items,
  look BLOB NOT NULL
) STRICT;
INSERT INTO control_looks (item, look) SELECT id, CAST('item ' || id AS BLOB) FROM items WHERE control = 1;
CREATE INDEX control_items_by_look ON control_looks (look);

-- `controls`: how many items of a page are control items. `newcomer`: none of its worker's pages had been accepted.
ALTER TABLE pages ADD COLUMN controls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN newcomer INTEGER NOT NULL DEFAULT 0;
UPDATE pages SET controls = (
  SELECT COUNT(*) FROM json_each(pages.items) AS place JOIN items ON items.id = place.value WHERE items.control = 1
);
CREATE INDEX pages_of_newcomers ON pages (run) WHERE newcomer = 1 AND state = 'held';

-- `control_position`: how far a worker is in the queue of control items. `checked`: answered pages with control items
-- since one was rejected; `unchecked`: pages taken since the last one that had any.
ALTER TABLE members ADD COLUMN control_position INTEGER NOT NULL DEFAULT -1;
ALTER TABLE members ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN unchecked INTEGER NOT NULL DEFAULT 0;
UPDATE members SET checked = (
  SELECT COUNT(*) FROM pages
  WHERE pages.worker = members.worker AND pages.run = members.run AND controls > 0 AND state IN ('submitted', 'accepted')
);

-- `free`: places of real items that nobody has taken. `newcomers`: those on pages that newcomers hold.
ALTER TABLE counters ADD COLUMN newcomers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counters ADD COLUMN free INTEGER NOT NULL DEFAULT 0;
UPDATE counters SET free = (
  SELECT COALESCE(SUM(wanted - held), 0) FROM items WHERE items.run = counters.run AND control = 0
);

-- Where a worker joined from, as a code that tells equal addresses only, and by which invitation.
ALTER TABLE workers ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE workers ADD COLUMN invitation TEXT NOT NULL DEFAULT '';
