"""Which answers are the same, and how many people gave each by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Flags, Places, among, distinct
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.solutions import Solutions

__all__ = ["Givers", "Voices"]


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

    def at(self, places: Places) -> Voices:
        """The same people and answers, for those of the responses that stand at these places."""
        return self._replace(of=self.of[places], alone=self.alone[places])


class Givers:
    """Who gave which answers of a run, on whatever page, each by themselves."""

    def __init__(self, responses: Responses, solutions: Solutions) -> None:
        self._responses, self._solutions = responses, solutions
        self._sort(0)

    def _sort(self, count: int) -> None:
        """Have the first `count` responses by the solutions that they are."""
        solution = self._solutions.of.values[:count]
        self._rows = np.argsort(solution, kind="stable")
        self._solution = solution[self._rows]

    def same(self, rows: Places) -> Voices:
        """Which of these responses are the same."""
        workers = self._responses.workers(rows).astype(np.int64)
        items = self._responses.item.values[rows]
        return Voices.among(self._solutions.of.values[rows], items, workers, self._solutions.ring)

    def with_others(self, rows: Places, count: int) -> Voices:
        """The same of these responses, and of all that are the same as one of them among the first `count`."""
        if count != len(self._rows):
            self._sort(count)
        others = self._given(np.unique(self._solutions.of.values[rows]))
        others = others[~among(self._responses.workers(others), self._responses.discarded)]
        everyone = distinct(np.concatenate([rows, others]))
        return self.same(everyone).at(np.searchsorted(everyone, rows))

    def _given(self, solutions: NDArray[np.integer]) -> Places:
        """The responses that are one of these solutions."""
        first, end = (np.searchsorted(self._solution, solutions, side) for side in ("left", "right"))
        many = end - first
        found: Places = self._rows[np.arange(many.sum()) + np.repeat(first - (np.cumsum(many) - many), many)]
        return found
