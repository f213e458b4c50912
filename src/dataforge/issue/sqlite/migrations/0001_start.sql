-- Times are seconds since the epoch, money is in millionths, JSON is stored as bytes.

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  publication BLOB NOT NULL,
  created REAL NOT NULL
) STRICT;

-- What changes with every page, apart from the large publication.
-- `spent`: prices of pages held, submitted and accepted. `tail`: the last position given in the queue.
-- `placed`: some page was given out, so new items can no longer be mixed among the old ones.
CREATE TABLE counters (
  run INTEGER PRIMARY KEY REFERENCES runs,
  state TEXT NOT NULL DEFAULT 'open',
  version INTEGER NOT NULL DEFAULT 0,
  cursor INTEGER NOT NULL DEFAULT 0,
  tail INTEGER NOT NULL,
  placed INTEGER NOT NULL DEFAULT 0,
  reals INTEGER NOT NULL DEFAULT 0,
  controls INTEGER NOT NULL DEFAULT 0,
  spent INTEGER NOT NULL DEFAULT 0
) STRICT;

-- `mirrored`: whether left and right were swapped when the item was last shown; null before the first time.
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  key TEXT NOT NULL,
  control INTEGER NOT NULL,
  wanted INTEGER NOT NULL,
  held INTEGER NOT NULL DEFAULT 0,
  submitted INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL,
  mirrored INTEGER,
  UNIQUE (run, key)
) STRICT;

CREATE UNIQUE INDEX open_items ON items (run, position) WHERE control = 0 AND held < wanted;
CREATE UNIQUE INDEX control_items ON items (run, position) WHERE control = 1;

-- Apart from the items, so that the rows every page changes stay small.
CREATE TABLE inputs (
  item INTEGER PRIMARY KEY REFERENCES items,
  inputs BLOB NOT NULL
) STRICT;

-- What the run has told of its items; one row per item from the start, so that the lists are indexed.
CREATE TABLE item_qualities (
  item INTEGER PRIMARY KEY REFERENCES items,
  run INTEGER NOT NULL REFERENCES runs,
  confidence REAL NOT NULL DEFAULT 0,
  overlap INTEGER NOT NULL DEFAULT 0,
  final INTEGER NOT NULL DEFAULT 0,
  flag TEXT NOT NULL DEFAULT '',
  answer BLOB,
  confidences BLOB
) STRICT;

CREATE INDEX items_by_confidence ON item_qualities (run, confidence, item);
CREATE INDEX items_by_overlap ON item_qualities (run, overlap, item);
CREATE INDEX items_by_flag ON item_qualities (run, flag, item) WHERE flag <> '';

CREATE TABLE workers (
  id INTEGER PRIMARY KEY,
  worker TEXT NOT NULL UNIQUE,
  token BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  joined REAL NOT NULL
) STRICT;

-- Which runs a worker was invited to; a null run means all of them.
CREATE TABLE invitations (
  id TEXT PRIMARY KEY,
  token BLOB NOT NULL UNIQUE,
  run INTEGER REFERENCES runs,
  of_run INTEGER NOT NULL DEFAULT 0,
  created REAL NOT NULL,
  expires REAL NOT NULL,
  uses INTEGER,
  used INTEGER NOT NULL DEFAULT 0,
  revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX invitations_by_run ON invitations (run);

CREATE TABLE guests (
  worker INTEGER NOT NULL REFERENCES workers,
  invitation TEXT NOT NULL REFERENCES invitations,
  PRIMARY KEY (worker, invitation)
) STRICT, WITHOUT ROWID;

-- A worker in a run, from the first page on. `position`: how far they are in the queue; it only moves forward.
CREATE TABLE members (
  run INTEGER NOT NULL REFERENCES runs,
  worker INTEGER NOT NULL REFERENCES workers,
  joined REAL,
  active REAL NOT NULL DEFAULT 0,
  finished REAL NOT NULL DEFAULT 0,
  position INTEGER NOT NULL DEFAULT -1,
  reals INTEGER NOT NULL DEFAULT 0,
  controls INTEGER NOT NULL DEFAULT 0,
  responses INTEGER NOT NULL DEFAULT 0,
  pages_pending INTEGER NOT NULL DEFAULT 0,
  pages_accepted INTEGER NOT NULL DEFAULT 0,
  pages_rejected INTEGER NOT NULL DEFAULT 0,
  earned INTEGER NOT NULL DEFAULT 0,
  pending INTEGER NOT NULL DEFAULT 0,
  until REAL NOT NULL DEFAULT 0,
  reason BLOB,
  PRIMARY KEY (run, worker)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_worker ON members (worker);

-- A worker's own random order of the control items, drawn one by one: a sparse shuffle, see store/draws.py.
CREATE TABLE draws (
  run INTEGER NOT NULL REFERENCES runs,
  worker INTEGER NOT NULL REFERENCES workers,
  slot INTEGER NOT NULL,
  control INTEGER NOT NULL,
  PRIMARY KEY (run, worker, slot)
) STRICT, WITHOUT ROWID;

-- `items`: JSON list of item ids in the order shown; `mirrored`: JSON list of 0 and 1, null where nothing can be swapped.
-- `deadline` is null while the page waits behind the one on the screen.
-- state: held -> submitted -> accepted | rejected; held -> expired -> submitted | late; held -> skipped | released.
CREATE TABLE pages (
  id INTEGER PRIMARY KEY,
  page BLOB NOT NULL UNIQUE,
  run INTEGER NOT NULL REFERENCES runs,
  worker INTEGER NOT NULL REFERENCES workers,
  state TEXT NOT NULL DEFAULT 'held',
  price INTEGER NOT NULL,
  size INTEGER NOT NULL,
  items TEXT NOT NULL,
  mirrored TEXT,
  ahead INTEGER NOT NULL,
  taken REAL NOT NULL,
  lease REAL NOT NULL,
  deadline REAL,
  finished REAL,
  seconds REAL,
  answers BLOB,
  reason BLOB
) STRICT;

CREATE INDEX held_pages ON pages (worker, run) WHERE state = 'held';
CREATE INDEX due_pages ON pages (deadline) WHERE state = 'held' AND deadline IS NOT NULL;
CREATE INDEX pages_by_worker ON pages (worker, id);

-- Nobody is shown an item twice: this key is the guarantee.
CREATE TABLE seen (
  item INTEGER NOT NULL REFERENCES items,
  worker INTEGER NOT NULL REFERENCES workers,
  page INTEGER NOT NULL REFERENCES pages,
  place INTEGER NOT NULL,
  PRIMARY KEY (item, worker)
) STRICT, WITHOUT ROWID;

-- No page is paid twice: this key is the guarantee.
CREATE TABLE ledger (
  page INTEGER PRIMARY KEY REFERENCES pages,
  run INTEGER NOT NULL REFERENCES runs,
  worker INTEGER NOT NULL REFERENCES workers,
  amount INTEGER NOT NULL,
  at REAL NOT NULL
) STRICT;

-- id = run * 2^40 + cursor, so that a run's events lie together, in order, behind one key.
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  event BLOB NOT NULL
) STRICT;

CREATE TABLE commands (
  run INTEGER NOT NULL REFERENCES runs,
  key TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
  run INTEGER PRIMARY KEY REFERENCES runs,
  snapshot BLOB NOT NULL
) STRICT;

CREATE TABLE worker_qualities (
  run INTEGER NOT NULL REFERENCES runs,
  worker INTEGER NOT NULL REFERENCES workers,
  quality BLOB NOT NULL,
  PRIMARY KEY (run, worker)
) STRICT, WITHOUT ROWID;

CREATE TABLE previews (
  preview TEXT PRIMARY KEY,
  content BLOB NOT NULL,
  created REAL NOT NULL
) STRICT;
