"""Which answers are the same, and how many people gave each by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.solutions import RIGHT, WRONG

__all__ = ["Voices", "with_several"]


class Voices(NamedTuple):
    """Answers, each once, and the people who gave them, each once.

    By response `of`, the answer that it is, and whether it is given by one person `alone`; by answer its `item` and the
    number of `people`; by person and answer `worker` and `answer`. People who are known to be in league are one person.
    """

    of: Places
    alone: Flags
    item: Places
    people: Places
    worker: Places
    answer: Places

    @classmethod
    def among(
        cls, solution: NDArray[np.integer], item: NDArray[np.integer], worker: Places, ring: Mapping[int, int]
    ) -> Voices:
        """Those of responses: which solution each is, its item, and who gave it; `ring`: who is in which league."""
        person = worker
        if ring:
            first = {number: member for member, number in sorted(ring.items(), reverse=True)}
            person = np.array([first[ring[one]] if one in ring else one for one in worker.tolist()], np.int64)
        _, rows, of = np.unique(solution, return_index=True, return_inverse=True)
        most = int(person.max(initial=0)) + 1
        pairs = np.unique(of * most + person)
        answer, who = np.divmod(pairs, most)
        count = np.bincount(answer, minlength=len(rows))
        return cls(of, count[of] == 1, item[rows].astype(np.int64), count, who, answer)

    def first(self, values: Floats) -> Floats:
        """By answer, what one of its responses has, which all have the same."""
        found = np.empty(len(self.people))
        found[self.of] = values
        return found


def with_several(verdicts: NDArray[np.int8], chances: NDArray[np.floating], voices: Voices | None) -> NDArray[np.int8]:
    """The verdicts, but that what several people gave and judges found wrong is right where that is more probable."""
    if voices is None:
        return verdicts
    outvoted = (verdicts == WRONG) & ~voices.alone & (chances > 0.5)
    return np.where(outvoted, np.int8(RIGHT), verdicts)
