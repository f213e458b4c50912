-- What is asked for by both is found without a look at the items themselves.
DROP INDEX items_by_confidence;
CREATE INDEX items_by_confidence ON item_qualities (run, confidence, overlap, item);
-- Answers that nobody gave, set by hand or by rules: all others have an overlap, and are found by it.
CREATE INDEX items_answered_by_nobody ON item_qualities (run, confidence, item) WHERE overlap = 0 AND answer IS NOT NULL;
