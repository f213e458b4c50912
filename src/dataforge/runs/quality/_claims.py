"""How far a run's claims can be believed: its ceiling, and how claims under it went at items with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus.base import Aggregator, Consensus
from dataforge.policy import Policy
from dataforge.runs.core.quality import Tries
from dataforge.runs.quality._as_unknown import as_unknown
from dataforge.runs.quality._ceiling import Ceiling, ceiling_of
from dataforge.runs.quality._doubt import Coded

__all__ = ["asks_of", "ceiling_now", "tries_of"]

# How claims go is looked at again when so many times as many answers to items with known answers show it.
MORE_SHOWN = 1.5
# Matrices of workers of more entries than this in all take too long to be learnt several times.
MOST_ENTRIES = 4_000_000


def asks_of(policy: Policy) -> tuple[int, int]:
    """How many answers an item gets at least and at most."""
    # Two at least: of one answer nothing shows whether workers err together.
    return max(policy.min_overlap, 2), policy.max_overlap


def ceiling_now(
    aggregator: Aggregator, coded: Coded, fit: Consensus, wanted: Floats, asks: tuple[int, int], before: Ceiling | None
) -> Ceiling:
    """How sure an answer can be, where items get so many answers, from the first of `asks` to the last.

    How claims go takes several fits to see and hardly moves from one time to the next: `before` has it until half as
    many answers more show it; None: it is looked at in any case.
    """
    found, known = ceiling_of(coded.answers, asks[0]), coded.answers.known
    times = np.empty(0) if known is None else np.bincount(coded.answers.item, minlength=len(known))[known >= 0]
    shown, several = int(times.sum()), float((times > 1).mean()) if len(times) else 0.0
    if before is not None and shown < MORE_SHOWN * before.shown:
        same = replace(found, slope=before.slope, shift=before.shift, shown=before.shown, own=before.own)
        return replace(same, several=several)
    if fit.confusion is not None and fit.confusion.size > MOST_ENTRIES:
        return found
    return found.held_to(tries_of(aggregator, coded, fit, wanted, asks, found), shown, several=several)


def tries_of(
    aggregator: Aggregator, coded: Coded, fit: Consensus, wanted: Floats, asks: tuple[int, int], ceiling: Ceiling
) -> Tries:
    """Items with known answers as if nobody knew them, until labels are as sure as `wanted`, one entry a label.

    What they claim is what a ceiling leaves, without its calibration.
    """
    plain = ceiling.uncalibrated()
    return as_unknown(aggregator, coded, fit, plain.error, plain.aims(wanted), asks[1])
