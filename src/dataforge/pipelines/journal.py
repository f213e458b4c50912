"""What a pipeline writes down: what was asked at which place, what steps gave, what came out of items."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dataforge.files import journals

__all__ = ["Again", "Call", "Entry", "Journal", "Outcome", "Step", "done_in"]


class Call(msgspec.Struct, frozen=True, tag="call"):
    """A question: `item` is the place of an item among those of the pipeline, `digest` that of what was asked.

    `after` are the places whose answers led to it. `round`: how often the item had been played anew when this was first
    asked there; a question that is the same as one before stays that of its round. `since`: how often when it came to
    stand at its place last.
    """

    item: int
    place: str
    asked: str
    digest: str
    shown: str
    after: tuple[str, ...] = ()
    round: int = 0
    since: int = 0


class Step(msgspec.Struct, frozen=True, tag="step"):
    """What a step gave, which is not done again; `cost`: what asking a model for it cost."""

    item: int
    place: str
    value: msgspec.Raw
    cost: float = 0.0


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


class Journal(journals.Journal[Entry]):
    """What a pipeline wrote down, in order."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Entry)


def done_in(path: Path) -> int:
    """How many items have a result or an error in a journal."""
    done: set[int] = set()
    for entry in Journal(path).read():
        if isinstance(entry, Outcome):
            done.add(entry.item)
        elif isinstance(entry, Again):
            done.discard(entry.item)
    return len(done)
