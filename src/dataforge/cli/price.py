"""`dataforge price`: what a page may hold and cost, before there is a task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._known import known_answers
from dataforge.cli._policy import QUALITY, PricePerHour, number_of
from dataforge.cli._shared import EncodingOption, JsonOption, print_json

if TYPE_CHECKING:
    from dataforge.pricing.page_options import PriceOptions

__all__ = ["command"]


def command(
    duration: Annotated[str, typer.Option(help="How long one item takes: 9s, 2min.")],
    options: Annotated[
        int | None,
        typer.Option(help="How many answers an item has to choose from; by default 2, or as many as --known has."),
    ] = None,
    language: Annotated[str, typer.Option(help="The language of the workers, which prices go by.")] = "en",
    accept_ratio: Annotated[
        str | None,
        typer.Option(
            "--accept-ratio",
            "--control-ratio",
            help="Share of control items that must be right for a page to be accepted.",
            rich_help_panel=QUALITY,
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="no-control, mild, moderate or strict.", rich_help_panel=QUALITY)
    ] = None,
    price_per_hour: PricePerHour = None,
    known: Annotated[
        Path | None,
        typer.Option(help="A file with known answers, .csv, .jsonl …: guesses that know how often each comes."),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="The column of --known with the answers; by default `answer`, or the only one.")
    ] = None,
    encoding: EncodingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a page may hold and cost, and which one is chosen, before there is a task.

    Examples:

        dataforge price --duration 9s --language ru --options 3
        dataforge price --duration 9s --options 3 --accept-ratio 0.6 --json
        dataforge price --duration 9s --known control.csv --column animal
    """
    from dataforge.pricing.page_options import price_options

    found = price_options(
        duration,
        options=options,
        language=language,
        accept_ratio=None if accept_ratio is None else number_of("control_ratio", accept_ratio),
        price_per_hour=None if price_per_hour is None else number_of("price_per_hour", price_per_hour),
        preset=preset,
        known=known_answers(known, column, encoding),
    )
    if as_json:
        rows = found.table.to_dict("records")
        chosen = rows[found.pages.index(found.chosen)]
        print_json({"chosen": chosen, "options": rows, "notices": [notice["en"] for notice in found.notices]})
        return
    print(found)
    _show(found)


def _show(found: PriceOptions) -> None:
    """Show the pages around the chosen one first; a table of 150 pages says little."""
    from dataforge.cli._tables import ROWS_SHOWN, show

    place = found.pages.index(found.chosen)
    first = max(place - ROWS_SHOWN // 2, 0)
    table = found.table.iloc[first:].reset_index(drop=True)
    # In the first column, which each part of a wide table begins with.
    price = table.columns[0]
    table[price] = [f"{'→' if row == place - first else ' '} {value:.3f}" for row, value in enumerate(table[price])]
    show(table, "--json")
