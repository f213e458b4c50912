-- Nothing is asked about control items, so that they come after all others where the least sure come first.
UPDATE item_qualities SET confidence = 2 WHERE item IN (SELECT id FROM items WHERE control = 1);
