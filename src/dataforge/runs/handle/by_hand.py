"""Right answers that a requester gives by hand, in the forms in which control items have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataforge.errors import DataError
from dataforge.objects.base import listed, shorten
from dataforge.records import Values
from dataforge.task import Task

__all__ = ["given_answers"]


def given_answers(task: Task, answer: Any) -> Values:
    """The answers by output in JSON form; raises `DataError` for what is no answer.

    `answer` is a value, or `{output: value}`; texts are read as in a CSV file.
    """
    names = [slot.name for slot in task.outputs]
    if not isinstance(answer, Mapping):
        if len(names) > 1:
            raise DataError(
                f"answer: expected {{output: value}} for the outputs {listed(names)}, got {shorten(answer)}"
            )
        answer = {names[0]: answer}
    if unknown := [name for name in answer if name not in names]:
        raise DataError(f"answer: {unknown[0]!r} is no output; outputs are: {listed(names)}")
    return {name: _value(task, name, value) for name, value in answer.items() if value is not None}


def _value(task: Task, name: str, value: Any) -> Any:
    kind = task.output(name).type
    try:
        return kind.to_json(kind.from_text(value) if isinstance(value, str) else value)
    except DataError as error:
        raise DataError(f"answer, output {name!r}: {error}") from None
