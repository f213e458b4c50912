"""Simulated people on a run of the workspace, over the same HTTP routes as browsers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dataforge.errors import PlatformError
from dataforge.items import read_items
from dataforge.platforms.base import Platform
from dataforge.platforms.embedded import connect
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving.watch import DriverWatch
from dataforge.simulation.personas import Honesty, crowd
from dataforge.simulation.simulation import Simulation, SimulationReport
from dataforge.simulation.truth import known_answers
from dataforge.workspace import Workspace

__all__ = ["simulate"]

LOOK_EVERY = 0.003


def simulate(
    name: str,
    truth: Any,
    *,
    workers: int = 40,
    mix: str | Mapping[Honesty, float] = "mixed",
    seed: int = 0,
    workspace: str | Path | Workspace | None = None,
    patience: float = 30.0,
    page_patience: float = 3.0,
    on_page: Callable[[], None] | None = None,
) -> SimulationReport:
    """Let simulated people answer a run of the workspace until it ends; give what they did.

    `truth` holds the right answers to the run's items, in any form that `launch` takes control items in; those of the
    run's control items are known already. People take turns, and the next one waits until the run has judged the last
    page and asked for what it wants: with the same seed, here and of the server, all is the same each time. They go
    home when none of them got a page for `page_patience` seconds, and give up when nobody drives the run for
    `patience` seconds.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    folder = RunFolder.of(place, name)
    asked = folder.describe().task()
    platform = connect(place, start=False)
    invitation = platform.invitation(name)
    if invitation is None:
        raise PlatformError(f"run {name!r} has no invitation by which workers could join")
    following = _Following(name, DriverWatch(folder.log), platform, patience)

    async def settled() -> None:
        await following.settled()
        if on_page is not None:
            on_page()

    simulation = Simulation(
        platform.url,
        invitation,
        known_answers(folder.load_items(asked), read_items(asked, truth, control=True)),
        crowd(workers, mix, seed=seed),
        run=name,
        seed=seed,
        turns=True,
        patience=patience,
        page_patience=page_patience,
        settled=settled,
    )
    try:
        return simulation.run()
    finally:
        platform.close()


class _Following:
    """Waits until a run's driver has done all that follows from what has happened on the platform."""

    def __init__(self, name: str, watch: DriverWatch, platform: Platform, patience: float) -> None:
        self._name = name
        self._watch = watch
        self._platform = platform
        self._patience = patience

    async def settled(self) -> None:
        """Wait until the driver knows all that has happened and has done what follows from it."""
        begun = time.monotonic()
        while not self._watch.caught_up() or self._news():
            if time.monotonic() - begun > self._patience:
                raise PlatformError(
                    f"run {self._name!r} has not moved for {self._patience:g} s; nobody seems to drive it"
                )
            await asyncio.sleep(LOOK_EVERY)

    def _news(self) -> bool:
        """Whether the platform holds events that the run has not written down."""
        return not self._watch.ended and bool(self._platform.poll(self._name, self._watch.cursor, 0).events)
