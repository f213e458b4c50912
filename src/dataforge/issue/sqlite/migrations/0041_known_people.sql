-- Of whom something is known: a page of theirs had its verdict, or they were given a skill. Others get one page first.
ALTER TABLE workers ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
UPDATE workers SET known = 1 WHERE id IN (SELECT worker FROM members WHERE pages_accepted + pages_rejected > 0)
  OR id IN (SELECT worker FROM people WHERE pages_accepted + pages_rejected > 0) OR id IN (SELECT worker FROM skills);
