-- What the requester alone sees of an item: JSON, null where there is nothing.
ALTER TABLE inputs ADD COLUMN notes BLOB;
