"""The output whose embedding is closest to the mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BaseEmbeddingsAggregator
from dataforge.aggregation.embeddings._answers import EmbeddedAnswers, as_number, known_embeddings, read_embeddings
from dataforge.aggregation.embeddings.reliability import Choice
from dataforge.aggregation.kernels.embeddings import weighted_means
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["ClosestToAverage"]


@named_entries
@dataclass(eq=False)
class ClosestToAverage(BaseEmbeddingsAggregator):
    """The output whose embedding is closest to the mean of the task's embeddings; of equal ones the first row.

    Args:
        distance: a function of two vectors, the answer's embedding and the mean.
    """

    distance: Callable[[Floats, Floats], float]
    _choice: Choice | None = field(default=None, init=False, repr=False)

    def fit(
        self, data: Table, aggregated_embeddings: Keyed | None = None, true_embeddings: Keyed | None = None
    ) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `output`, `embedding`.

        `aggregated_embeddings` replace the means; `true_embeddings` replace those of the tasks that they name.
        """
        answers = read_embeddings(data)
        true = known_embeddings(true_embeddings, answers)
        if aggregated_embeddings is None:
            means = weighted_means(answers.embeddings, np.ones(len(answers.row)), answers.starts)
            if true is not None:
                means[true[0]] = true[1]
        else:
            means = _given_means(aggregated_embeddings, answers)
        targets = means[answers.task]
        pairs = zip(answers.embeddings, targets, strict=True)
        measured = [as_number(self.distance(one, two), "distance") for one, two in pairs]
        self._choice = Choice(answers, np.array(measured, np.float64))
        return self

    def fit_predict(self, data: Table, aggregated_embeddings: Keyed | None = None) -> Any:
        """The chosen output of each task and its embedding."""
        return self.fit(data, aggregated_embeddings).embeddings_and_outputs_

    def fit_predict_scores(self, data: Table, aggregated_embeddings: Keyed | None = None) -> Any:
        """The distance of every answer from the mean."""
        return self.fit(data, aggregated_embeddings).scores_

    @property
    def embeddings_and_outputs_(self) -> Any:
        """The chosen output of each task and its embedding."""
        return self._after_fit(self._choice).best()

    @property
    def scores_(self) -> Any:
        """Every answer with its distance from the task's mean."""
        return self._after_fit(self._choice).scored()


def _given_means(given: Keyed | None, answers: EmbeddedAnswers) -> Floats:
    """The given aggregated embedding of every task."""
    found = known_embeddings(given, answers, "aggregated_embeddings", early=True)
    places = np.zeros(0, np.int64) if found is None else found[0]
    means = np.zeros((len(answers.starts), answers.embeddings.shape[1]))
    missing = np.setdiff1d(np.arange(len(means)), places)
    if len(missing):
        name = answers.tasks.take(missing[:1]).to_list()[0]
        raise AggregationError(f"aggregated_embeddings need every task, {len(missing)} are missing, such as {name!r}")
    if found is not None:
        means[found[0]] = found[1]
    return means
