"""Bodies and replies of the routes about what workers are owed and paid; see docs/http-api.md."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dataforge.issue.payouts import Payment
from dataforge.records import Money, Texts, Time

__all__ = ["DueAmount", "NewPayments", "Noted", "OwnBalance", "OwnMoney", "PayOuts", "Receipt", "RunEarner", "RunMoney"]


class DueAmount(Struct, frozen=True):
    """What a worker is owed in a currency, below 0 a debt; what was paid out, and what waits for a verdict.

    `name` is empty of one who is forgotten.
    """

    worker: str
    name: str
    currency: str
    due: Money
    paid: Money
    pending: Money


class PayOuts(Struct, frozen=True):
    """A part of the workers who are owed anything, `count` in all; `sums`: what may be paid to all, by currency."""

    count: int
    sums: dict[str, Money]
    workers: list[DueAmount]


class NewPayments(Struct, frozen=True):
    """What the requester has paid; sending it again with the same `key`, made by who sends, changes nothing."""

    key: Annotated[str, Meta(min_length=1, max_length=64)]
    payments: Annotated[list[Payment], Meta(min_length=1, max_length=10_000)]


class Noted(Struct, frozen=True):
    """How many payments were noted, and how many had been before."""

    noted: int
    repeated: int


class OwnBalance(Struct, frozen=True):
    """What a worker is owed in a currency, below 0 a debt that is set against what they earn next, and was paid."""

    currency: str
    due: Money
    paid: Money


class Receipt(Struct, frozen=True):
    """A bonus, or what was paid out; `number` counts the worker's own of the kind, from 1."""

    number: int
    kind: Literal["bonus", "paid_out"]
    amount: Money
    currency: str
    at: Time
    reason: Texts | None


class OwnMoney(Struct, frozen=True):
    """A worker's balances by currency, and their receipts, the newest first."""

    balances: list[OwnBalance]
    receipts: list[Receipt]


class RunEarner(Struct, frozen=True):
    """What a worker got in a run: for `pages`, by `bonuses`, `on_top`; `hourly`: what an hour on screen brought."""

    worker: str
    name: str
    pages: Money
    bonuses: Money
    on_top: Money
    pending: Money
    hourly: Money | None


class RunMoney(Struct, frozen=True):
    """Where a run's money is, by its ledger; it balances: `submitted` is `accepted`, `rejected` and `pending` together.

    What pages have earned is `accepted` and `accepted_after_all` without `taken_back`; with `bonuses` and `on_top` less
    `on_top_back` it is `earned`. With `pending` and what is `reserved` for pages that are out that is `spent`, which is
    held against the `budget`. `planned`: what an hour brings by the hint, `hourly`: what it brought.
    """

    currency: str
    submitted: Money
    accepted: Money
    rejected: Money
    pending: Money
    accepted_after_all: Money
    taken_back: Money
    bonuses: Money
    on_top: Money
    on_top_back: Money
    earned: Money
    reserved: Money
    spent: Money
    budget: Money | None
    planned: Money
    hourly: Money | None
    wage_floor: Money
    count: int
    workers: list[RunEarner]
