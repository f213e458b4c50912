-- Of accepted pages, in runs with a wage floor: the milliseconds that count, of a page and of a worker, for so many items
-- (`timed`), and what the worker was paid on top for that, which is a part of `bonus`.
ALTER TABLE pages ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN timed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN topped_up INTEGER NOT NULL DEFAULT 0;
