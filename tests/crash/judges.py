"""Accepts all pages of a database that wait for a verdict, each in a transaction of its own and in an order of chance.

python -m tests.crash.judges DATABASE SEED
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from dataforge.issue import commands
from dataforge.issue.change import Transaction
from dataforge.issue.run import Runs
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import Judge

NOW = 1_760_000_000.0


def judge(path: Path, seed: int) -> None:
    """Accept every page that was there at the start, whoever else does so at the same time."""
    store, source = SqliteStore.open_to_write(path), random.Random(seed)
    runs = Runs()
    pages = store.db.execute("SELECT run, page FROM pages WHERE state = 'submitted'").fetchall()
    source.shuffle(pages)
    for run, page in pages:
        store.db.execute("BEGIN IMMEDIATE")
        transaction = Transaction(store, now=NOW, source=source, new_page=lambda: b"none")
        order = Judge(f"judge {page.hex()}", accepted=(page.hex(),))
        commands.execute(transaction, runs.by_id(store, run), [order])
        store.db.execute("COMMIT")
    store.close()


if __name__ == "__main__":
    judge(Path(sys.argv[1]), int(sys.argv[2]))
