"""Votes over the pixels of masks: boolean arrays in, boolean arrays out.

A task's masks come as one array of the shape (n_workers, n_pixels). Pixels with the same votes fare alike, so all
methods run over the distinct columns of votes, counted: a picture of a million pixels has a few hundred of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.ties import not_less

__all__ = ["MaskConsensus", "expectation_maximisation", "majority", "reliability"]

# Posteriors below this are taken for 0.
EPS = 1e-15

# Keeps the weight of a mask that equals the consensus finite.
LEAST = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class MaskConsensus:
    """The mask chosen, shape (n_pixels,); its pixels' probabilities; the workers' skills or weights on this task."""

    mask: Flags
    probability: Floats
    skills: Floats
    n_iter: int
    converged: bool
    history: tuple[float, ...]


def majority(masks: Flags, skills: Floats) -> MaskConsensus:
    """Pixels with at least half of the votes, weighted by skill."""
    votes, inverse, _ = _distinct_columns(masks)
    score = skills @ votes
    total = float(skills.sum())
    share = score / total if total > 0 else np.full(votes.shape[1], 0.5)
    return MaskConsensus(not_less(score, total - score)[inverse], share[inverse], skills, 0, True, ())


def reliability(masks: Flags, n_iter: int, tol: float) -> MaskConsensus:
    """Weighted vote whose weights come from the overlap with it (after RASA: Li and Fukumoto, 2019).

    A mask's weight is `log(1 / (1 - IoU) + 1)`. Two empty masks overlap wholly.
    """
    n_workers = len(masks)
    votes, inverse, counts = _distinct_columns(masks)
    weights = np.full(n_workers, 1 / n_workers)
    sizes = votes @ counts
    weighted = weights @ votes
    chosen = not_less(weighted, 1 - weighted)
    history: list[float] = []
    last: Floats | None = None
    done = 0
    converged = False
    while done < n_iter and not converged:
        done += 1
        weighted = weights @ votes
        chosen = not_less(weighted, 1 - weighted)
        common = votes @ (counts * chosen)
        either = sizes + counts[chosen].sum() - common
        overlap = np.divide(common, either, out=np.ones(n_workers), where=either > 0)
        weights = np.log(1 / (1 - overlap + LEAST) + 1)
        weights = weights / weights.sum()
        if last is not None:
            size = float(weighted**2 @ counts)
            history.append(float((weighted - last) ** 2 @ counts) / size if size > 0 else 0.0)
            converged = history[-1] < tol
        last = weighted
    return MaskConsensus(chosen[inverse], weighted[inverse], weights, done, converged, tuple(history))


def expectation_maximisation(masks: Flags, n_iter: int, tol: float) -> MaskConsensus:
    """EM with one skill per worker and a prior per pixel (Jung-Lin Lee, Das Sarma and Parameswaran, 2018).

    Pixels that no worker marked stay out.
    """
    n_workers, n_pixels = masks.shape
    if not masks.any():
        return MaskConsensus(np.zeros(n_pixels, np.bool_), np.zeros(n_pixels), np.ones(n_workers), 0, True, ())
    votes, inverse, counts = _distinct_columns(masks)
    region = float(counts[votes.any(axis=0)].sum())
    sizes = votes @ counts
    prior = votes.mean(axis=0)
    skills = _mask_skills(votes, counts, np.round(prior), region, sizes)
    history: list[float] = []
    last = -np.inf
    done = 0
    converged = False
    while done < n_iter and not converged:
        done += 1
        posterior = _pixel_posteriors(votes, skills, prior)
        skills = _mask_skills(votes, counts, posterior, region, sizes)
        history.append(_evidence(votes, counts, skills, prior, posterior) / (n_workers * n_pixels))
        prior = posterior
        converged = history[-1] - last < tol
        last = history[-1]
    return MaskConsensus(~not_less(1 - prior, prior)[inverse], prior[inverse], skills, done, converged, tuple(history))


def _distinct_columns(masks: Flags) -> tuple[Floats, Places, Floats]:
    """Distinct columns of votes, shape (n_workers, n_distinct), each pixel's column, and how many pixels have it."""
    n_workers, n_pixels = masks.shape
    if n_workers <= 16:
        keys = np.zeros(n_pixels, np.uint16)
        for worker, mask in enumerate(masks):
            keys |= mask.astype(np.uint16) << np.uint16(worker)
        by_key = np.bincount(keys, minlength=1 << n_workers)
        present = np.flatnonzero(by_key)
        place = np.zeros(1 << n_workers, np.int64)
        place[present] = np.arange(len(present))
        votes = (present >> np.arange(n_workers)[:, None]) & 1
        return votes.astype(np.float64), place[keys], by_key[present].astype(np.float64)
    packed = np.ascontiguousarray(np.packbits(masks, axis=0).T)
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse, counts = np.unique(rows, return_index=True, return_inverse=True, return_counts=True)
    return masks[:, first].astype(np.float64), inverse.ravel(), counts.astype(np.float64)


def _mask_skills(votes: Floats, counts: Floats, posterior: Floats, region: float, sizes: Floats) -> Floats:
    """Expected share of right pixels in the region that anybody marked, shape (n_workers,)."""
    wrong = sizes + posterior @ counts - 2 * (votes @ (posterior * counts))
    skills: Floats = 1 - wrong / region
    return skills


def _pixel_posteriors(votes: Floats, skills: Floats, prior: Floats) -> Floats:
    """Probability of each pixel to be inside, 0 where the votes are impossible either way."""
    right = np.where(votes > 0, skills[:, None], 1 - skills[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.log(prior) + np.log(right).sum(axis=0)
        outside = np.log(1 - prior) + np.log(1 - right).sum(axis=0)
        posterior = 1 / (1 + np.exp(np.minimum(outside - inside, 700.0)))
    found: Floats = np.nan_to_num(posterior, nan=0.0)
    found[found < EPS] = 0.0
    return found


def _evidence(votes: Floats, counts: Floats, skills: Floats, prior: Floats, posterior: Floats) -> float:
    """Expected log-likelihood plus entropy, by which the iterations are stopped."""
    right = np.where(votes > 0, skills[:, None], 1 - skills[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = _without_nan((np.log(right) + np.log(prior)) * posterior).sum(axis=0)
        outside = _without_nan((np.log(1 - right) + np.log(1 - prior)) * (1 - posterior)).sum(axis=0)
        entropy = _without_nan(np.log(posterior) * posterior)
    return float((inside + outside - entropy) @ counts)


def _without_nan(terms: Floats) -> Floats:
    """The terms with 0 for what has no probability; a term that is impossible stays infinite."""
    return np.where(np.isnan(terms), 0.0, terms)
