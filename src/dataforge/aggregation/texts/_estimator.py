"""What the estimators that choose a text by its embedding share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import narwhals as nw

from dataforge.aggregation.base import BaseTextsAggregator
from dataforge.aggregation.embeddings.reliability import ReliabilityAggregator
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.texts.answers import embedded, encoded_truths
from dataforge.arguments import named_entries

__all__ = ["TextChooser"]


@named_entries
@dataclass(eq=False)
class TextChooser(BaseTextsAggregator, Iterative):
    """An estimator over the embeddings of texts; what that learns, such as `skills_`, is there under the same names."""

    encoder: Callable[[str], Any]
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)
    _inner: ReliabilityAggregator | None = field(default=None, init=False, repr=False)

    @abstractmethod
    def _over_embeddings(self) -> ReliabilityAggregator:
        """The estimator over embeddings, with the same parameters."""

    def fit(self, data: Table, true_objects: Keyed | None = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `text`; `true_objects` are known texts by task."""
        answers = embedded(data, self.encoder)
        inner = self._inner if self.warm_start else None
        self._inner = (inner or self._configured()).fit(answers, encoded_truths(true_objects, self.encoder, data))
        return self

    def partial_fit(self, data: Table, true_objects: Keyed | None = None) -> Self:
        """The estimator itself, going on with more answers from the reliabilities so far; a first call is a `fit`."""
        inner = self._inner or self._configured()
        answers = embedded(data, self.encoder)
        self._inner = inner.partial_fit(answers, encoded_truths(true_objects, self.encoder, data))
        return self

    def _configured(self) -> ReliabilityAggregator:
        return self._over_embeddings().set_params(warm_start=self.warm_start, on_iteration=self.on_iteration)

    def _course(self) -> Course:
        inner = self._after_fit(self._inner)
        return inner._course()

    def fit_predict(self, data: Table, true_objects: Keyed | None = None) -> Any:
        """The chosen text of each task."""
        return self.fit(data, true_objects).texts_

    def fit_predict_scores(self, data: Table, true_objects: Keyed | None = None) -> Any:
        """The distance of every text from the task's mean."""
        return self.fit(data, true_objects).scores_

    def predict(self, data: Table) -> Any:
        """The chosen text of each task in other answers, under the reliabilities as they are."""
        inner = self._after_fit(self._inner)
        return _as_texts(inner.predict(embedded(data, self.encoder)))

    def predict_scores(self, data: Table) -> Any:
        """The distance of every one of other texts from its task's mean, under the reliabilities as they are."""
        inner = self._after_fit(self._inner)
        return inner.predict_scores(embedded(data, self.encoder))

    @property
    def texts_(self) -> Any:
        """The chosen text of each task, tasks sorted."""
        inner = self._after_fit(self._inner)
        return _as_texts(inner.embeddings_and_outputs_)

    def __getattr__(self, name: str) -> Any:
        inner = self.__dict__.get("_inner")
        if inner is None or name.startswith("_") or not name.endswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(inner, name)


def _as_texts(outputs: Any) -> Any:
    """The outputs as texts named `agg_text`, in the kind of table that came in."""
    if hasattr(outputs, "index") and hasattr(outputs, "iloc"):
        return outputs["output"].rename("agg_text")
    frame: nw.DataFrame[Any] = nw.from_native(outputs, eager_only=True)
    return frame.select("task", nw.col("output").alias("agg_text")).to_native()
