"""Questions and steps that a function asks and uses before it has awaited them: one clear error, with the line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from dataforge.errors import SpecError

__all__ = ["Line", "StepCall", "Unawaited", "line_of_caller"]

OURS = tuple(f"{folder}{os.sep}" for folder in (Path(__file__).parents[1], Path(asyncio.__file__).parent))
"""Where code is that is not the user's."""
MODEL = "model:"
ANSWERED = ("answer", "answers", "confidence", "confidences", "flag", "single")
"""What an answer has, which a question has not yet."""


class Line(NamedTuple):
    """A line of the user's code."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.number}"


def line_of_caller() -> Line:
    """The line, outside of DataForge and asyncio, that is being done."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return Line(frame.f_code.co_filename, frame.f_lineno)


def _is_ours(file: str) -> bool:
    return file.startswith(OURS)


class Unawaited:
    """What has to be awaited: whoever uses it as if it were the answer is told so."""

    what: str
    line: Line

    def refuse(self, line: Line) -> NoReturn:
        """Raise what is told of it where it is used."""
        asked = "" if line == self.line else f", asked at {self.line}"
        raise SpecError(
            f"{line}: {self._call}{asked} is a question without its answer: await is missing; write "
            f"`await {self._call}`"
        )

    @property
    def _call(self) -> str:
        """How its call is written; a model is called with a task."""
        name = self.what.removeprefix(MODEL)
        if name == self.what:
            return f"{name}(…)"
        return f"{name}(task, …)" if name.isidentifier() else "model(task, …)"

    def _refused(self, *_: Any) -> Any:
        self.refuse(line_of_caller())

    def _compared(self, equal: bool, other: object) -> bool:
        # Event loops keep futures in sets and lists, and look for them there.
        if isinstance(other, Unawaited | asyncio.Future):
            return (self is other) is equal
        return bool(self._refused())

    def __getattr__(self, name: str) -> Any:
        if name in ANSWERED:
            self._refused()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        return self._compared(True, other)

    def __ne__(self, other: object) -> bool:
        return self._compared(False, other)

    def __hash__(self) -> int:
        return id(self)

    __bool__ = __len__ = __getitem__ = __contains__ = __str__ = __format__ = _refused
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __mul__ = _refused


class StepCall(Unawaited, Coroutine[Any, Any, Any]):
    """A step that was called; its work begins when it is awaited."""

    def __init__(self, what: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.what, self.line = what, line_of_caller()
        self._work = work
        self._begun: Coroutine[Any, Any, Any] | None = None

    @property
    def begun(self) -> bool:
        """Whether somebody has awaited it."""
        return self._begun is not None

    def _begin(self) -> Coroutine[Any, Any, Any]:
        self._begun = self._begun if self._begun is not None else self._work()
        return self._begun

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._begin().__await__()

    def send(self, value: Any) -> Any:
        """Go on, as coroutines do."""
        return self._begin().send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an error where it waits, as coroutines do."""
        return self._begin().throw(*error)

    def close(self) -> None:
        """End it, as coroutines do."""
        if self._begun is not None:
            self._begun.close()
