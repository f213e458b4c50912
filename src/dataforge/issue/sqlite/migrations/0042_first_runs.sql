-- The run that gave somebody of whom nothing is known their last page: while it is out, or waits for its verdict, no other
-- run has one for them.
ALTER TABLE workers ADD COLUMN first_run INTEGER;
UPDATE workers SET first_run = (
  SELECT run FROM pages WHERE pages.worker = workers.id AND state IN ('held', 'submitted') ORDER BY id DESC LIMIT 1
) WHERE known = 0;
