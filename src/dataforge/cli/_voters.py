"""The option that says which columns have labels of models."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._policy import QUALITY
from dataforge.errors import SpecError

__all__ = ["VotersOption", "voters_of"]

VotersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--voter",
        metavar="MODEL=COLUMN",
        help="A model whose labels, in a column, join people's answers; as often as there are models.",
        rich_help_panel=QUALITY,
    ),
]


def voters_of(given: list[str] | None) -> dict[str, str] | None:
    """The column of each model."""
    if not given:
        return None
    pairs = [one.partition("=") for one in given]
    if wrong := [whole for whole, (name, _, column) in zip(given, pairs, strict=True) if not name or not column]:
        raise SpecError(f"--voter: expected MODEL=COLUMN, such as cnn=cnn_label, got {wrong[0]!r}")
    return {name: column for name, _, column in pairs}
