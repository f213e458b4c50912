"""EM or variational Bayes over workers who either know the answer or spam (Hovy et al., 2013).

What an iteration makes larger, and what the best of several restarts has the most of, is the complete objective: for
"vb" the lower bound of the log probability of all answers, that is the log weight of the answers under the expected
logarithms of the parameters less the divergence of the parameters' posteriors from their priors; for "em" the log
likelihood plus the logarithm of the prior that the smoothing stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.engine import Engine, PerPart
from dataforge.aggregation.kernels.parts import AgreementSums, Part
from dataforge.aggregation.kernels.passes.choice import ONCE, Work

__all__ = ["Fit", "Settings", "Spammers", "gain_of", "mace"]

# Prior weight of each label in a spammer's strategy.
STRATEGY_PRIOR = 10.0
LEAST = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Spammers:
    """Worker parameters: `spamming[w]` is (P(spams), P(knows)); `thetas[w, a]` is P(a | spams)."""

    spamming: Floats
    thetas: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Expected numbers of answers: spam and knowledge by worker, shape (n_workers, 2); spam by worker and label."""

    spamming: Floats
    strategy: Floats


@dataclass(frozen=True, slots=True)
class Settings:
    """How the M-step works: "vb" with the Beta prior (alpha, beta), or "em" with this smoothing."""

    method: str
    alpha: float
    beta: float
    smoothing: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The best restart's parameters, and its objective after each iteration in nats."""

    parameters: Spammers
    posteriors: PerPart
    loss_history: tuple[float, ...]
    converged: bool


def mace(
    engine: Engine,
    *,
    n_restarts: int,
    n_iter: int,
    settings: Settings,
    noise: float,
    seed: int | None,
    class_prior: Floats | None = None,
    start: Spammers | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Posteriors and worker parameters of the restart with the greatest objective; a `start` leaves no restarts."""
    restarts = 1 if start is not None else max(n_restarts, 1)
    engine = engine.suited(Work(engine.n_answers, ONCE * n_iter * restarts))
    rng = np.random.default_rng(seed)
    given = engine.total(_answers_by_pair)[0].reshape(engine.n_workers, engine.n_labels)
    prior = np.full(engine.n_labels, 1 / max(engine.n_labels, 1)) if class_prior is None else class_prior
    with np.errstate(divide="ignore"):
        log_prior = np.log(prior)
    best: tuple[Spammers, tuple[float, ...]] | None = None
    for _ in range(restarts):
        workers = start or _random(rng, given.shape, noise)
        found = _run(engine, workers, given, log_prior, n_iter, settings, on_iteration)
        if best is None or found[1][-1:] > best[1][-1:]:
            best = found
    assert best is not None
    parameters, history = best
    posteriors = engine.keep(steps.agreement_posteriors, gain_of(parameters), log_prior)
    still = len(history) > 1 and abs(history[-1] - history[-2]) <= 1e-6 * abs(history[-1])
    return Fit(parameters, posteriors, history, still)


def _answers_by_pair(part: Part) -> tuple[Floats]:
    """Number of answers by pair of worker and label, shape (n_rows,)."""
    return (np.bincount(part.answers, minlength=part.n_rows).astype(np.float64),)


def gain_of(workers: Spammers) -> Floats:
    """What naming a label adds to its log weight, by pair: log(P(knows) + P(spams, a)) - log(P(spams, a))."""
    spam = np.maximum(workers.spamming[:, :1] * workers.thetas, LEAST)
    return (np.log(workers.spamming[:, 1:] + spam) - np.log(spam)).ravel()


def _random(rng: np.random.Generator, shape: tuple[int, int], noise: float) -> Spammers:
    spamming = rng.uniform(1, 2 + noise, (shape[0], 2))
    thetas = rng.uniform(1, 2 + noise, shape)
    return Spammers(spamming / spamming.sum(axis=1, keepdims=True), thetas / thetas.sum(axis=1, keepdims=True))


def _run(
    engine: Engine,
    workers: Spammers,
    given: Floats,
    log_prior: Floats,
    n_iter: int,
    settings: Settings,
    on_iteration: Callable[[int, float], None] | None,
) -> tuple[Spammers, tuple[float, ...]]:
    sums = engine.total(steps.agreement_sums, gain_of(workers), log_prior)
    history = []
    for iteration in range(n_iter):
        counts = _expected_counts(workers, given, sums)
        workers = _maximised(counts, settings)
        sums = engine.total(steps.agreement_sums, gain_of(workers), log_prior)
        history.append(_evidence(workers, given, sums) - _cost(counts, workers, settings))
        if on_iteration is not None:
            on_iteration(iteration + 1, history[-1])
    return workers, tuple(history)


def _evidence(workers: Spammers, given: Floats, sums: AgreementSums) -> float:
    spam = np.maximum(workers.spamming[:, :1] * workers.thetas, LEAST)
    return sums.evidence + float(np.sum(given * np.log(spam)))


def _expected_counts(workers: Spammers, given: Floats, sums: AgreementSums) -> _Counts:
    spam = np.maximum(workers.spamming[:, :1] * workers.thetas, LEAST)
    knows = workers.spamming[:, 1:]
    right = sums.credit.reshape(given.shape)
    strategy = right * spam / (spam + knows) + (given - right)
    return _Counts(np.stack([strategy.sum(axis=1), (right * knows / (spam + knows)).sum(axis=1)], axis=1), strategy)


def _maximised(counts: _Counts, settings: Settings) -> Spammers:
    if settings.method == "vb":
        spamming, strategy = _priors(settings)
        return Spammers(_variational(counts.spamming, spamming), _variational(counts.strategy, strategy))
    return Spammers(_smoothed(counts.spamming, settings.smoothing), _smoothed(counts.strategy, settings.smoothing))


def _cost(counts: _Counts, workers: Spammers, settings: Settings) -> float:
    """What the objective loses to the priors."""
    if settings.method == "vb":
        spamming, strategy = _priors(settings)
        return _divergence(counts.spamming, spamming) + _divergence(counts.strategy, strategy)
    logs = sum(float(np.log(np.maximum(table, LEAST)).sum()) for table in (workers.spamming, workers.thetas))
    return -settings.smoothing * logs


def _priors(settings: Settings) -> tuple[Floats, float]:
    return np.array([settings.alpha, settings.beta]), STRATEGY_PRIOR


def _divergence(counts: Floats, prior: Floats | float) -> float:
    """Kullback-Leibler divergence of Dirichlet(counts + prior) from Dirichlet(prior), summed over rows."""
    from scipy.special import digamma, gammaln

    before = np.broadcast_to(prior, counts.shape)
    after = counts + before
    scale = gammaln(after.sum(axis=1)) - gammaln(before.sum(axis=1))
    shape = (gammaln(before) - gammaln(after)).sum(axis=1)
    moved = (counts * (digamma(after) - digamma(after.sum(axis=1, keepdims=True)))).sum(axis=1)
    return float((scale + shape + moved).sum())


def _variational(counts: Floats, prior: Floats | float) -> Floats:
    from scipy.special import digamma

    whole = counts + prior
    exponents: Floats = np.exp(digamma(whole) - digamma(whole.sum(axis=1, keepdims=True)))
    return exponents


def _smoothed(counts: Floats, smoothing: float) -> Floats:
    whole = counts + smoothing
    shares: Floats = whole / whole.sum(axis=1, keepdims=True)
    return shares
