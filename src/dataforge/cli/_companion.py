"""The runner, kept alive beside the server."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

from dataforge.workspace import Workspace

__all__ = ["Companion"]

log = logging.getLogger("dataforge.runner")

PATIENCE = 20.0
SHORTEST_REST = 1.0
LONGEST_REST = 60.0


class Companion:
    """A runner process beside this one; started again, more and more slowly, if it should end by itself."""

    def __init__(self, workspace: Workspace) -> None:
        self._command = [sys.executable, "-m", "dataforge.cli._runner", str(workspace.root)]
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="runner", daemon=True)

    def start(self) -> None:
        """Start the process."""
        self._thread.start()

    def stop(self) -> None:
        """Let the process finish what it does, and wait for it."""
        with self._starting:
            self._stopping.set()
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    def _watch(self) -> None:
        rest = SHORTEST_REST
        while True:
            with self._starting:
                if self._stopping.is_set():
                    return
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)
            status = self._process.wait()
            if not self._stopping.wait(rest):
                log.warning("the runner ended with status %s; starting it again", status)
            rest = min(2 * rest, LONGEST_REST)
