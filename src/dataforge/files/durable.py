"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["put_in_place", "sync", "sync_folder", "write_whole"]


def sync(file: int) -> None:
    """Return once what was written to an open file is on the disk itself."""
    if sys.platform == "darwin":
        # There, fsync leaves it in the drive's own cache, which a power cut empties.
        import fcntl

        fcntl.fcntl(file, fcntl.F_FULLFSYNC)
    else:
        os.fsync(file)


def put_in_place(aside: Path, target: Path) -> None:
    """Give what was written aside its name; on return both the content and the name are on the disk."""
    with open(aside, "rb+") as file:
        sync(file.fileno())
    aside.replace(target)
    sync_folder(target.parent)


def write_whole(target: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file that appears whole or not at all; on return it is on the disk, if it is to be `durable`."""
    aside = target.with_name(f"{target.name}.{os.getpid()}.part")
    aside.write_bytes(content)
    if durable:
        put_in_place(aside, target)
    else:
        aside.replace(target)


def sync_folder(folder: Path) -> None:
    """Have the disk know which files a folder has."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        sync(handle)
    finally:
        os.close(handle)
