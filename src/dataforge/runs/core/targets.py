"""How sure each answer has to be for so many of all answers to be right, and how many answers that takes.

The accuracy of the whole is the mean of the confidences. A level that all doubts are brought to is the cheapest way to
a mean, for the deeper a doubt is, the more one answer to it gains.

How many answers that takes is Wald's law of sequential tests (1945): the log odds of a label walk by a known mean step
until they leave a strip, so that from the confidence c to q it takes (t(q) - t(c)) / t(p) answers of workers who are
right with the probability p, where t is what `told` gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PRESUMED", "Standing", "answers_presumed", "answers_to", "level_for", "level_paid", "share_told", "told"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Beyond this nothing is told apart any more.
SUREST = 0.999
STEPS = 50
PRESUMED = 0.75
"""How often workers of whom nothing is known yet are thought to be right."""


@dataclass(frozen=True)
class Standing:
    """How a run stands to the target of its whole, as all answers were looked at last.

    `level`: an answer this sure gets no more opinions. `reached`: the mean confidence
    of the items that have answers, one whose confidence nothing shows counting as a guess. `more`: about how many
    answers it takes to reach the target. `reachable`: about what the answers that items may still get lead to.
    """

    level: float
    reached: float
    more: float
    reachable: float


def told(share: Floats | float, labels: int) -> Floats:
    """What answers right with the probability `share` tell of one label beside another, in nats; 0 of who guesses.

    The divergence of Kullback and Leibler between the answers where the label is right and where another one is.
    """
    others = max(labels - 1, 1)
    right = np.clip(share, 1 / (others + 1), SUREST)
    wrong = (1 - right) / others
    found: Floats = (right - wrong) * np.log(right / wrong)
    return found


def share_told(nats: Floats, labels: int) -> Floats:
    """The share whose `told` is this, at most `SUREST`."""
    shares = np.linspace(1 / max(labels, 2), SUREST, 1_000)
    found: Floats = np.interp(nats, told(shares, labels), shares)
    return found


def level_for(confidence: Floats, may_rise: Flags, wanted: float) -> float:
    """The confidence that doubts have to be brought to for the mean to be `wanted`; 0 where it is that already.

    Those that may not rise stay as they are, and the others make good for them; 1 where they cannot.
    """
    count = len(confidence)
    lacking = wanted * count - float(confidence.sum())
    if lacking <= 0:
        return 0.0
    rising = np.sort(confidence[may_rise])
    if not len(rising):
        return 1.0
    # With the n lowest at the level, all others above it.
    numbers = np.arange(1, len(rising) + 1)
    levels = (lacking + np.cumsum(rising)) / numbers
    fits = np.append(levels[:-1] <= rising[1:], True)
    return float(min(levels[fits][0], 1.0))


def answers_to(confidence: Floats, level: float, accuracy: float, labels: int, most: NDArray[np.integer]) -> Floats:
    """How many answers it takes to bring each of these confidences to a level; at most `most`, whether or not they do.

    Where any are needed, one at least.
    """
    step = max(float(told(accuracy, labels)), 1e-9)
    needed = (told(level, labels) - told(confidence, labels)) / step
    found: Floats = np.where(confidence < level, np.clip(needed, 1, np.inf), 0.0)
    bounded: Floats = np.minimum(found, most)
    return bounded


def answers_presumed(target: float, labels: int, least: int, most: int) -> float:
    """How many answers an item takes for a target, of which it gets `least` at least, if workers are as is presumed."""
    needed = answers_to(np.array([1 / labels]), min(target, SUREST), PRESUMED, labels, np.array([most]))
    return max(float(needed[0]), least)


def level_paid(confidence: Floats, accuracy: float, labels: int, most: NDArray[np.integer], answers: float) -> float:
    """The level that so many answers bring doubts to; 0 if there is none for them, 1 if there are enough for all."""
    low, high = 0.0, 1.0
    if answers_to(confidence, high, accuracy, labels, most).sum() <= answers:
        return high
    for _ in range(STEPS):
        middle = (low + high) / 2
        if answers_to(confidence, middle, accuracy, labels, most).sum() <= answers:
            low = middle
        else:
            high = middle
    return low
