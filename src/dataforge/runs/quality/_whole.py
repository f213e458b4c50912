"""How sure each answer has to be for the target of the whole: set whenever all answers are looked at together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.policy import Policy
from dataforge.records import Texts
from dataforge.runs.core import target_texts
from dataforge.runs.core.columns import Flags
from dataforge.runs.core.responses import SEVERAL, Responses
from dataforge.runs.core.targets import Standing, answers_to, level_for, level_paid, share_told, told
from dataforge.runs.quality._output import Output

__all__ = ["Whole"]

# By so little a level is above the doubts that it is to raise: confidences are kept as 32-bit floats.
CLOSE_ENOUGH = 1e-5
# What can be reached is said where it is so much less than the target: it is an estimate.
NOTABLY = 0.01


class _Shares(NamedTuple):
    """Of an output's answered items: what is believed, and at most of that label; how many answers each may still get
    that make it surer, and whether any.
    """

    confidence: NDArray[np.float64]
    most: NDArray[np.float64]
    left: NDArray[np.int64]
    rising: Flags


class Whole:
    """The target of a run's whole, how many answers an item gets at most for it, and how many can still be paid."""

    def __init__(self, policy: Policy) -> None:
        self.paid_for = math.inf
        self.revise(policy)

    def revise(self, policy: Policy) -> None:
        """Want what a policy wants."""
        self.wanted, self._most = policy.target, policy.max_overlap

    def look(self, outputs: Sequence[Output], responses: Responses, settled: Flags) -> None:
        """Set the level of each output; `settled` items get no more answers."""
        if self.wanted is None:
            return
        real = ~responses.numbering.control
        accepted, answered = responses.accepted, responses.answered(np.arange(len(real)))
        real &= ~((responses.reported >= SEVERAL) & (responses.reported > answered))
        left = np.where(settled, 0, np.maximum(self._most - accepted, 0)).astype(np.int64)
        by = np.bincount(responses.workers(), minlength=1)
        for output in outputs:
            there = np.flatnonzero(real & (output.top.values >= 0))
            sure = np.nan_to_num(output.confidence.values[there].astype(np.float64), nan=1 / len(output.thresholds))
            most = output.highest_for(self.wanted)[output.top.values[there]]
            there_left = np.where(sure < most - CLOSE_ENOUGH, left[there], 0)
            found = _Shares(sure, most, there_left, there_left > 0)
            output.standing = self._standing(output, found, left[real & (output.top.values < 0)], by)

    def _standing(
        self, output: Output, of: _Shares, unanswered: NDArray[np.int64], by: NDArray[np.int64]
    ) -> Standing | None:
        if not len(of.confidence):
            return None
        assert self.wanted is not None
        labels, accuracy = len(output.thresholds), _accuracy(output, by)
        goal = output.reachable(self.wanted)
        level = min(level_for(of.confidence, of.rising, goal), float(output.highest_for(self.wanted).max()))
        everything = np.concatenate([of.confidence, np.full(len(unanswered), 1 / labels)])
        most = np.concatenate([of.left, unanswered])
        if math.isfinite(self.paid_for):
            paid = level_paid(everything, accuracy, labels, most, self.paid_for)
            # Of doubts that are equally deep some can be paid for, even where not all can.
            deepest = of.confidence[of.rising].min(initial=1.0)
            paid = max(paid, float(deepest) + CLOSE_ENOUGH if self.paid_for >= 1 else 0.0)
            level = min(level, paid)
        # Answers walk by what they say by themselves: what common errors leave of that walks ever more slowly.
        walked, aim = output.alone(everything), float(output.alone(np.array(level)))
        more = answers_to(walked, aim, accuracy, labels, np.where(everything < level, most, 0))
        best = share_told(told(of.confidence, labels) + of.left * told(accuracy, labels), labels)
        best = np.maximum(np.minimum(best, of.most), of.confidence)
        return Standing(level, float(of.confidence.mean()), float(more.sum()), float(best.mean()))

    def standing(self, outputs: Sequence[Output]) -> Standing | None:
        """The standing of the output that is farthest from the target; of answers, those for all outputs."""
        found = [output.standing for output in outputs if output.standing is not None]
        if self.wanted is None or not found:
            return None
        return replace(min(found, key=lambda one: one.reached), more=max(one.more for one in found))

    def notice(self, outputs: Sequence[Output]) -> Texts | None:
        """That the target cannot be reached with as many answers as items may get, if it cannot."""
        found = self.standing(outputs)
        if found is None or self.wanted is None or self.wanted >= 1 or not found.reachable < self.wanted - NOTABLY:
            return None
        return target_texts.too_far(self.wanted, found.reachable, self._most)


def _accuracy(output: Output, by: NDArray[np.int64]) -> float:
    """How often an answer to the output is right, as of the last fit: the mean skill, by how many answers each gave."""
    skills = output.fit.skills if output.fit is not None else np.empty(0)
    weights = by[: len(skills)]
    if not weights.sum():
        return 0.0
    return float(skills[: len(weights)] @ weights / weights.sum())
