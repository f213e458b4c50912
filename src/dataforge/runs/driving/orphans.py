"""The server's companion: takes up runs whose driver is gone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from dataforge.errors import RunGone
from dataforge.platforms import Platform
from dataforge.platforms.embedded import EmbeddedPlatform
from dataforge.runs.core.folder import RunFolder, run_folders
from dataforge.runs.driving.driver import Driver
from dataforge.runs.driving.gone import carry_out, clear_remains, is_settled
from dataforge.runs.driving.platforms import platform_of
from dataforge.runs.driving.view import RunView
from dataforge.workspace import Workspace

__all__ = ["drive_orphans"]

log = logging.getLogger("dataforge.runner")

LOOK_EVERY = 1.0
GRACE = 3.0
"""How long, in seconds, the lock of a run that nobody was seen to drive must have been free: a launch that is just
starting goes first."""
TRY_AGAIN_AFTER = 60.0
CLOCK_TICK = 1.0
"""Two changes of a file within this time, in seconds, may bear the same time."""
PATIENCE = 0.5
"""The server is beside the runner: if it does not answer it is about to end, and waits for the runner to let go."""


class _Changed(NamedTuple):
    """When a run was launched and fed, and the run in which its answers are judged, if there is one."""

    times: tuple[float, float, float]
    check: RunFolder | None


def _changed(folder: RunFolder, check: RunFolder | None) -> _Changed:
    return _Changed((folder.launched_at(), folder.fed_at(), 0.0 if check is None else check.fed_at()), check)


class _Orphans:
    """Runs that are not over and that nobody drives, by name: since when."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._over_since: dict[str, _Changed] = {}
        self._held: set[str] = set()
        self._free_since: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._said: dict[str, str] = {}

    def due(self, now: float, mine: set[str]) -> list[RunFolder]:
        """Those whose lock has been free for long enough; one that cannot be looked at keeps no other waiting."""
        found = []
        for folder in run_folders(self._workspace.runs):
            if folder.name in mine or now < self._not_before.get(folder.name, now):
                continue
            try:
                if self._is_due(folder, now):
                    found.append(folder)
            except Exception as error:  # whatever is in the folder: no run may stop the others
                self.postpone(folder.name, error)
        return found

    def _is_due(self, folder: RunFolder, now: float) -> bool:
        mark = folder.gone()
        if not is_settled(mark):
            return not folder.locked()
        if mark is not None or not folder.exists or self._is_over(folder):
            return False
        if folder.locked():
            # At two looks it is a driver's, and a launch that is just starting holds it already: once it is free the
            # driver has gone. At one it may be anybody's who looks for a moment whether it is free.
            self._free_since[folder.name] = now - GRACE if folder.name in self._held else now
            self._held.add(folder.name)
            return False
        self._held.discard(folder.name)
        return now - self._free_since.setdefault(folder.name, now) >= GRACE

    def _is_over(self, folder: RunFolder) -> bool:
        """Whether nothing is left to do; a run that was over is looked at again when it was fed or launched anew.

        With it goes the run in which its answers are judged.
        """
        known = self._over_since.get(folder.name)
        if known is not None and known == _changed(folder, known.check):
            return True
        if not folder.over():
            return False
        check = folder.check()
        if check is not None and not check.over():
            return False
        changed = _changed(folder, check)
        if max(changed.times) < time.time() - CLOCK_TICK:
            self._over_since[folder.name] = changed
        return True

    def postpone(self, name: str, error: Exception | None = None) -> None:
        """Leave a run alone for a while, because of an error or because it has ended."""
        if error is not None:
            self.complain(name, error)
        self._not_before[name] = time.monotonic() + TRY_AGAIN_AFTER

    def complain(self, name: str, error: Exception) -> None:
        """Say in the server's log why a run does not go on, and nothing while that stays the same."""
        if self._said.get(name) != str(error):
            self._said[name] = str(error)
            log.warning("%s: %s", name, error)


def drive_orphans(workspace: Workspace, stop: threading.Event, beside: Callable[[], object] = lambda: None) -> None:
    """Drive the workspace's unfinished runs, each in a thread, until `stop` is set; returns when all have let go.

    `beside` is done in each round, before looking for such runs.
    """
    orphans = _Orphans(workspace)
    drivers: dict[str, Driver] = {}
    server = EmbeddedPlatform(workspace, patience=PATIENCE)
    clear_remains(workspace.runs)
    while not stop.is_set():
        _let_go_of_finished(drivers, orphans)
        try:
            beside()
            for folder in orphans.due(time.monotonic(), set(drivers)):
                _take_up(folder, server, drivers, orphans)
        except OSError as error:
            orphans.complain(str(workspace.runs), error)
        stop.wait(LOOK_EVERY)
    for driver in drivers.values():
        driver.stop()
    for driver in drivers.values():
        driver.let_go()


def _let_go_of_finished(drivers: dict[str, Driver], orphans: _Orphans) -> None:
    """Forget drivers that have ended; a function of its own, so that no variable of it keeps the last run for ever."""
    for name, driver in list(drivers.items()):
        if not driver.driving:
            if isinstance(driver.failure, RunGone):
                orphans.complain(name, driver.failure)
            elif driver.failure is not None:
                orphans.postpone(name, driver.failure)
            del drivers[name]


def _take_up(folder: RunFolder, server: EmbeddedPlatform, drivers: dict[str, Driver], orphans: _Orphans) -> None:
    try:
        if not is_settled(folder.gone()):
            carry_out(folder, server.workspace)
            return
        description = folder.describe()
        if description.checks:
            # It is driven with the run whose answers it judges.
            orphans.postpone(folder.name)
            return
        platform: Platform = server
        if description.platform != server.name:
            folder.check_settled()
            platform = platform_of(description, server.workspace)
        view = RunView.open(folder)
        driver = Driver(view, platform)
        if driver.start():
            drivers[folder.name] = driver
        elif view.state.shown:
            # Nothing is left to do, and to find that out once more would cost the whole log.
            orphans.postpone(folder.name)
    except Exception as error:  # also what the plug-ins of other packages raise: no run may stop the others
        orphans.postpone(folder.name, error)
