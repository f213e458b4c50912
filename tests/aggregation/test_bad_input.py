"""What estimators and metrics do with input that is not as it should be: a clear error, or a defined result.

Every public estimator is here by itself: a new one is covered once it is in `dataforge.aggregation.__all__`. Every call
runs with warnings as errors, prints nothing, and leaves the table that it was given as it was.
"""

import datetime
import inspect
import re
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dataforge import aggregation
from dataforge.aggregation import MACE, MajorityVote
from dataforge.aggregation.base import (
    BaseClassificationAggregator,
    BaseEmbeddingsAggregator,
    BaseImageSegmentationAggregator,
    BaseNumericAggregator,
    BasePairwiseAggregator,
    BaseTextsAggregator,
    Estimator,
)
from dataforge.errors import AggregationError, AggregationWarning, MissingColumn
from dataforge.metrics.data import alpha_krippendorff, consistency, fleiss_kappa, uncertainty
from dataforge.metrics.workers import accuracy_on_aggregates, precision_recall
from dataforge.postprocessing import entropy_threshold


def counted_letters(text: str) -> list[float]:
    """An embedding of a text that needs no model."""
    return [float(text.count(letter)) for letter in "aeot "]


# What a constructor needs, and few iterations where the default takes long.
PARAMETERS: dict[str, dict[str, Any]] = {
    "BradleyTerry": {"n_iter": 50},
    "ClosestToAverage": {"distance": lambda one, two: float(np.abs(np.subtract(one, two)).sum())},
    "MACE": {"n_restarts": 2, "n_iter": 5},
    "NoisyBradleyTerry": {"n_iter": 5},
    "ROVER": {"tokenizer": str.split, "detokenizer": " ".join},
    "TextHRRASA": {"encoder": counted_letters},
    "TextRASA": {"encoder": counted_letters},
}
PUBLIC = {name: getattr(aggregation, name) for name in aggregation.__all__}
ESTIMATORS: dict[str, type[Estimator]] = {
    name: kind
    for name, kind in PUBLIC.items()
    if isinstance(kind, type) and issubclass(kind, Estimator) and not name.startswith("Base")
}


def of(*families: type[Estimator]) -> list[str]:
    return [name for name, kind in ESTIMATORS.items() if issubclass(kind, families)]


COMPARISONS = of(BasePairwiseAggregator)
NUMBERS = of(BaseNumericAggregator)
BY_TASK = [name for name in ESTIMATORS if name not in COMPARISONS]
LABELS = [name for name in of(BaseClassificationAggregator) if name != "BinaryRelevance"]
# Whose columns of workers are not read.
WORKERLESS = ["AverageWinRate", "BradleyTerry", "Davidson", "Elo", "ROVER"]
ANSWER = dict.fromkeys(ESTIMATORS, "label")
ANSWER |= dict.fromkeys(of(BaseTextsAggregator), "text") | dict.fromkeys(of(BaseEmbeddingsAggregator), "embedding")
ANSWER |= dict.fromkeys(of(BaseImageSegmentationAggregator), "segmentation")

EACH = pytest.mark.parametrize("name", list(ESTIMATORS))
EACH_BY_TASK = pytest.mark.parametrize("name", BY_TASK)
EACH_OF_LABELS = pytest.mark.parametrize("name", LABELS)
EACH_OF_COMPARISONS = pytest.mark.parametrize("name", COMPARISONS)


@pytest.fixture(autouse=True)
def silence(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing is printed and no warning leaks; that a result is not to be trusted may be said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", AggregationWarning)
        yield
    assert capsys.readouterr() == ("", "")


def made(name: str, **parameters: Any) -> Any:
    return ESTIMATORS[name](**PARAMETERS.get(name, {}), **parameters)


def table(name: str, n_tasks: int = 4, n_workers: int = 3) -> pd.DataFrame:
    """Answers as the estimator takes them."""
    rng = np.random.default_rng(0)
    if name in COMPARISONS:
        pairs = [("x", "y"), ("y", "z"), ("z", "x"), ("x", "z")]
        rows = [(f"w{worker}", left, right, left) for worker in range(n_workers) for left, right in pairs]
        return pd.DataFrame(rows, columns=["worker", "left", "right", "label"])
    rows = [(f"t{task}", f"w{worker}") for task in range(n_tasks) for worker in range(n_workers)]
    data = pd.DataFrame(rows, columns=["task", "worker"])
    n = len(data)
    label = [("a", "b")[(k // n_workers + (k == 5)) % 2] for k in range(n)]
    if name == "BinaryRelevance":
        return data.assign(label=[[one] for one in label])
    if name in NUMBERS:
        return data.assign(label=rng.normal(size=n))
    if ANSWER[name] == "text":
        return data.assign(text=[f"{one} cat sat" for one in label])
    if ANSWER[name] == "embedding":
        return data.assign(output=[f"output {k}" for k in range(n)], embedding=list(rng.normal(size=(n, 3))))
    if ANSWER[name] == "segmentation":
        return data.assign(segmentation=[mask > 0.5 for mask in rng.random((n, 3, 4))])
    return data.assign(label=label)


def asked(name: str, data: Any, **parameters: Any) -> Any:
    """What the estimator makes of the table, which it leaves as it is."""
    before = data.copy(deep=True) if isinstance(data, pd.DataFrame) else None
    gold = ({"t0": "a", "t1": "b", "t2": "a", "t3": "b"},) if name == "GoldMajorityVote" else ()
    try:
        return made(name, **parameters).fit_predict(data, *gold)
    finally:
        if before is not None:
            pd.testing.assert_frame_equal(data, before)


def complaint(call: Callable[[], Any]) -> str:
    """The message of the error, in the form that all have."""
    with pytest.raises(AggregationError) as caught:
        call()
    message = str(caught.value)
    assert "need" in message or "got" in message, message
    assert "\n" not in message
    assert not message.endswith(".")
    return message


def with_answer(name: str, value: Any, row: int = 0) -> pd.DataFrame:
    """The table with another answer in one row."""
    return with_value(name, ANSWER[name], value, row)


def with_value(name: str, column: str, value: Any, row: int = 0) -> pd.DataFrame:
    data = table(name)
    values = data[column].tolist()
    values[row] = value
    series = pd.Series(index=data.index, dtype=object)
    series[:] = values
    data[column] = series
    return data


@EACH
def test_what_is_no_table_is_refused_with_a_way_to_make_one(name: str) -> None:
    good = table(name)
    for wrong in ([1], {"task": ["t"]}, np.zeros((2, 3)), None, "answers.csv", good.to_dict("records"), good["worker"]):
        message = complaint(lambda wrong=wrong: asked(name, wrong))  # type: ignore[misc]
        assert f"need to be a table (pandas, polars or Arrow), got {type(wrong).__name__}" in message
        assert "pandas.DataFrame(...) makes one" in message
    assert "collect() it first" in complaint(lambda: asked(name, pl.LazyFrame({"task": ["t"]})))


@EACH
def test_a_missing_column_is_named_beside_those_that_are_there(name: str) -> None:
    good = table(name)
    for column in good.columns:
        if column == "worker" and name in WORKERLESS:
            assert len(asked(name, good.drop(columns=column)))
            continue
        there = ", ".join(repr(other) for other in good.columns if other != column)
        assert f"{column!r} not found among {there}" in complaint(
            lambda column=column: asked(name, good.drop(columns=column))  # type: ignore[misc]
        )
    assert "not found among no columns" in complaint(lambda: asked(name, pd.DataFrame()))


@EACH_BY_TASK
def test_a_column_that_is_in_the_index_is_found_there(name: str) -> None:
    message = complaint(lambda: asked(name, table(name).set_index("task")))
    assert "'task' is in the index: pass data.reset_index()" in message


@EACH
def test_a_column_must_not_come_twice_but_others_may(name: str) -> None:
    good = table(name)
    twice = pd.concat([good, good[[ANSWER[name]]]], axis=1)
    assert f"need each column once: {ANSWER[name]!r} repeats among" in complaint(lambda: asked(name, twice))
    other = pd.DataFrame([[1, 2]] * len(good), columns=["seconds", "seconds"])
    assert len(asked(name, pd.concat([good, other], axis=1))) == len(asked(name, good))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT], ids=str)
@EACH_BY_TASK
def test_a_missing_task_or_worker_is_an_error(name: str, missing: Any) -> None:
    for column in ("task", "worker"):
        if column == "task" or name not in WORKERLESS:
            message = complaint(lambda column=column: asked(name, with_value(name, column, missing, row=2)))  # type: ignore[misc]
            assert f"column {column!r} needs a value in every row" in message


@EACH_OF_COMPARISONS
def test_a_missing_side_of_a_comparison_is_an_error(name: str) -> None:
    for column in ("left", "right"):
        message = complaint(lambda column=column: asked(name, with_value(name, column, None, row=2)))  # type: ignore[misc]
        assert f"column {column!r} needs an item in every row; row 2 does not (1 in all)" in message
    alike = table(name).assign(right=table(name)["left"])
    assert "need to be two different items; row 0 does not (12 in all)" in complaint(lambda: asked(name, alike))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT], ids=str)
@pytest.mark.parametrize("name", [*LABELS, *NUMBERS, "BinaryRelevance"])
def test_a_missing_label_is_no_answer(name: str, missing: Any) -> None:
    good = table(name)
    found = asked(name, with_answer(name, missing, row=4))
    expected = asked(name, good.drop(index=4))
    assert list(found.index) == list(expected.index)
    assert found.tolist() == (pytest.approx(expected.tolist()) if name in NUMBERS else expected.tolist())


@pytest.mark.parametrize("name", [name for name in BY_TASK if ANSWER[name] != "label"])
def test_a_missing_text_embedding_or_mask_is_an_error(name: str) -> None:
    for missing in (None, np.nan, pd.NA):
        message = complaint(lambda missing=missing: asked(name, with_answer(name, missing)))  # type: ignore[misc]
        assert f"column {ANSWER[name]!r} needs" in message


@pytest.mark.parametrize("name", [*LABELS, *NUMBERS])
def test_a_task_or_a_worker_without_answers_is_in_no_result(name: str) -> None:
    data = table(name)
    data.loc[(data["task"] == "t1") | (data["worker"] == "w0"), "label"] = None
    model = made(name)
    gold = ({"t0": "a", "t2": "a"},) if name == "GoldMajorityVote" else ()
    assert list(model.fit_predict(data, *gold).index) == ["t0", "t2", "t3"]
    if hasattr(model, "skills_"):
        assert list(model.skills_.index) == ["w1", "w2"]
    nobody = table(name).assign(label=pd.Series([None] * 12, dtype=object))
    assert len(asked(name, nobody)) == 0


@pytest.mark.parametrize("kind", ["polars", "arrow"])
@pytest.mark.parametrize("name", [*LABELS, *NUMBERS])
def test_missing_values_of_other_tables_are_missing_too(name: str, kind: str) -> None:
    rows = {"task": [1.0, 1.0, 2.0, 2.0], "worker": [1.0, 2.0, 1.0, 2.0], "label": [0.0, 0.0, 1.0, 1.0]}
    build: Any = pl.DataFrame if kind == "polars" else pa.table
    for gap in (None, float("nan")):
        if name == "GoldMajorityVote":
            break  # learns from known answers by task, which the next test has
        without = asked(name, build(rows | {"label": [0.0, 0.0, gap, gap]}))
        assert list(without["task"].to_list() if kind == "polars" else without["task"].to_pylist()) == [1.0]
    for gap in (None, float("nan")):
        for column in ("task", "worker"):
            broken = build(rows | {column: [*rows[column][:3], gap]})
            message = complaint(lambda broken=broken: asked(name, broken))  # type: ignore[misc]
            assert f"column {column!r} needs a value in every row; row 3 has none" in message


def days(values: list[int], **more: Any) -> pd.Series:
    return pd.to_datetime(pd.Series([f"2024-01-{1 + value:02d}" for value in values]), **more)


TYPES: dict[str, Callable[[list[int]], pd.Series]] = {
    "unicode": lambda values: pd.Series([f"кот {value} 犬😀" for value in values]),
    "spaces and nothing": lambda values: pd.Series([" " * value for value in values]),
    "integers": lambda values: pd.Series([value * 10**12 for value in values]),
    "digits": lambda values: pd.Series([f"{value:03d}" for value in values]),
    "floats": lambda values: pd.Series([value + 0.5 for value in values]),
    "infinity": lambda values: pd.Series([[-np.inf, 0.0, 1.0, np.inf][value] for value in values]),
    "dates with a clock": lambda values: days(values),
    "dates with a zone": lambda values: days(values, utc=True),
    "dates": lambda values: pd.Series([datetime.date(2024, 1, 1 + value) for value in values]),
    "durations": lambda values: pd.Series(pd.to_timedelta(values, unit="h")),
    "periods": lambda values: pd.Series(pd.PeriodIndex(days(values), freq="D")),
    "decimals": lambda values: pd.Series([Decimal(value) for value in values]),
    "tuples": lambda values: pd.Series([(value, "x") for value in values]),
    "Arrow's texts": lambda values: pd.Series([f"v{value}" for value in values], dtype="string[pyarrow]"),
    "Arrow's integers": lambda values: pd.Series(values, dtype=pd.ArrowDtype(pa.int64())),
    "nullable integers": lambda values: pd.Series(values, dtype="Int64"),
    "sparse": lambda values: pd.Series(pd.arrays.SparseArray(values)),
    "categories": lambda values: pd.Series(pd.Categorical.from_codes(values, ["d", "a", "c", "b"], ordered=True)),
    "objects": lambda values: pd.Series(values, dtype=object),
    "names of columns": lambda values: pd.Series([["label", "skill", "task", "worker"][value] for value in values]),
}


@pytest.mark.parametrize("name", [name for name in BY_TASK if name != "GoldMajorityVote"])
def test_tasks_and_workers_may_be_of_any_type(name: str) -> None:
    data = table(name)
    task, worker = (data[column].str[1:].astype(int).tolist() for column in ("task", "worker"))
    expected = asked(name, data)
    for type_, column in TYPES.items():
        found = asked(name, data.assign(task=column(task), worker=column(worker)))
        assert list(found.index) == list(column([0, 1, 2, 3])), type_
        for one, other in zip(np.ravel(found.to_numpy()), np.ravel(expected.to_numpy()), strict=True):
            assert np.array_equal(one, other) or one == pytest.approx(other, rel=1e-9), type_


@EACH_OF_LABELS
def test_labels_may_be_of_any_type(name: str) -> None:
    data = table(name)
    code = (data["label"] == "b").astype(int).tolist()
    known = {"t0": "a", "t1": "b", "t2": "a", "t3": "b"}
    needs_known = name == "GoldMajorityVote"
    expected = made(name).fit_predict(data, *((known,) if needs_known else ()))
    booleans = {"booleans": lambda values: pd.Series([value == 1 for value in values])}
    for type_, column in {**TYPES, **booleans}.items():
        gold = (column([0, 1, 0, 1]).set_axis(list(known)),) if needs_known else ()
        found = made(name).fit_predict(data.assign(label=column(code)), *gold)
        assert list(found) == list(column([int(label == "b") for label in expected])), type_


@EACH_OF_COMPARISONS
def test_items_may_be_of_any_type(name: str) -> None:
    data = table(name)
    expected = asked(name, data).tolist()
    codes = {column: data[column].map({"x": 0, "y": 1, "z": 2}).tolist() for column in ("left", "right", "label")}
    for type_, values in TYPES.items():
        found = asked(name, data.assign(**{column: values(of_column) for column, of_column in codes.items()}))
        assert list(found.index) == list(values([0, 1, 2])), type_
        assert found.tolist() == pytest.approx(expected, rel=1e-9), type_


@pytest.mark.parametrize("other", [7, 7.5, True, ("x",), b"x"], ids=str)
@EACH
def test_items_and_labels_of_several_types_are_an_error(name: str, other: Any) -> None:
    if name in COMPARISONS:
        message = complaint(lambda: asked(name, with_value(name, "left", other)))
        assert "need to be of one type" in message or "label needs to equal left or right" in message
    if name in LABELS:
        assert "column 'label': values of one column need to be of one type" in complaint(
            lambda: asked(name, with_answer(name, other))
        )


@pytest.mark.parametrize("name", [name for name in BY_TASK if name != "GoldMajorityVote"])
def test_ids_of_tasks_and_workers_may_mix_types(name: str) -> None:
    data, mixed = table(name), {"t0": 7, "t1": 3.5, "w0": 0, "w1": 1}
    found = asked(name, data.assign(**{column: data[column].replace(mixed) for column in ("task", "worker")}))
    assert list(found.index) == [3.5, 7, "t2", "t3"]
    expected = asked(name, data).rename(index=mixed).loc[found.index]
    for one, other in zip(np.ravel(found.to_numpy()), np.ravel(expected.to_numpy()), strict=True):
        assert np.array_equal(one, other) or one == pytest.approx(other, rel=1e-9)


class Unhashable:
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("value", [["x"], {"x": 1}, {"x"}, np.zeros(2), Unhashable()], ids=lambda v: type(v).__name__)
@EACH
def test_values_that_cannot_be_told_apart_are_an_error(name: str, value: Any) -> None:
    column = "left" if name in COMPARISONS else "task"
    message = complaint(lambda: asked(name, with_value(name, column, value)))
    assert f"column {column!r}: values need to be hashable, got" in message
    assert type(value).__name__ in message


@pytest.mark.parametrize("kind", ["pandas", "pandas without types", "polars", "arrow"])
@EACH
def test_an_empty_table_gives_an_empty_result(name: str, kind: str) -> None:
    empty: Any = table(name).head(0)
    if kind == "pandas without types":
        empty = pd.DataFrame({column: [] for column in empty.columns})
    elif kind != "pandas":
        empty = pa.table({column: pa.array([], pa.string()) for column in empty.columns})
        empty = pl.from_arrow(empty) if kind == "polars" else empty
    assert len(asked(name, empty)) == 0


@EACH
def test_one_answer_one_task_and_one_worker_are_defined(name: str) -> None:
    good = table(name)
    assert len(asked(name, good.head(1))) == (2 if name in COMPARISONS else 1)
    assert len(asked(name, good[good["worker"] == "w0"])) == (3 if name in COMPARISONS else 4)
    if name in BY_TASK:
        assert len(asked(name, good[good["task"] == "t0"])) == 1


@EACH_OF_LABELS
def test_one_label_is_the_answer_to_everything(name: str) -> None:
    assert asked(name, table(name).assign(label="a")).tolist() == ["a"] * 4


@EACH
def test_thousands_of_answers_to_one_task_do_not_overflow(name: str) -> None:
    few = table(name, n_tasks=1, n_workers=40)
    # Who compares answers in pairs has 16 million pairs with 4,000 answers.
    many = pd.concat([few] * (10 if "HRRASA" in name else 100), ignore_index=True)
    if name in LABELS:
        many["label"] = np.where(np.arange(len(many)) % 3 == 0, "a", "b")
    found = asked(name, many)
    assert len(found) == (3 if name in COMPARISONS else 1)
    if name in LABELS:
        assert found.tolist() == ["b"]
    elif isinstance(found, pd.Series) and found.dtype.kind == "f":
        assert np.isfinite(found).all()


@EACH
def test_the_index_and_the_order_of_rows_do_not_matter(name: str) -> None:
    good = table(name)
    turned = good[::-1].set_axis([0] * len(good)).rename_axis("task")
    if name in ("ROVER", "Elo", "ClosestToAverage", "RASA", "HRRASA", "TextRASA", "TextHRRASA"):
        turned = good.set_axis([0] * len(good)).rename_axis("task")  # of equals the first row counts
    one, other = asked(name, good), asked(name, turned)
    assert list(one.index) == list(other.index)
    for left, right in zip(np.ravel(one.to_numpy()), np.ravel(other.to_numpy()), strict=True):
        assert np.array_equal(left, right) or left == pytest.approx(right, rel=1e-6)


# KOS and MACE start at random, so that of two workers who always contradict each other they come to believe one.
@pytest.mark.parametrize("name", [name for name in LABELS if name not in ("KOS", "MACE")])
def test_a_tie_goes_to_the_least_label(name: str) -> None:
    rows = [(f"t{task}", f"w{worker}", "ba"[(task + worker) % 2]) for task in range(4) for worker in range(2)]
    data = pd.DataFrame(rows, columns=["task", "worker", "label"])
    gold = ({"t0": "a", "t1": "a"},) if name == "GoldMajorityVote" else ()  # each of the two is right once
    assert made(name).fit_predict(data, *gold).tolist() == ["a"] * 4


@pytest.mark.parametrize("name", [*LABELS, "BinaryRelevance"])
def test_repeated_answers_count_as_asked(name: str) -> None:
    def build(duplicates: Any) -> dict[str, Any]:
        if name == "BinaryRelevance":
            return {"base_aggregator": aggregation.MajorityVote(duplicates=duplicates)}
        return {"duplicates": duplicates}

    good = table(name)
    again = pd.concat([good.assign(label=good["label"].to_numpy()[::-1]), good], ignore_index=True)
    assert asked(name, again, **build("last")).equals(asked(name, good))
    assert len(asked(name, again, **build("all"))) == 4
    with pytest.raises(AggregationError, match="12 answers repeat the task and worker of another; keep all"):
        asked(name, again, **build("error"))
    with pytest.raises(AggregationError, match="duplicates needs to be 'all', 'last' or 'error', got 'first'"):
        asked(name, again, **build("first"))


@pytest.mark.parametrize("name", ["MajorityVote", "SegmentationMajorityVote"])
def test_skills_need_to_be_numbers_of_zero_or_more_for_every_worker(name: str) -> None:
    data = table(name)
    good = {"w0": 1.0, "w1": 0.5, "w2": 0.0}
    wrong: list[tuple[Any, str]] = [
        (good | {"w1": -0.5}, "got -0.5"),
        (good | {"w1": np.inf}, "got inf"),
        (good | {"w1": "high"}, "need to be numbers"),
        ({"w0": 1.0, "w1": np.nan, "w2": 1.0}, "skills need every worker"),
        ({"w0": 1.0}, "skills need every worker"),
        ([1.0, 2.0, 3.0], "got list"),
        (0.7, "got float"),
    ]
    for skills, words in wrong:
        assert words in complaint(lambda skills=skills: made(name).fit(data, skills))  # type: ignore[misc]
    assert "on_missing_skill='value'" in complaint(lambda: made(name, default_skill=1.0).fit(data, {"w0": 1.0}))
    nothing = dict.fromkeys(good, 0.0)
    assert len(made(name).fit_predict(data, nothing)) == 4


@pytest.mark.parametrize(
    "name", ["DawidSkene", "GLAD", "GoldMajorityVote", "HierarchicalDawidSkene", "MACE", "OneCoinDawidSkene"]
)
def test_known_answers_of_any_kind_are_taken_or_refused(name: str) -> None:
    data = table(name)
    every = {"t0": "a", "t1": "b", "t2": "a", "t3": "b"}
    unseen = made(name).fit_predict(data, every | {"t3": "c", "stranger": "z"})
    assert list(unseen.index) == ["t0", "t1", "t2", "t3"]
    if name != "GoldMajorityVote":
        assert unseen["t3"] == "c"
    half = pd.Series({"t0": "a", "t1": None, "t2": "a", "t3": "b"})
    assert len(made(name).fit_predict(data, half)) == 4
    for wrong in (["a", "b"], "a", 7):
        assert "known answers need a pandas Series, a mapping or a table" in complaint(
            lambda wrong=wrong: made(name).fit_predict(data, wrong)  # type: ignore[misc]
        )
    assert "need to be of one type, got int, str" in complaint(lambda: made(name).fit_predict(data, every | {"t0": 1}))


def known_of(name: str, tasks: list[Any]) -> dict[str, Any]:
    """Something known of each task, as the argument of `fit` that takes it."""
    for argument, value in KNOWN.items():
        if argument in inspect.signature(ESTIMATORS[name].fit).parameters:
            return {argument: dict.fromkeys(tasks, [value] if name == "BinaryRelevance" else value)}
    return {}


KNOWN = {"true_labels": "a", "true_values": 1.0, "true_embeddings": np.arange(3.0), "true_objects": "the cat"}
KNOWING = [name for name in ESTIMATORS if known_of(name, [])]


@pytest.mark.parametrize("name", ["DawidSkene", "OneCoinDawidSkene"])
@pytest.mark.parametrize("wrong", [3, (1,), (1, "many"), (-1, 1), (1, 2, 3)])
def test_a_worker_prior_is_two_counts(name: str, wrong: Any) -> None:
    said = complaint(lambda: made(name, worker_prior=wrong).fit(table(name)))
    assert f"worker_prior needs two counts, right and wrong, of 0 or more, got {wrong!r}" in said


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_without_levels_have_no_labels(name: str) -> None:
    assert not hasattr(made(name).fit(table(name)), "labels_")


@pytest.mark.parametrize("name", KNOWING)
def test_known_answers_to_other_tasks_alone_are_an_error_that_shows_both_ids(name: str) -> None:
    data = table(name)
    for task in ("elsewhere", 7):
        said = complaint(lambda task=task: made(name).fit(data, **known_of(name, [task])))  # type: ignore[misc]
        assert f"tasks such as {task!r}" in said
        assert "tasks such as 't0'" in said
    of_numbers = data.assign(task=data["task"].str[1:].astype(int))
    said = complaint(lambda: made(name).fit(of_numbers, **known_of(name, ["0"])))
    assert "tasks such as '0', answers are to tasks such as 0" in said
    made(name).fit(data, **known_of(name, ["elsewhere", "t0"]))
    made(name).fit(data[:0], **known_of(name, ["elsewhere"]))


@pytest.mark.parametrize("name", [name for name in KNOWING if hasattr(ESTIMATORS[name], "partial_fit")])
def test_known_answers_may_be_of_tasks_to_come_alone(name: str) -> None:
    model = made(name)
    for _ in range(2):
        model.partial_fit(table(name), **known_of(name, ["elsewhere"]))


@pytest.mark.parametrize("name", of(BaseImageSegmentationAggregator))
def test_masks_are_booleans_of_one_shape(name: str) -> None:
    message = complaint(lambda: asked(name, with_answer(name, np.ones((5, 6), bool))))
    assert "task 't0': masks need to have one shape, got (3, 4), (5, 6)" in message
    for wrong in (np.full((3, 4), 0.5), np.full((3, 4), 2), np.full((3, 4), np.nan), "mask", 1j):
        message = complaint(lambda wrong=wrong: asked(name, with_answer(name, wrong)))  # type: ignore[misc]
        assert "column 'segmentation' needs" in message
    numbers = table(name)
    numbers["segmentation"] = [mask.astype(int) for mask in numbers["segmentation"]]
    for one, other in zip(asked(name, numbers), asked(name, table(name)), strict=True):
        assert np.array_equal(one, other)
    blank = table(name)
    blank["segmentation"] = [np.zeros((3, 4), bool)] * 12
    assert not any(mask.any() for mask in asked(name, blank)) or name == "SegmentationRASA"


@pytest.mark.parametrize("name", of(BaseEmbeddingsAggregator))
def test_embeddings_are_finite_vectors_of_one_length(name: str) -> None:
    for wrong, words in [
        (np.zeros(4), "vectors of one length in every row, got the shapes (3,), (4,)"),
        (np.zeros((3, 1)), "got the shapes (3,), (3, 1)"),
        (1.0, "got the shapes (), (3,)"),
        (np.array([1.0, np.nan, 0.0]), "row 0 has others"),
        (np.array([1.0, np.inf, 0.0]), "row 0 has others"),
        (["a", "b", "c"], "vectors of numbers in every row"),
    ]:
        assert words in complaint(lambda wrong=wrong: asked(name, with_answer(name, wrong)))  # type: ignore[misc]


@pytest.mark.parametrize("name", of(BaseTextsAggregator))
def test_texts_are_texts(name: str) -> None:
    numbers = table(name).assign(text=1.5)
    assert "column 'text' needs texts, got float" in complaint(lambda: asked(name, numbers))
    assert asked(name, table(name).assign(text="")).tolist() == [""] * 4


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_finite_numbers(name: str) -> None:
    assert "labels need to be finite numbers" in complaint(lambda: asked(name, with_answer(name, np.inf)))
    assert "labels need to be numbers" in complaint(lambda: asked(name, with_answer(name, "tall")))
    levels = ["low", "middle", "high"]
    words = table(name).assign(label=["low", "high", "tall"] * 4)
    with pytest.raises(AggregationError, match=r"labels \['tall'\] are not among the levels"):
        asked(name, words, levels=levels)


@EACH_OF_COMPARISONS
def test_items_that_nothing_compares_get_scores_all_the_same(name: str) -> None:
    rows = [("w", "a", "b", "a"), ("w", "b", "a", "b"), ("w", "c", "d", "c"), ("w", "d", "c", "d")]
    apart = pd.DataFrame(rows, columns=["worker", "left", "right", "label"])
    found = asked(name, apart)
    assert list(found.index) == ["a", "b", "c", "d"]
    assert np.isfinite(found).all()
    one_way = apart.iloc[[0, 2]]
    assert np.isfinite(asked(name, one_way)).all()


@EACH_OF_COMPARISONS
def test_a_winner_is_one_of_the_two(name: str) -> None:
    message = complaint(lambda: asked(name, with_value(name, "label", "nobody", row=3)))
    assert "label needs to equal left or right, or be missing for a tie, got 'nobody'" in message
    assert "Davidson(tie='nobody'); row 3 does not (1 in all)" in message


METRICS: dict[str, Callable[[Any], Any]] = {
    "alpha_krippendorff": alpha_krippendorff,
    "fleiss_kappa": fleiss_kappa,
    "consistency": consistency,
    "uncertainty": uncertainty,
    "accuracy_on_aggregates": accuracy_on_aggregates,
    "precision_recall": lambda data: precision_recall(data, {"t0": "a"}),
    "entropy_threshold": lambda data: entropy_threshold(data, percentile=0),
}


@pytest.mark.parametrize("metric", list(METRICS))
def test_metrics_refuse_what_estimators_refuse(metric: str) -> None:
    measure, good = METRICS[metric], table("MajorityVote")
    for wrong in ([1], None, "answers.csv", np.zeros((2, 3))):
        assert f"got {type(wrong).__name__}" in complaint(lambda wrong=wrong: measure(wrong))  # type: ignore[misc]
    for column in ("task", "label"):
        assert f"{column!r} not found" in complaint(lambda column=column: measure(good.drop(columns=column)))  # type: ignore[misc]
    missing = with_value("MajorityVote", "task", None, row=2)
    assert "column 'task' needs a value in every row; row 2 has none" in complaint(lambda: measure(missing))
    assert "need to be of one type" in complaint(lambda: measure(with_value("MajorityVote", "label", 7)))


@pytest.mark.parametrize("metric", list(METRICS))
@pytest.mark.parametrize("type_", ["names of columns", "dates with a zone", "infinity", "categories", "unicode"])
def test_metrics_take_labels_of_any_name(metric: str, type_: str) -> None:
    data = table("MajorityVote")
    code = (data["label"] == "b").astype(int).tolist()
    known = {"t0": TYPES[type_]([0])[0]}
    measure = METRICS[metric] if metric != "precision_recall" else lambda answers: precision_recall(answers, known)
    found, expected = measure(data.assign(label=TYPES[type_](code))), METRICS[metric](data)
    if isinstance(expected, float):
        assert found == pytest.approx(expected)
    else:
        assert len(found) == len(expected)


def test_skills_of_metrics_are_probabilities_of_every_worker() -> None:
    data = table("MajorityVote")
    for skills in ({"w0": 1.2, "w1": 0.5, "w2": 0.5}, {"w0": -0.1, "w1": 0.5, "w2": 0.5}):
        for measure in (consistency, uncertainty):
            assert "skills need to be between 0 and 1" in complaint(
                lambda measure=measure, skills=skills: measure(data, skills)  # type: ignore[misc]
            )
    assert "workers_skills need every worker, 2 have none, such as 'w1'" in complaint(
        lambda: uncertainty(data, {"w0": 0.5})
    )


WRONG = {
    "n_iter": [-1, 2.5, 10.0, "many", None, float("nan"), True, [3]],
    "tol": [float("nan"), "small", None, True, 1j, [0.1]],
    "random_state": [-1, 1.5, "seed", float("nan"), {}],
}
GOOD = {
    "n_iter": [0, 3, np.int32(2)],
    "tol": [0, 0.0, -1e9, np.float32(0.1), float("inf")],
    "random_state": [None, 0, 7, np.int64(3)],
}
WITH_CHECKS = [
    (name, one) for name, kind in ESTIMATORS.items() for one in WRONG if one in inspect.signature(kind).parameters
]


def intervals_of(kind: type[Estimator]) -> list[str]:
    return [one for one in dir(kind) if one.endswith("intervals") and not one.startswith("_")]


def constructed(name: str, **parameters: Any) -> Any:
    return ESTIMATORS[name](**PARAMETERS.get(name, {}) | parameters)


def test_every_parameter_with_a_check_is_met_somewhere() -> None:
    assert {one for _, one in WITH_CHECKS} == set(WRONG)
    assert len({name for name, _ in WITH_CHECKS}) >= 18


@pytest.mark.parametrize(("name", "parameter"), WITH_CHECKS)
def test_a_parameter_that_cannot_be_is_refused_when_it_is_set(name: str, parameter: str) -> None:
    for wrong in WRONG[parameter]:
        asked_for = f"{name}: {parameter} needs to be a "
        for call in (
            lambda wrong=wrong: constructed(name, **{parameter: wrong}),  # type: ignore[misc]
            lambda wrong=wrong: constructed(name).set_params(**{parameter: wrong}),  # type: ignore[misc]
        ):
            message = complaint(call)
            assert message.startswith(asked_for), message
            assert message.endswith(f", got {wrong!r}")


@pytest.mark.parametrize(("name", "parameter"), WITH_CHECKS)
def test_a_parameter_at_its_limits_works(name: str, parameter: str) -> None:
    gold = ({"t0": "a", "t1": "b", "t2": "a", "t3": "b"},) if name == "GoldMajorityVote" else ()
    for good in GOOD[parameter]:
        assert len(constructed(name, **{parameter: good}).fit_predict(table(name), *gold))


@cache
def fitted(name: str) -> Any:
    """An estimator that has seen answers: asking for intervals changes nothing of it."""
    gold = ({"t0": "a", "t1": "b", "t2": "a", "t3": "b"},) if name == "GoldMajorityVote" else ()
    return constructed(name).fit(table(name), *gold)


@pytest.mark.parametrize("level", [0, 1, -0.1, 1.5, float("nan"), "high", None, True])
@pytest.mark.parametrize("name", [name for name, kind in ESTIMATORS.items() if intervals_of(kind)])
def test_a_level_that_is_no_probability_is_refused(name: str, level: Any) -> None:
    model = fitted(name)
    for one in intervals_of(ESTIMATORS[name]):
        message = complaint(lambda one=one: getattr(model, one)(level=level))  # type: ignore[misc]
        assert message.startswith("level needs to be a number between 0 and 1")


@pytest.mark.parametrize(
    ("columns", "advice"),
    [
        (("Task", "Worker", "Label"), "{'Task': 'task', 'Worker': 'worker', 'Label': 'label'}"),
        (("task", "performer", "output"), "{'performer': 'worker', 'output': 'label'}"),
    ],
)
def test_columns_of_other_names_are_refused_with_how_to_rename_them(columns: tuple[str, ...], advice: str) -> None:
    data = pd.DataFrame([("t", "w", "a")], columns=list(columns))
    with pytest.raises(MissingColumn, match=re.escape(f"rename them: data.rename(columns={advice})")):
        MajorityVote().fit(data)


def test_mace_advises_where_rare_labels_end_as_those_of_many_tasks() -> None:
    def crowd(share: float) -> tuple[pd.DataFrame, pd.Series]:
        rng = np.random.default_rng(0)
        right = pd.Series(rng.random(300) < share, index=[f"t{n}" for n in range(300)])
        rows = [
            (task, f"w{worker}", bool(truth) if rng.random() < 0.75 else bool(rng.random() < 0.5))
            for task, truth in right.items()
            for worker in rng.choice(20, 3, replace=False)
        ]
        return pd.DataFrame(rows, columns=["task", "worker", "label"]), right

    data, right = crowd(0.1)
    with pytest.warns(AggregationWarning, match="labels_priors='votes'"):
        equal = MACE().fit_predict(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        held = MACE(labels_priors="votes").fit_predict(data)
        MACE().fit(crowd(0.5)[0])
    held, equal = (found.reindex(right.index) for found in (held, equal))
    assert (held == right).mean() > (equal == right).mean() + 0.03
