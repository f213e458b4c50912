"""Model: what is asked about items, by whatever it is answered."""

from __future__ import annotations

import math
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from dataforge.arguments import entry
from dataforge.data.voters import Given
from dataforge.errors import ArgumentError, SpecError
from dataforge.models._answering import answering_of
from dataforge.objects.base import listed, shorten
from dataforge.records import Values
from dataforge.tasks.task import Task

__all__ = ["ASKING_MODELS", "Model", "in_thread", "in_time", "models_of"]

ASKING_MODELS: ContextVar[Callable[[Model, Task, Values], Awaitable[Any]] | None] = ContextVar("models", default=None)
"""Who asks a model that is called: set where the function of a pipeline is played."""


@entry
class Model:
    """A model that answers items at launch and votes beside people, by what control items show of it.

    Args:
        name: what it is called in `run.voters()` and in notices; its labels are the column `model:NAME`.
        answers: a function that gets a list of items, each a dict of its inputs, and gives a list with a label for
            each, None where it has none; an estimator with `predict`, such as one of scikit-learn, which gets the
            values of the input, of several inputs a DataFrame; the address of a service that is sent JSON
            `{"task", "items"}` and replies `{"answers"}`; or `Chat`.
        batch: how many items it is asked about at once: 32, a chat one.
        timeout: seconds that it may take for them.
        parallel: how many batches it is asked about side by side: a function one, an address four, a chat eight.
        price: what it costs to ask it about one item, in the currency of the run.
        key: where `answers` is an address, the name of the environment variable with the key to it.
    """

    def __init__(
        self,
        name: str,
        answers: Any,
        batch: int | None = None,
        timeout: float = 60.0,
        parallel: int | None = None,
        key: str | None = None,
        price: float = 0.0,
    ) -> None:
        if not name.strip():
            raise SpecError("Model: expected a name, got an empty one")
        self._answering = answering_of(name, answers, key)
        for setting, value in (("batch", batch), ("parallel", parallel)):
            if value is not None and value < 1:
                raise SpecError(f"Model {name!r}: {setting}={value}: expected at least 1")
        if not timeout > 0:
            raise SpecError(f"Model {name!r}: timeout={timeout}: expected seconds above 0")
        if not (0 <= price < math.inf):
            raise SpecError(f"Model {name!r}: price={price}: expected what one item costs, 0 or more")
        self.name, self.answers, self.timeout, self.price = name, answers, timeout, price
        self.batch = batch or self._answering.batch
        self.parallel = parallel or self._answering.parallel

    def __repr__(self) -> str:
        return f"Model({self.name!r}, batch={self.batch}, timeout={self.timeout:g}, parallel={self.parallel})"

    @property
    def column(self) -> str:
        """The column with its labels."""
        return f"model:{self.name}"

    def __call__(self, task: Task, *args: Any, **named: Any) -> Awaitable[Any]:
        """Ask it what a task asks people, in the function of a pipeline: awaited, it gives the answer.

        It is asked once at each place, and what it said kept; None where it says nothing, or what nobody could have
        answered. Raises `RunError` where it fails, and `ArgumentError` anywhere else: there ask it by `ask(items)`.
        """
        asking = ASKING_MODELS.get()
        if asking is None or not isinstance(task, Task):
            raise ArgumentError(
                f"model {self.name!r}: in the function of a pipeline it is asked what a task asks, `await model(task, "
                f"…)`, elsewhere about items, `model.ask([…])`; got {shorten(task)}"
            )
        return asking(self, task, task.called_with(args, named))

    def ask(self, items: Sequence[Values], task: Task | None = None) -> list[Any]:
        """What it says of each of these items; raises whatever it raises, `TimeoutError`, or of a wrong shape."""
        given = in_time(lambda: self._answering.answer(list(items), task, self.timeout), self.timeout)
        given = given.tolist() if callable(getattr(given, "tolist", None)) else given
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise TypeError(f"expected a list of {len(items)} labels, got {shorten(given)}")
        if len(given) != len(items):
            raise ValueError(f"expected {len(items)} labels, one for each item, got {len(given)}")
        return list(given)


def in_time(call: Callable[[], Any], timeout: float, *, of: float | None = None) -> Any:
    """What the call gives; raises `TimeoutError` if it takes longer, and leaves it to itself.

    `of`: so many seconds there were, of which `timeout` are left.
    """
    ended = threading.Event()
    given: list[Any] = []
    raised: list[BaseException] = []
    in_thread(call, given.append, raised.append, ended.set)
    if not ended.wait(timeout):
        raise TimeoutError(f"no answer within {timeout if of is None else of:g} seconds")
    if raised:
        raise raised[0]
    return given[0]


def in_thread(
    call: Callable[[], Any],
    give: Callable[[Any], None],
    fail: Callable[[BaseException], None],
    end: Callable[[], None] = lambda: None,
) -> None:
    """Have a thread make the call and tell what came of it; nobody waits for one that never ends."""

    def run() -> None:
        try:
            found = call()
        except BaseException as error:
            fail(error)
        else:
            give(found)
        finally:
            end()

    threading.Thread(target=run, daemon=True, name="model").start()


def models_of(voters: Any) -> tuple[tuple[Model, ...], Mapping[str, Given] | None]:
    """The models among what a launch names as voters, and the columns of all; raises `SpecError`."""
    if voters is None or isinstance(voters, Mapping):
        return (), voters
    models = (voters,) if isinstance(voters, Model) else tuple(voters)
    columns: dict[str, Given] = {model.name: model.column for model in models}
    if len(columns) < len(models):
        raise SpecError(f"voters: expected models of different names, got {listed([model.name for model in models])}")
    return models, columns
