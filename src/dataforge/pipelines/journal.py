"""What a pipeline writes down: what was asked at which place, what steps gave, what came out of items."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from dataforge.durable import sync, sync_folder
from dataforge.errors import RunError

__all__ = ["Again", "Call", "Entry", "Journal", "Outcome", "Step"]


class Call(msgspec.Struct, frozen=True, tag="call"):
    """A question: `item` is the place of an item among those of the pipeline, `digest` that of what was asked.

    `after` are the places whose answers led to it. `round`: how often the item had been played anew when this was first
    asked there; a question that is the same as before stays that of its round.
    """

    item: int
    place: str
    asked: str
    digest: str
    shown: str
    after: tuple[str, ...] = ()
    round: int = 0


class Step(msgspec.Struct, frozen=True, tag="step"):
    """What a step gave, which is not done again."""

    item: int
    place: str
    value: msgspec.Raw


class Outcome(msgspec.Struct, frozen=True, tag="outcome"):
    """What the function gave for an item, or why it gave nothing.

    `of` are the places whose answers it was given, `after` those that led to its end.
    """

    item: int
    value: msgspec.Raw
    error: str = ""
    of: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Again(msgspec.Struct, frozen=True, tag="again"):
    """An item is played anew, because answers that it rests on were corrected.

    `since` are the cursors of the final answers that there are by then, by task: of several to one question the last of
    these is given to the function.
    """

    item: int
    since: dict[str, int]


Entry = Call | Step | Outcome | Again

_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


class Journal:
    """A file of entries, one a line. What `write` returned from is on the disk; half a line of a crash is cut off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def read(self) -> Iterable[Entry]:
        """All entries; raises `RunError` where one in the middle cannot be read."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield _DECODER.decode(line)
                except msgspec.MsgspecError as error:
                    raise RunError(
                        f"{self._path}: line {number} is damaged ({error}); take the folder back from a copy"
                    ) from None

    def write(self, entries: Iterable[Entry]) -> None:
        """Add entries, all on the disk on return."""
        lines = b"".join(_ENCODER.encode(entry) + b"\n" for entry in entries)
        if not lines:
            return
        if self._file is None:
            self._file = self._opened()
        view = memoryview(lines)
        while view:
            view = view[os.write(self._file, view) :]
        sync(self._file)

    def _opened(self) -> int:
        """The file, at the end of its last whole line."""
        new = not self._path.exists()
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        whole = 0 if new else self._path.read_bytes().rfind(b"\n") + 1
        os.ftruncate(file, whole)
        os.lseek(file, 0, os.SEEK_END)
        if new:
            sync_folder(self._path.parent)
        return file

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
