"""What a pipeline was launched with, and where its function is, so that another process can go on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from dataforge.durable import put_in_place
from dataforge.errors import RunError

__all__ = ["FORMAT", "STOPPED", "About", "Standing"]

FORMAT = 1
STOPPED = "stopped by its owner; launched again it goes on"
Setting = dict[str, Any] | str | None
"""A policy in JSON form, the name of a preset, or none."""


class About(msgspec.Struct, frozen=True):
    """What was launched, and what it may cost: `pipeline.json`.

    `source` is the function's file and name, empty where no other process can find it or its platform, and `seal` shows
    who launched it (`dataforge.pipelines.source`); `folder` is where its relative paths begin; `control` by task where
    control items are that are not in a file of the pipeline's.
    """

    name: str
    function: str
    budget: float | None = None
    items: int = 0
    source: str = ""
    seal: str = ""
    folder: str = ""
    policy: Setting = None
    policies: dict[str, Setting] = {}
    control: dict[str, str] = {}
    ended: bool = False
    format: int = FORMAT


class Standing:
    """The folder of a pipeline, as whoever may play it looks at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._about, self._held = path / "pipeline.json", path / "held"
        self._wanted, self._gives_way = path / "wanted", path / "gives-way"

    def about(self) -> About | None:
        """What was launched; None if nothing was yet."""
        try:
            known = msgspec.json.decode(self._about.read_bytes(), type=About)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise RunError(f"{self._about}: is damaged ({error}); take the folder back from a copy") from None
        if known.format > FORMAT:
            raise RunError(
                f"pipeline {self.path.name!r} was written by a newer version of DataForge; update to go on with it"
            )
        return known

    def note(self, about: About) -> None:
        """Write down what is launched."""
        aside = self._about.with_suffix(".new")
        aside.write_bytes(msgspec.json.encode(about))
        put_in_place(aside, self._about)

    def lock(self) -> FileLock:
        """What whoever plays the pipeline holds."""
        return FileLock(self.path / "lock", timeout=0, thread_local=False)

    def locked(self) -> bool:
        """Whether somebody plays it."""
        lock = self.lock()
        try:
            lock.acquire()
        except Timeout:
            return True
        lock.release()
        return False

    # --- giving way ---------------------------------------------------------------------------------

    @property
    def gives_way(self) -> bool:
        """Whether whoever plays it lets go of it when it is wanted elsewhere."""
        return self._gives_way.exists()

    @property
    def wanted(self) -> bool:
        """Whether somebody else wants to play it."""
        return self._wanted.exists()

    def want(self) -> None:
        """Ask whoever plays it to let go of it."""
        self._wanted.touch()

    def take(self, *, gives_way: bool) -> None:
        """Say what is so from now on, of whoever holds the lock."""
        self._wanted.unlink(missing_ok=True)
        if gives_way:
            self._gives_way.touch()
        else:
            self._gives_way.unlink(missing_ok=True)
            self._held.unlink(missing_ok=True)

    # --- stopped --------------------------------------------------------------------------------------

    @property
    def held(self) -> str:
        """Why nobody plays it until it is launched again; empty where that is not so."""
        try:
            return self._held.read_text("utf-8")
        except FileNotFoundError:
            return ""

    def hold(self, reason: str) -> None:
        """Have nobody play it until it is launched again: who plays it now lets go."""
        aside = self._held.with_suffix(".new")
        aside.write_text(reason, "utf-8")
        put_in_place(aside, self._held)

    def told(self, about: About) -> str:
        """Who plays it, or why nobody does."""
        if about.ended:
            return "ended"
        if held := self.held:
            return held
        if self.locked():
            return "played beside the server" if self.gives_way else "played by the process that launched it"
        if about.source:
            return "waits for the server, which plays it on: dataforge serve"
        return "waits until it is launched again: no other process finds its function or its platform"
