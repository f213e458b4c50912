"""The option that names models which are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._policy import QUALITY
from dataforge.cli._source import found_in
from dataforge.errors import SpecError

if TYPE_CHECKING:
    from dataforge.models import Model

__all__ = ["CheckersOption", "ModelsOption", "models_named"]

ModelsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="FILE.py:NAME",
        help="A df.Model of a Python file, which is asked and votes beside people; or NAME=ADDRESS of a service. "
        "As often as there are models.",
        rich_help_panel=QUALITY,
    ),
]

CheckersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--checker",
        metavar="FILE.py:NAME",
        help="The same, asked as answers come, and says beside the people who judge them whether they are right.",
        rich_help_panel=QUALITY,
    ),
]


def models_named(given: list[str] | None, option: str = "--model") -> list[Model]:
    """The models that are named so."""
    from dataforge.models import Model

    found = []
    for one in given or ():
        name, equals, address = one.partition("=")
        if equals and "://" in address and "://" not in name:
            found.append(Model(name, address))
        elif ".py" in one:
            found.append(found_in(one, Model, "model", "write NAME = df.Model(…)"))
        else:
            raise SpecError(f"{option}: expected FILE.py:NAME, or NAME=http://…, got {one!r}")
    return found
