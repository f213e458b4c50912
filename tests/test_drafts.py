"""Drafts: where they are read from, what is refused, and what control items begin with."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import pytest
from PIL import Image
from tests.test_checks import sentence, told_by_reading

import dataforge as df
from dataforge.data.drafts import Planting, is_changed, planted
from dataforge.data.items import Items
from dataforge.data.reading import gather_items
from dataforge.errors import DataError, SpecError
from dataforge.feed import Feed


class Animal(df.Choice):
    CAT = "cat"
    DOG = "dog"


@df.task
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


@df.task
def seen(photo: df.Image) -> Annotated[dict[str, Any], df.Boxes(Animal)]:
    """Mark every animal."""
    raise NotImplementedError


@dataclass
class Both:
    kind: Animal
    words: df.Text


@df.task
def told(sound: df.Text) -> Both:
    """Say what it is, and what it says."""
    raise NotImplementedError


@df.task
def spoken(text: df.Text) -> df.Audio:
    """Read it aloud."""
    raise NotImplementedError


BOXES = {"width": 640, "height": 480, "shapes": [{"label": "cat", "box": [10.0, 20.0, 120.0, 140.0]}]}


def drafts_of(items: Items) -> list[dict[str, Any]]:
    return [record.draft for record in items.records()]


# --- where they are -------------------------------------------------------------------------------


def test_a_column_a_mapping_and_a_function_give_the_drafts_of_rows() -> None:
    rows = [{"sound": "a", "draft": "one two"}, {"sound": "b", "draft": None}]
    by_column = gather_items(heard, rows, prefill="draft")
    assert drafts_of(by_column) == [{"answer": "one two"}, {}]
    # The column is carried through to the results as every other.
    assert by_column.rows["draft"].to_pylist() == ["one two", None]
    assert by_column.draft_shares == {"answer": 0.5}
    made = gather_items(heard, rows, prefill=lambda item: item["sound"].upper() if item["sound"] == "a" else None)
    assert drafts_of(made) == [{"answer": "A"}, {}]
    two = [{"sound": "a", "class": "cat", "asr": "meow"}, {"sound": "b", "class": "dog", "asr": None}]
    mapped = gather_items(told, two, prefill={"kind": "class", "words": "asr"})
    assert drafts_of(mapped) == [{"kind": "cat", "words": "meow"}, {"kind": "dog"}]
    partly = gather_items(told, two, prefill=lambda item: {"kind": Animal.CAT})
    assert drafts_of(partly) == [{"kind": "cat"}, {"kind": "cat"}]


def test_shapes_come_as_json_in_a_cell_and_from_a_reader_of_a_format(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text(
        'photo,boxes\nhttps://example.org/1.jpg,"{""width"": 640, ""height"": 480, ""shapes"": [{""label"": ""cat"", '
        '""box"": [10, 20, 120, 140]}]}"\nhttps://example.org/2.jpg,\n'
    )
    assert drafts_of(gather_items(seen, table, prefill="boxes")) == [{"answer": BOXES}, {}]
    known = {"photo": "https://example.org/3.jpg", "answer": BOXES}
    # What a reader gives as answers serves as drafts of the items, and as what is known of control items.
    both = gather_items(seen, [{**known, "photo": "https://example.org/4.jpg"}], [known], prefill="answer")
    assert drafts_of(both) == [{"answer": BOXES}, {}]
    assert both.known("answer") == [None, BOXES]


WRONG: list[tuple[df.Task, Any, Any, str]] = [
    (heard, "drafts", [{"sound": "a"}], "no column 'drafts' with the drafts (prefill); columns are: 'sound'"),
    (seen, "boxes", [{"photo": "https://example.org/1.jpg", "boxes": BOXES | {"width": 0}}], "row 1, column 'boxes'"),
    (
        seen,
        lambda item: {**BOXES, "shapes": [{"label": "cow", "box": [0, 0, 9, 9]}]},
        [{"photo": "https://example.org/1.jpg"}],
        "items, row 1: the draft of 'answer'",
    ),
    (
        told,
        "asr",
        [{"sound": "a"}],
        "prefill='asr': the task 'told' has several outputs; write {'kind': …, 'words': …}",
    ),
    (told, {"sort": "asr"}, [{"sound": "a"}], "has no output 'sort'"),
    (told, lambda item: "cat", [{"sound": "a"}], "expected a draft {output: value} of 'kind', 'words', got 'cat'"),
    (spoken, "file", [{"text": "a", "file": "a.wav"}], "is a file (recording), which workers make themselves"),
    (heard, 7, [{"sound": "a"}], "expected a column, {output: column} or a function of an item, got 7"),
]


@pytest.mark.parametrize(("task", "prefill", "rows", "says"), WRONG)
def test_a_draft_that_no_worker_could_give_is_refused_with_its_row(
    task: df.Task, prefill: Any, rows: Any, says: str
) -> None:
    with pytest.raises((DataError, SpecError)) as refusal:
        gather_items(task, rows, prefill=prefill)
    assert says in str(refusal.value)


def test_what_a_function_of_drafts_raises_goes_on_and_says_of_which_item() -> None:
    def model(item: Any) -> str:
        return ["one two"][int(item["sound"])]

    with pytest.raises(IndexError) as raised:
        gather_items(heard, [{"sound": "0"}, {"sound": "1"}], prefill=model)
    assert raised.value.__notes__[0].startswith("items, row 2: the function that makes drafts (prefill) raised this")


@pytest.mark.parametrize(("known", "column"), [(False, "drawn"), (True, "answer")])
def test_places_that_were_marked_on_a_picture_of_another_size_are_refused(
    tmp_path: Path, known: bool, column: str
) -> None:
    lying = Image.new("RGB", (480, 640))
    turned = Image.Exif()
    turned[0x0112] = 6
    lying.save(tmp_path / "turned.jpg", exif=turned)
    row = {"photo": str(tmp_path / "turned.jpg")}
    half = {"width": 320, "height": 240, "shapes": [{"label": "cat", "box": [10, 20, 120, 140]}]}
    settings: dict[str, Any] = {"control": True} if known else {"prefill": column}
    assert df.read_items(seen, [{**row, column: BOXES}], **settings).count == 1
    with pytest.raises(
        DataError, match=f"row 1, column '{column}': .* as the picture is seen, 640 × 480, got 320 × 240"
    ):
        df.read_items(seen, [{**row, column: half}], **settings)


def test_items_that_are_read_already_take_no_drafts_any_more() -> None:
    read = df.read_items(heard, [{"sound": "a", "draft": "b"}], prefill="draft")
    assert drafts_of(gather_items(heard, read)) == [{"answer": "b"}]
    with pytest.raises(DataError, match="prefill comes too late; give it to read_items"):
        gather_items(heard, read, prefill="draft")


def test_drafts_are_stored_with_the_items_and_tell_items_apart(tmp_path: Path) -> None:
    rows = [{"id": "1", "sound": "a", "draft": "one"}, {"id": "2", "sound": "b", "draft": None}]
    items = gather_items(heard, rows, prefill="draft")
    items.save(tmp_path / "items.parquet")
    assert drafts_of(Items.load(tmp_path / "items.parquet", heard)) == [{"answer": "one"}, {}]
    with_feed = Feed(tmp_path)
    more = [{"id": "3", "sound": "c", "draft": "three"}]
    assert with_feed.add(gather_items(heard, more, prefill="draft")).new == 1
    assert with_feed.add(gather_items(heard, more, prefill="draft")).known == 1
    with pytest.raises(DataError, match="the draft of 'answer' has 'three' there, None here"):
        with_feed.add(gather_items(heard, more))
    assert drafts_of(with_feed.read(heard, 0, 1)) == [{"answer": "three"}]
    with_feed.close()


# --- control items --------------------------------------------------------------------------------


def known(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"sound": f"k{n}", "answer": f"word {n} of many", **more} for n in range(count)]


def is_wrong(items: Items) -> list[bool]:
    """Of the control items that have a draft whether it is wrong."""
    pairs = zip(items.known("answer"), drafts_of(items), strict=True)
    return [is_changed(items.task, {"answer": right}, draft) for right, draft in pairs if right and draft]


def test_about_half_of_the_control_items_begin_with_a_mistake_the_same_ones_each_time() -> None:
    real = [{"sound": f"s{n}", "draft": "anything"} for n in range(8)]
    items = planted(gather_items(heard, real, known(6), prefill="draft"), "draft", Planting())
    assert sorted(is_wrong(items)) == [False] * 3 + [True] * 3
    again = planted(gather_items(heard, real, known(6), prefill="draft"), "draft", Planting())
    assert drafts_of(again) == drafts_of(items)
    # None has one where no item to ask does: it would tell them apart.
    assert not is_wrong(planted(gather_items(heard, real, known(6)), None, Planting()))


def test_control_items_have_a_draft_as_often_as_the_items_to_ask() -> None:
    real = [{"sound": f"s{n}", "draft": "anything" if n % 4 else None} for n in range(40)]
    items = planted(gather_items(heard, real, known(20), prefill="draft"), "draft", Planting())
    assert len(is_wrong(items)) == 15
    assert sum(is_wrong(items)) in (7, 8)


def test_the_mistakes_of_the_model_itself_are_kept_for_nobody_tells_them_apart() -> None:
    gold = [{**row, "draft": row["answer"] if n % 3 else "as the model hears it"} for n, row in enumerate(known(12))]
    items = planted(gather_items(heard, [{"sound": "s", "draft": "x"}], gold, prefill="draft"), "draft", Planting())
    drafts = [record.draft["answer"] for record in items.records() if record.control]
    assert drafts.count("as the model hears it") == 4
    assert sum(is_wrong(items)) == 6


def test_who_leaves_a_planted_mistake_fails_however_alike_an_answer_has_to_be() -> None:
    long = [{"sound": f"k{n}", "answer": " ".join(f"word{n}{m}" for m in range(40))} for n in range(20)]
    real = [{"sound": "s", "draft": "x"}]
    for alike in (None, 0.5, 1.0):
        items = planted(gather_items(heard, real, long, prefill="draft"), "draft", Planting(alike=alike))
        least = {None: 0.8}.get(alike, alike)
        pairs = zip(items.known("answer"), drafts_of(items), strict=True)
        alikes = [df.Text().similarity(right, draft["answer"]) for right, draft in pairs if right is not None]
        assert sum(one < least for one in alikes) == 10
        assert alikes.count(1.0) == 10


def test_where_drafts_are_judged_first_all_control_items_begin_with_a_mistake() -> None:
    policy = df.Policy(check_drafts=True)
    items = gather_items(heard, [{"sound": "s", "draft": "x"}], known(6), prefill="draft")
    assert all(is_wrong(planted(items, "draft", Planting.under(policy))))


def test_drafts_of_another_form_than_those_of_control_items_are_told() -> None:
    gold = [{"sound": f"k{n}", "answer": f"Number {n}, written with care."} for n in range(6)]
    real = [{"sound": f"s{n}", "draft": f"number {n} as a machine writes it"} for n in range(12)]
    [notice] = planted(gather_items(heard, real, gold, prefill="draft"), "draft", Planting()).notices
    assert "the draft of 'answer'" in notice["en"]
    # Not so if the model has tried the known ones, too: those that it has right are shown as it wrote them.
    as_written = [{**row, "draft": f"number {n} as a machine writes it"} for n, row in enumerate(gold)]
    assert not planted(gather_items(heard, real, as_written, prefill="draft"), "draft", Planting()).notices


def test_control_items_that_come_later_have_drafts_as_those_of_the_launch_had() -> None:
    later = gather_items(heard, None, known(1))
    assert drafts_of(planted(later, None, Planting(), {})) == [{}]
    wrong = [
        is_wrong(planted(gather_items(heard, None, known(n)[-1:]), None, Planting(), {"answer": 1.0}))
        for n in range(1, 41)
    ]
    # One at a time: each by a lot of its own.
    assert 12 <= sum(map(sum, wrong)) <= 28


@pytest.mark.parametrize(
    ("answer", "draft", "differs"),
    [("one  two", "one two", False), ("one two", "one two three", True), (None, "one", True)],
)
def test_an_answer_is_changed_where_it_says_anything_else(answer: Any, draft: Any, differs: bool) -> None:
    assert is_changed(heard, {"answer": answer}, {"answer": draft}) is differs


def test_who_only_reads_a_draft_cannot_tell_whether_it_was_planted() -> None:
    rng = Random(5)
    texts = list(dict.fromkeys(sentence(rng) for _ in range(800)))
    gold = [{"sound": f"k{n}", "answer": text} for n, text in enumerate(texts[:200])]
    real = [{"sound": f"s{n}", "draft": text} for n, text in enumerate(texts[200:500])]
    items = planted(gather_items(heard, real, gold, prefill="draft"), "draft", Planting())
    pairs = [(record.draft["answer"], text) for record, text in zip(items.records(300), texts, strict=False)]
    right = [draft for draft, text in pairs if draft == text]
    wrong = [draft for draft, text in pairs if draft != text]
    assert len(wrong) == 100
    assert told_by_reading(right, wrong, texts[500:]) <= 0.6
    assert max(df.Text().similarity(draft, text) for draft, text in pairs if draft != text) < 0.8


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_a_text_with_nothing_to_be_seen_is_no_draft(nothing: str) -> None:
    """A model that heard nothing says so with an empty text; workers begin with nothing, as they do without a draft."""
    rows = [{"sound": "a", "draft": nothing}, {"sound": "b", "draft": "words"}]
    given = df.read_items(heard, rows, prefill="draft")
    made = df.read_items(heard, rows, prefill=lambda item: nothing if item["sound"] == "a" else "words")
    for items in (given, made):
        assert list(items.drafts_at(np.arange(2))) == [{}, {"answer": "words"}]


def test_where_an_empty_text_is_an_answer_it_is_a_draft_too() -> None:
    @df.task
    def noted(sound: df.Text) -> Annotated[str, df.Text(shortest=0)]:
        """Write down what is said, if anything is."""
        raise NotImplementedError

    items = df.read_items(noted, [{"sound": "a", "draft": ""}], prefill="draft")
    assert list(items.drafts_at(np.arange(1))) == [{"answer": ""}]
