# ruff: noqa: E402 - the import path is mended first
"""A page of the list of a run's items, 50 of them, in every order and narrowed in every way.

    python benchmarks/item_lists.py --items 1M

Half of the items are answered, one answer in three is a cat, confidences are spread over 0.3 to 1, one item in a
hundred is flagged, one in a thousand has a word of its own. Each list is read five times, first and far from its start.
Milliseconds of a processor, the median and the worst; the file is in the page cache.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path[0] = sys.path[0].rpartition("/")[0]

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

import dataforge as df
from dataforge.issue.rows import NewItem
from dataforge.issue.sqlite.conditions import piece
from dataforge.issue.sqlite.item_lists import Asked, Range
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import Publication

PART = 20_000
FAR = 5_000

LISTS = {
    "by key": Asked(),
    "least sure first": Asked("confidence", control=False),
    "fewest responses first": Asked("responses", control=False),
    "flag": Asked(flag="unsure"),
    "answer": Asked(answer=[piece("pet", "cat")]),
    "answer, least sure first": Asked("confidence", control=False, answer=[piece("pet", "cat")]),
    "confidence 0.5 to 0.7": Asked(control=False, confidence=Range(0.5, 0.7)),
    "confidence 0.5 to 0.7, least sure first": Asked("confidence", control=False, confidence=Range(0.5, 0.7)),
    "confidence 0.3 to 0.301, by key": Asked(control=False, confidence=Range(0.3, 0.301)),
    "two answers and more": Asked(control=False, overlap=Range(2, 99)),
    "cat, unsure, two answers": Asked(
        "confidence", control=False, answer=[piece("pet", "cat")], confidence=Range(0.5, 0.7), overlap=Range(2, 2)
    ),
    "rare word": Asked(search="zebra"),
}


@df.task(duration="5s")
def pet(text: df.Text) -> bool:
    """Is it one?"""
    raise NotImplementedError


def filled(folder: Path, items: int) -> SqliteStore:
    """A store with a run of so many items."""
    store, chance = SqliteStore.open_to_write(folder / "file.sqlite3"), random.Random(1)
    # One transaction: else each row is on the disk before the next.
    store.db.execute("BEGIN")
    run = store.runs.add(Publication("run", pet.spec(), (10, 20), 2, 0, 600.0), 0.0)
    for first in range(0, items, PART):
        rows = [
            NewItem(
                f"item-{n:07d}",
                False,
                1,
                n,
                b'{"text":"a %s number %d"}' % (b"zebra" if n % 1_000 == 0 else b"horse", n),
            )
            for n in range(first, min(first + PART, items))
        ]
        store.items.add(run, rows)
    told = []
    for number in range(1, items + 1):
        if number % 2:
            sure, answer = chance.uniform(0.3, 1.0), b'{"pet":"cat"}' if number % 3 == 0 else b'{"pet":"dog"}'
            told.append((sure, number % 5 + 1, "unsure" if number % 100 == 1 else "", answer, number))
    store.db.executemany(
        "UPDATE item_qualities SET confidence = ?, overlap = ?, flag = ?, answer = ? WHERE item = ?", told
    )
    store.db.execute("UPDATE counters SET reals = ? WHERE run = ?", (items, run))
    store.db.execute("COMMIT")
    return store


def milliseconds(store: SqliteStore, asked: Asked) -> tuple[float, float, int]:
    """What a page costs, at the median and at worst, and how many items there are."""
    spent = []
    for _ in range(5):
        started = time.process_time()
        total = store.item_lists.items(1, asked).total
        spent.append(1_000 * (time.process_time() - started))
    return sorted(spent)[2], max(spent), total


def main() -> None:
    """Print the table."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--items", default="1M")
    asked = read.parse_args().items
    items = int(asked.replace("k", "000").replace("M", "000000"))
    with tempfile.TemporaryDirectory() as folder:
        store = filled(Path(folder), items)
        print(f"{items:,} items, load {os.getloadavg()[0]:.1f}")
        print("| list | items | first page, ms: median / worst | from the 5,000th on |")
        print("|---|--:|--:|--:|")
        for name, one in LISTS.items():
            first, far = (milliseconds(store, one._replace(offset=offset)) for offset in (0, FAR))
            row = (name, f"{first[2]:,}", f"{first[0]:.1f} / {first[1]:.1f}", f"{far[0]:.1f} / {far[1]:.1f}")
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
