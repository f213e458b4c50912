"""`dataforge correct`: the right answer to an item, given by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven
from dataforge.errors import SpecError

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    item: Annotated[str, typer.Argument(help="The item's id.")],
    answers: Annotated[
        list[str] | None, typer.Argument(help="The right answer; with several outputs output=answer for each.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Use a control item no more, instead.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said of the item, instead.")] = False,
    more: Annotated[
        int, typer.Option("--more", min=0, metavar="N", help="Have so many more workers answer the item, instead.")
    ] = 0,
    aside: Annotated[bool, typer.Option("--aside", help="Leave the item out of the results, instead.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say the right answer to an item.

    Of a control item it is the known answer from now on: pages that were rejected for it are judged again, and none is
    rejected that was accepted. Of another item it is the final answer. An item may also be sent back for more answers,
    or left out of the results.

    Examples:

        dataforge results photos --what control
        dataforge correct photos gold-7 cat
        dataforge correct photos gold-8 --withdraw
        dataforge correct photos item-3 animal=dog size=big
        dataforge correct photos item-3 --more 2
        dataforge correct photos item-4 --aside
        dataforge correct photos item-3 --undo
    """
    from dataforge.runs.handle.run import open_run

    if withdraw + undo + bool(more) + aside + bool(answers) != 1:
        raise SpecError("give the item's right answer, or --more, --aside, --withdraw or --undo, and one of them only")
    place = needed_workspace(workspace)
    with open_run(name, place) as run:
        if withdraw:
            run.withdraw(item)
            done = "is no control item any more"
        elif undo:
            run.uncorrect(item)
            done = "is as it was before"
        elif more:
            run.ask_more(item, more)
            done = f"goes to {more} more workers"
        elif aside:
            run.set_aside(item)
            done = "is left out of the results"
        else:
            run.correct(item, _by_output(answers or []))
            done = "is corrected"
    if as_json:
        print_json({"run": name, "item": item, "withdrawn": withdraw, "undone": undo, "more": more, "aside": aside})
        return
    print(f"run {name!r}: the item {item} {done}")
    tell_undriven(place, name)


def _by_output(answers: list[str]) -> str | dict[str, str]:
    """One answer as it is, several by the outputs that they name."""
    if len(answers) == 1:
        return answers[0]
    if odd := [answer for answer in answers if "=" not in answer]:
        raise SpecError(f"expected output=answer for each of several outputs, got {odd[0]!r}")
    return dict(answer.split("=", 1) for answer in answers)
