"""Pipelines whose player is gone are played on beside the server, each by a process of its own."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dataforge.pipeline_folder import About, Standing
from dataforge.pipelines.source import check_sealed
from dataforge.workspace import Workspace

__all__ = ["Players"]

log = logging.getLogger("dataforge.players")

LOOK_EVERY = 1.0
GRACE = 3.0
"""How long, in seconds, nobody must have played a pipeline: a launch that is just starting goes first."""
SHORTEST_REST = 10.0
MOST_TRIES = 8
"""So often it is tried in vain, after rests that double, until that is up to the owner: for some twenty minutes."""
LONG = 600.0
"""One that was played for so many seconds is tried as often again."""
LONGEST_LOG = 1_000_000
PATIENCE = 20.0


@dataclass
class _Player:
    """What is known of one pipeline: since when nobody plays it, who does beside the server, how often that failed."""

    free_since: float | None = None
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    failures: int = 0
    not_before: float = 0.0


class Players:
    """Looks for pipelines that nobody plays, and has them played by `dataforge launch FILE.py:NAME`.

    Only those that whoever runs the server has launched, in this workspace, from a file that is still the same.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="players", daemon=True)
        self._players: dict[Path, _Player] = {}

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Have all end, and wait for them."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE)
        processes = [player.process for player in self._players.values() if player.process is not None]
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()
        until = time.monotonic() + PATIENCE
        for process in processes:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()  # what it has done is written down
                process.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY):
            with suppress(OSError):
                self.look(time.monotonic())

    def look(self, now: float) -> None:
        """See after each pipeline of the workspace once."""
        folder = self._workspace.root / "pipelines"
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not path.is_dir():
                continue
            player, standing = self._players.setdefault(path, _Player()), Standing(path)
            try:
                self._look(player, standing, now)
            except Exception as error:  # whatever is in the folder: no pipeline may stop the others
                self._failed(player, standing, str(error), now)

    def _look(self, player: _Player, standing: Standing, now: float) -> None:
        if player.process is not None and not self._has_ended(player, standing, now):
            return
        if now < player.not_before or standing.held:
            return
        about = standing.about()
        if about is None or about.ended or not about.source:
            return
        if standing.locked():
            player.free_since, player.failures = None, 0
            return
        player.free_since = now if player.free_since is None else player.free_since
        if now - player.free_since >= GRACE:
            check_sealed(about, self._workspace.root)
            player.process, player.begun = self._begun(standing.path, about), now

    def _has_ended(self, player: _Player, standing: Standing, now: float) -> bool:
        """Whether the process that played it is over; that it failed is noted."""
        assert player.process is not None
        if (status := player.process.poll()) is None:
            return False
        player.process, player.free_since = None, None
        if now - player.begun > LONG:
            player.failures = 0
        if status and not standing.locked():  # else a launch was quicker
            self._failed(player, standing, _last_line(standing.path / "player.log"), now)
        return True

    def _failed(self, player: _Player, standing: Standing, why: str, now: float) -> None:
        """Rest, twice as long each time, and at last leave it to the owner."""
        player.failures += 1
        player.not_before = now + SHORTEST_REST * 2 ** (player.failures - 1)
        log.warning("pipeline %s is not played on: %s", standing.path.name, why)
        if player.failures >= MOST_TRIES:
            player.failures = 0
            with suppress(OSError):
                standing.hold(f"not played on after {MOST_TRIES} tries; launch it again. The last one said: {why}")

    def _begun(self, path: Path, about: About) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dataforge", "launch", about.source, "--name", about.name, "--gives-way"]
        said = path / "player.log"
        grown = said.exists() and said.stat().st_size > LONGEST_LOG
        with said.open("wb" if grown else "ab") as file:
            return subprocess.Popen(
                [*command, "--workspace", str(self._workspace.root)],
                cwd=about.folder or None,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=file,
            )


def _last_line(path: Path) -> str:
    with suppress(OSError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2_000))
        return next(
            (line for line in reversed(file.read().decode("utf-8", "replace").splitlines()) if line.strip()), ""
        )
    return f"see {path}"
