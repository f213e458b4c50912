"""A run's feed: what was acknowledged is there, in the order it came; the same again is known; a conflict is named."""

import contextlib
import datetime
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import dataforge as df
from dataforge.corrections import Correct
from dataforge.data import contents as contents_module
from dataforge.endings import LOG_FILE, Ending
from dataforge.errors import DataError, RunError
from dataforge.feed import FEED_FILE, ITEMS_FILE, Feed, FeedState, KnownKeys
from dataforge.feed._file import FeedFile
from dataforge.records import Added


@df.task(duration="5s")
def likes(caption: df.Text, picture: df.Image | None) -> bool:
    """Do you like it?"""
    raise NotImplementedError


def rows(*numbers: int, **more: Any) -> df.Items:
    return df.read_items(likes, [{"id": f"i{n}", "caption": f"number {n}", **more} for n in numbers])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a run that was launched with the items i0 and i1."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rows(0, 1).save(folder / ITEMS_FILE)
    return folder


@pytest.fixture
def feed(folder: Path) -> Feed:
    return Feed(folder)


def keys(feed: Feed) -> list[str]:
    return list(feed.read(likes, 0, feed.state().fed).keys)


def test_new_items_are_kept_from_whom_they_are_to_be_and_known_ones_stay_as_they_are(folder: Path, feed: Feed) -> None:
    assert feed.add(rows(2, 3), {"i2": ["ann", "bob"]}) == Added(new=2, known=0)
    assert feed.add(rows(3, 4), {"i3": ["ann"], "i4": ["eve"]}) == Added(new=1, known=1)
    feed.close()
    assert Feed(folder).withheld({"i2": 0, "i3": 1, "i4": 2}) == {"i2": ("ann", "bob"), "i4": ("eve",)}


def test_items_come_out_as_they_went_in_and_in_that_order(feed: Feed) -> None:
    assert feed.add(rows(5, 3)) == Added(new=2, known=0)
    assert feed.add(rows(4)) == Added(new=1, known=0)
    assert keys(feed) == ["i5", "i3", "i4"]
    assert feed.read(likes, 0, 3).frame().equals(df.Items.stacked([rows(5, 3), rows(4)]).frame())
    assert feed.read(likes, 0, 3).records() == [*rows(5, 3).records(), *rows(4).records()]


@pytest.mark.parametrize(("after", "count"), [(0, 1), (1, 1), (1, 3), (2, 2), (0, 4), (3, 0)])
def test_any_part_can_be_read_whatever_batches_it_came_in(feed: Feed, after: int, count: int) -> None:
    feed.add(rows(2, 3))
    feed.add(rows(4, note="another layout"))
    feed.add(rows(5))
    assert list(feed.read(likes, after, count).keys) == [f"i{n}" for n in range(2 + after, 2 + after + count)]


def test_a_run_that_nobody_has_fed_has_no_file(feed: Feed, folder: Path) -> None:
    assert feed.state() == FeedState(fed=0, finished=False)
    feed.reopen()
    assert not (folder / FEED_FILE).exists()


def test_the_same_batch_again_is_known(feed: Feed) -> None:
    feed.add(rows(2, 3))
    assert feed.add(rows(2, 3)) == Added(new=0, known=2)
    assert feed.add(rows(3, 4, 2)) == Added(new=1, known=2)
    assert keys(feed) == ["i2", "i3", "i4"]


def test_who_drives_may_write_while_the_items_of_a_launch_are_looked_at(
    feed: Feed, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.finish()  # makes the file
    written: list[Any] = []
    digest = contents_module._digest

    def digest_beside_a_writer(content: Any) -> bytes:
        with contextlib.closing(sqlite3.connect(folder / FEED_FILE, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            written.append(content)
        return digest(content)

    monkeypatch.setattr(contents_module, "_digest", digest_beside_a_writer)
    assert feed.add(rows(1, 2)) == Added(new=1, known=1)
    assert len(written) == 8


def test_the_items_of_the_launch_are_known(feed: Feed) -> None:
    assert feed.add(rows(0, 1, 2)) == Added(new=1, known=2)
    assert keys(feed) == ["i2"]


def test_rows_without_names_are_numbered_as_at_a_launch_so_a_longer_file_adds_its_end(tmp_path: Path) -> None:
    file = tmp_path / "captions.csv"
    file.write_text("caption\none\ntwo\n")
    run = tmp_path / "run"
    run.mkdir()
    df.read_items(likes, file).save(run / ITEMS_FILE)
    file.write_text("caption\none\ntwo\nthree\n")
    feed = Feed(run)
    assert feed.add(df.read_items(likes, file)) == Added(new=1, known=2)
    assert feed.read(likes, 0, 1).records()[0].inputs == {"caption": "three"}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (lambda: rows(8, 2, note="new"), "an item 'i2' already, and it differs: column 'note' has None there, 'new' h"),
        (
            lambda: df.read_items(likes, [{"id": "i8", "caption": "eight"}, {"id": "i2", "caption": "two"}]),
            "column 'caption' has 'number 2' there, 'two' here; nothing of this was added",
        ),
        (
            lambda: df.read_items(likes, [{"id": "i2", "caption": "number 2", "answer": True}], control=True),
            "it is an item to ask, this is a control item and column 'answer' has None there, True here",
        ),
        (
            lambda: df.read_items(likes, [{"id": "i1", "caption": "one"}]),
            "an item 'i1' already, and it differs: column 'caption' has 'number 1' there, 'one' here",
        ),
    ],
)
def test_a_known_key_with_other_content_is_refused_by_name_and_nothing_is_taken(
    feed: Feed, other: Callable[[], df.Items], said: str
) -> None:
    feed.add(rows(2))
    with pytest.raises(DataError, match="items: the run has an item ") as error:
        feed.add(other())
    assert said in str(error.value)
    assert keys(feed) == ["i2"]


def test_content_does_not_depend_on_how_a_column_is_stored(feed: Feed) -> None:
    feed.add(rows(2, year=1999))
    frame = pd.DataFrame({"year": [1999, None], "caption": ["number 2", "number 3"], "id": ["i2", "i3"]})
    assert feed.add(df.read_items(likes, frame)) == Added(new=1, known=1)


def test_columns_of_any_kind_come_back_as_they_were(feed: Feed) -> None:
    when = datetime.datetime(2026, 3, 1, 12, 30)
    table = pa.table(
        {
            "id": ["a", "b"],
            "caption": ["one", "two"],
            "when": [when, None],
            "raw": [b"\x00", b"\x01"],
            "tags": pa.array([["x"], []]),
            "place": pa.array(["Kyiv", "Kyiv"]).dictionary_encode(),
        }
    )
    feed.add(df.read_items(likes, table))
    feed.add(df.read_items(likes, [{"id": "c", "caption": "three", "mixed": {"any": [1, None]}}]))
    frame = feed.read(likes, 0, 3).frame()
    assert frame["when"][0] == when
    assert frame["raw"][:2].tolist() == [b"\x00", b"\x01"]
    assert frame["place"][:2].tolist() == ["Kyiv", "Kyiv"]
    assert list(frame["tags"][0]) == ["x"]
    assert frame["mixed"][2] == {"any": [1, None]}


def test_items_that_lie_far_apart_are_read_without_those_between(folder: Path, feed: Feed) -> None:
    feed.add(rows(2, 3))
    feed.add(rows(4, note="another layout"))
    feed.add(rows(*range(5, 25)))
    feed.add(rows(25, 26))
    assert list(feed.read_at(likes, np.array([24, 0, 2, 23])).keys) == ["i26", "i2", "i4", "i25"]
    # Twenty items that nobody asked for are passed over.
    with sqlite3.connect(folder / FEED_FILE) as db:
        db.execute("UPDATE batches SET rows = x'00' WHERE first = 4")
    assert list(feed.read_at(likes, np.array([24, 0, 2, 23])).keys) == ["i26", "i2", "i4", "i25"]
    with pytest.raises(RunError, match="lacks item 26 that its log speaks of"):
        feed.read_at(likes, np.array([0, 25]))


def test_control_items_keep_their_answers(feed: Feed) -> None:
    control = df.read_items(likes, [{"id": "c", "caption": "known", "answer": False}], control=True)
    feed.add(df.Items.join(rows(2), control))
    read = feed.read(likes, 0, 2)
    assert read.control.tolist() == [False, True]
    assert read.known("answer") == [None, False]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("at_launch", [False, True])
def test_an_item_whose_answer_is_known_is_not_asked(tmp_path: Path, known: bool, at_launch: bool) -> None:
    asked = df.read_items(likes, [{"id": "a", "caption": "one", "note": "asked"}])
    control = df.read_items(likes, [{"id": "c", "caption": "one", "answer": True}], control=True)
    first, second = (control, asked) if known else (asked, control)
    (first if at_launch else df.Items.empty(likes)).save(tmp_path / ITEMS_FILE)
    feed = Feed(tmp_path)
    if not at_launch:
        feed.add(first)
    with pytest.raises(DataError, match="the item 'a' has the same inputs as the control item 'c'; an item whose"):
        feed.add(second)
    assert feed.add(first) == Added(new=0, known=1)


def test_a_run_may_begin_with_no_items(tmp_path: Path) -> None:
    df.Items.empty(likes).save(tmp_path / ITEMS_FILE)
    feed = Feed(tmp_path)
    assert feed.add(rows(0)) == Added(new=1, known=0)
    assert keys(feed) == ["i0"]


def test_that_no_more_come_is_kept_and_items_may_still_be_added(feed: Feed, folder: Path) -> None:
    feed.finish()
    assert Feed(folder).state() == FeedState(fed=0, finished=True)
    assert feed.add(rows(7)) == Added(new=1, known=0)
    assert feed.state() == FeedState(fed=1, finished=True)


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("budget", "its budget pays for no more pages; .*launch another run"),
        ("time", "its time is over; .*launch another run"),
        ("stopped", "it was stopped by hand; open it again"),
    ],
)
def test_a_run_that_has_ended_otherwise_takes_no_more(feed: Feed, folder: Path, ending: Ending, why: str) -> None:
    feed.add(rows(2))
    assert feed.end(ending) == FeedState(fed=1, finished=False)
    with pytest.raises(RunError, match=f"'photos' takes no more items: {why}"):
        Feed(folder).add(rows(3))
    with pytest.raises(RunError, match=f"'photos' takes no more items: {why}"):
        Feed(folder).finish()
    feed.reopen()
    assert feed.add(rows(3)) == Added(new=1, known=0)


@pytest.mark.parametrize("after", ["", '{"entry":"sent","keys":["k"]}\n', '{"entry":"sent","keys":["k"]}\n' * 200])
def test_the_log_tells_of_an_end_that_the_feed_does_not_know_of(feed: Feed, folder: Path, after: str) -> None:
    log = folder / LOG_FILE
    log.write_text('{"entry":"started","at":1,"prefix":"p"}\n{"entry":"finished","at":9,"ending":"stopped"}\n' + after)
    with pytest.raises(RunError, match="it was stopped by hand"):
        feed.add(rows(2))
    with open(log, "a") as file:
        file.write('{"entry":"shown"}\n{"entry":"torn')
    with pytest.raises(RunError, match="it was stopped by hand"):
        feed.add(rows(2))
    log.write_text('{"entry":"started","at":1,"prefix":"p"}\n{"entry":"finished","at":9,"ending":"done"}\n' + after)
    assert feed.add(rows(2)) == Added(new=1, known=0)


def test_what_a_run_knows_may_be_added_again_after_its_end(feed: Feed) -> None:
    feed.add(rows(2))
    feed.end("budget")
    assert feed.add(rows(1, 2)) == Added(new=0, known=2)


def test_many_who_add_the_same_at_once_add_it_once(folder: Path) -> None:
    start = threading.Barrier(6)
    results: list[Added] = []

    def add(shift: int) -> None:
        own = Feed(folder)
        start.wait()
        for number in range(2, 12):
            results.append(own.add(rows(number, number + 1 + shift % 3)))
        own.close()

    adders = [threading.Thread(target=add, args=(shift,)) for shift in range(6)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    feed = Feed(folder)
    assert sum(result.new for result in results) == feed.state().fed == 13
    assert sorted(keys(feed)) == sorted(f"i{n}" for n in range(2, 15))


def test_what_is_acknowledged_is_through_to_the_disk(folder: Path) -> None:
    full_or_more = 2
    with FeedFile(folder / FEED_FILE).writing() as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone()[0] >= full_or_more


def test_a_large_addition_can_be_read_in_parts(feed: Feed, folder: Path) -> None:
    feed.add(rows(*range(2, 5_002)))
    stored = sqlite3.connect(folder / FEED_FILE)
    assert stored.execute("SELECT max(last - first + 1) FROM batches").fetchone() == (2_000,)
    sizes = [size for (size,) in stored.execute("SELECT length(rows) FROM batches ORDER BY last")]
    stored.close()
    assert max(sizes) < sum(sizes) / 2
    assert list(feed.read(likes, 1_999, 2).keys) == ["i2001", "i2002"]


def test_an_adder_that_dies_before_its_commit_leaves_nothing(feed: Feed, folder: Path) -> None:
    feed.add(rows(2))
    dying = sqlite3.connect(folder / FEED_FILE, isolation_level=None)
    dying.execute("BEGIN IMMEDIATE")
    dying.execute("INSERT INTO known VALUES ('i3', x'00', 3, x'00', 0)")
    dying.close()
    assert feed.add(rows(3)) == Added(new=1, known=0)
    assert keys(feed) == ["i2", "i3"]


def test_a_full_disk_under_the_feed_is_named_and_passes(feed: Feed, folder: Path) -> None:
    feed.add(rows(2))
    disk = sqlite3.connect(folder / FEED_FILE, isolation_level=None)
    # As SQLite does where a disk is full, the whole transaction is taken back.
    disk.execute("CREATE TRIGGER full BEFORE INSERT ON known BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END")
    with pytest.raises(RunError, match="disk is full; nothing was added"):
        feed.add(rows(3))
    disk.execute("DROP TRIGGER full")
    disk.close()
    feed.add(rows(4))
    assert keys(feed) == ["i2", "i4"]


def test_a_feed_older_than_the_log_that_is_read_with_it_is_told(feed: Feed) -> None:
    feed.add(rows(2))
    with pytest.raises(RunError, match="lacks items 2 to 3 that its log speaks of; restore"):
        feed.read(likes, 0, 3)


def test_answers_are_known_to_who_adds_them_and_entered_once_somebody_else_adds(folder: Path, feed: Feed) -> None:
    mine = KnownKeys()
    authors = {"i2": ["ann"], "i3": ["bob"], "i4": ["ann", "cid"]}
    assert feed.add_answers(rows(2, 3, 4), authors, mine) == set()
    # The same again, of further authors, beside an item of the launch and new ones; by somebody who knew nothing.
    later = {"i1": ["dan"], "i3": ["ann"], "i5": ["eve"]}
    assert Feed(folder).add_answers(rows(1, 3, 5, note="read otherwise"), later, KnownKeys()) == {"i1", "i3"}
    assert feed.add_answers(rows(5), {"i5": ["fay"]}, mine) == {"i5"}
    assert keys(feed) == ["i2", "i3", "i4", "i5"]
    assert feed.withheld({"i2": 0, "i3": 1, "i4": 2, "i5": 3}) == {
        "i2": ("ann",),
        "i3": ("ann", "bob"),
        "i4": ("ann", "cid"),
        "i5": ("eve", "fay"),
    }
    assert feed.add(rows(4, 6)) == Added(new=1, known=1)
    with pytest.raises(DataError, match="has an item 'i5' already, and it differs"):
        feed.add(rows(5))
    assert feed.add_answers(rows(6), {"i6": ["ann"]}, mine) == {"i6"}


def test_an_answer_can_be_corrected_before_anybody_has_entered_it(feed: Feed) -> None:
    feed.add_answers(rows(2, 3), {"i2": ["ann"], "i3": ["bob"]}, KnownKeys())
    feed.correct(likes, Correct("i3", {"answer": True}))
    assert feed.corrections(0) == (Correct("i3", {"answer": True}),)
    with pytest.raises(DataError, match="no item 'i4'"):
        feed.correct(likes, Correct("i4", {"answer": True}))
