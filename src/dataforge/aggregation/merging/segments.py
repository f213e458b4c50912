"""Segments of sounds merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._pieces import Pieces, distinct, order_of
from dataforge.aggregation.merging._places import Loss, placed
from dataforge.aggregation.merging._sets import Clustered, Merging, listed
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf
from dataforge.aggregation.merging.text import TextMerger

__all__ = ["PLUGIN", "SegmentsMerger"]

LOSS = Loss.of_edges(2)
# Ends that are off by so many seconds are right.
TOLERANCE = 0.05
SHORTEST = 0.01
# What wrong words lose: one of three or four.
WRONG_WORDS = 0.3
DIGITS = 6


class SegmentsMerger:
    """Segments of sounds: start and end are weighted means of those of the people who heard it.

    Segments of several people that have 30 % in common are of one thing, each person's with one other at most, the most
    alike first. Confidence is the probability that F1 against the true segments, weighted by intersection over union in
    which ends that are off by up to 50 ms are right, and by right words, is .75 or more. Words are merged as texts are.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The segments of each item."""
        kind = _Segments(bool(self._settings.get("overlapping")), bool(self._settings.get("text")))
        return merge_sets(kind, self._settings, answers, skills)


class _Segments(Pieces):
    def __init__(self, overlapping: bool, with_words: bool) -> None:
        self._overlapping = overlapping
        self._with_words = with_words

    def whole(self, like: Any, parts: list[dict[str, Any]]) -> Any:
        """The segments, of which two that overlap meet in the middle, unless they may."""
        order = sorted(parts, key=order_of)
        return distinct(order) if self._overlapping else _apart(order)

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """Weighted means of the ends. People are off by more on longer ones, but not in proportion."""
        numbers, cluster = clustered.drawn.numbers, clustered.cluster
        count = np.bincount(cluster, minlength=len(presence))
        seconds = np.bincount(cluster, numbers[:, 1] - numbers[:, 0], len(presence)) / count
        seconds = np.maximum(seconds, SHORTEST)
        size = np.sqrt(seconds)
        found = placed(clustered, np.stack([size, size], axis=1), presence, precision, LOSS)
        mean, deviation = _beyond(found.deviation * size)
        loss = 2 * mean / seconds
        parts = [{"start": start, "end": end} for start, end in np.round(found.places, DIGITS).tolist()]
        words = _words(clustered, len(presence), precision) if self._with_words else None
        if words is not None:
            parts = [part | {"text": text} for part, text in zip(parts, words.values, strict=True)]
        return Merging(
            parts=listed(parts),
            loss=loss,
            loss_deviation=np.sqrt(2) * deviation / seconds,
            precision=1.0 - np.minimum(LOSS.mean * found.spread, 1.0),
            exact=np.ones(len(presence)) if words is None else _sure(words),
            inexact=np.minimum(loss + WRONG_WORDS, 1.0),
        )


def _words(clustered: Clustered, count: int, precision: Floats) -> Merged:
    """The words of each cluster, and how sure they are."""
    drawn, last = clustered.drawn, len(precision) - 1
    given = np.flatnonzero(drawn.worker < last)
    known = np.flatnonzero(drawn.worker == last)
    answers = Answers(
        values=[drawn.parts[row]["text"] for row in given.tolist()],
        items=clustered.cluster[given],
        workers=drawn.worker[given],
        item_count=count,
        worker_count=last,
        known={int(clustered.cluster[row]): drawn.parts[row]["text"] for row in known.tolist()},
    )
    return TextMerger({}).merge(answers, None if np.isnan(precision[:last]).all() else precision[:last])


def _sure(words: Merged) -> Floats:
    """How probably words are right; one in two where nothing shows it."""
    sure: Floats = np.nan_to_num(words.confidence.astype(np.float64), nan=0.5)
    return sure


def _beyond(deviation: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of what a normal error of this deviation is beyond the tolerance."""
    # Loaded where it is needed: scipy's special functions take a tenth of a second.
    from scipy.special import ndtr

    far = TOLERANCE / deviation
    density, tail = np.exp(-(far**2) / 2) / np.sqrt(2 * np.pi), ndtr(-far)
    mean = 2 * deviation * (density - far * tail)
    square = 2 * deviation**2 * ((1 + far**2) * tail - far * density)
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def _apart(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts that do not overlap: one that lies in the one before is left out, others share what both have."""
    found: list[dict[str, Any]] = []
    for part in parts:
        if found and part["start"] < found[-1]["end"]:
            if part["end"] <= found[-1]["end"]:
                continue
            middle = round((part["start"] + found[-1]["end"]) / 2, DIGITS)
            found[-1] = {**found[-1], "end": middle}
            part = {**part, "start": middle}
        found.append(part)
    return found


PLUGIN: MergerOf = SegmentsMerger
