"""Scores of items from comparisons, how unsure they are, and how often each worker looks at what they compare."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.sums import tally
from dataforge.comparing.answers import TIE, Compared, Model, chances, slopes

__all__ = ["Posterior", "by_chance", "evidence", "posterior"]

# What is known of a worker before the first answer: as if two answers had been given with a look and one without.
WITH_LOOK, WITHOUT = 2.0, 1.0
# The spread of the scores and the number of ties are drawn to these, which count for WEIGHT items and for TIES ties.
SPREAD, WEIGHT, TIES = 2.0, 2.0, 0.5
LOOKS = WITH_LOOK / (WITH_LOOK + WITHOUT)
STEPS, TOL = 60, 1e-3
# How often somebody may look, and how probable each is before their first answer.
_LOOKS = (np.arange(20) + 0.5) / 20
_LIKELY = _LOOKS**WITH_LOOK * (1 - _LOOKS) ** WITHOUT
_LIKELY /= _LIKELY.sum()
HALVINGS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """A normal distribution of the scores: `mean`, shape (n_items,), and `covariance`, shape (n_items, n_items).

    `looks` has for each worker how often they look, shape (n_workers,); `model` what is common to all.
    """

    mean: Floats
    covariance: Floats
    looks: Floats
    model: Model
    converged: bool = True


def posterior(compared: Compared, start: Posterior | None = None, *, spread: float | None = None) -> Posterior:
    """The scores' posterior about its mode (Laplace), with the model's settings at their likeliest.

    Scores are normal with mean 0. A worker looks with a probability of their own, and else gives any of the outcomes;
    whoever looks answers as in Davidson's model. Steps are Fisher's; in each the workers' looks, the tie rate and the
    spread of the scores follow by expectation and maximisation. `start`: an earlier posterior of the same items, from
    which to go on; workers that are new come last. `spread`: what it is, where that is not to be found.
    """
    mean, looks, model = _begun(compared, start)
    model = model if spread is None else replace(model, spread=spread)
    covariance = np.eye(compared.n_items) * model.spread**2
    for _ in range(STEPS):
        gradient, weight, share = _pull(compared, mean, looks, model)
        precision = _precision(compared, weight, model)
        covariance = np.linalg.inv(precision).astype(np.float64, copy=False)
        step = covariance @ (gradient - mean / model.spread**2)
        taken = _damped(compared, mean, step, looks, model)
        mean += taken
        new_looks, new_model = _settled(compared, mean, covariance, share, model)
        new_model = new_model if spread is None else replace(new_model, spread=spread)
        moved = max(float(np.abs(taken).max(initial=0.0)), abs(new_model.spread - model.spread))
        moved = max(moved, float(np.abs(new_looks - looks).max(initial=0.0)))
        looks, model = new_looks, new_model
        if moved < TOL * max(1.0, model.spread):
            return Posterior(mean, covariance, looks, model)
    return Posterior(mean, covariance, looks, model, converged=False)


def _begun(compared: Compared, start: Posterior | None) -> tuple[Floats, Floats, Model]:
    ties = 1.0 if compared.ties else 0.0
    if start is None:
        return np.zeros(compared.n_items), _strangers(compared.n_workers), Model(SPREAD, ties, LOOKS)
    looks = np.concatenate([start.looks, _strangers(compared.n_workers - len(start.looks))])
    return start.mean.copy(), looks, start.model


def _strangers(count: int) -> Floats:
    return np.full(count, LOOKS)


def _gaps(compared: Compared, mean: Floats) -> Floats:
    gap: Floats = mean[compared.left] - mean[compared.right]
    return gap


def _pull(compared: Compared, mean: Floats, looks: Floats, model: Model) -> tuple[Floats, Floats, Floats]:
    """The gradient by the scores, the expected information of each answer, and how probably it came with a look."""
    chance = chances(_gaps(compared, mean), model.tie_rate, compared.outcomes)
    slope = slopes(chance)
    looked = looks[compared.worker, None] * chance
    answered = looked + (1 - looks[compared.worker, None]) / compared.outcomes
    rows = np.arange(len(compared.outcome)), compared.outcome
    share = looked[rows] / answered[rows]
    pull = share * slope[rows]
    gradient = tally(compared.left, pull, compared.n_items) - tally(compared.right, pull, compared.n_items)
    return gradient, ((looked * slope) ** 2 / answered).sum(axis=1), share


def _precision(compared: Compared, weight: Floats, model: Model) -> Floats:
    n = compared.n_items
    place = compared.left.astype(np.int64) * n + compared.right
    off = np.bincount(place, weight, n * n).reshape(n, n)
    off += off.T
    return np.diag(off.sum(axis=1) + 1 / model.spread**2) - off


def _damped(compared: Compared, mean: Floats, step: Floats, looks: Floats, model: Model) -> Floats:
    """The step, halved until it does not lead down."""
    now = _height(compared, mean, looks, model)
    for _ in range(HALVINGS):
        if _height(compared, mean + step, looks, model) >= now:
            return step
        step = step / 2
    return step


def _height(compared: Compared, mean: Floats, looks: Floats, model: Model) -> float:
    """The logarithm of the posterior's density, up to a constant."""
    chance = chances(_gaps(compared, mean), model.tie_rate, compared.outcomes)
    given = chance[np.arange(len(compared.outcome)), compared.outcome]
    look = looks[compared.worker]
    likelihood = np.log(look * given + (1 - look) / compared.outcomes).sum()
    return float(likelihood - 0.5 * (mean**2).sum() / model.spread**2)


def _settled(compared: Compared, mean: Floats, covariance: Floats, share: Floats, model: Model) -> tuple[Floats, Model]:
    """Looks of workers and settings of the model, as they are likeliest given the scores."""
    given = np.bincount(compared.worker, minlength=compared.n_workers)
    looks = (tally(compared.worker, share, compared.n_workers) + WITH_LOOK) / (given + WITH_LOOK + WITHOUT)
    stranger = (looks.sum() + LOOKS) / (compared.n_workers + 1)
    square = float((mean**2).sum() + np.trace(covariance))
    spread = np.sqrt((square + WEIGHT * SPREAD**2) / (compared.n_items + WEIGHT))
    tie_rate = model.tie_rate
    if compared.ties:
        chance = chances(_gaps(compared, mean), model.tie_rate, compared.outcomes)[:, TIE]
        tied = float(share[compared.outcome == TIE].sum()) + WEIGHT * TIES
        tie_rate *= tied / (float((share * chance).sum()) + WEIGHT * TIES)
    return looks, replace(model, spread=float(spread), tie_rate=float(tie_rate), looks=float(stranger))


def evidence(compared: Compared, known: Posterior) -> float:
    """How probable the answers are with this spread, in logarithms: all scores taken together (Laplace), and for each
    worker all that there may be to how often they look.
    """
    _, size = np.linalg.slogdet(known.covariance)
    far = float((known.mean**2).sum()) / known.model.spread**2
    scores = 0.5 * (float(size) - far) - compared.n_items * float(np.log(known.model.spread))
    chance = chances(_gaps(compared, known.mean), known.model.tie_rate, compared.outcomes)
    given = chance[np.arange(len(compared.outcome)), compared.outcome]
    answered = np.log(_LOOKS * given[:, None] + (1 - _LOOKS) / compared.outcomes)
    of_worker = np.zeros((compared.n_workers, len(_LOOKS)))
    np.add.at(of_worker, compared.worker, answered)
    most = of_worker.max(axis=1, initial=-np.inf)
    told = most + np.log(np.exp(of_worker - most[:, None]) @ _LIKELY)
    return scores + float(told[most > -np.inf].sum())


def by_chance(compared: Compared) -> float:
    """The same if nobody looks, or there is nothing to be seen: each outcome comes as often as it does."""
    counts = np.bincount(compared.outcome, minlength=compared.outcomes).astype(np.float64)
    if not compared.ties:
        counts[:] = counts.mean()
    return float((counts * np.log(np.maximum(counts, 1e-300) / max(counts.sum(), 1.0))).sum())
