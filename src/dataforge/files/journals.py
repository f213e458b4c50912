"""Files of entries, one a line, that are there once they are written and read back after any crash."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from dataforge.errors import RunError
from dataforge.files.durable import sync, sync_folder

__all__ = ["Journal"]

T = TypeVar("T")


class Journal(Generic[T]):
    """A file of entries of a `kind`, one a line. What `write` returned from is on the disk; half a line of a crash is
    cut off."""

    def __init__(self, path: Path, kind: Any) -> None:
        self._path = path
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)
        self._file: int | None = None

    def read(self) -> Iterable[T]:
        """All entries; raises `RunError` where one in the middle cannot be read."""
        if not self._path.exists():
            return
        try:
            yield from self._lines()
        except OSError as error:
            raise RunError(f"{self._path}: cannot be read ({error}); take the folder back from a copy") from None

    def _lines(self) -> Iterable[T]:
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield self._decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise RunError(
                        f"{self._path}: line {number} is damaged ({error}); take the folder back from a copy"
                    ) from None

    def write(self, entries: Iterable[T]) -> None:
        """Add entries, all on the disk on return."""
        lines = b"".join(self._encoder.encode(entry) + b"\n" for entry in entries)
        if not lines:
            return
        if self._file is None:
            self._file = self._opened()
        view, begun = memoryview(lines), os.lseek(self._file, 0, os.SEEK_CUR)
        try:
            while view:
                view = view[os.write(self._file, view) :]
            sync(self._file)
        except OSError:
            # A full disk takes a part, and behind half a line nothing could be read: opened again it ends before that.
            with suppress(OSError):
                os.ftruncate(self._file, begun)
            self.close()
            raise

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
