"""Whether probabilities mean what they say: of labels given with 80 % confidence, 80 % should be right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import narwhals as nw
import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.tables.frames import Kind
from dataforge.aggregation.tables.known import known_pairs
from dataforge.arguments import named_entries, named_entry
from dataforge.errors import AggregationError
from dataforge.metrics._reliability_plot import draw

__all__ = ["Reliability", "expected_calibration_error", "reliability"]

Strategy = Literal["uniform", "quantile"]


@named_entries
@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Confidence and accuracy of the most probable labels, by bin of confidence; empty bins are left out.

    All arrays have one entry per bin: its limits `low` and `high`, its mean `confidence`, the share of right labels
    `accuracy`, and the `count` of tasks, or the sum of their weights. In a notebook it shows itself as a plot.
    """

    low: Floats
    high: Floats
    confidence: Floats
    accuracy: Floats
    count: Places

    @property
    def expected_error(self) -> float:
        """Mean absolute gap between confidence and accuracy over the tasks."""
        total = self.count.sum()
        gaps = np.abs(self.accuracy - self.confidence)
        return float((gaps * self.count).sum() / total) if total else float("nan")

    @property
    def largest_error(self) -> float:
        """The largest gap of a bin."""
        return float(np.abs(self.accuracy - self.confidence).max()) if len(self.count) else float("nan")

    def to_svg(self, title: str = "") -> str:
        """The reliability plot: accuracy over confidence, with the number of tasks of each bin below."""
        return draw(self.low, self.high, self.confidence, self.accuracy, self.count, self.expected_error, title)

    def save(self, path: str | Path, title: str = "") -> None:
        """Write the plot to an SVG file, whose name ends in `.svg`."""
        if Path(path).suffix.lower() != ".svg":
            raise AggregationError(f"the plot is an SVG picture: a name that ends in .svg is needed, got {str(path)!r}")
        Path(path).write_text(self.to_svg(title), encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.to_svg()


@named_entry
def reliability(probabilities: Any, true_labels: Any, n_bins: int = 10, strategy: Strategy = "uniform") -> Reliability:
    """Confidence and accuracy of each task's most probable label, by bin of confidence.

    Args:
        probabilities: a table like `probas_`: one row per task (the index of a pandas table, else the column `task`),
            one column per label. Of equally probable labels the first column counts.
        true_labels: one true label by task; tasks without one are left out.
        n_bins: number of bins.
        strategy: bins of one width (`"uniform"`), or with as many tasks each (`"quantile"`).
    """
    if n_bins < 1:
        raise AggregationError(f"n_bins needs to be 1 or more, got {n_bins!r}")
    confidence, right = _judged(probabilities, true_labels)
    return _in_bins(confidence, right, None, _bin_edges(confidence, n_bins, strategy))


def weighed(confidence: Floats, right: Flags, weight: Floats, n_bins: int = 10) -> Reliability:
    """The same of claims that were judged one by one, in bins of one width, each claim with a weight."""
    return _in_bins(confidence, right, weight, _bin_edges(confidence, n_bins, "uniform"))


def _in_bins(confidence: Floats, right: Flags, weight: Floats | None, edges: Floats) -> Reliability:
    """Claims in bins between these edges; each counts once where there are no weights."""
    # A confidence on the edge of two bins belongs to the lower one.
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, len(edges) - 2)
    each: Floats | int = 1 if weight is None else weight
    count = np.bincount(place, weight, len(edges) - 1)
    kept = np.flatnonzero(count)
    sums = np.bincount(place, confidence * each, len(edges) - 1)[kept]
    hits = np.bincount(place, right * each, len(edges) - 1)[kept]
    return Reliability(edges[kept], edges[kept + 1], sums / count[kept], hits / count[kept], count[kept])


@named_entry
def expected_calibration_error(
    probabilities: Any, true_labels: Any, n_bins: int = 10, strategy: Strategy = "uniform"
) -> float:
    """Mean absolute gap between the confidence of the most probable labels and their accuracy, in bins."""
    return reliability(probabilities, true_labels, n_bins, strategy).expected_error


def _judged(probabilities: Any, true_labels: Any) -> tuple[Floats, Flags]:
    """Confidence of each task's most probable label and whether it is right, for tasks with a true label."""
    tasks, labels, matrix, kind = _table_of(probabilities)
    if len(matrix) and not (matrix.min() >= 0 and matrix.max() <= 1 + 1e-9):
        raise AggregationError(
            f"probabilities need to be between 0 and 1, got {float(matrix.min())!r} to {float(matrix.max())!r}"
        )
    keys, values = known_pairs(true_labels, "true_labels", kind)
    # Column names of other kinds of tables are texts, whatever the labels are.
    truth = dict(zip(keys.to_list(), values.to_list(), strict=True))
    wanted = [truth.get(task) for task in tasks]
    known = np.array([label is not None and label == label for label in wanted], np.bool_)
    if not known.any():
        raise AggregationError("true_labels name none of the tasks that have probabilities")
    best = matrix.argmax(axis=1)
    as_text = not kind.is_pandas
    right = np.array(
        [(str(label) if as_text else label) == labels[code] for label, code in zip(wanted, best.tolist(), strict=True)],
        np.bool_,
    )
    return np.minimum(matrix.max(axis=1), 1.0)[known], right[known]


def _table_of(probabilities: Any) -> tuple[list[Any], list[Any], Floats, Kind]:
    """Tasks, labels and the matrix of a table of probabilities."""
    try:
        frame: nw.DataFrame[Any] = nw.from_native(probabilities, eager_only=True)
    except TypeError as error:
        raise AggregationError(f"probabilities need to be a table, got {type(probabilities).__name__}") from error
    kind = Kind(frame.implementation)
    if kind.is_pandas:
        return probabilities.index.tolist(), probabilities.columns.tolist(), probabilities.to_numpy(np.float64), kind
    if "task" not in frame.columns:
        raise AggregationError(f"probabilities need the column 'task', got {', '.join(map(repr, frame.columns))}")
    names = [name for name in frame.columns if name != "task"]
    return frame["task"].to_list(), names, frame.select(names).to_numpy().astype(np.float64), kind


def _bin_edges(confidence: Floats, n_bins: int, strategy: Strategy) -> Floats:
    """Limits of the bins, shape (n_bins + 1,) at most: equal quantiles fall together."""
    if strategy == "uniform":
        return np.linspace(0.0, 1.0, n_bins + 1)
    if strategy == "quantile":
        edges = np.unique(np.quantile(confidence, np.linspace(0.0, 1.0, n_bins + 1)))
        return edges if len(edges) > 1 else np.array([edges[0] - 1e-9, edges[0]])
    raise AggregationError(f"strategy needs to be 'uniform' or 'quantile', got {strategy!r}")
