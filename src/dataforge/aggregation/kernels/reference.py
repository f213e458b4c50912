"""The passes over the answers in plain numpy: the meaning of each, and what small data runs on."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dataforge.aggregation.kernels._tally import inner, tally
from dataforge.aggregation.kernels.parts import Codes, Flags, Floats, Part

__all__ = [
    "AgreementSums",
    "ConfusionSums",
    "Hits",
    "agreement_posteriors",
    "agreement_sums",
    "beliefs",
    "confusion_posteriors",
    "confusion_sums",
    "counted_once",
    "hits",
    "in_order",
    "passed_messages",
    "row_sums",
    "softmax",
    "vote_sums",
    "winners",
]

# Sums in another order differ in their last digits; labels that close are a tie, which the lowest code wins.
TIE = 1e-9


class ConfusionSums(NamedTuple):
    """What a pass with one confusion matrix per worker adds up.

    `counts[r, k]`: expected number of answers of the pair r (worker, label) where k is right, (n_rows, n_labels);
    `prior[k]`: expected number of tasks where k is right; `entropy`: of the posteriors, in nats.
    """

    counts: Floats
    prior: Floats
    entropy: float


class AgreementSums(NamedTuple):
    """What a pass with one number per pair of worker and label adds up.

    `credit[r]`: expected number of right answers of the pair r, (n_rows,); `prior[k]`: as above; `answered[k]`:
    expected number of answers to tasks where k is right; `entropy`: of the posteriors; `evidence`: the sum of
    log Σ_k exp(log weight of k) over tasks, in nats.
    """

    credit: Floats
    prior: Floats
    answered: Floats
    entropy: float
    evidence: float


class Hits(NamedTuple):
    """Answers that name the right label and answers that count, by worker, (n_workers,) each."""

    right: Floats
    given: Floats


def softmax(log_weights: Floats, known: Codes | None) -> tuple[Floats, Floats]:
    """Rows of log weights as probabilities, and the log of each row's sum; a known answer has probability 1."""
    if log_weights.size == 0:
        return log_weights, np.zeros(len(log_weights))
    top = log_weights.max(axis=1, keepdims=True)
    weights = np.exp(log_weights - top)
    total = weights.sum(axis=1, keepdims=True)
    posteriors = weights / total
    evidence = (np.log(total) + top)[:, 0]
    if known is not None:
        sure = np.flatnonzero(known >= 0)
        posteriors[sure] = 0.0
        posteriors[sure, known[sure]] = 1.0
        evidence[sure] = log_weights[sure, known[sure]]
    return posteriors, evidence


def entropy_of(posteriors: Floats) -> float:
    """Entropy of all rows together, in nats."""
    positive = posteriors[posteriors > 0]
    return -inner(positive, np.log(positive))


def row_sums(part: Part, posteriors: Floats) -> Floats:
    """Posteriors added up by pair of worker and label, shape (n_rows, n_labels)."""
    answers, task = part.answers, part.task
    sums = [tally(answers, posteriors[task, k], part.n_rows) for k in range(part.n_labels)]
    return np.stack(sums, axis=1) if sums else np.zeros((part.n_rows, 0))


def confusion_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """P(k) ∝ prior[k] · Π errors[row, k] over a task's answers, shape (n_tasks, n_labels)."""
    answers, task = part.answers, part.task
    log_weights = np.tile(log_prior, (part.n_tasks, 1))
    for k in range(part.n_labels):
        log_weights[:, k] += tally(task, log_errors[answers, k], part.n_tasks)
    return softmax(log_weights, part.known)[0]


def confusion_sums(part: Part, log_errors: Floats, log_prior: Floats) -> ConfusionSums:
    """One E-step, and the sums that the M-step after it needs."""
    posteriors = confusion_posteriors(part, log_errors, log_prior)
    return ConfusionSums(row_sums(part, posteriors), posteriors.sum(axis=0), entropy_of(posteriors))


def _agreement(part: Part, gain: Floats, log_prior: Floats) -> tuple[Floats, Floats]:
    cell = part.task * part.n_labels + part.label
    sums = tally(cell, gain[part.answers], part.n_tasks * part.n_labels)
    return softmax(sums.reshape(part.n_tasks, part.n_labels) + log_prior, part.known)


def agreement_posteriors(part: Part, gain: Floats, log_prior: Floats) -> Floats:
    """P(k) ∝ prior[k] · Π exp(gain[row]) over the answers that name k, shape (n_tasks, n_labels)."""
    return _agreement(part, gain, log_prior)[0]


def agreement_sums(part: Part, gain: Floats, log_prior: Floats) -> AgreementSums:
    """One E-step of a model that needs one number per pair of worker and label, and the sums for its M-step."""
    posteriors, evidence = _agreement(part, gain, log_prior)
    credit = tally(part.answers, posteriors[part.task, part.label], part.n_rows)
    answered = np.diff(part.offsets) @ posteriors
    return AgreementSums(credit, posteriors.sum(axis=0), answered, entropy_of(posteriors), float(evidence.sum()))


def vote_sums(part: Part, weight: Floats) -> Floats:
    """Weight of the workers who name each label, shape (n_tasks, n_labels)."""
    cell = part.task * part.n_labels + part.label
    sums = tally(cell, weight[part.worker], part.n_tasks * part.n_labels)
    return sums.reshape(part.n_tasks, part.n_labels)


def winners(scores: Floats) -> Codes:
    """The label with the highest score of each row: the lowest code of those alike to nine digits, -1 if none."""
    if scores.shape[1] == 0:
        return np.full(len(scores), -1, np.int32)
    top = scores.max(axis=1, keepdims=True)
    codes: Codes = np.argmax(scores >= top - TIE * np.abs(top), axis=1).astype(np.int32)
    return codes


def counted_once(part: Part) -> Flags | None:
    """Which answers count when a worker's repeated answer with the same label counts once; None if all do."""
    pair = part.task * np.int64(part.n_rows) + part.answers
    first = np.unique(pair, return_index=True)[1]
    if len(first) == len(pair):
        return None
    counts = np.zeros(len(pair), np.bool_)
    counts[first] = True
    return counts


def hits(part: Part, truth: Codes) -> Hits:
    """Right and counted answers by worker; a task whose truth is -1 does not count."""
    right_label = truth[part.task]
    use = right_label >= 0 if part.once is None else (right_label >= 0) & part.once
    worker = part.worker
    right = tally(worker, (use & (part.label == right_label)).astype(float), part.n_workers)
    return Hits(right, tally(worker, use.astype(float), part.n_workers))


def in_order(part: Part) -> Part:
    """The same answers, those to each task sorted by worker and label."""
    order = np.lexsort((part.answers, part.task))
    return replace(part, offsets=part.offsets - part.offsets[0], row=part.answers[order])


def passed_messages(part: Part, messages: Floats) -> tuple[Floats, float]:
    """What workers tell tasks next, a message for each answer, not yet scaled; and the greatest, less its sign.

    A task tells each worker what the others said of label 0 against label 1; a worker tells each task how far the
    other tasks bear it out.
    """
    vote, task, worker = 1.0 - 2.0 * part.label, part.task, part.worker
    spoken = vote * messages
    heard = vote * (tally(task, spoken, part.n_tasks)[task] - spoken)
    moved: Floats = tally(worker, heard, part.n_workers)[worker] - heard
    return moved, float(np.abs(moved).max(initial=0.0))


def beliefs(part: Part, messages: Floats) -> Floats:
    """What the messages say for label 0 against label 1, by task."""
    return tally(part.task, (1.0 - 2.0 * part.label) * messages, part.n_tasks)
