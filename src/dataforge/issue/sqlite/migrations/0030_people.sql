-- What a run tells of a worker, as numbers that can be added up over runs. `timed`: answers whose time is known, `hinted`:
-- how many seconds these would have taken by the hint.
ALTER TABLE worker_qualities ADD COLUMN responses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker_qualities ADD COLUMN pages_accepted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker_qualities ADD COLUMN pages_rejected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker_qualities ADD COLUMN control_correct INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker_qualities ADD COLUMN control_total INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker_qualities ADD COLUMN timed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker_qualities ADD COLUMN seconds REAL NOT NULL DEFAULT 0;
ALTER TABLE worker_qualities ADD COLUMN hinted REAL NOT NULL DEFAULT 0;
UPDATE worker_qualities SET
  responses = COALESCE(json_extract(CAST(quality AS TEXT), '$.responses'), 0),
  pages_accepted = COALESCE(json_extract(CAST(quality AS TEXT), '$.pages_accepted'), 0),
  pages_rejected = COALESCE(json_extract(CAST(quality AS TEXT), '$.pages_rejected'), 0),
  control_correct = COALESCE(json_extract(CAST(quality AS TEXT), '$.control_correct'), 0),
  control_total = COALESCE(json_extract(CAST(quality AS TEXT), '$.control_total'), 0);
UPDATE worker_qualities SET
  timed = responses,
  seconds = responses * json_extract(CAST(quality AS TEXT), '$.seconds_per_item'),
  hinted = responses * COALESCE((
    SELECT json_extract(CAST(publication AS TEXT), '$.task.duration') FROM runs WHERE id = worker_qualities.run
  ), 0)
WHERE json_extract(CAST(quality AS TEXT), '$.seconds_per_item') IS NOT NULL;

-- A worker over all runs, also over those that were deleted since. `sought`: the name as it is sorted by and searched.
CREATE TABLE people (
  worker INTEGER PRIMARY KEY REFERENCES workers,
  sought TEXT NOT NULL,
  seen REAL NOT NULL,
  responses INTEGER NOT NULL DEFAULT 0,
  pages_accepted INTEGER NOT NULL DEFAULT 0,
  pages_rejected INTEGER NOT NULL DEFAULT 0,
  control_correct INTEGER NOT NULL DEFAULT 0,
  control_total INTEGER NOT NULL DEFAULT 0,
  timed INTEGER NOT NULL DEFAULT 0,
  seconds REAL NOT NULL DEFAULT 0,
  hinted REAL NOT NULL DEFAULT 0
) STRICT;
INSERT INTO people
SELECT id, folded(name), joined, 0, 0, 0, 0, 0, 0, 0, 0 FROM workers;
UPDATE people SET seen = MAX(seen, told.active)
FROM (SELECT worker, MAX(active) AS active FROM members GROUP BY worker) AS told WHERE told.worker = people.worker;
UPDATE people SET
  responses = told.responses, pages_accepted = told.pages_accepted, pages_rejected = told.pages_rejected,
  control_correct = told.control_correct, control_total = told.control_total,
  timed = told.timed, seconds = told.seconds, hinted = told.hinted
FROM (
  SELECT worker, SUM(responses) AS responses, SUM(pages_accepted) AS pages_accepted, SUM(pages_rejected) AS pages_rejected,
    SUM(control_correct) AS control_correct, SUM(control_total) AS control_total,
    SUM(timed) AS timed, SUM(seconds) AS seconds, SUM(hinted) AS hinted
  FROM worker_qualities GROUP BY worker
) AS told WHERE told.worker = people.worker;
UPDATE people SET
  pages_accepted = people.pages_accepted + told.accepted, pages_rejected = people.pages_rejected + told.rejected
FROM (
  SELECT worker, SUM(pages_accepted) AS accepted, SUM(pages_rejected) AS rejected
  FROM past_work GROUP BY worker
) AS told WHERE told.worker = people.worker;

CREATE TRIGGER people_told AFTER INSERT ON worker_qualities BEGIN
  UPDATE people SET
    seen = MAX(seen, COALESCE((SELECT active FROM members WHERE run = NEW.run AND worker = NEW.worker), 0)),
    responses = responses + NEW.responses,
    pages_accepted = pages_accepted + NEW.pages_accepted,
    pages_rejected = pages_rejected + NEW.pages_rejected,
    control_correct = control_correct + NEW.control_correct,
    control_total = control_total + NEW.control_total,
    timed = timed + NEW.timed,
    seconds = seconds + NEW.seconds,
    hinted = hinted + NEW.hinted
  WHERE worker = NEW.worker;
END;
CREATE TRIGGER people_told_again AFTER UPDATE ON worker_qualities
WHEN (NEW.responses, NEW.pages_accepted, NEW.pages_rejected, NEW.control_correct, NEW.control_total, NEW.seconds)
  <> (OLD.responses, OLD.pages_accepted, OLD.pages_rejected, OLD.control_correct, OLD.control_total, OLD.seconds)
BEGIN
  UPDATE people SET
    seen = MAX(seen, COALESCE((SELECT active FROM members WHERE run = NEW.run AND worker = NEW.worker), 0)),
    responses = responses + NEW.responses - OLD.responses,
    pages_accepted = pages_accepted + NEW.pages_accepted - OLD.pages_accepted,
    pages_rejected = pages_rejected + NEW.pages_rejected - OLD.pages_rejected,
    control_correct = control_correct + NEW.control_correct - OLD.control_correct,
    control_total = control_total + NEW.control_total - OLD.control_total,
    timed = timed + NEW.timed - OLD.timed,
    seconds = seconds + NEW.seconds - OLD.seconds,
    hinted = hinted + NEW.hinted - OLD.hinted
  WHERE worker = NEW.worker;
END;

-- What the requester keeps of a worker for themselves.
CREATE TABLE worker_notes (
  worker INTEGER PRIMARY KEY REFERENCES workers,
  note TEXT NOT NULL,
  at REAL NOT NULL
) STRICT;
