"""Skills from agreement: a rank-one completion of the agreement matrix, robust to workers who collude.

Matrix mean-subsequence-reduced algorithm (Ma and Olshevsky, 2020), for pairs whose numbers of common tasks differ.

Two workers who share N tasks agree on a share of them whose expectation, scaled to -1/(K - 1)..1, is the product of
their skills; its standard error is at most K / (K - 1) / 2 / sqrt(N). So pairs weigh as much as they share tasks, and a
deviation counts as corruption only where sampling does not explain it. With many common tasks for each pair this is
the paper's matrix with exact entries. Three further choices follow from the same errors:

- Signs are found first and covariances keep theirs: the mean of |covariance| over pairs with few common tasks is far
  above the product of skills.
- Trimmed means, which leave out extremes whatever their size, are biased where an entry takes two or three values only;
  they give the start. From there the fit goes to the least sum of squared errors, those beyond OUTLYING standard errors
  counting as OUTLYING; each half of an iteration makes it smaller.
- A graph of several parts has a scale in each, so a skill is sqrt(u v), not u over one scale for all.
- A skill counts by what is known of it: each is drawn to the mean of the crowd as far as sampling, of the worker's own
  answers and of the pairs, explains that it is elsewhere. Workers of few answers then vote alike, and a crowd of equals
  votes as it would without weights; with many common tasks nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.choice import Work, passes, pays_alone
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Fit", "Pairs", "mmsr", "pairs_of"]

# What the iterations cost for each pair of workers, in numbers added up.
PAIR_TERMS = 1_000.0
# Pairs of workers counted at once: what a block holds besides the result stays below 100 MB.
BLOCK = 2_000_000
# Iterations of trimmed means, and the share of a worker's pairs that they leave out at either end: half remain.
STARTING = 5
TRIMMED = 0.25
# Standard errors beyond which a pair is not believed.
OUTLYING = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of workers with common tasks: those of worker w are `starts[w]:starts[w + 1]`; each pair is there twice.

    `neighbour` is the other worker, `shared` the number of pairs of answers to common tasks, `covariance` the share of
    them that agree, scaled so that chance is 0 and certainty 1.
    """

    starts: Places
    neighbour: Any
    shared: Floats
    covariance: Floats

    @property
    def worker(self) -> Any:
        """The worker whose pair it is."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """By worker the log odds of the right label against each wrong one; and how far each iteration moved."""

    weights: Floats
    loss_history: tuple[float, ...]
    converged: bool


def mmsr(part: Part, *, n_iter: int, tol: float, on_iteration: Callable[[int, float], None] | None = None) -> Fit:
    """The weight of each worker's votes, see `Fit`; 0 for a worker who shares no task with another."""
    if part.n_labels < 2 or part.n_answers == 0:
        return Fit(np.zeros(part.n_workers), (), True)
    others = part.n_labels - 1
    pairs = pairs_of(part)
    # The greatest standard error of a covariance is this over sqrt(shared).
    error = part.n_labels / others / 2
    crowd = _crowd_of(part, pairs, error)
    signs = _signs(pairs, error)
    pairs.covariance[:] *= signs[pairs.neighbour]
    pairs.covariance[:] *= np.repeat(signs, np.diff(pairs.starts))
    size, history, converged = _rank_one(pairs, error, n_iter, tol, on_iteration)
    skill = crowd.drawn(signs * size)
    floor = 1 / np.sqrt(part.n_tasks)
    skill = np.clip(skill, -1 / others + floor, 1 - floor) if floor < 0.5 * (1 + 1 / others) else np.zeros_like(skill)
    right = skill * others / part.n_labels + 1 / part.n_labels
    weights = np.log(right * others / (1 - right))
    weights[np.diff(pairs.starts) == 0] = 0.0
    return Fit(weights, history, converged)


@dataclass(frozen=True, slots=True, eq=False)
class _Crowd:
    """The mean skill of all workers, by worker the variance of what sampling adds to theirs, and how far they differ.

    `differ` is the variance of the skills themselves: what sampling does not explain (DerSimonian and Laird, 1986).
    """

    mean: float
    sampling: Floats
    differ: float

    def drawn(self, skill: Floats) -> Floats:
        """The skills drawn to the mean, each by what is not known of it."""
        if self.mean <= 0:  # the crowd does not agree beyond chance, and there is no mean to draw to
            return skill
        trusted = self.differ / (self.differ + self.sampling)
        drawn: Floats = trusted * skill + (1 - trusted) * self.mean
        return drawn


def _crowd_of(part: Part, pairs: Pairs, error: float) -> _Crowd:
    """What all pairs together say; a covariance is the product of two skills, so their mean is a square."""
    n = part.n_workers
    shared = tally(pairs.worker, pairs.shared, n)
    agreed = tally(pairs.worker, pairs.shared * pairs.covariance, n)
    mean = float(np.sqrt(max(agreed.sum(), 0.0) / max(shared.sum(), 1.0)))
    met = part.counts[part.task] > 1
    given = tally(part.worker[met], None, n)
    # A worker's error shows in all pairs of its task: what is sampled are the worker's answers, and the others' too.
    least = max(mean**2, 1e-12)
    sampling = error**2 * (1 / np.maximum(given, 1.0) + 1 / np.maximum(least * shared, 1e-12))
    weight = np.where(shared > 0, 1 / sampling, 0.0)
    whole = float(weight.sum())
    against = np.divide(agreed, shared * np.sqrt(least), out=np.zeros(n), where=shared > 0)
    centre = float(weight @ against) / max(whole, 1e-300)
    excess = float(weight @ (against - centre) ** 2) - (np.count_nonzero(shared) - 1)
    degrees = whole - float(weight @ weight) / max(whole, 1e-300)
    return _Crowd(mean, sampling, max(excess, 0.0) / max(degrees, 1e-300))


def pairs_of(part: Part) -> Pairs:
    """All pairs of workers with common tasks, in the order of workers, in memory linear in their number."""
    from scipy import sparse

    ones = np.ones(part.n_answers, np.float32)
    n_workers, others = part.n_workers, part.n_labels - 1
    answered = sparse.csr_matrix((ones, (part.worker, part.task)), shape=(n_workers, part.n_tasks))
    named = sparse.csr_matrix(
        (ones, (part.worker, part.task * part.n_labels + part.label)), shape=(n_workers, part.n_tasks * part.n_labels)
    )
    by_task, by_label = answered.T.tocsr(), named.T.tocsr()
    blocks = []
    for rows in _blocks(answered, by_task):
        met, key = _sorted(answered[rows] @ by_task, rows.start)
        alike, same = _sorted(named[rows] @ by_label, rows.start)
        agreed = np.zeros(len(key))
        agreed[np.searchsorted(key, same)] = alike
        first, second = key // n_workers, key % n_workers
        apart = first != second
        covariance = agreed[apart] / met[apart] * (part.n_labels / others) - 1 / others
        degree = np.bincount(first[apart] - rows.start, minlength=rows.stop - rows.start)
        blocks.append((degree, second[apart].astype(np.int32), met[apart], covariance))
    degree, neighbour, shared, covariance = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return Pairs(np.concatenate([[0], np.cumsum(degree)]), neighbour, shared, covariance)


def _blocks(answered: Any, by_task: Any) -> list[slice]:
    """Rows of workers whose pairs, each counted for each of its tasks, are about BLOCK in number."""
    work = np.cumsum(answered @ np.diff(by_task.indptr).astype(np.float64))
    cuts = np.unique(np.searchsorted(work, np.arange(BLOCK, work[-1], BLOCK)))
    ends = [0, *cuts[(cuts > 0) & (cuts < len(work))].tolist(), len(work)]
    return [slice(first, last) for first, last in pairwise(ends)]


def _sorted(product: Any, first: int) -> tuple[Floats, Places]:
    """The entries of a block of rows, and their places in the whole matrix, which ascend."""
    product.sort_indices()
    row = np.repeat(np.arange(product.shape[0], dtype=np.int64), np.diff(product.indptr))
    return product.data.astype(np.float64), (row + first) * product.shape[1] + product.indices


def _rank_one(
    pairs: Pairs, error: float, n_iter: int, tol: float, on_iteration: Callable[[int, float], None] | None = None
) -> tuple[Floats, tuple[float, ...], bool]:
    """The skill of each worker up to its sign: u and v by turns, given the other.

    Who is left out hangs on last bits, so the passes are those of the size, not of what the process has loaded.
    """
    chosen = passes(pays_alone(Work(len(pairs.shared), PAIR_TERMS)))
    data = (pairs.starts, pairs.neighbour, pairs.shared, pairs.covariance)
    u = np.full(len(pairs.starts) - 1, 0.5)
    v = u.copy()
    history: list[float] = []
    for iteration in range(n_iter):
        u_before, v_before = u, v
        if iteration < STARTING:
            v = chosen.trimmed_means(*data, u, v, TRIMMED)
            u = chosen.trimmed_means(*data, v, u, TRIMMED)
        else:
            v = chosen.trusted_means(*data, u, v, OUTLYING * error)
            u = chosen.trusted_means(*data, v, u, OUTLYING * error)
        history.append(_moved(u, v, u_before, v_before))
        if on_iteration is not None:
            on_iteration(len(history), history[-1])
        if history[-1] < tol and iteration >= STARTING:
            break
    return np.sign(u) * np.sqrt(np.abs(u * v)), tuple(history), bool(history and history[-1] < tol)


def _moved(u: Floats, v: Floats, u_before: Floats, v_before: Floats) -> float:
    """Frobenius norm of u v' less its last value, without forming either matrix."""
    du, dv = u - u_before, v - v_before  # u v' - u_before v_before' = du v' + u_before dv'
    square = float((du @ du) * (v @ v) + (u_before @ u_before) * (dv @ dv) + 2 * (du @ u_before) * (v @ dv))
    return float(np.sqrt(max(square, 0.0)))


def _signs(pairs: Pairs, error: float) -> Floats:
    """+1 or -1 by worker such that pairs who agree more than by chance tend to have one sign.

    Signs of the leading eigenvector of the graph of agreement, scaled by the sizes of its rows. An entry is the
    expected sign of the pair's covariance: that sign itself where many tasks are shared, near 0 where few are. In each
    part of the graph most workers are +1.
    """
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components
    from scipy.special import erf

    n = len(pairs.starts) - 1
    expected = erf(pairs.covariance * np.sqrt(pairs.shared / 2) / error)
    graph = sparse.csr_matrix((expected, pairs.neighbour, pairs.starts), shape=(n, n))
    scale = 1 / np.sqrt(np.maximum(np.bincount(pairs.worker, np.abs(expected), n), 1e-12))
    vector = np.ones(n)
    for _ in range(1000):  # the shift by 1 makes the greatest eigenvalue the one of greatest size
        moved = vector + scale * (graph @ (scale * vector))
        moved /= max(float(np.abs(moved).max()), 1e-300)
        still = np.abs(moved - vector).max() < 1e-10
        vector = moved
        if still:
            break
    found = np.where(vector >= 0, 1.0, -1.0)
    _, component = connected_components(graph, directed=False)
    balance = np.bincount(component, found)
    turned: Floats = np.where(balance[component] >= 0, found, -found)
    return turned
