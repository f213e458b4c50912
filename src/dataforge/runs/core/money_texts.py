"""What is said of money beside the prices of pages: what was not paid, and why."""

from __future__ import annotations

from dataforge.catalogue import say
from dataforge.pricing.amounts import money
from dataforge.records import MICRO, Money, Texts

__all__ = ["below_floor", "bonuses_not_paid", "earned_step", "pages_not_paid", "strangers_guess", "unreachable_step"]


def below_floor(workers: int, amount: Money, currency: str) -> Texts:
    """Workers whom the budget leaves below the wage floor."""
    return say("below_floor", workers=workers, amount=money(amount / MICRO, currency))


def bonuses_not_paid(count: int, amount: Money, currency: str) -> Texts:
    """Bonuses that the budget did not pay."""
    return say("bonuses_not_paid", number=count, amount=money(amount / MICRO, currency))


def pages_not_paid(count: int, amount: Money, currency: str) -> Texts:
    """Pages that were to be accepted after all, and that the budget did not pay."""
    return say("pages_not_paid", number=count, amount=money(amount / MICRO, currency))


def strangers_guess(workers: int, amount: Money, currency: str) -> Texts:
    """Who came for a few pages passes control items, and agrees little with people who stay; and what that was paid."""
    return say("strangers_guess", workers=workers, amount=money(amount / MICRO, currency))


def earned_step(share: float) -> Texts:
    """What a worker reads of a bonus by accuracy."""
    return say("earned_step", share=round(100 * share, 6))


def unreachable_step(share: float, needed: int, controls: int) -> Texts:
    """A bonus by accuracy that nobody can reach."""
    return say("unreachable_step", share=share, needed=needed, controls=controls)
