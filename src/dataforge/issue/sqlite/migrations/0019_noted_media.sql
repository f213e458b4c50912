-- How often a file was noted as one to be removed if nothing uses it: what was noted anew is looked at anew.
ALTER TABLE leaving_media ADD COLUMN noted INTEGER NOT NULL DEFAULT 1;
