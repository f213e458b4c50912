"""What experts found in trials that are over goes to the runs whose answers they judged, whoever asked them."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing

from msgspec import structs

from dataforge.runs.core.folder import RunFolder, folder_of_identity, run_folders
from dataforge.runs.core.tried import Tried, change_tried, tried_in
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.experts.feedback import Feedback
from dataforge.runs.handle.experts.verifying import verified_by
from dataforge.workspace import Workspace

__all__ = ["EndedTrials", "hand_on", "is_taken_in", "note_taken_in"]

log = logging.getLogger("dataforge.runner")

TRY_AGAIN_AFTER = 60.0


class EndedTrials:
    """The trials of a workspace in which answers of runs are judged; called every now and then by who drives runs."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._not_before: dict[str, float] = {}
        self._looking = threading.Thread()

    def look(self) -> None:
        """The same in a thread of its own, unless one is at it: to read a long log keeps no run waiting."""
        if not self._looking.is_alive():
            # What is left half done when the process ends is done again.
            self._looking = threading.Thread(target=self.hand_on, name="dataforge-trials", daemon=True)
            self._looking.start()

    def hand_on(self) -> None:
        """Hand on what was found in those that are over; one that cannot be looked at keeps no other waiting."""
        for folder in run_folders(self._workspace.runs):
            if time.monotonic() < self._not_before.get(folder.name, 0.0):
                continue
            try:
                waits = hand_on(folder) is None
            except Exception as error:  # whatever is in the folder, or in the way: it is tried again
                log.warning("%s: what experts found cannot be taken in: %s", folder.name, error)
                waits = True
            if waits:
                self._not_before[folder.name] = time.monotonic() + TRY_AGAIN_AFTER


def hand_on(folder: RunFolder) -> int | None:
    """Put what experts found in a trial that is over into the feed of the run that it judges; how many answers.

    None if that run is gone. Whoever drives it takes them in. A process that is killed between the two leaves it to be
    done again, which changes nothing: what was found of an item is taken in once.
    """
    tried = tried_in(folder.path)
    if tried is None or not tried.verifies or not folder.exists:
        return 0
    size = folder.log_size()
    if tried.taken_to == size or not folder.over():
        return 0
    judged = folder_of_identity(folder.path.parent, tried.verifies)
    if judged is None or judged.gone() is not None:
        return None
    view, run = _read(folder), _read(judged)
    try:
        found = verified_by(run, Feedback(view, tried).verdicts(1))
        if found:
            with closing(judged.feed()) as feed:
                feed.correct(run.task, *found)
    finally:
        view.feed.close()
        run.feed.close()
    note_taken_in(folder, tried, size)
    return len(found)


def is_taken_in(folder: RunFolder, tried: Tried) -> bool:
    """Whether the judged run has all that was found in a trial that is over, and was not opened again since."""
    return tried.taken_to == folder.log_size() and folder.over()


def note_taken_in(folder: RunFolder, tried: Tried, size: int) -> None:
    """Write down that the judged run has what was found when the log of the trial had this size."""
    change_tried(folder.path, lambda there: structs.replace(there or tried, taken_to=size))


def _read(folder: RunFolder) -> RunView:
    view = RunView.open(folder)
    view.catch_up()
    return view
