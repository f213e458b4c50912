-- Since when a worker's account is closed; who was shut out before this has the time of joining.
ALTER TABLE workers ADD COLUMN shut_out REAL;
UPDATE workers SET shut_out = joined WHERE id IN (SELECT worker FROM shut_out);
