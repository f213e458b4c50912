"""What the requester should know of a run's workers: who guesses, and who contradicts whom."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dataforge.records import Texts
from dataforge.runs.core import money_texts, texts
from dataforge.runs.core.quality import Quality
from dataforge.runs.core.state import RunState

__all__ = ["of_crowd"]


def of_crowd(state: RunState, quality: Quality, currency: str) -> tuple[Texts, ...]:
    """What the answers of a run show of workers who are not what they seem."""
    return (*_of_strangers(state, quality, currency), *_of_camps(state, quality))


def _of_strangers(state: RunState, quality: Quality, currency: str) -> Iterator[Texts]:
    """That people came for a few pages who guess, and what they were paid, if such people came."""
    came = np.flatnonzero(quality.strangers(np.arange(len(state.workers))))
    if len(came):
        paid = sum(state.workers[worker].earned for worker in came)
        yield money_texts.strangers_guess(len(came), paid, currency)


def _of_camps(state: RunState, quality: Quality) -> Iterator[Texts]:
    """Which workers contradict which, so that labels stay unsure, if that is so."""
    camps = quality.camps(np.arange(len(state.workers)))
    if (camps >= 0).any():
        sides = ([state.workers[worker] for worker in np.flatnonzero(camps == side)] for side in (0, 1))
        yield texts.two_camps(*([one.name or one.id for one in side] for side in sides))
