"""An order out of answers: the scores so far, and which pairs to ask for it next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from dataforge.comparing.answers import LEFT, RIGHT, TIE, Compared
from dataforge.comparing.asking import Answers
from dataforge.comparing.certainty import certainty, shown, worth_of
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
    last: Posterior | None = field(default=None, init=False)
    _workers: tuple[str, ...] = field(default=(), init=False)

    def __call__(self, answers: Answers, asked: Asked) -> Pairs | None:
        """The pairs to ask now; None if the order is as sure as it is to be, or all that may be asked were."""
        ahead, left = asked.ahead, asked.pairs - len(answers.asked)
        if answers.out > ahead // 2:
            return []
        known = self._known(answers)
        sure = certainty(known, asked.top)
        enough = len(answers.left) >= self.n_items - 1 and not answers.mostly_reported
        if enough and sure.share >= asked.confidence and self._is_shown(answers, asked):
            # Answers that are still to come may show that it was less sure.
            return [] if answers.out else None
        if left <= 0:
            return None
        chosen = choose(
            known,
            min(ahead - answers.out, left),
            outcomes=3 if self.ties else 2,
            waiting=answers.waiting,
            never=answers.reported,
            worth=worth_of(sure),
            seed=asked.seed + len(answers.asked),
        )
        # Where everything that may be asked is out, its answers are waited for.
        return chosen or ([] if answers.out else None)

    def _is_shown(self, answers: Answers, asked: Asked) -> bool:
        """Whether the order is as sure however much scores differ, which takes longer to reckon."""
        assert self.last is not None
        return shown(compared_of(answers, self.n_items, ties=self.ties), self.last, asked.top).share >= asked.confidence

    def _known(self, answers: Answers) -> Posterior:
        """The scores after these answers."""
        start = self.last
        if start is not None:
            # Whose answers count no more is gone, and others have moved up.
            before = dict(zip(self._workers, start.looks.tolist(), strict=True))
            looks = [before.get(name, start.model.looks) for name in answers.workers]
            start = replace(start, looks=np.array(looks, np.float64))
        self.last = posterior(compared_of(answers, self.n_items, ties=self.ties), start)
        self._workers = answers.workers
        return self.last
