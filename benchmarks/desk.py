# ruff: noqa: E402 - the import path is mended first
"""What a page of the requester's lists costs: items in every order and narrowed in every way, workers, pages, people.

    python benchmarks/desk.py --items 1M

Half of the items are answered, one answer in three is a cat and one in 2,000 an owl, confidences are spread over 0.3 to
1, one item in a hundred is flagged, one in a thousand shows a word of its own, one in a thousand is a control item;
500 workers gave the answers on pages of ten. Each list is read five times, from its start and from the 5,000th row on.
Milliseconds of a processor and of the clock, the median and the worst of those ten; the file is in the page cache.
With `--file` the database is kept there, and read again the next time. Searches go by the index of texts, which a
server makes at a run's first search; with `--no-index` they read all items, as that first one does.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path[0] = sys.path[0].rpartition("/")[0]

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dataforge as df
from dataforge.issue.rows import NewItem
from dataforge.issue.sqlite.conditions import piece
from dataforge.issue.sqlite.item_lists import Asked, Range
from dataforge.issue.sqlite.people import PERSON_ORDERS, PartOfPeople
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.text_index import TextIndexes
from dataforge.issue.sqlite.views import WORKER_ORDERS, WorkersPart
from dataforge.records import Publication

PART = 20_000
PAGE = 10
WORKERS = 500
FAR = 5_000
BOUND = 100.0
SHOWN = 50

CAT, DOG, OWL = (b'{"pet":"%s"}' % name for name in (b"cat", b"dog", b"owl"))
IS_CAT, IS_OWL = [piece("pet", "cat")], [piece("pet", "owl")]
ITEMS = {
    "by key": Asked(),
    "real ones by key": Asked(control=False),
    "control items": Asked(control=True),
    "least sure first (the wall)": Asked("confidence", control=False),
    "fewest responses first": Asked("responses", control=False),
    "flag": Asked(flag="unsure", control=False),
    "flag, least sure first": Asked("confidence", flag="unsure", control=False),
    "answer": Asked(control=False, answer=IS_CAT),
    "answer, least sure first": Asked("confidence", control=False, answer=IS_CAT),
    "answer, fewest responses first": Asked("responses", control=False, answer=IS_CAT),
    "rare answer": Asked(control=False, answer=IS_OWL),
    "rare answer, least sure first": Asked("confidence", control=False, answer=IS_OWL),
    "answer and flag": Asked(flag="unsure", control=False, answer=IS_CAT),
    "confidence 0.5 to 0.7": Asked(control=False, confidence=Range(0.5, 0.7)),
    "confidence 0.5 to 0.7, least sure first": Asked("confidence", control=False, confidence=Range(0.5, 0.7)),
    "confidence 0.3 to 0.301, by key": Asked(control=False, confidence=Range(0.3, 0.301)),
    "confidence 0.5 to 0.7, fewest responses first": Asked("responses", control=False, confidence=Range(0.5, 0.7)),
    "two answers and more": Asked(control=False, overlap=Range(2, 99)),
    "two answers and more, least sure first": Asked("confidence", control=False, overlap=Range(2, 99)),
    "answer and confidence": Asked("confidence", control=False, answer=IS_CAT, confidence=Range(0.5, 0.7)),
    "answer and overlap": Asked("confidence", control=False, answer=IS_CAT, overlap=Range(2, 2)),
    "confidence and overlap": Asked("confidence", control=False, confidence=Range(0.5, 0.7), overlap=Range(2, 2)),
    "answer, confidence, overlap": Asked(
        "confidence", control=False, answer=IS_CAT, confidence=Range(0.5, 0.7), overlap=Range(2, 2)
    ),
    "worker": Asked(worker="worker-7"),
    "worker, least sure first": Asked("confidence", worker="worker-7"),
    "worker and answer": Asked(worker="worker-7", answer=IS_CAT),
    "worker, answer, confidence": Asked("confidence", worker="worker-7", answer=IS_CAT, confidence=Range(0.5, 0.7)),
    "frequent word": Asked(search="horse"),
    "rare word": Asked(search="zebra"),
    "rare word, least sure first": Asked("confidence", search="zebra"),
    "rare word and answer": Asked(search="zebra", answer=IS_CAT),
    "letters that meet in no item": Asked(search="sezeb"),
    "two letters that meet in no item": Asked(search="qu"),
    "two letters of few items": Asked(search="ze"),
    "two letters of all items": Asked(search="ho"),
    "a letter of few items": Asked(search="z"),
    "a word that no item shows": Asked(search="quagga"),
    "a part of a key": Asked(search="0123456"),
    "name of a worker": Asked(search="Ann 7"),
    "label of an answer": Asked(search="cat", named=(("pet", "cat"),)),
}


@df.task(duration="5s")
def pet(text: df.Text) -> bool:
    """Is it one?"""
    raise NotImplementedError


def filled(path: Path, items: int) -> SqliteStore:
    """A store with a run of so many items, half of them answered."""
    store, chance = SqliteStore.open_to_write(path), random.Random(1)
    # One transaction: else each row is on the disk before the next.
    store.db.execute("BEGIN")
    run = store.runs.add(Publication("run", pet.spec(), (10, 20), PAGE, 1, 600.0), 0.0)
    for first in range(0, items, PART):
        rows = range(first, min(first + PART, items))
        store.items.add(run, [NewItem(f"item-{n:07d}", n % 1_000 == 5, 1, n, _inputs(n)) for n in rows])
    store.db.executemany(
        "UPDATE item_qualities SET confidence = ?, overlap = ?, flag = ?, answer = ? WHERE item = ?",
        _answers(items, chance),
    )
    controls = sum(n % 1_000 == 5 for n in range(items))
    store.db.execute("UPDATE counters SET reals = ?, controls = ? WHERE run = ?", (items - controls, controls, run))
    _work(store, run, items)
    store.db.execute("COMMIT")
    return store


def _inputs(number: int) -> bytes:
    return b'{"text":"a %s number %d"}' % (b"zebra" if number % 1_000 == 0 else b"horse", number)


def _answers(items: int, chance: random.Random) -> Iterator[tuple[float, int, str, bytes, int]]:
    for number in range(1, items + 1, 2):
        answer = OWL if number % 2_000 == 777 else CAT if number % 3 == 0 else DOG
        flag = "unsure" if number % 100 == 1 else ""
        yield chance.uniform(0.3, 1.0), number % 5 + 1, flag, answer, number


def _work(store: SqliteStore, run: int, items: int) -> None:
    """Workers who answered every second item, ten on a page."""
    people = [(n, f"worker-{n}", b"token-%d" % n, f"Ann {n}", "en", float(n)) for n in range(1, WORKERS + 1)]
    store.db.executemany(
        "INSERT INTO workers (id, worker, token, name, language, joined) VALUES (?, ?, ?, ?, ?, ?)", people
    )
    store.db.executemany(
        "INSERT OR REPLACE INTO people (worker, sought, seen) VALUES (?, ?, ?)",
        ((n, f"ann {n}", 0.0) for n, *_ in people),
    )
    store.db.executemany(
        "INSERT INTO members (run, worker, joined, active, responses, earned) VALUES (?, ?, 0, ?, ?, ?)",
        [(run, n, float(n), n % 97, 1_000 * n) for n, *_ in people],
    )
    told = b'{"worker":"","responses":5,"pages_accepted":1,"pages_rejected":0,"control_correct":%d,"control_total":9}'
    store.db.executemany(
        "INSERT INTO worker_qualities (run, worker, quality) VALUES (?, ?, ?)",
        [(run, n, told % (n % 9)) for n, *_ in people],
    )
    answers = b"[" + b",".join([CAT] * PAGE) + b"]"
    pages = range(1, items // 2 // PAGE + 1)
    store.db.executemany(
        """
        INSERT INTO pages (id, page, run, worker, state, price, size, items, taken, lease, finished, seconds, answers)
        VALUES (?, ?, ?, ?, 'accepted', 1000, 10, ?, 0, 600, 60, 60, ?)
        """,
        ((page, b"%016d" % page, run, page % WORKERS + 1, str(_on(page)), answers) for page in pages),
    )
    store.db.executemany(
        "INSERT INTO seen (item, worker, page, place) VALUES (?, ?, ?, ?)",
        ((item, page % WORKERS + 1, page, place) for page in pages for place, item in enumerate(_on(page))),
    )


def _on(page: int) -> list[int]:
    return [2 * (PAGE * (page - 1) + place) + 1 for place in range(PAGE)]


def lists(store: SqliteStore) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Each list by its name, with what reads a part of it from a row on; items tell how many there are."""
    for name, asked in ITEMS.items():
        yield (
            f"items: {name}",
            lambda offset, asked=asked: store.item_lists.items(1, asked._replace(offset=offset)).total,
        )
    for worker_order in WORKER_ORDERS:
        yield (
            f"workers of the run: {worker_order}",
            lambda offset, by=worker_order: store.views.workers(1, WorkersPart(by, True, offset, SHOWN, 0.0, 0.0))[0],
        )
    for order in PERSON_ORDERS:
        yield (
            f"people: {order}",
            lambda offset, by=order: store.people.part(PartOfPeople(by, True, offset, SHOWN, 0.0))[0],
        )
    yield "people: name", lambda offset: store.people.part(PartOfPeople("name", True, offset, SHOWN, 0.0, "ann 7"))[0]
    yield "pages of a worker", lambda offset: len(store.people.pages(8, 1, offset or None, SHOWN))
    yield "one item with its answers", lambda offset: len(store.item_lists.responses(2 * offset + 1))


def measured(read: Callable[[int], object]) -> tuple[object, list[float], list[float]]:
    """What is read, and the milliseconds of a processor and of the clock of each try."""
    spent, waited = [], []
    told: object = None
    for offset in (0,) * 5 + (FAR,) * 5:
        started, began = time.process_time(), time.perf_counter()
        found = read(offset)
        spent.append(1_000 * (time.process_time() - started))
        waited.append(1_000 * (time.perf_counter() - began))
        told = found if offset == 0 else told
    return told, spent, waited


def _indexed(store: SqliteStore, path: Path) -> str:
    """Have searches go by an index, once it is made; say what it cost."""
    texts = store.item_lists.texts = TextIndexes(path)
    started, began = time.process_time(), time.perf_counter()
    store.item_lists.items(1, Asked(search="quagga"))
    while texts.indexes and not texts.indexes[1].made:
        time.sleep(0.1)
    spent, waited = time.process_time() - started, time.perf_counter() - began
    size = texts.indexes[1].db.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    return f"index of texts: {spent:.1f} s of a processor, {waited:.1f} s, {size.fetchone()[0] / 2**20:,.0f} MiB"


def _size(store: SqliteStore) -> int:
    (pages,), (size,) = (store.db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages * size)


def main() -> None:
    """Print the table."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--items", default="1M")
    read.add_argument("--file", type=Path, help="where the database is kept")
    read.add_argument("--no-index", action="store_true", help="search without the index of texts")
    asked = read.parse_args()
    items = int(asked.items.replace("k", "000").replace("M", "000000"))
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder) / "file.sqlite3"
        store = SqliteStore.open_to_write(path) if path.exists() else filled(path, items)
        print(f"{items:,} items, {_size(store) / items:,.0f} bytes an item, load {os.getloadavg()[0]:.1f}")
        if not asked.no_index:
            print(_indexed(store, path))
        print("| list | rows | processor, ms: median / worst | clock, ms: median / worst | within 100 ms |")
        print("|---|--:|--:|--:|---|")
        for name, one in lists(store):
            told, spent, waited = measured(one)
            within = "yes" if max(spent) <= BOUND else "**no**"
            times = [f"{statistics.median(part):.1f} / {max(part):.1f}" for part in (spent, waited)]
            print("| " + " | ".join([name, f"{told:,}", *times, within]) + " |", flush=True)


if __name__ == "__main__":
    main()
