-- Tokens of workers whom the requester has shut out, and of their browsers, until they get a new link: who shows one is
-- let in by no invitation.
CREATE TABLE shut_out (
  token BLOB PRIMARY KEY,
  worker INTEGER NOT NULL REFERENCES workers
) STRICT, WITHOUT ROWID;
