"""Who answers for a model: a function, an estimator, an address on the web; a chat has a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from dataforge.errors import SpecError
from dataforge.models._remote import Address, sendable, shown
from dataforge.objects.base import shorten
from dataforge.records import Values
from dataforge.tasks.task import Task

__all__ = ["Answering", "answering_of", "as_estimator_data"]


@runtime_checkable
class Answering(Protocol):
    """Whoever is asked about several items at once.

    `batch` and `parallel`: at how many items, and how many times side by side, unless the user says otherwise.
    """

    @property
    def batch(self) -> int: ...

    @property
    def parallel(self) -> int: ...

    def answer(self, items: list[Values], task: Task | None, timeout: float) -> Any:
        """What it says of each of these items, in their order; raises what it likes."""


def answering_of(name: str, answers: Any, key: str | None) -> Answering:
    """Who answers; raises `SpecError` for what cannot."""
    if isinstance(answers, str) and answers.startswith(("http://", "https://")):
        return _Endpoint(Address(answers, key))
    if key is not None:
        raise SpecError(f"Model {name!r}: key={key!r} is for an address; leave it out, or give it to df.Chat(…)")
    if isinstance(answers, Answering):
        return answers
    if callable(getattr(answers, "predict", None)):
        return _Estimator(answers)
    if callable(answers):
        return _Function(answers)
    raise SpecError(
        f"Model {name!r}: expected a function or an estimator with predict, an address (https://…) or df.Chat(…), "
        f"got {shorten(shown(answers) if isinstance(answers, str) else answers)}"
    )


class _Function(NamedTuple):
    """A function of a list of items."""

    call: Callable[[list[Values]], Any]
    batch: int = 32
    parallel: int = 1

    def answer(self, items: list[Values], task: Task | None, timeout: float) -> Any:
        return self.call([dict(item) for item in items])


class _Estimator(NamedTuple):
    """What has `predict`: it gets the values of the only input, of several a DataFrame with a column for each."""

    estimator: Any
    batch: int = 32
    parallel: int = 1

    def answer(self, items: list[Values], task: Task | None, timeout: float) -> Any:
        return self.estimator.predict(as_estimator_data(items, task))


def as_estimator_data(items: Sequence[Values], task: Task | None) -> Any:
    """Items as estimators take them: the values of the only input, of several a DataFrame with a column for each."""
    # Of the task, where there is one: an optional input that no item of this batch has is a column none the less.
    names = list(dict.fromkeys(_names(items) if task is None else [slot.name for slot in task.inputs]))
    if len(names) == 1:
        return [item.get(names[0]) for item in items]
    # Here, because who has no estimator needs no pandas.
    import pandas as pd

    return pd.DataFrame(items, columns=names)


def _names(items: Sequence[Values]) -> list[str]:
    return [name for item in items for name in item]


class _Endpoint(NamedTuple):
    """An address that is sent `{"task": …, "items": [{input: value}, …]}` and replies `{"answers": […]}`."""

    address: Address
    batch: int = 32
    parallel: int = 4

    def answer(self, items: list[Values], task: Task | None, timeout: float) -> Any:
        inputs = [{name: sendable(value) for name, value in item.items()} for item in items]
        asked = {"task": None if task is None else task.id, "items": inputs}
        reply = self.address.post(asked, timeout, len(items))
        if not isinstance(reply, dict) or "answers" not in reply:
            raise TypeError(f'expected {{"answers": […]}}, got {shorten(reply)}')
        return reply["answers"]
