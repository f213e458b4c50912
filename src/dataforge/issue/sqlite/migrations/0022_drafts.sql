-- The answers with which workers begin, by output, as JSON; null where they begin with nothing.
ALTER TABLE inputs ADD COLUMN draft BLOB;
