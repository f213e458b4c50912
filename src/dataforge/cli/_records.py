"""Options that belong together, told once as the fields of a dataclass, and a command that takes them as one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints

__all__ = ["with_records"]


def with_records(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of the dataclasses among its arguments, which it gets made of them."""
    signature = inspect.signature(command, eval_str=True)
    records: dict[str, Any] = {
        one.name: one.annotation for one in signature.parameters.values() if is_dataclass(one.annotation)
    }
    names = {name: [one.name for one in fields(record)] for name, record in records.items()}

    @wraps(command)
    def told(**options: Any) -> None:
        made = {
            name: record(**{field: options.pop(field) for field in names[name]}) for name, record in records.items()
        }
        command(**options, **made)

    asked = [option for one in signature.parameters.values() for option in _options(one)]
    setattr(told, "__signature__", signature.replace(parameters=asked))  # noqa: B010 - no attribute to mypy
    return told


def _options(argument: inspect.Parameter) -> Iterator[inspect.Parameter]:
    """What is asked for an argument: itself, or the fields of its record."""
    if not is_dataclass(argument.annotation):
        yield argument.replace(kind=argument.KEYWORD_ONLY)
        return
    hints = get_type_hints(argument.annotation, include_extras=True)
    for one in fields(argument.annotation):
        default = argument.empty if one.default is MISSING else one.default
        yield inspect.Parameter(one.name, argument.KEYWORD_ONLY, default=default, annotation=hints[one.name])
