"""EM over worker abilities and task difficulties (Whitehill et al., 2009).

Conjugate gradients amplify the last bits of a sum, from one EM iteration to the next, up to the second digit of a
probability. Sums are therefore exact (`exact`): results are the same to the last bit whatever the order of answers,
workers, tasks and labels, and however the answers are cut into parts and whichever passes run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels import difficulty
from dataforge.aggregation.kernels.conjugate_gradients import Reached, minimised
from dataforge.aggregation.kernels.engine import Engine, Greatest, PerPart
from dataforge.aggregation.kernels.exact import Grid, grid, rounded
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes import reference
from dataforge.aggregation.kernels.passes.choice import Work
from dataforge.aggregation.kernels.passes.table import Passes
from dataforge.aggregation.kernels.steps import passes_of

__all__ = ["Abilities", "Fit", "glad", "log_others_of"]

# What a gradient costs for an answer, in numbers added up, and iterations after which EM over many answers often ends.
GRADIENT = 70.0
SOON = 2
LOG_NORMAL = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Abilities:
    """P(worker w is right on task t) = sigmoid(alpha[w] · exp(beta[t])); `prior[k]` is P(k)."""

    alpha: Floats
    beta: Floats
    prior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What EM found: parameters after the last M-step, and those that the posteriors were computed with."""

    parameters: Abilities
    used: Abilities
    posteriors: PerPart
    loss_history: tuple[float, ...]
    converged: bool


def glad(
    engine: Engine,
    *,
    n_iter: int,
    tol: float,
    class_prior: Floats | None,
    alpha_mean: Floats,
    beta_mean: Floats,
    m_step_max_iter: int,
    m_step_tol: float,
    start: Abilities | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Posteriors, abilities and difficulties, with normal priors of variance 1 around the given means.

    The M-step is conjugate gradients over all abilities and difficulties, as many steps as `m_step_max_iter` or until
    no slope exceeds `m_step_tol`. Stops when the mean loss per answer and label grows by less than `tol`.
    """
    engine = engine.suited(Work(engine.n_answers, GRADIENT * m_step_max_iter * min(n_iter, SOON)))
    prior = np.full(engine.n_labels, 1 / max(engine.n_labels, 1)) if class_prior is None else class_prior
    point = start or Abilities(np.ones(engine.n_workers), np.ones(engine.n_tasks), prior)
    busiest = _busiest(engine)
    task_means = engine.split(beta_mean)
    loss = -np.inf
    losses: list[float] = []
    used = point
    easiness = engine.split(point.beta)
    posteriors = _posteriors(engine, point, easiness, busiest)
    converged = False
    for iteration in range(n_iter if engine.n_answers else 0):
        if iteration:
            used = point
            easiness = engine.split(point.beta)
            posteriors = _posteriors(engine, point, easiness, busiest)
        step = MStep(engine, posteriors, alpha_mean, task_means, busiest)
        point, gained = step.maximised(point, easiness, m_step_max_iter, m_step_tol)
        losses.append(gained / max(engine.n_answers * engine.n_labels, 1))
        if on_iteration is not None:
            on_iteration(iteration + 1, losses[-1])
        if losses[-1] - loss < tol:
            converged = True
            break
        loss = losses[-1]
    return Fit(point, used, posteriors, tuple(losses), converged)


def log_others_of(n_labels: int) -> float:
    """Log of the number of wrong labels, among which errors spread evenly."""
    return float(np.log(max(n_labels - 1, 1)))


class _Counts(NamedTuple):
    """Answers by worker, and those to the busiest task."""

    by_worker: Floats
    most: Greatest


def _answer_counts(part: Part) -> _Counts:
    """How many answers workers and tasks have."""
    by_worker = np.bincount(part.worker, minlength=part.n_workers).astype(np.float64)
    return _Counts(by_worker, Greatest(part.counts.max(initial=0)))


def _busiest(engine: Engine) -> int:
    counts = engine.total(_answer_counts)
    return int(max(counts.by_worker.max(initial=0), counts.most))


def _posteriors(engine: Engine, point: Abilities, easiness: PerPart, busiest: int) -> PerPart:
    with np.errstate(divide="ignore"):
        log_prior = np.log(point.prior)
    log_others = log_others_of(engine.n_labels)
    return engine.keep(difficulty.posteriors, point.alpha, easiness, busiest, log_others, log_prior)


class _Line(NamedTuple):
    """Numbers of some parameters at a point, the gradient of the loss there, and the direction they came by."""

    at: Floats
    gradient: Floats
    direction: Floats

    def along(self, momentum: Any, step: Any) -> tuple[Floats, Floats]:
        """The numbers after a step, and the direction of the step."""
        direction = momentum * self.direction - self.gradient
        return self.at + step * direction, direction


class _Tried(NamedTuple):
    """What a part of the tasks finds at a point; `sums` are of value, slope, square and turn (see `Reached`)."""

    by_alpha: Floats
    sums: Places
    steepest: Greatest
    longest: Greatest
    highest: Greatest


class _Place(NamedTuple):
    """Where conjugate gradients stand: abilities here, difficulties with the parts, and bounds of the latter."""

    workers: _Line
    tasks: PerPart
    steepest: float
    longest: float
    highest: float


def _tried(
    part: Part,
    before: tuple[_Line, _Tried | None],
    posteriors: Floats,
    mean: Floats,
    alpha: Floats,
    move: tuple[Any, Any, float, Grid],
) -> tuple[_Line, _Tried]:
    """What is found a step along the line of a part's difficulties, if the abilities are `alpha`."""
    momentum, step, log_others, steps = move
    beta, direction = before[0].along(momentum, step)
    value, by_beta, by_alpha = difficulty.gradient(part, alpha, beta, posteriors, log_others, steps)
    away = beta - mean
    line = _Line(beta, away - by_beta, direction)
    sums = _sums(0.5 * away**2 - value, line, before[0], passes_of(part))
    steepest, longest = (Greatest(np.abs(numbers).max(initial=0.0)) for numbers in (line.gradient, direction))
    return line, _Tried(by_alpha, sums, steepest, longest, Greatest(beta.max(initial=-np.inf)))


def _sums(values: Floats, line: _Line, before: _Line, passes: Passes) -> Places:
    gradient = line.gradient
    turn = gradient * (gradient - before.gradient)
    return passes.exact_sums(values, gradient * line.direction, gradient * gradient, turn)


def _at_rest(part: Part, beta: Floats) -> tuple[_Line, _Tried | None]:
    """A part's difficulties before the first gradient is known."""
    return _Line(beta, np.zeros_like(beta), np.zeros_like(beta)), None


def _sums_of(part: Part, found: tuple[_Line, _Tried]) -> _Tried:
    """What the part found."""
    return found[1]


def _easiness_of(part: Part, found: tuple[_Line, _Tried]) -> Floats:
    """The part's difficulties alone."""
    return found[0].at


@dataclass(frozen=True, slots=True, eq=False)
class MStep:
    """The abilities and difficulties that the posteriors make most likely."""

    engine: Engine
    posteriors: PerPart
    alpha_mean: Floats
    beta_mean: PerPart
    busiest: int

    def maximised(self, point: Abilities, easiness: PerPart, max_iter: int, tol: float) -> tuple[Abilities, float]:
        """What conjugate gradients reach from a point, and the expected log likelihood with priors there."""
        still = np.zeros_like(point.alpha)
        place = _Place(
            _Line(point.alpha, still, still), self.engine.keep(_at_rest, easiness), 0.0, 0.0,
            float(point.beta.max(initial=-np.inf)),
        )  # fmt: skip
        none = np.float64(0.0)
        with np.errstate(all="ignore"):
            start = self._along(Reached(none, none, none, none, none, place), none, none)
            best = minimised(start, self._along, max_iter=max_iter, tol=tol)
        beta = np.concatenate(self.engine.each(_easiness_of, best.place.tasks))
        return Abilities(best.place.workers.at, beta, point.prior), -float(best.value)

    def _along(self, point: Reached, momentum: Any, step: Any) -> Reached:
        place: _Place = point.place
        alpha, direction = place.workers.along(momentum, step)
        log_others = log_others_of(self.engine.n_labels)
        steps = self._grid(place, alpha, momentum, step, log_others)
        if steps is None:
            beyond = np.float64(np.nan)
            return Reached(np.float64(np.inf), beyond, beyond, beyond, beyond, place)
        found = self.engine.keep(
            _tried, place.tasks, self.posteriors, self.beta_mean, alpha, (momentum, step, log_others, steps)
        )
        tasks = self.engine.total(_sums_of, found)
        away = alpha - self.alpha_mean
        line = _Line(alpha, away - (tasks.by_alpha[:, 0] + tasks.by_alpha[:, 1]), direction)
        sums = tasks.sums + _sums(0.5 * away**2, line, place.workers, reference)
        value, slope, square, turn = (rounded(chunks) for chunks in sums)
        value += (self.engine.n_workers + self.engine.n_tasks) * LOG_NORMAL
        steepest = np.float64(max(tasks.steepest, np.abs(line.gradient).max(initial=0.0)))
        reached = _Place(line, found, tasks.steepest, tasks.longest, tasks.highest)
        return Reached(value if np.isfinite(value) else np.float64(np.inf), slope, square, turn, steepest, reached)

    def _grid(self, place: _Place, alpha: Floats, momentum: Any, step: Any, log_others: float) -> Grid | None:
        """The grid of the sums a step away, from bounds that do not depend on the parts; None if there are none."""
        highest = place.highest + abs(step) * (momentum * place.longest + place.steepest)
        easiest = np.exp(np.clip(highest, 0.0, difficulty.EASIEST))
        bound = 2 * max(1.0, float(np.abs(alpha).max(initial=0.0))) * float(easiest) + log_others + 1
        return grid(bound, self.busiest) if bound < 1e280 else None
