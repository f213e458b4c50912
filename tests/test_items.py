"""Any data as items, checked against the task."""

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePath
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import dataforge as df
from dataforge.data.items import Items
from dataforge.data.reading import gather_items, read_items
from dataforge.errors import DataError
from dataforge.records import Item
from dataforge.tasks.signature import task


class Animal(df.Choice):
    DOG = "dog"
    CAT = "cat"


class Both(NamedTuple):
    animal: Animal
    sure: bool


@task
def animal(text: df.Text, count: int | None) -> Animal:
    """Which animal?"""


@task
def both(text: df.Text) -> Both:
    """Which animal, and are you sure?"""


@task
def photo(picture: df.Image) -> bool:
    """Is it a dog?"""


@task
def rated(text: df.Text, score: float, yes: bool) -> df.Rating(1, 5):  # type: ignore[valid-type]
    """Rate."""


ROWS = [
    {"id": "a", "text": 'one, "two"\nthree', "count": 1, "source": "007"},
    {"id": "b", "text": "<script>alert(1)</script>", "count": None, "source": None},
    {"id": "c", "text": "тест 🐕", "count": 3, "source": "x;y"},
]
CONTROL = [{"text": "known dog", "answer": "dog"}, {"text": "known cat", "answer": Animal.CAT}]


def write_json_lines(path: Path) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n\n", "utf-8")


WRITERS: dict[str, Any] = {
    "data.csv": lambda path: pd.DataFrame(ROWS).astype({"count": "Int64"}).to_csv(path, index=False),
    "bom.csv": lambda path: (
        pd.DataFrame(ROWS).astype({"count": "Int64"}).to_csv(path, index=False, encoding="utf-8-sig")
    ),
    "semicolons.csv": lambda path: pd.DataFrame(ROWS).astype({"count": "Int64"}).to_csv(path, index=False, sep=";"),
    "data.tsv": lambda path: pd.DataFrame(ROWS).astype({"count": "Int64"}).to_csv(path, index=False, sep="\t"),
    "data.json": lambda path: path.write_text(json.dumps(ROWS), "utf-8"),
    "columns.json": lambda path: path.write_text(json.dumps({k: [r[k] for r in ROWS] for k in ROWS[0]}), "utf-8"),
    "data.jsonl": write_json_lines,
    "data.ndjson": write_json_lines,
    "data.parquet": lambda path: pa.parquet.write_table(pa.Table.from_pylist(ROWS), path),
    "data.feather": lambda path: pa.feather.write_feather(pa.Table.from_pylist(ROWS), path),
    "data.arrow": lambda path: pa.feather.write_feather(pa.Table.from_pylist(ROWS), path),
}
MAKERS: dict[str, Any] = {
    "list": lambda: ROWS,
    "generator": lambda: (row for row in ROWS),
    "columns": lambda: {column: [row[column] for row in ROWS] for column in ROWS[0]},
    "pandas": lambda: pd.DataFrame(ROWS),
    "pandas objects": lambda: pd.DataFrame(ROWS, dtype=object),
    "pandas with a named index": lambda: pd.DataFrame(ROWS).set_index("id"),
    "polars": lambda: pl.DataFrame(ROWS),
    "polars lazy": lambda: pl.LazyFrame(ROWS),
    "arrow": lambda: pa.Table.from_pylist(ROWS),
    "arrow batches": lambda: pa.Table.from_pylist(ROWS).to_reader(),
}


def check_rows(items: Items) -> None:
    assert items.count == len(items) == 3
    assert items.control_count == 0
    assert list(items.keys) == ["a", "b", "c"]
    assert items.records(wanted=2) == [
        Item("a", {"text": 'one, "two"\nthree', "count": 1}, wanted=2),
        Item("b", {"text": "<script>alert(1)</script>"}, wanted=2),
        Item("c", {"text": "тест 🐕", "count": 3}, wanted=2),
    ]
    frame = items.frame()
    assert list(frame.columns) == ["id", "text", "count", "source", "control"]
    assert frame["source"].tolist()[0] == "007"
    assert pd.isna(frame["source"].tolist()[1])
    assert frame["control"].tolist() == [False] * 3


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_read(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    check_rows(read_items(animal, tmp_path / name))
    check_rows(read_items(animal, str(tmp_path / name)))


@pytest.mark.parametrize("name", MAKERS)
def test_data_in_memory_is_read(name: str) -> None:
    check_rows(read_items(animal, MAKERS[name]()))


def test_cells_of_a_csv_file_are_read_by_the_type_of_their_input(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("text,score,yes,answer\n0123,0.5,Yes,4\nNA,3,0,5\n", "utf-8")
    items = read_items(rated, path, control=True)
    assert [item.inputs for item in items.records()] == [
        {"text": "0123", "score": 0.5, "yes": True},
        {"text": "NA", "score": 3.0, "yes": False},
    ]
    assert items.known("answer") == [4, 5]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        ("x;5.0;1.0;4.0", {"score": 5.0, "yes": True, "answer": 4}),
        ("x;1,5;ИСТИНА;5,0", {"score": 1.5, "yes": True, "answer": 5}),
        ("x;-0,125;ложь;1", {"score": -0.125, "yes": False, "answer": 1}),
    ],
    ids=["of pandas", "of a Russian spreadsheet", "three digits behind a comma"],
)
def test_cells_are_read_as_other_programs_write_them(cells: str, read: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(f"text;score;yes;answer\n{cells}\n", "utf-8")
    items = read_items(rated, path, control=True)
    assert items.inputs(0) | {"answer": items.known("answer")[0]} == {"text": "x"} | read


def test_a_number_that_may_be_a_thousand_or_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("text;score;yes\nx;1,500;1\n")
    with pytest.raises(DataError, match="line 2, column 'score': expected a number, got '1,500'"):
        read_items(rated, path)


def test_what_python_writes_as_json_is_read(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps([{"text": "a", "count": float("nan")}, {"text": "b", "count": 2}]))
    assert [item.inputs.get("count") for item in read_items(animal, path).records()] == [None, 2]


def test_json_texts_of_a_parquet_file_are_read_where_no_text_is_asked_for(tmp_path: Path) -> None:
    @df.task
    def paint(picture: df.Image, cameras: df.Calibration) -> Annotated[Any, df.Mask(of="picture")]:
        """Paint."""
        ...

    camera = {"picture": {"extrinsic": np.eye(4).ravel().tolist(), "intrinsic": np.eye(3).ravel().tolist()}}
    mask = {"width": 2, "height": 2, "masks": [{"counts": "04"}]}
    told = {"picture": "https://example.com/a.jpg", "cameras": json.dumps(camera), "answer": json.dumps(mask)}
    pyarrow.parquet.write_table(pa.Table.from_pylist([told]), tmp_path / "known.parquet")
    items = read_items(paint, tmp_path / "known.parquet", control=True)
    assert items.known("answer") == [mask]
    assert items.records()[0].inputs["cameras"] == camera
    with pytest.raises(DataError, match="cameras"):
        read_items(paint, [{**told, "cameras": "{no"}], control=True)


def test_values_that_are_missing_in_pandas_are_missing_among_mixed_ones_too() -> None:
    data = pd.DataFrame({"text": ["a", "b", "c"], "mixed": pd.Series([pd.NA, 1, "x"], dtype=object)})
    assert read_items(animal, data).frame()["mixed"].tolist() == [None, 1, "x"]


def test_a_csv_file_with_row_numbers_in_a_column_without_a_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    pd.DataFrame({"text": ["a", "b"]}).to_csv(path)
    assert list(read_items(animal, path).frame().columns) == ["id", "text", "column_1", "control"]


def test_rows_without_ids_are_numbered() -> None:
    assert list(read_items(animal, [{"text": "a"}, {"text": "b"}]).keys) == ["0", "1"]
    assert list(read_items(animal, CONTROL, control=True).keys) == ["control-0", "control-1"]


def test_the_column_of_ids_can_be_named() -> None:
    items = read_items(animal, [{"text": "a", "number": 5, "id": "x"}], id="number")
    assert list(items.keys) == ["5"]
    assert list(items.frame().columns) == ["number", "text", "id", "control"]


IDS: dict[str, list[Any]] = {
    "texts": ["7", "007"],
    "whole numbers": [7, 2**40],
    "large numbers": [2**63, 2**80],
    "numbers and texts": [7, "a7"],
    "uuids": [UUID(int=7), UUID(int=8)],
    "dates": [date(2026, 1, 1), date(2026, 1, 2)],
    "times": [pd.Timestamp("2026-01-01 10:00"), pd.Timestamp("2026-01-02")],
}


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
def test_ids_come_back_as_they_were(ids: list[Any], tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ids, "text": ["a", "b"]})
    for data in (frame, [{"id": one, "text": text} for one, text in zip(ids, "ab", strict=True)]):
        items = read_items(animal, data)
        items.save(tmp_path / "items.parquet")
        loaded = Items.load(tmp_path / "items.parquet", animal)
        stacked = Items.stacked([loaded, read_items(animal, [{"id": "more", "text": "c"}])])
        for found in (items, loaded):
            assert len(frame.merge(found.frame(), on="id")) == 2
        assert stacked.frame()["id"].tolist() == [*ids, "more"]


def test_whole_numbers_in_a_csv_file_are_ids_as_every_program_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("id,text\n20,a\n3,b\n")
    items = read_items(animal, path)
    assert pd.read_csv(path).merge(items.frame(), on="id").shape[0] == 2
    more = read_items(animal, [{"id": "4", "text": "c"}, {"id": "004", "text": "d"}])
    assert Items.stacked([items, more]).ids().tolist() == [20, 3, 4, "004"]
    path.write_text("id,text\n20,a\n003,b\n")
    assert read_items(animal, path).ids().tolist() == ["20", "003"]


def test_the_type_of_ids_is_that_of_the_first_items_to_ask() -> None:
    empty, control = Items.empty(animal), read_items(animal, CONTROL, control=True)
    real = read_items(animal, [{"id": 7, "text": "a"}])
    assert Items.stacked([empty, control, real]).ids().tolist() == ["control-0", "control-1", 7]


def test_a_column_of_numbers_with_a_gap_names_the_row_without_an_id() -> None:
    with pytest.raises(DataError, match="row 2, column 'id': expected a text or a whole number, got none"):
        read_items(animal, pd.DataFrame({"id": [1, None, 3], "text": ["a", "b", "c"]}))


def test_months_and_spans_of_pandas_are_no_numbers() -> None:
    months = pd.DataFrame({"id": pd.period_range("2026-01", periods=2, freq="M"), "text": ["a", "b"]})
    with pytest.raises(
        DataError, match=r"row 1, column 'id': expected a text or a whole number, got Period\('2026-01'"
    ):
        read_items(animal, months)
    with pytest.raises(DataError, match=r"row 1, column 'text': expected text, got Interval\(0, 1"):
        read_items(animal, pd.DataFrame({"text": pd.interval_range(0, 2)}))


def test_an_input_can_be_the_id() -> None:
    items = read_items(animal, [{"text": "a"}, {"text": "b"}], id="text")
    assert list(items.keys) == ["a", "b"]
    assert list(items.frame().columns) == ["id", "text", "control"]


def test_control_items_have_their_keys_in_the_column_of_the_items_or_in_one_of_their_own() -> None:
    asked = [{"text": "a", "№ заказа": 1}]
    alike = gather_items(animal, asked, [{"text": "b", "answer": "cat", "№ заказа": 9001}], key="№ заказа")
    assert (list(alike.keys), list(alike.frame().columns)) == (["1", "9001"], ["№ заказа", "text", "control"])
    own = gather_items(animal, asked, [{"text": "b", "answer": "cat", "id": 7}], key="№ заказа")
    assert list(own.keys) == ["1", "7"]
    none = gather_items(animal, asked, [{"text": "b", "answer": "cat"}], key="№ заказа")
    assert list(none.keys) == ["1", "control-0"]


def test_an_input_called_id_is_an_input() -> None:
    @task
    def look(id: str) -> bool:  # noqa: A002 - that name is what is tried
        """Look."""

    items = read_items(look, [{"id": "a"}, {"id": "b"}])
    assert list(items.keys) == ["0", "1"]
    assert list(items.frame().columns) == ["key", "id", "control"]


def test_carried_columns_come_through_untouched() -> None:
    rows = [
        {"text": "a", "dict": {"x": 1}, "list": [1, [2]], "mixed": 1, "big": 2**80, "path": Path("a/b"), "when": None},
        {"text": "b", "dict": {"y": None}, "list": [], "mixed": "one", "big": 1, "path": None, "when": 5},
    ]
    frame = read_items(animal, rows).frame()
    for column in ("dict", "list", "mixed", "big"):
        assert frame[column].tolist() == [row[column] for row in rows]
    assert frame["when"].tolist() == [pd.NA, 5]
    assert frame["path"].tolist() == ["a/b", None]
    assert read_items(animal, [{"text": "a", "x": UUID(int=1)}]).frame()["x"].tolist() == [UUID(int=1)]


def test_pandas_columns_keep_their_types(tmp_path: Path) -> None:
    data = pd.DataFrame(
        {
            "text": ["a", "b"],
            "when": pd.to_datetime(["2026-01-01", "2026-01-02"]),
            "kind": pd.Categorical(["x", "y"]),
            "number": [1.5, np.nan],
            "flag": [True, False],
            "whole": pd.array([2**60 + 1, None], "Int64"),
            "small": pd.array([1, 2], "UInt8"),
            "sure": pd.array([True, None], "boolean"),
            "share": pd.array([0.5, None], "Float64"),
            "month": pd.PeriodIndex(["2026-01", "2026-02"], freq="M"),
            "arrow": pd.array([1, None], "int32[pyarrow]"),
            "object": pd.Series([1, 2], dtype=object),
        }
    )
    items = read_items(animal, data)
    items.save(tmp_path / "items.parquet")
    for frame in (items.frame(), Items.load(tmp_path / "items.parquet", animal).frame()):
        pd.testing.assert_frame_equal(frame[data.columns], data)


def test_a_column_keeps_its_type_when_other_rows_come(tmp_path: Path) -> None:
    first = read_items(animal, pd.DataFrame({"text": ["a"], "n": pd.array([1], "Int64"), "k": pd.Categorical(["x"])}))
    more = read_items(animal, [{"text": "b", "n": 2, "k": "y"}, {"text": "c"}])
    frame = Items.stacked([first, more]).frame()
    assert (str(frame["n"].dtype), frame["n"].tolist()) == ("Int64", [1, 2, pd.NA])
    assert (str(frame["k"].dtype), frame["k"].tolist()[:2]) == ("category", ["x", "y"])
    # What a type cannot hold is kept as it is.
    odd = read_items(animal, [{"text": "d", "n": 1.5}])
    assert Items.stacked([first, odd]).frame()["n"].tolist() == [1, 1.5]


@pytest.mark.parametrize("make", [pl.DataFrame, pa.table, dict], ids=["polars", "arrow", "lists"])
def test_truth_values_and_whole_numbers_with_gaps_stay_such(make: Any) -> None:
    frame = read_items(animal, make({"text": ["a", "b"], "yes": [False, None], "n": [1, None]})).frame()
    assert frame[~frame["yes"]]["text"].tolist() == ["a"]
    assert frame["n"].sum() == 1


def test_a_column_called_control_is_beside_ours() -> None:
    frame = read_items(animal, [{"text": "a", "control": "mine"}]).frame()
    assert frame["control"].tolist() == [False]
    assert frame["control_given"].tolist() == ["mine"]


def test_control_items_join_the_others() -> None:
    joined = Items.join(read_items(animal, ROWS), read_items(animal, CONTROL, control=True))
    assert (joined.count, joined.control_count, joined.real_count) == (5, 2, 3)
    assert joined.control.tolist() == [False, False, False, True, True]
    assert joined.keys[3:] == ["control-0", "control-1"]
    assert joined.known("answer") == [None, None, None, "dog", "cat"]
    assert joined.balance("answer") == {"dog": 0.5, "cat": 0.5}
    assert [item.control for item in joined.records(2, 5)] == [False, True, True]
    assert joined.records(3, 4)[0].inputs == {"text": "known dog"}
    assert "answer" not in joined.frame().columns


def test_no_item_carries_its_known_answer() -> None:
    for item in read_items(animal, CONTROL, control=True).records():
        assert set(item.inputs) == {"text"}


def test_carried_columns_of_different_kinds_join() -> None:
    real = read_items(animal, [{"text": "a", "x": "text", "y": 1}])
    control = read_items(animal, [{"text": "b", "x": 5, "z": {"k": 1}, "answer": "dog"}], control=True)
    frame = Items.join(real, control).frame()
    assert frame["x"].tolist() == ["text", 5]
    assert frame["y"].tolist() == [1, pd.NA]
    assert frame["z"].tolist() == [None, {"k": 1}]


def test_balance_names_answers_that_no_control_item_has() -> None:
    items = read_items(animal, [{"text": "a", "answer": "dog"}], control=True)
    assert items.balance("answer") == {"dog": 1.0, "cat": 0.0}
    assert read_items(animal, ROWS).balance("answer") == {}


def test_one_known_answer_of_several_is_enough() -> None:
    rows = [{"text": "a", "animal": "dog", "sure": None}, {"text": "b", "animal": None, "sure": True}]
    items = read_items(both, rows, control=True)
    assert items.known("animal") == ["dog", None]
    assert items.known("sure") == [None, True]
    assert read_items(both, [{"text": "a", "sure": False}], control=True).known("animal") == [None]
    with pytest.raises(DataError, match="row 2, column 'animal': expected a known answer"):
        read_items(both, [*rows[:1], {"text": "c"}], control=True)


def test_items_are_saved_and_loaded(tmp_path: Path) -> None:
    rows = [{"text": "a", "x": {"k": 1}}, {"text": "b", "x": [1]}]
    items = Items.join(read_items(animal, rows), read_items(animal, CONTROL, control=True))
    items.save(tmp_path / "items.parquet")
    back = Items.load(tmp_path / "items.parquet", animal)
    assert back.records() == items.records()
    assert back.known("answer") == items.known("answer")
    assert back.control.tolist() == items.control.tolist()
    assert back.keys == items.keys
    assert back.name == items.name
    pd.testing.assert_frame_equal(back.frame(), items.frame())
    assert [path.name for path in tmp_path.iterdir()] == ["items.parquet"]


def test_loading_for_another_task_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    read_items(animal, ROWS).save(path)
    with pytest.raises(DataError, match="holds items of another task, 'animal', not of 'photo'"):
        Items.load(path, photo)


def test_loading_what_is_no_file_of_items_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    path.write_bytes(b"PAR1 is what it says")
    with pytest.raises(DataError, match="is no file of items"):
        Items.load(path, animal)
    pa.parquet.write_table(pa.table({"text": ["a"]}), path)
    with pytest.raises(DataError, match="is no file of items"):
        Items.load(path, animal)
    with pytest.raises(DataError, match="cannot be read"):
        Items.load(tmp_path / "none.parquet", animal)


def make_picture(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 8)
    return path


def test_relative_paths_start_at_the_folder_of_the_data(tmp_path: Path) -> None:
    first = make_picture(tmp_path / "photos" / "1.png")
    second = make_picture(tmp_path / "photos" / "2.png")
    table = tmp_path / "data.csv"
    table.write_text("picture\nphotos/2.png\nhttps://host/a.png\nphotos/1.png\n")
    items = read_items(photo, table)
    assert [item.inputs["picture"] for item in items.records()] == [
        {"file": str(second)},
        {"url": "https://host/a.png"},
        {"file": str(first)},
    ]
    assert items.files() == [str(first), str(second)]
    assert items.frame()["picture"].tolist() == ["photos/2.png", "https://host/a.png", "photos/1.png"]
    moved = read_items(photo, [{"picture": "1.png"}, {"picture": second}], folder=tmp_path / "photos")
    assert moved.files() == [str(first), str(second)]


def test_a_file_that_is_not_there_is_named_with_its_row(tmp_path: Path) -> None:
    table = tmp_path / "data.csv"
    table.write_text("picture\nhttps://host/a.png\nnone.png\n")
    with pytest.raises(DataError, match=r"data\.csv, line 3, column 'picture': cannot read the file .*none\.png"):
        read_items(photo, table)


def test_a_message_says_where_relative_paths_start(tmp_path: Path) -> None:
    start = re.escape(f"; relative paths start at {str(tmp_path)!r}, folder=… names another start")
    with pytest.raises(DataError, match=rf"row 1, column 'picture': cannot read the file .*; check the path{start}$"):
        read_items(photo, ["photos/none.png"], folder=tmp_path)
    with pytest.raises(
        DataError, match=r"cannot read the file '/none\.png': No such file or directory; check the path$"
    ):
        read_items(photo, ["/none.png"])
    with pytest.raises(
        DataError, match=r"photos/\*\.png: there is no such file or folder; give a folder, or list\(Path"
    ):
        read_items(photo, "photos/*.png")


PICTURE = Image.new("RGB", (2, 2))


@pytest.mark.parametrize("made", [np.zeros((2, 2)), PICTURE, PICTURE.tobytes(), {"bytes": b"", "path": None}])
def test_a_picture_in_memory_has_to_be_saved(made: Any) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'picture': .*save .* as a file,? and give its path"):
        read_items(photo, [{"picture": made}])


def test_progress_is_reported_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    read_items(animal, ROWS, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 3)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "items: has no rows"),
        ({}, "items: has no rows"),
        ({"text": []}, "items: has no rows"),
        ([{"txt": "a"}], "items: no column 'text' .* columns are: 'txt'; did you mean 'txt'"),
        ([{"Text": "a"}], "did you mean 'Text'"),
        ([{"photo": "a"}], "columns are: 'photo'; rename or add one"),
        ([{"text": "a"}, {"text": None}], "items, row 2, column 'text': expected a value, got none"),
        ([{"text": "a"}, {"count": 5}], "items, row 2, column 'text': expected a value, got none"),
        ([{"text": "a"}, {"text": 5}], "items, row 2, column 'text': expected text, got 5 of type int"),
        ([{"text": "a", "count": "many"}], "items, row 1, column 'count': expected a whole number, got 'many'"),
        ([{"text": "x" * 10_000_000}], "items, row 1, column 'text': expected at most 1,000,000 characters"),
        ([{"text": "a"}, {"text": "b"}, {"text": "a"}], "row 1 and row 3 have the same inputs {'text': 'a'"),
        ([{"text": "a", "id": 1}, {"text": "b", "id": 1}], "row 1 and row 2 have the same id '1'"),
        ([{"text": "a", "id": 1}, {"text": "b", "id": "1"}], "row 1 and row 2 have the same id '1'"),
        ([{"text": "a"}, {"text": ""}], "items, row 2, column 'text': expected a text that can be seen, got ''"),
        ([{"text": " \t\u200b\u3164 "}], "items, row 1, column 'text': expected a text that can be seen"),
        ("https://host/a.csv", "items: addresses are not read, got 'https://host/a.csv'; download it"),
        ([{"text": "a", "id": None}], "row 1, column 'id': expected a text or a whole number"),
        ([{"text": "a", "id": ""}], "row 1, column 'id': expected a text or a whole number"),
        ([{"text": "a", "id": 1.5}], "row 1, column 'id': expected a text or a whole number"),
        ([{"text": "a", "id": "x" * 1000}], "row 1, column 'id': expected at most 500 characters, got 1,000"),
        ([{"text": "a", "x": object()}], "row 1, column 'x': a value cannot be kept"),
        ([{"text": "\ud800"}], "row 1, column 'text': the text has half a character at position 0: .*; remove it"),
        ([{"text": "a", "x": {"y": "b\ud800"}}], "row 1, column 'x': the text has half a character at position 1"),
        ([{"text": "a", "x\ud800": 1}], "items: the name of a column has half a character at position 1: .*; rename"),
        ({"text": ["a"], "x\ud800": [1]}, "items: the name of a column has half a character at position 1"),
        (
            pd.DataFrame([["a", 1]], columns=pd.Index(["text", "x\ud800"], dtype=object)),
            "items: the name of a column has half a character at position 1",
        ),
        ([5], "items: expected rows with the columns 'text', 'count', got single values, such as 5; give tables"),
        ([(1, 2)], r"items, row 1: expected {column: value}, got \(1, 2\)"),
        ([{5: "a"}], "expected names of columns that are texts, got 5"),
        ({"text": "abc"}, "column 'text': expected a list of values"),
        ({"text": ["a", "b"], "x": [1]}, "expected columns of equal length, got 'text' 2, 'x' 1"),
        (5, "expected a path, a DataFrame, an Arrow table or dicts, got 5"),
        (None, "expected a path, a DataFrame, an Arrow table or dicts, got None"),
        (b"bytes", "expected a path"),
        (pl.Series("text", ["a"]), "expected rows with the columns 'text', 'count', got single values, such as 'a'"),
        (np.array(["a"]), "expected rows with the columns 'text', 'count', got single values, such as 'a'"),
        ("a\x00.csv", "cannot be read"),
        (np.array([("a", 1)], dtype=[("text", "U1"), ("count", "i4")]), r"items, row 1: expected {column: value}, got"),
        ("Is it good?", "Is it good.: there is no such file or folder; check the path, which starts at"),
        ("", r"\.: is a folder, which is read for a task with one input that is a file; name a file"),
        (pl.DataFrame({"text": ["a"], "x": [object()]}), "row 1, column 'x': a value cannot be kept"),
        ("data.xlsx", "data.xlsx: there is no such file or folder; check the path, which starts at '/"),
        ("fotos/", "fotos: there is no such file or folder; check the path, which starts at '/"),
        ("/fotos/" + "a text " * 100, "^/fotos/a text .*…: there is no such file or folder; check the path$"),
        ("/nowhere/data.csv", "/nowhere/data.csv: there is no such file or folder; check the path$"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() else "",
)
def test_a_mistake_in_the_data_is_found_with_its_place(rows: Any, message: str) -> None:
    pattern = message.replace("{", r"\{").replace(".csv", r"\.csv")
    with pytest.raises(DataError, match=pattern) as refusal:
        read_items(animal, rows)
    assert len(str(refusal.value)) < 700


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"text\n", "a.csv: has no rows"),
        ("a.csv", b"id^text\n1^a\n", r"there is one column, 'id\^text'; separate columns by commas, semicolons"),
        ("a.csv", b"text,x\na\n", "a.csv, line 2: expected 2 cells as in the header, got 1"),
        ("a.csv", b"text,text\na,b\n", "two columns are named 'text'"),
        ("a.csv", b"text,x\n\xff\xfe,b\n", "a.csv, line 2: holds the byte 0xff, which is no UTF-8"),
        ("a.csv", b"text,count\na,1\nb,one\n", "a.csv, line 3, column 'count': expected a whole number, got 'one'"),
        ("a.csv", b"text,count\na,1\n,2\n", "a.csv, line 3, column 'text': expected a value, got none"),
        ("a.json", b"", r"a.json, line 1, column 1: expected JSON, got its end \(expecting value\)"),
        ("a.json", b'[\n{"text": "a"},]', "a.json, line 2, column 1[45]: expected JSON, got '"),
        ("a.json", b'{"text": "a"}', r"a.json, column 'text': expected a list of values, got 'a'; a single item is"),
        ("a.json", b"5", "a.json: expected a list of objects"),
        ("a.json", b"[1]", "a.json: expected rows with the columns 'text', 'count', got single values, such as 1"),
        ("a.json", b"[[1]]", r"a.json, row 1: expected {column: value}, got \[1\]"),
        ("a.png", b"a picture", "a.png: expected a file that ends in .*; convert it, or give files to label in a list"),
        ("a.json", b"[]", "a.json: has no rows"),
        ("a.jsonl", b'{"text": "a"}\n{"text": \n', "a.jsonl, line 2, column 1: expected one JSON object"),
        ("a.jsonl", b"\xff\n", "a.jsonl, line 1: holds the byte 0xff, which is no UTF-8; name its encoding"),
        ("a.jsonl", b"\n\n", "a.jsonl: has no rows"),
        ("a.parquet", b"PAR1\0 no more", "a.parquet: cannot be read as parquet"),
        ("a.feather", b"ARROW1\0 no more", "a.feather: cannot be read as feather"),
        ("a.parquet", b"", "a.parquet: cannot be read as parquet"),
    ],
)
def test_a_broken_file_is_refused_with_its_name(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message.replace("{", r"\{")):
        read_items(animal, path)


def test_a_folder_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(DataError, match=r"a\.csv: is a folder, .*; name a file"):
        read_items(animal, tmp_path / "a.csv")


def test_control_items_need_answers_that_fit() -> None:
    with pytest.raises(DataError, match=r"control items: no column 'answer' with the known answers; .* 'label'"):
        read_items(animal, [{"text": "a", "label": "dog"}], control=True)
    with pytest.raises(DataError, match="control items, row 2, column 'answer': expected a known answer, got none"):
        read_items(animal, [*CONTROL[:1], {"text": "b", "answer": None}], control=True)
    with pytest.raises(DataError, match="row 1, column 'answer': expected one of 'dog', 'cat', got 'cow'"):
        read_items(animal, [{"text": "b", "answer": "cow"}], control=True)


def test_a_known_answer_must_be_one_that_the_item_offers() -> None:
    @task(options={"answer": {"place": {"kennel": ["dog"]}}})
    def look(place: str) -> Animal:
        """Look."""

    with pytest.raises(DataError, match="row 1, column 'answer': expected one of 'dog', which an item with place"):
        read_items(look, [{"place": "kennel", "answer": "cat"}], control=True)
    assert read_items(look, [{"place": "house", "answer": "cat"}], control=True).known("answer") == ["cat"]


def test_an_item_that_is_also_a_control_item_is_refused_with_both_places() -> None:
    control = read_items(animal, CONTROL, control=True)
    with pytest.raises(DataError, match="row 2 of items and row 1 of control items have the same inputs"):
        Items.join(read_items(animal, [{"text": "a"}, {"text": "known dog"}]), control)
    with pytest.raises(DataError, match="row 1 of items and row 1 of control items have the same id 'control-0'"):
        Items.join(read_items(animal, [{"text": "a", "id": "control-0"}]), control)


def test_only_items_and_control_items_of_one_task_join() -> None:
    real, control = read_items(animal, ROWS), read_items(animal, CONTROL, control=True)
    with pytest.raises(DataError, match=r"items: expected control items, got items to ask; .*control=True"):
        Items.join(real, read_items(animal, [{"text": "another"}]))
    with pytest.raises(DataError, match="expected items to ask, got control items, too; give those as control="):
        Items.join(control, control)
    with pytest.raises(DataError, match="items: are read already; give them to launch as they are"):
        read_items(animal, real)
    with pytest.raises(DataError, match="cannot be joined"):
        Items.join(read_items(both, [{"text": "a"}]), control)


def test_an_answer_column_among_items_to_ask_is_carried() -> None:
    items = read_items(animal, [{"text": "a", "answer": "dog"}])
    assert items.known("answer") == [None]
    assert items.frame()["answer"].tolist() == ["dog"]


def test_rows_may_come_one_by_one_in_any_number() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        for number in range(150_000):
            yield {"text": f"text {number}", "x": number if number < 70_000 else f"{number}"}

    items = read_items(animal, rows())
    assert items.count == 150_000
    assert items.inputs(149_999) == {"text": "text 149999"}
    assert items.frame()["x"].tolist()[69_999:70_001] == [69_999, "70000"]
    with pytest.raises(DataError, match="row 70001 and row 150001 have the same inputs"):
        read_items(animal, (row for part in (rows(), [{"text": "text 70000"}]) for row in part))


def test_keys_are_a_sequence() -> None:
    keys = read_items(animal, [{"text": f"{n}"} for n in range(5)]).keys
    assert len(keys) == 5
    assert (keys[0], keys[-1], keys[1:3], keys[::2]) == ("0", "4", ["1", "2"], ["0", "2", "4"])
    assert keys == ["0", "1", "2", "3", "4"]
    assert keys != ["0"]
    assert "3" in keys
    with pytest.raises(IndexError):
        keys[5]


def test_an_item_out_of_range_is_an_error() -> None:
    with pytest.raises(IndexError):
        read_items(animal, ROWS).inputs(3)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.text(min_size=1).map("a{}".format), st.none() | st.integers(-(2**50), 2**50)),
        min_size=1,
        unique=True,
    )
)
def test_whatever_the_texts_the_records_are_the_rows(rows: list[tuple[str, int | None]]) -> None:
    items = read_items(animal, [{"text": text, "count": count, "mine": text} for text, count in rows])
    assert [(item.inputs["text"], item.inputs.get("count")) for item in items.records()] == rows
    assert items.frame()["mine"].tolist() == [text for text, _ in rows]


def test_items_at_any_places_are_those_of_the_whole_whatever_pieces_it_is_in() -> None:
    frames = [pd.DataFrame({"text": [f"row {n}" for n in range(start, start + 3)]}) for start in (0, 3, 6)]
    whole = read_items(both, pa.concat_tables([pa.Table.from_pandas(frame) for frame in frames]))
    assert whole.values.column("text").num_chunks == 3
    for items in (whole, whole.in_one_piece()):
        found = items.records_at(np.array([7, 0, 4]), wanted=2)
        assert [(item.key, item.inputs["text"], item.wanted) for item in found] == [
            ("7", "row 7", 2),
            ("0", "row 0", 2),
            ("4", "row 4", 2),
        ]
    assert whole.in_one_piece().values.column("text").num_chunks == 1


@task
def one_text(text: df.Text) -> Animal:
    """Which animal?"""


ONES: dict[str, Any] = {
    "list": lambda: ["a", "b"],
    "generator": lambda: (text for text in "ab"),
    "pandas series": lambda: pd.Series(["a", "b"]),
    "pandas index": lambda: pd.Index(["a", "b"]),
    "polars series": lambda: pl.Series("of another name", ["a", "b"]),
    "numpy array": lambda: np.array(["a", "b"]),
    "arrow array": lambda: pa.array(["a", "b"]),
    "arrow pieces": lambda: pa.chunked_array([["a"], ["b"]]),
}


@pytest.mark.parametrize("make", ONES.values(), ids=ONES)
def test_values_of_the_only_input_need_no_name(make: Any) -> None:
    items = read_items(one_text, make())
    assert [items.inputs(row) for row in (0, 1)] == [{"text": "a"}, {"text": "b"}]
    with pytest.raises(DataError, match="expected rows with the columns 'text', 'answer', got single values, such as"):
        read_items(one_text, make(), control=True)


def test_a_series_whose_index_is_called_id_names_its_values() -> None:
    items = read_items(one_text, pd.Series(["a", "b"], index=pd.Index([7, 9], name="id")))
    assert items.ids().tolist() == [7, 9]


def test_an_index_that_is_a_column_too_is_one_column() -> None:
    frame = pd.DataFrame({"id": [7, 9], "text": ["a", "b"]})
    assert read_items(animal, frame.set_index("id", drop=False)).ids().tolist() == [7, 9]
    with pytest.raises(DataError, match="items: two columns are named 'id'; rename one"):
        read_items(animal, frame.set_index(pd.Index([1, 2], name="id")))


def test_a_missing_value_among_plain_ones_is_named_with_its_row() -> None:
    with pytest.raises(DataError, match="items, row 2, column 'text': expected a value, got none"):
        read_items(one_text, ["a", None])


def test_paths_come_from_wherever_paths_come_from(tmp_path: Path) -> None:
    made = make_picture(tmp_path / "photos" / "1.png")
    for paths in (made.parent.glob("*.png"), list(os.scandir(made.parent)), [PurePath(made)]):
        assert read_items(photo, paths).files() == [str(made)]


def test_a_folder_of_files_is_read_as_the_only_input_and_calls_items_after_them(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", ".hidden"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / ".cache").mkdir()
    (tmp_path / "Thumbs.db").write_bytes(b"what Windows puts there")
    make_picture(tmp_path / "more" / "a.png")
    (tmp_path / "more" / "again").symlink_to(tmp_path)
    items = read_items(photo, tmp_path)
    assert list(items.keys) == ["a.png", "b.png", "more/a.png"]
    assert items.inputs(1) == {"picture": {"file": str(tmp_path / "b.png")}}
    assert items.files() == [str(tmp_path / name) for name in items.keys]
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(DataError, match=r"row 4, column 'picture': expected a file of the type image"):
        read_items(photo, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="there are no files in this folder"):
        read_items(photo, tmp_path / "empty")


class Passport(NamedTuple):
    id: bool
    valid: bool


def test_a_question_called_id_has_known_answers_beside_items_that_have_ids() -> None:
    @df.task
    def asked(text: df.Text) -> Passport:
        """Does it show an id, and is it valid?"""
        ...

    items = gather_items(asked, [{"id": "a7", "text": "a"}], [{"text": "b", "id": True, "valid": False}])
    assert list(items.keys) == ["a7", "control-0"]
    assert items.known("id") == [None, True]


def test_bytes_are_refused_as_text_with_how_they_are_read() -> None:
    @df.task
    def polite(text: df.Text) -> bool:
        """Is it polite?"""
        raise NotImplementedError

    with pytest.raises(DataError, match=re.escape("of type bytes; decode it, .decode()")):
        df.read_items(polite, [{"text": b"hello"}])


@pytest.mark.skipif(os.sep == "\\", reason="a path of Windows is one there")
def test_a_path_of_windows_is_refused_with_what_parts_folders(tmp_path: Path) -> None:
    @df.task
    def clear(photo: df.Image) -> bool:
        """Is it clear?"""
        raise NotImplementedError

    with pytest.raises(DataError, match="folders are parted by / here"):
        df.read_items(clear, [{"photo": "photos\\a.png"}], folder=tmp_path)
