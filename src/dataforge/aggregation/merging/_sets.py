"""Sets of parts, such as the boxes on a picture or the spans of a text, read into arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.kernels.clusters import Pairs
from dataforge.aggregation.merging.base import Answers

__all__ = ["Clustered", "Drawn", "Kind", "Made", "Merging", "Part", "listed", "read", "same_pairs"]

Part = Mapping[str, Any]
# The merged parts of these clusters, each with its label in front where it has one.
Made = Callable[[Places, Sequence[str | None]], list[dict[str, Any]]]
# So many answers are read together: their parts stay in a processor's caches while they are.
READ_AT_ONCE = 200


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """All parts of all answers: the row of the answer, its item and worker, the code of the label, and numbers.

    `turn` is which of its item's answers a part's is, from 0.
    `values` and `items` are those of the answers: behind those of the workers the known ones, by a worker of their own,
    the last one.
    """

    values: Sequence[Any]
    items: Places

    parts: Sequence[Part]
    answer: Places
    item: Places
    worker: Places
    turn: Places
    label: Codes
    labels: Sequence[str | None]
    numbers: Floats

    def measured(self, unit: Callable[[Any], float]) -> Floats:
        """By part, what distances on its item are measured by: the most that answers to it tell.

        Known answers need not tell the size of the picture, and answers to the item do.
        """
        most = np.zeros(int(self.items.max(initial=-1)) + 1)
        np.maximum.at(most, self.items, np.fromiter(map(unit, self.values), np.float64, len(self.values)))
        found: Floats = most[self.item]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Clustered:
    """Parts that were put together: the cluster of each, and the item of each cluster; clusters are sorted by item."""

    drawn: Drawn
    cluster: Places
    item: Places

    def pairs(self) -> tuple[Places, Places]:
        """All pairs of parts of one cluster."""
        return same_pairs(self.cluster)


@dataclass(frozen=True, slots=True, eq=False)
class Merging:
    """What came out of clusters: a part of each, made once it is known which are kept, and how far it is off.

    With the probability `exact` the likeness of a merged part to the true one is 1 less a loss of this mean and
    deviation, else it is 1 less `inexact`; `precision` is how alike one part of each worker is to the true one, on
    average.
    """

    parts: Made
    loss: Floats
    loss_deviation: Floats
    precision: Floats
    exact: Floats
    inexact: Floats


class Kind(Protocol):
    """What kinds of parts differ in."""

    def parts(self, value: Any) -> Sequence[Part]:
        """The parts of an answer."""
        ...

    def whole(self, like: Any, parts: list[dict[str, Any]]) -> Any:
        """An answer of these parts to the same item."""
        ...

    def numbers(self, parts: Sequence[Part]) -> Floats:
        """Numbers that tell where each part is, shape (n_parts, n_numbers)."""
        ...

    def pairs(self, drawn: Drawn) -> Pairs:
        """Pairs that may be of one object, and how alike they are."""
        ...

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """One part of each cluster, under these precisions of workers; NaN where they are to be learnt."""
        ...


def listed(parts: Sequence[dict[str, Any]]) -> Made:
    """Parts of all clusters that are made already, without labels."""

    def made(kept: Places, names: Sequence[str | None]) -> list[dict[str, Any]]:
        some = [parts[place] for place in kept.tolist()]
        return [part if name is None else {"label": name, **part} for name, part in zip(names, some, strict=True)]

    return made


def same_pairs(number: Places) -> tuple[Places, Places]:
    """All pairs of places that have the same number."""
    ranked, order = _ranked(number)
    first, second = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for step in range(1, int(np.bincount(number, minlength=1).max())):
        same = np.flatnonzero(ranked[step:] == ranked[:-step])
        first.append(order[same])
        second.append(order[same + step])
    return np.concatenate(first), np.concatenate(second)


def _ranked(number: Places) -> tuple[Places, Places]:
    """The numbers in order, and their places: several times as fast as a stable sort of places."""
    count = max(len(number), 1)
    keys = number * count
    keys += np.arange(len(number))
    keys.sort()
    return np.divmod(keys, count)


def read(answers: Answers, kind: Kind) -> Drawn:
    """The parts of all answers and known answers."""
    values = [*answers.values, *answers.known.values()]
    items = np.concatenate([answers.items, np.fromiter(answers.known, np.int64, len(answers.known))])
    workers = np.concatenate([answers.workers, np.full(len(answers.known), answers.worker_count)])
    parts: list[Part] = []
    labels: list[str | None] = []
    counts: list[int] = []
    numbers = []
    for start in range(0, max(len(values), 1), READ_AT_ONCE):
        lists = list(map(kind.parts, values[start : start + READ_AT_ONCE]))
        some = list(chain.from_iterable(lists))
        counts += map(len, lists)
        labels += _labels(some)
        numbers.append(kind.numbers(some))
        parts += some
    answer = np.repeat(np.arange(len(counts)), counts)
    code, names = _coded(labels)
    return Drawn(
        values=values,
        items=items,
        parts=parts,
        answer=answer,
        item=items[answer],
        worker=workers[answer],
        turn=_turns(items)[answer],
        label=code,
        labels=names,
        numbers=np.concatenate(numbers),
    )


def _labels(parts: list[Part]) -> list[str | None]:
    """The label of each part; most often all have one, which is read sooner than one that may be missing."""
    try:
        return [part["label"] for part in parts]
    except KeyError:
        return [part.get("label") for part in parts]


def _turns(items: Places) -> Places:
    """Which of its item's answers each answer is, from 0."""
    order = _ranked(items)[1]
    counts = np.bincount(items)
    turns = np.empty(len(items), np.int64)
    turns[order] = np.arange(len(items)) - np.repeat(np.cumsum(counts) - counts, counts)
    return turns


def _coded(labels: list[str | None]) -> tuple[Codes, list[str | None]]:
    """Codes of labels in the order of their names, so that no order of answers shows in them."""
    names = sorted(set(labels), key=lambda label: label or "")
    if len(names) == 1:
        return np.zeros(len(labels), np.int32), names
    place = {name: n for n, name in enumerate(names)}
    return np.fromiter(map(place.__getitem__, labels), np.int32, len(labels)), names
