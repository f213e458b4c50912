"""A checkpoint: what a run's driver knew after a part of the log, so that whoever opens the run reads on from there.

The log alone is the truth. A checkpoint that is missing or damaged, is of another log or of another version, is passed
over, and the log is read from its beginning.
"""

from __future__ import annotations

import hashlib
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.checkpoint import load_state, saved_state
from dataforge.runs.core.columns import Arrays
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.quality import Quality
from dataforge.runs.core.state import RunState

__all__ = ["Checkpoint", "read_checkpoint", "save_checkpoint", "worth_keeping"]

# A checkpoint has all items, so one is written for answers to so many of them only. After a fit it is written sooner:
# who reads on from one of before it has to look at all items again.
ITEMS_FOR_AN_ANSWER = 4
ITEMS_AFTER_A_FIT = 8

# Goes up when the same names mean something else.
FORMAT = 6
ABOUT = "about"
# Two logs, one of which may have gone on from a copy of the other, differ in their last megabyte if they differ at all:
# keys of orders bear the run's identity, events bear cursors and times.
TAIL = 1 << 20


class _About(msgspec.Struct, frozen=True):
    """Which part of which log a checkpoint tells of: so many bytes, with a digest of the last ones."""

    format: int
    log: int
    tail: bytes
    fed: int


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run after `log` bytes of its log, of which `fed` items came from its feed."""

    log: int
    fed: int
    arrays: Arrays

    def load_state(self, state: RunState) -> None:
        """Give the knowledge to a state that has these items and has heard of nothing yet."""
        load_state(state, self.arrays)

    def load_quality(self, quality: Quality) -> None:
        """Give the knowledge to a quality that has these items, wants what was wanted and has heard of nothing yet."""
        start = "quality."
        quality.load({name[len(start) :]: array for name, array in self.arrays.items() if name.startswith(start)})


def worth_keeping(state: RunState, new: int, least: int, *, fitted: bool) -> bool:
    """Whether so many answers that no checkpoint has are enough for one.

    `fitted`: since the last one all answers were looked at together. A run that has ended gets one after that, and no
    more.
    """
    if state.ending is not None:
        return fitted and new >= least
    return new >= max(least, len(state.numbering) // (ITEMS_AFTER_A_FIT if fitted else ITEMS_FOR_AN_ANSWER))


def save_checkpoint(folder: RunFolder, log: int, state: RunState, quality: Quality) -> None:
    """Write down what is known of a run, at rest, after so many bytes of its log; the disk may lose it."""
    about = _About(FORMAT, log, _tail(folder.log, log), state.fed)
    arrays: dict[str, NDArray[Any]] = {ABOUT: np.frombuffer(msgspec.json.encode(about), np.uint8)}
    arrays |= saved_state(state)
    arrays |= {f"quality.{name}": array for name, array in quality.arrays().items()}
    aside = folder.checkpoint.with_suffix(".part")
    try:
        with open(aside, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        aside.replace(folder.checkpoint)
    except OSError:
        # Without room for it the log is read from its beginning.
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def read_checkpoint(folder: RunFolder) -> Checkpoint | None:
    """The run's checkpoint, if there is one that its log bears out."""
    try:
        # The file's own sums are checked as it is read.
        with np.load(folder.checkpoint, allow_pickle=False) as file:
            about = msgspec.json.decode(file[ABOUT].tobytes(), type=_About)
            if about.format != FORMAT or about.tail != _tail(folder.log, about.log):
                return None
            return Checkpoint(about.log, about.fed, {name: file[name] for name in file.files if name != ABOUT})
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, msgspec.MsgspecError):
        return None


def _tail(log: Path, end: int) -> bytes:
    """A digest of the log's bytes before an offset; raises `EOFError` if the log is shorter."""
    with open(log, "rb") as file:
        start = file.seek(max(0, end - TAIL))
        content = file.read(end - start)
    if len(content) < end - start:
        raise EOFError(f"{log} has fewer than {end} bytes")
    return hashlib.blake2b(content, digest_size=16).digest()
