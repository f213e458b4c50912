"""The run log: what was received, ordered and sent, one JSON line each, only ever appended to.

Whoever drives the run appends; everybody else may read the same file while it grows. A line that a crash has torn
is cut off when the log is opened for appending, and not read before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from dataforge.corrections import Correction
from dataforge.endings import Ending, lines_from_end
from dataforge.errors import RunError
from dataforge.files.durable import sync, sync_folder
from dataforge.records import (
    Allow,
    Deal,
    Event,
    Flag,
    Judge,
    Learn,
    PayBonus,
    Recheck,
    Republish,
    Restrict,
    Terms,
    Want,
)

__all__ = [
    "FORMAT",
    "AddRange",
    "Changed",
    "Check",
    "Close",
    "Corrected",
    "Decided",
    "Declined",
    "Entry",
    "Fed",
    "Final",
    "FinalOutcome",
    "Finished",
    "Fitted",
    "Judged",
    "Open",
    "Order",
    "Ordered",
    "Received",
    "Reopened",
    "RunLog",
    "Sent",
    "Shown",
    "Started",
    "Ticked",
    "keyed",
    "last_shown",
    "read_entries",
    "read_finals",
]


class _Line(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="entry"):
    """The base of all entries."""


class AddRange(msgspec.Struct, frozen=True, tag="add_range", tag_field="kind"):
    """Put items on the platform; what they hold is in the run's table of items.

    `shuffled`: they are those at the places `start..stop` of the run's random order. Older logs name them by
    their numbers.
    """

    key: str
    start: int
    stop: int
    wanted: int
    shuffled: bool = False


class Close(msgspec.Struct, frozen=True, tag="close", tag_field="kind"):
    """Close the run, for a reason of the run's own; `after` is the event cursor at which that was decided."""

    key: str
    ending: Ending
    after: int = 0


class Open(msgspec.Struct, frozen=True, tag="open", tag_field="kind"):
    """Open the run again, for items have come after it was done, or by hand; `after` as for `Close`."""

    key: str
    after: int = 0


class Check(msgspec.Struct, frozen=True, tag="check", tag_field="kind"):
    """Have other workers judge the answers of these pages, and the drafts of these items.

    What is judged of the pages follows from them.
    """

    key: str
    pages: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()


# What a run orders: a platform's commands, with items to add named by their places and the reason for closing; and
# checks, which go to the run that is for them.
Order = (
    AddRange | Want | Judge | Restrict | Allow | Deal | Recheck | Learn | PayBonus | Close | Open | Republish | Check
)


UNKEYED = ""
"""The key of an order that `keyed` gets to see; one that could be given twice has what tells it from the first."""


def keyed(prefix: str, order: Order) -> Order:
    """The order with a key made of what it says.

    Numbered keys would do as long as the log is whole; these stay right even if its end is lost with the disk. What a
    worker reads of a bonus is not in it: who words that otherwise has not given another.
    """
    said = msgspec.json.encode(msgspec.structs.replace(order, reason={}) if isinstance(order, PayBonus) else order)
    return msgspec.structs.replace(order, key=f"{prefix}-{hashlib.blake2b(said, digest_size=12).hexdigest()}")


class Started(_Line, frozen=True, tag="started"):
    """The run began; `prefix` makes its commands' keys its own, `epoch` names the platform's store, if it tells.

    `format` is the version of the log; 0 is from before there were any.
    """

    at: float
    prefix: str
    epoch: str = ""
    format: int = 0


class Received(_Line, frozen=True, tag="received"):
    """Events as the platform reported them, and the cursor after them."""

    cursor: int
    events: tuple[Event, ...]


class Fed(_Line, frozen=True, tag="fed"):
    """So many items more came from the run's feed, and are numbered after those there; `finished`: no more come."""

    at: float
    items: int = 0
    finished: bool = False


class Corrected(_Line, frozen=True, tag="corrected"):
    """What the requester corrected by hand, in the order in which it was asked for."""

    at: float
    corrections: tuple[Correction, ...]


class Changed(_Line, frozen=True, tag="changed"):
    """From here on the run asks something else, for the so many-th time; the terms are those of the run's feed."""

    at: float
    number: int
    terms: Terms


class Judged(_Line, frozen=True, tag="judged"):
    """What other workers found of answers, by the keys of their checks: whether they are right, and how probably.

    None where nothing was found. `cursor` is the place in the log of the checks up to which that was read; `over`: none
    of the other answers will be judged. `reasons`: in what answers are wrong, if anybody was asked that. `friends`:
    workers who are known from now on to find each other's answers right, whatever others say of them.
    """

    at: float
    cursor: int
    keys: tuple[str, ...] = ()
    right: tuple[bool | None, ...] = ()
    chances: tuple[float | None, ...] = ()
    over: bool = False
    reasons: tuple[str | None, ...] = ()
    friends: tuple[tuple[str, ...], ...] = ()


class Ticked(_Line, frozen=True, tag="ticked"):
    """Time passed and nothing came, but something depends on the time."""

    at: float


class Ordered(_Line, frozen=True, tag="ordered"):
    """A command, written down before it is sent."""

    order: Order


class Sent(_Line, frozen=True, tag="sent"):
    """Commands that the platform has taken."""

    keys: tuple[str, ...]


class Declined(_Line, frozen=True, tag="declined"):
    """The platform will never carry out a command, and says why: it is sent no more, and the run goes on without it.

    With `item` it is only that item of the command, which is sent again without it.
    """

    key: str
    why: str
    item: str = ""


class Fitted(_Line, frozen=True, tag="fitted"):
    """The whole run was aggregated when it had so many accepted answers; `file` holds the workers' parameters.

    `afresh`: from nothing, so that the result follows from the answers alone.
    """

    answers: int
    file: str
    afresh: bool = False


class Decided(_Line, frozen=True, tag="decided"):
    """All that was new has been decided on; `settled`: every item was looked at.

    `confidence` is the mean confidence at that time, for the chart.
    """

    settled: bool = False
    confidence: float | None = None


class FinalOutcome(msgspec.Struct, frozen=True, array_like=True):
    """One output's final answers to some items, and how sure each is; None where nothing was answered."""

    output: str
    values: tuple[Any, ...]
    confidence: tuple[float | None, ...]


class Final(_Line, frozen=True, tag="final"):
    """Answers that stay as they are, whatever comes; `overlap` is how many responses each rests on."""

    keys: tuple[str, ...]
    outcomes: tuple[FinalOutcome, ...]
    overlap: tuple[int, ...]
    flags: tuple[Flag, ...]


class Reopened(_Line, frozen=True, tag="reopened"):
    """Answers that were final and are not any more, because the run asks more of them; they become final anew."""

    keys: tuple[str, ...]


class Finished(_Line, frozen=True, tag="finished"):
    """The run is over."""

    at: float
    ending: Ending


class Shown(_Line, frozen=True, tag="shown"):
    """The finished run is on the requester's pages, with so much of its feed; nothing is left to do."""

    fed: int = 0
    corrections: int = 0
    changes: int = 0


Entry = (
    Started
    | Received
    | Fed
    | Corrected
    | Changed
    | Judged
    | Ticked
    | Ordered
    | Sent
    | Declined
    | Fitted
    | Decided
    | Final
    | Reopened
    | Finished
    | Shown
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)

FORMAT = 1
"""The version of a run's files that this DataForge writes, and the newest that it reads."""
CHUNK = 1 << 20
FINAL = b'{"entry":"final",'


class RunLog:
    """A log opened for appending; the caller holds the run's lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        new = not path.exists()
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - kept open while the run is driven
        if new:
            sync_folder(path.parent)
        _cut_torn_line(path)
        self._end = self._file.seek(0, os.SEEK_END)
        # Whether something of a batch that was refused may lie behind the end.
        self._dirty = False

    @property
    def size(self) -> int:
        """How many bytes the log has."""
        return self._end

    def append(self, entries: Sequence[Entry], *, durable: bool = True) -> None:
        """Append entries in one write; on return they are on the disk, unless `durable` is False."""
        if not entries:
            return
        content = b"".join(_encoder.encode(entry) + b"\n" for entry in entries)
        try:
            self._cut_back()
            self._dirty = True
            written = self._file.write(content)
            while written < len(content):
                written += self._file.write(content[written:])
            if durable:
                sync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._cut_back()
            raise RunError(
                f"the run log {str(self._path)!r} cannot be written: {error}; free space, then launch again"
            ) from error
        self._end, self._dirty = self._end + len(content), False

    def _cut_back(self) -> None:
        """Take back what was written of a refused batch; what comes next must not stand behind half a line."""
        if self._dirty:
            self._file.truncate(self._end)
            self._file.seek(0, os.SEEK_END)
            self._dirty = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_entries(path: Path, offset: int = 0) -> Iterator[tuple[Entry, int]]:
    """Entries from a byte offset on, each with the offset after it; a line still being written is left for later."""
    for line, end in _lines(path, offset):
        yield _decode(line, path, end), end


def read_finals(path: Path, offset: int = 0) -> Iterator[tuple[Final | None, int]]:
    """Entries as `read_entries` gives them, but only those of final answers are decoded: for all others None."""
    for line, end in _lines(path, offset):
        if line.startswith(FINAL):
            entry = _decode(line, path, end)
            assert isinstance(entry, Final)
            yield entry, end
        else:
            yield None, end


def _lines(path: Path, offset: int) -> Iterator[tuple[bytes, int]]:
    with open(path, "rb") as file:
        file.seek(offset)
        rest = b""
        while chunk := file.read(CHUNK):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            for line in lines:
                offset += len(line) + 1
                yield line, offset


def last_shown(path: Path) -> Shown | None:
    """That the run has ended and was shown, read from the log's end only; None if something is left to do."""
    line = next(lines_from_end(path), b"")
    if not line.startswith(b'{"entry":"shown"'):
        return None
    entry = _decode(line, path, path.stat().st_size)
    assert isinstance(entry, Shown)
    return entry


def _decode(line: bytes, path: Path, offset: int) -> Entry:
    try:
        entry = _decoder.decode(line)
        if isinstance(entry, Started) and entry.format > FORMAT:
            raise msgspec.ValidationError(f"its format is {entry.format}, known are those up to {FORMAT}")
        return entry
    except msgspec.ValidationError as error:
        # Whole JSON is nothing that a disk makes of an entry.
        raise RunError(
            f"the run log {str(path)!r} has an entry before byte {offset} that this DataForge does not know: {error}; "
            "a newer DataForge has written it: update DataForge"
        ) from error
    except msgspec.MsgspecError as error:
        raise RunError(
            f"the run log {str(path)!r} is damaged before byte {offset}: {error}; restore the folder from a copy"
        ) from error


def _cut_torn_line(path: Path) -> None:
    """Cut off what follows the last line end."""
    with open(path, "r+b") as file:
        end = file.seek(0, os.SEEK_END)
        position = end
        while position > 0:
            start = max(0, position - CHUNK)
            file.seek(start)
            found = file.read(position - start).rfind(b"\n")
            if found >= 0:
                position = start + found + 1
                break
            position = start
        if position < end:
            file.truncate(position)
            sync(file.fileno())
