"""Texts chosen by workers' reliabilities and by how alike the texts of one task are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from dataforge.aggregation.base import BaseTextsAggregator
from dataforge.aggregation.embeddings.hrrasa import HRRASA
from dataforge.aggregation.embeddings.similarity import OutputSimilarity, glue_similarity
from dataforge.aggregation.texts._answers import embedded, encoded_truths
from dataforge.aggregation.texts._chosen import chosen_texts
from dataforge.aggregation.texts.text_rasa import learnt

__all__ = ["TextHRRASA"]


@dataclass(eq=False)
class TextHRRASA(BaseTextsAggregator):
    """HRRASA over texts and their embeddings; what HRRASA learns, such as `skills_`, is there under the same names.

    Args:
        encoder: a function from a text to its embedding; called once for each distinct text.
        n_iter: iterations at most.
        tol: stop when the relative squared change of the means is below this.
        lambda_emb: the weight of the embeddings' similarity in the local reliability.
        lambda_out: the weight of the texts' similarity.
        alpha: the reliability is the upper `alpha / 2` quantile of the chi-squared law over the squared distances.
        calculate_ranks: whether `ranks_` is filled.
        output_similarity: a function of two texts of a task; by default GLEU over words.
    """

    encoder: Callable[[str], Any]
    n_iter: int = 100
    tol: float = 1e-5
    lambda_emb: float = 0.5
    lambda_out: float = 0.5
    alpha: float = 0.05
    calculate_ranks: bool = False
    output_similarity: OutputSimilarity = glue_similarity

    def fit(self, data: Any, true_objects: Any = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `text`; `true_objects` are known texts by task."""
        hrrasa = HRRASA(
            self.n_iter,
            self.tol,
            self.lambda_emb,
            self.lambda_out,
            self.alpha,
            self.calculate_ranks,
            self.output_similarity,
        )
        self._hrrasa = hrrasa.fit(embedded(data, self.encoder), encoded_truths(true_objects, self.encoder, data))
        return self

    def fit_predict(self, data: Any, true_objects: Any = None) -> Any:
        """The chosen text of each task."""
        return self.fit(data, true_objects).texts_

    def fit_predict_scores(self, data: Any, true_objects: Any = None) -> Any:
        """The distance of every text from the task's mean."""
        return self.fit(data, true_objects).scores_

    @property
    def texts_(self) -> Any:
        """The chosen text of each task, tasks sorted."""
        fitted: HRRASA = self._need("_hrrasa")
        return chosen_texts(fitted.embeddings_and_outputs_)

    def __getattr__(self, name: str) -> Any:
        return learnt(self, "_hrrasa", name)
