"""Lists of items on the requester's pages: what is searched for is read once, whatever the order."""

import itertools
import random
from pathlib import Path

import msgspec
import pytest
from tests.issue.histories import publication

from dataforge.issue.rows import NewItem
from dataforge.issue.sqlite import item_lists
from dataforge.issue.sqlite.item_lists import ORDERS, Asked, ItemRow, Order, Range
from dataforge.issue.sqlite.store import SqliteStore


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


def found(store: SqliteStore, order: Order, search: str, offset: int = 0, run: int = 1) -> tuple[int, list[ItemRow]]:
    total, more, rows = store.item_lists.items(run, Asked(order, search, offset=offset, limit=8))
    assert not more
    return total, rows


@pytest.mark.parametrize("order", ORDERS)
def test_a_search_reads_all_keys_once_and_all_inputs_once(store: SqliteStore, order: Order) -> None:
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
    assert [row.key for row in found(store, "key", "CAT", run=other)[1]] == ["a cat", "a cougar"]
    assert found(store, "key", "puma", run=other) == (0, [])
    assert found(store, "key", "cat", run=3) == (0, [])


@pytest.mark.parametrize("order", ORDERS)
def test_few_matches_and_many_come_in_the_same_order(
    store: SqliteStore, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [found(store, order, "cat", offset) for offset in (0, 8, 16)]
    monkeypatch.setattr(item_lists, "FEW", 5)
    many = [store.item_lists.items(1, Asked(order, "cat", offset=offset, limit=8)) for offset in (0, 8, 16)]
    assert [part.rows for part in many] == [part for _, part in few]
    assert {(total, more) for total, more, _ in many} == {(5, True)}
    rows = [row for _, part in few for row in part]
    keys = {
        "key": lambda row: row.key,
        "confidence": lambda row: -row.id,
        "responses": lambda row: (row.id % 3, row.id),
    }
    assert rows == sorted(rows, key=keys[order])
    assert len({row.id for row in rows}) == 20


def test_items_that_are_named_by_numbers_come_in_the_order_of_the_numbers(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.runs.add(publication("numbered"), 0.0)
    keys = ["10", "2", "0", "-7", "100", "9999999999999999999999", "1e3", "007", "gold 1"]
    for place, key in enumerate(keys):
        store.items.add(run, [NewItem(key, key == "gold 1", 1, place, b'{"caption":"x"}')])
    store.db.execute("UPDATE counters SET reals = 8, controls = 1 WHERE run = ?", (run,))
    listed = [row.key for row in store.item_lists.items(run, Asked()).rows]
    assert listed == ["-7", "0", "2", "10", "100", "007", "1e3", "9999999999999999999999", "gold 1"]
    for few in (item_lists.FEW, 2):
        monkeypatch.setattr(item_lists, "FEW", few)
        rows = store.item_lists.items(run, Asked(search="1", offset=1, limit=2)).rows
        assert [row.key for row in rows] == ["100", "1e3"]


def test_control_items_stand_apart(store: SqliteStore) -> None:
    store.items.add(
        1, [NewItem(f"gold {number}", True, 1, 300 + number, b'{"caption":"a cat"}') for number in range(3)]
    )
    store.db.execute("UPDATE counters SET reals = 200, controls = 3 WHERE run = 1")
    for order, (search, reals) in itertools.product(ORDERS, (("", 200), ("cat", 20))):
        asked = Asked(order, search, control=False, limit=300)
        assert store.item_lists.items(1, asked).total == reals
        assert not any(row.control for row in store.item_lists.items(1, asked).rows)
        only = store.item_lists.items(1, asked._replace(control=True))
        assert (only.total, [row.key for row in only.rows]) == (3, ["gold 0", "gold 1", "gold 2"])


def test_items_are_narrowed_by_confidence_and_overlap_from_what_to_what(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Item n has the confidence 1/n and n % 3 answers; nothing is known of the last one.
    store.db.execute("UPDATE item_qualities SET confidence = 0 WHERE item = 200")
    for few in (item_lists.FEW, 2):
        monkeypatch.setattr(item_lists, "FEW", few)
        for order in ORDERS:
            unsure = Asked(order, confidence=Range(0.0, 0.0055), limit=300)
            sure = Asked(order, confidence=Range(0.1, 1.0), overlap=Range(1, 1), limit=300)
            cats = Asked(order, "cat", overlap=Range(2, 2), limit=300)
            rows = [{row.id for row in store.item_lists.items(1, asked).rows} for asked in (unsure, sure, cats)]
            assert rows[:2] == [set(range(182, 200)), {1, 4, 7, 10}]
            assert rows[2] == {row.id for row in found_all(store, "cat") if row.id % 3 == 2}


def found_all(store: SqliteStore, search: str) -> list[ItemRow]:
    return store.item_lists.items(1, Asked(search=search, limit=300)).rows


def test_items_are_narrowed_by_their_answer(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ('{"stars":1,"pet":"cat"}', '{"stars":12,"pet":"cat"}', '{"pet":"dog","stars":1}')
    for number, answer in enumerate(answers, 1):
        store.db.execute("UPDATE item_qualities SET answer = CAST(? AS BLOB) WHERE item = ?", (answer, number))
    by_answer = {b'"stars":1': [1, 3], b'"pet":"cat"': [1, 2], b'"stars":2': [], b'"pet":"c': []}
    for few in (item_lists.FEW, 1):
        monkeypatch.setattr(item_lists, "FEW", few)
        for piece, numbers in by_answer.items():
            assert [
                row.id for row in store.item_lists.items(1, Asked("confidence", answer=[piece])).rows[::-1]
            ] == numbers
    searched = store.item_lists.items(1, Asked("confidence", "skirt", named=[("pet", "dog")]))
    assert [row.id for row in searched.rows] == [3]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("within", [None, Range(0.2, 0.6)])
def test_many_answered_items_come_in_order_whoever_answered_them(
    store: SqliteStore, order: Order, within: Range | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By people and surely, by people with no word of how sure, by rules alone, by hand before anybody; or not at all.
    told = [(0.1 * (number % 9), number % 4) for number in range(1, 201)]
    rows = [
        (sure, many, b'{"label":"cat"}' if number % 3 else None, number) for number, (sure, many) in enumerate(told, 1)
    ]
    store.db.executemany("UPDATE item_qualities SET confidence = ?, overlap = ?, answer = ? WHERE item = ?", rows)
    asked = Asked(order, answer=[b'"label":"cat"'], confidence=within, limit=30)
    few = [store.item_lists.items(1, asked._replace(offset=offset)).rows for offset in (0, 30, 60, 90, 120)]
    for counted in (5, 45, 60):
        monkeypatch.setattr(item_lists, "FEW", counted)
        many = [store.item_lists.items(1, asked._replace(offset=offset)).rows for offset in (0, 30, 60, 90, 120)]
        assert many == few
    low, high = within or (-1, 2)
    assert sum(map(len, few)) == sum(answer is not None and low <= sure <= high for sure, _, answer, _ in rows)


def test_of_several_words_each_is_found_wherever_it_stands_and_in_quotes_they_are_one(store: SqliteStore) -> None:
    texts = {"a": "a red shoe of a child", "b": "shoes, red and blue", "c": "a blue shoe", "d": "Красная шапка и шарф"}
    for place, (key, text) in enumerate(texts.items(), 300):
        store.items.add(1, [NewItem(key, False, 1, place, msgspec.json.encode({"caption": text}))])
    by_search = {
        "shoe red": "ab",
        "red shoe": "ab",
        '"red shoe"': "a",
        "blue  SHOE": "bc",
        "шарф КРАСНАЯ": "d",
        "red cap": "",
    }
    for search, keys in by_search.items():
        assert "".join(sorted(row.key for row in found_all(store, search))) == keys, search
