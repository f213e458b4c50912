"""What every estimator has: parameters as scikit-learn reads them, and the columns of its family.

An estimator is a thin shell: the constructor keeps parameters, `fit` calls a function over coded arrays and keeps
its frozen result, attributes that end in `_` are views of that result. What the constructor takes are the parameters,
so `sklearn.base.clone`, `get_params` and `set_params` work without scikit-learn, for estimators of one's own too:
dataclasses, classes of `attrs` or plain ones that keep each parameter under its name.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self, TypeVar

from dataforge import cards
from dataforge.aggregation.parameters import check_parameters
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = [
    "BaseClassificationAggregator",
    "BaseEmbeddingsAggregator",
    "BaseImageSegmentationAggregator",
    "BaseNumericAggregator",
    "BasePairwiseAggregator",
    "BaseTextsAggregator",
    "Estimator",
]

T = TypeVar("T")


@named_entries
class Estimator(ABC):
    """The root of all estimators."""

    columns: ClassVar[tuple[str, ...]]
    """Columns that `fit` reads; others are ignored."""

    def __post_init__(self) -> None:
        check_parameters(type(self).__name__, self.get_params(deep=False))

    def _repr_html_(self) -> str:
        return cards.card(type(self).__name__, "", cards.table((n, repr(v)) for n, v in self.get_params(False).items()))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name; `deep` adds those of estimators among them as `name__parameter`."""
        own = {name: getattr(self, name) for name in _parameters(type(self))}
        if deep:
            for name, value in list(own.items()):
                if isinstance(value, Estimator):
                    own |= {f"{name}__{inner}": deeper for inner, deeper in value.get_params().items()}
        return own

    def set_params(self, **parameters: Any) -> Self:
        """The estimator itself with these parameters changed; `name__parameter` is one of the estimator `name`."""
        known = _parameters(type(self))
        check_parameters(type(self).__name__, parameters)
        # A new inner estimator first, then its parameters, whatever their order.
        for name, value in sorted(parameters.items(), key=lambda pair: "__" in pair[0]):
            outer, _, inner = name.partition("__")
            if outer not in known:
                raise AggregationError(
                    f"{type(self).__name__} has no parameter {outer!r}; it has: {', '.join(known) or 'none'}"
                )
            if not inner:
                setattr(self, outer, value)
                continue
            nested = getattr(self, outer)
            if not isinstance(nested, Estimator):
                raise AggregationError(
                    f"{type(self).__name__}: parameter {name!r} needs an estimator in {outer!r}, got {nested!r}"
                )
            nested.set_params(**{inner: value})
        return self

    def unfitted(self) -> Self:
        """A new estimator with the same parameters and nothing learnt."""
        return type(self)(**self.get_params(deep=False))

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks every estimator: this one learns from answers alone, without a target."""
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type=None, target_tags=TargetTags(required=False))

    def __sklearn_is_fitted__(self) -> bool:
        """Whether there is more in the estimator than its parameters: what `fit` has left."""
        own = _parameters(type(self))
        return any(value is not None for name, value in vars(self).items() if name not in own)

    def _after_fit(self, found: T | None, call: str = "fit") -> T:
        """What a fit left behind, or the error that says which call is missing."""
        if found is None:
            raise NotFitted(f"{type(self).__name__} has not learnt anything yet; call {call} first")
        return found


class NotFitted(AggregationError, AttributeError):
    """A fitted attribute was asked for that `fit` has not made; an `AttributeError`, so that `hasattr` says no."""


def _parameters(estimator: type[Estimator]) -> list[str]:
    return list(inspect.signature(estimator).parameters)


class NamedSeries:
    """An attribute that gives every pandas Series put into it one name; for estimators of one's own."""

    def __init__(self, name: str) -> None:
        self.series_name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = f"_{name}_series"
        self.attribute = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        try:
            return instance.__dict__[self.slot]
        except KeyError:
            raise NotFitted(f"{type(instance).__name__} has no {self.attribute!r} yet; call fit first") from None

    def __set__(self, instance: Any, series: Any) -> None:
        # Tables of other kinds carry the name as that of a column.
        is_series = hasattr(series, "index") and hasattr(series, "to_frame")
        instance.__dict__[self.slot] = series.rename(self.series_name) if is_series else series


class BaseClassificationAggregator(Estimator):
    """Categorical answers, one row each: columns `task`, `worker`, `label`; the result is `labels_`."""

    columns = ("task", "worker", "label")
    labels_: Any = NamedSeries("agg_label")

    @abstractmethod
    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to the answers."""

    @abstractmethod
    def fit_predict(self, data: Any) -> Any:
        """The aggregated label of each task, named `agg_label`."""


class BaseNumericAggregator(Estimator):
    """Numbers as answers, one row each: columns `task`, `worker`, `label`; the result is `values_`."""

    columns = ("task", "worker", "label")
    values_: Any = NamedSeries("agg_value")

    @abstractmethod
    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to the answers."""

    @abstractmethod
    def fit_predict(self, data: Any) -> Any:
        """The aggregated number of each task, named `agg_value`."""


class BaseEmbeddingsAggregator(Estimator):
    """Outputs with embeddings: columns `task`, `worker`, `output`, `embedding`.

    The result is `embeddings_and_outputs_`.
    """

    columns = ("task", "worker", "output", "embedding")

    @abstractmethod
    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to the answers."""

    @abstractmethod
    def fit_predict(self, data: Any) -> Any:
        """The chosen output of each task and its embedding."""


class BaseTextsAggregator(Estimator):
    """Texts as answers: columns `task`, `worker`, `text`; the result is `texts_`."""

    columns = ("task", "worker", "text")
    texts_: Any = NamedSeries("agg_text")

    @abstractmethod
    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to the answers."""

    @abstractmethod
    def fit_predict(self, data: Any) -> Any:
        """The aggregated text of each task, named `agg_text`."""


class BaseImageSegmentationAggregator(Estimator):
    """Masks as answers: columns `task`, `worker`, `segmentation`; the result is `segmentations_`."""

    columns = ("task", "worker", "segmentation")
    segmentations_: Any = NamedSeries("agg_segmentation")

    @abstractmethod
    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to the answers."""

    @abstractmethod
    def fit_predict(self, data: Any) -> Any:
        """The aggregated mask of each task, named `agg_segmentation`."""


class BasePairwiseAggregator(Estimator):
    """Comparisons: columns `worker`, `left`, `right`, `label` (the winner); the result is `scores_`."""

    columns = ("worker", "left", "right", "label")
    scores_: Any = NamedSeries("agg_score")

    @abstractmethod
    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to the comparisons."""

    @abstractmethod
    def fit_predict(self, data: Any) -> Any:
        """The score of each item, named `agg_score`."""
