"""EM over one accuracy per worker, errors spread evenly (Zhang, Chen, Zhou and Jordan, 2016)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.dawid_skene import LEAST, initial_shares
from dataforge.aggregation.kernels.engine import PerPart, TableEngine
from dataforge.aggregation.kernels.parts import AgreementSums, Part
from dataforge.aggregation.kernels.passes.choice import ONCE, Work
from dataforge.aggregation.kernels.probabilities import softmax
from dataforge.aggregation.kernels.sums import inner, tally

__all__ = ["Accuracies", "Fit", "gain_of", "log_prior_of", "one_coin", "posteriors_under", "right_and_wrong"]

# A worker who is always right or always wrong would overrule all others, whatever their number.
SUREST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Accuracies:
    """Worker parameters: `skills[w]` is P(worker w is right), a table by worker of the engine; `prior[k]` is P(k)."""

    skills: Floats
    prior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What EM found: parameters after the last M-step, and those that the posteriors were computed with."""

    parameters: Accuracies
    used: Accuracies | None
    posteriors: PerPart
    given: Floats
    loss_history: tuple[float, ...]
    converged: bool


def one_coin(
    engine: TableEngine,
    *,
    n_iter: int,
    tol: float,
    start: Accuracies | None = None,
    class_prior: Floats | None = None,
    worker_prior: tuple[float, float] = (0.0, 0.0),
    temper: float = 1.0,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Posteriors and accuracies; arguments are those of `dawid_skene`, `worker_prior` is (right, wrong)."""
    engine = engine.suited(Work.iterated(engine.n_answers, ONCE, n_iter))
    given = engine.summed(_answers_given)[0]
    parameters = start or _maximised(engine.summed(_initial_credit), engine, given, class_prior, worker_prior)
    used: Accuracies | None = None
    losses: list[float] = []
    converged = False
    for iteration in range(n_iter):
        used = parameters
        gain = engine.by_worker(gain_of, used.skills, engine.n_labels)
        sums = engine.summed(steps.agreement_sums, gain, log_prior_of(used.prior))
        parameters = _maximised(sums, engine, given, class_prior, worker_prior)
        parameters = replace(parameters, skills=engine.lasting(parameters.skills, iteration + 1))
        losses.append(_loss(sums, parameters, engine, given) / max(engine.n_answers, 1))
        if on_iteration is not None:
            on_iteration(iteration + 1, losses[-1])
        if len(losses) > 1 and losses[-1] - losses[-2] < tol:
            converged = True
            break
    # The textbook's posteriors are what the last M-step was made of; tempered ones are those under the workers found.
    used = used if temper == 1 or used is None else parameters
    last = used or start
    if last is None:
        posteriors = engine.keep(initial_shares)
    else:
        gain = engine.by_worker(gain_of, last.skills, engine.n_labels, temper)
        posteriors = engine.keep(steps.agreement_posteriors, gain, log_prior_of(last.prior))
    return Fit(parameters, used, posteriors, given, tuple(losses), converged)


def gain_of(skills: Floats, n_labels: int, temper: float = 1.0) -> Floats:
    """What naming a label adds to its log weight, by pair, shape (n_rows,): log(s) - log((1 - s) / (K - 1)).

    It counts to the power `temper`.
    """
    if n_labels < 2:
        return np.zeros(len(skills) * n_labels)
    right, wrong = right_and_wrong(skills, n_labels)
    return np.repeat(temper * (np.log(right) - np.log(wrong)), n_labels)


def posteriors_under(part: Part, skills: Floats, temper: float = 1.0) -> Floats:
    """Probabilities of the labels, equal beforehand, when worker w is right with probability `skills[w]`.

    Errors spread evenly over the other labels that are open for the task. The answers' evidence counts to the power
    `temper`.
    """
    right = np.clip(skills, SUREST, 1 - SUREST)
    log_odds = np.log(right) - np.log1p(-right)
    if part.allowed is None:
        log_weights = steps.vote_sums(part, log_odds + np.log(max(part.n_labels - 1, 1)))
    else:
        others = np.maximum(part.allowed.sum(axis=1) - 1, 1)
        log_weights = steps.vote_sums(part, log_odds) + np.log(others)[:, None] * steps.vote_sums(part)
    return softmax(temper * log_weights, part)


def _answers_given(part: Part) -> tuple[Floats]:
    """Number of answers by worker, shape (n_workers,)."""
    return (tally(part.worker, None, part.n_workers),)


def _initial_credit(part: Part) -> AgreementSums:
    """What the first M-step needs: expected right answers by pair under the shares of votes."""
    shares = initial_shares(part)
    rows = np.arange(part.n_rows)
    if part.n_rows * part.n_labels <= part.n_answers:
        credit = steps.row_sums(part, shares)[rows, rows % max(part.n_labels, 1)]
    else:  # a table of all pairs of labels, most of which nobody gave, would not be small
        credit = tally(part.answers, shares.ravel().take(part.cell), part.n_rows)
    return AgreementSums(credit, shares.sum(axis=0), np.zeros(part.n_labels), 0.0, 0.0)


def _maximised(
    sums: AgreementSums,
    engine: TableEngine,
    given: Floats,
    class_prior: Floats | None,
    worker_prior: tuple[float, float],
) -> Accuracies:
    skills = engine.by_worker(_skills, sums.credit, given, engine.n_labels, worker_prior)
    return Accuracies(skills, sums.prior / max(engine.n_tasks, 1) if class_prior is None else class_prior)


def _skills(credit: Floats, given: Floats, n_labels: int, worker_prior: tuple[float, float]) -> Floats:
    """The share of right answers of each worker; who has no answers and no prior guesses."""
    right = credit.reshape(len(given), n_labels).sum(axis=1) + worker_prior[0]
    total = given + sum(worker_prior)
    skills: Floats = np.divide(right, total, out=np.full(len(total), 1 / max(n_labels, 1)), where=total > 0)
    return skills


def right_and_wrong(skills: Floats, n_labels: int) -> tuple[Floats, Floats]:
    """P(the right label) and P(one certain wrong label) by worker."""
    return np.clip(skills, LEAST, 1 - LEAST), np.clip((1 - skills) / max(n_labels - 1, 1), LEAST, 1 - LEAST)


def log_prior_of(prior: Floats) -> Floats:
    """Logs of the label shares as the passes over the answers take them."""
    return np.log(np.maximum(prior, LEAST))


def _loss(sums: AgreementSums, parameters: Accuracies, engine: TableEngine, given: Floats) -> float:
    """Expected log likelihood plus entropy; the prior counts once per answer, as in `dawid_skene`."""
    if engine.n_labels < 2:
        return 0.0
    expected = engine.over_workers(_expected, sums.credit, given, parameters.skills, engine.n_labels)[0]
    return expected + float(sums.answered @ log_prior_of(parameters.prior)) + sums.entropy


def _expected(credit: Floats, given: Floats, skills: Floats, n_labels: int) -> tuple[float]:
    """The expected log likelihood of the answers, whatever is right."""
    right, wrong = right_and_wrong(skills, n_labels)
    correct = credit.reshape(len(given), n_labels).sum(axis=1)
    return (inner(correct, np.log(right)) + inner(given - correct, np.log(wrong)),)
