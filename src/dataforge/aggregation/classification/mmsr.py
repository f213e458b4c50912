"""M-MSR: skills from the agreement of workers, robust to some who collude."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification._ties import fewest_doubts
from dataforge.aggregation.classification._votes import WorkerSkills
from dataforge.aggregation.classification.verdict import Verdict, read_answers
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.mmsr import Fit, mmsr
from dataforge.aggregation.memory import refuse_beyond_memory
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import Duplicates, LabelAnswers
from dataforge.arguments import named_entries

__all__ = ["MMSR"]

# What a pair of workers takes: both ways round, its numbers and their copies while pairs are counted.
BYTES_PER_PAIR = 64.0


@named_entries
@dataclass(eq=False)
class MMSR(BaseClassificationAggregator, Iterative):
    """Matrix mean-subsequence-reduced algorithm (Ma and Olshevsky, 2020): weights are log odds of being right.

    Pairs of workers weigh as much as they share tasks, and one is left out where its agreement is further from what
    the skills predict than sampling explains. Time and memory are linear in the number of pairs who share a task.

    The start is fixed, so `random_state` has no effect. Of labels with equal scores the one with more answers wins,
    then the least. Known answers stay, and take part in the agreement as the answers of one worker more.
    """

    n_iter: int = 10000
    tol: float = 1e-10
    random_state: int | None = 0

    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    duplicates: Duplicates = field(default="all", kw_only=True)
    _learnt: tuple[LabelAnswers, Fit] | None = field(default=None, init=False, repr=False)
    _judged: Verdict | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself, with `skills_` learnt; `true_labels` holds the known answer of some tasks."""
        return self._learn(read_answers(data, self.duplicates, true_labels))

    def partial_fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself with more answers; agreement is counted anew, `labels_` are those of all answers."""
        answers = read_answers(data, self.duplicates, true_labels, early=True)
        if self._learnt is not None:
            answers, _ = self._learnt[0].joined(answers, self.duplicates)
        return self._learn(answers)

    def predict(self, data: Table) -> Any:
        """The label of each task with the greatest sum of weights; a stranger's answer weighs nothing."""
        return self._judge(read_answers(data, self.duplicates)).labels

    def predict_score(self, data: Table) -> Any:
        """The sums of weights of each label over the sum of their sizes, a row for each task."""
        return self._judge(read_answers(data, self.duplicates)).table

    def predict_scores(self, data: Table) -> Any:
        """The same as `predict_score`, by the name that other estimators have."""
        return self.predict_score(data)

    def fit_predict(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, true_labels).labels_

    def fit_predict_score(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The scores of each label, a row for each task."""
        return self.fit(data, true_labels).scores_

    @property
    def labels_(self) -> Any:
        """The aggregated label of each task, named `agg_label`."""
        return self._verdict.labels

    @property
    def scores_(self) -> Any:
        """The scores of each label (columns) for each task (rows)."""
        return self._verdict.table

    @property
    def skills_(self) -> Any:
        """The log odds that each worker is right; negative for one who is wrong more often than by chance."""
        return self._skills().table()

    @property
    def _verdict(self) -> Verdict:
        return self._after_fit(self._judged)

    def _course(self) -> Course:
        _, found = self._after_fit(self._learnt)
        return Course(len(found.loss_history), found.converged, found.loss_history)

    def _learn(self, answers: LabelAnswers) -> Self:
        n_workers = len(answers.workers)
        met = float((np.bincount(answers.task).astype(np.float64) ** 2).sum())
        refuse_beyond_memory(
            BYTES_PER_PAIR * min(met, float(n_workers) ** 2),
            f"the pairs of {n_workers:,} workers who share tasks",
            "take Wawa or OneCoinDawidSkene, which look at workers one by one",
        )
        found = mmsr(answers.taught(), n_iter=self.n_iter, tol=self.tol, on_iteration=self.on_iteration)
        self._learnt = answers, found
        self._judge(answers)
        return self

    def _skills(self) -> WorkerSkills:
        answers, found = self._after_fit(self._learnt)
        return WorkerSkills(answers.workers, found.weights[: len(answers.workers)], answers.kind)

    def _judge(self, answers: LabelAnswers) -> Verdict:
        weights = np.nan_to_num(self._skills().of(answers))
        part = answers.part()
        sums = steps.vote_sums(part, weights)
        total = np.abs(sums).sum(axis=1, keepdims=True)
        scores = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
        codes = answers.or_known(fewest_doubts(scores, steps.vote_sums(part)))
        self._judged = Verdict(answers, scores, codes)
        return self._judged
