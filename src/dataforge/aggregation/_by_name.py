"""Every estimator by the name that a command line takes, what it reads from a file and what it writes."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

from dataforge.aggregation.base import (
    BaseClassificationAggregator,
    BaseEmbeddingsAggregator,
    BaseImageSegmentationAggregator,
    BaseNumericAggregator,
    BasePairwiseAggregator,
    BaseTextsAggregator,
    Estimator,
)
from dataforge.errors import AggregationError, UnknownName

__all__ = ["columns_of", "hyphenated", "made", "method_named", "methods", "renamed"]

FAMILIES = ("classification", "multilabel", "numeric", "pairwise", "texts", "embeddings", "image_segmentation")
# What a constructor needs and a file cannot hold: words are split at spaces, and iterations end by themselves.
NEEDED: dict[str, dict[str, Any]] = {
    "ROVER": {"tokenizer": str.split, "detokenizer": " ".join},
    "BradleyTerry": {"n_iter": 1000},
}
# Of each family: the column of what was found, and its name in the file.
FOUND: dict[type[Estimator], dict[str, str]] = {
    BaseClassificationAggregator: {"agg_label": "label"},
    BaseNumericAggregator: {"agg_value": "value"},
    BasePairwiseAggregator: {"label": "item", "agg_score": "score"},
    BaseTextsAggregator: {"agg_text": "text"},
    BaseEmbeddingsAggregator: {},
    BaseImageSegmentationAggregator: {"agg_segmentation": "segmentation"},
}


def methods() -> dict[str, type[Any]]:
    """Every estimator by the name that the command line takes."""
    found: dict[str, type[Any]] = {}
    for family in FAMILIES:
        module = importlib.import_module(f"dataforge.aggregation.{family}")
        classes = {name: getattr(module, name) for name in module.__all__}
        found |= {
            hyphenated(name): kind
            for name, kind in classes.items()
            if inspect.isclass(kind) and issubclass(kind, Estimator)
        }
    return found


def method_named(name: str) -> type[Any]:
    """The estimator class of a method; hyphens, underscores and case do not matter."""
    plain = re.sub(r"[-_\s]", "", name).lower()
    for known, estimator in methods().items():
        if known.replace("-", "") == plain:
            return estimator
    raise UnknownName(f"no aggregation method is named {name!r}; known: {', '.join(sorted(methods()))}")


def made(name: str) -> Any:
    """The estimator with its usual settings."""
    kind = method_named(name)
    given = NEEDED.get(kind.__name__, {})
    missing = [
        parameter.name
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty and parameter.name not in given
    ]
    if missing:
        raise AggregationError(
            f"{hyphenated(kind.__name__)} needs a function, {missing[0]}, that no file holds: "
            f"call dataforge.aggregation.{kind.__name__}({missing[0]}=...) from Python"
        )
    return kind(**given)


def columns_of(estimator: Estimator) -> tuple[str, ...]:
    """The columns that the estimator reads; most comparisons say nothing of workers to it."""
    if isinstance(estimator, BasePairwiseAggregator) and type(estimator).__name__ != "NoisyBradleyTerry":
        return tuple(name for name in estimator.columns if name != "worker")
    return estimator.columns


def renamed(estimator: Estimator, table: Any) -> Any:
    """An Arrow table of results with the names of a file's columns."""
    names = next(names for family, names in FOUND.items() if isinstance(estimator, family))
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def hyphenated(name: str) -> str:
    """`DawidSkene` as `dawid-skene`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
