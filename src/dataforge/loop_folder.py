"""The files of a loop beside its first run: who chooses what is asked, how it stood when that was shown last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from filelock import FileLock

from dataforge.files.durable import write_whole
from dataforge.files.standing import is_held, last_shown
from dataforge.records import LoopShown, LoopState

__all__ = ["JOURNAL", "LoopStanding", "loops_in"]

JOURNAL = "loop.jsonl"
"""What was asked and measured: where this lies, a loop was begun."""


class LoopStanding:
    """The folder of a loop's first run, as whoever may look at the loop sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shown = path / "loop.json"

    @property
    def exists(self) -> bool:
        """Whether the run of the folder is the first one of a loop."""
        return (self.path / JOURNAL).exists() and (self.path / "run.json").exists()

    def lock(self) -> FileLock:
        """Held by the one process that goes round."""
        return FileLock(self.path / "loop.lock", blocking=False, thread_local=False)

    def locked(self) -> bool:
        """Whether some process goes round."""
        return is_held(self.lock())

    def state(self, shown: LoopShown | None) -> LoopState:
        """Whether it goes on, or why not."""
        if shown is not None and shown.ended:
            return "ended"
        if self.locked():
            return "asking"
        return "failed" if shown is not None and shown.failed else "waits_launch"

    def shown(self) -> LoopShown | None:
        """How it stood when it went round last; None where nobody has shown that."""
        return last_shown(self._shown, LoopShown)

    def show(self, now: LoopShown) -> None:
        """Show how it stands."""
        write_whole(self._shown, msgspec.json.encode(now), durable=False)


def loops_in(runs: Path) -> Iterator[LoopStanding]:
    """The loops of a workspace, by the folder of its runs, in the order of their names."""
    for path in sorted(runs.iterdir()) if runs.is_dir() else ():
        if (standing := LoopStanding(path)).exists:
            yield standing
