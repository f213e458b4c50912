"""How far what mergers claim can be believed, as items with known answers show (Platt, 1999).

Agreement shows how alike workers answer. Where they err alike, as on a name that all spell wrong, or read a task
otherwise than who knows the answers, it claims too much, and only known answers show that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats
from dataforge.aggregation.kernels.ties import winners

__all__ = ["HEEDED", "Calibration", "calibrated", "calibrated_by", "recalibrated"]

# How far both numbers are from what is thought beforehand, as standard deviations.
SLOPES, SHIFTS = 0.35, 0.7
# A claim tells nothing beyond so much.
SUREST = 0.999
LEAST_SLOPE = 0.05
# Items that the same few people answer go right and wrong together: each tells so much of what it would by itself.
HEEDED = 0.7
LEAST = 1e-12
MOST_STEPS = 30
CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """The logarithm of the odds that something is right is that of the odds claimed, times `slope`, plus `shift`."""

    slope: float = 1.0
    shift: float = 0.0

    def of(self, claimed: Floats) -> Floats:
        """How probable what is claimed so surely is; NaN of NaN."""
        if (self.slope, self.shift) == (1.0, 0.0):
            return claimed
        return _logistic(self.slope * _log_odds(claimed) + self.shift)

    @property
    def inverse(self) -> Calibration:
        """The calibration that takes this one back."""
        return Calibration(1 / self.slope, -self.shift / self.slope)


def calibrated_by(claimed: Floats, slopes: Floats, shifts: Floats) -> Floats:
    """How probable each claim is under a calibration of its own."""
    changed = (slopes != 1) | (shifts != 0)
    found: Floats = np.where(changed, _logistic(slopes * _log_odds(claimed) + shifts), claimed)
    return found


def calibrated(
    claimed: Floats,
    right: Flags,
    weight: Floats,
    beforehand: Calibration,
    *,
    deviations: tuple[float, float] = (SLOPES, SHIFTS),
) -> Calibration:
    """The calibration under which claims, each counting so much, and what was right are most probable.

    `deviations`: how far slope and shift usually are from those that are thought of beforehand.

    By Newton's steps, halved until they lead upwards: few claims may all be right, and what is thought beforehand
    holds the numbers then.
    """
    x = np.stack([_log_odds(claimed), np.ones(len(claimed))], axis=1)
    usual = np.array([beforehand.slope, beforehand.shift])
    precision = 1 / np.array(deviations) ** 2

    def fitness(found: Floats) -> float:
        odds = x @ found
        return float(weight @ (right * odds - np.logaddexp(0, odds)) - precision @ (found - usual) ** 2 / 2)

    found, best = usual, fitness(usual)
    for _ in range(MOST_STEPS):
        chance = _logistic(x @ found)
        gradient = x.T @ (weight * (right - chance)) - precision * (found - usual)
        curvature = (x.T * (weight * chance * (1 - chance))) @ x + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        while np.abs(step).max() > CLOSE and fitness(found + step) < best:
            step /= 2
        found = found + step
        best = fitness(found)
        if np.abs(step).max() <= CLOSE:
            break
    return Calibration(max(float(found[0]), LEAST_SLOPE), float(found[1]))


def recalibrated(probabilities: Floats, calibration: Calibration) -> Floats:
    """Probabilities of labels, shape (n, n_labels), with the surest one as probable as its claim is right.

    It stays the surest: who is wrong more often than not is no reason to believe the contrary. A certain one stays so.
    """
    if not probabilities.size or calibration == Calibration():
        return probabilities
    place = np.arange(len(probabilities)), winners(probabilities)
    claimed = probabilities[place]
    others = probabilities.copy()
    others[place] = 0
    # What is left for the others is shared as before, so the next one is as probable at this claim.
    odds = others.max(axis=1) / np.maximum(1 - claimed, LEAST)
    found = np.where(claimed < 1, np.maximum(calibration.of(claimed), odds / (1 + odds)), 1)
    others *= ((1 - found) / np.maximum(1 - claimed, LEAST))[:, None]
    others[place] = found
    return others


def _log_odds(claimed: Floats) -> Floats:
    known = np.clip(claimed, 1 - SUREST, SUREST)
    odds: Floats = np.log(known) - np.log1p(-known)
    return odds


def _logistic(odds: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-odds))
    return found
