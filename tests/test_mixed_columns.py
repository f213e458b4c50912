"""Columns of several kinds come back as they were, or are refused where they stand."""

import itertools
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

import dataforge as df
from dataforge.data.items import Items
from dataforge.data.places import Rows
from dataforge.data.reading import gather_items, read_items
from dataforge.data.tables import cells, from_rows, stacked
from dataforge.errors import DataError
from dataforge.runs.handle.tables import files


@df.task
def tone(text: df.Text) -> bool:
    """Is it kind?"""


@df.task
def large(k: int) -> bool:
    """Is it large?"""


EAST = timezone(timedelta(hours=3))
KINDS = {
    "bool": True,
    "int": 20240102,
    "float": 2.5,
    "str": "2020-01-01",
    "date": date(2024, 1, 1),
    "datetime": datetime(2024, 1, 3, 15, 30, 0, 5),
    "zoned": datetime(2024, 1, 3, 15, 30, tzinfo=EAST),
    "time": time(1, 2, 3, 4),
    "zoned time": time(1, 2, tzinfo=EAST),
    "timedelta": timedelta(days=-1, microseconds=7),
    "Decimal": Decimal("1.50"),
    "bytes": b"\xff\x00a",
    "UUID": UUID(int=7),
    "Timestamp": pd.Timestamp("2020-01-01 00:00:00.123456789"),
    "Timedelta": pd.Timedelta(5, "ns"),
    "list": [1, "a", date(2024, 1, 1)],
    "dict": {"date": "x", "at": datetime(2024, 1, 3), "inf": float("inf")},
}
PAIRS = list(itertools.permutations(KINDS, 2))


def same(one: Any, other: Any) -> bool:
    """Equal, and of one type; whole numbers among fractions become such."""
    number = type(one) is int and type(other) is float
    return one == other and (type(one) is type(other) or number) and str(one) == str(other if not number else one)


def given(how: str, values: list[Any]) -> Any:
    texts = [f"text {place}" for place in range(len(values))]
    if how == "pandas":
        return pd.DataFrame({"text": texts, "c": pd.Series(values, dtype=object)})
    if how == "polars":
        return pl.DataFrame({"text": texts, "c": pl.Series(values, dtype=pl.Object)})
    if how == "columns":
        return {"text": texts, "c": values}
    return [{"text": text, "c": value} for text, value in zip(texts, values, strict=True)]


@pytest.mark.parametrize("how", ["pandas", "polars", "columns", "rows"])
def test_every_pair_of_kinds_comes_back_as_it_was(how: str, tmp_path: Path) -> None:
    altered = []
    for one, other in PAIRS:
        values = [None, KINDS[one], KINDS[other]]
        items = read_items(tone, given(how, values))
        items.save(tmp_path / "items.parquet")
        for read in (items, Items.load(tmp_path / "items.parquet", tone)):
            back = read.frame()["c"].tolist()
            if not pd.isna(back[0]) or not all(map(same, values[1:], back[1:])):
                altered.append((one, other, back))
    assert altered == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_comes_back_from_a_list(kind: str) -> None:
    back = cells(read_items(tone, given("rows", [KINDS[kind]])).rows, "c")
    # Of a moment in one zone the zone's name may change.
    assert back == [KINDS[kind]]
    assert getattr(back[0], "tzinfo", None) is None or kind.startswith("zoned")
    table = from_rows([{"c": [KINDS[kind]]}, {"c": {"a": KINDS[kind]}}], Rows("items"))
    assert cells(table, "c") == [[KINDS[kind]], {"a": KINDS[kind]}]


def test_pieces_and_tables_of_different_kinds_are_joined_without_altering_any() -> None:
    altered = []
    for one, other in PAIRS:
        tables = [from_rows([{"c": KINDS[name]}], Rows("items")) for name in (one, other)]
        back = cells(stacked(tables), "c")
        if not all(map(same, [KINDS[one], KINDS[other]], back)):
            altered.append((one, other, back))
    assert altered == []


def test_known_items_of_another_kind_than_the_items_stay_such() -> None:
    items = [{"text": "a", "price": Decimal("1.50")}]
    both = gather_items(tone, items, [{"text": "b", "price": 2, "answer": True}])
    assert [value for value in both.frame()["price"] if not isinstance(value, int)] == [Decimal("1.50")]


def test_an_input_of_numbers_takes_them_of_every_kind_together() -> None:
    read = read_items(large, [{"k": Decimal(3)}, {"k": np.int8(4)}])
    assert [item.inputs["k"] for item in read.records()] == [3, 4]


def test_categories_of_several_kinds_stay_such() -> None:
    frame = pd.DataFrame({"text": ["a", "b"], "c": pd.Categorical([date(2024, 1, 1), 5])})
    assert read_items(tone, frame).frame()["c"].tolist() == [date(2024, 1, 1), 5]


def test_large_unsigned_numbers_beside_fractions_stay_such() -> None:
    assert read_items(tone, given("rows", [np.uint64(2**64 - 1), 1.5])).frame()["c"].tolist() == [2**64 - 1, 1.5]


def test_what_cannot_be_kept_among_others_is_refused_with_its_place() -> None:
    with pytest.raises(DataError, match=r"items, row 2, column 'c': a value cannot be kept: Period\("):
        read_items(tone, given("pandas", ["a", pd.Period("2020-01"), 3]))


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("ms"), pa.timestamp("us", "UTC"), pa.duration("ms")])
def test_a_date_that_python_does_not_have_is_refused_with_its_place(kind: pa.DataType, tmp_path: Path) -> None:
    far = pa.array([0, 2**59 if kind != pa.date32() else 20240102], pa.int64() if kind != pa.date32() else pa.int32())
    table = pa.table({"text": ["a", "b"], "c": far.cast(kind)})
    expected = r"row 2, column 'c': expected a .* of the years 1 to 9999, got \d+"
    with pytest.raises(DataError, match=expected):
        read_items(tone, table)
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet", coerce_timestamps=None)
    with pytest.raises(DataError, match=expected):
        read_items(tone, tmp_path / "a.parquet")


def test_files_of_results_have_each_value_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"c": pd.Series([date(2024, 1, 1), 5, datetime(2024, 1, 3, 15, 30)], dtype=object)})
    files.write(frame, tmp_path / "a.parquet", ".parquet")
    assert pd.read_parquet(tmp_path / "a.parquet")["c"].tolist() == ["2024-01-01", "5", "2024-01-03 15:30:00"]
    files.write(frame, tmp_path / "a.csv", ".csv")
    assert "1970" not in (tmp_path / "a.csv").read_text("utf-8")
