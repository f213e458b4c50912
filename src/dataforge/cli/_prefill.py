"""The option that says where drafts are."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.errors import SpecError

__all__ = ["PrefillOption", "prefill_of"]

PrefillOption = Annotated[
    list[str] | None,
    typer.Option(
        "--prefill",
        metavar="COLUMN",
        help="The column with drafts, with which workers begin; of several outputs OUTPUT=COLUMN, once for each.",
    ),
]


def prefill_of(given: list[str] | None) -> str | dict[str, str] | None:
    """The column, or that of each output."""
    if not given:
        return None
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    pairs = [one.partition("=") for one in given]
    if wrong := [output for output, _, column in pairs if not column]:
        raise SpecError(f"--prefill: expected OUTPUT=COLUMN, got {wrong[0]!r}")
    return {output: column for output, _, column in pairs}
