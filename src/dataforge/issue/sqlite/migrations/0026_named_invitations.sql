-- `name`: whom a personal invitation is for; `label`: what the requester calls those who come by it. Empty where unsaid.
ALTER TABLE invitations ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN label TEXT NOT NULL DEFAULT '';
CREATE INDEX invitations_by_age ON invitations (created);
CREATE INDEX invitations_by_name ON invitations (name) WHERE name <> '';
CREATE INDEX guests_by_invitation ON guests (invitation);
