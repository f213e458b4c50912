"""`dataforge invite`: a link by which workers join, or the end of one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dataforge.catalogue import here, say
from dataforge.cli._shared import JsonOption, Requester, WorkspaceOption, needed_server, print_json
from dataforge.errors import RunError
from dataforge.files.textfiles import read_text, refuse_other_encodings
from dataforge.workspace import opens_only_here, outside

__all__ = ["command"]

HOUR = 3600.0


def command(
    run: Annotated[str | None, typer.Argument(help="The run to work on; by default all runs of the workspace.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, help="How long the link lets people in.")] = 24 * 7.0,
    uses: Annotated[int | None, typer.Option(min=1, help="How many people it lets in; by default any number.")] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Whom a link is for, who joins by it once and is called so; may be repeated."),
    ] = None,
    names: Annotated[
        Path | None, typer.Option(help="A file with such names, one a line; - reads them from standard input.")
    ] = None,
    label: Annotated[str, typer.Option(help="What you call those who come, such as 'course 3'.")] = "",
    revoke: Annotated[
        str | None, typer.Option(metavar="LINK", help="End a link instead: nobody joins by it, who has joined stays.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link by which workers join, or one for each of several people, or end one.

    Whoever has a link without a name may join by it under as many names as they like, and is paid for each: to people
    whom you do not know give links of their own (--name, --names), by which one person joins once.

    Examples:

        dataforge invite photos --hours 48 --uses 20
        dataforge invite photos --name Anna --name Boris
        dataforge invite photos --names course.txt --label "course 3"
    """
    if revoke is not None and (name or names is not None or uses is not None or label):
        raise RunError("--revoke: it ends the link that you give it; leave out --name, --names, --uses and --label")
    people = [*(name or ()), *_names_of(names)]
    if uses is not None and (name or names is not None):
        raise RunError("--uses: a link with a name lets one person join; leave --uses out")
    server = needed_server(workspace)
    if revoke is not None:
        ended = _end(server, revoke)
        if as_json:
            print_json({"revoked": ended})
        else:
            print("nobody joins by this link any more; who has joined stays")
        return
    order = {"run": run, "expires_in": hours * HOUR, "label": label}
    if people:
        made = server.post("/api/invitations/people", order | {"names": people})["invitations"]
        _tell_people(server.url, made, as_json=as_json)
        return
    one = server.post("/api/invitations", order | {"uses": uses})
    link = outside(f"{server.url}{one['path']}")
    if as_json:
        print_json({"link": link, "invitation": one["invitation"], "expires": one["expires"], "uses": uses})
    else:
        print(link)
        _tell_only_here(link)
        if uses != 1:
            print(here(say("told_open_link", run="" if run is None else f"{run} ")), file=sys.stderr)


def _names_of(file: Path | None) -> list[str]:
    """The names in a file, one a line."""
    if file is None:
        return []
    if str(file) == "-":
        lines = sys.stdin.read().splitlines()
    else:
        try:
            text = read_text(file)
        except OSError as error:
            raise RunError(f"--names: {str(file)!r} cannot be read: {error.strerror}; check the path") from None
        refuse_other_encodings(text.name, text.data)
        lines = text.data.decode().splitlines()
    found = [line.strip() for line in lines if line.strip()]
    if not found:
        raise RunError(f"--names: expected names, one a line, got none in {str(file)!r}")
    return found


def _tell_people(url: str, made: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print a line for each: the name, a tab, the link."""
    links = [outside(f"{url}{one['path']}") for one in made]
    if as_json:
        told = [
            {"name": one["name"], "link": link, "invitation": one["invitation"], "expires": one["expires"]}
            for one, link in zip(made, links, strict=True)
        ]
        print_json({"invitations": told})
        return
    print(*(f"{one['name']}\t{link}" for one, link in zip(made, links, strict=True)), sep="\n")
    _tell_only_here(links[0])


def _tell_only_here(link: str) -> None:
    if opens_only_here(link):
        # Apart from the link, which scripts take.
        print(here(say("told_opens_only_here")), file=sys.stderr)


def _end(server: Requester, link: str) -> str:
    """End the invitation of a link, whatever address stands before its path; give its id."""
    token = link.strip().rstrip("/").rpartition("/")[2]
    for made in server.get("/api/invitations")["invitations"]:
        if token in (made["invitation"], made["path"].rpartition("/")[2]):
            server.delete(f"/api/invitations/{made['invitation']}")
            return str(made["invitation"])
    raise RunError(f"--revoke: expected a link by which workers join this workspace, got {link!r}")
