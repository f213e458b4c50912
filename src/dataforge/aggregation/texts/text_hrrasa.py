"""Texts chosen by workers' reliabilities and by how alike the texts of one task are."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation.embeddings.hrrasa import HRRASA
from dataforge.aggregation.embeddings.similarity import OutputSimilarity, glue_similarity
from dataforge.aggregation.texts._estimator import TextChooser
from dataforge.arguments import named_entries

__all__ = ["TextHRRASA"]


@named_entries
@dataclass(eq=False)
class TextHRRASA(TextChooser):
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

    n_iter: int = 100
    tol: float = 1e-5
    lambda_emb: float = 0.5
    lambda_out: float = 0.5
    alpha: float = 0.05
    calculate_ranks: bool = False
    output_similarity: OutputSimilarity = glue_similarity

    def _over_embeddings(self) -> HRRASA:
        return HRRASA(
            self.n_iter,
            self.tol,
            self.lambda_emb,
            self.lambda_out,
            self.alpha,
            self.calculate_ranks,
            self.output_similarity,
        )
