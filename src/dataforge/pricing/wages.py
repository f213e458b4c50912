"""Whether the price of a page keeps the wage floor, and what to write where it does not. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dataforge.catalogue import say
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.records import Texts

__all__ = ["floor_of", "wage_notices"]


def floor_of(policy: Policy, seconds: float) -> float:
    """What work of so many seconds is to bring at least, as a price is written: never below the wage floor.

    0 without a floor, and where the price of an hour that was chosen is below it: then every page is topped up.
    """
    floor = policy.wage_floor or 0.0
    return 0.0 if policy.hourly_price < floor else _rounded_up(seconds * floor / 3600)


def _rounded_up(price: float) -> float:
    """The least price with as many digits as prices have that is not below this one, but for what floats lose."""
    digits = 1000 if price <= 1 else 100
    return math.ceil(round(price * digits, 6)) / digits


def wage_notices(policy: Policy, price: float, seconds: float, items: int) -> Iterator[Texts]:
    """That who takes as long as the hint says earns less than the wage floor, if so: each page is topped up then."""
    floor = policy.wage_floor or 0.0
    needed = _rounded_up(seconds * floor / 3600)
    if not floor or price * 3600 >= floor * seconds * (1 - 1e-9):
        return
    shown: dict[str, str | float | Texts] = {
        "floor": money(floor, policy.currency),
        "hourly": money(price * 3600 / seconds, policy.currency),
        "price": money(price, policy.currency),
        "lacking": money(needed - price, policy.currency),
        "seconds": round(seconds, 1),
    }
    if policy.page_price is None:
        yield say("price_below_floor", hourly_price=f"{floor:g}", **shown)
        return
    enough = price * 3600 / floor
    yield say(
        "page_price_below_floor",
        page_price=f"{needed:g}",
        duration=f"{enough / items:.3g}",
        count=max(math.floor(enough * items / seconds), 1),
        **shown,
    )
