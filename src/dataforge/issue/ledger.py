"""What happened to money as entries of a double-entry ledger: pure, over whole millionths of a currency unit.

An entry moves one amount from one account to another, so that the accounts of a currency sum to zero always, whatever
happened. What a worker is owed is read from here and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from dataforge.records import Money, Texts

__all__ = [
    "FLOWS",
    "OF_BALANCES",
    "REJECTIONS",
    "Account",
    "Balance",
    "Entry",
    "Kind",
    "Sums",
    "balance_of",
    "exact",
    "payable",
    "postings",
    "totals",
]

Account = Literal["requester", "pending", "due", "paid"]
"""The requester's spending, and of each worker what waits for a verdict, what is owed, and what was paid out."""

Kind = Literal[
    "submitted",
    "accepted",
    "rejected",
    "accepted_after_all",
    "taken_back",
    "bonus",
    "paid_out",
    "top_up",
    "top_up_back",
]

FLOWS: Mapping[Kind, tuple[Account, Account]] = {
    "submitted": ("requester", "pending"),
    "accepted": ("pending", "due"),
    "rejected": ("pending", "requester"),
    "accepted_after_all": ("requester", "due"),
    "taken_back": ("due", "requester"),
    "bonus": ("requester", "due"),
    "paid_out": ("due", "paid"),
    "top_up": ("requester", "due"),
    "top_up_back": ("due", "requester"),
}
"""From which account to which each kind of entry moves its amount."""

OF_BALANCES: frozenset[Kind] = frozenset(kind for kind, flow in FLOWS.items() if not {"due", "paid"}.isdisjoint(flow))
"""What changes a worker's balance."""

REJECTIONS: frozenset[Kind] = frozenset(("rejected", "taken_back"))


class Entry(msgspec.Struct, frozen=True):
    """Money that moves once; `page` and `run` are the store's numbers, None where it is of no page or of no run.

    `key` is of what was asked by hand, and unlike that of any other entry; `reason` is what the worker reads of it.
    """

    kind: Kind
    worker: int
    amount: Money
    currency: str
    at: float
    run: int | None = None
    page: int | None = None
    key: str | None = None
    reason: Texts | None = None


class Balance(NamedTuple):
    """What a worker is owed in a currency, less than nothing if it is a debt, and what was paid out to them."""

    due: Money = 0
    paid: Money = 0


Sums = Mapping[Kind, Money]
"""What entries of each kind sum to."""


def postings(entry: Entry) -> tuple[tuple[Account, Money], tuple[Account, Money]]:
    """What an entry does to its two accounts; the amounts sum to zero."""
    giving, getting = FLOWS[entry.kind]
    return (giving, -entry.amount), (getting, entry.amount)


def totals(sums: Sums) -> dict[Account, Money]:
    """What is in each account after entries of these sums; all of it sums to zero."""
    found: dict[Account, Money] = dict.fromkeys(("requester", "pending", "due", "paid"), 0)
    for kind, amount in sums.items():
        giving, getting = FLOWS[kind]
        found[giving] -= amount
        found[getting] += amount
    return found


def balance_of(before: Balance, entries: Iterable[Entry]) -> Balance:
    """What a worker is owed and was paid after further entries of theirs."""
    moved = {"due": before.due, "paid": before.paid}
    for entry in entries:
        for account, amount in postings(entry):
            if account in moved:
                moved[account] += amount
    return Balance(moved["due"], moved["paid"])


def exact(amount: Money) -> str:
    """An amount in currency units, to the last digit: `exact(24_000) == "0.024"`."""
    whole, rest = divmod(abs(amount), 1_000_000)
    digits = f"{rest:06d}".rstrip("0")
    return f"{'-' if amount < 0 else ''}{whole}{'.' if digits else ''}{digits}"


def payable(balance: Balance) -> Money:
    """What may be paid out: never less than nothing; a debt is set against what is earned next."""
    return max(balance.due, 0)
