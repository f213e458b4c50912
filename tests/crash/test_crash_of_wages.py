"""Two who judge at once over one database, and are killed: no second of anybody's life is paid twice, none is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.issue.histories import START, publication

from dataforge.issue import commands
from dataforge.issue.change import Transaction
from dataforge.issue.run import Runs, publish
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.submit import submit
from dataforge.issue.take import take
from dataforge.records import AddItems, Item

FLOOR = 3_600_000
RUNS, WORKERS, ROUNDS, SECONDS = 4, ("ann", "bob"), 12, 48.0


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Two people who begin a page in each of four runs with a floor, and send them together, twelve times."""
    path, source, given = tmp_path / "dataforge.sqlite3", random.Random(1), iter(range(10_000))
    store, runs, now = SqliteStore.open_to_write(path), Runs(), START
    store.db.execute("BEGIN")

    def change() -> Transaction[SqliteStore]:
        return Transaction(store, now=now, source=source, new_page=lambda: next(given).to_bytes(4, "big"))

    for name in WORKERS:
        store.accounts.add_worker(name, name.encode(), name, "en", START, "", "")
        worker = store.accounts.worker_by_name(name)
        assert worker is not None
        store.accounts.set_known(worker.id)
    names = [f"run{number}" for number in range(RUNS)]
    for name in names:
        publish(change(), publication(name, wage_floor=FLOOR, prices=(1, 1)))
        items = tuple(Item(f"{name}-{n}", {"caption": f"{n}"}, False, 2) for n in range(2 * ROUNDS))
        commands.execute(change(), runs.by_name(store, name), [AddItems("add", items)])
    for _ in range(ROUNDS):
        pages = []
        for name in names:
            for worker in map(store.accounts.worker_by_name, WORKERS):
                assert worker is not None
                pages.append(take(change(), runs.by_name(store, name), worker, []).page)
        now += SECONDS
        for page in pages:
            assert page is not None
            run = runs.by_id(store, page.run)
            submit(change(), run, page.page, store.items.of_page(page), [{"answer": True}] * 2, SECONDS)
    store.db.execute("COMMIT")
    store.close()
    return path


def start(database: Path, seed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.crash.judges", str(database), str(seed)])


def check(store: SqliteStore) -> int:
    """That all books agree; gives how many pages are accepted."""
    # All of it as of one moment.
    store.db.execute("BEGIN")
    assert store.ledger.differences() == []
    for worker in map(store.accounts.worker_by_name, WORKERS):
        assert worker is not None
        times = store.db.execute(
            "SELECT begun, ended FROM hours WHERE worker = ? ORDER BY begun", (worker.id,)
        ).fetchall()
        assert all(ended <= begun for (_, ended), (begun, _) in pairwise(times))
        (counted,) = store.db.execute("SELECT SUM(counted) FROM members WHERE worker = ?", (worker.id,)).fetchone()
        assert sum(ended - begun for begun, ended in times) == counted
    (accepted,) = store.db.execute("SELECT COUNT(*) FROM pages WHERE state = 'accepted'").fetchone()
    store.db.execute("COMMIT")
    return int(accepted)


@pytest.mark.timeout(300)
def test_two_who_judge_at_once_and_are_killed_pay_each_second_once(database: Path) -> None:
    chance, done = random.Random(2), 0
    for round_ in range(5):
        judges = [start(database, 10 * round_ + number) for number in range(2)]
        store = SqliteStore.open(database)
        # As long as they need to come to a few pages, however slow the machine is; the last two finish.
        while round_ < 4 and check(store) <= done + chance.randrange(10) and judges[0].poll() is None:
            time.sleep(0.001)
        for judge in judges:
            if round_ < 4:
                judge.kill()
            assert judge.wait() in ((0, -9) if round_ < 4 else (0,))
        done = check(store)
        store.close()
    store = SqliteStore.open(database)
    assert check(store) == RUNS * len(WORKERS) * ROUNDS
    for name in WORKERS:
        worker = store.accounts.worker_by_name(name)
        assert worker is not None
        (entries, accepted) = store.db.execute(
            "SELECT COUNT(*), COUNT(DISTINCT page) FROM ledger WHERE kind = 'accepted' AND worker = ?", (worker.id,)
        ).fetchone()
        assert entries == accepted == RUNS * ROUNDS
        # A thousand millionths a second; each page that time counts for has brought one by its price.
        due = store.ledger.balance(worker.id, "USD").due
        lasted = int(ROUNDS * SECONDS) * FLOOR // 3600
        assert lasted <= due <= lasted + RUNS * ROUNDS
    store.close()
