"""What is said of money beside the prices of pages: what was not paid, and why; English and Russian."""

from __future__ import annotations

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
    whole = money(amount / MICRO, currency)
    return {
        "en": f"The budget did not reach for {count} of the bonuses, {whole['en']} in all: nobody was paid these. "
        "Raise it by run.change(budget=…), and give them again, under other keys if they had any.",
        "ru": f"Премий, на которые не хватило бюджета: {count}, всего {whole['ru']}. Они не выплачены: увеличьте "
        "бюджет через run.change(budget=…) и назначьте их снова, под другими ключами, если ключи были.",
    }


def pages_not_paid(count: int, amount: Money, currency: str) -> Texts:
    """Pages that were to be accepted after all, and that the budget did not pay."""
    whole = money(amount / MICRO, currency)
    return {
        "en": f"The budget did not reach for {count} of the pages that were to be accepted after all, {whole['en']}: "
        "they stay rejected. Raise it by run.change(budget=…), and accept them again.",
        "ru": f"Страниц, которые надо было принять после отклонения и на которые не хватило бюджета: {count}, "
        f"всего {whole['ru']}. Они остаются отклонёнными: увеличьте бюджет через "
        "run.change(budget=…) и примите их снова.",
    }
