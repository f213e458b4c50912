"""Amounts of money in words, as the pages write them."""

from __future__ import annotations

from dataforge.catalogue import languages
from dataforge.records import Texts

__all__ = ["money"]

SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "RUB": "₽",
    "JPY": "¥",
    "CNY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "KZT": "₸",
    "TRY": "₺",
    "UAH": "₴",
    "ILS": "₪",
}
"""As browsers write these currencies where there is little room, and so the pages; others by their codes."""


def money(amount: float, currency: str) -> Texts:
    """An amount in words, as the pages write amounts beside it."""
    number = f"{amount:.{2 if amount >= 1 or not amount else 3}f}"
    sign = SIGNS.get(currency, currency)
    before = f"{sign}{number}" if currency in SIGNS else f"{number} {sign}"
    # A line does not end between them.
    behind = f"{number.replace('.', ',')}\N{NO-BREAK SPACE}{sign}"
    return dict.fromkeys(languages(), behind) | {"en": before, "tr": before.replace(".", ",")}
