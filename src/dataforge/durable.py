"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["put_in_place", "sync_folder"]


def put_in_place(aside: Path, target: Path) -> None:
    """Give what was written aside its name; on return both the content and the name are on the disk."""
    with open(aside, "rb+") as file:
        os.fsync(file.fileno())
    aside.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk know which files a folder has."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
