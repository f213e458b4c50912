"""Outputs chosen by workers' reliabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.base import BaseEmbeddingsAggregator
from dataforge.aggregation.embeddings._answers import EmbeddedAnswers, known_embeddings, read_embeddings
from dataforge.aggregation.kernels.embeddings import Reliability, cosine_distances, reliability
from dataforge.errors import AggregationError

__all__ = ["RASA", "quantiles"]

Floats = NDArray[np.float64]


@dataclass(eq=False)
class RASA(BaseEmbeddingsAggregator):
    """Reliability aware sequence aggregation (Li and Fukumoto, 2019).

    A task's embedding is the mean of the answers' embeddings weighted by their workers' reliabilities; a worker is
    the more reliable the closer the answers are to those means. The output whose embedding has the least cosine
    distance to the mean is chosen; of equal ones the first row.

    Args:
        n_iter: iterations at most.
        tol: stop when the relative squared change of the means is below this.
        alpha: the reliability is the upper `alpha / 2` quantile of the chi-squared law over the squared distances.
    """

    n_iter: int = 100
    tol: float = 1e-9
    alpha: float = 0.05

    def fit(self, data: Any, true_embeddings: Any = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `output`, `embedding`."""
        answers = read_embeddings(data)
        self._quantiles = quantiles(answers.worker, len(answers.workers), self.alpha)
        self._result = reliability(
            answers.embeddings,
            answers.task,
            answers.worker,
            answers.starts,
            self._quantiles,
            np.ones(len(answers.row)),
            known_embeddings(true_embeddings, answers),
            self.n_iter,
            self.tol,
        )
        self._answers = answers
        self._distances = cosine_distances(answers.embeddings, self._result.means[answers.task])
        return self

    def fit_predict(self, data: Any, true_embeddings: Any = None) -> Any:
        """The chosen output of each task and its embedding."""
        return self.fit(data, true_embeddings).embeddings_and_outputs_

    def fit_predict_scores(self, data: Any, true_embeddings: Any = None) -> Any:
        """The distance of every answer from the task's mean."""
        return self.fit(data, true_embeddings).scores_

    @property
    def embeddings_and_outputs_(self) -> Any:
        """The chosen output of each task and its embedding."""
        answers: EmbeddedAnswers = self._need("_answers")
        return answers.best(self._distances)

    @property
    def scores_(self) -> Any:
        """Every answer with its cosine distance from the task's mean."""
        answers: EmbeddedAnswers = self._need("_answers")
        return answers.scored(self._distances)

    @property
    def skills_(self) -> Any:
        """The reliability of each worker."""
        answers: EmbeddedAnswers = self._need("_answers")
        return answers.by_worker(self._result.skills, "skill")

    @property
    def prior_skills_(self) -> Any:
        """The chi-squared quantile of each worker's number of answers."""
        answers: EmbeddedAnswers = self._need("_answers")
        return answers.by_worker(self._quantiles, "prior_skill")

    @property
    def aggregated_embeddings_(self) -> Any:
        """The weighted mean of each task's embeddings."""
        answers: EmbeddedAnswers = self._need("_answers")
        return answers.by_task(self._result.means, "embedding")

    @property
    def loss_history_(self) -> list[float]:
        """The relative squared change of the means, from the second iteration on."""
        return list(self._fitted.history)

    @property
    def n_iter_(self) -> int:
        """Iterations done."""
        return self._fitted.n_iter

    @property
    def converged_(self) -> bool:
        """Whether `tol` was reached."""
        return self._fitted.converged

    @property
    def _fitted(self) -> Reliability:
        result: Reliability = self._need("_result")
        return result


def quantiles(worker: NDArray[np.int64], n_workers: int, alpha: float) -> Floats:
    """Upper `alpha / 2` quantile of the chi-squared law for each worker's number of answers, shape (n_workers,)."""
    if not 0 < alpha < 2:
        raise AggregationError(f"alpha needs to be between 0 and 2, got {alpha!r}")
    from scipy.special import chdtri

    counts = np.bincount(worker, minlength=n_workers)
    result: Floats = chdtri(np.maximum(counts, 1), alpha / 2)
    return result
