"""What experts found in trials that are over goes to the runs whose answers they judged, whoever asked them."""

from __future__ import annotations

import logging
import time
from contextlib import closing

from msgspec import structs

from dataforge.runs.core.folder import RunFolder, folder_of_identity, run_folders
from dataforge.runs.core.tried import change_tried, tried_in
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.feedback import Feedback
from dataforge.runs.handle.verifying import verified_by
from dataforge.workspace import Workspace

__all__ = ["EndedTrials", "hand_on"]

log = logging.getLogger("dataforge.runner")

TRY_AGAIN_AFTER = 60.0


class EndedTrials:
    """The trials of a workspace in which answers of runs are judged; called every now and then by who drives runs."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._not_before: dict[str, float] = {}

    def hand_on(self) -> None:
        """Hand on what was found in those that are over; one that cannot be looked at keeps no other waiting."""
        for folder in run_folders(self._workspace.runs):
            if time.monotonic() < self._not_before.get(folder.name, 0.0):
                continue
            try:
                hand_on(folder)
            except Exception as error:  # whatever is in the folder, or in the way: it is tried again
                log.warning("%s: what experts found cannot be taken in: %s", folder.name, error)
                self._not_before[folder.name] = time.monotonic() + TRY_AGAIN_AFTER


def hand_on(folder: RunFolder) -> int:
    """Put what experts found in a trial that is over into the feed of the run that it judges; how many answers.

    Whoever drives that run takes it in. A process that is killed between the two leaves it to be done again, which
    changes nothing: what was found of an item is taken in once.
    """
    tried = tried_in(folder.path)
    if tried is None or not tried.verifies or tried.taken_in or not folder.exists or not folder.over():
        return 0
    judged = folder_of_identity(folder.path.parent, tried.verifies)
    if judged is None or judged.gone() is not None:
        return 0
    view, run = _read(folder), _read(judged)
    try:
        found = verified_by(run, Feedback(view, tried).verdicts(1))
        if found:
            with closing(judged.feed()) as feed:
                feed.correct(run.task, *found)
    finally:
        view.feed.close()
        run.feed.close()
    change_tried(folder.path, lambda there: structs.replace(there or tried, taken_in=True))
    return len(found)


def _read(folder: RunFolder) -> RunView:
    view = RunView.open(folder)
    view.catch_up()
    return view
