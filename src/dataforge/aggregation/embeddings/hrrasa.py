"""Outputs chosen by workers' reliabilities and by how alike the answers to one task are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.embeddings._answers import EmbeddedAnswers
from dataforge.aggregation.embeddings.reliability import Company, Known, Learnt, ReliabilityAggregator, quantiles
from dataforge.aggregation.embeddings.similarity import OutputSimilarity, glue_similarity, similarities
from dataforge.aggregation.kernels.embeddings import (
    embedding_similarity,
    pairs_within_tasks,
    reliability,
    squared_distances,
)
from dataforge.arguments import named_entries

__all__ = ["HRRASA"]


# An answer that is like no other keeps a little weight: its own would otherwise divide by 0.
LEAST = 1e-9


@named_entries
@dataclass(eq=False)
class HRRASA(ReliabilityAggregator):
    """Hybrid reliability and representation aware sequence aggregation (Li, 2020).

    RASA in which an answer also has a local reliability: how alike it is to the other answers to its task, by
    embedding and by output. Tasks that only one worker answered take no part in it and keep their answer.

    Args:
        n_iter: iterations at most.
        tol: stop when the relative squared change of the means is below this.
        lambda_emb: the weight of the embeddings' similarity in the local reliability.
        lambda_out: the weight of the outputs' similarity.
        alpha: the reliability is the upper `alpha / 2` quantile of the chi-squared law over the squared distances.
        calculate_ranks: whether `ranks_` is filled.
        output_similarity: a function of two outputs of a task; by default GLEU over words.
    """

    n_iter: int = 100
    tol: float = 1e-9
    lambda_emb: float = 0.5
    lambda_out: float = 0.5
    alpha: float = 0.05
    calculate_ranks: bool = False
    output_similarity: OutputSimilarity = glue_similarity

    @property
    def weights_(self) -> Any:
        """The weight of every answer, in the order of the table: its reliability times its worker's."""
        company, answers = self._company, self._last.choice.answers
        return self._by_answer(["task", "worker"], company.weights, "weight", answers.kind.is_pandas)

    @property
    def ranks_(self) -> Any:
        """The score by which Li (2020) ranks every answer, the best one highest; in the order of the table."""
        if not self.calculate_ranks:
            raise AttributeError("ranks_ is there with calculate_ranks=True only")
        company, answers, found = self._company, self._last.choice.answers, self._last.learnt.reliability
        means = found.means[answers.task]
        gap = squared_distances(answers.embeddings, found.means, answers.task)
        below = np.einsum("ij,ij->i", answers.embeddings, answers.embeddings) * np.einsum("ij,ij->i", means, means)
        ratio = np.divide(gap, below, out=np.where(gap > 0, np.inf, 0.0), where=below > 0)
        ranks = found.skills[answers.worker] * np.exp(-ratio) + company.local
        return self._by_answer(["task", "output"], ranks, "rank", False)

    @property
    def _company(self) -> Company:
        return self._after_fit(self._last.learnt.company)

    def _by_answer(self, names: list[str], values: Floats, name: str, indexed: bool) -> Any:
        answers = self._last.choice.answers
        by_row = np.empty(len(values))
        by_row[answers.row] = values
        frame = answers.frame.select(names)
        if answers.kind.is_pandas:
            native = frame.to_native().assign(**{name: by_row})
            return native.set_index(names) if indexed else native
        import narwhals as nw

        column = nw.new_series(name, by_row, backend=answers.kind.implementation)  # type: ignore[arg-type]
        return frame.with_columns(column).to_native()

    def _learn(self, answers: EmbeddedAnswers, known: Known | None, start: Floats | None) -> Learnt:
        local = self._local(answers)
        shared = np.isfinite(local)
        counts = np.bincount(answers.worker[shared], minlength=len(answers.workers))
        prior = quantiles(answers.worker[shared], len(answers.workers), self.alpha)
        prior[counts == 0] = np.nan
        # Answers of tasks that one worker answered come back with an even weight and the worker's NaN.
        kept = np.flatnonzero(shared)
        tasks, task = np.unique(answers.task[kept], return_inverse=True)
        lengths = np.bincount(task, minlength=len(tasks))
        inside = None
        if known is not None:
            place = np.full(len(answers.starts), -1)
            place[tasks] = np.arange(len(tasks))
            inside = (place[known[0]][place[known[0]] >= 0], known[1][place[known[0]] >= 0])
        found = reliability(
            answers.embeddings[kept],
            task,
            answers.worker[kept],
            np.cumsum(lengths) - lengths,
            np.nan_to_num(prior, nan=1.0),
            local[kept],
            inside,
            self.n_iter,
            self.tol,
            start,
            self.on_iteration,
        )
        means = answers.embeddings[answers.starts].copy()
        means[tasks] = found.means
        if known is not None:
            means[known[0]] = known[1]
        skills = np.where(counts > 0, found.skills, np.nan)
        weights = np.where(shared, skills[answers.worker] * local, np.nan)
        return Learnt(replace(found, means=means, skills=skills), prior, Company(local, weights))

    def _local(self, answers: EmbeddedAnswers) -> Floats:
        """Mean similarity of each answer to those of the task's other workers, NaN where there are none."""
        n = len(answers.row)
        one, two = pairs_within_tasks(answers.starts, n)
        apart = answers.worker[one] != answers.worker[two]
        one, two = one[apart], two[apart]
        alike = self.lambda_emb * embedding_similarity(answers.embeddings, one, two)
        forward, backward = alike, alike
        if self.lambda_out:
            there, back = similarities(answers.outputs(), one, two, self.output_similarity)
            forward, backward = alike + self.lambda_out * there, alike + self.lambda_out * back
        total = np.bincount(one, forward, n) + np.bincount(two, backward, n)
        others = np.bincount(one, minlength=n) + np.bincount(two, minlength=n)
        mean = np.divide(total, others, out=np.full(n, np.nan), where=others > 0)
        # fmax would turn NaN, which marks answers without others, into the least weight.
        local: Floats = np.maximum(mean, LEAST)
        return local
