"""Preference tests: which of two systems people prefer, how sure that is, and whether anybody does at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.kernels.opinions import limits, spread
from dataforge.aggregation.pairwise.comparisons import read_comparisons
from dataforge.aggregation.parameters import check_level
from dataforge.aggregation.score_plot import draw
from dataforge.aggregation.tables.frames import Table, encode, read
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError

__all__ = ["Preferences", "preference_test"]


@dataclass(frozen=True, slots=True, eq=False)
class Preferences:
    """What people prefer, by pair of systems; in a notebook a picture.

    `pairs` is a table with a row for each pair `first` (the index where there is one) and `second`: the `share` of
    answers that prefer the first, a tie being half of one; its limits `low` and `high`, NaN where nothing shows them
    (one worker or one task, or all answers alike); how many answers prefer each, `prefer_first` and `prefer_second`,
    and how many are `ties`; how many workers prefer each more often than the other, `workers_first` and
    `workers_second`; and `p_value`, how probable workers so much of one mind are where both are as good.
    """

    pairs: Any
    level: float
    _names: tuple[str, ...]
    _limits: tuple[Floats, Floats, Floats]

    def to_svg(self, title: str = "") -> str:
        """The shares with their limits as an SVG picture, what is preferred most first."""
        return draw(self._names, *self._limits, level=self.level, title=title)

    def _repr_html_(self) -> str:
        shown = getattr(self.pairs, "_repr_html_", None)
        return self.to_svg() + (shown() if shown else f"<pre>{escape(str(self.pairs))}</pre>")


class _Pair(NamedTuple):
    """One row of the table."""

    first: int
    second: int
    share: float
    low: float
    high: float
    prefer_first: int
    prefer_second: int
    ties: int
    workers_first: int
    workers_second: int
    p_value: float


@named_entry
def preference_test(data: Table, *, level: float = 0.95, tie: Any = None) -> Preferences:
    """Shares of preference with limits that hold them with probability `level`, and a sign test (A/B test).

    Workers compare what two systems made of a task: columns `left` and `right` (the systems), `label` (the one that is
    better; missing, or `tie`, where they hear no difference), `worker`, and `task`, where there are several.

    The limits are those of `mean_opinion_scores`: workers' habits and differences of tasks are told from the rest. In
    the sign test each worker has one vote, for the system they prefer more often, so that many answers of few people
    are not taken for many people.
    """
    check_level(level)
    games = read_comparisons(data, ties="keep", tie=tie, with_workers=True)
    if not len(games.outcome):
        raise AggregationError("preference_test: there are no comparisons; give left, right, label and worker")
    task = _tasks(data, len(games.outcome))
    swap = games.left > games.right
    first, second = np.where(swap, games.right, games.left), np.where(swap, games.left, games.right)
    outcome = np.where(swap, 1 - games.outcome, games.outcome)
    rows = list(_pairs(first.astype(np.int64), second.astype(np.int64), outcome, task, games.worker, level))
    columns: dict[str, NDArray[Any] | Any] = {
        name: np.array([getattr(row, name) for row in rows]) for name in _Pair._fields[2:]
    }
    sides = [np.array([getattr(row, side) for row in rows], np.int64) for side in ("first", "second")]
    systems = games.items.to_list()
    first_of, second_of = (games.items.take(codes) for codes in sides)
    return Preferences(
        games.kind.columns(first_of, "first", {"second": second_of, **columns}),
        level,
        tuple(f"{systems[row.first]} over {systems[row.second]}" for row in rows),
        (columns["share"], columns["low"], columns["high"]),
    )


def _tasks(data: Table, count: int) -> Codes | Places:
    """The task of each comparison; each has one of its own where the table names none."""
    if "task" not in getattr(data, "column_names", getattr(data, "columns", ())):
        return np.arange(count)
    return encode(read(data, ("task",))[0]["task"]).codes


def _pairs(
    first: Places, second: Places, outcome: Floats, task: Codes | Places, worker: Codes, level: float
) -> Iterator[_Pair]:
    for one, other in np.unique(np.stack([first, second], axis=1), axis=0).tolist():
        of = np.flatnonzero((first == one) & (second == other))
        won = outcome[of]
        share, low, high = _share(task[of].astype(np.int64), worker[of].astype(np.int64), won, level)
        votes = np.bincount(worker[of], won - 0.5)
        for_first, for_second = int((votes > 0).sum()), int((votes < 0).sum())
        counts = (int((won == 1).sum()), int((won == 0).sum()), int((won == 0.5).sum()))
        p_value = _sign_test(for_first, for_second)
        yield _Pair(one, other, share, low, high, *counts, for_first, for_second, p_value)


def _share(task: Places, worker: Places, won: Floats, level: float) -> tuple[float, float, float]:
    """The mean of the wins, and its limits, which are shares."""
    parts = spread(task, worker, won)
    _, low, high = limits(parts, len(np.unique(task)), len(np.unique(worker)), level)
    return parts.mean, float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))


def _sign_test(one: int, other: int) -> float:
    """How probable it is that so many of those who decide, or more, decide for one of two that are as good."""
    from scipy.special import bdtr

    return float(min(1.0, 2 * bdtr(min(one, other), one + other, 0.5))) if one + other else 1.0
