"""Searches in large runs find by an index of texts what they find without one."""

import logging
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.issue.histories import publication

from dataforge.issue.rows import NewItem
from dataforge.issue.sqlite import item_lists, text_index
from dataforge.issue.sqlite.item_lists import Asked, Range
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.text_index import TextIndexes

SHOWN = (
    "Кошка и собака",
    "100% cotton_shirt",
    'he said "no" \\ yes',
    "naïve café",
    "nai\u0308ve cafe\u0301",
    "猫と犬の話",
    "12345.5",
)
SOUGHT = (
    "кошка",
    "КОШКА",
    "ошк",
    "100%",
    "0% c",
    "n_s",
    '"no" \\',
    "ïve",
    "CAFÉ",
    "猫と犬",
    "犬の",
    "345.5",
    "no",
    "y",
    "か",
    "話",
    "ЙК",
    "ка",
    "É",
    ".5",
    '"',
    " 1",
    "%",
    "zz",
    "message",
    "item 12",
    "12 item",
    "кошка no",
    "о т КОШКА",
    '"item 12"',
)
MEDIA = "0123456789abcdef" * 4 + ".png"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open_to_write(path)
    store.runs.add(publication(), 0.0)
    add(store, 1, 0, 300)
    yield store
    store.close()


def add(store: SqliteStore, run: int, first: int, count: int) -> None:
    source = random.Random(first)
    items = []
    for number in range(first, first + count):
        inputs = {"message": f"{source.choice(SHOWN)} {number % 7}", "picture": {"media": MEDIA}, "size": number}
        notes = msgspec.json.encode({"from": f"shop {number % 50}"}) if number % 3 else None
        items.append(
            NewItem(f"item {number:04d}", number % 40 == 0, 1, number, msgspec.json.encode(inputs), notes=notes)
        )
    store.items.add(run, items)


def indexed(store: SqliteStore, path: Path) -> TextIndexes:
    """The store's searches go by an index from now on."""
    texts = store.item_lists.texts = TextIndexes(path, fewest=10)
    keys(store, "abc")
    wait_until_made(texts)
    return texts


def wait_until_made(texts: TextIndexes, run: int = 1) -> None:
    give_up = time.monotonic() + 20
    while texts.indexes[run].growing or not texts.indexes[run].made:
        assert time.monotonic() < give_up
        time.sleep(0.005)


def keys(store: SqliteStore, search: str, run: int = 1, asked: Asked | None = None) -> tuple[int, bool, list[str]]:
    found = store.item_lists.items(run, (asked or Asked(limit=500))._replace(search=search))
    return found.total, found.more, [row.key for row in found.rows]


def without(store: SqliteStore, search: str, run: int = 1, asked: Asked | None = None) -> tuple[int, bool, list[str]]:
    texts, store.item_lists.texts = store.item_lists.texts, None
    found = keys(store, search, run, asked)
    store.item_lists.texts = texts
    return found


def read_through(store: SqliteStore, search: str) -> bool:
    """Whether a search reads all inputs."""
    told: list[str] = []
    store.db.set_trace_callback(told.append)
    keys(store, search)
    store.db.set_trace_callback(None)
    return any("FROM inputs NOT INDEXED" in statement for statement in told)


def test_letters_of_whatever_script_case_and_sign_find_the_same_items(store: SqliteStore, path: Path) -> None:
    texts = indexed(store, path)
    assert keys(store, "кошка")[0] > 10
    for search in SOUGHT:
        assert keys(store, search) == without(store, search), search
    source = random.Random(4)
    for _ in range(100):
        text = source.choice(SHOWN)
        begin = source.randrange(len(text))
        search = source.choice((str.upper, str.lower, str.title, str))(text[begin : begin + source.randint(1, 6)])
        assert keys(store, search) == without(store, search), search
    assert keys(store, "x" * 999) == (0, False, [])
    # The names of inputs and of files on the server are nothing that an item shows.
    assert keys(store, "message")[0] == keys(store, MEDIA[:20])[0] == 0
    texts.stop()


NARROWED = (
    Asked("confidence", limit=9, offset=3),
    Asked("confidence", confidence=Range(0.1, 0.5), limit=9, offset=2),
    Asked("responses", confidence=Range(0.2, 0.8), limit=9),
    Asked(control=True, limit=9),
    Asked(control=False, limit=9, offset=5),
    Asked(written=True, answer=[b'"answer":"yes"'], limit=9),
    Asked(named=[("answer", "yes")], limit=500),
)


@pytest.mark.parametrize("few", [5, 10_000])
def test_a_search_that_is_narrowed_finds_the_same(
    store: SqliteStore, path: Path, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_lists, "FEW", few)
    store.db.execute("UPDATE item_qualities SET overlap = item % 3, confidence = 0.9 / (item % 9 + 1)")
    store.db.execute("""UPDATE item_qualities SET answer = CAST('{"answer":"yes"}' AS BLOB) WHERE item % 2""")
    texts = indexed(store, path)
    for asked in NARROWED:
        for search in ("собака", "cotton_", "shop 12", "yes"):
            assert keys(store, search, asked=asked) == without(store, search, asked=asked), (asked, search)
    texts.stop()


def test_what_is_added_later_is_found_at_once_and_taken_in(store: SqliteStore, path: Path) -> None:
    texts = indexed(store, path)
    other = store.runs.add(publication("other"), 0.0)
    add(store, other, 1000, 100)
    add(store, 1, 2000, 100)
    for _ in range(2):
        assert keys(store, '"item 2"') == without(store, '"item 2"')
        assert keys(store, '"item 2"')[0] == 100
        wait_until_made(texts)
    assert texts.indexes[1].upto == 500
    assert keys(store, '"item 10"', other)[0] == 100
    wait_until_made(texts, other)
    assert keys(store, '"item 10"', other)[0] == 100
    assert keys(store, '"item 10"')[0] == 0
    texts.forget(other)
    assert list(texts.indexes) == [1]
    texts.stop()


def test_a_search_does_not_wait_for_the_index_and_an_end_in_its_middle_leaves_nothing(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_index, "PART", 1)
    texts = store.item_lists.texts = TextIndexes(path, fewest=10)
    assert keys(store, "собака") == without(store, "собака")
    texts.stop()
    assert not any(".search" in entry.name for entry in path.parent.iterdir())
    assert keys(store, "собака")[0] > 10
    again = indexed(store, path)
    assert not read_through(store, "собака")
    assert keys(store, "собака") == without(store, "собака")
    again.stop()


def test_a_small_run_is_read_through(store: SqliteStore, path: Path) -> None:
    texts = indexed(store, path)
    assert not read_through(store, "собака")
    texts.fewest = 1_000
    assert read_through(store, "собака")
    texts.stop()


def test_one_or_two_letters_go_by_the_index_unless_many_items_show_them(store: SqliteStore, path: Path) -> None:
    store.items.add(1, [NewItem("rare", False, 1, 900, msgspec.json.encode({"message": "Quagga, q."}))])
    texts = indexed(store, path)
    # Three letters and more, where all is sought; what nobody shows; what stands at the very end.
    for search in ("qu", "Q", "GG", "xx", "q.", "."):
        assert keys(store, search) == without(store, search), search
    assert [read_through(store, search) for search in ("qu", "Q", "GG", "xx", "q.")] == [False] * 5
    # A fifth of them show it: as many as anybody looks through are soon found.
    assert read_through(store, "no")
    assert keys(store, "no") == without(store, "no")
    texts.stop()


def test_indexes_of_runs_that_were_not_searched_for_long_are_let_go(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_index, "MOST_INDEXES", 1)
    texts = indexed(store, path)
    other = store.runs.add(publication("other"), 0.0)
    add(store, other, 1000, 20)
    keys(store, "item", other)
    assert list(texts.indexes) == [other]
    assert keys(store, '"item 00"')[0] == 100
    texts.stop()


def test_without_an_index_of_letters_or_room_for_it_items_are_read_through_and_a_line_says_so(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(text_index, "TAKE_IN", "INSERT INTO nowhere VALUES (?, ?, ?)")
    texts = store.item_lists.texts = TextIndexes(path, fewest=10)
    with caplog.at_level(logging.WARNING):
        found = keys(store, "собака")
        give_up = time.monotonic() + 20
        while not texts.unusable:
            assert time.monotonic() < give_up
            time.sleep(0.005)
    assert "their index cannot be made" in caplog.text
    assert found == keys(store, "собака") == without(store, "собака")
    texts.stop()

    def no_fts(folder: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError("no such tokenizer: trigram")

    monkeypatch.setattr(text_index, "_nameless", no_fts)
    texts = store.item_lists.texts = TextIndexes(path, fewest=10)
    assert keys(store, "собака") == found
    texts.stop()
