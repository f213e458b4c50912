"""Loops, as the requester's routes show them; see docs/http-api.md."""

from __future__ import annotations

from msgspec import Struct

from dataforge.records import LoopEnd, LoopPoint, LoopShown, LoopState, Money

__all__ = ["LoopList", "LoopSummary", "LoopView"]


class LoopSummary(Struct, frozen=True):
    """A loop of the workspace, and how far it is; what nobody has shown yet is null. `last` is what the model knew
    after the last round.
    """

    loop: str
    state: LoopState
    ended: LoopEnd
    pool: int | None
    labelled: int | None
    last: LoopPoint | None
    cost: Money | None
    currency: str
    budget: float | None


class LoopList(Struct, frozen=True):
    """The loops of the workspace, by their names."""

    loops: list[LoopSummary]


class LoopView(Struct, frozen=True):
    """One loop. `here` are those of its runs at which workers work on this server, `asks` the one in which they are
    asked now, null where nobody is. `shown`: null where nobody has shown how it stands yet.
    """

    loop: str
    state: LoopState
    here: list[str]
    asks: str | None
    shown: LoopShown | None
