"""The passes as algorithms name them: each part runs those that were chosen for it.

An algorithm hands a step to its engine, which may send it to another machine by its name; there the part picks.
"""

from __future__ import annotations

from dataclasses import replace

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.parts import AgreementSums, ConfusionSums, Hits, Part
from dataforge.aggregation.kernels.passes.choice import passes
from dataforge.aggregation.kernels.passes.table import Passes

__all__ = [
    "agreement_posteriors",
    "agreement_sums",
    "beliefs",
    "confusion_posteriors",
    "confusion_sums",
    "counted_once",
    "graded_posteriors",
    "hits",
    "in_order",
    "marked",
    "passed_messages",
    "passes_of",
    "row_sums",
    "vote_hits",
    "vote_sums",
]


def passes_of(part: Part) -> Passes:
    """The passes chosen for a part; closed labels are told to the reference only, as runs alone have them."""
    return passes(part.compiled and part.allowed is None)


def confusion_sums(part: Part, log_errors: Floats, log_prior: Floats) -> ConfusionSums:
    """One E-step under confusion matrices of shape (n_rows, n_labels), and the sums for the M-step after it."""
    return passes_of(part).confusion_sums(part, log_errors, log_prior)


def confusion_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """Posteriors under confusion matrices, shape (n_tasks, n_labels)."""
    return passes_of(part).confusion_posteriors(part, log_errors, log_prior)


def graded_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """The same where items differ in difficulty: `log_errors` has a column for each difficulty with each label."""
    return passes_of(part).graded_posteriors(part, log_errors, log_prior)


def row_sums(part: Part, posteriors: Floats) -> Floats:
    """Posteriors added up by pair of worker and label, a row for each pair, as many columns as there are."""
    return passes_of(part).row_sums(part, posteriors)


def agreement_sums(part: Part, gain: Floats, log_prior: Floats) -> AgreementSums:
    """One E-step of a model with one number per pair, `gain` of shape (n_rows,), and the sums for its M-step."""
    return passes_of(part).agreement_sums(part, gain, log_prior)


def agreement_posteriors(part: Part, gain: Floats, log_prior: Floats) -> Floats:
    """Posteriors of a model with one number per pair, shape (n_tasks, n_labels)."""
    return passes_of(part).agreement_posteriors(part, gain, log_prior)


def vote_sums(part: Part, weight: Floats | None = None) -> Floats:
    """Votes by task and label, weighted by worker if weights are given, shape (n_tasks, n_labels)."""
    return passes_of(part).vote_sums(part, weight)


def counted_once(part: Part) -> Flags | None:
    """Which answers count when a worker's repeated answer with the same label counts once; None if all do."""
    return passes_of(part).counted_once(part)


def marked(part: Part) -> Part:
    """The part with repeated answers marked as not counting."""
    return replace(part, once=counted_once(part))


def hits(part: Part, truth: Codes) -> Hits:
    """Right and counted answers by worker, where `truth[t]` is the right label of task t, -1 if unknown."""
    return passes_of(part).hits(part, truth)


def vote_hits(part: Part, weight: Floats) -> Hits:
    """Answers by worker that agree with the weighted vote, and answers that count."""
    return passes_of(part).vote_hits(part, weight)


def in_order(part: Part) -> Part:
    """The same answers, those to each task sorted by worker and label."""
    return passes_of(part).in_order(part)


def passed_messages(part: Part, messages: Floats) -> tuple[Floats, float]:
    """What workers tell tasks next, a message for each answer, not yet scaled; and the greatest, less its sign."""
    return passes_of(part).passed_messages(part, messages)


def beliefs(part: Part, messages: Floats) -> Floats:
    """What the messages say for label 0 against label 1, by task."""
    return passes_of(part).beliefs(part, messages)
