"""An order out of answers: the scores so far, and which pairs to ask for it next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.comparing.answers import LEFT, RIGHT, TIE, Compared
from dataforge.comparing.asking import Answers
from dataforge.comparing.certainty import Certainty, certainty, worth_of
from dataforge.comparing.pairs import Pairs, choose
from dataforge.comparing.posterior import Posterior, posterior
from dataforge.comparing.record import Asked

__all__ = ["Ordering", "compared_of", "usual_pairs"]

CODES = {"left": LEFT, "right": RIGHT, "same": TIE}
# Sorting n things that are compared without a mistake takes about n log2 n comparisons; people make some.
TIMES = 3


def usual_pairs(n_items: int) -> int:
    """How many pairs are asked at most where nothing is said of that."""
    return int(np.ceil(TIMES * n_items * np.log2(max(n_items, 2))))


def compared_of(answers: Answers, n_items: int, *, ties: bool) -> Compared:
    """The answers as the model takes them."""
    outcome = np.array([CODES[said] for said in answers.said], np.int32)
    return Compared(answers.left, answers.right, answers.worker, outcome, n_items, len(answers.workers), ties)


@dataclass
class Ordering:
    """Chooses pairs for an order; goes on from what it computed last, which changes the result by less than it tells.

    More pairs come when half of those that may be out at once are answered.
    """

    n_items: int
    ties: bool
    asked: Asked
    _last: Posterior | None = None

    def __call__(self, answers: Answers) -> Pairs | None:
        """The pairs to ask now; None if the order is as sure as it is to be, or all that may be asked were."""
        ahead, left = self.asked.ahead, self.asked.pairs - len(answers.asked)
        if answers.out > ahead // 2:
            return []
        sure = self.known(answers)
        if len(answers.left) >= self.n_items - 1 and sure.share >= self.asked.confidence:
            return None
        if left <= 0:
            return None
        assert self._last is not None, "known has set it"
        return choose(
            self._last,
            min(ahead - answers.out, left),
            outcomes=3 if self.ties else 2,
            waiting=answers.waiting,
            worth=worth_of(sure),
            seed=self.asked.seed + len(answers.asked),
        )

    def known(self, answers: Answers) -> Certainty:
        """How sure the order is after these answers."""
        self._last = posterior(compared_of(answers, self.n_items, ties=self.ties), self._last)
        return certainty(self._last, self.asked.top)
