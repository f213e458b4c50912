"""Which files a question may show: those of its item and those that steps gave, never one that a worker has named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from dataforge.errors import DataError
from dataforge.objects.base import PARTS, shorten
from dataforge.tasks.task import Task

__all__ = ["refuse_files_of_others", "texts_in"]


def texts_in(value: Any) -> Iterator[str]:
    """All texts that a value holds, paths among them."""
    if isinstance(value, str | PurePath):
        yield str(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


def refuse_files_of_others(task: Task, inputs: Mapping[str, Any], ours: Collection[str]) -> None:
    """Raise `DataError` for a file or an address that is none of `ours`: what a worker writes opens nothing here."""
    for slot in task.inputs:
        value = inputs.get(slot.name)
        if not slot.type.media or (isinstance(value, Mapping) and value.keys() - set(PARTS) == {"media"}):
            continue
        for text in texts_in(value):
            if text not in ours:
                raise DataError(
                    f"task {task.id!r}, input {slot.name!r}: expected a file or an address that the item has or a step "
                    f"gave, got {shorten(text)}; what workers answer opens no files: where you trust it, pass it "
                    "through a @df.step that looks at it"
                )
