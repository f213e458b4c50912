"""`dataforge stop`: close a run, have a pipeline not played on, or end the workspace's server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import psutil
import typer
from filelock import FileLock

from dataforge.cli._shared import JsonOption, WorkspaceOption, found_server, needed_workspace, print_json
from dataforge.errors import PlatformError, RunError
from dataforge.names import check_name
from dataforge.workspace import ServerAddress, Workspace

__all__ = ["command"]

PATIENCE = 20.0
LOOK_EVERY = 0.02


def command(
    run: Annotated[
        str | None, typer.Argument(help="A run to close, or a pipeline; without it the server is ended.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """End the workspace's server, or close one run, or have one pipeline not played on.

    A closed run gives out no more pages; those already out are still taken and paid. A pipeline that is stopped is
    played by nobody until it is launched again; the runs of its tasks go on with what they were asked. An ended server
    keeps everything and goes on where it was when it is started again, by `dataforge serve` or another launch: runs
    that go on wait until then.

    Examples:

        dataforge stop            # the server
        dataforge stop photos     # one run
        dataforge stop scenes     # one pipeline
    """
    if run is not None:
        result, message = _stop(run, needed_workspace(workspace))
    else:
        address = _end(needed_workspace(workspace))
        result = {"stopped": address.pid}
        message = f"the server at {address.url} (process {address.pid}) has ended"
    if as_json:
        print_json(result)
    else:
        print(message)


def _stop(name: str, workspace: Workspace) -> tuple[dict[str, object], str]:
    """Close the run of that name, or the pipeline if there is no such run."""
    from dataforge.pipeline_folder import STOPPED, Standing
    from dataforge.runs.core.folder import RunFolder
    from dataforge.runs.handle.run import open_run

    check_name(name)
    standing = Standing(workspace.root / "pipelines" / name)
    if RunFolder.of(workspace, name).exists or standing.about() is None:
        open_run(name, workspace).stop()
        return {"closed": name}, f"run {name!r} is closed"
    standing.hold(STOPPED)
    return {"held": name}, (
        f"pipeline {name!r} is played by nobody until it is launched again; the runs of its tasks go on with what they "
        f"were asked: dataforge stop {name}.TASK closes one"
    )


def _end(workspace: Workspace) -> ServerAddress:
    # Whoever is just starting a server is waited for; whoever finds none from now on does not start one.
    with FileLock(workspace.starting):
        workspace.note_stopped()
        address = workspace.server()
        if address is None:
            raise RunError(
                f"no server runs in the workspace {str(workspace.root)!r}, and runs that go on will start none until "
                "`dataforge serve` or another launch"
            )
        process = _process(workspace, address)
        with _allowed(address):
            process.terminate()
        give_up = time.monotonic() + PATIENCE
        while not _has_ended(process):
            if time.monotonic() > give_up:
                raise PlatformError(
                    f"the server (process {address.pid}) has not ended after {PATIENCE:g} s; look again, it may be "
                    "writing"
                )
            time.sleep(LOOK_EVERY)
        workspace.withdraw(address.pid)
    return address


@contextmanager
def _allowed(address: ServerAddress) -> Iterator[None]:
    """Say whose the process is where the system does not let us at it."""
    try:
        yield
    except psutil.AccessDenied:
        raise PlatformError(f"process {address.pid} belongs to somebody else; end the server as its owner") from None


def _has_ended(process: psutil.Process) -> bool:
    """Whether the process is over, though its parent may not have asked how it ended."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _process(workspace: Workspace, address: ServerAddress) -> psutil.Process:
    """The announced process, made sure to be our server and not a later process with the same number."""
    try:
        process = psutil.Process(address.pid)
        # The announcement is written after the process was made, by that process; a clock that was set tells nothing.
        fits = process.create_time() <= address.started + 1 or found_server(workspace) is not None
        with _allowed(address):
            ours = fits and not _has_ended(process) and "dataforge" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        ours = False
    if not ours:
        workspace.withdraw(address.pid)
        raise RunError(f"the server announced as process {address.pid} is gone; nothing to stop")
    return process
