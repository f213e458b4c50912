"""Models whose labels join the answers of people, by what control items show of them.

Each model has a confusion matrix, learnt on control items, and a weight: its labels tell less than that matrix says as
far as it errs where people err. Both are measured: control items are looked at as if nobody knew them, as many answers
of people at a time as a real item has, and the weight is the one under which people and model together find the known
answers most probable, each item beside a matrix that was learnt without it. A model counts for nothing until they find
these twice as probable as people alone do: one that guesses, or says always the same, nearly always changes nothing.

Who was trained on the control items, or has a list of them, answers them better than other items. So what people make
of those is looked at, too: of what its matrix says a model is believed to tell as much as makes its labels there most
probable. The rest is a habit of saying so, whatever is right.

A model is no person: its labels are counted neither for overlap nor where opinions are compared, and an item that
nobody has answered has no answer. Without control items it has no weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.consensus.base import Aggregator, Consensus
from dataforge.data.items import Items
from dataforge.data.voters import share_of_labels
from dataforge.objects.base import Label
from dataforge.policy import Policy
from dataforge.runs.core.columns import Arrays, Column, Places
from dataforge.runs.core.quality import Measured
from dataforge.runs.quality._ceiling import Ceiling
from dataforge.runs.quality._doubt import Coded, probabilities_of

__all__ = ["Elsewhere", "Tries", "Voters", "as_few", "borne_out", "left_of", "matrix_of", "told_without", "weight_of"]

# How many labels of a control item's row of the matrix follow from the accuracy over all of them.
EVEN = 6.0
# The accuracy counts so many labels given by chance.
BY_CHANCE = 2.0
# Before anything was measured: the weight, and how many control items that counts for.
WEIGHT, WORTH = 0.7, 8.0
WEIGHTS = np.linspace(0.0, 1.0, 41)
# So many nats surer known answers have to be beside a model for it to count. Who guesses passes that in one case of
# twelve, who is right at 80 % of 30 control items in nine of ten.
SPEAKS = float(np.log(2.0))
# Before anybody has answered other items: how probable it is that a model tells nothing there, and that it tells nearly
# all, by this power of the share; else any share is as probable.
NOTHING, NEARLY_ALL, POWER = 0.1, 0.6, 19
SHARES = np.linspace(0.0, 1.0, 51)
# With less than this, the requester is told.
DOUBTED = 0.5
LEAST = 1e-9


class Tries(NamedTuple):
    """Items with known answers, as if nobody knew them: which, what people's answers make of each label, and what each
    try counts. Shapes (n,), (n, n_labels) and (n,).
    """

    item: Places
    believed: Floats
    counts: Floats


class Elsewhere(NamedTuple):
    """Other items, and what people make of each label there, shapes (n,) and (n, n_labels)."""

    item: Places
    believed: Floats


class Voters:
    """The models of a run, by number: their labels as shares of each item, their matrices and weights.

    `able`: what share of what control items show of a model is borne out by what people make of other items; the
    matrices are what is left.
    """

    def __init__(self, policy: Policy, labels: Sequence[Label | None]) -> None:
        self._given = dict(policy.voters or {})
        self._labels = tuple(labels)
        count = len(self._given)
        shape = (len(labels),)
        self._shares: list[Column[np.float32]] = [Column(np.float32, shape=shape) for _ in self._given]
        self.matrices = np.full((count, len(labels), len(labels)), 1 / max(len(labels), 1))
        self.weights = np.zeros(count)
        self.able = np.ones(count)

    def __len__(self) -> int:
        return len(self._given)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns with labels."""
        return tuple(given for given in self._given.values() if isinstance(given, str))

    def grow(self, items: Items) -> None:
        """Take in the labels of further items."""
        for shares, given in zip(self._shares, self._given.values(), strict=True):
            shares.extend(share_of_labels(items, given, self._labels))

    def look(self, known: Codes, tries: Tries, elsewhere: Elsewhere) -> None:
        """Measure each model on the items whose answers are `known`, beside people and the models before it.

        `elsewhere` people alone have answered.

        Tries of other items show nothing of models: those that somebody has judged are drawn where people doubt.
        """
        shown = known[tries.item] >= 0
        tries = Tries(tries.item[shown], tries.believed[shown], tries.counts[shown])
        believed, people = tries.believed, elsewhere.believed
        for number, shares in enumerate(self._shares):
            given = shares.values.astype(np.float64)
            checks = np.flatnonzero((known >= 0) & (given.sum(axis=1) > 0))
            counts = np.zeros(self.matrices.shape[1:])
            np.add.at(counts, known[checks], given[checks])
            matrix = matrix_of(counts)
            there = given[elsewhere.item]
            self.able[number] = borne_out(matrix, there, people)
            self.matrices[number] = left_of(matrix, self.able[number], people)
            told = told_without(counts, given[tries.item], known[tries.item])
            self.weights[number] = weight_of(believed, told, known[tries.item], tries.counts)
            believed = _joined(believed, told, self.weights[number])

    def join(self, probabilities: Floats, items: Places) -> Floats:
        """Probabilities of these items with what the models say of them, shape (n_items, n_labels)."""
        for number, shares in enumerate(self._shares):
            told = shares.values[items].astype(np.float64) @ self.matrices[number].T
            probabilities = _joined(probabilities, told, self.weights[number])
        return probabilities

    def measured(self, known: Codes) -> list[Measured]:
        """What is known of each model."""
        found = []
        for (name, shares), weight in zip(zip(self._given, self._shares, strict=True), self.weights, strict=True):
            given = shares.values
            there = given.sum(axis=1) > 0
            checks = np.flatnonzero((known >= 0) & there)
            right = float(given[checks, known[checks]].sum())
            shown = float(weight) if len(checks) else 0.0
            found.append(Measured(name, int(there.sum()), len(checks), right, shown))
        return found

    def doubted(self) -> list[tuple[str, float]]:
        """The models of which people bear out less than half of what control items show, and how much."""
        return [(name, able) for name, able in zip(self._given, self.able.tolist(), strict=True) if able < DOUBTED]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was measured."""
        return {"matrices": self.matrices.copy(), "weights": self.weights.copy(), "able": self.able.copy()}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        matrices, weights = arrays["matrices"], arrays["weights"]
        if matrices.shape != self.matrices.shape:
            raise KeyError("voters")
        self.matrices, self.weights = np.array(matrices), np.array(weights)
        # An older file has nothing of it.
        self.able = np.array(arrays["able"]) if "able" in arrays else np.ones(len(weights))


def as_few(aggregator: Aggregator, coded: Coded, fit: Consensus, asked: int, ceiling: Ceiling) -> Tries:
    """What people's answers to items with known answers claim as if these were not known, `asked` at a time."""
    answers = coded.answers
    rows = coded.tried
    if not len(rows):
        return Tries(np.empty(0, np.int64), np.empty((0, answers.n_labels)), np.empty(0))
    rows = rows[np.argsort(answers.item[rows], kind="stable")]
    item = answers.item[rows]
    begins = (np.arange(len(item)) - np.searchsorted(item, item)) % asked == 0
    of, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    tried = coded.as_unknown(rows, of, item[first])
    counts = np.bincount(of) / np.bincount(item)[item[first]]
    return Tries(tried.items, ceiling.under(probabilities_of(aggregator, tried, fit), tried.answers), counts)


def matrix_of(counts: Floats) -> Floats:
    """P(label | right label) from counts, [right label, label]; even where nothing was counted.

    No label is said for right more surely than all labels together, or its own right ones, show: the rest of its row
    follows from both.
    """
    n_labels = len(counts)
    accuracy = (BY_CHANCE / n_labels + np.trace(counts)) / (BY_CHANCE + counts.sum())
    even = np.full((n_labels, n_labels), (1 - accuracy) / max(n_labels - 1, 1))
    np.fill_diagonal(even, accuracy)
    given = counts.sum(axis=1)
    found: Floats = (EVEN * even + counts) / (EVEN + given[:, None])
    right = np.diagonal(found)
    least = np.minimum(right, np.maximum(accuracy, (np.diagonal(counts) + 1) / (given + 2)))
    found = found * ((1 - least) / np.maximum(1 - right, LEAST))[:, None]
    np.fill_diagonal(found, least)
    return found


def borne_out(matrix: Floats, given: Floats, believed: Floats) -> float:
    """What share of what a matrix says is borne out by labels beside what people make of the same items, 0 to 1.

    `given` and `believed`, both of shape (n, n_labels), are the model's labels as shares, and how probable people make
    each. It is the mean of the share's distribution given how probable the labels are under it.
    """
    there = given.sum(axis=1) > 0
    given, believed = given[there], believed[there]
    told, habit = (believed * (given @ matrix.T)).sum(axis=1), given @ _habit(matrix, believed)
    nearly = SHARES**POWER
    likely = NEARLY_ALL * nearly / nearly.sum() + (1 - NOTHING - NEARLY_ALL) / len(SHARES)
    likely[0] += NOTHING
    evidence = np.array([np.log(np.maximum(share * told + (1 - share) * habit, LEAST)).sum() for share in SHARES])
    likely = likely * np.exp(evidence - evidence.max())
    return float(likely @ SHARES / likely.sum())


def left_of(matrix: Floats, share: float, believed: Floats) -> Floats:
    """The matrix of a model of which such a share is borne out."""
    return share * matrix + (1 - share) * _habit(matrix, believed)


def _habit(matrix: Floats, believed: Floats) -> Floats:
    """How often a model says each label, where labels are as frequent as they are believed to be."""
    n_labels = len(matrix)
    often: Floats = (believed.sum(axis=0) + 1) / (len(believed) + n_labels)
    return often @ matrix


def weight_of(believed: Floats, told: Floats, known: Codes, counts: Floats) -> float:
    """How much of what a model tells counts beside people, from 0 to 1; nothing unless known answers speak for it.

    `believed` is what people make of items, `told` the model's likelihoods of each label, both of shape (n, n_labels).
    """
    log_told, log_believed = np.log(np.maximum(told, LEAST)), np.log(np.maximum(believed, LEAST))
    rows = np.arange(len(known))
    joint = log_believed + WEIGHTS[:, None, None] * log_told
    top = joint.max(axis=2, keepdims=True)
    whole = top[:, :, 0] + np.log(np.exp(joint - top).sum(axis=2))
    shown = (joint[:, rows, known] - whole) @ counts
    best = int(np.argmax(shown - 0.5 * WORTH * (WEIGHTS - WEIGHT) ** 2))
    return float(WEIGHTS[best]) if shown[best] - shown[0] >= SPEAKS else 0.0


def told_without(counts: Floats, given: Floats, known: Codes) -> Floats:
    """The likelihoods of each label for items, by the matrix that was learnt without the item itself."""
    found = np.ones((len(known), len(counts)))
    for place, (shares, right) in enumerate(zip(given, known.tolist(), strict=True)):
        if shares.any():
            others = counts.copy()
            others[right] -= shares
            found[place] = matrix_of(others) @ shares
    return found


def _joined(probabilities: Floats, told: Floats, weight: float) -> Floats:
    """Probabilities times likelihoods to a power; of items of which nothing is told they stay."""
    if not weight:
        return probabilities
    there = told.sum(axis=1) > 0
    likely = np.where(there[:, None], np.maximum(told, LEAST), 1.0) ** weight
    joint = probabilities * likely
    whole = joint.sum(axis=1, keepdims=True)
    result: Floats = np.where(whole > 0, joint / np.maximum(whole, LEAST), probabilities)
    return result
