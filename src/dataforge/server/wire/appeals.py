"""Bodies and replies of the requester's routes about appeals; see docs/http-api.md."""

from __future__ import annotations

from msgspec import Struct

from dataforge.records import PageAppeal
from dataforge.server.wire.requester import ItemView, WorkerView

__all__ = ["AppealDecision", "AppealDetail", "AppealList"]


class AppealDecision(Struct, frozen=True):
    """What is decided of an appeal; `reply` is for the worker, who reads it as it is: it gives no control item away.

    A page is paid only once: deciding the same again changes nothing, and the first reply stays.
    """

    upheld: bool
    reply: str = ""


class AppealList(Struct, frozen=True):
    """A part of the appeals: the open ones by age, then the others, the newest first; counts are of all."""

    open: int
    upheld: int
    dismissed: int
    appeals: list[PageAppeal]


class AppealDetail(Struct, frozen=True):
    """An appeal with the page's items and all that was answered to them, by this worker and others.

    What control items are known to be is not among it: see `GET /api/runs/{run}/known/{key}`.
    """

    appeal: PageAppeal
    items: list[ItemView]
    seconds: float | None
    who: WorkerView | None
