"""What the settings of a policy may be that are about money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from dataforge.errors import SpecError
from dataforge.objects.base import is_number

__all__ = ["bonuses_of", "check_money"]

LARGEST_BONUS = 1_000_000
"""In units of the currency; who means to pay more for a step has written millionths."""


class _Priced(Protocol):
    """The settings of a policy that are looked at together."""

    @property
    def wage_floor(self) -> float | None: ...
    @property
    def price_per_hour(self) -> float | None: ...
    @property
    def page_price(self) -> float | None: ...
    @property
    def budget(self) -> float | None: ...
    @property
    def commission(self) -> float: ...
    @property
    def currency(self) -> str: ...


def bonuses_of(value: Any) -> dict[float, float] | None:
    """What is paid for each share of right answers, by rising share; in JSON they are pairs."""
    if value is None or value in ({}, []):
        return None
    expected = "a mapping of shares of right answers to whole cents, such as {0.8: 0.5, 0.9: 1}"
    try:
        steps = dict(value) if isinstance(value, Mapping | list) else None
    except (TypeError, ValueError):
        steps = None
    if steps is None:
        raise SpecError(f"policy: bonuses must be {expected}, got {value!r}")
    for share, amount in steps.items():
        if not is_number(share) or not 0 < share < 1:
            percent = f"; write {share / 100:g}" if is_number(share) and 1 < share < 100 else ""
            raise SpecError(
                f"policy: bonuses must be {expected}: expected a share above 0 and below 1, which nobody is ever "
                f"certain to reach, got {share!r}{percent}"
            )
        if not is_number(amount) or not 0 < amount <= LARGEST_BONUS or round(amount * 100) != round(amount * 100, 6):
            raise SpecError(f"policy: bonuses must be {expected}: expected whole cents above 0, got {amount!r}")
    return {float(share): float(steps[share]) for share in sorted(steps)}


def check_money(policy: _Priced) -> None:
    """Raise `SpecError` for amounts that cannot be, and for a floor of work that is not paid."""
    for what in ("price_per_hour", "page_price", "wage_floor", "budget"):
        value = getattr(policy, what)
        if value is not None and (not is_number(value) or value < 0 or value > 1e9):
            raise SpecError(f"policy: {what} must be an amount from 0 to a thousand million, got {value!r}")
    if policy.wage_floor is not None and 0 in (policy.wage_floor, policy.page_price, policy.price_per_hour):
        raise SpecError(
            f"policy: wage_floor={policy.wage_floor:g} is for work that is paid; leave it out where pages cost "
            "nothing, or give a price_per_hour of at least the floor"
        )
    if policy.budget == 0:
        raise SpecError("policy: budget must be more than 0, got 0; write None for no bound, or --budget none")
    if not is_number(policy.commission) or not 0 <= policy.commission <= 10:
        raise SpecError(f"policy: commission must be a share such as 0.3, got {policy.commission!r}")
    if not isinstance(policy.currency, str) or not policy.currency.strip() or len(policy.currency) > 10:
        raise SpecError(f"policy: currency must be a short name such as 'USD', got {policy.currency!r}")
