"""EM over one confusion matrix per worker (Dawid and Skene, 1979).

The textbook's EM is the default. A run stakes money on confidence from 2 to 5 answers an item, and takes parameters of
it: label shares that are held fixed (`smoothed_shares`), matrices drawn to the mean one, evidence to a power below 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.engine import Engine, PerPart, TableEngine
from dataforge.aggregation.kernels.parts import ConfusionSums, Part
from dataforge.aggregation.kernels.passes.choice import Work
from dataforge.aggregation.kernels.probabilities import evened
from dataforge.aggregation.kernels.sums import inner, of_columns

__all__ = [
    "LEAST",
    "Confusions",
    "Fit",
    "InitialErrors",
    "Workers",
    "dawid_skene",
    "initial_shares",
    "log_errors_of",
    "log_prior_of",
    "posteriors_under",
    "smoothed_shares",
]

# Probabilities and counts below this are raised to it: an event never seen is rare, not impossible.
LEAST = 1e-10

OnIteration = Callable[[int, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Confusions:
    """Worker parameters: `errors[w * n_labels + a, k]` is P(worker w answers a | k is right), `prior[k]` is P(k).

    `errors` is a table by worker of the engine: an array, but for a cluster's.
    """

    errors: Floats
    prior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class InitialErrors:
    """What is known of workers beforehand, shape (n_rows, n_labels), and what the first M-step does with it."""

    counts: Floats
    strategy: Literal["assign", "addition"]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What EM found: parameters after the last M-step, and those that the posteriors were computed with."""

    parameters: Confusions
    used: Confusions | None
    posteriors: PerPart
    counts: Floats
    loss_history: tuple[float, ...]
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Workers:
    """What is believed of every worker before the answers, in pseudo-counts added by the M-step.

    `counts`, shape (n_labels, n_labels), is [answer, right label]. `strength` is how many answers, dealt evenly to the
    right labels, the mean matrix of all workers counts for, to which each worker's is drawn.
    """

    counts: Floats | None = None
    strength: float = 0.0


NOTHING_KNOWN = Workers()


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Where EM stands: the parameters, their logs, what they were made of, and what the iteration reached."""

    parameters: Confusions
    log_errors: Floats
    used: Confusions | None
    counts: Floats
    believed: PerPart | None = None
    reached: float = -np.inf
    change: float = np.inf


def dawid_skene(
    engine: TableEngine,
    *,
    n_iter: int,
    tol: float,
    start: Confusions | None = None,
    initial: InitialErrors | None = None,
    class_prior: Floats | None = None,
    workers: Workers = NOTHING_KNOWN,
    temper: float = 1.0,
    on_iteration: OnIteration | None = None,
) -> Fit:
    """Posteriors and confusion matrices.

    Starts from the workers of `start`, or else from the shares of votes. `class_prior`, shape (n_labels,), is held
    fixed when given. Stops when the mean loss per answer grows by less than `tol`; or, where matrices are drawn to a
    mean that moves and the loss is no measure, when the posteriors of answered tasks move by less than that on average.
    The posteriors returned take the evidence to the power `temper`.
    """
    engine = engine.suited(Work.iterated(engine.n_answers, 2.0 * engine.n_labels, n_iter))
    m_step = _MStep(engine, class_prior, workers)
    drawn = workers.strength > 0
    iterated = _by_posteriors if drawn else _by_loss
    state = _from_votes(m_step, initial, keep=drawn) if start is None else _from_workers(m_step, start)
    history: list[float] = []
    converged = False
    while len(history) < n_iter and not converged:
        state = iterated(m_step, state, len(history) + 1)
        history.append(state.reached)
        if on_iteration is not None:
            on_iteration(len(history), state.reached)
        converged = state.change < tol
    used = state.parameters if drawn and history else state.used
    last = used or start
    believed = (
        engine.keep(initial_shares) if last is None else engine.keep(_believed_under, last.errors, last.prior, temper)
    )
    return Fit(state.parameters, used, believed, state.counts, tuple(history), converged)


def _from_votes(m_step: _MStep, initial: InitialErrors | None, *, keep: bool) -> _State:
    """The first M-step, from the shares of votes; they are kept only where their movement counts."""
    engine = m_step.engine
    believed = engine.keep(initial_shares) if keep else None
    sums = engine.summed(_initial_sums) if believed is None else engine.summed(_sums_under, believed)
    counts = _initial_counts(sums.counts, initial)
    parameters = m_step.maximised(counts, sums.prior, 0)
    return _State(parameters, engine.by_worker(_logs, parameters.errors), None, counts, believed)


def _from_workers(m_step: _MStep, start: Confusions) -> _State:
    return _State(start, m_step.engine.by_worker(_logs, start.errors), None, np.zeros((0, 0)))


def _by_loss(m_step: _MStep, before: _State, iteration: int) -> _State:
    """An iteration, measured by the mean loss per answer."""
    engine, used = m_step.engine, before.parameters
    sums = engine.summed(steps.confusion_sums, before.log_errors, log_prior_of(used))
    parameters = m_step.maximised(sums.counts, sums.prior, iteration)
    log_errors = engine.by_worker(_logs, parameters.errors)
    loss = _loss(engine, sums, log_errors, log_prior_of(parameters)) / max(engine.n_answers, 1)
    return _State(parameters, log_errors, used, sums.counts, None, loss, loss - before.reached)


def _by_posteriors(m_step: _MStep, before: _State, iteration: int) -> _State:
    """An iteration, measured by the mean movement of a posterior of an answered task."""
    engine, used = m_step.engine, before.parameters
    believed = engine.keep(steps.confusion_posteriors, before.log_errors, log_prior_of(used))
    sums = engine.summed(_sums_under, believed)
    parameters = m_step.maximised(sums.counts, sums.prior, iteration)
    moved = np.inf
    if before.believed is not None:
        whole, answered = engine.total(_movement, before.believed, believed)
        moved = whole / max(answered * engine.n_labels, 1)
    log_errors = engine.by_worker(_logs, parameters.errors)
    return _State(parameters, log_errors, used, sums.counts, believed, moved, moved)


def posteriors_under(part: Part, workers: Confusions, temper: float = 1.0) -> Floats:
    """Posteriors of the tasks, shape (n_tasks, n_labels), with the evidence of the answers to the power `temper`."""
    log_errors = log_errors_of(workers)
    return steps.confusion_posteriors(part, log_errors if temper == 1 else temper * log_errors, log_prior_of(workers))


def _believed_under(part: Part, errors: Floats, prior: Floats, temper: float) -> Floats:
    """The same, of a table by worker."""
    return posteriors_under(part, Confusions(errors, prior), temper)


def initial_shares(part: Part) -> Floats:
    """Shares of votes, even where nobody voted, and 1 for a known answer, shape (n_tasks, n_labels)."""
    return evened(steps.vote_sums(part), part)


def _initial_sums(part: Part) -> ConfusionSums:
    """What the first M-step needs: sums under the shares of votes."""
    return _sums_under(part, initial_shares(part))


def _sums_under(part: Part, believed: Floats) -> ConfusionSums:
    """What an M-step needs, under these posteriors; without their entropy, which it does not."""
    return ConfusionSums(steps.row_sums(part, believed), of_columns(believed), 0.0)


def _movement(part: Part, before: Floats, now: Floats) -> tuple[float, int]:
    """How far the posteriors of answered tasks moved, and how many tasks those are."""
    answered, moved = part.counts > 0, now - before
    np.abs(moved, out=moved)
    if not answered.all():
        moved[~answered] = 0.0
    return float(moved.sum()), int(np.count_nonzero(answered))


def smoothed_shares(engine: Engine, more: float = 1.0) -> Floats:
    """Share of each label among the votes on tasks whose answer is not known, with some votes more for each label.

    One vote is that of a whole task; the shape is (n_labels,).
    """
    counts = engine.total(_unknown_shares)[0] + more
    share: Floats = counts / max(counts.sum(), 1.0)
    return share


def _unknown_shares(part: Part) -> tuple[Floats]:
    """Shares of votes added up over the answered tasks whose answer is not known."""
    counted = part.counts > 0
    if part.known is not None:
        counted &= part.known < 0
    return (of_columns(initial_shares(part)[counted]),)


def _initial_counts(counts: Floats, initial: InitialErrors | None) -> Floats:
    if initial is None:
        return counts
    return initial.counts if initial.strategy == "assign" else counts + initial.counts


@dataclass(frozen=True, slots=True, eq=False)
class _MStep:
    """The parameters that expected counts make most likely, given what is believed of workers beforehand."""

    engine: TableEngine
    class_prior: Floats | None
    workers: Workers

    def maximised(self, counts: Floats, prior: Floats, iteration: int) -> Confusions:
        """Errors of each worker sum to 1 over the answers that the worker gave; others get LEAST."""
        engine, mean = self.engine, None
        if self.workers.strength > 0:
            mean = _mean_matrix(engine.over_workers(_whole_crowd, counts, self.workers)[0])
        errors = engine.by_worker(_maximised, counts, self.workers, mean)
        shares = prior / max(engine.n_tasks, 1) if self.class_prior is None else self.class_prior
        return Confusions(engine.lasting(errors, iteration), shares)


def _maximised(counts: Floats, workers: Workers, mean: Floats | None) -> Floats:
    """Errors of each worker whose matrix is drawn to a mean one, if any; of the shape of the counts."""
    tables = _with_pseudo_counts(counts, workers)
    if mean is not None:
        tables = tables + workers.strength / max(len(mean), 1) * mean
    whole = tables.reshape(counts.shape)
    errors = np.maximum(whole, LEAST)
    if mean is None:  # a mean matrix leaves no answer out
        errors[~whole.any(axis=1)] = 0.0
    by_worker = errors.reshape(tables.shape)
    by_worker /= np.maximum(by_worker.sum(axis=1, keepdims=True), LEAST)
    if mean is None:
        np.maximum(errors, LEAST, out=errors, where=errors == 0)
    return errors


def _with_pseudo_counts(counts: Floats, workers: Workers) -> Floats:
    """The counts as a matrix for each worker, shape (n_workers, n_labels, n_labels), with those of every worker."""
    n_rows, n_labels = counts.shape
    tables = counts.reshape(n_rows // max(n_labels, 1), n_labels, n_labels)
    return tables if workers.counts is None else tables + workers.counts


def _whole_crowd(counts: Floats, workers: Workers) -> tuple[Floats]:
    """The counts of all workers, shape (n_labels, n_labels)."""
    return (_with_pseudo_counts(counts, workers).sum(axis=0),)


def _mean_matrix(counts: Floats) -> Floats:
    """The matrix of all workers together, from their counts."""
    # One right answer and one spread over all labels, so that a label nobody has met yet has a row as well.
    n_labels = len(counts)
    mean: Floats = counts + np.eye(n_labels) + 1.0 / max(n_labels, 1)
    mean /= mean.sum(axis=0)
    return mean


def log_errors_of(parameters: Confusions) -> Floats:
    """Logs of the errors as the passes over the answers take them."""
    return np.log(parameters.errors)


def log_prior_of(parameters: Confusions) -> Floats:
    """Logs of the label shares as the passes over the answers take them."""
    return np.log(np.maximum(parameters.prior, LEAST))


def _logs(errors: Floats) -> Floats:
    logs: Floats = np.log(errors)
    return logs


def _loss(engine: TableEngine, sums: ConfusionSums, log_errors: Floats, log_prior: Floats) -> float:
    """Expected log likelihood plus entropy. The prior counts once per answer, as the field's library has it."""
    explained, answers = engine.over_workers(_explained, sums.counts, log_errors)
    return explained + float(answers @ log_prior) + sums.entropy


def _explained(counts: Floats, log_errors: Floats) -> tuple[float, Floats]:
    """The expected log likelihood of the answers, and how many of them where each label is right."""
    return inner(counts, log_errors), counts.sum(axis=0)
