"""How work over several runs stands, by files in its folder: whether somebody is at it, what was shown of it last."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
from filelock import FileLock, Timeout

__all__ = ["is_held", "last_shown"]

ShownT = TypeVar("ShownT")


def is_held(lock: FileLock) -> bool:
    """Whether some process holds a lock."""
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def last_shown(file: Path, kind: type[ShownT]) -> ShownT | None:
    """What a file shows; None where nobody has written it, or another version, which is then written anew."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
