"""Workers who are suddenly much faster than they were: bored, in a hurry, or somebody else.

Each worker is held to their own pace and to nobody else's. Of the logarithms of seconds an item, one a page, two things
are compared, each at its best: that they fall once by any amount, and that they fall once by what practice brings at
most (`PRACTICE`). With residual squares S after n pages the evidence, a logarithm of a likelihood ratio, is

    (n + ν) / 2 · ln((S_practice + ν σ²) / (S_fall + ν σ²))

where ν pages of the spread σ stand for what is known beforehand. Pauses make pages longer by any amount; beyond twice
the upper quartile they are cut.

How much evidence honest workers show at most was simulated, with practice, pauses, items of different length and good
and bad hours, looked at after each page up to the hundredth (`benchmarks/haste.py`): exp(`CHANCE` - evidence) is no
less than the share of them that shows as much. By that share false discoveries are controlled (Benjamini and Hochberg,
1995), and nobody is named whom more than one honest worker of a hundred is like.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Integers, Places

__all__ = ["CHANCE", "LATEST", "LEAST_AFTER", "LEAST_BEFORE", "Haste", "evidence_of", "hasty", "still_hasty"]

PRACTICE = 0.6
"""What practice takes off the time of an item at most, as a logarithm: after it, it takes a little more than half."""
LEAST_BEFORE, LEAST_AFTER = 3, 2
LATEST = 60
"""So many of a worker's last pages are looked at."""
# What is known of a pace beforehand: so many pages of this spread.
USUAL, SPREAD = 4.0, 0.35
LONGEST = np.log(2.0)
SHORTEST = 1e-3
CHANCE = -1.5
FALSE, LIKE_HONEST = 0.05, 0.01
"""The share of those named that may be honest, and of the honest that may be named."""


@dataclass(frozen=True)
class Haste:
    """Who hurries, by code: from which of their pages on, as a place among all, seconds an item before and since."""

    worker: int
    since: int
    before: float
    after: float
    evidence: float


def hasty(worker: Integers, pace: Floats) -> list[Haste]:
    """Who hurries, the surest first. One entry a page in the order in which they came: whose it is, seconds an item."""
    order = np.argsort(worker, kind="stable")
    codes, begins, counts = np.unique(worker[order], return_index=True, return_counts=True)
    begins, counts = begins + np.maximum(counts - LATEST, 0), np.minimum(counts, LATEST)
    found: list[tuple[float, int, Places, int]] = []
    for number in np.unique(counts[counts >= LEAST_BEFORE + LEAST_AFTER]).tolist():
        rows = order[begins[counts == number][:, None] + np.arange(number)]
        places, evidence = evidence_of(pace[rows])
        each = zip(evidence.tolist(), codes[counts == number].tolist(), rows, places.tolist(), strict=True)
        found += each
    found.sort(key=lambda one: (-one[0], one[1]))
    chances = np.minimum(np.exp(CHANCE - np.array([one[0] for one in found])), 1.0)
    allowed = FALSE * np.arange(1, len(found) + 1) / max(len(found), 1)
    named = np.flatnonzero(chances <= np.minimum(allowed, LIKE_HONEST))
    most = int(named[-1]) + 1 if len(named) else 0
    return [_haste(code, pace, rows, place, evidence) for evidence, code, rows, place in found[:most]]


def still_hasty(before: Floats, since: Floats) -> bool:
    """Whether who was found to hurry still does: seconds an item on the pages before that, and on those since.

    What is looked at for haste has in the end no page from before, and a long haste would be forgotten. The middle one
    of the last pages is held to the middle one before: it is less than practice alone would have left of it.
    """
    if not len(before) or not len(since):
        return False
    return bool(np.median(since[-LATEST:]) < np.median(before[-LATEST:]) * np.exp(-PRACTICE))


def _haste(code: int, pace: Floats, rows: Places, place: int, evidence: float) -> Haste:
    before, after = (float(np.median(pace[part])) for part in np.split(rows, [place]))
    return Haste(code, int(rows[place]), before, after, evidence)


def evidence_of(pace: Floats) -> tuple[Places, Floats]:
    """The likeliest page from which on each worker hurries, and the evidence; seconds an item, one row a worker."""
    logs = np.log(np.maximum(pace, SHORTEST))
    logs = np.minimum(logs, np.quantile(logs, 0.75, axis=1, keepdims=True) + LONGEST)
    pages = logs.shape[1]
    turn = np.arange(1, pages)
    sums = np.cumsum(logs, axis=1)
    before, whole = sums[:, :-1], sums[:, -1:]
    fell = before / turn - (whole - before) / (pages - turn)
    both = turn * (pages - turn) / pages
    within = ((logs - whole / pages) ** 2).sum(axis=1, keepdims=True) - both * fell**2
    practised = within + both * (fell - np.clip(fell, 0.0, PRACTICE)) ** 2
    free = (within + both * (fell - np.maximum(fell, 0.0)) ** 2)[:, LEAST_BEFORE - 1 : pages - LEAST_AFTER]
    known = USUAL * SPREAD**2
    ratio = (practised.min(axis=1) + known) / (free.min(axis=1) + known)
    evidence: Floats = np.maximum((pages + USUAL) / 2 * np.log(ratio), 0.0)
    return free.argmin(axis=1) + LEAST_BEFORE, evidence
