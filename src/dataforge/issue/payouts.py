"""Pay-outs: what the requester has paid to workers, noted once whatever is asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.ledger import Entry, payable
from dataforge.issue.store import Store
from dataforge.pricing.amounts import in_full
from dataforge.records import Money

__all__ = ["PayOut", "Payment", "pay_out"]


class Payment(msgspec.Struct, frozen=True):
    """An amount that was paid to a worker; `worker` is the public id."""

    worker: str
    currency: str
    amount: Money


class PayOut(NamedTuple):
    """How many payments were noted, and how many had been before."""

    noted: int
    repeated: int


def pay_out(transaction: Transaction[Store], key: str, payments: Sequence[Payment]) -> PayOut:
    """Note that workers were paid, all of it or none; under a key it is done once.

    Raises `Refused` 404 for an unknown worker, 409 if one was due less, or if something else was noted under the key.
    """
    store, fresh, repeated = transaction.store, [], 0
    for payment in payments:
        entry = _entry(transaction, key, payment)
        before = store.ledger.by_key(entry.key or "")
        if before is None:
            _check_due(store, payment, entry)
            fresh.append(entry)
        elif before.amount == entry.amount:
            repeated += 1
        else:
            raise _differs(payment, before.amount)
    keys = {entry.key for entry in fresh}
    if len(keys) < len(fresh):
        message = "a worker is named twice in one currency: expected one payment to each, the sum of what was paid"
        raise Refused(message, status=422, code="payments_invalid")
    for entry in fresh:
        store.ledger.enter(entry)
    return PayOut(len(fresh), repeated)


def _entry(transaction: Transaction[Store], key: str, payment: Payment) -> Entry:
    worker = transaction.store.accounts.worker_by_name(payment.worker)
    if worker is None:
        raise Refused(f"there is no worker {payment.worker[:40]!r}", status=404, code="worker_unknown")
    if payment.amount <= 0:
        message = f"{payment.worker}: expected an amount above 0, got {_said(payment.amount, payment)}"
        raise Refused(message, status=422, code="payments_invalid")
    name = f"paid:{key}:{payment.worker}:{payment.currency}"
    return Entry("paid_out", worker.id, payment.amount, payment.currency, transaction.now, key=name)


def _check_due(store: Store, payment: Payment, entry: Entry) -> None:
    due = payable(store.ledger.balance(entry.worker, entry.currency))
    if entry.amount > due:
        raise Refused(
            f"{payment.worker} is due {_said(due, payment)}, not {_said(entry.amount, payment)}: it was paid already, "
            "or a page was rejected meanwhile. If nobody was paid by this list yet, get it anew; if they were, lower "
            "this line to what is due, or take it out, and note the same list: a new one would name all others again",
            status=409,
            code="payment_not_due",
            details={"worker": payment.worker, "due": due},
        )


def _differs(payment: Payment, before: Money) -> Refused:
    return Refused(
        f"{payment.worker}: under this key {_said(before, payment)} was noted, not {_said(payment.amount, payment)}: "
        "what was paid on top needs a list of its own",
        status=409,
        code="payment_differs",
        details={"worker": payment.worker, "noted": before},
    )


def _said(amount: Money, payment: Payment) -> str:
    return in_full(amount, payment.currency)["en"]
