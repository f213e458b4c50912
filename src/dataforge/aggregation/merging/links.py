"""Links between objects merged: a vote on each pair, under how often each worker sees a link and invents one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.clusters import Pairs
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._sets import Clustered, Drawn, Merging, Part, listed, same_pairs
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "LinksMerger"]

SURE = "sure"


class LinksMerger:
    """Links are kept that are probably there, by the skills of those who gave them and of those who did not.

    Their labels are voted on. Where an object has one link at most, the surer of two is kept. Confidence is the
    probability that F1 against the true links is .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The links of each item."""
        same = self._settings["a"] == self._settings["b"]
        kind = _Links(single=bool(self._settings.get("single")), same=same)
        return merge_sets(kind, self._settings, answers, skills)


class _Links:
    def __init__(self, *, single: bool, same: bool) -> None:
        self._single = single
        self._same = same

    def parts(self, value: Any) -> Sequence[Part]:
        """The links."""
        parts: Sequence[Part] = value
        return parts

    def whole(self, like: Any, parts: list[dict[str, Any]]) -> Any:
        """The links in the order of their objects; of those that cannot stand beside each other the surest."""
        taken: set[tuple[int, int]] = set()
        found = []
        for part in sorted(parts, key=lambda one: (-one[SURE], one["from"], one["to"])):
            ends = {(0, part["from"]), (0 if self._same else 1, part["to"])}
            if not (self._single and ends & taken):
                found.append({"from": part["from"], "to": part["to"]} | _label(part))
                taken |= ends
        return sorted(found, key=lambda one: (one["from"], one["to"]))

    def numbers(self, parts: Sequence[Part]) -> Floats:
        """The places of the two objects."""
        return np.array([(part["from"], part["to"]) for part in parts], np.float64).reshape(-1, 2)

    def pairs(self, drawn: Drawn) -> Pairs:
        """Links of one item that join the same objects."""
        columns = np.column_stack([drawn.item, drawn.numbers.astype(np.int64)])
        link = np.unique(columns, axis=0, return_inverse=True)[1].ravel()
        first, second = same_pairs(link)
        return Pairs(first, second, np.ones(len(first)))

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """The links themselves: who gives one gives it exactly."""
        count = len(presence)
        places = np.zeros((count, 2), np.int64)
        places[clustered.cluster] = clustered.drawn.numbers.astype(np.int64)
        ends = zip(places.tolist(), presence.tolist(), strict=True)
        return Merging(
            parts=listed([{"from": one, "to": other, SURE: sure} for (one, other), sure in ends]),
            loss=np.zeros(count),
            loss_deviation=np.zeros(count),
            precision=np.ones(len(precision)),
            exact=np.ones(count),
            inexact=np.zeros(count),
        )


def _label(part: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": part["label"]} if "label" in part else {}


PLUGIN: MergerOf = LinksMerger
