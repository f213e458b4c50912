"""What an aggregator is: coded responses in, probabilities and skills out.

Aggregators see integer codes and floats only. Names, tables and JSON stay with the caller. A label's code is its
place in the caller's list of labels; of labels with the same probability the one with the lowest code wins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.ties import winners
from dataforge.errors import AggregationError

__all__ = [
    "UNKNOWN",
    "Aggregator",
    "Consensus",
    "Responses",
    "best",
]

# The skill of a worker of whom nothing is known.
UNKNOWN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Coded responses: the n-th says that worker `worker[n]` gave `label[n]` to item `item[n]`.

    `known[i]` is the code of item i's known answer, -1 if there is none. `skill[w]` is a weight in 0..1 measured
    outside, for example on control items. `allowed[i, c]` tells whether label c is open for item i. `ordered`: the
    labels are grades of a scale, from the lowest to the highest.
    """

    item: Codes
    worker: Codes
    label: Codes
    n_items: int
    n_workers: int
    n_labels: int
    known: Codes | None = None
    skill: Floats | None = None
    allowed: Flags | None = None
    ordered: bool = False

    def __post_init__(self) -> None:
        if not len(self.item) == len(self.worker) == len(self.label):
            raise AggregationError(
                f"item, worker and label need one entry per answer, got {len(self.item)}, {len(self.worker)} and "
                f"{len(self.label)}"
            )
        for name, codes, bound in (
            ("item", self.item, self.n_items),
            ("worker", self.worker, self.n_workers),
            ("label", self.label, self.n_labels),
        ):
            if len(codes) and not (codes.min() >= 0 and codes.max() < bound):
                raise AggregationError(f"{name} codes need to be 0..{bound - 1}, got {codes.min()}..{codes.max()}")
        for name, array, shape in (
            ("known", self.known, (self.n_items,)),
            ("skill", self.skill, (self.n_workers,)),
            ("allowed", self.allowed, (self.n_items, self.n_labels)),
        ):
            if array is not None and array.shape != shape:
                raise AggregationError(f"{name} needs the shape {shape}, got {array.shape}")

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the probabilities: (n_items, n_labels)."""
        return self.n_items, self.n_labels


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """What an aggregator found.

    `probabilities[i, c]`: how probable label c is for item i. `skills[w]`: the expected share of right answers of
    worker w. `confusion[w, c, a]`: how probable worker w's answer a is where c is right. `prior[c]`: how frequent
    label c is, `difficulties[d]`: how frequent items of difficulty d are. Methods whose model has no such part leave it
    out. `shown`: which share of the workers' ability answers show that it was not learnt from, as there were so many,
    `shown_by`; all is in proportion to it. None: the method does not look at that.
    """

    probabilities: Floats
    skills: Floats
    confusion: Floats | None = None
    n_iter: int = 0
    converged: bool = True
    prior: Floats | None = None
    difficulties: Floats | None = None
    shown: float | None = None
    shown_by: int = 0

    def for_workers(self, workers: NDArray[Any]) -> Consensus:
        """The parameters of these workers only, in this order; one who is new has the mean of all.

        Answers whose workers are numbered in that order can then be predicted without touching the others.
        """
        known = workers < len(self.skills)
        if known.all():
            confusion = None if self.confusion is None else self.confusion[workers]
            return replace(self, skills=self.skills[workers], confusion=confusion)
        there = workers[known]
        skills = np.full(len(workers), float(self.skills.mean()) if len(self.skills) else UNKNOWN)
        skills[known] = self.skills[there]
        if self.confusion is None:
            return replace(self, skills=skills)
        n_labels = self.confusion.shape[1]
        confusion = np.empty((len(workers), n_labels, n_labels))
        confusion[known] = self.confusion[there]
        if not known.all():
            confusion[~known] = self.confusion.mean(axis=0) if len(self.confusion) else 1.0 / max(n_labels, 1)
        return replace(self, skills=skills, confusion=confusion)

    def likelihoods(self, worker: Codes, label: Codes) -> Floats | None:
        """P(the answer | c is right) of each of these answers, shape (n, n_labels); None where there are no matrices.

        A worker who is new has the mean matrix. What it costs hangs on the answers, and not on how many workers and
        labels there are.
        """
        if self.confusion is None:
            return None
        known = worker < len(self.confusion)
        if known.all():
            return self.confusion[worker, :, label]
        n_labels = self.confusion.shape[1]
        mean = self.confusion.mean(axis=0) if len(self.confusion) else np.full((n_labels, n_labels), 1.0 / n_labels)
        found: Floats = mean[:, label].T
        found[known] = self.confusion[worker[known], :, label[known]]
        return found


class Aggregator(Protocol):
    """A method that turns responses into answers with probabilities and worker skills.

    Both calls keep one law: `predict(responses, fit(responses))` equals `fit(responses).probabilities`. Neither may
    depend on the order of the responses, nor on anything but what it is given.
    """

    def fit(self, responses: Responses, start: Consensus | None = None, /) -> Consensus:
        """Probabilities and skills; `start` is an earlier result whose worker parameters to go on from.

        Workers keep their codes between calls; there may be more of them than in `start`.
        """
        ...

    def predict(self, responses: Responses, consensus: Consensus, /) -> Floats:
        """Probabilities of the items in `responses` under the worker parameters of `consensus`."""
        ...


def best(probabilities: Floats) -> Codes:
    """The winning label of each row; of equally probable ones the lowest code."""
    return winners(probabilities)
