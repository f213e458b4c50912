"""Where in a function something is asked: the same place whenever the function is played, however answers come in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, ContextVar, copy_context
from typing import Any, Protocol

from dataforge.errors import SpecError
from dataforge.pipelines.unawaited import StepCall

__all__ = ["PLAYER", "Place", "Steps", "begin", "current", "numbering_tasks", "order", "playing"]


class Place:
    """One line of play: the function itself, or a coroutine that it plays beside others, as `asyncio.gather` does.

    Lines are numbered in the order in which the function begins them and questions in the order in which a line asks
    them, so that a number does not hang on which answer came first.
    """

    def __init__(self, item: int, prefix: str = "", led_here: frozenset[str] = frozenset()) -> None:
        self.item = item
        self._led_here = self._begun_with = led_here
        self._prefix = prefix
        self._asked = 0
        self._beside = 0

    @property
    def after(self) -> tuple[str, ...]:
        """The places whose answers led here, without those that led to these."""
        return tuple(sorted(self._led_here, key=order))

    def next(self) -> str:
        """The place of the next question of this line."""
        self._asked += 1
        return f"{self._prefix}{self._asked}"

    def beside(self) -> Place:
        """A line that is played beside this one."""
        self._beside += 1
        return Place(self.item, f"{self._prefix}{self._asked}-{self._beside}.", self._led_here)

    def given(self, place: str, after: tuple[str, ...]) -> None:
        """Go on from the answer at a place, which was asked after others."""
        self._led_here = self._led_here.difference(after) | {place}

    def joined(self, line: Place) -> None:
        """Go on from where a line that was played beside this one has ended."""
        if line._led_here != line._begun_with:
            self._led_here = (self._led_here - line._begun_with) | line._led_here


class Steps(Protocol):
    """Who plays a function, as its steps see it."""

    async def step(self, name: str, inputs: Mapping[str, Any], work: Callable[[], Any], tries: int) -> Any:
        """Do work once, and give what it gave."""
        ...

    def called(self, call: StepCall) -> None:
        """Take note of a step that is to be awaited."""
        ...


_HERE: ContextVar[Place] = ContextVar("place")
PLAYER: ContextVar[Steps] = ContextVar("player")
"""Who plays the function."""


def current() -> Place:
    """The line that is being played; raises `SpecError` outside of a pipeline."""
    try:
        return _HERE.get()
    except LookupError:
        raise SpecError(
            "this is asked in the function of a pipeline only, by the function itself or what it awaits"
        ) from None


def playing() -> Steps:
    """Who plays the function; raises `SpecError` outside of a pipeline."""
    current()
    return PLAYER.get()


def begin(item: int) -> Place:
    """Play an item from here on, in this context."""
    line = Place(item)
    _HERE.set(line)
    return line


def order(place: str) -> tuple[int, ...]:
    """By this places are sorted: lines one after the other, each as it asks."""
    return tuple(int(number) for number in place.replace("-", ".").split("."))


def numbering_tasks(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], context: Context | None = None, **more: Any
) -> asyncio.Task[Any]:
    """Make an asyncio task that plays on a line of its own if a line makes it: an event loop's task factory."""
    context = copy_context() if context is None else context
    here = context.get(_HERE)
    if here is None:
        return asyncio.Task(coroutine, loop=loop, context=context, **more)
    line = here.beside()
    context.run(_HERE.set, line)
    task = asyncio.Task(coroutine, loop=loop, context=context, **more)
    if (maker := asyncio.current_task(loop)) is not None:
        task.set_name(maker.get_name())  # that of the item
    # Before whoever waits for the task: they go on from where it has ended.
    task.add_done_callback(lambda _: here.joined(line))
    return task
