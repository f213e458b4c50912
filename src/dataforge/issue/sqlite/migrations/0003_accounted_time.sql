-- What a worker answered without a network arrives together: time is spent page by page, not from arrival to arrival.
ALTER TABLE members RENAME COLUMN finished TO accounted;

-- 1 where the clock was set back while the page was out, so that nobody knows how long it took.
ALTER TABLE pages ADD COLUMN untimed INTEGER;
