"""What was asked to become of a run, in a file of its folder, so that whoever drives the run or looks at it knows.

The file is on the disk before anything else is done. From then on nobody drives the run, and what was begun is finished
by whoever comes next: a command, a launch, or the server's runner.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from dataforge.errors import RunError
from dataforge.files.durable import sync_folder, write_whole

__all__ = ["Gone", "bring_back", "gone", "mark_gone"]

FILE = "gone.json"


class Gone(msgspec.Struct, frozen=True):
    """What becomes of a run; `to` is the name that it gets."""

    what: Literal["deleted", "renamed", "archived"]
    to: str = ""

    def told(self, run: str) -> str:
        """What became of the run of that name, and what to do."""
        if self.what == "deleted":
            return f"run {run!r} was deleted"
        if self.what == "renamed":
            return f"run {run!r} was renamed: go on with it by open_run({self.to!r})"
        return (
            f"run {run!r} is archived and nobody works at it: bring it back first, by run.unarchive(), "
            f"`dataforge archive {run} --undo` or on its page"
        )


def gone(folder: Path) -> Gone | None:
    """What becomes of the run in a folder; None if it goes on, as it does once it has the name that it was to get."""
    try:
        mark = msgspec.json.decode((folder / FILE).read_bytes(), type=Gone)
        return None if mark.to == folder.name else mark
    except (FileNotFoundError, NotADirectoryError):
        return None
    except msgspec.MsgspecError as error:
        raise RunError(f"{str(folder / FILE)!r} is damaged: {error}; remove it and ask again") from error


def mark_gone(folder: Path, mark: Gone) -> None:
    """Write down what becomes of a run.

    Raises `RunError` if something else was begun already; what is archived can be deleted, and nothing else.
    """
    before = gone(folder)
    if before == mark:
        return
    if before is not None and (before.what != "archived" or mark.what != "deleted"):
        raise RunError(before.told(folder.name))
    write_whole(folder / FILE, msgspec.json.encode(mark))


def bring_back(folder: Path) -> None:
    """Let the run go on."""
    (folder / FILE).unlink(missing_ok=True)
    sync_folder(folder)
