"""What is said of money beside the prices of pages: what was not paid, and why."""

from __future__ import annotations

from dataforge.catalogue import say
from dataforge.price_texts import money
from dataforge.records import MICRO, Money, Texts

__all__ = ["below_floor", "bonuses_not_paid", "pages_not_paid"]


def below_floor(workers: int, amount: Money, currency: str) -> Texts:
    """Workers whom the budget leaves below the wage floor."""
    whole = money(amount / MICRO, currency)
    return {
        "en": f"The budget does not reach for the wage floor: {workers} of the workers lack {whole['en']} in all. "
        "Raise it by run.change(budget=…), and they are paid at once.",
        "ru": f"На минимум за час не хватает бюджета: исполнителей, которым недоплачено: {workers}, всего "
        f"{whole['ru']}. Увеличьте бюджет через run.change(budget=…), и доплата будет сделана сразу.",
    }


def bonuses_not_paid(count: int, amount: Money, currency: str) -> Texts:
    """Bonuses that the budget did not pay."""
    return say("bonuses_not_paid", number=count, amount=money(amount / MICRO, currency))


def pages_not_paid(count: int, amount: Money, currency: str) -> Texts:
    """Pages that were to be accepted after all, and that the budget did not pay."""
    return say("pages_not_paid", number=count, amount=money(amount / MICRO, currency))
