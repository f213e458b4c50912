"""Tables to codes and back."""

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from dataforge.aggregation import MajorityVote
from dataforge.aggregation.kernels.passes.choice import FEWEST
from dataforge.aggregation.tables.frames import encode

COLUMNS = [
    pd.Series(["b", "a", None, "b"]),
    pd.Series(["b", "a", None, "b"], dtype=object),
    pd.Series(pd.Categorical(["b", "a", None, "b"], categories=["b", "unused", "a"])),
    pd.Series(["b", "a", None, "b"], dtype="string[pyarrow]"),
    pl.Series(["b", "a", None, "b"]),
    pl.Series(["b", "a", None, "b"], dtype=pl.Categorical),
    pa.chunked_array([["b", "a"], [None, "b"]]),
    pa.chunked_array([pa.array(["b", "a"]).dictionary_encode(), pa.array([None, "b"]).dictionary_encode()]),
]


@pytest.mark.parametrize(
    "column", COLUMNS, ids=lambda column: f"{type(column).__module__}-{getattr(column, 'dtype', '')}"
)
def test_every_kind_of_text_column_has_the_same_codes(column: Any) -> None:
    found = encode(nw.from_native(column, series_only=True))
    assert found.codes.dtype == np.int32
    assert found.values.take(found.codes[[0, 1, 3]]).to_list() == ["b", "a", "b"]
    assert found.codes[2] == -1
    assert len(found.values) == 2


@pytest.mark.parametrize("values", [[3, 1, 3, 10**6], [10**15, 5, 10**15], [True, False], [1.5, -2.0], [-3, 4]])
@pytest.mark.parametrize("kind", [pd.Series, pl.Series, lambda values: pa.chunked_array([values])])
def test_numbers_keep_their_values_and_order(kind: Any, values: list[Any]) -> None:
    found = encode(nw.from_native(kind(values), series_only=True))
    assert found.values.take(found.codes).to_list() == values
    assert found.values.take(found.values.order()).to_list() == sorted(set(values))


def test_unsigned_and_short_integers_do_not_wrap() -> None:
    for dtype in ("int8", "uint8", "int16", "uint64"):
        values = [100, 0, 127] if dtype != "int8" else [100, -100, 127]
        found = encode(nw.from_native(pd.Series(values, dtype=dtype), series_only=True))
        assert found.values.take(found.codes).to_list() == values


def test_many_texts_are_coded_alike_whatever_their_length() -> None:
    rng = np.random.default_rng(0)
    for width in (8, 30):
        texts = pa.array([f"{i:0{width}d}" for i in rng.integers(0, 20_000, FEWEST)])
        for array in (texts, texts.slice(7), texts.cast(pa.large_string())):
            found = encode(nw.from_native(pa.chunked_array([array]), series_only=True))
            assert found.values.take(found.codes).to_list() == array.to_pylist()
            names = found.values.take(found.values.order()).to_list()
            assert names == sorted(names)


@pytest.mark.parametrize("missing", [False, True])
def test_polars_categories_give_what_their_texts_give(missing: bool) -> None:
    rng = np.random.default_rng(5)
    # Categories of one process share their codes: these come first, and in the order of no alphabet.
    pl.Series(["zebra", "label 2", "worker 7"], dtype=pl.Categorical)
    columns = {
        name: [f"{name} {code}" for code in rng.integers(0, n, 3000)]
        for name, n in (("task", 600), ("worker", 20), ("label", 4))
    }
    text = pl.DataFrame(columns)
    if missing:
        text = text.with_columns(label=pl.when(pl.int_range(pl.len()) % 7 > 0).then("label"))
    coded = text.with_columns(pl.all().cast(pl.Categorical))
    # A part of a table has a part of the categories.
    for rows in (slice(None), slice(1000, 1500), slice(0, 0)):
        mine, theirs = MajorityVote().fit(coded[rows]), MajorityVote().fit(text[rows])
        assert_frame_equal(mine.probas_, theirs.probas_)
        assert_frame_equal(mine.labels_, theirs.labels_)
        assert_frame_equal(mine.skills_, theirs.skills_)
