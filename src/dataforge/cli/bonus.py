"""`dataforge bonus`: a worker of a run is paid an amount beside the prices of their pages."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven
from dataforge.errors import SpecError
from dataforge.objects.number import Number

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    worker: Annotated[
        str, typer.Argument(help="The worker's id, as in `results --what workers`, its beginning, or the name.")
    ],
    amount: Annotated[str, typer.Argument(help="How much, in the run's currency; it counts against the budget.")],
    reason: Annotated[
        str, typer.Option("--reason", help="What the worker reads, as it stands; say nothing of control items.")
    ] = "",
    key: Annotated[
        str | None,
        typer.Option("--key", help="Names the bonus: given again under it nothing is paid. Else each one is another."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pay a worker an amount beside the prices of their pages.

    Nothing takes it back. Where the budget does not pay for it you are told so, and nothing is paid.

    Examples:

        dataforge results photos --what workers
        dataforge bonus photos 3f9a0c7e 0.50 --reason "Thank you!" --key june
    """
    from dataforge.pricing.amounts import in_full
    from dataforge.records import MICRO
    from dataforge.runs.handle.run import open_run

    place, paid = needed_workspace(workspace), _amount(amount)
    with open_run(name, place) as run:
        currency = run.status().currency
        run.bonus(worker, paid, reason, key=key)
    if as_json:
        print_json({"run": name, "worker": worker, "amount": paid, "currency": currency, "key": key, "reason": reason})
        return
    sum_paid = in_full(round(paid * MICRO), currency)["en"]
    again = "" if key is None else f"; under the key {key!r} it is paid once, however often it is given"
    print(f"run {name!r}: a bonus of {sum_paid} for {worker}{again}")
    tell_undriven(place, name)


def _amount(text: str) -> float:
    found = Number().from_text(text)
    if not isinstance(found, float):
        raise SpecError(f"amount: expected one such as 0.5, got {text!r}; write the number alone")
    return found
