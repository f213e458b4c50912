"""Passes over one part's answers: the compiled version for large data, plain numpy for small.

Both give the same sums to the last digits; tests hold the compiled version to the plain one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dataforge.aggregation.kernels import reference
from dataforge.aggregation.kernels._dispatch import compiled, unrolled
from dataforge.aggregation.kernels.parts import Codes, Flags, Floats, Part
from dataforge.aggregation.kernels.reference import AgreementSums, ConfusionSums, Hits

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
    "marked",
    "passed_messages",
    "row_sums",
    "vote_hits",
    "vote_sums",
    "winners",
]

NOBODY = np.empty(0, np.int32)
NO_FLAGS = np.empty(0, np.bool_)
NO_WEIGHTS = np.empty(0)


def _known(part: Part) -> Codes:
    return NOBODY if part.known is None else part.known


def confusion_sums(part: Part, log_errors: Floats, log_prior: Floats) -> ConfusionSums:
    """One E-step under confusion matrices of shape (n_rows, n_labels), and the sums for the M-step after it."""
    if not part.fast:
        return reference.confusion_sums(part, log_errors, log_prior)
    table = np.zeros((part.n_rows, 2 * part.n_labels))
    table[:, : part.n_labels] = log_errors
    prior = np.zeros(part.n_labels)
    entropy = compiled("confusion").confusion_step(
        part.offsets, part.row, _known(part), table, log_prior, prior, unrolled(part.n_labels)
    )
    return ConfusionSums(table[:, part.n_labels :], prior, entropy)


def confusion_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """Posteriors under confusion matrices, shape (n_tasks, n_labels)."""
    if not part.fast:
        return reference.confusion_posteriors(part, log_errors, log_prior)
    out = np.empty((part.n_tasks, part.n_labels))
    shape = unrolled(part.n_labels)
    compiled("confusion").confusion_posteriors(part.offsets, part.row, _known(part), log_errors, log_prior, out, shape)
    return out


def agreement_sums(part: Part, gain: Floats, log_prior: Floats) -> AgreementSums:
    """One E-step of a model with one number per pair, `gain` of shape (n_rows,), and the sums for its M-step."""
    if not part.fast:
        return reference.agreement_sums(part, gain, log_prior)
    table = np.zeros((part.n_rows, 2))
    table[:, 0] = gain
    prior, answered = np.zeros(part.n_labels), np.zeros(part.n_labels)
    shape = unrolled(part.n_labels)
    entropy, evidence = compiled("agreement").agreement_step(
        part.offsets, part.row, _known(part), table, log_prior, prior, answered, shape
    )
    return AgreementSums(table[:, 1], prior, answered, entropy, evidence)


def agreement_posteriors(part: Part, gain: Floats, log_prior: Floats) -> Floats:
    """Posteriors of a model with one number per pair, shape (n_tasks, n_labels)."""
    if not part.fast:
        return reference.agreement_posteriors(part, gain, log_prior)
    out = np.empty((part.n_tasks, part.n_labels))
    shape = unrolled(part.n_labels)
    compiled("agreement").agreement_posteriors(part.offsets, part.row, _known(part), gain, log_prior, out, shape)
    return out


def row_sums(part: Part, posteriors: Floats) -> Floats:
    """Posteriors added up by pair of worker and label, shape (n_rows, n_labels)."""
    if not part.fast:
        return reference.row_sums(part, posteriors)
    sums = np.zeros((part.n_rows, part.n_labels))
    compiled("confusion").row_sums(part.offsets, part.row, posteriors, sums, unrolled(part.n_labels))
    return sums


def vote_sums(part: Part, weight: Floats | None = None) -> Floats:
    """Votes by task and label, weighted by worker if weights are given, shape (n_tasks, n_labels)."""
    if not part.fast:
        return reference.vote_sums(part, np.ones(part.n_workers) if weight is None else weight)
    out = np.zeros((part.n_tasks, part.n_labels))
    shape = unrolled(part.n_labels)
    compiled("votes").vote_sums(part.offsets, part.row, NO_WEIGHTS if weight is None else weight, out, shape)
    return out


def winners(scores: Floats, fast: bool = False) -> Codes:
    """The winning label of each row: the lowest code of those whose scores are alike to nine digits."""
    if not (fast and scores.size):
        return reference.winners(scores)
    out = np.full(len(scores), -1, np.int32)
    compiled("votes").winners(scores, out)
    return out


def counted_once(part: Part) -> Flags | None:
    """Which answers count when a worker's repeated answer with the same label counts once; None if all do."""
    if not part.fast:
        return reference.counted_once(part)
    counts: Flags | None = compiled("votes").counted_once(part.offsets, part.row, part.n_rows)
    return counts


def marked(part: Part) -> Part:
    """The part with repeated answers marked as not counting."""
    return replace(part, once=counted_once(part))


def hits(part: Part, truth: Codes) -> Hits:
    """Right and counted answers by worker, where `truth[t]` is the right label of task t, -1 if unknown."""
    if not part.fast:
        return reference.hits(part, truth)
    right, given = np.zeros(part.n_workers), np.zeros(part.n_workers)
    flags = NO_FLAGS if part.once is None else part.once
    compiled("votes").hits(part.offsets, part.row, truth, flags, right, given, unrolled(part.n_labels))
    return Hits(right, given)


def vote_hits(part: Part, weight: Floats) -> Hits:
    """Answers by worker that agree with the weighted vote, and answers that count."""
    if not part.fast:
        return reference.hits(part, reference.winners(reference.vote_sums(part, weight)))
    right, given = np.zeros(part.n_workers), np.zeros(part.n_workers)
    flags = NO_FLAGS if part.once is None else part.once
    compiled("votes").vote_hits(part.offsets, part.row, weight, flags, right, given, unrolled(part.n_labels))
    return Hits(right, given)


def in_order(part: Part) -> Part:
    """The same answers, those to each task sorted by worker and label."""
    if not part.fast:
        return reference.in_order(part)
    offsets = part.offsets - part.offsets[0]
    return replace(part, offsets=offsets, row=compiled("kos").in_order(offsets, part.answers))


def passed_messages(part: Part, messages: Floats) -> tuple[Floats, float]:
    """What workers tell tasks next, a message for each answer, not yet scaled; and the greatest, less its sign."""
    if not part.fast:
        return reference.passed_messages(part, messages)
    out = np.empty(part.n_answers)
    most = compiled("kos").passed_messages(part.offsets, part.row, messages, np.zeros(part.n_workers), out)
    return out, most


def beliefs(part: Part, messages: Floats) -> Floats:
    """What the messages say for label 0 against label 1, by task."""
    if not part.fast:
        return reference.beliefs(part, messages)
    out = np.empty(part.n_tasks)
    compiled("kos").beliefs(part.offsets, part.row, messages, out)
    return out
