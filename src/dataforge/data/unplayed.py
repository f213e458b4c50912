"""Sounds and films that many browsers do not play, told before they are shown to anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from dataforge.catalogue import say
from dataforge.data.items import Items
from dataforge.media.codecs import unplayed
from dataforge.objects.audio import Audio
from dataforge.objects.track import Track
from dataforge.objects.video import Video
from dataforge.records import Texts
from dataforge.tasks.task import Task

__all__ = ["unplayed_notices"]

LOOKED_AT = 2_000
"""Of so many items, evenly spread, the files are looked at: of each a little is read."""
MOST_NAMED = 5


def unplayed_notices(items: Items) -> Iterator[Texts]:
    """That sounds or films are packed as many browsers do not play them, if they are."""
    if not (names := list(_played(items.task))):
        # Not even a look: pyarrow loads pandas to make an array.
        return
    rows = pa.array(np.unique(np.linspace(0, items.count - 1, min(items.count, LOOKED_AT)).astype(np.int64)))
    files = {file for name in names for file in _files(items.values.column(name).take(rows))}
    packed = {file: how for file in sorted(files) if (how := unplayed(Path(file)))}
    if packed:
        kinds = Counter(packed.values())
        told = ", ".join(f"{how}: {number}" for how, number in kinds.most_common(MOST_NAMED))
        yield say("unplayed", number=len(packed), of=len(files), kinds=told, example=Path(min(packed)).name)


def _played(task: Task) -> Iterator[str]:
    """The inputs that workers' browsers play: of a film in which things are followed the server makes the pictures."""
    framed = {slot.type.of for slot in task.outputs if isinstance(slot.type, Track)}
    for slot in task.inputs:
        if isinstance(slot.type, Audio) or (isinstance(slot.type, Video) and not framed & {slot.name, None}):
            yield slot.name


def _files(column: pa.ChunkedArray) -> Iterator[str]:
    """The files of this machine that a column names."""
    for value in column.to_pylist():
        value = msgspec.json.decode(value) if isinstance(value, str) else value
        if isinstance(value, dict) and isinstance(file := value.get("file"), str):
            yield file
