"""Mean opinion scores of systems, from scores of many workers: MOS and MUSHRA."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.numbers import medians
from dataforge.aggregation.kernels.opinions import limits, screened, spread
from dataforge.aggregation.parameters import check_level
from dataforge.aggregation.score_plot import draw
from dataforge.aggregation.tables.frames import Frame, Kind, Table, read
from dataforge.aggregation.tables.sorting import sorted_codes
from dataforge.aggregation.tables.values import Values
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError, AggregationWarning

__all__ = ["OpinionScores", "mean_opinion_scores"]

COLUMNS = ("task", "system", "worker", "label")
# Ribeiro et al. (2011): who agrees with the others less than the first is rejected, less than the second is left out.
REJECTED = 0.25
LEFT_OUT = 0.7
# ITU-R BS.1534-3: who gives the hidden reference less than 90, or the anchor more, in more than 15 % of its tasks is
# not heard.
REFERENCE_SCORE = 90.0
REFERENCE_MISSED = 0.15

COUNTS, FAST, AGAINST, APART, UNSEEN = "counts", "too fast", "rejected", "left out", "not comparable"
MISSED, PRAISED = "missed the reference", "praised the anchor"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpinionScores:
    """Scores by system and what became of each worker's; in a notebook a picture.

    `systems` is a table by system: its mean `score`, the `std_error` of that, the limits `low` and `high`, and how many
    `answers`, `tasks` and `workers` they come from. Limits are NaN where nothing shows them: one worker or one task, or
    all answers alike. `workers` is a table by worker: `answers`, `correlation` with the others (NaN: nothing to
    compare), and the `verdict`: "counts", "left out", "rejected", "not comparable", "too fast", "missed the reference"
    or "praised the anchor". `notices` say what is to be known: who is not heard, and what rests on too little.
    """

    systems: Any
    workers: Any
    level: float
    notices: tuple[str, ...]
    _names: tuple[str, ...]
    _limits: tuple[Floats, Floats, Floats]

    def __repr__(self) -> str:
        return "\n".join([str(self.systems), *self.notices])

    def to_svg(self, title: str = "") -> str:
        """The scores with their limits as an SVG picture, the best system first."""
        return draw(self._names, *self._limits, level=self.level, title=title)

    def save(self, path: str | Path, title: str = "") -> None:
        """Write the picture to an SVG file, whose name ends in `.svg`."""
        if Path(path).suffix.lower() != ".svg":
            raise AggregationError(f"the plot is an SVG picture: a name that ends in .svg is needed, got {str(path)!r}")
        Path(path).write_text(self.to_svg(title), encoding="utf-8")

    def _repr_html_(self) -> str:
        shown = getattr(self.systems, "_repr_html_", None)
        told = "".join(f"<p>{escape(notice)}</p>" for notice in self.notices)
        return self.to_svg() + (shown() if shown else f"<pre>{escape(str(self.systems))}</pre>") + told


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """Scores as codes: places in the sorted values of their columns; `seconds` are NaN where nobody counted them."""

    task: Places
    system: Places
    worker: Places
    score: Floats
    seconds: Floats
    tasks: Values
    systems: Values
    workers: Values
    kind: Kind


@named_entry
def mean_opinion_scores(
    data: Table,
    *,
    level: float = 0.95,
    least_seconds: float | None = None,
    reference: Any = None,
    anchor: Any = None,
    scale: tuple[float, float] | None = None,
) -> OpinionScores:
    """Mean scores of systems with limits that hold them with probability `level` (CrowdMOS: Ribeiro et al., 2011).

    Workers score what systems made of tasks: columns `task` (a sentence, or a recording), `system`, `worker`, `label`
    (a number; a missing one is no answer). Workers who do not listen are left out:

    - whose answers take less than `least_seconds` in the median (column `seconds`): "too fast";
    - who give the system `reference`, hidden among the others, less than 90 in more than 15 % of its tasks, where
      scores go from 0 to 100 (MUSHRA, ITU-R BS.1534-3): "missed the reference"; or the system `anchor`, bad on purpose,
      more than 90: "praised the anchor";
    - whose mean scores by system correlate with those of the others by less than .25: "rejected", and then of those who
      remain by less than .7: "left out".

    Who scored fewer than three systems cannot be held to the others. Such workers are taken as one, and all count or
    none as they agree with those who can; where they have fewer than three systems in common they are "not comparable",
    and count only if nothing is shown of anybody.

    The answers of nobody count for more than a fifth of a system's score, or two parts of as many as there are workers
    of it. Variances of workers' habits, of tasks and of the rest are told apart, so that a thousand answers of
    five workers are not taken for a thousand opinions: score ± t · sqrt(variance), t of Student's law with one degree
    of freedom less than there are workers, or tasks if these are fewer. They end with the `scale`, where that is given.
    """
    check_level(level)
    _check_scale(scale)
    scores = _read(data, with_seconds=least_seconds is not None)
    verdicts, correlation = _screened(scores, least_seconds, {MISSED: reference, PRAISED: anchor})
    kept = np.array([verdict == COUNTS for verdict in verdicts], np.bool_)
    columns = _by_system(scores, kept[scores.worker], level, scale)
    names = scores.systems.to_list()
    _warn_of_nothing_left([str(name) for name, count in zip(names, columns["answers"], strict=True) if count == 0])
    answers = np.bincount(scores.worker, minlength=len(scores.workers))
    workers: Mapping[str, Any] = {"answers": answers, "correlation": correlation, "verdict": verdicts}
    return OpinionScores(
        scores.kind.columns(scores.systems, "system", columns),
        scores.kind.columns(scores.workers, "worker", workers),
        level,
        tuple(_notices(verdicts, correlation, [str(name) for name in names], columns)),
        tuple(str(name) for name in names),
        (columns["score"], columns["low"], columns["high"]),
    )


def _read(data: Table, *, with_seconds: bool) -> _Scores:
    frame, kind = read(data, (*COLUMNS, "seconds") if with_seconds else COLUMNS)
    score = _numbers(frame, "label")
    if np.isinf(score).any():
        raise AggregationError("labels need to be finite numbers, got an infinite one")
    seconds = _numbers(frame, "seconds") if with_seconds else np.full(len(score), np.nan)
    answered = ~np.isnan(score)
    frame = frame[np.flatnonzero(answered).tolist()] if not answered.all() else frame
    (task, tasks), (system, systems), (worker, workers) = (sorted_codes(frame[name]) for name in COLUMNS[:3])
    return _Scores(task, system, worker, score[answered], seconds[answered], tasks, systems, workers, kind)


def _numbers(frame: Frame, name: str) -> Floats:
    series = frame[name]
    try:
        if series.implementation.is_pandas():
            return np.asarray(series.to_native().to_numpy(np.float64, na_value=np.nan))
        return np.asarray(series.to_numpy(), np.float64)
    except (TypeError, ValueError) as error:
        raise AggregationError(f"column {name!r} needs numbers, got {series.dtype}") from error


def _screened(scores: _Scores, least_seconds: float | None, hidden: Mapping[str, Any]) -> tuple[list[str], Floats]:
    """What becomes of each worker's scores, and how far each agrees with the others."""
    n_workers = len(scores.workers)
    verdict = np.full(n_workers, COUNTS, object)
    if least_seconds is not None:
        verdict[_fast(scores, least_seconds)] = FAST
    for told, system in hidden.items():
        if system is not None:
            verdict[_misheard(scores, system, good=told == MISSED) & (verdict == COUNTS)] = told
    kept = (verdict == COUNTS)[scores.worker]
    of = (scores.worker[kept], scores.system[kept], scores.score[kept])
    found = screened(*of, n_workers, REJECTED)
    verdict[found.out] = AGAINST
    verdict[(verdict == COUNTS) & (found.agreement < LEFT_OUT)] = APART
    if found.anybody_seen:
        verdict[(verdict == COUNTS) & np.isnan(found.agreement)] = _of_those_taken_as_one(found.together)
    return verdict.tolist(), found.agreement


def _of_those_taken_as_one(agreement: float) -> str:
    """What becomes of those whom nothing shows anything of one by one, by their agreement as a whole."""
    if np.isnan(agreement):
        return UNSEEN
    return AGAINST if agreement < REJECTED else APART if agreement < LEFT_OUT else COUNTS


def _fast(scores: _Scores, least: float) -> Flags:
    timed = ~np.isnan(scores.seconds)
    worker, places = np.unique(scores.worker[timed], return_inverse=True)
    fast = np.zeros(len(scores.workers), np.bool_)
    fast[worker] = medians(places, scores.seconds[timed], len(worker)) < least
    return fast


def _misheard(scores: _Scores, system: Any, *, good: bool) -> Flags:
    """Who too often scores a hidden system that is `good` as if it was bad, or one that is bad as if it was good."""
    known = scores.systems.to_list()
    if system not in known:
        what = "reference" if good else "anchor"
        raise AggregationError(f"{what} needs to be one of the systems {known!r}, got {system!r}")
    of = scores.system == known.index(system)
    worker, n_workers, score = scores.worker[of], len(scores.workers), scores.score[of]
    heard = np.bincount(worker, minlength=n_workers)
    odd = np.bincount(worker, score < REFERENCE_SCORE if good else score > REFERENCE_SCORE, n_workers)
    return odd > REFERENCE_MISSED * heard


def _check_scale(scale: tuple[float, float] | None) -> None:
    if scale is not None and not (len(scale) == 2 and scale[0] < scale[1]):
        raise AggregationError(f"scale needs to be its ends, the lower one first, as (1, 5); got {scale!r}")


def _notices(
    verdicts: list[str], correlation: Floats, names: list[str], columns: Mapping[str, NDArray[Any]]
) -> Iterator[str]:
    """What is to be known of the scores: who is not heard, whom nothing shows, and what is one opinion."""
    unheard = Counter(verdict for verdict in verdicts if verdict != COUNTS)
    if unheard:
        why = ", ".join(f"{count} {verdict}" for verdict, count in unheard.most_common())
        yield f"{unheard.total()} of {len(verdicts)} workers are not heard ({why}); the table workers says who"
    unseen = sum(verdict == COUNTS and agreed != agreed for verdict, agreed in zip(verdicts, correlation, strict=True))
    if unseen:
        yield (
            f"nothing shows whether {unseen} of {len(verdicts)} workers listen: they scored fewer than three systems, "
            "or workers do not agree"
        )
    if alone := [name for name, count in zip(names, columns["answers"], strict=True) if count == 1]:
        yield f"one answer is all that the score of {', '.join(alone)} rests on"


def _by_system(
    scores: _Scores, kept: Flags, level: float, scale: tuple[float, float] | None
) -> Mapping[str, NDArray[Any]]:
    """Score, error and limits of each system, and what they come from."""
    n_systems = len(scores.systems)
    found = {name: np.full(n_systems, np.nan) for name in ("score", "std_error", "low", "high")}
    counts = {name: np.zeros(n_systems, np.int64) for name in ("answers", "tasks", "workers")}
    for system in range(n_systems):
        of = np.flatnonzero(kept & (scores.system == system))
        task, worker = scores.task[of], scores.worker[of]
        parts = spread(task, worker, scores.score[of])
        tasks, workers = len(np.unique(task)), len(np.unique(worker))
        counts["answers"][system], counts["tasks"][system], counts["workers"][system] = len(of), tasks, workers
        found["score"][system] = parts.mean
        found["std_error"][system], found["low"][system], found["high"][system] = limits(parts, tasks, workers, level)
    if scale is not None:
        found["low"], found["high"] = np.maximum(found["low"], scale[0]), np.minimum(found["high"], scale[1])
    return {**found, **counts}


def _warn_of_nothing_left(systems: list[str]) -> None:
    if systems:
        others = f" and {len(systems) - 1} more" if len(systems) > 1 else ""
        warnings.warn(
            f"mean_opinion_scores: {systems[0]!r}{others} has no score, because all its workers were left out; the "
            "table workers says why: more workers are needed, or clearer instructions",
            AggregationWarning,
            stacklevel=4,
        )
