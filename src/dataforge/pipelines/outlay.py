"""What a question of each task costs, and what a budget has to pay for at least: known before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from dataforge.catalogue import joined, listed, say
from dataforge.data.items import Items
from dataforge.models import Model
from dataforge.pipelines.function import Pipeline
from dataforge.pipelines.models import refuse_namesake
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.pricing.price import Plan, PriceRange, item_price, plan
from dataforge.records import MICRO, Texts
from dataforge.runs.driving.ways import policy_of
from dataforge.runs.handle.launches.checks import parted, shares
from dataforge.tasks.task import Task

__all__ = ["Outlay", "in_words", "models_in", "outlay_of", "tasks_in"]


class Outlay(NamedTuple):
    """What a question of a task costs on full pages, judging included, and what the smallest page does."""

    question: PriceRange
    page: float
    currency: str

    @property
    def words(self) -> Texts:
        """What a question costs, in words."""
        low, high = (money(amount, self.currency) for amount in self.question)
        return low if low == high else say("cost_range", low=low, high=high)


def outlay_of(task: Task, policy: Policy, control: Items | None) -> Outlay:
    """What the task costs under a policy, with these control items."""
    asked = parted(task, policy, Items.empty(task) if control is None else control)
    policy, checks = shares(asked, policy.changed(budget=None), more=True)
    policy = policy_of(asked.task, policy)
    found = plan(asked.task, policy, asked.items, more=True)
    others = None
    if asked.check is not None and checks is not None:
        judged = plan(asked.check, policy_of(asked.check, checks), asked.control, more=True)
        others = _full_page(judged), checks
    smallest = found.prices[min(1 + min(1, found.control_per_page), len(found.prices)) - 1] / MICRO
    price = item_price(_full_page(found), policy, others)
    return Outlay(price, smallest * (1 + policy.commission), policy.currency)


def _full_page(found: Plan) -> tuple[float, int]:
    """What a full page costs, as it will be published, and how many items to ask it has."""
    return found.prices[-1] / MICRO, found.real_per_page


def in_words(outlays: dict[str, Outlay], items: int, models: Sequence[Model] = ()) -> Iterator[Texts]:
    """What is said of them when a pipeline over so many items is launched."""
    if not outlays:
        yield say("pipeline_costs_later")
        return
    costs = [joined({"en": name}, one.words) for name, one in outlays.items()]
    yield say("pipeline_costs", costs=listed(costs, ", "))
    if len({one.currency for one in outlays.values()}) == 1:
        most = (sum(one.question.high for one in outlays.values()) + sum(one.price for one in models)) * items
        currency = next(iter(outlays.values())).currency
        yield from (
            say(
                "pipeline_model_costs",
                name=repr(one.name),
                price=money(one.price, currency),
                all=money(one.price * items, currency),
            )
            for one in models
            if one.price
        )
        yield say("pipeline_most", most=money(most, currency))


# --- which tasks a function asks ----------------------------------------------------------------------------


def tasks_in(function: Callable[..., Any]) -> list[Task]:
    """The tasks that a function names, itself or in functions that it calls, as far as its code shows."""
    found: dict[str, Task] = {}
    for one in _asked_in(function):
        if isinstance(one, Task):
            found.setdefault(one.id, one)
    return list(found.values())


def models_in(function: Callable[..., Any]) -> list[Model]:
    """The models that a function names, as `tasks_in` finds tasks; raises `SpecError` for two of one name."""
    found: dict[str, Model] = {}
    for one in _asked_in(function):
        if isinstance(one, Model):
            refuse_namesake(one, found)
    return list(found.values())


def _asked_in(function: Callable[..., Any]) -> Iterator[Task | Model]:
    seen: set[int] = set()
    ahead: list[Any] = [function]
    while ahead:
        one = ahead.pop()
        one = one.function if isinstance(one, Pipeline) else one
        if isinstance(one, Task | Model):
            yield one
        elif isinstance(one, FunctionType) and id(one) not in seen:
            seen.add(id(one))
            ahead += list(_named_in(one))[::-1]


def _named_in(function: FunctionType) -> Iterator[Any]:
    """What the names in a function's code stand for: of its module, of the functions around it, of modules it names."""
    names = dict.fromkeys(_names(function.__code__))
    for found in _values(function, names):
        yield found
        if isinstance(found, ModuleType):  # as in `tasks.kind_of(photo)`
            inside = (vars(found).get(name) for name in names)
            yield from (one for one in inside if isinstance(one, Task | Model | Pipeline))


def _values(function: FunctionType, names: Iterable[str]) -> Iterator[Any]:
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    for name in names:
        if name in cells:
            try:
                yield cells[name].cell_contents
            except ValueError:  # not there yet
                continue
        elif name in function.__globals__:
            yield function.__globals__[name]


def _names(code: CodeType) -> Iterator[str]:
    """All names that code reads, that of functions inside of it, too."""
    yield from (*code.co_freevars, *code.co_names)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
