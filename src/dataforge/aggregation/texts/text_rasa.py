"""Texts chosen by workers' reliabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from dataforge.aggregation.base import BaseTextsAggregator
from dataforge.aggregation.embeddings.rasa import RASA
from dataforge.aggregation.texts._answers import embedded, encoded_truths
from dataforge.aggregation.texts._chosen import chosen_texts

__all__ = ["TextRASA"]


@dataclass(eq=False)
class TextRASA(BaseTextsAggregator):
    """RASA over the embeddings of texts; what RASA learns, such as `skills_`, is there under the same names.

    Args:
        encoder: a function from a text to its embedding; called once for each distinct text.
        n_iter: iterations at most.
        tol: stop when the relative squared change of the means is below this.
        alpha: the reliability is the upper `alpha / 2` quantile of the chi-squared law over the squared distances.
    """

    encoder: Callable[[str], Any]
    n_iter: int = 100
    tol: float = 1e-5
    alpha: float = 0.05

    def fit(self, data: Any, true_objects: Any = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `text`; `true_objects` are known texts by task."""
        rasa = RASA(self.n_iter, self.tol, self.alpha)
        self._rasa = rasa.fit(embedded(data, self.encoder), encoded_truths(true_objects, self.encoder, data))
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
        fitted: RASA = self._need("_rasa")
        return chosen_texts(fitted.embeddings_and_outputs_)

    def __getattr__(self, name: str) -> Any:
        return learnt(self, "_rasa", name)


def learnt(estimator: Any, inside: str, name: str) -> Any:
    """What the estimator inside has learnt; attributes that end in `_` only."""
    fitted = estimator.__dict__.get(inside)
    if fitted is None or name.startswith("_") or not name.endswith("_"):
        raise AttributeError(f"{type(estimator).__name__!r} object has no attribute {name!r}")
    return getattr(fitted, name)
