"""Spans of texts merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.cluster_labels import label_clusters
from dataforge.aggregation.kernels.sums import tally
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._pieces import Pieces, distinct, order_of
from dataforge.aggregation.merging._sets import Clustered, Merging, Part, listed
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "SpansMerger"]

# Where a span ends: at the right place, or a word before or after it.
ENDS = 3
# What a span with a wrong end loses, before any was seen, as so many of them.
USUAL_LOSS, PRIOR = 0.4, 2.0


class SpansMerger:
    """Spans of texts: start and end are each the place that most of those say who marked it, weighted by skill.

    Spans of several people that have 30 % in common are of one thing, each person's with one other at most, the most
    alike first. Confidence is the probability that F1 against the true spans, weighted by intersection over union, is
    .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The spans of each item."""
        kind = _Spans(bool(self._settings.get("overlapping")))
        return merge_sets(kind, self._settings, answers, skills)


class _Spans(Pieces):
    def __init__(self, overlapping: bool) -> None:
        self._overlapping = overlapping

    def whole(self, like: Any, parts: list[dict[str, Any]]) -> Any:
        """The spans; what begins before the end of the one before it begins there, unless spans may overlap."""
        order = sorted(parts, key=order_of)
        return distinct(order) if self._overlapping else _apart(order)

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """A vote on the start and one on the end, under one accuracy for each person."""
        drawn, cluster, count = clustered.drawn, clustered.cluster, len(presence)
        ends = drawn.numbers.astype(np.int64)
        codes = ends - ends.min(axis=0, initial=0)
        # Of places as probable as each other the first start and the last end.
        codes[:, 1] = codes[:, 1].max(initial=0) - codes[:, 1]
        accuracy = np.sqrt(np.clip(1.0 - (1.0 - precision) / USUAL_LOSS, 0.1, 1.0))
        voted = label_clusters(
            codes.T.ravel().astype(np.int32),
            np.concatenate([cluster, count + cluster]),
            np.tile(drawn.worker, 2),
            np.tile(presence, 2),
            ENDS,
            accuracy,
        )
        start = voted.label[:count] + ends[:, 0].min(initial=0)
        end = ends[:, 1].max(initial=0) - voted.label[count:]
        alike = _alike(ends, np.stack([start, end], axis=1)[cluster])
        differs = alike < 1.0
        lost = tally(cluster[differs], 1.0 - alike[differs], count)
        wrong = tally(cluster[differs], None, count)
        usual = (lost.sum() + PRIOR * USUAL_LOSS) / (wrong.sum() + PRIOR)
        return Merging(
            parts=listed(_pieces(clustered, start, end)),
            loss=np.zeros(count),
            loss_deviation=np.zeros(count),
            precision=1.0 - (1.0 - voted.accuracy**2) * usual,
            exact=voted.probability[:count] * voted.probability[count:],
            inexact=(lost + PRIOR * usual) / (wrong + PRIOR),
        )


def _alike(one: Places, other: Places) -> Floats:
    """Intersection over union of spans row by row; nothing of those that end before they start."""
    common = np.minimum(one[:, 1], other[:, 1]) - np.maximum(one[:, 0], other[:, 0])
    whole = np.maximum(one[:, 1], other[:, 1]) - np.minimum(one[:, 0], other[:, 0])
    alike: Floats = np.maximum(common, 0) / np.maximum(whole, 1)
    return alike


def _pieces(clustered: Clustered, start: Places, end: Places) -> list[dict[str, Any]]:
    """The merged spans, with the piece of the text that each is, put together of what was quoted."""
    order = np.argsort(clustered.cluster, kind="stable").tolist()
    stops = np.cumsum(np.bincount(clustered.cluster, minlength=len(start))).tolist()
    parts, begin = [], 0
    for first, last, stop in zip(start.tolist(), end.tolist(), stops, strict=True):
        members = [clustered.drawn.parts[row] for row in order[begin:stop]]
        parts.append(_piece(first, last, members))
        begin = stop
    return parts


def _piece(start: int, end: int, members: Sequence[Part]) -> dict[str, Any]:
    if end <= start:
        # Starts of some and ends of others: what the first of them marked.
        start, end = min((part["start"], part["end"]) for part in members)
    text = _quoted(start, end, members)
    return {"start": start, "end": end} | ({} if text is None else {"text": text})


def _quoted(start: int, end: int, members: Sequence[Part]) -> str | None:
    """The text from start to end, as far as the members quote it; None if they do not quote all of it."""
    text, at = "", start
    for part in sorted((part for part in members if "text" in part), key=order_of):
        if part["start"] <= at < part["end"]:
            text += part["text"][at - part["start"] : end - part["start"]]
            at = min(part["end"], end)
    return text if at >= end else None


def _apart(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts that do not overlap; of which nothing is left but spaces are left out."""
    found: list[dict[str, Any]] = []
    for part in parts:
        at = max(part["start"], found[-1]["end"] if found else 0)
        rest = _from(part, at) if at > part["start"] else part
        if rest is not None:
            found.append(rest)
    return found


def _from(part: Mapping[str, Any], at: int) -> dict[str, Any] | None:
    """What is left of a part from a place on, without spaces before it; None if that is nothing."""
    if "text" not in part:
        return {**part, "start": at} if at < part["end"] else None
    rest = part["text"][at - part["start"] :].lstrip()
    return {**part, "start": part["end"] - len(rest), "text": rest} if rest else None


PLUGIN: MergerOf = SpansMerger
