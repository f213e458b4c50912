"""Helpers over pandas tables of answers and probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.base import Estimator, NamedSeries
from dataforge.errors import AggregationError, MissingColumn

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "add_skills_to_data",
    "clone_aggregator",
    "evaluate",
    "evaluate_equal",
    "evaluate_in",
    "factorize",
    "get_accuracy",
    "get_most_probable_labels",
    "manage_data",
    "named_series_attrib",
    "normalize_rows",
]

AnyEstimator = TypeVar("AnyEstimator", bound=Estimator)


def clone_aggregator(aggregator: AnyEstimator) -> AnyEstimator:
    """A new estimator with the same parameters and nothing learnt."""
    if not isinstance(aggregator, Estimator):
        raise AggregationError(f"an aggregator is needed, got {type(aggregator).__name__}")
    return aggregator.unfitted()


def evaluate_in(row: Any) -> int:
    """1 if the predicted label is among the true ones, else 0."""
    return int(row["label_pred"] in row["label_true"])


def evaluate_equal(row: Any) -> int:
    """1 if the predicted label is the true one, else 0."""
    return int(row["label_pred"] == row["label_true"])


def evaluate(df_true: pd.DataFrame, df_pred: pd.DataFrame, evaluate_func: Callable[[Any], int] = evaluate_in) -> float:
    """Mean score of predicted labels; both tables have the columns `task` and `label`, one row per task."""
    joined = df_true.merge(df_pred, on="task", suffixes=("_true", "_pred"))
    if len(joined) != len(df_true):
        raise AggregationError(f"one prediction is needed for each of {len(df_true)} tasks, {len(joined)} matched")
    return float(joined.apply(evaluate_func, axis=1).mean()) if len(joined) else float("nan")


def factorize(data: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Sorted distinct values of an array, and the array in places of theirs, in its own shape."""
    values, codes = np.unique(data, return_inverse=True)
    return values, codes.reshape(data.shape)


def get_most_probable_labels(proba: pd.DataFrame) -> pd.Series[Any]:
    """The column with the highest value of each row; of equal ones the first in sorted order, wherever it stands."""
    import pandas as pd

    if not proba.size:
        return pd.Series([], dtype=object)
    matrix = proba.to_numpy(np.float64)
    order = np.argsort(proba.columns) if proba.columns.is_unique else np.arange(proba.shape[1])
    best = order[np.nan_to_num(matrix[:, order], nan=-np.inf).argmax(axis=1)]
    return pd.Series(proba.columns.take(best), index=proba.index).rename(None)


def normalize_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """The table with each row scaled to sum to 1; a row that sums to 0 is spread evenly."""
    matrix = scores.to_numpy(np.float64)
    total = matrix.sum(axis=1, keepdims=True)
    even = np.full(matrix.shape, 1 / max(matrix.shape[1], 1))
    shares = np.divide(matrix, total, out=even, where=total != 0)
    return type(scores)(shares, index=scores.index, columns=scores.columns)


def manage_data(
    data: pd.DataFrame, weights: pd.Series[Any] | None = None, skills: pd.Series[Any] | None = None
) -> pd.DataFrame:
    """The columns `task`, `worker`, `label` with `weight` by task and `skill` by worker; 1 where none are given."""
    data = data[["task", "worker", "label"]]
    data = data.assign(weight=1) if weights is None else data.join(weights.rename("weight"), on="task")
    return data.assign(skill=1) if skills is None else data.join(skills.rename("skill"), on="worker")


def get_accuracy(data: pd.DataFrame, true_labels: pd.Series[Any], by: str | None = None) -> Any:
    """Share of answers that equal a true label: one number, or a Series by the column `by`.

    A task may have several true labels, as rows of the same index: each is right. Answers without a true label are
    left out; an answer given twice counts once. A column `weight` weighs the answers. `by` may be `true_label` too:
    a wrong answer counts for its task's first one.
    """
    import pandas as pd

    names = ["task", "worker", "label"]
    weight = data["weight"] if "weight" in data.columns else pd.Series(1.0, index=data.index)
    answers = data[names].assign(weight=weight)
    truths = pd.Series(true_labels, name="label").dropna()
    answers = answers[answers["task"].isin(truths.index)].drop_duplicates(names)
    right = pd.MultiIndex.from_arrays([truths.index, truths.to_numpy()])
    given = pd.MultiIndex.from_arrays([answers["task"], answers["label"]])
    scores = answers["weight"] * given.isin(right)
    if by == "true_label":
        first = answers["task"].map(truths[~truths.index.duplicated()])
        answers = answers.assign(true_label=answers["label"].where(given.isin(right), first))
    if by is not None and by not in answers.columns:
        raise MissingColumn(f"by needs to be 'task', 'worker', 'label' or 'true_label', got {by!r}")
    if by is None:
        return scores.sum() / answers["weight"].sum() if len(answers) else float("nan")
    return (scores.groupby(answers[by]).sum() / answers["weight"].groupby(answers[by]).sum()).rename(None)


def add_skills_to_data(
    data: pd.DataFrame,
    skills: pd.Series[Any],
    on_missing_skill: Literal["error", "ignore", "value"],
    default_skill: float | None,
) -> pd.DataFrame:
    """The table with a column `skill` of each row's worker.

    `on_missing_skill` says what becomes of rows whose worker has none: `"error"` refuses them, `"ignore"` leaves them
    out as long as each task keeps a row, `"value"` gives them `default_skill`.
    """
    if on_missing_skill not in ("error", "ignore", "value"):
        raise AggregationError(f"on_missing_skill needs to be 'error', 'ignore' or 'value', got {on_missing_skill!r}")
    if (default_skill is not None) != (on_missing_skill == "value"):
        raise AggregationError(
            "default_skill goes with on_missing_skill='value', and only with it; "
            f"got {default_skill!r} with {on_missing_skill!r}"
        )
    data = data.join(skills.rename("skill"), on="worker")
    missing = data["skill"].isna()
    if on_missing_skill == "value":
        return data.assign(skill=data["skill"].fillna(default_skill))
    if on_missing_skill == "error" and missing.any():
        raise AggregationError(
            f"skills need every worker, {int(missing.sum())} answers have none; choose another on_missing_skill"
        )
    kept = data[~missing]
    lost = data["task"].nunique() - kept["task"].nunique()
    if lost:
        raise AggregationError(f"skills need one worker of every task at least, {lost} tasks have none")
    return kept.reset_index(drop=True) if on_missing_skill == "ignore" else kept


def named_series_attrib(name: str) -> Any:
    """A class attribute that gives every Series put into it this name; for estimators of one's own."""
    return NamedSeries(name)
