"""The decorators `pipeline` and `step`: a function that asks tasks, and work in it that is done once."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Collection
from concurrent import futures
from dataclasses import dataclass, field, replace
from functools import partial, update_wrapper
from types import FrameType
from typing import Any, ClassVar, Protocol, overload

from dataforge.arguments import entries, named_entry
from dataforge.durations import seconds
from dataforge.errors import SpecError
from dataforge.objects.base import shorten
from dataforge.objects.text import Text
from dataforge.pipelines.places import playing
from dataforge.pipelines.unawaited import StepCall
from dataforge.tasks.annotations import names_around
from dataforge.tasks.signature import inputs_of, words_of
from dataforge.tasks.task import Slot, Task

__all__ = ["Executor", "Pipeline", "Step", "pipeline", "step"]

RESULT = "result"
TRIES = 3


@entries
@dataclass(frozen=True)
class Pipeline:
    """A function that asks tasks. Made by the decorator `pipeline`; `df.launch` plays it over items.

    `form` has its inputs, by which items are read. `to_authors`: the ids of tasks that are asked of whose answers they
    show as well; True: all of them.
    """

    _made_by: ClassVar[str] = "@df.pipeline above an async function"

    function: Callable[..., Awaitable[Any]] = field(repr=False)
    form: Task
    to_authors: frozenset[str] | bool = False

    def asks_authors(self, task: str) -> bool:
        """Whether the task of that id is asked of those whose answers it shows as well."""
        return self.to_authors if isinstance(self.to_authors, bool) else task in self.to_authors

    @property
    def id(self) -> str:
        """The function's name."""
        return self.form.id

    def __call__(self, *args: Any, **named: Any) -> Awaitable[Any]:
        """Play it as a part of another one."""
        return self.function(*args, **named)


@overload
def pipeline(function: Callable[..., Any], /) -> Pipeline: ...


@overload
def pipeline(*, to_authors: Collection[Task] | bool) -> Callable[[Callable[..., Any]], Pipeline]: ...


@named_entry
def pipeline(
    function: Callable[..., Any] | None = None, *, to_authors: Collection[Task] | bool = False
) -> Pipeline | Callable[[Callable[..., Any]], Pipeline]:
    """Make a pipeline of an async function: parameters are an item's inputs; it awaits tasks as if they were functions.

    Awaited, a task gives an `Answered`: `.answer`, `.confidence`, `.flag`. Between its questions the function has to do
    the same whenever it is given the same: it is played again after a restart, with the answers there are. What looks
    at a clock, at chance or at the world goes into a `step`.

    A question that shows an answer, or a part of it, is asked of others than those who gave it. `to_authors`: the tasks
    that are asked of them as well, or True for all that the function asks.

    Raises `SpecError` if the function is not async, or its parameters are no inputs.
    """
    also = _ids_of(to_authors)

    def made(function: Callable[..., Any]) -> Pipeline:
        return replace(_made(function, sys._getframe(1)), to_authors=also)

    return made if function is None else replace(_made(function, sys._getframe(1)), to_authors=also)


def _ids_of(to_authors: Collection[Task] | bool) -> frozenset[str] | bool:
    if isinstance(to_authors, bool):
        return to_authors
    tasks = to_authors if isinstance(to_authors, list | tuple | set | frozenset) else ()
    if not tasks or not all(isinstance(task, Task) for task in tasks):
        raise SpecError(f"pipeline: to_authors: expected tasks in a list, or True, got {shorten(to_authors)}")
    return frozenset(task.id for task in tasks)


def _made(function: Callable[..., Any], where: FrameType) -> Pipeline:
    if not inspect.iscoroutinefunction(function):
        raise SpecError(f"pipeline: expected an async function under the decorator, got {shorten(function)}")
    identifier = function.__name__
    try:
        inputs = inputs_of(function, names_around(function, where))
        outputs = (Slot(RESULT, Text(), {"en": words_of(RESULT)}, required=False),)
        about = {"en": inspect.getdoc(function) or words_of(identifier)}
        form = Task(identifier, {"en": words_of(identifier)}, about, 1.0, inputs, outputs)
    except SpecError as error:
        raise SpecError(f"pipeline {identifier!r}: {error}") from None
    return Pipeline(function, form)


class Executor(Protocol):
    """Who does work elsewhere: an executor of `concurrent.futures`, a client of Dask."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        """Begin the work; what this gives has a `result`."""
        ...


class Step:
    """A function whose work is done once for each place where it is called; made by the decorator `step`."""

    def __init__(
        self, function: Callable[..., Any], tries: int, timeout: float | None = None, on: Executor | None = None
    ) -> None:
        self._function, self._tries, self._timeout, self._on = function, tries, timeout, on
        self._signature = inspect.signature(function)
        update_wrapper(self, function)

    def __call__(self, *args: Any, **named: Any) -> Awaitable[Any]:
        """Awaited, do the work in a thread, or give what it gave before; raises what it raises at the last try."""
        given = self._signature.bind(*args, **named).arguments
        player, name = playing(), self._function.__name__
        call = StepCall(name, lambda: player.step(name, given, partial(self._work, args, named), self._tries))
        player.called(call)
        return call

    def __reduce__(self) -> str:
        return self._function.__qualname__

    def _work(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        do = partial(self._function, *args, **named)
        if isinstance(self._on, futures.Executor):
            # Another process finds the step by its name; the function below the decorator has none there.
            do = partial(_elsewhere, self._on, partial(_done_there, self, args, named))
        elif self._on is not None:
            do = partial(_elsewhere, self._on, do)
        if self._timeout is None:
            return do()
        try:
            # Here: with what asks models the command line would be there a third later.
            from dataforge.models import in_time

            return in_time(do, self._timeout)
        except TimeoutError:
            raise TimeoutError(f"{self._function.__name__}: not done within {self._timeout:g} seconds") from None


def _done_there(step: Step, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return step._function(*args, **named)


def _elsewhere(on: Executor, work: Callable[[], Any]) -> Any:
    # Dask takes work that it has seen for done, also if it failed, unless it is told otherwise.
    again = {"pure": False} if "pure" in inspect.signature(on.submit).parameters else {}
    return on.submit(work, **again).result()


@overload
def step(function: Callable[..., Any], /) -> Step: ...


@overload
def step(*, timeout: str | float | None = None, on: Executor | None = None) -> Callable[[Callable[..., Any]], Step]: ...


@named_entry
def step(
    function: Callable[..., Any] | None = None, *, timeout: str | float | None = None, on: Executor | None = None
) -> Step | Callable[[Callable[..., Any]], Step]:
    """Make a step of a function: work of a pipeline outside people, tried up to three times, and what it gave kept.

    Arguments and result are what JSON can hold. In a pipeline it is awaited: `await embed(text)`. A try that takes
    longer than `timeout`, as "5m", fails. `on` does the work instead of this process: an executor of
    `concurrent.futures`, or a client of Dask.
    """
    longest = None if timeout is None else seconds(timeout, "step: timeout")
    if on is not None and not callable(getattr(on, "submit", None)):
        raise SpecError(f"step: on: expected an executor or a Dask client, which has submit, got {shorten(on)}")

    def made(function: Callable[..., Any]) -> Step:
        if inspect.iscoroutinefunction(function) or not callable(function):
            raise SpecError(f"step: expected a plain function under the decorator, got {shorten(function)}")
        return Step(function, TRIES, longest, on)

    return made if function is None else made(function)
