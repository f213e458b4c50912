"""Answers grouped by task, and the sums that passes over them give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats, Places

__all__ = ["AgreementSums", "ConfusionSums", "Hits", "Part", "joined"]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Answers to whole tasks, grouped by task: those to task t are `row[offsets[t]:offsets[t + 1]]`.

    A row is `worker * n_labels + label`: the place of the pair in tables of shape (n_workers * n_labels, …).
    `known[t]` is the label code of task t's known answer, -1 where there is none. `compiled` picks the passes.
    `once` marks the answers that count where a worker's same answer counts once; without it all count.
    `allowed[t, k]` tells whether label k is open for task t; without it all are.
    `own`: the codes that the part's workers have in a whole that codes more of them; without it these are the same.
    """

    offsets: Places
    row: NDArray[Any]
    n_workers: int
    n_labels: int
    known: Codes | None = None
    compiled: bool = False
    once: Flags | None = None
    allowed: Flags | None = None
    own: Codes | None = None

    @property
    def n_tasks(self) -> int:
        """How many tasks the part holds."""
        return len(self.offsets) - 1

    @property
    def n_answers(self) -> int:
        """How many answers the part holds."""
        return int(self.offsets[-1] - self.offsets[0])

    @property
    def n_rows(self) -> int:
        """Number of (worker, label) pairs, whether they occur or not."""
        return self.n_workers * self.n_labels

    @property
    def answers(self) -> NDArray[Any]:
        """The rows of this part's answers, in the order of its tasks."""
        return self.row[self.offsets[0] : self.offsets[-1]]

    @property
    def task(self) -> Places:
        """The task of each answer, counted from the part's first."""
        return np.repeat(np.arange(self.n_tasks), self.counts)

    @property
    def counts(self) -> Places:
        """How many answers each task has."""
        return self.offsets[1:] - self.offsets[:-1]

    @property
    def worker(self) -> NDArray[Any]:
        """The worker of each answer."""
        return self.answers // self.n_labels

    @property
    def label(self) -> NDArray[Any]:
        """The label of each answer, which numpy finds by a division in a third of the time that a remainder takes."""
        label: NDArray[Any] = self.answers - self.worker * self.n_labels
        return label

    @property
    def cell(self) -> Places:
        """The place of each answer's task and label in tables of shape (n_tasks, n_labels)."""
        cell: Places = self.task * self.n_labels + self.label
        return cell

    def of(self, own: Codes) -> Part:
        """The same with codes of its own for these workers of the whole, among whom all of its workers are."""
        if len(own) == self.n_workers:
            return self
        worker = self.worker
        place = np.zeros(self.n_workers, np.int64)
        place[own] = np.arange(len(own))
        row = place[worker]
        row *= self.n_labels
        row += self.answers - worker * self.n_labels
        return replace(
            self,
            offsets=self.offsets - self.offsets[0],
            row=row.astype(_code_type(len(own) * self.n_labels), copy=False),
            n_workers=len(own),
            own=own,
        )

    def in_whole(self) -> Part:
        """The same with the codes of the whole, up to the last worker of the part."""
        if self.own is None:
            return self
        row = self.own.astype(np.int64)[self.worker] * self.n_labels + self.label
        n_workers = int(self.own[-1]) + 1 if len(self.own) else 0
        return replace(self, offsets=self.offsets - self.offsets[0], row=row, n_workers=n_workers, own=None)

    def slice(self, first: int, last: int) -> Part:
        """The tasks `first` up to `last`, without a copy."""
        offsets = self.offsets[first : last + 1]
        known = None if self.known is None else self.known[first:last]
        once = None if self.once is None else self.once[offsets[0] - self.offsets[0] : offsets[-1] - self.offsets[0]]
        allowed = None if self.allowed is None else self.allowed[first:last]
        return replace(self, offsets=offsets, known=known, once=once, allowed=allowed)


def _code_type(n_rows: int) -> type[np.signedinteger[Any]]:
    return np.int32 if n_rows < np.iinfo(np.int32).max else np.int64


def joined(parts: Sequence[Part]) -> Part:
    """The tasks of several parts as one, in their order."""
    if len(parts) == 1:
        return parts[0]
    counts = [part.counts for part in parts]
    known = [part.known for part in parts if part.known is not None]
    return replace(
        parts[0],
        offsets=np.concatenate([[0], np.cumsum(np.concatenate(counts))]),
        row=np.concatenate([part.answers for part in parts]),
        known=np.concatenate(known) if known else None,
    )


class ConfusionSums(NamedTuple):
    """What a pass with one confusion matrix per worker adds up.

    `counts[r, k]`: expected number of answers of the pair r (worker, label) where k is right, (n_rows, n_labels);
    `prior[k]`: expected number of tasks where k is right; `entropy`: of the posteriors, in nats.
    """

    counts: Floats
    prior: Floats
    entropy: float


class AgreementSums(NamedTuple):
    """What a pass with one number per pair of worker and label adds up.

    `credit[r]`: expected number of right answers of the pair r, (n_rows,); `prior[k]`: as above; `answered[k]`:
    expected number of answers to tasks where k is right; `entropy`: of the posteriors; `evidence`: the sum of
    log Σ_k exp(log weight of k) over tasks, in nats.
    """

    credit: Floats
    prior: Floats
    answered: Floats
    entropy: float
    evidence: float


class Hits(NamedTuple):
    """Answers that name the right label and answers that count, by worker, (n_workers,) each."""

    right: Floats
    given: Floats
