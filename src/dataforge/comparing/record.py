"""What is asked of a run that compares items: a file in its folder, with the items beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from dataforge.data.items import Items
from dataforge.errors import RunError
from dataforge.files.durable import write_whole
from dataforge.tasks.task import Task

__all__ = ["ITEMS_FILE", "Asked", "What", "asked_in", "load_items", "save"]

FILE = "comparing.json"
ITEMS_FILE = "compared.parquet"

What = Literal["rank", "cluster"]


class Asked(msgspec.Struct, frozen=True):
    """What is to be found (`what`), of items in the `column`, by at most so many `pairs`.

    `shared` are the task's other inputs, the same for every pair. `confidence`: how sure it is to be; `top`: only who
    is among the best so many. `ahead`: how many pairs are out at once.
    """

    what: What
    column: str
    pairs: int
    confidence: float
    ahead: int
    top: int | None = None
    shared: dict[str, Any] = {}
    seed: int = 0


def save(folder: Path, asked: Asked, items: Items) -> None:
    """Write both down; the file that says what is asked last, whole or not at all."""
    if not (folder / ITEMS_FILE).exists():
        items.save(folder / ITEMS_FILE)
    write_whole(folder / FILE, msgspec.json.encode(asked))


def asked_in(folder: Path) -> Asked | None:
    """What the run of a folder compares; None if it does not."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Asked)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise RunError(f"{str(folder / FILE)!r} is damaged: {error}; restore the folder from a copy") from error


def load_items(folder: Path, task: Task) -> Items:
    """The items that are compared."""
    return Items.load(folder / ITEMS_FILE, task)
