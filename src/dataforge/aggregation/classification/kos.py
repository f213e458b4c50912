"""KOS: message passing for two labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification._ties import fewest_doubts
from dataforge.aggregation.classification.verdict import Verdict, read_answers
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.kos import Fit, kos
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import Duplicates, LabelAnswers
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["KOS"]


@named_entries
@dataclass(eq=False)
class KOS(BaseClassificationAggregator, Iterative):
    """Iterative message passing for answers of two kinds (Karger, Oh and Shah, 2014).

    Where the messages say nothing about a task, the label with more answers wins, then the least. Rounds end early
    once no message moves. Known answers stay, and take part as the answers of one worker more.
    """

    n_iter: int = 100
    random_state: int | None = 0
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    duplicates: Duplicates = field(default="all", kw_only=True)
    _fitted: tuple[Verdict, Fit] | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself; `true_labels` holds the known answer of some tasks, which stay as they are."""
        return self._learn(read_answers(data, self.duplicates, true_labels))

    def partial_fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself with more answers; messages belong to answers, so they are passed anew."""
        answers = read_answers(data, self.duplicates, true_labels, early=True)
        if self._fitted is not None:
            answers, _ = self._verdict.answers.joined(answers, self.duplicates)
        return self._learn(answers)

    def fit_predict(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, true_labels).labels_

    @property
    def labels_(self) -> Any:
        """The aggregated label of each task, named `agg_label`."""
        return self._verdict.labels

    @property
    def _verdict(self) -> Verdict:
        return self._after_fit(self._fitted)[0]

    def _course(self) -> Course:
        found = self._after_fit(self._fitted)[1]
        return Course(len(found.history), found.converged, found.history)

    def _learn(self, answers: LabelAnswers) -> Self:
        if len(answers.labels) > 2:
            raise AggregationError(f"KOS needs two labels, got {len(answers.labels)}; use DawidSkene for more")
        part = answers.taught()
        found = Fit(np.zeros(part.n_tasks), (), True)
        if part.n_labels == 2:
            found = kos(part, n_iter=self.n_iter, seed=self.random_state, on_iteration=self.on_iteration)
        scores = found.belief[:, None] * np.array([1.0, -1.0])[: part.n_labels]
        codes = fewest_doubts(scores, steps.vote_sums(part))
        self._fitted = Verdict(answers, scores, answers.or_known(codes)), found
        return self
