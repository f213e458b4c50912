"""The runner, kept alive beside the server."""

from __future__ import annotations

import contextlib
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
        self._workspace = workspace
        self._command = [sys.executable, "-m", "dataforge.runs.handle.runner", str(workspace.root)]
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the process, and watch over it from now on."""
        self._workspace.show_runner(True)
        self._thread = threading.Thread(target=self._watch, args=(self._begin(),), name="runner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the process finish what it does, and wait for it; if none was started, leave another server's alone."""
        with self._starting:
            self._stopping.set()
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
        if self._thread is None:
            return
        self._thread.join(PATIENCE)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        with contextlib.suppress(OSError):
            self._workspace.show_runner(False)

    def _begin(self) -> subprocess.Popen[bytes] | None:
        """A new process; None once `stop` was called."""
        with self._starting:
            if not self._stopping.is_set():
                self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)
                return self._process
        return None

    def _watch(self, process: subprocess.Popen[bytes] | None) -> None:
        rest = SHORTEST_REST
        while process is not None:
            status = process.wait()
            if not self._stopping.wait(rest):
                log.warning("the runner ended with status %s; starting it again", status)
            rest = min(2 * rest, LONGEST_REST)
            process = self._begin()
