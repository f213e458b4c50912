"""Every estimator by the name that a command line takes, what it reads from a file and what it writes."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

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

__all__ = ["as_options", "columns_of", "hyphenated", "made", "method_named", "methods", "renamed", "settings"]

FAMILIES = ("classification", "multilabel", "numeric", "pairwise", "texts", "embeddings", "image_segmentation")
# What a constructor needs and a file cannot hold: words are split at spaces, and iterations end by themselves.
NEEDED: dict[str, dict[str, Any]] = {
    "ROVER": {"tokenizer": str.split, "detokenizer": " ".join},
    "BradleyTerry": {"n_iter": 1000},
}
# The settings of runs, which the command shares: the answers of a run give the run's labels. The defaults of the
# classes are those of the papers and of the field's library, and need many answers of each worker.
USUAL: dict[str, dict[str, Any]] = {
    "DawidSkene": {"strength": 15.0, "temper": 0.7, "labels_priors": "votes"},
    "OneCoinDawidSkene": {"tol": 1e-7, "worker_prior": (4.0, 1.0), "labels_priors": "equal", "temper": 0.7},
    "MACE": {"labels_priors": "votes"},
}
# What a parameter may be where a text gives it.
WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    str: "a text",
    dict: "a mapping such as {'yes': 0.7, 'no': 0.3}",
    object: "a value",
    type(None): "None",
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


def made(name: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """The estimator with its usual settings, but for these parameters."""
    kind = method_named(name)
    usual = NEEDED.get(kind.__name__, {}) | USUAL.get(kind.__name__, {})
    given = usual | _checked(kind, parameters or {})
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


def settings(kind: type[Any]) -> dict[str, tuple[Any, ...]]:
    """The parameters that can be written as text, and what each may be: types and choices."""
    hints = get_type_hints(kind)
    allowed = {name: _alternatives(hints[name]) for name in inspect.signature(kind).parameters}
    return {name: found for name, found in allowed.items() if any(one is not type(None) for one in found)}


def as_options(message: str, kind: type[Any]) -> str:
    """Advice for Python as advice for the command: `ties='half'` as `--param ties=half`, `Davidson` as a method."""
    classes = {known.__name__: name for name, known in methods().items()}
    others = "|".join(name for name in classes if name != kind.__name__)
    message = re.sub(
        rf"\b({'|'.join(classes)})\((\w+='?[^')]*'?)\)",
        lambda found: f"--method {classes[found[1]]} {found[2]}",
        message,
    )
    message = re.sub(rf"\b({others})\b", lambda found: f"--method {classes[found[1]]}", message)
    names = "|".join({name for known in methods().values() for name in settings(known)})
    return re.sub(
        rf"\b({names})=(?:'([^']*)'|([\w.]+))",
        lambda found: f"--param {shlex.quote(f'{found[1]}={found[2] or found[3]}')}",
        message,
    )


def _checked(kind: type[Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    known = settings(kind)
    for name, value in parameters.items():
        if name not in known:
            raise AggregationError(
                f"{hyphenated(kind.__name__)} has no parameter {name!r} for a command; "
                f"it has: {', '.join(known) or 'none'}"
            )
        if not any(_fits(value, one) for one in known[name]):
            needed = ", ".join(WORDS[one] if isinstance(one, type) else repr(one) for one in known[name])
            needed = " or ".join(needed.rsplit(", ", 1))
            raise AggregationError(f"{hyphenated(kind.__name__)}: parameter {name!r} needs {needed}, got {value!r}")
    return dict(parameters)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """The plain types and the choices of an annotation; what is neither cannot be written as text."""
    origin = get_origin(hint)
    if origin is Literal:
        return get_args(hint)
    if origin is Union or isinstance(hint, UnionType):
        return tuple(one for inner in get_args(hint) for one in _alternatives(inner))
    if origin is Mapping:
        return (dict,)
    return (object,) if hint is Any else (hint,) if hint in WORDS else ()


def _fits(value: Any, allowed: Any) -> bool:
    if not isinstance(allowed, type):
        return bool(value == allowed)
    if isinstance(value, bool) and allowed is not object:
        return allowed is bool
    return isinstance(value, int | float if allowed is float else allowed)


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
