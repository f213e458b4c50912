"""Two groups of workers who draw different things of the same items: neither owns what is merged of both."""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.radar.camps import camps_of_pairs, probably_right
from dataforge.runs.core.columns import Arrays, Column, Places, load_columns, saved_columns
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._drawn import DRAWN
from dataforge.runs.quality._merged import MergedOutput
from dataforge.runs.quality._values import Values

__all__ = ["Opposed"]

# So many items with several answers tell who draws like whom: to compare drawings takes long.
MOST_ITEMS = 300
_Drawn = dict[int, list[tuple[int, Any]]]


class _Met(NamedTuple):
    """By pair of workers how often they drew the `same` and how often they `met`, and how many answers an item has; of
    answers that are `alike` the item and both workers.
    """

    same: Floats
    met: Floats
    often: float
    alike: list[tuple[int, int, int]]


class Opposed:
    """As of the last fit that started afresh, by worker `camp`: 0 of the larger, 1 of the smaller, -1 of none; `voices`
    of either. By item, whether somebody of both drew the same: `shared`.
    """

    def __init__(self) -> None:
        self.camp = np.empty(0, np.int64)
        self.voices: Floats = np.zeros(2)
        self.shared: Column[np.bool_] = Column(np.bool_)

    @property
    def limit(self) -> float | None:
        """How probably the larger one is right, where it has not twice the voices of the other."""
        return probably_right(self.voices) if (self.camp >= 0).any() else None

    def forget(self, workers: int) -> None:
        """Know of no camps among so many workers."""
        self.camp, self.voices = np.full(workers, -1), np.zeros(2)
        self.shared.values[:] = False

    def look(self, outputs: tuple[MergedOutput, ...], values: Values, responses: Responses, rows: Places) -> None:
        """Note the camps in the first of these outputs that shows some; `rows`: the answers that count."""
        workers = len(self.camp)
        for output in outputs:
            if output.slot.type.name not in DRAWN:
                continue
            met = _met(output, values, responses, rows, workers)
            found = camps_of_pairs(met.same, met.met, met.often)
            if found is None:
                continue
            side = np.full(workers, -1)
            side[found.one], side[found.other] = 0, 1
            voices = np.bincount(side[side >= 0], minlength=2) + _shown(output, values, responses, rows, side)
            self.camp = np.where(side < 0, -1, side if voices[0] >= voices[1] else 1 - side)
            self.voices = np.sort(voices)[::-1].astype(float)
            both = [item for item, one, other in met.alike if self.camp[one] + self.camp[other] == 1]
            self.shared.values[np.array(both, np.int64)] = True
            return

    def under(self, items: Places) -> Floats:
        """How sure what is merged of these items can be at most."""
        limit = self.limit
        return np.where(self.shared.values[items], 1.0, 1.0 if limit is None else limit)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known."""
        return saved_columns(self, {})

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        load_columns(self, arrays, {})

    def of_fit(self) -> dict[str, NDArray[Any]]:
        """What the last fit found."""
        return {"camp": self.camp, "voices": self.voices, "shared": np.array(self.shared.values)}

    def go_on_from(self, found: Arrays) -> None:
        """Know what `of_fit` gave."""
        self.camp, self.voices = found["camp"], found["voices"]
        self.shared.values[: len(found["shared"])] = found["shared"]


def _answers(output: MergedOutput, values: Values, responses: Responses, rows: Places, *, known: bool) -> _Drawn:
    """By real item of which the answer is known, or is not, who gave which of these answers."""
    item = responses.item.values[rows].astype(np.int64)
    rows = rows[~responses.numbering.control[item] & (values.is_known(item) == known)]
    items = np.unique(responses.item.values[rows])[:MOST_ITEMS]
    rows = rows[np.isin(responses.item.values[rows], items)]
    given, named = values.columns[output.slot.name].given(rows), responses.item.values[rows].tolist()
    found: _Drawn = {}
    for item, worker, value in zip(named, responses.workers(rows).tolist(), given.tolist(), strict=True):
        if value is not None:
            found.setdefault(item, []).append((worker, value))
    return found


def _met(output: MergedOutput, values: Values, responses: Responses, rows: Places, workers: int) -> _Met:
    same, met = np.zeros((2, workers, workers))
    alike, sizes = list[tuple[int, int, int]](), list[int]()
    for item, answers in _answers(output, values, responses, rows, known=False).items():
        sizes.append(len(answers))
        for (one, drawn), (other, beside) in combinations(answers, 2):
            met[one, other] += 1
            if output.is_alike(drawn, beside):
                same[one, other] += 1
                alike.append((item, one, other))
    pairs = sum(size * (size - 1) for size in sizes)
    often = max(pairs / max(sum(size - 1 for size in sizes), 1), 2.0)
    return _Met(same + same.T, met + met.T, often, alike)


def _shown(
    output: MergedOutput, values: Values, responses: Responses, rows: Places, side: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many items that somebody trusted has answered each camp alone was right at."""
    shown = np.zeros(2, np.int64)
    for item, answers in _answers(output, values, responses, rows, known=True).items():
        known = values.known_to(item).get(output.slot.name)
        if known is None or item in values.refuted:
            continue
        right = [[output.is_alike(drawn, known) for worker, drawn in answers if side[worker] == one] for one in (0, 1)]
        if all(right) and all(right[0]) != all(right[1]) and any(right[0]) != any(right[1]):
            shown[0 if all(right[0]) else 1] += 1
    return shown
