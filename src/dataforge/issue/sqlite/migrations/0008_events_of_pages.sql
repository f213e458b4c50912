-- What happened to a page is told from the page: of such an event is kept when it was, and which state the page came
-- into. All others are kept whole, as JSON in `event`, and so are those of pages that were there before.
CREATE TABLE told (
  id INTEGER PRIMARY KEY,
  event BLOB,
  at REAL,
  state TEXT,
  page INTEGER REFERENCES pages
) STRICT;
INSERT INTO told (id, event) SELECT id, event FROM events;
DROP TABLE events;
ALTER TABLE told RENAME TO events;
