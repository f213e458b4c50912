-- Whom a link with their name let in: they keep it, and a run may be for them alone.
ALTER TABLE workers ADD COLUMN named INTEGER NOT NULL DEFAULT 0;
UPDATE workers SET named = 1 WHERE id IN (
  SELECT worker FROM guests JOIN invitations ON invitations.id = guests.invitation WHERE invitations.name <> ''
);

-- How many messages of a run wait, and how many were answered, is counted without looking at any of them.
CREATE INDEX waiting_of_runs ON messages (run) WHERE reply IS NULL;
CREATE INDEX answered_of_runs ON messages (run) WHERE reply IS NOT NULL;
