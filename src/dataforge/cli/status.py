"""`dataforge status`: the runs of a workspace, or one of them."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataforge.catalogue import here, own_language, say
from dataforge.cli._shared import (
    UNDRIVEN,
    JsonOption,
    Requester,
    WorkspaceOption,
    console,
    found_server,
    needed_workspace,
    path_of_run,
    print_json,
)
from dataforge.errors import PlatformError, SpecError
from dataforge.pricing.amounts import money
from dataforge.texts import pick
from dataforge.workspace import Workspace, outside

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from dataforge.runs.handle.listing import RunInfo
    from dataforge.runs.handle.run import Run

__all__ = ["command"]

WATCH_EVERY = 1.0
HEADINGS = ("told_stage", "told_final", "told_given", "told_sure", "told_control", "told_spent", "told_driven")
WORDS = ("told_stage", "told_driven")
LONGEST_NAME = 17
"""A run's name up to this long is kept on one line of a terminal with 80 columns."""


def command(
    name: Annotated[str | None, typer.Argument(help="One run; by default all runs of the workspace.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Also runs that were put aside.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every second until Ctrl-C.")] = False,
    rehearsed: Annotated[
        bool,
        typer.Option("--forecast", help="Rehearse the one run to its end and tell what comes of it: takes seconds."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how runs stand, who drives them, what they cost, and the links.

    Exits with 1 if the files of one of them cannot be read; the others are shown all the same. The link to your own
    pages signs in whoever opens it within ten minutes; later ask for another one.

    Examples:

        dataforge status
        dataforge status photos --watch
        dataforge status photos --json
        dataforge status photos --forecast --json
    """
    if rehearsed and (name is None or watch):
        raise SpecError("--forecast: rehearses one run, once: name it, without --watch")
    place = needed_workspace(workspace)
    if watch and not as_json:
        _watch(console(), place, name, archived=archived)
        return
    opened: dict[str, Run] = {}
    # What is read by programs is the same everywhere.
    language = "en" if as_json else own_language()
    report = _report(place, name, opened, language, archived=archived)
    if rehearsed:
        _rehearse(report, opened, language)
    if as_json:
        print_json(report)
    else:
        print("\n".join(_links(report)), end="\n\n", flush=True)
        console().print(_drawn(report))
    if any(run["stage"] == UNREADABLE["stage"] for run in report["runs"]):
        raise typer.Exit(1)


# Of a run whose files or plug-ins do not load only this can be told.
UNREADABLE = {
    "stage": "unreadable",
    "ended": False,
    **dict.fromkeys(("items_final", "items_flagged", "items_total", "responses", "workers"), 0),
    **dict.fromkeys(("pages_accepted", "pages_rejected", "pages_pending", "cost"), 0),
    "mean_confidence": None,
    "control_accuracy": None,
    "currency": "",
}


def _report(
    place: Workspace, name: str | None, opened: dict[str, Run], language: str, *, archived: bool
) -> dict[str, Any]:
    """All that is known of the workspace's runs, or of one, as JSON values, what is in words in a language.

    `opened` keeps the runs from one look to the next, so that what was read of a log once is not read again.
    """
    from dataforge.runs.handle.listing import list_runs
    from dataforge.runs.handle.run import open_run

    server = found_server(place)
    everything = list_runs(place, archived=True)
    infos = [info for info in everything if archived or name is not None or not info.archived]
    runs = [_run(place, info, opened, server, language) for info in infos if name in (None, info.name, info.judges)]
    if name is not None and not runs:
        open_run(name, place)  # says which runs there are
    report: dict[str, Any] = {
        "workspace": str(place.root),
        "server": None if server is None else server.url,
        "login": None if server is None else place.sign_in_link(f"{server.url}/runs"),
        "no_server": _why_none(place, language) if server is None else None,
        "runs": runs,
        "archived": sum(info.archived for info in everything),
    }
    if name is not None and server is not None:
        report["invitation"] = _invitation(server, name)
    return report


def _rehearse(report: dict[str, Any], opened: dict[str, Run], language: str) -> None:
    """Have each run that goes on tell what comes of it, under `rehearsed`, and one that has ended say so."""
    for run in report["runs"]:
        going = run["name"] in opened and not run["ended"]
        told = opened[run["name"]].forecast() if going else None
        run["rehearsed"] = None if told is None else asdict(told)
        if told is not None:
            run["forecast"] = told.told_in(language)
        elif run["ended"]:
            run["forecast"] = pick(say("told_over"), language)


def _why_none(place: Workspace, language: str) -> str:
    """Why the pages cannot be looked at now, and what to do."""
    address = place.running_server()
    if address is None:
        return pick(say("told_no_server"), language)
    return f"the server at {address.url} (process {address.pid}) does not answer: dataforge stop, then dataforge serve"


def _run(
    place: Workspace, info: RunInfo, opened: dict[str, Run], server: Requester | None, language: str
) -> dict[str, Any]:
    from dataforge.runs.handle.run import open_run

    try:
        if info.name not in opened:
            opened[info.name] = open_run(info.name, place)
        found = opened[info.name].status()
        # A card of a terminal and JSON alike are made of all languages.
        texts = {"notices": [one.texts for one in found.notices], "promise": found.promise and found.promise.texts}
        status = {**asdict(found), **texts, "forecast": found.forecast_in(language)}
        if not (status["ended"] or info.driven or info.archived) and server is None:
            status["notices"] = ({"en": UNDRIVEN}, *status["notices"])
    except Exception as error:  # also what the plug-ins of other packages raise: the other runs are still told
        # Another one may be launched under its name.
        opened.pop(info.name, None)
        status = {**UNREADABLE, "name": info.name, "notices": ({"en": f"cannot be read: {error}"},)}
    told = {"task": info.task, "created": info.created, "ending": info.ending, "driven": info.driven}
    told["judges"] = info.judges or None
    return {**status, **told, "archived": info.archived}


def _invitation(server: Requester, name: str) -> str | None:
    try:
        path = server.get(path_of_run(name)).get("invitation_path")
    except PlatformError:
        return None
    return None if path is None else outside(f"{server.url}{path}")


def _watch(out: Console, place: Workspace, name: str | None, *, archived: bool) -> None:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    opened: dict[str, Run] = {}

    def drawn() -> RenderableType:
        report = _report(place, name, opened, own_language(), archived=archived)
        return Group(Text("\n".join(_links(report)), overflow="fold"), Text(), _drawn(report))

    with Live(drawn(), console=out, auto_refresh=False) as live:
        while True:
            time.sleep(WATCH_EVERY)
            live.update(drawn(), refresh=True)


def _links(report: dict[str, Any]) -> list[str]:
    told = {"told_workspace": report["workspace"], "told_pages": report["login"] or report["no_server"]}
    if report.get("invitation"):
        told["told_invitation"] = report["invitation"]
    heads = [here(say(name)) for name in told]
    # As wide as of all of them, whichever there are.
    width = max(len(here(say(name))) for name in ("told_workspace", "told_pages", "told_invitation"))
    return [f"{head:{width}}  {value}" for head, value in zip(heads, told.values(), strict=True)]


def _drawn(report: dict[str, Any]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    if not report["runs"]:
        number = report["archived"]
        return Text(here(say("told_only_archived", number=number) if number else say("told_no_runs")))
    table = Table(box=None, padding=(0, 1, 0, 0))
    shown = {run["name"] for run in report["runs"]}
    longest = max(len(run["name"]) + 2 * bool(run["judges"]) for run in report["runs"])
    table.add_column(here(say("told_run")), overflow="fold", min_width=min(LONGEST_NAME, longest))
    for heading in HEADINGS:
        justify = "left" if heading in WORDS else "right"
        table.add_column(here(say(heading)), justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for run in report["runs"]:
        table.add_row(
            f"└ {run['name']}" if run["judges"] in shown else run["name"],
            here(say("told_archived")) if run["archived"] else run["stage"],
            f"{run['items_final']}/{run['items_total']}",
            str(run["responses"]),
            _share(run["mean_confidence"]),
            _share(run["control_accuracy"]),
            here(money(run["cost"], run["currency"])),
            "" if run["ended"] or run["archived"] else here(say("told_yes" if run["driven"] else "told_no")),
        )
    # What is true of several runs, as of one task, is said once.
    notices: dict[str, list[str]] = {}
    for run in report["runs"]:
        for notice in (*([run["promise"]] if run.get("promise") else []), *run["notices"]):
            notices.setdefault(here(notice), []).append(run["name"])
    trained, costs, models = [], [], []
    for run in report["runs"]:
        if run.get("trainees"):
            told = say("told_trained", trained=run["trained"], trainees=run["trainees"])
            trained.append(f"{run['name']}: {here(told)}")
        if run.get("forecast"):
            costs.append(f"{run['name']}: {run['forecast']}")
        if run.get("models_cost"):
            told = say("told_models_beside", cost=money(run["models_cost"], run["currency"]))
            models.append(f"{run['name']}: {here(told)}")
    said = map(Text, (*trained, *costs, *models))
    return Group(table, *said, *(Text(f"{', '.join(names)}: {notice}") for notice, names in notices.items()))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
