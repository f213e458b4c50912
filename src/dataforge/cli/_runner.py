"""The runner as a process: `python -m dataforge.cli._runner WORKSPACE`.

It ends when its standard input does, so that it never outlives the server that started it, however that one ended.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import threading

from dataforge.runs.driving.orphans import drive_orphans
from dataforge.runs.handle.ended_trials import EndedTrials
from dataforge.workspace import Workspace

__all__ = ["main"]

SHOW_EVERY = 5.0


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
    drive_orphans(workspace, stop, EndedTrials(workspace).hand_on)


if __name__ == "__main__":
    main()
