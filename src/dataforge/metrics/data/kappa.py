"""Kappas: agreement beyond what the frequencies of the labels give by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.parameters import tail_of
from dataforge.aggregation.tables.frames import read
from dataforge.aggregation.tables.labels import LabelAnswers, read_labels
from dataforge.aggregation.tables.levels import placed, refuse_unordered
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError
from dataforge.metrics.data.agreement import coincidences, pairs_of_groups

__all__ = ["KappaInterval", "cohen_kappa", "cohen_kappa_interval", "cohen_kappas", "fleiss_kappa"]

Codes = Places
Weights = Literal["linear", "quadratic"]


@named_entry
def fleiss_kappa(answers: Any) -> float:
    """Fleiss' kappa (1971) of answers by any workers, two or more a task.

    Tasks may have different numbers of answers: each task's agreement counts the same, and chance is what the
    frequencies of all counted answers give. Tasks with one answer are left out. 1 where only one label occurs.
    """
    responses = read_labels(answers)
    n_tasks, _, n_labels = responses.shape
    found = coincidences(responses.task, responses.label, n_tasks, n_labels)
    if len(found.size) == 0:
        raise AggregationError("kappa needs a task with two answers or more, there is none")
    squares = np.bincount(found.task, found.count**2, len(found.size))
    observed = float(((squares - found.size) / (found.size * (found.size - 1))).mean())
    shares = found.frequencies() / found.size.sum()
    chance = float((shares**2).sum())
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


@dataclass(frozen=True, slots=True)
class KappaInterval:
    """Kappa and the limits that hold it with probability `level`."""

    kappa: float
    low: float
    high: float
    level: float
    n_resamples: int


@named_entry
def cohen_kappa(
    answers: Any,
    workers: tuple[Any, Any] | None = None,
    weights: Weights | None = None,
    *,
    levels: Sequence[Any] | None = None,
) -> float:
    """Cohen's kappa (1960) of two workers over the tasks that both answered.

    Args:
        answers: a table with the columns `task`, `worker`, `label`; of a worker's answers to a task the last counts.
        workers: the two workers; may be left out if the table has two.
        weights: `"linear"` or `"quadratic"` for labels in an order: a near miss counts less than a far one.
        levels: the labels from the least to the greatest, where they are texts.
    """
    return _weighted_kappa(*_table_of_two(answers, workers, weights, levels))


@named_entry
def cohen_kappa_interval(
    answers: Any,
    workers: tuple[Any, Any] | None = None,
    weights: Weights | None = None,
    n_resamples: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
    *,
    levels: Sequence[Any] | None = None,
) -> KappaInterval:
    """Cohen's kappa with bootstrap limits: tasks are drawn with replacement; draws without a chance are left out."""
    tail = tail_of(level)
    if n_resamples < 1:
        raise AggregationError(f"n_resamples needs to be 1 or more, got {n_resamples!r}")
    table, cost = _table_of_two(answers, workers, weights, levels)
    whole, n_tasks = _weighted_kappa(table, cost), int(table.sum())
    rng = np.random.default_rng(random_state)
    shares = table.ravel() / n_tasks
    draws = rng.multinomial(n_tasks, shares, n_resamples).astype(np.float64).reshape(-1, *table.shape)
    drawn = [_weighted_kappa(one, cost) for one in draws if _chance(one, cost) > 0] or [whole]
    low, high = np.percentile(drawn, [100 * tail, 100 * (1 - tail)])
    return KappaInterval(whole, float(low), float(high), level, n_resamples)


def _table_of_two(
    answers: Any, workers: tuple[Any, Any] | None, weights: Weights | None, levels: Sequence[Any] | None
) -> tuple[Floats, Floats]:
    """How often the two workers gave each pair of labels, and what each pair costs."""
    responses = read_labels(answers, duplicates="last")
    one, two = _two_workers(responses, workers)
    rank = np.arange(responses.shape[2])
    if levels is not None:
        rank, _ = placed(responses.labels, levels, responses.kind)
    elif weights is not None:
        refuse_unordered(responses.labels, read(answers, ["label"])[0]["label"], f"weights {weights!r}")
    by_task = np.full((2, responses.shape[0]), -1)
    for row, worker in enumerate((one, two)):
        mine = responses.worker == worker
        by_task[row, responses.task[mine]] = responses.label[mine]
    first, second = rank[by_task[:, (by_task >= 0).all(axis=0)]]
    if len(first) == 0:
        raise AggregationError("kappa needs a task that both workers answered, there is none")
    n_labels = len(rank) if levels is None else len(levels)
    table = np.bincount(first * n_labels + second, minlength=n_labels**2).reshape(n_labels, n_labels)
    return table.astype(np.float64), _label_costs(n_labels, weights)


def _weighted_kappa(table: Floats, cost: Floats) -> float:
    chance = _chance(table, cost)
    return 1.0 if chance == 0 else 1.0 - float((table * cost).sum()) / chance


def _chance(table: Floats, cost: Floats) -> float:
    """The cost that chance gives two workers with these counts."""
    return float((np.outer(table.sum(axis=1), table.sum(axis=0)) * cost).sum()) / float(table.sum())


@named_entry
def cohen_kappas(answers: Any, min_tasks: int = 1) -> Any:
    """Cohen's kappa of every two workers who share `min_tasks` tasks or more.

    A table with the columns `first`, `second`, `n_tasks` and `kappa`.
    """
    responses = read_labels(answers, duplicates="last")
    _, n_workers, n_labels = responses.shape
    order = np.lexsort((responses.worker, responses.task))
    worker, label = responses.worker[order].astype(np.int64), responses.label[order].astype(np.int64)
    one, two = pairs_of_groups(np.bincount(responses.task, minlength=responses.shape[0]))
    keys, pair, n_tasks = np.unique(worker[one] * n_workers + worker[two], return_inverse=True, return_counts=True)
    same = np.bincount(pair, label[one] == label[two], len(keys)) / np.maximum(n_tasks, 1)
    chance = np.zeros(len(keys))
    for code in range(n_labels):
        shares = [np.bincount(pair, label[side] == code, len(keys)) / np.maximum(n_tasks, 1) for side in (one, two)]
        chance += shares[0] * shares[1]
    kappa = np.divide(same - chance, 1 - chance, out=np.ones(len(keys)), where=chance < 1)
    kept = n_tasks >= min_tasks
    first, second = np.divmod(keys[kept], max(n_workers, 1))
    return responses.kind.columns(
        responses.workers.take(first),
        "first",
        {"second": responses.workers.take(second), "n_tasks": n_tasks[kept], "kappa": kappa[kept]},
    )


def _two_workers(responses: LabelAnswers, workers: tuple[Any, Any] | None) -> tuple[int, int]:
    """Codes of the two workers to compare."""
    known = responses.workers.to_list()
    if workers is None:
        if len(known) != 2:
            raise AggregationError(f"kappa needs two workers, the table has {len(known)}: name two of them")
        return 0, 1
    for worker in workers:
        if worker not in known:
            raise AggregationError(f"kappa: worker {worker!r} has no answers")
    return known.index(workers[0]), known.index(workers[1])


def _label_costs(n_labels: int, weights: Weights | None) -> Floats:
    """Cost of each pair of labels, shape (n_labels, n_labels)."""
    gap = np.abs(np.subtract.outer(np.arange(n_labels), np.arange(n_labels))).astype(np.float64)
    if weights is None:
        return (gap > 0).astype(np.float64)
    if weights == "linear":
        return gap
    if weights == "quadratic":
        return gap**2
    raise AggregationError(f"weights need to be None, 'linear' or 'quadratic', got {weights!r}")
