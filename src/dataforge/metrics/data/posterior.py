"""How sure the answers leave one: consistency and uncertainty under one skill per worker."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.tables.frames import Kind, pairs
from dataforge.aggregation.tables.labels import LabelAnswers, known_codes, numbers_by, read_labels
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError, MissingColumn
from dataforge.metrics.votes import agreement, majority

__all__ = ["consistency", "uncertainty"]


@named_entry
def consistency(
    answers: Any, workers_skills: Any = None, aggregator: Any = None, by_task: bool = False, *, aggregates: Any = None
) -> Any:
    """Probability of the aggregated labels given the workers' skills: the mean, or one for each task.

    A worker of skill s gives the right label with probability s and any other with (1 - s) / (K - 1); K labels occur
    in the table. Computed in logarithms, so that thousands of answers to a task do not vanish. A task whose answers
    are impossible whatever the label gets 0.

    Args:
        answers: a table with the columns `task`, `worker`, `label`.
        workers_skills: skills by worker; those that the aggregator finds if left out. A worker without one is ignored.
        aggregator: an estimator with `fit_predict`; majority vote if left out.
        by_task: whether each task's probability is returned.
        aggregates: labels by task, in place of an aggregator's; a task without one gets 0.
    """
    responses = read_labels(answers)
    if aggregates is not None:
        keys, values = pairs(aggregates, "aggregates", responses.kind)
        chosen = known_codes(keys, values, responses)
        skills = agreement(responses, chosen) if workers_skills is None else None
    elif aggregator is None:
        chosen = majority(responses)
        skills = agreement(responses, chosen) if workers_skills is None else None
    else:
        keys, values = _series_of(aggregator.fit_predict(answers), responses.kind)
        chosen = known_codes(keys, values, responses)
        skills = _aggregator_skills(aggregator, responses) if workers_skills is None else None
    if skills is None:
        skills = numbers_by(responses.workers, workers_skills, "workers_skills", responses.kind)
    found = _posterior_of(responses, _check_skills(skills), chosen)
    if by_task:
        return _unnamed(responses.kind, responses.by_task(found, "consistency"))
    return float(found.mean()) if len(found) else float("nan")


@named_entry
def uncertainty(
    answers: Any,
    workers_skills: Any = None,
    aggregator: Any = None,
    compute_by: Literal["task", "worker"] = "task",
    aggregate: bool = True,
) -> Any:
    """Entropy, in nats, of the labels that a task got or a worker gave: the mean, or one for each.

    Each answer spreads a weight over the labels: the worker's skill on its own label, the rest evenly on the others;
    the weights are added up.

    Args:
        answers: a table with the columns `task`, `worker`, `label`.
        workers_skills: skills by worker, for every worker; 1 if neither they nor an aggregator are given.
        aggregator: an estimator whose `skills_` are used if no skills are given.
        compute_by: `"task"` or `"worker"`.
        aggregate: whether the mean is returned.
    """
    if compute_by not in ("task", "worker"):
        raise MissingColumn(f"compute_by needs to be 'task' or 'worker', got {compute_by!r}")
    responses = read_labels(answers)
    if workers_skills is not None:
        skills = numbers_by(responses.workers, workers_skills, "workers_skills", responses.kind)
    elif aggregator is not None:
        aggregator.fit(answers)
        skills = _aggregator_skills(aggregator, responses)
    else:
        skills = np.ones(len(responses.workers))
    missing = np.flatnonzero(np.isnan(_check_skills(skills)))
    if len(missing):
        name = responses.workers.take(missing[:1]).to_list()[0]
        raise AggregationError(f"workers_skills need every worker, {len(missing)} have none, such as {name!r}")
    groups, ids = (responses.task, responses.tasks) if compute_by == "task" else (responses.worker, responses.workers)
    found = _entropies(_spread_weights(groups, responses.label, skills[responses.worker], len(ids), responses.shape[2]))
    if aggregate:
        return float(found.mean()) if len(found) else float("nan")
    return _unnamed(responses.kind, responses.kind.series(ids, compute_by, found, "uncertainty"))


def _posterior_of(responses: LabelAnswers, skills: Floats, chosen: Codes) -> Floats:
    """Probability of each task's chosen label, shape (n_tasks,)."""
    n_tasks, _, n_labels = responses.shape
    known = ~np.isnan(skills)[responses.worker]
    task, label = responses.task[known].astype(np.int64), responses.label[known]
    right = skills[responses.worker[known]]
    wrong = (1 - right) / max(n_labels - 1, 1)
    # Factors of 0 have no logarithm: they are counted instead.
    log_right, log_wrong = (np.log(np.where(factor > 0, factor, 1.0)) for factor in (right, wrong))
    cell = task * n_labels + label
    size = n_tasks * n_labels
    weight = np.bincount(cell, log_right - log_wrong, size).reshape(n_tasks, n_labels)
    weight += np.bincount(task, log_wrong, n_tasks)[:, None]
    nought = np.bincount(cell, (right == 0).astype(np.float64) - (wrong == 0), size).reshape(n_tasks, n_labels)
    nought += np.bincount(task, wrong == 0, n_tasks)[:, None]
    weight = np.where(nought > 0.5, -np.inf, weight)
    top = weight.max(axis=1, initial=-np.inf)
    likelihood = np.exp(weight - np.where(np.isfinite(top), top, 0.0)[:, None])
    total = likelihood.sum(axis=1)
    there = np.flatnonzero((chosen >= 0) & (total > 0))
    found = np.zeros(n_tasks)
    found[there] = likelihood[there, chosen[there]] / total[there]
    return found


def _spread_weights(group: Codes, label: Codes, skill: Floats, n_groups: int, n_labels: int) -> Floats:
    """Sum of each group's answers, spread over the labels, shape (n_groups, n_labels)."""
    others = (1 - skill) / max(n_labels - 1, 1)
    cell = group.astype(np.int64) * n_labels + label
    weights = np.bincount(cell, skill - others, n_groups * n_labels).reshape(n_groups, n_labels)
    weights += np.bincount(group, others, n_groups)[:, None]
    return np.maximum(weights, 0.0)  # sums that cancel out leave a last digit below 0


def _entropies(weights: Floats) -> Floats:
    """Entropy of each row, scaled to sum to 1, in nats; of a row without weight that of an even one."""
    total = weights.sum(axis=1, keepdims=True)
    shares = np.divide(weights, total, out=np.full(weights.shape, 1 / max(weights.shape[1], 1)), where=total > 0)
    found: Floats = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1)
    return np.maximum(found, 0.0)


def _aggregator_skills(aggregator: Any, responses: LabelAnswers) -> Floats:
    """The skills that a fitted aggregator found."""
    skills = getattr(aggregator, "skills_", None)
    if skills is None:
        raise AggregationError(f"{type(aggregator).__name__} finds no skills: give workers_skills")
    return numbers_by(responses.workers, skills, "skills", responses.kind)


def _check_skills(skills: Floats) -> Floats:
    """The skills, if those that are there lie between 0 and 1."""
    there = skills[~np.isnan(skills)]
    if len(there) and not (there.min() >= 0 and there.max() <= 1):
        raise AggregationError(
            f"skills need to be between 0 and 1, got {float(there.min())!r} to {float(there.max())!r}"
        )
    return skills


def _series_of(result: Any, kind: Kind) -> Any:
    """Ids and labels of an aggregated result."""
    return pairs(result, "aggregated labels", kind)


def _unnamed(kind: Kind, series: Any) -> Any:
    """The result; pandas Series go unnamed, which is what users of the field's library compare with."""
    return series.rename(None) if kind.is_pandas else series
