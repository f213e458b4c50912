"""`dataforge cost`: where a run's money is."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_server, print_json
from dataforge.pricing.amounts import in_full, money
from dataforge.records import MICRO

__all__ = ["command"]

LINES = (
    ("submitted", "sent in"),
    ("accepted", "  accepted"),
    ("rejected", "  rejected"),
    ("pending", "  waits for a verdict"),
    ("accepted_after_all", "accepted after a rejection"),
    ("taken_back", "rejected after all"),
    ("bonuses", "bonuses"),
    ("on_top", "on top, to the wage floor"),
    ("on_top_back", "of that gone back"),
    ("earned", "earned by workers"),
    ("reserved", "reserved for pages that are out"),
    ("spent", "spent and reserved"),
    ("budget", "budget"),
    ("planned", "an hour by the hint"),
    ("hourly", "an hour as measured"),
    ("wage_floor", "wage floor"),
)
MOST = 500
"""So many workers come with one reply."""
MEASURED = ("planned", "hourly")
"""No sums of the ledger."""
ALWAYS = ("submitted", "accepted", "rejected", "pending", "earned", "spent")


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where a run's money is: earned, waiting, rejected, bonuses, what came on top, reserved, and what is left.

    Examples:

        dataforge cost photos
        dataforge cost photos --json
    """
    server = needed_server(workspace)
    path = f"/api/runs/{quote(name, safe='')}/money?limit={MOST}"
    found: dict[str, Any] = server.get(path)
    if as_json:
        workers = found["workers"]
        while len(workers) < found["count"] and (more := server.get(f"{path}&offset={len(workers)}")["workers"]):
            workers += more
        print_json(found)
        return
    for key, words in LINES:
        if found[key] or key in ALWAYS:
            amount, currency = found[key], found["currency"]
            told = money(amount / MICRO, currency) if key in MEASURED else in_full(amount, currency)
            print(f"{words:<34} {told['en']:>12}")
