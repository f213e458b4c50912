"""The runner as a process: `python -m dataforge.runs.handle.runner WORKSPACE`.

It ends when its standard input does, so that it never outlives the server that started it, however that one ended.
What it needs to drive runs takes longer to load than the server to start: that waits until there is a run which nobody
drives.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from dataforge.workspace import Workspace

__all__ = ["all_driven", "main"]

SHOW_EVERY = 5.0
LOOK_EVERY = 1.0


def main() -> None:
    """Drive runs whose process is gone, and hand on what experts found, until standard input ends."""
    # Ctrl-C reaches the whole group of processes; the server decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every poll
    stop = threading.Event()

    def until_input_ends() -> None:
        sys.stdin.buffer.read()
        stop.set()

    workspace = Workspace.at(sys.argv[1])

    def show_life() -> None:
        # Beside the work, which may read a large log for minutes; a process that is halted shows nothing.
        while not stop.wait(SHOW_EVERY):
            with contextlib.suppress(OSError):
                workspace.show_runner(True)

    for beside in (until_input_ends, show_life):
        threading.Thread(target=beside, daemon=True).start()
    while all_driven(workspace.runs):
        if stop.wait(LOOK_EVERY):
            return
    _drive(workspace, stop)


def all_driven(runs: Path) -> bool:
    """Whether in a workspace's folder of runs there is nothing but runs that some process drives.

    A trial counts as none: what experts found in it is handed on by the runner, whoever drives it. So does what cannot
    be looked at: who drives runs says what is wrong.
    """
    try:
        return not runs.is_dir() or all(map(_is_driven, runs.iterdir()))
    except OSError:
        return False


def _is_driven(folder: Path) -> bool:
    if not (folder / "lock").exists() or (folder / "trial.json").exists():
        return False
    lock = FileLock(folder / "lock", blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def _drive(workspace: Workspace, stop: threading.Event) -> None:
    from dataforge.runs.driving.orphans import drive_orphans
    from dataforge.runs.handle.experts.ended_trials import EndedTrials

    drive_orphans(workspace, stop, EndedTrials(workspace).look)


if __name__ == "__main__":
    main()
