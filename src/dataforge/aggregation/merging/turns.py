"""Answers to the turns of dialogues merged: for each turn the likeliest label, under one accuracy for each worker."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.cluster_labels import label_clusters
from dataforge.aggregation.merging._workers import filled, shown, sure
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "TurnsMerger"]

# An item is right if so many of its turns are, as similarity counts them.
RIGHT = 0.75


class TurnsMerger:
    """A skill is the share of turns that a worker answers right; labels that are wrong are as likely as each other.

    Confidence is the probability that three of four turns of the item are right, if they are so independently of one
    another.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._labels = [option["value"] for option in settings["options"]]

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The label of each turn of each item, and how probably they are right."""
        votes = _Votes(answers, self._labels)
        accuracy = np.append(np.full(answers.worker_count, np.nan) if skills is None else filled(skills), 1.0)
        found = label_clusters(
            votes.label, votes.turn, votes.worker, np.ones(len(votes.item)), len(self._labels), accuracy
        )
        if skills is None:
            skills = np.where(shown(answers), found.accuracy[:-1], np.nan)
        values: list[Any] = [None] * answers.item_count
        confidence = np.full(answers.item_count, np.nan)
        for item in set(answers.items.tolist()):
            values[item], confidence[item] = [], 1.0
        rows = zip(
            votes.item.tolist(), votes.place.tolist(), found.label.tolist(), found.probability.tolist(), strict=True
        )
        for item, turns in groupby(rows, key=lambda row: row[0]):
            told = list(turns)
            values[item] = [{"turn": place, "label": self._labels[label]} for _, place, label, _ in told]
            confidence[item] = _most_right([chance for *_, chance in told])
        for item, value in answers.known.items():
            values[item] = value
        return Merged(values, sure(answers, confidence, skills), skills)


class _Votes:
    """Who gave which label to which turn; turns are sorted by item and place, known answers are of the last worker."""

    def __init__(self, answers: Answers, labels: list[Any]) -> None:
        code = {label: number for number, label in enumerate(labels)}
        items, workers, values = answers.items.tolist(), answers.workers.tolist(), list(answers.values)
        for item, value in answers.known.items():
            items, workers, values = [*items, item], [*workers, answers.worker_count], [*values, value]
        rows = [
            (item, one["turn"], worker, code[one["label"]])
            for item, worker, value in zip(items, workers, values, strict=True)
            for one in value
        ]
        table = np.array(rows, np.int64).reshape(len(rows), 4)
        turns, self.turn = np.unique(table[:, :2], axis=0, return_inverse=True)
        self.turn = self.turn.ravel()
        self.item: Places = turns[:, 0]
        self.place: Places = turns[:, 1]
        self.worker: Places = table[:, 2]
        self.label: Codes = table[:, 3].astype(np.int32)


def _most_right(chances: list[float]) -> float:
    """How probable it is that at least three of four of these come true, independently (Poisson binomial)."""
    wrong = np.ones(1)
    for chance in chances:
        wrong = np.convolve(wrong, (chance, 1.0 - chance))
    return float(wrong[: int(len(chances) * (1.0 - RIGHT)) + 1].sum())


PLUGIN: MergerOf = TurnsMerger
