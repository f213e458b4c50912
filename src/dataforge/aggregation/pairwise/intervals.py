"""Confidence intervals for the scores of compared items."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.kernels.comparisons import PairCounts
from dataforge.aggregation.pairwise._strengths import Strengths, standard_errors
from dataforge.aggregation.parameters import check_level
from dataforge.aggregation.tables.frames import Kind, Table, read
from dataforge.aggregation.tables.values import ArrowValues, PandasValues, Values
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError, AggregationWarning

__all__ = ["Intervals", "bootstrap_intervals", "score_intervals"]


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Columns of the same length: `score`, `low`, `high`, and for models of strength `std_error` of the log score."""

    columns: Mapping[str, Floats]

    def table(self, kind: Kind, items: Values) -> Any:
        """The columns as a table of the kind that came in, one row per item."""
        return kind.columns(items, "label", self.columns)


def score_intervals(
    pairs: PairCounts, strengths: Strengths, level: float, prior: float = 0.0, seed: int = 0
) -> Intervals:
    """Intervals that hold the true score with probability `level`, from the normal law of its share's log odds.

    The scores of a connected part sum to its share of the items, so the limits stay inside. For an item that always
    won or always lost they are 0 and the part's share.
    """
    from scipy.stats import norm

    width = norm.ppf(0.5 + check_level(level) / 2)
    errors = standard_errors(pairs, strengths, prior, seed)
    whole = (np.bincount(strengths.part) / max(pairs.n_items, 1))[strengths.part]
    share = strengths.scores / whole
    with np.errstate(over="ignore", invalid="ignore"):
        factor = np.exp(width * errors.log_odds)
        low = whole * share / (share + (1 - share) * factor)
        high = whole * share / (share + (1 - share) / factor)
    unbounded = ~np.isfinite(errors.log_odds)
    return Intervals(
        {
            "score": strengths.scores,
            "std_error": errors.log_strength,
            "low": np.where(unbounded, 0.0, low),
            "high": np.where(unbounded, whole, high),
        }
    )


@named_entry
def bootstrap_intervals(
    aggregator: BasePairwiseAggregator,
    data: Table,
    n_resamples: int = 200,
    level: float = 0.95,
    random_state: int = 0,
) -> Any:
    """Scores with limits from resampled comparisons, for any pairwise method, one row per item.

    Comparisons are drawn with replacement and the method is fitted anew each time. An item that a resample lacks is
    left out of it.
    """
    tail = 100 * (1 - check_level(level)) / 2
    if n_resamples < 1:
        raise AggregationError(f"n_resamples needs to be 1 or more, got {n_resamples!r}")
    scores = aggregator.unfitted().fit_predict(data)
    names = [name for name in aggregator.columns if name in getattr(data, "columns", aggregator.columns)]
    frame, kind = read(data, names)
    items, values = _scores_of(scores, kind)
    place = {item: n for n, item in enumerate(items)}
    drawn = np.full((n_resamples, len(items)), np.nan)
    rng = np.random.default_rng(random_state)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AggregationWarning)  # of the whole there was one, if there was any
        for sample in drawn:
            rows = rng.integers(0, len(frame), len(frame))
            found = aggregator.unfitted().fit_predict(frame[rows.tolist()].to_native())
            for item, value in zip(*_scores_of(found, kind), strict=True):
                sample[place[item]] = value
    columns = {"score": values, "low": _column_percentile(drawn, tail), "high": _column_percentile(drawn, 100 - tail)}
    return Intervals(columns).table(kind, _item_values(scores, kind))


def _column_percentile(drawn: Floats, percent: float) -> Floats:
    """Percentile of each column, NaNs left out; NaN for a column that has nothing else."""
    result = np.full(drawn.shape[1], np.nan)
    there = ~np.isnan(drawn).all(axis=0)
    if there.any():
        result[there] = np.nanpercentile(drawn[:, there], percent, axis=0)
    return result


def _scores_of(scores: Any, kind: Kind) -> tuple[list[Any], Floats]:
    """Items and their scores, out of a result in any kind of table."""
    if kind.is_pandas:
        return scores.index.tolist(), scores.to_numpy(np.float64)
    frame, _ = read(scores, ["label", "agg_score"])
    return frame["label"].to_list(), frame["agg_score"].to_numpy()


def _item_values(scores: Any, kind: Kind) -> Values:
    """The items of a result as values that a table is made from."""
    if kind.is_pandas:
        return PandasValues(scores.index)
    frame, _ = read(scores, ["label", "agg_score"])
    array = frame["label"].to_arrow()
    return ArrowValues(array.combine_chunks() if hasattr(array, "combine_chunks") else array)
