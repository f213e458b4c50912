"""Answers of workers who always answer alike, left out."""

from __future__ import annotations

import warnings
from typing import Any

import narwhals as nw
import numpy as np

from dataforge.aggregation.tables.frames import encode, read
from dataforge.aggregation.tables.labels import numbers_by, read_labels
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError
from dataforge.metrics.data import uncertainty

__all__ = ["entropy_threshold"]

# Equal entropies differ in the last digits with the order of a sum; workers that close stand or fall together.
SAME = 1e-9


@named_entry
def entropy_threshold(answers: Any, workers_skills: Any = None, percentile: float = 10, min_answers: int = 2) -> Any:
    """The answers without those of workers whose labels vary least.

    Who presses the same button all the time has an entropy near 0. Workers whose entropy is at the given percentile
    or below are left out. The rows keep their order, other columns and pandas index. Warns when half of the rows go.

    Args:
        answers: a table with the columns `task`, `worker`, `label`.
        workers_skills: skills by worker, as in `uncertainty`.
        percentile: 0 to 100, over the workers who can be left out.
        min_answers: workers with fewer answers stay.
    """
    if not 0 <= percentile <= 100:
        raise AggregationError(f"percentile needs to be between 0 and 100, got {percentile!r}")
    _, kind = read(answers, ["task", "worker", "label"])
    frame: nw.DataFrame[Any] = nw.from_native(answers, eager_only=True)
    worker = encode(frame["worker"])
    answered = ~frame["label"].is_null().to_numpy()
    counts = np.bincount(worker.codes[answered & (worker.codes >= 0)], minlength=len(worker.values))
    enough = np.append(counts >= min_answers, False)[worker.codes]
    judged = frame.filter((enough & answered).tolist())
    if len(judged) == 0:
        return answers
    found = uncertainty(judged.to_native(), workers_skills, compute_by="worker", aggregate=False)
    responses = read_labels(judged.to_native())
    by_worker = numbers_by(responses.workers, found, "uncertainties", kind)
    low = by_worker <= np.percentile(by_worker, percentile) + SAME
    removed = responses.workers.take(np.flatnonzero(low)).to_list()
    kept = ~np.isin(worker.codes, worker.values.locate(_as_keys(removed, frame["worker"])))
    if kept.sum() <= len(frame) // 2:
        warnings.warn(
            f"entropy_threshold leaves out {len(frame) - int(kept.sum())} of {len(frame)} answers, half or more: "
            "a lower percentile or a higher min_answers keeps more",
            stacklevel=3,
        )
    return frame.filter(kept.tolist()).to_native()


def _as_keys(values: list[Any], like: nw.Series[Any]) -> nw.Series[Any]:
    """Values as a column of the same kind."""
    return nw.new_series("worker", values, backend=like.implementation)
