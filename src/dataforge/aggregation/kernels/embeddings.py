"""Weighted means of embeddings and the reliability of those who gave them: codes and floats only.

Answers are sorted by task before they come here: `starts[t]` is the first answer of task t, every task has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.ties import TIE

__all__ = [
    "Reliability",
    "closest",
    "cosine_distances",
    "embedding_similarity",
    "pairs_within_tasks",
    "reliability",
    "squared_distances",
    "weighted_means",
]

# An all but exact worker is not trusted without bound.
LEAST = 1e-5

# Answer pairs whose embeddings are compared at once; bounds the memory of wide embeddings.
BLOCK = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Means by task, shape (n_tasks, width), and reliabilities by worker, shape (n_workers,), of the last iteration.

    `history` holds the relative squared change of the means, one entry for each iteration after the first.
    """

    means: Floats
    skills: Floats
    n_iter: int
    converged: bool
    history: tuple[float, ...]


def weighted_means(embeddings: Floats, weights: Floats, starts: Places) -> Floats:
    """Weighted mean of each task's embeddings, shape (n_tasks, width)."""
    sums = np.add.reduceat(embeddings * weights[:, None], starts, axis=0)
    total = np.add.reduceat(weights, starts)
    means: Floats = sums / total[:, None]
    return means


def squared_distances(embeddings: Floats, means: Floats, task: Places) -> Floats:
    """Squared distance of each answer from its task's mean, shape (n_answers,)."""
    gap = embeddings - means[task]
    distances: Floats = np.einsum("ij,ij->i", gap, gap)
    return distances


def reliability(
    embeddings: Floats,
    task: Places,
    worker: Places,
    starts: Places,
    quantiles: Floats,
    local: Floats,
    known: tuple[Places, Floats] | None,
    n_iter: int,
    tol: float,
    start: Floats | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Reliability:
    """Means and reliabilities that explain each other (RASA: Li and Fukumoto, 2019; HRRASA: Li, 2020).

    A worker's reliability is `quantiles[worker]` over the sum of the squared distances from the means, each divided by
    the answer's `local` reliability; an answer weighs reliability times local reliability. `known` holds tasks and
    their true embeddings, which replace the means. The first reliabilities are equal, or those of `start`.
    """
    skills = np.ones(len(quantiles)) if start is None else start
    means = np.zeros((len(starts), embeddings.shape[1]))
    if n_iter < 1:
        means = _fixed(weighted_means(embeddings, local, starts), known)
    history: list[float] = []
    last: Floats | None = None
    done = 0
    converged = len(starts) == 0
    while done < n_iter and not converged:
        done += 1
        means = _fixed(weighted_means(embeddings, local * skills[worker], starts), known)
        distances = squared_distances(embeddings, means, task) / local
        skills = quantiles / np.maximum(np.bincount(worker, distances, len(quantiles)), LEAST)
        if last is not None:
            size = _squared(means)
            history.append(_squared(means - last) / size if size > 0 else 0.0)
            converged = history[-1] < tol
        last = means
        if on_iteration is not None:
            on_iteration(done, history[-1] if history else np.inf)
    return Reliability(means, skills, done, converged, tuple(history))


def _squared(matrix: Floats) -> float:
    """Sum of the squares; BLAS would wake its threads for so little."""
    return float(np.einsum("ij,ij->", matrix, matrix))


def _fixed(means: Floats, known: tuple[Places, Floats] | None) -> Floats:
    """Put the known embeddings in their places."""
    if known is not None:
        means[known[0]] = known[1]
    return means


def cosine_distances(embeddings: Floats, means: Floats) -> Floats:
    """Cosine distance of each row from the same row of `means`, infinite where one of them is zero."""
    below = np.sqrt(np.einsum("ij,ij->i", embeddings, embeddings) * np.einsum("ij,ij->i", means, means))
    product = np.einsum("ij,ij->i", embeddings, means)
    cosine = np.divide(product, below, out=np.full(len(product), -np.inf), where=below > 0)
    distances: Floats = 1.0 - cosine
    return distances


def closest(scores: Floats, starts: Places) -> Places:
    """Answer with the least score of each task, the first of equal ones, shape (n_tasks,).

    Scores are equal if they are so to nine digits of the task's largest: the last digits follow the order of sums.
    """
    n_tasks = len(starts)
    lengths = np.diff(np.append(starts, len(scores)))
    task = np.repeat(np.arange(n_tasks), lengths)
    if n_tasks == 0:
        return np.zeros(0, np.int64)
    least = np.minimum.reduceat(scores, starts)
    finite = np.where(np.isfinite(scores), np.abs(scores), 0.0)
    most = least + TIE * np.maximum.reduceat(finite, starts)
    answers = np.flatnonzero(scores <= most[task])
    first = np.full(n_tasks, len(scores))
    np.minimum.at(first, task[answers], answers)
    return first


def pairs_within_tasks(starts: Places, n_answers: int) -> tuple[Places, Places]:
    """Both answers of every pair given to one task, the earlier first; each has the shape (n_pairs,)."""
    lengths = np.diff(np.append(starts, n_answers))
    # Each answer meets those that follow it in its task.
    position = np.arange(n_answers) - np.repeat(starts, lengths)
    following = np.repeat(lengths, lengths) - position - 1
    one = np.repeat(np.arange(n_answers), following)
    offset = np.arange(len(one)) - np.repeat(np.cumsum(following) - following, following)
    return one, one + 1 + offset


def embedding_similarity(embeddings: Floats, one: Places, two: Places) -> Floats:
    """Similarity `exp(-|a - b|^2 / (|a|^2 |b|^2))` of pairs of answers, shape (n_pairs,).

    Where an embedding is zero, it is 1 for equal embeddings and 0 for different ones.
    """
    norms = np.einsum("ij,ij->i", embeddings, embeddings)
    similarity = np.empty(len(one))
    step = max(1, BLOCK // max(embeddings.shape[1], 1))
    for start in range(0, len(one), step):
        a, b = one[start : start + step], two[start : start + step]
        gap = embeddings[a] - embeddings[b]
        distance = np.einsum("ij,ij->i", gap, gap)
        below = norms[a] * norms[b]
        ratio = np.divide(distance, below, out=np.where(distance > 0, np.inf, 0.0), where=below > 0)
        similarity[start : start + step] = np.exp(-ratio)
    return similarity
