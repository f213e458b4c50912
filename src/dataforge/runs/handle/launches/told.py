"""What the training of other runs tells workers of a run's control items, and its own of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from dataforge.catalogue import say
from dataforge.changes.terms import publications_of
from dataforge.data.items import Items
from dataforge.data.known_items import looks_of, without
from dataforge.data.training import told_by
from dataforge.errors import DataForgeError
from dataforge.records import Publication, Texts
from dataforge.runs.core.folder import RunFolder, run_folders
from dataforge.workspace import Workspace

__all__ = ["shared_with_others", "without_told"]


def without_told(items: Items, place: Workspace, name: str | None) -> Items:
    """The items without the control items whose answers the training of another run of the task tells workers.

    Those with which the run of that name was launched, if there is one, stay: it has them.
    """
    if not items.control_count:
        return items
    told = {look: other.name for other, run in _others(items.task.id, place, name) for look in told_by(run)}
    if not told:
        return items
    there = next((folder for folder in run_folders(place.runs) if folder.name == name and folder.exists), None)
    stay = set() if there is None else set(_controls(there.load_items(items.task)).values())
    rows = {row: told[look] for row, look in _controls(items).items() if look in told and look not in stay}
    if not rows:
        return items
    left = without(items, rows)
    return replace(left, notices=(*left.notices, _left_out(len(rows), sorted(set(rows.values())))))


def shared_with_others(training: Items, place: Workspace, name: str) -> Iterator[Texts]:
    """A notice of each other run of the task that goes on and has control items among these training items."""
    taught = set(map(looks_of, training))
    for other, _ in _others(training.task.id, place, name):
        with suppress(DataForgeError):  # of a run that is damaged its own launch tells
            known = set() if other.over() else set(_controls(other.load_items(training.task)).values())
            if shared := len(taught & known):
                yield _lost(other.name, shared)


def _others(task: str, place: Workspace, name: str | None) -> Iterator[tuple[RunFolder, list[Publication]]]:
    """The other runs of the task in the workspace, with what they ever asked."""
    for folder in run_folders(place.runs):
        with suppress(DataForgeError):
            if folder.name != name and folder.exists and folder.describe().publication.task.id == task:
                yield folder, publications_of(folder.path)


def _controls(items: Items) -> dict[int, bytes]:
    """What workers see of each control item, by its row."""
    return {row: looks_of(items.inputs(row)) for row in np.flatnonzero(items.control).tolist()}


def _left_out(count: int, runs: list[str]) -> Texts:
    return say("controls_left_out", number=count, named=", ".join(map(repr, runs)))


def _lost(run: str, count: int) -> Texts:
    return say("training_lost_controls", number=count, run=repr(run))
