"""Skills from agreement: a rank-one completion of the agreement matrix, robust to workers who collude.

Matrix mean-subsequence-reduced algorithm (Ma and Olshevsky, 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.kernels.parts import Floats, Part

__all__ = ["Fit", "agreement", "mmsr"]

# Above so many pairs of workers the compiled pass is loaded.
FAST_FROM = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Log odds of being right by worker, which may be negative, and how far each iteration moved."""

    weights: Floats
    loss_history: tuple[float, ...]
    converged: bool


def mmsr(part: Part, *, n_iter: int, tol: float) -> Fit:
    """Log odds of each worker; 0 for a worker who shares no task with another."""
    if part.n_labels < 2 or part.n_answers == 0:
        return Fit(np.zeros(part.n_workers), (), True)
    others = part.n_labels - 1
    shared, covariance = agreement(part)
    covariance.data = covariance.data * (part.n_labels / others) - 1 / others
    size, history, converged = _rank_one(covariance, part.n_tasks, n_iter, tol)
    skill = _signs(covariance) * size
    floor = 1 / np.sqrt(part.n_tasks)
    skill = np.clip(skill, -1 / others + floor, 1 - floor) if floor < 0.5 * (1 + 1 / others) else np.zeros_like(skill)
    right = skill * others / part.n_labels + 1 / part.n_labels
    weights = np.log(right * others / (1 - right))
    weights[np.diff(shared.indptr) == 0] = 0.0
    return Fit(weights, history, converged)


def agreement(part: Part) -> tuple[Any, Any]:
    """Pairs of answers to common tasks by two workers, and the share of them that agree: sparse, no diagonal."""
    from scipy import sparse

    task, worker, label = part.task, part.worker, part.label
    ones = np.ones(len(task))
    shape = (part.n_workers, part.n_tasks)

    def products(mask: Any) -> Any:
        answers = sparse.csr_matrix((ones[mask], (worker[mask], task[mask])), shape=shape)
        return answers @ answers.T

    shared = _without_diagonal(products(slice(None)))
    agreed: Any = sum(products(label == k) for k in range(part.n_labels))
    share = shared.copy()
    if shared.nnz:
        share.data = np.asarray(agreed[_rows(shared), shared.indices]).ravel() / shared.data
    return shared, share


def _without_diagonal(matrix: Any) -> Any:
    from scipy import sparse

    entries = sparse.coo_matrix(matrix)
    off = entries.row != entries.col
    return sparse.csr_matrix((entries.data[off], (entries.row[off], entries.col[off])), shape=matrix.shape)


def _rows(matrix: Any) -> Any:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def _rank_one(covariance: Any, n_tasks: int, n_iter: int, tol: float) -> tuple[Floats, tuple[float, ...], bool]:
    """|skill| by worker: alternating means of |covariance| / |skill of the other|, extremes left out."""
    starts, neighbour = covariance.indptr.astype(np.int64), covariance.indices
    size = np.abs(covariance.data)
    degree = np.diff(starts)
    trim = max(int(degree.min()) // 2 - 1, 0)
    floor = 1 / np.sqrt(n_tasks)
    means = _compiled_means if len(size) >= FAST_FROM else _plain_means
    u = np.full(len(degree), 0.5)
    v = u.copy()
    history = []
    for _ in range(n_iter):
        u_before, v_before = u, v
        v = means(starts, neighbour, size, np.maximum(u, 1e-12), v, trim, floor)
        u = means(starts, neighbour, size, np.maximum(v, 1e-12), u, trim, floor)
        history.append(_moved(u, v, u_before, v_before))
        if history[-1] < tol:
            break
    scale = float(np.sqrt(float(np.sqrt(u @ u)) / max(float(np.sqrt(v @ v)), 1e-300)))
    return u / max(scale, 1e-300), tuple(history), bool(history and history[-1] < tol)


def _moved(u: Floats, v: Floats, u_before: Floats, v_before: Floats) -> float:
    """Frobenius norm of u v' less its last value, without forming either matrix."""
    du, dv = u - u_before, v - v_before  # u v' - u_before v_before' = du v' + u_before dv'
    square = float((du @ du) * (v @ v) + (u_before @ u_before) * (dv @ dv) + 2 * (du @ u_before) * (v @ dv))
    return float(np.sqrt(max(square, 0.0)))


def _compiled_means(*arguments: Any) -> Floats:
    from dataforge.aggregation.kernels import compiled

    out = np.empty(len(arguments[0]) - 1)
    compiled.trimmed_means(*arguments, out)
    return out


def _plain_means(
    starts: Any, neighbour: Any, covariance: Floats, scale: Floats, current: Floats, trim: int, floor: float
) -> Floats:
    out = current.copy()
    for j in range(len(starts) - 1):
        ends = slice(starts[j], starts[j + 1])
        ratios = np.sort(covariance[ends] / scale[neighbour[ends]])
        first = min(trim, int(np.searchsorted(ratios, current[j], side="left")))
        last = len(ratios) - min(trim, len(ratios) - int(np.searchsorted(ratios, current[j], side="right")))
        kept = ratios[first:last]
        if len(kept):
            out[j] = floor if len(kept) == 1 and kept[0] == 0 else kept.mean()
    return out


def _signs(covariance: Any) -> Floats:
    """+1 or -1 by worker such that pairs who agree more than by chance tend to have one sign; most are +1.

    Signs of the leading eigenvector of the signed graph of agreement, scaled by the workers' numbers of neighbours.
    """
    signs = covariance.copy()
    signs.data = np.sign(signs.data)
    n = signs.shape[0]
    scale = 1 / np.sqrt(np.maximum(np.diff(signs.indptr), 1))
    vector = np.ones(n)
    for _ in range(1000):  # the shift by 1 makes the greatest eigenvalue the one of greatest size
        moved = vector + scale * (signs @ (scale * vector))
        moved /= max(float(np.abs(moved).max()), 1e-300)
        still = np.abs(moved - vector).max() < 1e-10
        vector = moved
        if still:
            break
    found = np.where(vector >= 0, 1.0, -1.0)
    return found if found.sum() >= 0 else -found
