"""KOS: message passing for two labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation.classification._estimator import Classifier, Verdict
from dataforge.aggregation.classification._ties import fewest_doubts
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.kos import kos
from dataforge.errors import AggregationError

__all__ = ["KOS"]


@dataclass(eq=False)
class KOS(Classifier):
    """Iterative message passing for answers of two kinds (Karger, Oh and Shah, 2014).

    Where the messages say nothing about a task, the label with more answers wins, then the least.
    """

    n_iter: int = 100
    random_state: int | None = 0

    def fit(self, data: Any) -> Self:
        """The estimator itself."""
        responses = self._read(data)
        if len(responses.labels) > 2:
            raise AggregationError(f"KOS needs two labels, got {len(responses.labels)}; use DawidSkene for more")
        part = responses.part()
        scores = np.zeros((part.n_tasks, part.n_labels))
        if part.n_labels == 2:
            belief = kos(part, n_iter=self.n_iter, seed=self.random_state)
            scores = np.stack([belief, -belief], axis=1)
        self._verdict = Verdict(responses, scores, fewest_doubts(scores, steps.vote_sums(part)))
        return self

    def fit_predict(self, data: Any) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data).labels_
