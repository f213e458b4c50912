-- Whoever signs in looks for sessions that are too old.
CREATE INDEX sessions_by_age ON sessions (opened);
