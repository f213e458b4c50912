"""What a worker is likely to answer to a pair: Davidson's model of ties, and workers who do not always look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats

__all__ = ["LEFT", "RIGHT", "TIE", "Compared", "Model", "chances", "slopes"]

LEFT, RIGHT, TIE = 0, 1, 2
"""Codes of outcomes."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Answers: which item was `left`, which `right`, what `worker` found (`outcome`: LEFT, RIGHT or TIE).

    Arrays of the shape (n_answers,). `ties`: whether a worker could say that both are the same.
    """

    left: Codes
    right: Codes
    worker: Codes
    outcome: Codes
    n_items: int
    n_workers: int
    ties: bool = False

    @property
    def outcomes(self) -> int:
        """How many outcomes there are to choose from."""
        return 3 if self.ties else 2


@dataclass(frozen=True, slots=True)
class Model:
    """What is the same for all items: the scores' `spread`, the `tie_rate`, and how often a stranger `looks`."""

    spread: float = 1.0
    tie_rate: float = 0.0
    looks: float = 1.0


def chances(gap: Floats, tie_rate: float, outcomes: int) -> Floats:
    """Probabilities of the outcomes for who looks, shape (*gap, outcomes), `gap` being the score of left minus right.

    The odds of left : right : tie are `exp(gap / 2) : exp(-gap / 2) : tie_rate` (Davidson, 1970, in logarithms).
    """
    half = gap / 2
    top = np.abs(half)
    odds = [np.exp(half - top), np.exp(-half - top)]
    if outcomes == 3:
        odds.append(tie_rate * np.exp(-top))
    stacked = np.stack(odds, axis=-1)
    found: Floats = stacked / stacked.sum(axis=-1, keepdims=True)
    return found


def slopes(chance: Floats) -> Floats:
    """Derivatives by the gap of the logarithms of `chances`, of the same shape."""
    mean = (chance[..., LEFT] - chance[..., RIGHT]) / 2
    found: Floats = np.stack([0.5 - mean, -0.5 - mean, -mean][: chance.shape[-1]], axis=-1)
    return found
