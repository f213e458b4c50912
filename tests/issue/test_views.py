"""Lists of items on the requester's pages: what is searched for is read once, whatever the order."""

import random
from pathlib import Path

import pytest
from tests.issue.histories import publication

from dataforge.issue.rows import NewItem
from dataforge.issue.sqlite import views
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.views import ORDERS, ItemRow


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    """A run of 200 items, of which 20 speak of a cat, in an order of their own and less and less sure."""
    store = SqliteStore.open_to_write(tmp_path / "file.sqlite3")
    run = store.runs.add(publication(), 0.0)
    numbers = random.Random(1).sample(range(200), 200)
    texts = {number: b'{"caption":"%s"}' % (b"a cat" if number % 10 == 0 else b"a dog") for number in numbers}
    store.items.add(run, [NewItem(f"item {number:03d}", False, 1, number, texts[number]) for number in numbers])
    store.db.execute("UPDATE item_qualities SET confidence = 1.0 / item, overlap = item % 3")
    return store


def found(store: SqliteStore, order: views.Order, search: str, offset: int = 0) -> tuple[int, list[ItemRow]]:
    return store.views.items(1, order, search, "", offset, 8)


@pytest.mark.parametrize("order", ORDERS)
def test_a_search_reads_all_keys_once_and_all_inputs_once(store: SqliteStore, order: views.Order) -> None:
    asked: list[str] = []
    store.db.set_trace_callback(asked.append)
    total, rows = found(store, order, "cat")
    assert (total, len(rows)) == (20, 8)
    assert len([statement for statement in asked if "LIKE" in statement]) == 2


def test_a_search_finds_items_of_its_run_alone(store: SqliteStore) -> None:
    other = store.runs.add(publication("other"), 0.0)
    for place, (run, key) in enumerate(((other, "a cat"), (1, "a puma"), (other, "a cougar")), 200):
        store.items.add(run, [NewItem(key, False, 1, place, b'{"caption":"a cat"}')])
    store.db.execute("UPDATE item_qualities SET overlap = item % 5")
    assert found(store, "key", "cat")[0] == 21
    assert [row.key for row in store.views.items(other, "key", "CAT", "", 0, 8)[1]] == ["a cat", "a cougar"]
    assert store.views.items(other, "key", "puma", "", 0, 8) == (0, [])
    assert store.views.items(3, "key", "cat", "", 0, 8) == (0, [])


@pytest.mark.parametrize("order", ORDERS)
def test_few_matches_and_many_come_in_the_same_order(
    store: SqliteStore, order: views.Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [found(store, order, "cat", offset) for offset in (0, 8, 16)]
    monkeypatch.setattr(views, "FEW", 0)
    assert [found(store, order, "cat", offset) for offset in (0, 8, 16)] == few
    rows = [row for _, part in few for row in part]
    keys = {
        "key": lambda row: row.key,
        "confidence": lambda row: -row.id,
        "responses": lambda row: (row.id % 3, row.id),
    }
    assert rows == sorted(rows, key=keys[order])
    assert len({row.id for row in rows}) == 20
