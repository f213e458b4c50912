"""Amounts of money in words, as the pages write them."""

from __future__ import annotations

from decimal import Decimal

from dataforge.catalogue import as_written, languages
from dataforge.records import MICRO, Money, Texts

__all__ = ["in_full", "money"]

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
CENT = Decimal("0.01")
BEFORE = ("en", "tr")


def money(amount: float, currency: str) -> Texts:
    """An amount in words, as the pages write amounts beside it: to a cent, and small ones to parts of it."""
    size = abs(amount)
    return _told(Decimal(f"{amount:.{2 if size >= 1 else 3 if size >= 0.01 else 4}f}"), currency)


def in_full(amount: Money, currency: str) -> Texts:
    """A sum of the ledger in words, to its last digit."""
    return _told(Decimal(amount) / MICRO, currency)


def _told(amount: Decimal, currency: str) -> Texts:
    """The digits that tell something, two at least, and the currency where a language puts it."""
    digits = amount.quantize(CENT)
    if digits != amount:
        digits = amount.normalize()
    minus, sign = "-" if digits < 0 else "", SIGNS.get(currency, currency)
    found = {}
    for language in languages():
        number = as_written(abs(digits), language)
        if language in BEFORE:
            found[language] = f"{minus}{sign}{number}" if currency in SIGNS else f"{minus}{number} {sign}"
        else:
            # A line does not end between them.
            found[language] = f"{minus}{number}\N{NO-BREAK SPACE}{sign}"
    return found
