"""`dataforge serve`: the workspace's server and, beside it, the runner."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from dataforge.cli._companion import Companion
from dataforge.cli._players import Players
from dataforge.cli._shared import WorkspaceOption
from dataforge.workspace import ServerAddress, Workspace

__all__ = ["command"]


def command(
    workspace: WorkspaceOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The port, by default that of last time, or 8765; 0: any free one."),
    ] = None,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="Allow an address that other machines reach without encryption.")
    ] = False,
    proxy: Annotated[
        list[str] | None,
        typer.Option(help="The address of a proxy in front, such as 127.0.0.1: it is believed who asks and by https."),
    ] = None,
    for_launch: Annotated[bool, typer.Option("--for-launch", hidden=True)] = False,
    seed: Annotated[int | None, typer.Option(help="Make the order of items repeatable, for tests.")] = None,
) -> None:
    """Run the server, and go on with runs whose own process is gone.

    Stays in the foreground until Ctrl-C or a request to stop; everything is kept and goes on at the next start. For
    workers elsewhere, put a proxy with HTTPS in front of it. Served at a port of your choice, the server is yours to
    start again, as by a service manager: no launch starts another one.

    Examples:

        dataforge serve
        dataforge serve --port 8080 --workspace /srv/labels --proxy 127.0.0.1
    """
    from dataforge.server.serving import DEFAULT_PORT, serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    place = Workspace.at(workspace)
    companion, players = Companion(place), Players(place)

    def ready(address: ServerAddress) -> None:
        if not for_launch:
            place.set_managed(bool(port))
        companion.start()
        players.start()
        _tell(place, address)

    # The server puts this handler back when it has ended in peace, and raises the signal once more.
    signal.signal(signal.SIGTERM, _leave)
    try:
        chosen = port if port is not None else place.last_port() or DEFAULT_PORT
        serve(place, host, chosen, seed=seed, anywhere=anywhere, proxies=proxy or (), on_ready=ready)
    finally:
        players.stop()
        companion.stop()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _tell(workspace: Workspace, address: ServerAddress) -> None:
    lines = [f"DataForge serves {workspace.root} at {address.url}"]
    if sys.stdout.isatty():
        lines.append(f"  your pages:      {workspace.sign_in_link(f'{address.url}/runs')}")
    else:
        # Logs are read by others, too; the link lets anybody in.
        lines.append("  your pages:      the link is shown by `dataforge status`")
    lines.append("  invite workers:  dataforge invite")
    print("\n".join(lines), flush=True)
