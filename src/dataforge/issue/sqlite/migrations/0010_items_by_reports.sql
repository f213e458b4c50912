-- How many workers reported an item, so that the reported ones are found among all.
ALTER TABLE item_qualities ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;
CREATE INDEX items_by_reports ON item_qualities (run, item) WHERE reported > 0;
