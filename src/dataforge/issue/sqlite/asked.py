"""What is asked of a run's items, and the stretches of indexes in which those that are meant lie in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from dataforge.issue.sqlite.conditions import Clause
from dataforge.objects.base import Label

__all__ = [
    "INDEXES",
    "ORDERS",
    "Asked",
    "Order",
    "Range",
    "Source",
    "along_index",
    "along_range",
    "in_order",
    "stretches",
    "within",
]

Order = Literal["key", "confidence", "responses"]


class Range(NamedTuple):
    """From what to what, both included."""

    low: float
    high: float


class Asked(NamedTuple):
    """Which of a run's items are asked for, and which part of their list.

    `control`: control items only, or none of them; None: all. `answer`: what an item is answered with, as pieces of the
    JSON in which answers are stored. `named`: the answers whose labels have the text that is searched for, by
    their outputs; `written`: whether answers may have texts and numbers of their own. `worker`: who answered.
    `confidence` and `overlap`: from what to what, both included; an item that nothing is known of has no confidence.
    """

    order: Order = "key"
    search: str = ""
    flag: str = ""
    control: bool | None = None
    answer: Sequence[bytes] = ()
    named: Sequence[tuple[str, Label]] = ()
    written: bool = False
    worker: str = ""
    confidence: Range | None = None
    overlap: Range | None = None
    offset: int = 0
    limit: int = 50


class Source(NamedTuple):
    """Where items are read from: the column of their number, the table, and what holds for those that are meant.

    `whole`: their rows in `items` are read, not an index alone. `last`: what is dear to look at, and looked at last.
    """

    number: str
    table: Clause
    where: tuple[Clause, ...] = ()
    whole: bool = False
    last: tuple[Clause, ...] = ()


ORDERS: dict[Order, str] = {
    "key": "items.key",
    "confidence": "quality.confidence, quality.overlap, quality.item",
    "responses": "quality.overlap, quality.item",
}
INDEXES: dict[Order, str] = {"confidence": "items_by_confidence", "responses": "items_by_overlap"}
BY_NOBODY = "items_answered_by_nobody"


def stretches(run: int, asked: Asked) -> list[Source]:
    """What comes one after another by confidence or overlap; of items that are to have an answer, few without one."""
    by_overlap, by_confidence = INDEXES["responses"], INDEXES["confidence"]
    if not asked.answer:
        # The index of a range tells the order as well: items outside it are not looked at.
        by_order = asked.order == "responses" and asked.confidence is None
        return [along_index(run, by_overlap if by_order else by_confidence)]
    of_nobody = "quality.overlap = 0 AND quality.answer IS NOT NULL"
    if asked.order == "responses":
        return [along_index(run, BY_NOBODY, of_nobody), along_index(run, by_overlap, "quality.overlap > 0")]
    return [
        along_index(run, BY_NOBODY, f"{of_nobody} AND quality.confidence = 0"),
        along_index(run, by_confidence, "quality.confidence = 0 AND quality.overlap > 0"),
        along_index(run, by_confidence, "quality.confidence > 0"),
    ]


def along_index(run: int, index: str, part: str = "TRUE") -> Source:
    """A part of a run's items along an index of what the run tells of them."""
    table = Clause(f"item_qualities AS quality INDEXED BY {index}")
    return Source("quality.item", table, (Clause(f"quality.run = ? AND {part}", (run,)),))


def within(asked: Asked) -> list[Clause]:
    """What holds for items whose confidence and overlap are within what is asked for."""
    found = []
    if asked.confidence is not None:
        found.append(Clause("quality.confidence > 0 AND quality.confidence BETWEEN ? AND ?", tuple(asked.confidence)))
    if asked.overlap is not None:
        found.append(Clause("quality.overlap BETWEEN ? AND ?", tuple(asked.overlap)))
    return found


def along_range(run: int, asked: Asked) -> Source | None:
    """The index that has the items of a range side by side, if there is one that is asked for."""
    if asked.confidence is None and asked.overlap is None:
        return None
    return along_index(run, INDEXES["responses" if asked.confidence is None else "confidence"])


def in_order(asked: Asked) -> bool:
    """Whether the index of a range has its items in the order that is asked for."""
    if asked.confidence is None:
        return asked.order == "responses" and asked.overlap is not None
    return asked.order == "confidence"
