"""Models that a function asks, and what that has cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from dataforge.data.reading import gather_items
from dataforge.errors import RunError, SpecError
from dataforge.models import Model, Together
from dataforge.tasks.task import Task

__all__ = ["Models", "is_model", "refuse_namesake"]


def is_model(name: str) -> bool:
    """Whether what was asked is a model, and neither a task nor a step."""
    return name.startswith("model:")


def refuse_namesake(model: Model, known: dict[str, Model]) -> None:
    """Raise `SpecError` for another model of a name; what is said is known by it, and would be that of both."""
    other = known.setdefault(model.name, model)
    if other is not model and (other.answers, other.price) != (model.answers, model.price):
        raise SpecError(
            f"the pipeline asks two models that are called {model.name!r}, whose answers and costs are kept by their "
            "names; call one otherwise"
        )


class Models:
    """The models of a pipeline; `affords` says whether so much is left for asking one, and sets it aside."""

    def __init__(self, affords: Callable[[float], bool]) -> None:
        self._affords = affords
        self._together: dict[Model, Together] = {}
        self._named: dict[str, Model] = {}
        self._spent: Counter[str] = Counter()

    def answer(self, model: Model, task: Task, inputs: Mapping[str, Any]) -> Any:
        """What a model says to a task, with others who ask it now; raises `RunError` where it fails or is too dear."""
        refuse_namesake(model, self._named)
        items = gather_items(task, [dict(inputs)])
        if model.price and not self._affords(model.price):
            raise RunError(
                f"model {model.name!r}: the budget of the pipeline does not leave the {model.price:g} that it costs to "
                "ask it; launch it again with a larger one"
            )
        return self._together.setdefault(model, Together(model)).answer(items)

    def pay(self, name: str, cost: float) -> None:
        """Note what asking the model of this column cost."""
        if cost:
            self._spent[name] += cost  # type: ignore[assignment]

    @property
    def spent(self) -> Mapping[str, float]:
        """What asking models has cost, by their columns."""
        return dict(self._spent)
