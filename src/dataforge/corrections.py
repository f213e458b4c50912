"""What a requester corrects by hand in a run, while it goes on or after its end."""

from __future__ import annotations

from msgspec import Struct

from dataforge.records import Values

__all__ = ["Correct", "Correction", "Discard", "OfItem", "Reinstate", "Uncorrect", "Withdraw"]


class Discard(Struct, frozen=True, tag="discard", tag_field="kind"):
    """Let a worker's answers count no more, those to come neither; what was paid stays paid."""

    worker: str


class Reinstate(Struct, frozen=True, tag="reinstate", tag_field="kind"):
    """Let a worker's answers count again."""

    worker: str


class Correct(Struct, frozen=True, tag="correct", tag_field="kind"):
    """Say which answers to an item are right: of a control item they are the known ones, of another its final ones."""

    item: str
    answer: Values


class Withdraw(Struct, frozen=True, tag="withdraw", tag_field="kind"):
    """Show a control item to nobody any more, and let nothing that was answered to it count against anybody."""

    item: str


class Uncorrect(Struct, frozen=True, tag="uncorrect", tag_field="kind"):
    """Take back what was said of an item: workers' answers to it count again; a control item is as it came."""

    item: str


OfItem = Correct | Uncorrect | Withdraw
Correction = Discard | Reinstate | OfItem
