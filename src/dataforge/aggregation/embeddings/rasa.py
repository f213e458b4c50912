"""Outputs chosen by workers' reliabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.embeddings._answers import EmbeddedAnswers
from dataforge.aggregation.embeddings.reliability import Known, Learnt, ReliabilityAggregator, quantiles
from dataforge.aggregation.kernels.embeddings import reliability
from dataforge.arguments import named_entries

__all__ = ["RASA"]


@named_entries
@dataclass(eq=False)
class RASA(ReliabilityAggregator):
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

    def _local(self, answers: EmbeddedAnswers) -> Floats:
        return np.ones(len(answers.row))

    def _learn(self, answers: EmbeddedAnswers, known: Known | None, start: Floats | None) -> Learnt:
        prior = quantiles(answers.worker, len(answers.workers), self.alpha)
        found = reliability(
            answers.embeddings,
            answers.task,
            answers.worker,
            answers.starts,
            prior,
            np.ones(len(answers.row)),
            known,
            self.n_iter,
            self.tol,
            start,
            self.on_iteration,
        )
        return Learnt(found, prior)
