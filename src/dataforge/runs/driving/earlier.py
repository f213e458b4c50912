"""Earlier runs of the workspace that asked the same task: what control items showed of their workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from dataforge.errors import DataForgeError
from dataforge.runs.core.folder import RunFolder, run_folders
from dataforge.runs.driving.status import saved_status

__all__ = ["earlier_runs"]


def earlier_runs(folder: RunFolder, task: str) -> Iterator[tuple[float, int]]:
    """Of each run beside this one which share of answers to control items was right, and how many workers it had.

    As its driver wrote it down last: of who has none written down, or cannot be read, nothing is told.
    """
    for one in run_folders(folder.path.parent):
        if one.name == folder.name or not one.exists or one.gone() is not None:
            continue
        with suppress(DataForgeError, OSError):
            status = saved_status(one)
            if status is None or status.control_accuracy is None or not status.workers:
                continue
            if one.describe().publication.task.id == task:
                yield status.control_accuracy, status.workers
