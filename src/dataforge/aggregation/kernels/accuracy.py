"""How many of a run's labels are right, with an interval: by claims, known answers, and a verified sample.

Claims are believed up to how they are off, which three things tell. Before any evidence the logarithm of the odds that
a label is right is that of the odds claimed, times a slope, plus a shift; how far both usually are from 1 and 0 was
seen on recorded crowds (Platt, 1999, with a distribution beforehand). Control items that are looked at as if nobody
knew them show how claims went there, and so, nearly always, elsewhere: with a small probability they are another kind
of item, and a verified sample then outweighs them. A sample alone has the interval of Wilson (1927); one whose items
stand for unlike numbers of others counts as fewer (Kish, 1965). Parts that are known by themselves are joined by the
distances of their bounds from their means (Zou and Donner, 2008).
"""

from __future__ import annotations

from math import log, log1p, sqrt
from typing import Literal, NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats
from dataforge.aggregation.kernels.calibration import HEEDED, Calibration
from dataforge.intervals import share_bounds

__all__ = ["Accuracy", "Assumption", "Judged", "accuracy_of_whole"]

Assumption = Literal["model", "like_controls", "drawn", "left_out"]
"""What an accuracy rests on. `model`: on the claims alone, with no answer known. `like_controls`: control items are
like the others, which only a verified sample could show. `drawn`: what was verified was drawn by chance, each item with
the probability that was noted. `left_out`: items without a claim, of which none was verified, are not in it.
"""

# Slopes are distributed about 1 with this deviation of their logarithms, shifts about 0 with three degrees of freedom.
SLOPES, SHIFTS, FREEDOM = 0.3, 0.5, 3.0
AS_CLAIMED = Calibration()
# How probably control items are like the others.
ALIKE = 0.95
# By so much shifts deviate from what they seem to be while all answers are still to come.
COMING = 0.5
# No claim tells more than this one.
SUREST = 0.999
OUTSIDE = 0.025
HALVINGS = 40
# What is less probable changes nothing.
UNLIKELY = 1e-8
# Claims that differ less in the logarithm of their odds are as good as the same.
WIDTH = 0.02


class Judged(NamedTuple):
    """Items whose right label came from elsewhere, one entry an item.

    `claimed`: how sure the answers alone made one of its label, NaN if nothing was claimed; `right`: whether that label
    is right. `weight`: what a try of a control item counts; of a verified item, how many items of the run it stands
    for, the inverse of the probability with which it was drawn.
    """

    claimed: Floats
    right: Flags
    weight: Floats


class Accuracy(NamedTuple):
    """The share of right labels, of `of` labels, with bounds that hold it in 95 of 100 cases.

    `left_out`: so many more have no claim, and nothing shows how many of those are right.
    """

    mean: float
    low: float
    high: float
    of: int
    left_out: int
    assumptions: tuple[Assumption, ...]


class _Part(NamedTuple):
    """The accuracy of so many items with its bounds."""

    items: int
    mean: float
    low: float
    high: float


def accuracy_of_whole(
    confidence: Floats,
    *,
    known: Judged | None = None,
    verified: Judged | None = None,
    calibration: Calibration = AS_CLAIMED,
    ahead: float = 0.0,
) -> Accuracy | None:
    """The share of right labels with a 95 % interval; None where nothing shows anything of it.

    Args:
        confidence: what is claimed of each label as it stands. NaN: nothing is; 1: its answer is known, so what was
            verified and put right stands here as 1; 0: it is known to be wrong.
        known: control items, looked at as if nobody knew them.
        verified: items that somebody trusted has judged, drawn by chance from those of `confidence`, as they were
            before. A sample that was drawn by how sure its items are needs their weights only where nothing is claimed.
        calibration: what control items have made of all these claims before; it is taken back, for what they show must
            not count twice.
        ahead: of claims that are a forecast, which share of the answers is still to come: a crowd may change, and is
            known from few answers.
    """
    known_right, known_wrong = int((confidence >= 1).sum()), int((confidence <= 0).sum())
    claims, unclaimed = confidence[(confidence > 0) & (confidence < 1)], int(np.isnan(confidence).sum())
    certain = known_right + known_wrong
    parts = [_Part(certain, *[known_right / certain] * 3)] if certain else []
    if len(claims):
        parts.append(_claimed(claims, known, verified, _Beforehand(calibration, ahead)))
    sample = None if verified is None else _sampled(verified, unclaimed)
    left_out = unclaimed if sample is None else 0
    if sample is not None:
        parts.append(sample)
    if not any(part.items for part in parts):
        return None
    whole = _joined(parts)
    assumptions = _assumptions(known, verified, claims=len(claims) > 0, left_out=left_out > 0)
    return Accuracy(whole.mean, whole.low, whole.high, whole.items, left_out, assumptions)


def _assumptions(
    known: Judged | None, verified: Judged | None, *, claims: bool, left_out: bool
) -> tuple[Assumption, ...]:
    any_known, any_verified = (one is not None and len(one.right) > 0 for one in (known, verified))
    holds: dict[Assumption, bool] = {
        "model": claims and not (any_known or any_verified),
        "like_controls": claims and any_known and not any_verified,
        "drawn": any_verified,
        "left_out": left_out,
    }
    return tuple(name for name, applies in holds.items() if applies)


# --- where claims are made ------------------------------------------------------------------------


class _Beforehand(NamedTuple):
    """What was made of claims, and which share of the answers they are about is still to come."""

    calibration: Calibration
    ahead: float


def _claimed(claims: Floats, known: Judged | None, verified: Judged | None, beforehand: _Beforehand) -> _Part:
    """How many labels are right of those of which something is claimed."""
    slope, shift, weights = _usual()
    # Of the claims as they are now; what is usual is so of claims before they were calibrated.
    shift = shift - slope / beforehand.calibration.slope * beforehand.calibration.shift
    slope = slope / beforehand.calibration.slope
    if known is not None:
        told = _told(known, HEEDED * known.weight, slope, shift)
        # Relative to what control items tell if they are another kind of item.
        told = told - _log_sum(weights + told)
        weights = weights + (told if verified is None else np.logaddexp(log(ALIKE) + told, log1p(-ALIKE)))
    if verified is not None:
        weights = weights + _told(verified, np.ones(len(verified.right)), slope, shift)
    weights = np.exp(weights - _log_sum(weights))
    counts = weights > UNLIKELY
    slope, shift, weights = _with_what_comes(slope[counts], shift[counts], weights[counts], beforehand.ahead)
    means, variances = _expected(claims, slope, shift)
    half = 0.5 / len(claims)
    deviations = np.sqrt(variances)
    low, high = (_quantile(means, deviations, weights, share) for share in (OUTSIDE, 1 - OUTSIDE))
    return _Part(len(claims), float(weights @ means), max(low - half, 0.0), min(high + half, 1.0))


def _with_what_comes(slope: Floats, shift: Floats, weights: Floats, ahead: float) -> tuple[Floats, Floats, Floats]:
    """The same slopes, and shifts that are less certain by what the answers that are still to come may bring."""
    weights = weights / weights.sum()
    if not ahead:
        return slope, shift, weights
    steps = np.linspace(-2.5, 2.5, 11)
    likely = np.exp(-(steps**2) / 2)
    return (
        np.repeat(slope, len(steps)),
        (shift[:, None] + COMING * sqrt(ahead) * steps).ravel(),
        np.outer(weights, likely / likely.sum()).ravel(),
    )


def _usual() -> tuple[Floats, Floats, Floats]:
    """Slopes and shifts, a grid of them, and the logarithms of how probable each pair is beforehand."""
    logs, shifts = np.linspace(-3 * SLOPES, 3 * SLOPES, 13), np.linspace(-7.0, 7.0, 141)
    log_slope, shift = (grid.ravel() for grid in np.meshgrid(logs, shifts, indexing="ij"))
    likely = -((log_slope / SLOPES) ** 2) / 2 - (FREEDOM + 1) / 2 * np.log1p((shift / SHIFTS) ** 2 / FREEDOM)
    return np.exp(log_slope), shift, likely - _log_sum(likely)


def _told(judged: Judged, weight: Floats, slope: Floats, shift: Floats) -> Floats:
    """The logarithm of how probable it is under each slope and shift that claims went as they did."""
    stated = ~np.isnan(judged.claimed)
    odds = slope[:, None] * _log_odds(judged.claimed[stated]) + shift[:, None]
    told: Floats = (judged.right[stated] * odds - np.logaddexp(0, odds)) @ weight[stated]
    return told


def _expected(claims: Floats, slope: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """The share of right ones of claims under each slope and shift, and its variance."""
    place = np.round(_log_odds(claims) / WIDTH).astype(np.int64)
    places, counts = np.unique(place, return_counts=True)
    chance = 1 / (1 + np.exp(-(slope[:, None] * (places * WIDTH) + shift[:, None])))
    return chance @ counts / len(claims), (chance * (1 - chance)) @ counts / len(claims) ** 2


def _quantile(means: Floats, deviations: Floats, weights: Floats, share: float) -> float:
    """Below which number so much of a mixture of normal distributions lies."""
    # Loaded where it is needed: scipy's special functions take a tenth of a second.
    from scipy.special import ndtr

    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = float(weights @ ndtr((middle - means) / np.maximum(deviations, 1e-12)))
        low, high = (low, middle) if below > share else (middle, high)
    return (low + high) / 2


def _log_odds(claimed: Floats) -> Floats:
    clipped = np.clip(claimed, 1 - SUREST, SUREST)
    odds: Floats = np.log(clipped) - np.log1p(-clipped)
    return odds


def _log_sum(logs: Floats) -> float:
    top = float(logs.max())
    return top + float(np.log(np.exp(logs - top).sum()))


# --- where nothing but a sample tells -------------------------------------------------------------


def _sampled(verified: Judged, items: int) -> _Part | None:
    """How many are right of items of which nothing is claimed; None if none of them was verified."""
    silent = np.isnan(verified.claimed)
    weight, right = verified.weight[silent], verified.right[silent]
    if not len(weight) or not items:
        return None
    share, count = float(weight @ right / weight.sum()), float(weight.sum() ** 2 / (weight @ weight))
    low, high = share_bounds(share, count)
    return _Part(items, share, max(low, 0.0), min(high, 1.0))


def _joined(parts: list[_Part]) -> _Part:
    """The accuracy of all parts together; each is known by itself."""
    items = sum(part.items for part in parts)
    shares = [part.items / items for part in parts]
    mean = sum(share * part.mean for share, part in zip(shares, parts, strict=True))
    below = sum((share * (part.mean - part.low)) ** 2 for share, part in zip(shares, parts, strict=True))
    above = sum((share * (part.high - part.mean)) ** 2 for share, part in zip(shares, parts, strict=True))
    return _Part(items, mean, max(mean - sqrt(below), 0.0), min(mean + sqrt(above), 1.0))
