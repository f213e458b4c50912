"""What all commands share: options, ways to print, a client for the requester's side of a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from dataforge.errors import PlatformError, Refused, RunError, Unreachable
from dataforge.local_client import local_client
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    import httpx
    from rich.console import Console

__all__ = [
    "UNDRIVEN",
    "EncodingOption",
    "JsonOption",
    "Requester",
    "WorkspaceOption",
    "console",
    "found_server",
    "needed_server",
    "needed_workspace",
    "path_of_run",
    "print_json",
    "tell_undriven",
]

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The workspace folder; by default DATAFORGE_WORKSPACE, the project's, or .dataforge here.",
    ),
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", help="That of files of text which are not UTF-8, such as cp1251.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def console(*, stderr: bool = False) -> Console:
    """A rich console."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on standard output."""
    print(json.dumps(value, ensure_ascii=False, default=str))


class Requester:
    """The requester's side of a running server."""

    def __init__(self, workspace: Workspace, url: str) -> None:
        self.url = url
        self._secret = workspace.secret()

    def get(self, path: str) -> Any:
        """GET a JSON reply."""
        return self._ask("GET", path, None)

    def get_text(self, path: str) -> str:
        """GET a file of text."""
        return self._request("GET", path, None).text

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST a JSON body and get the JSON reply."""
        return self._ask("POST", path, body)

    def delete(self, path: str) -> Any:
        """DELETE something and get the JSON reply."""
        return self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        reply = self._request(method, path, body)
        try:
            return reply.json()
        except ValueError as error:
            raise PlatformError(f"expected JSON from {self.url}{path}, got {reply.text[:80]!r}") from error

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        import httpx

        headers = {"Authorization": f"Bearer {self._secret}"}
        try:
            with local_client(self.url, 10.0) as client:
                reply = client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(
                f"the server at {self.url} does not answer ({error}); start one with `dataforge serve`"
            ) from error
        if reply.status_code >= 400:
            raise _refusal(reply)
        return reply


def _refusal(reply: httpx.Response) -> Refused:
    try:
        error = reply.json()["error"]
        return Refused(error["message"], status=reply.status_code, code=error["code"])
    except (ValueError, KeyError, TypeError):
        return Refused(f"the server answered with status {reply.status_code}", status=reply.status_code, code="")


def found_server(workspace: Workspace) -> Requester | None:
    """The workspace's server if it answers, else None."""
    from dataforge.platforms.embedded import EmbeddedPlatform

    platform = EmbeddedPlatform(workspace)
    try:
        return Requester(workspace, platform.url)
    except Unreachable:
        return None
    finally:
        platform.close()


def path_of_run(name: str) -> str:
    """Where the server has a run; what is typed for a name may be no part of a query."""
    return f"/api/runs/{quote(name, safe='')}"


UNDRIVEN = "nobody drives it now; `dataforge serve` goes on with it"


def tell_undriven(workspace: Workspace, run: str) -> None:
    """Say that a run stands still, if nobody drives it and no server is there whose runner would."""
    from dataforge.runs.core.folder import RunFolder

    if not RunFolder.of(workspace, run).locked() and found_server(workspace) is None:
        print(f"run {run!r}: {UNDRIVEN}")


def needed_workspace(path: Path | None) -> Workspace:
    """The workspace, which must be there already."""
    workspace = Workspace.at(path)
    if not workspace.root.is_dir():
        raise RunError(
            f"no workspace at {str(workspace.root)!r}; name the folder with --workspace, "
            "or make one by `dataforge launch` or `dataforge serve`"
        )
    return workspace


def needed_server(path: Path | None) -> Requester:
    """The running server of a workspace; raises if there is none."""
    workspace = needed_workspace(path)
    server = found_server(workspace)
    if server is None:
        raise RunError(f"no server runs in the workspace {str(workspace.root)!r}; start it with `dataforge serve`")
    return server
