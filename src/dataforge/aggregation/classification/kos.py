"""KOS: message passing for two labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation.classification._estimator import Classifier, Verdict
from dataforge.aggregation.classification._ties import fewest_doubts
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.kos import Fit, kos
from dataforge.aggregation.progress import Course, Iterative
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.errors import AggregationError

__all__ = ["KOS"]


@dataclass(eq=False)
class KOS(Classifier, Iterative):
    """Iterative message passing for answers of two kinds (Karger, Oh and Shah, 2014).

    Where the messages say nothing about a task, the label with more answers wins, then the least. Rounds end early
    once no message moves. Known answers stay, and take part as the answers of one worker more.
    """

    n_iter: int = 100
    random_state: int | None = 0

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself; `true_labels` holds the known answer of some tasks, which stay as they are."""
        return self._learn(self._read(data, true_labels))

    def partial_fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself with more answers; messages belong to answers, so they are passed anew."""
        responses = self._read(data, true_labels, early=True)
        earlier: LabelAnswers | None = getattr(self, "_responses", None)
        return self._learn(responses if earlier is None else earlier.joined(responses, self.duplicates)[0])

    def _learn(self, responses: LabelAnswers) -> Self:
        if len(responses.labels) > 2:
            raise AggregationError(f"KOS needs two labels, got {len(responses.labels)}; use DawidSkene for more")
        part = responses.taught()
        self._fit = Fit(np.zeros(part.n_tasks), (), True)
        if part.n_labels == 2:
            self._fit = kos(part, n_iter=self.n_iter, seed=self.random_state, on_iteration=self.on_iteration)
        signs = np.array([1.0, -1.0])[: part.n_labels]
        scores = self._fit.belief[:, None] * signs
        codes = fewest_doubts(scores, steps.vote_sums(part))
        self._responses = responses
        self._verdict = Verdict(responses, scores, responses.or_known(codes))
        return self

    def fit_predict(self, data: Any, true_labels: Any = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, true_labels).labels_

    def _course(self) -> Course:
        found: Fit = self._need("_fit")
        return Course(len(found.history), found.converged, found.history)
