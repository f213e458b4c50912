"""Texts chosen by workers' reliabilities."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation.embeddings.rasa import RASA
from dataforge.aggregation.texts._estimator import TextChooser
from dataforge.arguments import named_entries

__all__ = ["TextRASA"]


@named_entries
@dataclass(eq=False)
class TextRASA(TextChooser):
    """RASA over the embeddings of texts; what RASA learns, such as `skills_`, is there under the same names.

    Args:
        encoder: a function from a text to its embedding; called once for each distinct text.
        n_iter: iterations at most.
        tol: stop when the relative squared change of the means is below this.
        alpha: the reliability is the upper `alpha / 2` quantile of the chi-squared law over the squared distances.
    """

    n_iter: int = 100
    tol: float = 1e-5
    alpha: float = 0.05

    def _over_embeddings(self) -> RASA:
        return RASA(self.n_iter, self.tol, self.alpha)
