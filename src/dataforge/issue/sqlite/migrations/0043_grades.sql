-- Of answers that are grades of a scale, by output: the mean, and between which grades the true one lies, as JSON.
ALTER TABLE item_qualities ADD COLUMN grades BLOB;
