"""What a fit warns of: results that a model's assumptions made, and not the answers."""

from __future__ import annotations

import warnings

import numpy as np

from dataforge.aggregation.arrays import Codes
from dataforge.aggregation.classification.verdict import Verdict
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.ties import winners
from dataforge.errors import AggregationWarning

__all__ = ["warn_of_few_answers", "warn_of_levelled_labels", "warn_of_vanished_labels"]

# A share of the tasks, and a number of them, below which a difference from the vote is no reason to speak.
NOTABLE, NOTABLE_TASKS = 0.02, 10
# A label that wins the vote on so many tasks is there.
PRESENT = 0.05
# Answers of a worker for each label, from which their matrix can be told.
ENOUGH = 5


def warn_of_vanished_labels(verdict: Verdict, name: str) -> None:
    """Warn if a label that wins the vote on many tasks ends as the label of none."""
    n_tasks, _, n_labels = verdict.answers.shape
    gone = np.bincount(verdict.best, minlength=n_labels)[:n_labels] == 0
    if not gone.any() or n_tasks < NOTABLE_TASKS:
        return
    won = np.bincount(_voted(verdict), minlength=n_labels)
    lost = np.flatnonzero(gone & (won >= max(NOTABLE_TASKS, PRESENT * n_tasks)))
    if len(lost):
        label = verdict.answers.labels.take(lost[:1]).to_list()[0]
        warnings.warn(
            f"{name}: the label {label!r} wins the vote on {won[lost[0]]} of {n_tasks} tasks and ends as the label of "
            "none; the model may have run away: hold the label shares, with labels_priors='votes' or "
            "labels_priors='equal', or compare with MajorityVote",
            AggregationWarning,
            stacklevel=5,
        )


def warn_of_levelled_labels(verdict: Verdict, name: str) -> None:
    """Warn if labels that are rare by the vote end as those of many tasks more: all were presumed to be as frequent."""
    n_tasks, _, n_labels = verdict.answers.shape
    won, given = (np.bincount(labels, minlength=n_labels)[:n_labels] for labels in (_voted(verdict), verdict.best))
    # Rare is what wins less than half of an equal share: of two labels one always wins a little less.
    more = int((given - won)[2 * won * n_labels < n_tasks].sum())
    if more >= max(NOTABLE_TASKS, NOTABLE * n_tasks):
        warnings.warn(
            f"{name}: labels that are rare by the vote end as those of {more} tasks more of {n_tasks}, for without "
            "labels_priors all labels are taken to be equally frequent; where they are not: labels_priors='votes'",
            AggregationWarning,
            stacklevel=5,
        )


def warn_of_few_answers(verdict: Verdict) -> None:
    """Warn if a confusion matrix of each worker was learnt from few answers, and the labels are not the vote's."""
    n_tasks, n_workers, n_labels = verdict.answers.shape
    each = len(verdict.answers.task) / max(n_workers, 1)
    if each >= ENOUGH * n_labels or n_tasks < NOTABLE_TASKS:
        return
    differ = int(np.count_nonzero(_voted(verdict) != verdict.best))
    if differ >= max(NOTABLE_TASKS, NOTABLE * n_tasks):
        warnings.warn(
            f"DawidSkene: {n_workers} workers gave {each:.3g} answers each, too few for a confusion matrix "
            f"of {n_labels} labels for each, and {differ} of {n_tasks} labels are not those of the vote; draw "
            "workers to their mean: DawidSkene(strength=15, temper=0.7, labels_priors='votes')",
            AggregationWarning,
            stacklevel=5,
        )


def _voted(verdict: Verdict) -> Codes:
    """The label of each task by the plain vote, or what is known of it."""
    return verdict.answers.or_known(winners(steps.vote_sums(verdict.answers.part())))
