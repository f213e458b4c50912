"""What a run tries out, where it is the trial of a task: a file in its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from filelock import FileLock

from dataforge.errors import RunError
from dataforge.files.durable import write_whole
from dataforge.records import TaskSpec
from dataforge.runs.core.pages import REJECTED
from dataforge.runs.core.state import RunState
from dataforge.trials import usual_seconds

__all__ = ["Tried", "change_tried", "tried_in", "tried_of", "usual_time"]

FILE = "trial.json"


class Tried(msgspec.Struct, frozen=True):
    """The task that is tried out, whether given solutions to it are judged, and by expert the link that is theirs.

    `verifies` names the run whose answers the solutions are; empty: of none. `taken_to`: that run has what was found
    in the trial when it had ended, and its log so many bytes; 0: nothing yet.
    """

    task: TaskSpec
    judged: bool = False
    links: dict[str, str] = {}
    verifies: str = ""
    taken_to: int = 0


def change_tried(folder: Path, change: Callable[[Tried | None], Tried]) -> Tried:
    """Write down what becomes of what is written down, whole or not at all; several processes may do so at once."""
    with FileLock(folder / "trial.lock"):
        tried = change(tried_in(folder))
        write_whole(folder / FILE, msgspec.json.encode(tried))
    return tried


def usual_time(state: RunState) -> float | None:
    """The mean seconds of an item, pages left aside that were left open; None where no page was timed."""
    counting = state.responses.counting() & ~state.responses.on_pages(REJECTED)
    answers = np.bincount(state.responses.page.values[np.flatnonzero(counting)], minlength=len(state.pages.seconds))
    there = answers > 0
    each = np.array(state.pages.seconds, float)[there] / answers[there]
    return usual_seconds(each[~np.isnan(each)].tolist())


def tried_in(folder: Path) -> Tried | None:
    """What the run of a folder tries out; None if it is no trial."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Tried)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise RunError(f"{str(folder / FILE)!r} is damaged: {error}; restore the folder from a copy") from error


def tried_of(folder: Path) -> Tried:
    """What the run of a folder tries out; raises `RunError` if it is no trial."""
    tried = tried_in(folder)
    if tried is None:
        raise RunError(f"run {folder.name!r} is no trial of a task; df.try_out(task, items, name=…) makes one")
    return tried
