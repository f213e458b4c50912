"""What a merger is: several answers to each item in, one answer, how sure it is, and the workers' skills out.

Mergers know JSON values and whole numbers. Names, tables and tasks stay with the caller. A file is named after the
type of the answers, and its `PLUGIN` makes a merger of the type's settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.errors import AggregationError

__all__ = ["Answers", "Merged", "Merger", "MergerOf"]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers as JSON values: the n-th says that worker `workers[n]` gave `values[n]` to item `items[n]`.

    `known` are the answers to control items, by item: they are what these items are, and they tell skills.
    """

    values: Sequence[Any]
    items: Places
    workers: Places
    item_count: int
    worker_count: int
    known: Mapping[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.values) == len(self.items) == len(self.workers):
            raise AggregationError(
                f"values, items and workers need one entry per answer, got {len(self.values)}, {len(self.items)} and "
                f"{len(self.workers)}"
            )
        known = np.fromiter(self.known, np.int64, len(self.known))
        for name, numbers, bound in (
            ("items", self.items, self.item_count),
            ("workers", self.workers, self.worker_count),
            ("known", known, self.item_count),
        ):
            if len(numbers) and not 0 <= numbers.min() <= numbers.max() < bound:
                raise AggregationError(f"{name} need to be 0..{bound - 1}, got {numbers.min()}..{numbers.max()}")


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """What came out: by item its value, None where nothing was answered, and how probably that is right.

    `confidence` is NaN where nothing shows it: one answer alone, of a worker of whom nothing is known. `skills[w]` is
    how good worker w is, 0..1, NaN where nothing shows it. `learnt[w]` is all that was learnt of worker w, first their
    skill: merged under this, the same answers give the same. None where there is no more than the skill.
    """

    values: list[Any]
    confidence: NDArray[np.float32]
    skills: Floats
    learnt: Floats | None = None

    @property
    def under(self) -> Floats:
        """Under what further answers are to be merged as these were."""
        return self.skills if self.learnt is None else self.learnt


class Merger(Protocol):
    """Pure and deterministic, in memory that grows with the answers; neither order nor names of workers matter."""

    @property
    def right(self) -> float:
        """How alike to the true answer, by its type, a merged one is that counts as right."""
        ...

    @property
    def beforehand(self) -> Calibration:
        """How far confidences can be believed where no known answers have shown it yet."""
        ...

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """Merge the answers to each item, under these skills, or under those that the answers themselves show.

        Under given skills an item's result follows from its own answers alone. One of NaN is that of a worker of whom
        nothing is known. `under` of what came out before may be given too, a row for each worker.
        """
        ...


class MergerOf(Protocol):
    """How a merger is made: of the settings of the type of the answers, as they are stored."""

    def __call__(self, settings: Mapping[str, Any], /) -> Merger:
        """The merger of answers of a type with these settings."""
        ...
