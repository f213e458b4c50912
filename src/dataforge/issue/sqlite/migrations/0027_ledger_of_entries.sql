-- Money moves entry by entry, from one account to another; which ones follows from the kind.
ALTER TABLE ledger RENAME TO former_ledger;

CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  worker INTEGER NOT NULL REFERENCES workers,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  at REAL NOT NULL,
  run INTEGER REFERENCES runs,
  page INTEGER REFERENCES pages,
  key TEXT,
  reason BLOB
) STRICT;

-- What each worker is owed, and was paid, in each currency: the sums of the ledger.
CREATE TABLE balances (
  worker INTEGER NOT NULL REFERENCES workers,
  currency TEXT NOT NULL,
  due INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  PRIMARY KEY (worker, currency)
) STRICT, WITHOUT ROWID;

-- What a worker got in a run beside the prices of their pages.
ALTER TABLE members ADD COLUMN bonus INTEGER NOT NULL DEFAULT 0;

-- What an older server has kept: pages that wait, were accepted and were rejected, as they are now.
CREATE TEMP TABLE currencies AS
SELECT id AS run,
  COALESCE(CASE WHEN json_valid(CAST(publication AS TEXT)) THEN json_extract(CAST(publication AS TEXT), '$.currency') END,
    'USD') AS currency
FROM runs WHERE deleted IS NULL;

INSERT INTO ledger (kind, worker, amount, currency, at, run, page)
SELECT 'submitted', worker, price, currency, COALESCE(finished, taken), run, id
FROM pages JOIN currencies USING (run) WHERE state IN ('submitted', 'accepted', 'rejected');

INSERT INTO ledger (kind, worker, amount, currency, at, run, page)
SELECT CASE state WHEN 'accepted' THEN 'accepted' ELSE 'rejected' END, pages.worker, price, currency,
  COALESCE(former_ledger.at, finished, taken), pages.run, pages.id
FROM pages JOIN currencies USING (run) LEFT JOIN former_ledger ON former_ledger.page = pages.id
WHERE state IN ('accepted', 'rejected');

INSERT INTO ledger (kind, worker, amount, currency, at, run)
SELECT kind, worker, earned, currency, at, run
FROM past_work JOIN (SELECT 'submitted' AS kind UNION ALL SELECT 'accepted') WHERE earned <> 0;

INSERT INTO balances (worker, currency, due, paid)
SELECT worker, currency, SUM(amount), 0 FROM ledger WHERE kind = 'accepted' GROUP BY worker, currency;

DROP TABLE currencies;
DROP TABLE former_ledger;

-- Of a page for those who remove it; of the others, which are few, for those who look at a worker.
CREATE INDEX ledger_by_page ON ledger (page) WHERE page IS NOT NULL;
CREATE INDEX ledger_by_worker ON ledger (worker) WHERE page IS NULL;

-- Nothing that was asked by hand is paid twice: this key is the guarantee.
CREATE UNIQUE INDEX ledger_by_key ON ledger (key) WHERE key IS NOT NULL;
