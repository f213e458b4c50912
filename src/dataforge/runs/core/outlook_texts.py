"""What is foreseen of a run before its first answer, in words."""

from __future__ import annotations

from decimal import Decimal

from dataforge.catalogue import say
from dataforge.pricing.amounts import money
from dataforge.records import MICRO, Forecast, Texts
from dataforge.runs.core.crowd import Presumed

__all__ = ["foreseen"]


def foreseen(told: Forecast, currency: str, commission: float, presumed: Presumed) -> Texts | None:
    """What rehearsals came to and what they presume of workers, with the platform's share; None without rehearsals."""
    if told.overlap is None or told.right is None:
        return None
    paid = (told.cost, told.low, told.high, told.most)
    cost, low, high, most = (money(one / MICRO * (1 + commission), currency) for one in paid)
    name = "about_foreseen_after" if presumed.people else "about_foreseen"
    return say(
        name,
        people=presumed.people,
        cost=cost,
        low=low,
        high=high,
        most=most,
        overlap=Decimal(f"{told.overlap.expected:.2f}"),
        right=Decimal(f"{100 * told.right.expected:.1f}"),
        presumed=round(100 * presumed.right),
    )
