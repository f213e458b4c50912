"""Models that learn from labels with probabilities: estimators as scikit-learn has them, and functions."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.data.voters import code_of
from dataforge.errors import RunError, SpecError
from dataforge.models import as_estimator_data, in_time
from dataforge.objects.base import Label, shorten
from dataforge.records import Values
from dataforge.tasks.task import Task

__all__ = ["Data", "Learner", "Learnt", "checked_features", "learner_of", "rows_of"]

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""Where something is in memory: another place in every process."""
LEAST = 0.01
"""A label that is less probable than this is left out of what is learnt from: it would only cost time."""


@dataclass(frozen=True, eq=False)
class Data:
    """Items as a model gets them: `values` of their inputs and, where there are any, their `features`, a row each."""

    values: Sequence[Values]
    features: Any = None

    def at(self, places: Sequence[int]) -> Data:
        """Those of some rows, in this order."""
        return Data([self.values[place] for place in places], rows_of(self.features, places))


def rows_of(features: Any, places: Sequence[int]) -> Any:
    """Some rows of an array or of a sparse matrix; None of none."""
    return None if features is None else features[np.asarray(places, np.int64)]


class Learnt(Protocol):
    """What was learnt once."""

    def chances(self, data: Data) -> Floats:
        """How probable it holds each label of each item, shape (n_items, n_labels)."""
        ...

    def embedded(self, data: Data) -> Any:
        """Features of its own for each item, or None."""
        ...


class Learner(Protocol):
    """What can learn."""

    @property
    def mark(self) -> str:
        """What tells models apart."""
        ...

    @property
    def embeds(self) -> bool:
        """Whether what it has learnt has features of its own."""
        ...

    def learn(self, data: Data, chances: Floats) -> Learnt:
        """Learn from items and how probable each label of each is, shape (n_items, n_labels)."""
        ...


def learner_of(model: Any, task: Task, labels: Sequence[Label], timeout: float) -> Learner:
    """Who learns; raises `SpecError` for what cannot."""
    if not timeout > 0:
        raise SpecError(f"loop: timeout={timeout!r}: expected seconds above 0")
    if callable(getattr(model, "fit", None)):
        if not hasattr(model, "predict_proba"):
            raise SpecError(
                f"loop: model: {shorten(model)} has no predict_proba, so that nobody knows of what it is sure; "
                "choose one that has, such as LogisticRegression, or wrap it in CalibratedClassifierCV"
            )
        return _Estimator(model, task, tuple(labels), timeout)
    if callable(model) and not isinstance(model, type):
        return _Function(model, tuple(labels), timeout)
    raise SpecError(
        f"loop: model: expected an estimator with fit and predict_proba, or a function of items and labels, got "
        f"{shorten(model)}"
    )


# --- estimators -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Estimator:
    """An estimator; each time it learns anew, as a copy."""

    model: Any
    task: Task
    labels: tuple[Label, ...]
    timeout: float

    @property
    def mark(self) -> str:
        return f"{type(self.model).__name__} {_digest(ADDRESS.sub('', repr(self.model)))}"

    @property
    def embeds(self) -> bool:
        steps: Any = getattr(self.model, "steps", ())
        return len(steps) > 1 and hasattr(steps[-2][1], "transform")

    def learn(self, data: Data, chances: Floats) -> Learnt:
        kept = np.where(chances >= LEAST, chances, 0.0)
        weight = self._weight
        places = np.argwhere(kept) if weight else np.stack([np.arange(len(kept)), kept.argmax(axis=1)], axis=1)
        rows, codes = places[:, 0], places[:, 1]
        given = {} if weight is None else {weight: kept[rows, codes]}
        answers = np.array([self.labels[code] for code in codes])
        fresh = copy.deepcopy(self.model)
        taught = _as_given(data.at(rows.tolist()), self.task)
        _said("fit", self.timeout, lambda: fresh.fit(taught, answers, **given))
        return _Fitted(fresh, self)

    @property
    def _weight(self) -> str | None:
        """By which name `fit` takes weights; None: it takes none."""
        steps: Any = getattr(self.model, "steps", ())
        last = steps[-1][1] if steps else self.model
        if "sample_weight" not in inspect.signature(last.fit).parameters:
            return None
        return f"{steps[-1][0]}__sample_weight" if steps else "sample_weight"


@dataclass(frozen=True)
class _Fitted:
    """An estimator that has learnt."""

    model: Any
    by: _Estimator

    def chances(self, data: Data) -> Floats:
        by = self.by
        given = _as_given(data, by.task)
        found = _said("predict_proba", by.timeout, lambda: np.asarray(self.model.predict_proba(given), np.float64))
        classes = [code_of(by.labels, one) for one in np.asarray(self.model.classes_).tolist()]
        whole = np.zeros((len(data.values), len(by.labels)))
        if found.shape != (len(whole), len(classes)) or min(classes) < 0:
            raise RunError(f"the model's predict_proba: expected shape {(len(whole), len(classes))}, got {found.shape}")
        whole[:, classes] = found
        return _checked(whole, "predict_proba")

    def embedded(self, data: Data) -> Any:
        if not self.by.embeds:
            return None
        given = _as_given(data, self.by.task)
        found = _said("transform", self.by.timeout, lambda: self.model[:-1].transform(given))
        return checked_features(found, len(data.values), "transform")


def _as_given(data: Data, task: Task) -> Any:
    return data.features if data.features is not None else as_estimator_data(data.values, task)


# --- functions --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Function:
    """A function of items and of the probabilities of their labels; it gives a function of items."""

    call: Callable[..., Any]
    labels: tuple[Label, ...]
    timeout: float
    embeds: bool = False

    @property
    def mark(self) -> str:
        code = getattr(self.call, "__code__", None)
        return f"{getattr(self.call, '__name__', type(self.call).__name__)} {_digest(_written(code))}"

    def learn(self, data: Data, chances: Floats) -> Learnt:
        told = [
            {label: float(chance) for label, chance in zip(self.labels, row, strict=True) if chance > 0}
            for row in chances
        ]
        predict = _said("model", self.timeout, lambda: self.call([dict(one) for one in data.values], told))
        if not callable(predict):
            raise RunError(f"the model: expected a function that says how probable labels are, got {shorten(predict)}")
        return _Predicting(predict, self)


@dataclass(frozen=True)
class _Predicting:
    """What a function has learnt: a function of items."""

    predict: Callable[..., Any]
    by: _Function

    def chances(self, data: Data) -> Floats:
        count, labels = len(data.values), self.by.labels
        said = _said("model's function", self.by.timeout, lambda: self.predict([dict(one) for one in data.values]))
        rows = said.tolist() if hasattr(said, "tolist") else said
        if isinstance(rows, str) or not isinstance(rows, Sequence) or len(rows) != count:
            raise RunError(f"the model's function: expected a list of {count}, one for each item, got {_of(said)}")
        whole = np.zeros((count, len(labels)))
        for row, one in enumerate(rows):
            whole[row] = _row(one, labels)
        return _checked(whole, "function")

    def embedded(self, data: Data) -> Any:
        return None


def _row(said: Any, labels: Sequence[Label]) -> Floats:
    """What a function says of one item: probabilities by label, as many numbers as there are labels, or a label."""
    row = np.zeros(len(labels))
    if isinstance(said, Mapping):
        for label, chance in said.items():
            if (code := code_of(labels, label)) < 0:
                raise RunError(f"the model's function: {label!r} is no option; options are: {list(labels)}")
            row[code] = chance
        return row
    if isinstance(said, Sequence) and not isinstance(said, str):
        if len(said) != len(labels):
            raise RunError(f"the model's function: expected {len(labels)} probabilities for an item, got {len(said)}")
        return np.asarray(said, np.float64)
    if (code := code_of(labels, said)) < 0:
        raise RunError(f"the model's function: {said!r} is no option; options are: {list(labels)}")
    row[code] = 1.0
    return row


# --- what both are held to --------------------------------------------------------------------------


def _said(what: str, timeout: float, call: Callable[[], Any]) -> Any:
    """What the model gives in time; whatever it raises is told as its own."""
    try:
        return in_time(call, timeout)
    except TimeoutError:
        raise RunError(f"the {what}: nothing came within timeout={timeout:g} seconds") from None
    except Exception as error:
        raise RunError(f"the {what} raised {type(error).__name__}: {error}") from error


def _checked(chances: Floats, what: str) -> Floats:
    """Probabilities that sum to 1."""
    whole = chances.sum(axis=1, keepdims=True)
    good = np.isfinite(chances).all(axis=1) & (chances >= 0).all(axis=1) & (whole[:, 0] > 0)
    if not good.all():
        row = int(np.argmin(good))
        raise RunError(f"the model's {what}: expected probabilities, got {chances[row].tolist()} for item {row}")
    found: Floats = chances / whole
    return found


def checked_features(features: Any, count: int, what: str = "features") -> Any:
    """Features with a row for each item, all of them numbers; raises `SpecError`."""
    try:
        found = features if hasattr(features, "tocsr") else np.asarray(features, np.float64)
    except (TypeError, ValueError) as error:
        raise SpecError(f"{what}: expected a row of numbers for each item, got {_of(features)}: {error}") from None
    if len(found.shape) != 2 or found.shape[0] != count:
        raise SpecError(f"{what}: expected {count} rows, one for each item of the pool, got the shape {found.shape}")
    if hasattr(found, "tocsr"):
        found = found.tocsr()
        bad = np.flatnonzero(~np.isfinite(found.data))
        row = int(np.searchsorted(found.indptr, bad[0], side="right")) - 1 if len(bad) else -1
    else:
        odd = ~np.isfinite(found).all(axis=1)
        row = int(np.argmax(odd)) if odd.any() else -1
    if row >= 0:
        raise SpecError(f"{what}: row {row} has NaN or infinity; fill it in, or leave the item out of the pool")
    return found


def _of(value: Any) -> str:
    return f"the shape {value.shape}" if hasattr(value, "shape") else shorten(value)


def _written(code: Any) -> str:
    """What a function does, in whichever process and place of a file it is; functions inside of it count, too."""
    if code is None:
        return ""
    return f"{code.co_code.hex()} {code.co_names} {[_constant(one) for one in code.co_consts]}"


def _constant(one: Any) -> str:
    if hasattr(one, "co_code"):
        return _written(one)
    # A set has another order in every process.
    return str(sorted(map(repr, one))) if isinstance(one, frozenset) else repr(one)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()
