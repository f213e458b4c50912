"""What came of a run, in few numbers that can be added up and written as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from replay import Outcome, Replay

__all__ = ["CLAIMS", "Claim", "Figures"]

CLAIMS = (0.8, 0.9, 0.95)
BINS = 20
# Confidences are kept as 32-bit floats; one this close to a bound has reached it.
CLOSE_ENOUGH = 1e-6


class Claim(NamedTuple):
    """Of some items how many there are, how many are right, and how many should be by their confidences."""

    items: float
    right: float
    claimed: float

    @property
    def accuracy(self) -> float:
        return self.right / self.items if self.items else float("nan")

    @property
    def confidence(self) -> float:
        return self.claimed / self.items if self.items else float("nan")


@dataclass(frozen=True)
class Figures:
    """Of one run or several: `items`, how many are `right`, answers that were paid, to real and to control items.

    `reached`: the items that are at least so sure, for each of `CLAIMS`; `bins`: those in each of twenty bins of the
    confidence. Items without a confidence are in neither.
    """

    items: int
    right: int
    answers: int
    controls: int
    reached: tuple[Claim, ...]
    bins: tuple[Claim, ...]

    @classmethod
    def of(cls, outcome: Outcome, replay: Replay) -> Figures:
        """The figures of a run."""
        right = outcome.labels == replay.truth
        stated = ~np.isnan(outcome.confidence)
        sure, good = outcome.confidence[stated], right[stated]

        def claim(chosen: Any) -> Claim:
            return Claim(int(chosen.sum()), int(good[chosen].sum()), float(sure[chosen].sum()))

        place = np.minimum((sure * BINS + CLOSE_ENOUGH).astype(int), BINS - 1)
        return cls(
            replay.items,
            int(right.sum()),
            outcome.answers,
            outcome.controls,
            tuple(claim(sure >= least - CLOSE_ENOUGH) for least in CLAIMS),
            tuple(claim(place == number) for number in range(BINS)),
        )

    @classmethod
    def sum(cls, parts: Sequence[Figures]) -> Figures:
        """The figures of several runs together."""

        def added(claims: Sequence[tuple[Claim, ...]]) -> tuple[Claim, ...]:
            return tuple(Claim(*(sum(each) for each in zip(*same, strict=True))) for same in zip(*claims, strict=True))

        return cls(
            *(sum(getattr(part, name) for part in parts) for name in ("items", "right", "answers", "controls")),
            reached=added([part.reached for part in parts]),
            bins=added([part.bins for part in parts]),
        )

    @property
    def accuracy(self) -> float:
        return self.right / self.items

    def cost(self, *, controls: bool) -> float:
        """Answers for each item, those to control items counted or not."""
        return (self.answers + controls * self.controls) / self.items

    @property
    def ece(self) -> float:
        """Expected calibration error: how far claimed and right are apart, mean over the items, bin by bin."""
        stated = sum(one.items for one in self.bins)
        return sum(abs(one.claimed - one.right) for one in self.bins) / stated if stated else float("nan")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
