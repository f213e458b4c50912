"""How probable an honest worker's answer is, given the worker's own habits and what others say of the item.

Honest workers share mistakes, too: some labels are easily taken for others, some items mislead all, and who always
gives one label agrees with all who do. So the probability of an answer is that of the worker's own confusion matrix,
moved by what the item makes of it among others:

    P(l | j, i, z)  ∝  A_j[z, l] · t_i(l) / B[z, l],      t_i = (κ b_i + c_i) / (κ + n_i)

with the crowd's matrix B, the shares b_i that it expects of the item, and the counts c_i of the n_i other answers. κ is
chosen so that answers are foretold best from the others to the same item.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.consensus.base import Responses

__all__ = ["MOST_LABELS", "Honest", "honest"]

MOST_LABELS = 30
"""Matrices of more labels are not learnt: answers with rarer ones are left out."""

# The crowd's matrix counts for so many answers of a worker, and an answer for so many of each cell of the crowd's.
OWN, CELL = 1.0, 1.0
# Workers err on the same items: what their answers show of the right label is less than if they did not.
TEMPER = 0.7
KAPPAS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


@dataclass(frozen=True, eq=False)
class Honest:
    """The model of honest workers: `answers` sorted by worker, and what is learnt of workers, crowd and items.

    `rows` says which of the answers that were given these are, for some are left out.
    `matrices[j, z, l]`, `crowd[z, l]`; `evidence[n, z]` is what answer n says of its item's label, as a logarithm,
    `believed[i, z]` the sum of that and the labels' frequencies; `counts[i, l]` how often a label was given to an item.
    """

    answers: Responses
    rows: Places
    matrices: Floats
    crowd: Floats
    evidence: Floats
    believed: Floats
    counts: Floats
    kappa: float

    @cached_property
    def begins(self) -> Places:
        """The first row of each worker, and the end."""
        found: Places = np.searchsorted(self.answers.worker, np.arange(self.answers.n_workers + 1))
        return found

    @cached_property
    def usual(self) -> Codes:
        """The likeliest label of each item, the known one where there is one."""
        likeliest = self.believed.argmax(axis=1).astype(np.int32)
        known = self.answers.known
        return likeliest if known is None else np.where(known >= 0, known, likeliest)

    @cached_property
    def _by_item(self) -> tuple[Places, Places]:
        """All rows by item, and where in them each item begins, and the end."""
        order = np.argsort(self.answers.item, kind="stable")
        return order, np.searchsorted(self.answers.item[order], np.arange(self.answers.n_items + 1))

    def rows_on(self, items: Codes) -> Places:
        """The rows of everybody who answered these items, by item."""
        order, begins = self._by_item
        sizes = begins[items + 1] - begins[items]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        found: Places = order[np.repeat(begins[items], sizes) + within]
        return found

    def rows_of(self, workers: list[int]) -> Places:
        """The rows of these workers, by item; of items that one of them alone answered there are none."""
        rows = np.concatenate([np.arange(self.begins[worker], self.begins[worker + 1]) for worker in workers])
        item = self.answers.item[rows]
        rows = rows[np.argsort(item, kind="stable")]
        item = self.answers.item[rows]
        first, last = np.searchsorted(item, item), np.searchsorted(item, item, "right")
        found: Places = rows[last - first > 1]
        return found

    def foretold(self, rows: Places) -> tuple[Floats, Floats]:
        """Of the items of these answers, which are sorted by item, how probable each label is to be right; and how
        probable each worker was to give each label (last axis) if another one (axis 1) was right.

        Foretold from the answers of workers who have no row here, for who works together is not to vouch for each
        other, and what people make of an item also from those here that come before.
        """
        item, label = self.answers.item[rows], self.answers.label[rows]
        items, place = np.unique(item, return_inverse=True)
        right, others = self.without(rows, items, place)
        given = np.eye(right.shape[1])[label]
        before = np.cumsum(given, axis=0) - given
        before -= before[np.searchsorted(item, item)]
        return right, self._likely(rows, right[place], others[place] + before)

    def without(self, rows: Places, items: Codes, place: Places) -> tuple[Floats, Floats]:
        """How probable each label is to be right for these items, and how many gave it, if these answers are left out.

        `place` says to which of the items each of the answers is.
        """
        believed, others = self.believed[items], self.counts[items]
        np.subtract.at(believed, place, self.evidence[rows])
        np.subtract.at(others, (place, self.answers.label[rows]), 1)
        right = _shares(believed)
        if self.answers.known is not None:
            known = self.answers.known[items]
            right[known >= 0] = np.eye(right.shape[1])[known[known >= 0]]
        return right, others

    def right_without(self, rows: Places) -> Floats:
        """How probable each label is to be right for the items of these answers, each answer left out in its turn."""
        item = self.answers.item[rows]
        right = _shares(self.believed[item] - self.evidence[rows])
        if self.answers.known is not None:
            known = self.answers.known[item]
            right[known >= 0] = np.eye(right.shape[1])[known[known >= 0]]
        return right

    def tendency(self, right: Floats, others: Floats) -> Floats:
        """How often each label is given to an item, by what is right and what so many others have made of it."""
        found: Floats = (self.kappa * (right @ self.crowd) + others) / (self.kappa + others.sum(axis=1, keepdims=True))
        return found

    def _likely(self, rows: Places, right: Floats, others: Floats) -> Floats:
        """How probable each label was for these answers, by what is right, if so many others gave it to the item."""
        each = self.matrices[self.answers.worker[rows]] * (self.tendency(right, others)[:, None] / self.crowd)
        likely: Floats = each / each.sum(axis=2, keepdims=True)
        return likely

    def fit_of(self, kappa: float, rows: Places) -> float:
        """How well answers are foretold from all others to their items, as a logarithm."""
        item, label = self.answers.item[rows], self.answers.label[rows]
        others = self.counts[item] - np.eye(self.counts.shape[1])[label]
        right = _shares(self.believed[item] - self.evidence[rows])
        likely = replace(self, kappa=kappa)._likely(rows, right, others)[np.arange(len(rows)), :, label]
        return float(np.log((right * likely).sum(axis=1)).sum())


# So many answers tell which κ is best.
LOOKED_AT = 5_000


def honest(responses: Responses, probabilities: Floats) -> Honest:
    """The model of honest workers, learnt of these answers and of how probable each label is for each item."""
    answers, rows = _sorted(responses)
    answers, kept, right = _of_common_labels(answers, probabilities)
    if answers.known is not None:
        right[answers.known >= 0] = np.eye(right.shape[1])[answers.known[answers.known >= 0]]
    n_labels = answers.n_labels
    cells = answers.worker.astype(np.int64) * n_labels + answers.label
    by_right = [np.bincount(cells, column, answers.n_workers * n_labels) for column in right[answers.item].T]
    counts = np.stack(by_right, axis=1).reshape(answers.n_workers, n_labels, n_labels).transpose(0, 2, 1)
    crowd = counts.sum(axis=0) + CELL
    crowd /= crowd.sum(axis=1, keepdims=True)
    matrices = (counts + OWN * crowd) / (counts.sum(axis=2, keepdims=True) + OWN)
    evidence = TEMPER * np.log(matrices[answers.worker, :, answers.label])
    frequency = right.sum(axis=0) + 1
    said = [np.bincount(answers.item, column, answers.n_items) for column in evidence.T]
    believed = np.stack(said, axis=1) + np.log(frequency / frequency.sum())
    cells = answers.item.astype(np.int64) * n_labels + answers.label
    given = np.bincount(cells, minlength=answers.n_items * n_labels).reshape(answers.shape).astype(float)
    model = Honest(answers, rows[kept], matrices, crowd, evidence, believed, given, KAPPAS[0])
    rows = np.arange(0, len(answers.item), -(-len(answers.item) // LOOKED_AT) or 1)
    return replace(model, kappa=max(KAPPAS, key=lambda kappa: model.fit_of(kappa, rows)))


def _sorted(responses: Responses) -> tuple[Responses, Places]:
    """The answers by worker and item, the first of each worker to an item; and which those are."""
    # One number for both: of millions of answers that takes a third of the time.
    cells = responses.worker.astype(np.int64) * responses.n_items + responses.item
    rows = np.argsort(cells, kind="stable")
    rows = rows[np.diff(cells[rows], prepend=-1) != 0]
    codes = (responses.item[rows], responses.worker[rows], responses.label[rows])
    return replace(responses, item=codes[0], worker=codes[1], label=codes[2], skill=None, allowed=None), rows


def _of_common_labels(answers: Responses, probabilities: Floats) -> tuple[Responses, Places, Floats]:
    """The answers with labels that are given most, under codes of their own; which those are, and the probabilities."""
    if answers.n_labels <= MOST_LABELS:
        return answers, np.arange(len(answers.item)), probabilities.copy()
    often = np.bincount(answers.label, minlength=answers.n_labels)
    kept = np.sort(np.argsort(-often, kind="stable")[:MOST_LABELS])
    code = np.full(answers.n_labels + 1, -1, np.int32)
    code[kept] = np.arange(len(kept))
    rows = np.flatnonzero(code[answers.label] >= 0)
    right = probabilities[:, kept] + 1e-9
    few = replace(
        answers,
        item=answers.item[rows],
        worker=answers.worker[rows],
        label=code[answers.label[rows]],
        n_labels=len(kept),
        known=None if answers.known is None else code[answers.known],
    )
    return few, rows, right / right.sum(axis=1, keepdims=True)


def _shares(logarithms: Floats) -> Floats:
    chances = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    found: Floats = chances / chances.sum(axis=1, keepdims=True)
    return found
