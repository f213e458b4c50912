"""Appeals against rejected pages, as the requester of a run reads and decides them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataforge.errors import RunError
from dataforge.platforms.base import Appealing
from dataforge.records import MICRO
from dataforge.runs.handle.holding.by_hand import go_on
from dataforge.runs.handle.holding.held import Held

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["appeals", "decide"]

COLUMNS = ("page", "worker", "name", "state", "text", "at", "reason", "price", "items", "reply", "decided")
TIMES = ("at", "decided")


def appeals(held: Held) -> pd.DataFrame:
    """One row per appeal, the open ones first; times are UTC, the price is in the run's currency."""
    import pandas as pd

    held.check_there()
    rows = [
        (
            one.page,
            one.worker,
            one.name,
            one.state,
            one.text,
            one.at,
            (one.reason or {}).get("en", next(iter((one.reason or {}).values()), "")),
            one.price / MICRO,
            one.items,
            one.reply,
            one.decided,
        )
        for one in _platform(held).appeals(held.name)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in TIMES:
        frame[column] = pd.to_datetime(frame[column], unit="s", utc=True)
    return frame


def decide(held: Held, page: str, reply: str, *, upheld: bool) -> None:
    """Decide an appeal, and let the run take in what follows."""
    held.check_there()
    _platform(held).decide_appeal(held.name, page, upheld=upheld, reply=reply)
    if upheld and held.folder.gone() is None:
        go_on(held)


def _platform(held: Held) -> Appealing:
    platform = held.platform()
    if not isinstance(platform, Appealing):
        raise RunError(f"run {held.name!r}: workers of the platform {platform.name!r} make no appeals")
    return platform
