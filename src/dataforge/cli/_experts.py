"""What the commands that ask experts share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from dataforge.errors import SpecError

__all__ = ["ExpertNames", "ExpertPrice", "Experts", "experts_of"]

Experts = Annotated[int | None, typer.Option(min=1, help="How many experts are asked about each item.")]
ExpertNames = Annotated[
    list[str] | None, typer.Option("--expert", help="An expert by name, who gets a link of their own; may be repeated.")
]
ExpertPrice = Annotated[
    float, typer.Option(min=0.0, help="What a page of up to five items is paid; nothing by default.")
]


def experts_of(count: int | None, names: Sequence[str] | None, otherwise: int) -> int | list[str]:
    """How many, or who; raises `SpecError` if both are said."""
    if count is not None and names:
        raise SpecError("--experts and --expert: say how many experts, or who they are, and not both")
    return list(names) if names else otherwise if count is None else count
