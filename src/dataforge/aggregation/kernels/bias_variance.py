"""Numbers from workers who each have a bias, a scale and a noise: variational Bayes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dataforge.aggregation.arrays import Floats, Integers
from dataforge.aggregation.kernels.numbers import means
from dataforge.aggregation.kernels.sums import tally

__all__ = ["BiasVarianceFit", "Spread", "State", "bias_variance", "values_under"]

# The least variance, in variances of all answers: data without noise stay away from logarithms of zero.
LEAST = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class BiasVarianceFit:
    """Value and its variance by task; bias, scale and noise variance by worker.

    `bounds` holds the evidence lower bound of the standardised answers after each iteration, `state` what an iteration
    goes on from.
    """

    value: Floats
    variance: Floats
    bias: Floats
    scale: Floats
    noise: Floats
    bounds: tuple[float, ...]
    converged: bool
    state: State | None

    def spread(self) -> Spread:
        """Standard deviations and laws of what is known of the workers."""
        assert self.state is not None
        tasks, lines, noise, size = self.state.tasks, self.state.lines, self.state.noise, self.state.size
        turn = np.array([1.0, tasks.prior_mean])
        return Spread(
            bias=size * np.sqrt(np.einsum("i,wij,j->w", turn, lines.covariance, turn)),
            scale=np.sqrt(lines.covariance[:, 1, 1]),
            shape=noise.shape,
            rate=size**2 * noise.rate,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Standard deviations of bias and scale, and the Gamma law of the precision of the noise, by worker."""

    bias: Floats
    scale: Floats
    shape: Floats
    rate: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers `value` with mean 0 and variance 1. Of several, the last "worker" may be the truth: the known values."""

    task: Integers
    worker: Integers
    value: Floats
    n_tasks: int
    n_workers: int
    with_truth: bool

    @property
    def people(self) -> slice:
        """The workers without the truth."""
        return slice(self.n_workers - self.with_truth)

    @property
    def given(self) -> Floats:
        """Number of answers by worker."""
        return np.bincount(self.worker, minlength=self.n_workers).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Tasks:
    """Posterior means and variances of the values, shape (n_tasks,), and the mean and variance of their prior."""

    mean: Floats
    variance: Floats
    prior_mean: float
    prior_variance: float


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Posterior of each worker's line, answer = line[0] + line[1] · value: (n_workers, 2) and (n_workers, 2, 2).

    The prior of each line is normal, with `prior_mean` (2,) and `prior_covariance` (2, 2).
    """

    mean: Floats
    covariance: Floats
    prior_mean: Floats
    prior_covariance: Floats

    def moments(self) -> Floats:
        """Expected products of the line's two numbers, shape (n_workers, 2, 2)."""
        found: Floats = self.covariance + self.mean[:, :, None] * self.mean[:, None, :]
        return found

    def squares(self) -> Floats:
        """Expected products of the distances from the prior mean, shape (n_workers, 2, 2)."""
        away = self.mean - self.prior_mean
        found: Floats = self.covariance + away[:, :, None] * away[:, None, :]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Noise:
    """Gamma posterior of each worker's precision, and the shape and the rates of its prior; each has (n_workers,)."""

    shape: Floats
    rate: Floats
    prior_shape: float
    prior_rate: Floats

    @property
    def precision(self) -> Floats:
        """Expected precision."""
        found: Floats = self.shape / self.rate
        return found


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Posteriors without the truth, in units of answers less `middle` and divided by `size`."""

    tasks: _Tasks
    lines: _Lines
    noise: _Noise
    middle: float
    size: float

    def of_workers(self, places: Integers, n_workers: int) -> State:
        """The workers under new codes; strangers are as their prior has them."""
        kept = places >= 0
        mean = np.tile(self.lines.prior_mean, (n_workers, 1))
        covariance = np.tile(self.lines.prior_covariance, (n_workers, 1, 1))
        prior_rate = np.full(n_workers, self.noise.prior_rate[0])  # all people have the same
        shape, rate = np.full(n_workers, self.noise.prior_shape), prior_rate.copy()
        mean[places[kept]], covariance[places[kept]] = self.lines.mean[kept], self.lines.covariance[kept]
        shape[places[kept]], rate[places[kept]] = self.noise.shape[kept], self.noise.rate[kept]
        return replace(
            self,
            lines=replace(self.lines, mean=mean, covariance=covariance),
            noise=replace(self.noise, shape=shape, rate=rate, prior_rate=prior_rate),
        )

    def in_units(self, middle: float, size: float) -> State:
        """The same posteriors in other units."""
        wider, shift = self.size / size, (self.middle - middle) / size
        turn, level = np.array([[wider, -shift], [0.0, 1.0]]), np.array([shift, 0.0])
        tasks, lines, noise = self.tasks, self.lines, self.noise
        return State(
            _Tasks(
                wider * tasks.mean + shift, wider**2 * tasks.variance,
                wider * tasks.prior_mean + shift, wider**2 * tasks.prior_variance,
            ),
            _Lines(
                lines.mean @ turn.T + level, turn @ lines.covariance @ turn.T,
                turn @ lines.prior_mean + level, turn @ lines.prior_covariance @ turn.T,
            ),
            _Noise(noise.shape, wider**2 * noise.rate, noise.prior_shape, wider**2 * noise.prior_rate),
            middle,
            size,
        )  # fmt: skip


def bias_variance(
    task: Integers,
    worker: Integers,
    value: Floats,
    shape: tuple[int, int],
    *,
    known: Floats,
    n_iter: int,
    tol: float,
    prior_answers: float,
    earlier: State | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> BiasVarianceFit:
    """Fit answer = bias[w] + scale[w] · value[t] + noise[w]; `known[t]` is NaN where the value is to be found.

    Values are normal around a common mean; so are the pairs (bias, scale), with any covariance; precisions are gamma
    with `prior_answers` / 2 as shape. All other numbers of these priors are those that make the bound greatest.
    Known values are answers of one more worker, the truth, on whose line the values are told: a few of them move it
    no further from the crowd's than workers are from each other. Its noise is how far truth is from what the crowd
    agrees on, an error that workers share and that answers alone do not show. Goes on from the workers of
    `earlier`.
    """
    if len(value) == 0:
        none = np.empty(0)
        return BiasVarianceFit(none, none, none, none, none, bounds=(), converged=True, state=None)
    middle, size = float(value.mean()), float(value.std()) or 1.0
    answers = _with_truth(task, worker, (value - middle) / size, shape, (known - middle) / size)
    tasks, lines, noise = start(answers, prior_answers / 2)
    if earlier is not None:
        tasks, lines, noise = _resumed(earlier.in_units(middle, size), tasks, lines, noise)
    bounds: list[float] = []
    converged = False
    for iteration in range(1, n_iter + 1):
        before = tasks.mean
        tasks = values_given(answers, lines, noise, tasks)
        lines, left = lines_given(answers, tasks, noise, lines)
        noise = noise_given(answers, left, noise)
        bounds.append(evidence_bound(answers, tasks, lines, noise, left))
        tasks, lines = _in_units_of(np.average(lines.mean, axis=0, weights=answers.given), tasks, lines)
        change = float(np.abs(tasks.mean - before).max() * np.sqrt(noise.precision[answers.people].mean()))
        if on_iteration is not None:
            on_iteration(iteration, change)
        if change < tol:
            converged = True
            break
    return _fitted(answers, State(tasks, lines, noise, middle, size), known, tuple(bounds), converged)


def _fitted(
    answers: Answers, state: State, known: Floats, bounds: tuple[float, ...], converged: bool
) -> BiasVarianceFit:
    """What posteriors that may include the truth's say of tasks and people, in units of the answers."""
    tasks, lines, noise, middle, size = state.tasks, state.lines, state.noise, state.middle, state.size
    values, variance = tasks.mean, tasks.variance
    if answers.with_truth:
        values, variance = _told(tasks, lines.mean[-1], lines.covariance[-1], 1 / noise.precision[-1])
        tasks, lines = _in_units_of(lines.mean[-1], tasks, lines)
    lines = replace(lines, mean=lines.mean[answers.people], covariance=lines.covariance[answers.people])
    noise = _Noise(
        noise.shape[answers.people], noise.rate[answers.people], noise.prior_shape, noise.prior_rate[answers.people]
    )
    return BiasVarianceFit(
        value=np.where(np.isnan(known), middle + size * values, known),
        variance=np.where(np.isnan(known), size**2 * variance, 0.0),
        bias=size * (lines.mean[:, 0] + (lines.mean[:, 1] - 1) * tasks.prior_mean),
        scale=lines.mean[:, 1],
        noise=size**2 / noise.precision,
        bounds=bounds,
        converged=converged,
        state=State(tasks, lines, noise, middle, size),
    )


def values_under(state: State, task: Integers, worker: Integers, value: Floats, n_tasks: int) -> Floats:
    """Values of other tasks, shape (n_tasks,), given workers as they are; the state has the codes of these workers."""
    answers = Answers(
        task, worker, (value - state.middle) / state.size, n_tasks, len(state.lines.mean), with_truth=False
    )
    if n_tasks == 0:
        return np.empty(0)
    found: Floats = state.middle + state.size * values_given(answers, state.lines, state.noise, state.tasks).mean
    return found


def _resumed(state: State, tasks: _Tasks, lines: _Lines, noise: _Noise) -> tuple[_Tasks, _Lines, _Noise]:
    """What an iteration begins with: people as they were; the truth, the last worker if it is there, anew."""
    there = len(state.lines.mean)
    return (
        replace(tasks, prior_mean=state.tasks.prior_mean, prior_variance=state.tasks.prior_variance),
        replace(
            state.lines,
            mean=np.concatenate([state.lines.mean, lines.mean[there:]]),
            covariance=np.concatenate([state.lines.covariance, lines.covariance[there:]]),
        ),
        replace(
            state.noise,
            shape=np.concatenate([state.noise.shape, noise.shape[there:]]),
            rate=np.concatenate([state.noise.rate, noise.rate[there:]]),
            prior_rate=np.concatenate([state.noise.prior_rate, noise.prior_rate[there:]]),
        ),
    )


def _with_truth(task: Integers, worker: Integers, value: Floats, shape: tuple[int, int], known: Floats) -> Answers:
    """The answers, and after them the known values as those of one more worker."""
    sure = np.flatnonzero(~np.isnan(known))
    if len(sure) == 0:
        return Answers(task, worker, value, *shape, with_truth=False)
    return Answers(
        np.concatenate([task, sure]),
        np.concatenate([worker, np.full(len(sure), shape[1])]),
        np.concatenate([value, known[sure]]),
        shape[0],
        shape[1] + 1,
        with_truth=True,
    )


def _told(tasks: _Tasks, line: Floats, covariance: Floats, noise: float) -> tuple[Floats, Floats]:
    """Mean and variance of a worker's next answer to each task."""
    mean = line[0] + line[1] * tasks.mean
    doubt = covariance[0, 0] + 2 * covariance[0, 1] * tasks.mean + covariance[1, 1] * tasks.mean**2
    return mean, doubt + (line[1] ** 2 + covariance[1, 1]) * tasks.variance + noise


def start(answers: Answers, prior_shape: float) -> tuple[_Tasks, _Lines, _Noise]:
    """Means of the answers for values, workers without bias and all alike."""
    centre = means(answers.task, answers.value, np.ones(len(answers.value)), answers.n_tasks)
    spread = max(float(np.mean((answers.value - centre[answers.task]) ** 2)), LEAST)
    line = np.tile([0.0, 1.0], (answers.n_workers, 1))
    alike = np.full(answers.n_workers, prior_shape)
    return (
        _Tasks(centre, np.zeros(answers.n_tasks), float(centre.mean()), max(float(centre.var()), LEAST)),
        _Lines(
            line,
            np.zeros((answers.n_workers, 2, 2)),
            line[0],
            np.diag([spread, 0.1]),
        ),
        _Noise(alike, alike * spread, prior_shape, alike * spread),
    )


def values_given(answers: Answers, lines: _Lines, noise: _Noise, tasks: _Tasks) -> _Tasks:
    """Posterior of the values given the workers, and the prior that fits it best."""
    precision, moments = noise.precision, lines.moments()
    by_answer = (precision * lines.mean[:, 1])[answers.worker] * answers.value
    pull = tally(answers.task, by_answer - (precision * moments[:, 0, 1])[answers.worker], answers.n_tasks)
    weight = tally(answers.task, (precision * moments[:, 1, 1])[answers.worker], answers.n_tasks)
    variance = 1 / (weight + 1 / tasks.prior_variance)
    mean = variance * (pull + tasks.prior_mean / tasks.prior_variance)
    middle = float(mean.mean())
    return _Tasks(mean, variance, middle, max(float(np.mean((mean - middle) ** 2 + variance)), LEAST))


def lines_given(answers: Answers, tasks: _Tasks, noise: _Noise, lines: _Lines) -> tuple[_Lines, Floats]:
    """Posterior of the workers' lines given the values, and their prior; and expected squares left, by worker."""
    given, n = answers.given, answers.n_workers
    value, square = tasks.mean[answers.task], (tasks.mean**2 + tasks.variance)[answers.task]
    first, second = tally(answers.worker, value, n), tally(answers.worker, square, n)
    design = np.stack([np.stack([given, first], 1), np.stack([first, second], 1)], 1)
    target = np.stack(
        [tally(answers.worker, answers.value, n), tally(answers.worker, answers.value * value, n)], axis=1
    )
    inverse = np.linalg.inv(lines.prior_covariance)
    precision = noise.precision
    covariance = np.linalg.inv(precision[:, None, None] * design + inverse)
    mean = np.einsum("wij,wj->wi", covariance, precision[:, None] * target + inverse @ lines.prior_mean)
    found = _Lines(mean, covariance, mean.mean(axis=0), lines.prior_covariance)
    found = replace(found, prior_covariance=found.squares().mean(axis=0) + LEAST * np.eye(2))
    left = tally(answers.worker, answers.value**2, n) - 2 * (mean * target).sum(axis=1)
    return found, np.maximum(left + (found.moments() * design).sum(axis=(1, 2)), 0.0)


def noise_given(answers: Answers, left: Floats, noise: _Noise) -> _Noise:
    """Posterior of the workers' precisions given the expected squares left, and the rate of people's prior."""
    shape, rate = noise.prior_shape + answers.given / 2, noise.prior_rate + left / 2
    # How noisy people are says nothing about the truth, whose rate stays that of the start.
    prior_rate = noise.prior_rate.copy()
    prior_rate[answers.people] = max(noise.prior_shape / float((shape / rate)[answers.people].mean()), LEAST)
    return _Noise(shape, rate, noise.prior_shape, prior_rate)


def _in_units_of(line: Floats, tasks: _Tasks, lines: _Lines) -> tuple[_Tasks, _Lines]:
    """The same fit with another unit and origin of values: those in which the given line is answer = value.

    Answers tell values only up to a straight line. The mean line of all answers takes the crowd for right as a whole,
    as a mean of answers does.
    """
    shift, unit = line.tolist()
    if abs(unit) < np.sqrt(LEAST):  # answers do not follow any value: there is no unit to go by
        return tasks, lines
    turn = np.array([[1.0, -shift / unit], [0.0, 1 / unit]])
    return (
        _Tasks(
            shift + unit * tasks.mean, unit**2 * tasks.variance,
            shift + unit * tasks.prior_mean, unit**2 * tasks.prior_variance,
        ),
        _Lines(
            lines.mean @ turn.T, turn @ lines.covariance @ turn.T,
            turn @ lines.prior_mean, turn @ lines.prior_covariance @ turn.T,
        ),
    )  # fmt: skip


def evidence_bound(answers: Answers, tasks: _Tasks, lines: _Lines, noise: _Noise, left: Floats) -> float:
    """Lower bound of the log probability of the answers and the known values under the priors."""
    from scipy.special import digamma, gammaln

    log_precision = digamma(noise.shape) - np.log(noise.rate)
    fit = (answers.given * (log_precision - np.log(2 * np.pi)) - noise.precision * left).sum() / 2
    square = (tasks.variance + (tasks.mean - tasks.prior_mean) ** 2) / tasks.prior_variance
    of_values = (1 + np.log(tasks.variance / tasks.prior_variance) - square).sum() / 2
    distance = np.einsum("ij,wji->w", np.linalg.inv(lines.prior_covariance), lines.squares()) - 2
    sizes = np.linalg.slogdet(lines.covariance)[1] - np.linalg.slogdet(lines.prior_covariance)[1]
    of_lines = (sizes - distance).sum() / 2
    prior, rate = noise.prior_shape, noise.prior_rate
    of_noise = (
        prior * np.log(rate) - gammaln(prior) + (prior - noise.shape) * log_precision - rate * noise.precision
        + noise.shape - noise.shape * np.log(noise.rate) + gammaln(noise.shape)
    ).sum()  # fmt: skip
    return float(fit + of_values + of_lines + of_noise)
