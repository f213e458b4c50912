"""What answers of people are worth who came for a few pages, beside those of people who stay.

Whoever opens a new account for every page knows control items by their coming again, and passes. At real items they
cannot: there their answers meet those of people who stay, and agree with them no more often than guesses do. One page
tells little, all such pages of a run tell it together.

Few who stay may be friends who guess alike. Then the newcomers agree with one another, and nobody can tell who is
right.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags, Floats, Places

__all__ = ["FEW_PAGES", "Checked", "Met", "worth_by_pages"]

FEW_PAGES = 1, 2, 4, 8
"""Who has sent no more pages than one of these is a stranger to those who have sent more."""
# Of fewer strangers nothing is said, nor by fewer answers of people who stay.
LEAST_STRANGERS, LEAST_MET = 8, 30
# So few of all answers do no harm, and are not looked at.
LEAST_SHARE = 0.01
# Fewer who stay may be one group of friends.
FEW_WHO_STAY = 5
# Who agree with one another in this share of what their control items promise do not guess apart.
AGREED_APART = 0.5
# People who stay agree in this share of what chance leaves, or nothing can be held to them.
LEAST_AGREED = 0.2
# Standard deviations of luck that are granted.
GRANTED = 2.0
# To go through a table of more cells for each answer takes longer than to sort the answers.
MOST_CELLS = 4


class Met(NamedTuple):
    """Answers to real items: of which item and worker, and the code that was said, of so many labels."""

    item: NDArray[np.integer]
    worker: NDArray[np.integer]
    label: NDArray[np.integer]
    labels: int


Agreeing = tuple[Floats, Places]


class Checked(NamedTuple):
    """By worker, how many control items were met, and how many of them were answered right."""

    right: Floats
    total: NDArray[np.int64]

    def able(self, who: Flags, even: float, granted: float = 0.0) -> float:
        """How far above an even guess these workers are together at control items, less so many deviations of luck."""
        total = float(self.total[who].sum() + 1)
        share = float(self.right[who].sum() + 1) / total
        return share - granted * math.sqrt(max(share * (1 - share), 0.0) / total) - even


def worth_by_pages(met: Met, pages: Places, checked: Checked) -> Floats:
    """By worker, how much is left of what their control items show where they are held to people who have sent more
    pages: 1 all of it, 0 nothing more than a guess.

    Where few stay and the others agree with one another, neither side is worth more than they agree with each other.
    """
    worth, sent = np.ones(len(pages)), np.bincount(met.worker, minlength=len(pages))
    strangers = [each for few in FEW_PAGES if _are_many(each := (pages > 0) & (pages <= few), sent)]
    if not strangers:
        return worth
    cell, believed = _cells(met), False
    for strange in strangers:
        # Of thousands of answers this takes longest: so it is done once.
        with_them = _agreeing(met, cell, strange[met.worker])
        found, held = _worth(met, cell, strange, checked, with_them), strange
        if _agree(met, strange, checked, with_them):
            agree, differ = _sides(met, strange, checked, with_them)
            believed |= agree >= FEW_WHO_STAY and agree > differ
            # Twice as many people tell that strangers guess alike; fewer tell that one of two sides does.
            if differ < max(2 * agree, FEW_WHO_STAY):
                held = np.zeros_like(strange) if believed else pages > 0
        worth[held] = np.minimum(worth[held], found)
    return worth


def _are_many(strange: Flags, sent: Places) -> bool:
    """Whether so many have answered so much that it matters, beside somebody who stays."""
    answers = sent[strange].sum()
    return bool(np.count_nonzero(strange) >= LEAST_STRANGERS and LEAST_SHARE * sent.sum() <= answers < sent.sum())


def _worth(met: Met, cell: Places, strange: Flags, checked: Checked, with_them: Agreeing) -> float:
    """How far strangers agree beyond chance with people who stay, of as far as their control items promise.

    Who is worse at control items too is no worse than they show; and what luck may have done is not held against them.
    """
    stays = ~strange[met.worker]
    shares = np.bincount(met.label[stays], minlength=met.labels) / stays.sum()
    # What a label agrees in anyway, said to whatever item: so one that is always said is worth nothing.
    anyway = shares[met.label]
    beside, there = _agreeing(met, cell, stays)
    own, theirs = stays & (there > 0), ~stays & (there > 0)
    counts = np.bincount(met.worker[theirs], minlength=1)
    by_stranger = np.bincount(met.worker[theirs], (beside - anyway)[theirs], 1)[counts > 0] / counts[counts > 0]
    if own.sum() < LEAST_MET or len(by_stranger) < LEAST_STRANGERS or np.ptp(met.worker[own]) == 0:
        return 1.0
    even = 1 / met.labels
    promised = min(checked.able(strange, even, GRANTED) / max(checked.able(~strange, even), even / 2), 1.0)
    usual = float((beside - anyway)[own].mean()) * promised
    # Both are nothing where all who stay say one thing of everything: nothing can be held to that either.
    if usual <= LEAST_AGREED * (1 - float((shares**2).sum())):
        return 1.0
    luck = GRANTED * float(by_stranger.std()) / math.sqrt(len(by_stranger))
    # Some of those who stay may be of the strangers, and say what they say: so one of the middle is asked.
    found = min(float(by_stranger.mean()), _with_the_middle(met, ~stays, with_them))
    return min(max((found + luck) / usual, 0.0), 1.0)


def _agree(met: Met, strange: Flags, checked: Checked, with_them: Agreeing) -> bool:
    """Whether strangers agree with one another as people do who see what is there."""
    theirs, (beside, there) = strange[met.worker], with_them
    shares = np.bincount(met.label[theirs], minlength=met.labels) / theirs.sum()
    own, promised = theirs & (there > 0), _promised(met, theirs, checked.able(strange, 1 / met.labels))
    return bool(own.any() and (beside - shares[met.label])[own].mean() >= AGREED_APART * promised > 0)


def _sides(met: Met, strange: Flags, checked: Checked, with_them: Agreeing) -> tuple[int, int]:
    """With how many of those who stay strangers agree as people do who see what is there, and with how many not."""
    theirs = strange[met.worker]
    each, _ = _with_each(met, theirs, with_them)
    promised = _promised(met, theirs, checked.able(strange, 1 / met.labels))
    agree = int(np.count_nonzero(each >= AGREED_APART * promised))
    return agree, len(each) - agree


def _promised(met: Met, these: Flags, able: float) -> float:
    """How far two agree beyond chance who say what is there so far above an even guess."""
    shares = np.bincount(met.label[these], minlength=met.labels) / these.sum()
    return (max(able, 0.0) / (1 - 1 / met.labels)) ** 2 * (1 - float((shares**2).sum()))


def _cells(met: Met) -> Places:
    """A code for each answer, the same of those of one label to one item."""
    cell: Places = met.item.astype(np.int64) * met.labels + met.label
    # Of many labels hardly any is said of an item: only what is said is numbered then.
    return cell if cell.max() < MOST_CELLS * len(cell) else np.unique(cell, return_inverse=True)[1]


def _agreeing(met: Met, cell: Places, these: Flags) -> Agreeing:
    """By answer, the share of others' answers among `these` that say the same, and how many such answers there are."""
    same = np.bincount(cell[these], minlength=int(cell.max()) + 1)[cell] - these
    asked = np.bincount(met.item[these], minlength=int(met.item.max()) + 1)[met.item] - these
    return np.divide(same, asked, out=np.zeros(len(asked)), where=asked > 0), asked


def _with_the_middle(met: Met, strange: Flags, with_them: Agreeing) -> float:
    """How far strangers agree beyond chance with the one in the middle of those who stay, by how often they met."""
    each, weight = _with_each(met, strange, with_them)
    order = np.argsort(each, kind="stable")
    return float(each[order][np.searchsorted(weight[order].cumsum(), weight.sum() / 2)])


def _with_each(met: Met, strange: Flags, with_them: Agreeing) -> tuple[Floats, Floats]:
    """How far strangers agree beyond chance with each of those who stay whom they met, and how often they met."""
    beside, met_them = with_them
    usual = np.bincount(met.label[strange], minlength=met.labels) / strange.sum()
    times = np.where(strange, 0, met_them)
    together = np.bincount(met.worker, times)
    agreed = np.bincount(met.worker, times * (beside - usual[met.label]))
    some = together > 0
    return agreed[some] / together[some], together[some].astype(np.float64)
