-- A released page comes back to its worker whole, as it was; whether it was fetched ahead is told by its deadline.
-- state: held -> submitted -> accepted | rejected; held -> expired -> submitted | late; held -> skipped;
-- held -> released -> held.

-- What was released before gave its items back one by one: such a page must not come again beside them.
UPDATE pages SET state = 'skipped' WHERE state = 'released';

ALTER TABLE pages DROP COLUMN ahead;

CREATE INDEX released_pages ON pages (worker, run) WHERE state = 'released';
