"""Masks on pictures merged: each pixel gets the label that most speaks for, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.detection import Rates, Sightings, detect
from dataforge.aggregation.kernels.pixel_votes import PixelVotes, chances, skills_of, sureness
from dataforge.aggregation.merging._merged_sets import RIGHT
from dataforge.aggregation.merging._workers import by_item, filled, row_of_each, shown, sure
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf
from dataforge.geometry.pixel_runs import Runs, counts_of, runs_of, text_of

__all__ = ["PLUGIN", "MaskMerger"]

# The same sums in another order differ by less; who is as many says that a pixel is marked.
CLOSE = 1e-9
# What is lost of a mask is overlooked labels and edges that are off; so much of the logarithm of a skill is the first.
DRAWING = 0.6


class MaskMerger:
    """Masks on pictures: a pixel has the label for which most speaks, by how alike each person's masks are to others'.

    Where as much speaks for a label as for none, it has the label. Whether a label is on the picture at all is told by
    how often people overlook one and how often they invent one; where its edges are, pixel by pixel. Confidence is the
    probability that the mean intersection over union with the true masks is .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._names: list[str | None] = [str(option["value"]) for option in settings.get("options") or ()] or [None]

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The masks of each item."""
        of = by_item(answers)
        items = [self._item(answers, item, numbers) for item, numbers in enumerate(of)]
        votes = self._votes(answers, items)
        places, sightings = self._sightings(votes, answers)
        # What was learnt is what is claimed by, now and later.
        if (learnt := skills) is None:
            skill = np.where(shown(answers), skills_of(votes), np.nan)
            learnt = np.column_stack([skill, detect(sightings).rates.columns()])
        skills = learnt if learnt.ndim == 1 else learnt[:, 0]
        chance = chances(votes, filled(skills))
        # Labels first: of equals the first is taken.
        chosen = (np.argmax(np.round(np.roll(chance, -1, axis=1) / CLOSE), axis=1) + 1) % chance.shape[1]
        certainty = sureness(votes, chance, chosen, self._present(places, sightings, _rates(learnt)), RIGHT)
        # Where answers do not agree how large the picture is nothing shows who is right.
        shows = [_most_agree([answers.values[number] for number in numbers]) for numbers in of]
        confidence = np.where(shows, certainty, np.nan)
        ends = np.cumsum([0, *(len(item.sizes) for item in items)]).tolist()
        values = [
            answers.known[item] if item in answers.known else self._merged(answers, numbers, chosen[start:end])
            for item, (numbers, start, end) in enumerate(zip(of, ends, ends[1:], strict=False))
        ]
        return Merged(values, sure(answers, confidence, skills), skills, learnt if learnt.ndim > 1 else None)

    def _item(self, answers: Answers, item: int, numbers: Sequence[int]) -> _Item:
        """The rows of an item; what is known of it is the last column."""
        values = [answers.values[number] for number in numbers]
        known = [answers.known[item]] if item in answers.known else []
        pieces = self._pieces([*values, *known])
        count = np.bincount(pieces.row, pieces.end - pieces.begin, len(pieces.codes))
        return _Item(pieces.codes, count.astype(np.float64), numbers, bool(known))

    def _votes(self, answers: Answers, items: Sequence[_Item]) -> PixelVotes:
        rows = np.array([len(item.sizes) for item in items], np.int64)
        first = np.cumsum(rows) - rows
        row, worker, code = [_NONE], [_NONE], [_NONE]
        for item, start in zip(items, first.tolist(), strict=True):
            for column, number in enumerate(item.numbers):
                row.append(start + np.arange(len(item.sizes)))
                worker.append(np.full(len(item.sizes), answers.workers[number], np.int64))
                code.append(item.codes[:, column].astype(np.int64))
        known = [item.codes[:, -1].astype(np.int64) if item.known else np.full(len(item.sizes), -1) for item in items]
        return PixelVotes(
            item=np.repeat(np.arange(len(items)), rows),
            count=np.concatenate([np.zeros(0), *(item.sizes for item in items)]),
            known=np.concatenate([_NONE, *known]),
            row=np.concatenate(row),
            worker=np.concatenate(worker),
            code=np.concatenate(code),
            items=answers.item_count,
            workers=answers.worker_count,
            labels=len(self._names),
        )

    def _sightings(self, votes: PixelVotes, answers: Answers) -> tuple[Places, Sightings]:
        """Who has which label on a picture: each is seen as an object is, once."""
        labels = len(self._names)
        named = votes.code > 0
        place = votes.item[votes.row] * labels + votes.code - 1
        seen, cluster, worker = _distinct(place[named], votes.worker[named], votes.workers)
        known = np.full(answers.item_count, np.nan)
        known[list(answers.known)] = 0.0
        known = np.repeat(known, labels)
        is_known = votes.known > 0
        known[votes.item[is_known] * labels + votes.known[is_known] - 1] = 1.0
        return seen, Sightings(
            cluster=cluster,
            worker=worker,
            item=seen // labels,
            known=known[seen],
            answer_item=answers.items,
            answer_worker=answers.workers,
            weight=np.ones(len(seen)),
            worth=np.ones(len(seen)),
            item_count=answers.item_count,
            worker_count=answers.worker_count,
        )

    def _present(self, places: Places, sightings: Sightings, rates: Rates) -> Floats:
        """How probably each label is on each picture, shape (n_items, n_labels): told as objects are."""
        there = np.zeros(sightings.item_count * len(self._names))
        there[places] = detect(sightings, rates).presence
        return there.reshape(-1, len(self._names))

    def _merged(self, answers: Answers, numbers: Sequence[int], chosen: Places) -> Any:
        """The value whose pixels have the chosen labels; pieces are found anew, as those of all items take room."""
        if not numbers:
            return None
        values = [answers.values[number] for number in numbers]
        size, pieces = _size(values), self._pieces(values)
        label = chosen[pieces.row]
        masks = []
        for code, name in enumerate(self._names, 1):
            taken = label == code
            runs = _joined(pieces.begin[taken], pieces.end[taken])
            if len(runs):
                named = {} if name is None else {"label": name}
                masks.append(named | {"counts": text_of(runs, size[0] * size[1])})
        return {"width": size[0], "height": size[1], "masks": masks}

    def _pieces(self, values: Sequence[Any]) -> _Pieces:
        """What several answers say of one picture; one of another size marks nothing of this one."""
        if not values:
            return _Pieces(_NONE, _NONE, _NONE, np.zeros((0, 0), np.uint8))
        size = _size(values)
        pixels = size[0] * size[1]
        drawn = [self._labelled(value, pixels) if _size([value]) == size else [] for value in values]
        edges = [np.array([0, pixels]), *(runs.ravel() for each in drawn for _, runs in each)]
        cuts = np.unique(np.concatenate(edges))
        begin, end = cuts[:-1], cuts[1:]
        votes = np.zeros((len(begin), len(values)), np.uint8)
        for column, each in enumerate(drawn):
            for code, runs in each:
                run = np.searchsorted(runs[:, 0], begin, "right") - 1
                inside = (run >= 0) & (begin < runs[run, 1])
                votes[inside, column] = code
        marked = votes.any(axis=1)
        codes, row = np.unique(votes[marked], axis=0, return_inverse=True)
        return _Pieces(begin[marked], end[marked], row.ravel(), codes)

    def _labelled(self, value: Any, pixels: int) -> list[tuple[int, Runs]]:
        numbers = {name: code for code, name in enumerate(self._names, 1)}
        found = [(numbers.get(mask.get("label"), 0), mask["counts"]) for mask in value["masks"]]
        return [(code, runs_of(counts_of(counts), pixels)) for code, counts in found if code]


class _Pieces(NamedTuple):
    """Pixels from `begin` to `end` have the votes `codes[row]`, a column an answer; what nobody marked is left out."""

    begin: Places
    end: Places
    row: Places
    codes: Any


class _Item(NamedTuple):
    codes: Any
    sizes: Floats
    numbers: Sequence[int]
    known: bool


_NONE = np.zeros(0, np.int64)


def _rates(learnt: Floats) -> Rates:
    """How often people overlook a label and invent one: as was learnt, or as often as masks of their skill lose it."""
    if learnt.ndim > 1:
        return Rates.of_columns(row_of_each(learnt))
    return Rates.of_recall(np.clip(filled(learnt), 0.05, 0.995) ** DRAWING)


def _size(values: Sequence[Any]) -> tuple[int, int]:
    """The size that most of the answers tell, the first of equals."""
    return Counter((int(value["width"]), int(value["height"])) for value in values).most_common(1)[0][0]


def _most_agree(values: Sequence[Any]) -> bool:
    """Whether there are answers, of which more than half tell one size."""
    size = _size(values) if values else None
    return bool(values) and 2 * sum(_size([value]) == size for value in values) > len(values)


def _joined(begin: Places, end: Places) -> Runs:
    """Pieces in their order with those made one that touch."""
    parted = begin[1:] > end[:-1]
    first, last = np.append(True, parted)[: len(begin)], np.append(parted, True)[: len(begin)]
    return np.stack([begin[first], end[last]], axis=1)


def _distinct(place: Places, worker: Places, workers: int) -> tuple[Places, Places, Places]:
    """The places that are named, and who named which of them, each once: a code of the place and the worker."""
    told = np.unique(place * workers + worker)
    seen, code = np.unique(told // max(workers, 1), return_inverse=True)
    return seen, code.ravel(), told % max(workers, 1)


PLUGIN: MergerOf = MaskMerger
