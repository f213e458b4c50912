"""Which workers may recognise control items that come again, and answer those well whatever they do elsewhere.

Who shares what they see with others, or is one person with many accounts, knows control items by their coming again. Of
such people a right answer to one shows nothing; what they answered to those that nobody had met yet does. In a crowd
that recognises nothing both kinds go alike. A worker meets few of the first kind, so how many workers recognise is
learnt of all together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats

__all__ = ["Went", "recognising"]

Counts = NDArray[np.int64]

# Of those who recognise: wrong and right answers beforehand, to first control items, and to those that come again.
ANYHOW = 1, 1
WELL = 1, 19
# Workers who recognise, and who do not, beforehand.
FEW = 1, 10
SHARES = (np.arange(50) + 0.5) / 50


class Went(NamedTuple):
    """How control items of one kind went, by worker."""

    right: Counts
    wrong: Counts

    @property
    def total(self) -> Counts:
        """How many there were."""
        return self.right + self.wrong


def recognising(first: Went, again: Went) -> Floats:
    """How probably each worker recognises control items that come again.

    Of a worker's wrong answers any may be to an item of either kind (a hypergeometric distribution), unless they
    recognise: then nearly all are to first ones. Only how the wrong ones fall counts, not how many there are, so that
    neither good workers nor bad ones look as if they recognised. Who shows nothing is as the mean.
    """
    right, wrong = first.right + again.right, first.wrong + again.wrong
    telling = (first.total > 0) & (again.total > 0) & (right > 0) & (wrong > 0)
    found = np.ones(len(telling))
    found[telling] = _how_much_likelier(*(Went(went.right[telling], went.wrong[telling]) for went in (first, again)))
    chances = (FEW[0] - 1) * np.log(SHARES) + (FEW[1] - 1) * np.log1p(-SHARES)
    chances += np.log1p(SHARES[:, None] * (found[telling] - 1)).sum(axis=1)
    weights = np.exp(chances - chances.max())
    share = weights @ SHARES / weights.sum()
    likely: Floats = share * found / (share * found + 1 - share)
    return likely


def _how_much_likelier(first: Went, again: Went) -> Floats:
    """How much likelier it is among those who recognise that a worker's wrong answers fall so."""
    wrong = first.wrong + again.wrong
    log = _Logarithms(int((first.total + again.total).max(initial=0)) + sum(WELL))
    others = log.ways(first.total, first.wrong) + log.ways(again.total, again.wrong)
    others -= log.ways(first.total + again.total, wrong)
    # How many of them may be to first ones; where there are fewer possibilities the least stands in, and is left out.
    least, most = np.maximum(wrong - again.total, 0), np.minimum(wrong, first.total)
    fall = least[:, None] + np.arange(int((most - least).max(initial=0)) + 1)
    possible = fall <= most[:, None]
    fall = np.where(possible, fall, least[:, None])
    each = log.drawn(ANYHOW, first.total[:, None], fall) + log.drawn(WELL, again.total[:, None], wrong[:, None] - fall)
    this = log.drawn(ANYHOW, first.total, first.wrong) + log.drawn(WELL, again.total, again.wrong)
    likelier: Floats = np.exp(this - np.logaddexp.reduce(np.where(possible, each, -np.inf), axis=1) - others)
    return likelier


class _Logarithms:
    """Logarithms of numbers of ways and of chances, for whole numbers up to a most."""

    def __init__(self, most: int) -> None:
        self._factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])

    def ways(self, total: Counts, chosen: Counts) -> Floats:
        """In how many ways so many can be chosen."""
        found: Floats = self._factorial[total] - self._factorial[chosen] - self._factorial[total - chosen]
        return found

    def drawn(self, prior: tuple[int, int], total: Counts, wrong: Counts) -> Floats:
        """How probable so many wrong ones are, their share drawn from a Beta distribution (beta-binomial)."""
        return self.ways(total, wrong) + self._beta(prior[0] + wrong, prior[1] + total - wrong) - self._beta(*prior)

    def _beta(self, one: Counts | int, other: Counts | int) -> Floats:
        found: Floats = self._factorial[one - 1] + self._factorial[other - 1] - self._factorial[one + other - 1]
        return found
