"""The option that says which columns have labels of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._policy import QUALITY
from dataforge.errors import SpecError

if TYPE_CHECKING:
    from dataforge.models import Model

__all__ = ["VotersOption", "voters_among", "voters_of"]

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


def voters_among(columns: dict[str, str] | None, models: Sequence[Model]) -> dict[str, str] | Sequence[Model] | None:
    """What votes beside people: columns of labels that there are, or models that are asked."""
    if columns and models:
        raise SpecError("--voter and --model: labels in columns and models that are asked do not go together; use one")
    return models or columns
