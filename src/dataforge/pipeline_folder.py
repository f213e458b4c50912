"""The folder of a pipeline: what it was launched with, who plays it, how it stood when that was shown last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

from dataforge.errors import RunError
from dataforge.files.durable import write_whole
from dataforge.files.standing import is_held, last_shown
from dataforge.records import PipelineShown, PipelineState

__all__ = ["FOLDER", "FORMAT", "STOPPED", "About", "Standing", "pipeline_of", "run_name"]

FOLDER = "pipelines"
"""Where they are in a workspace."""

FORMAT = 1
STOPPED = "stopped by its owner; launched again it goes on"
TOLD: dict[PipelineState, str] = {
    "ended": "ended",
    "playing": "played by the process that launched it",
    "beside": "played beside the server",
    "waits_server": "waits for the server, which plays it on: dataforge serve",
    "waits_launch": "waits until it is launched again: no other process finds its function or its platform",
}
Setting = dict[str, Any] | str | None
"""A policy in JSON form, the name of a preset, or none."""


def run_name(pipeline: str, task: str) -> str:
    """How the run of a pipeline's task is called."""
    return f"{pipeline}.{task}"


def pipeline_of(run: str) -> str:
    """Of which pipeline a run is, if it is of one."""
    return run.rpartition(".")[0]


class About(msgspec.Struct, frozen=True):
    """What was launched, and what it may cost: `pipeline.json`.

    `source` is the function's file and name, empty where no other process can find it or its platform, and `seal` shows
    who launched it (`dataforge.pipelines.source`); `folder` is where its relative paths begin, `modules` are
    files of code beside it that it had imported, which the seal covers, too; `control` by task where control items are
    that are not in a file of the pipeline's.
    """

    name: str
    function: str
    budget: float | None = None
    items: int = 0
    source: str = ""
    seal: str = ""
    folder: str = ""
    modules: tuple[str, ...] = ()
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
        self._shown = path / "shown.json"

    def about(self) -> About | None:
        """What was launched; None if nothing was yet."""
        try:
            known = msgspec.json.decode(self._about.read_bytes(), type=About)
        except FileNotFoundError:
            return None
        except (msgspec.MsgspecError, OSError) as error:
            raise RunError(f"{self._about}: is damaged ({error}); take the folder back from a copy") from None
        if known.format > FORMAT:
            raise RunError(
                f"pipeline {self.path.name!r} was written by a newer version of DataForge; update to go on with it"
            )
        return known

    def note(self, about: About) -> None:
        """Write down what is launched."""
        write_whole(self._about, msgspec.json.encode(about))

    def lock(self) -> FileLock:
        """What whoever plays the pipeline holds."""
        return FileLock(self.path / "lock", timeout=0, thread_local=False)

    def locked(self) -> bool:
        """Whether somebody plays it."""
        return is_held(self.lock())

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
            return self._held.read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def hold(self, reason: str) -> None:
        """Have nobody play it until it is launched again: who plays it now lets go."""
        write_whole(self._held, reason.encode())

    def release(self) -> None:
        """Let the server play it on, if it finds its function."""
        self._held.unlink(missing_ok=True)

    # --- how it stands --------------------------------------------------------------------------------

    def state(self, about: About) -> PipelineState:
        """Who plays it, or why nobody does."""
        if about.ended:
            return "ended"
        if held := self.held:
            return "stopped" if held == STOPPED else "failed"
        if self.locked():
            return "beside" if self.gives_way else "playing"
        return "waits_server" if about.source else "waits_launch"

    def told(self, about: About) -> str:
        """The same in words."""
        return TOLD.get(self.state(about)) or self.held

    def shown(self) -> PipelineShown | None:
        """How it stood when it was played last; None where nobody has shown that."""
        return last_shown(self._shown, PipelineShown)

    def show(self, now: PipelineShown) -> None:
        """Show how it stands."""
        write_whole(self._shown, msgspec.json.encode(now), durable=False)
