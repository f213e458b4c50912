"""What a function passes on, as JSON, and which earlier answers about an item that has in it.

Values carry no names of those who gave them: many are plain texts and numbers, and when the function is played again
all are made anew. So an answer is known by its contents, as a question is by its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Literal

import msgspec

from dataforge.errors import DataError, SpecError
from dataforge.objects.base import shorten
from dataforge.objects.image import Image
from dataforge.pipelines.questions import Answered, Source
from dataforge.pipelines.unawaited import Unawaited

__all__ = ["Contents", "as_json"]

PICTURE = Image().of_item({"file": "picture"})
"""Any picture, which says by what a shape would crop it."""


def as_json(value: Any, order: Literal["deterministic"] | None = None) -> bytes:
    """A value as JSON; raises `SpecError` if it is none."""
    try:
        return msgspec.json.encode(value, enc_hook=_plain, order=order)
    except SpecError:
        raise
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise SpecError(f"expected a value that JSON can hold, got {shorten(value)} ({error})") from None


def _plain(value: Any) -> Any:
    """What arrays, answers and what an item shows are in JSON."""
    if isinstance(value, Answered):
        return value.answer
    if isinstance(value, Unawaited):
        value.refuse(value.line)
    if inspect.iscoroutine(value):
        raise SpecError(f"{value.__name__}(…) is a coroutine: await is missing; write `await {value.__name__}(…)`")
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is none of JSON's values")


class Contents:
    """Which answers about one item are in what the function asks next: whole, or in part.

    A part is a shape, a segment, a mark, a text that is an answer or stands in one, or the place of such a part in the
    whole, by which a picture is cropped or a sound cut. Numbers, yes and no count for none, as
    they say nothing of where they are from; texts only where they are an input or stand right in it: labels of shapes
    are many people's. What the item itself says is nobody's answer.
    """

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self._inputs = inputs
        self._noted: list[tuple[Iterable[Any], Collection[Source]]] = []
        self._own: set[Hashable] = set()
        self._sources: dict[Hashable, set[Source]] = {}

    def note(self, values: Iterable[Any], sources: Collection[Source]) -> None:
        """Note that values are, or were made of, the answers to these questions."""
        if sources:
            self._noted.append((values, sources))

    def told(self, inputs: Mapping[str, Any]) -> frozenset[Source]:
        """The questions whose answers are in these inputs."""
        if not self._noted and not self._sources:
            return frozenset()
        self._enter()
        return frozenset().union(*(self._told(one)[1] for one in _plainly(inputs).values()))

    def _enter(self) -> None:
        """Enter what was noted; not before something is asked: most of what is played again asks nothing."""
        if not self._own:
            self._own = {part for value in _plainly(self._inputs).values() for part in _parts(value)}
        for values, sources in self._noted:
            for value in (one for one in _plainly(list(values)) if one is not None):
                for part in (_key(value), *_parts(value)):
                    self._sources.setdefault(part, set()).update(sources)
        self._noted = []

    def _told(self, value: Any, deep: int = 0) -> tuple[Hashable, Collection[Source]]:
        """The key of a value, and the questions whose answers it has: those of its parts where it is none itself."""
        inner: list[tuple[Hashable, Collection[Source]]] = []
        if isinstance(value, dict):
            inner = [self._told(one, deep + 1) for one in value.values()]
            key: Hashable = frozenset(zip(value, (found for found, _ in inner), strict=True))
        elif isinstance(value, list):
            inner = [self._told(one, deep + 1) for one in value]
            key = tuple(found for found, _ in inner)
        else:
            key = value
        if value and key in self._own:
            return key, ()
        if deep:
            known = _is_part(value) and (deep == 1 or not isinstance(value, str))
        else:
            known = isinstance(value, dict | list | str)
        found = known and self._sources.get(key)
        return key, found or {source for _, sources in inner for source in sources}


def _plainly(value: Any) -> Any:
    """A value as it is once it was written down as JSON."""
    return msgspec.json.decode(as_json(value))


def _is_part(value: Any) -> bool:
    """Whether a value says enough to be known by it where it stands in another."""
    return isinstance(value, dict | list | str) and len(value) > 0


def _key(value: Any) -> Hashable:
    if isinstance(value, dict):
        return frozenset((name, _key(one)) for name, one in value.items())
    return tuple(map(_key, value)) if isinstance(value, list) else value


def _parts(value: Any) -> Iterator[Hashable]:
    """Keys of a value and of all that it holds."""
    if _is_part(value):
        yield _key(value)
    if isinstance(value, dict):
        yield from _places(value)
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _parts(one)


def _places(part: Mapping[str, Any]) -> Iterator[Hashable]:
    """Where in the whole a shape is, or a segment or a mark: what a piece is cut by."""
    with suppress(DataError):
        yield tuple(PICTURE.crop(part)["crop"])
    if "start" in part and "end" in part:
        # Of a line they are places themselves, and of another thing whatever its maker wrote.
        yield _key(part["start"]), _key(part["end"])
