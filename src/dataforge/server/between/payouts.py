"""Routes of pay-outs: what each worker is owed, that it was paid, and the worker's receipts."""

from __future__ import annotations

import csv
import io
import secrets

from starlette.responses import Response

from dataforge.files.formulas import protected
from dataforge.issue.ledger import exact, totals
from dataforge.issue.payouts import pay_out
from dataforge.issue.sqlite.ledger import Due
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.payouts import (
    DueAmount,
    NewPayments,
    Noted,
    OwnBalance,
    OwnMoney,
    PayOuts,
    Receipt,
    RunEarner,
    RunMoney,
)

__all__ = ["COLUMNS", "ROUTES"]

MOST_LISTED = 500
MOST_RECEIPTS = 500
EVERYBODY = 2**40
COLUMNS = ("list", "worker", "name", "currency", "amount")


async def _list(call: Call[None]) -> PayOuts:
    """A part of what workers are owed."""
    offset = int(call.number("offset", 0, least=0, most=EVERYBODY))
    limit = int(call.number("limit", 50, least=1, most=MOST_LISTED))
    everybody = bool(call.number("all", 0, least=0, most=1))
    rows, sums, count = await call.context.readers.read(
        lambda store: store.ledger.due(offset, limit, everybody=everybody)
    )
    return PayOuts(count, sums, [DueAmount(*row) for row in rows])


async def _write_list(call: Call[None]) -> Response:
    """All that may be paid out as CSV: a line for each worker and currency, under a key of this list's own."""
    rows, _, _ = await call.context.readers.read(lambda store: store.ledger.due(0, EVERYBODY, everybody=False))
    headers = {"Content-Disposition": 'attachment; filename="payouts.csv"', "Cache-Control": "no-store"}
    return Response(_csv(rows, secrets.token_hex(8)), media_type="text/csv; charset=utf-8", headers=headers)


def _csv(rows: list[Due], key: str) -> str:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    for row in rows:
        if row.due > 0:
            lines.writerow((f"list-{key}", row.worker, protected(row.name), row.currency, exact(row.due)))
    return out.getvalue()


async def _note_paid(call: Call[NewPayments]) -> Noted:
    """Note that workers were paid, all of it or none."""
    body = call.body
    done = await call.context.writer.write(lambda transaction: pay_out(transaction, body.key, body.payments))
    return Noted(done.noted, done.repeated)


async def _show_own(call: Call[None]) -> OwnMoney:
    """A worker's balances and receipts."""
    worker = call.worker.id
    balances, receipts = await call.context.readers.read(
        lambda store: (store.ledger.balances_of(worker), store.ledger.receipts(worker, MOST_RECEIPTS))
    )
    return OwnMoney(
        [OwnBalance(currency, one.due, one.paid) for currency, one in balances.items()],
        [
            Receipt(
                number, "bonus" if one.kind == "bonus" else "paid_out", one.amount, one.currency, one.at, one.reason
            )
            for number, one in receipts
        ],
    )


async def _show_run(call: Call[None]) -> RunMoney:
    """Where a run's money is."""
    run = call.run
    offset = int(call.number("offset", 0, least=0, most=EVERYBODY))
    limit = int(call.number("limit", 50, least=1, most=MOST_LISTED))
    found, spent, (count, workers) = await call.context.readers.read(
        lambda store: (
            store.ledger.of_run(run.id),
            store.runs.counters(run.id).spent,
            store.ledger.earners(run.id, offset, limit),
        )
    )
    sums, accounts = found.sums, totals(found.sums)
    return RunMoney(
        currency=run.publication.currency,
        submitted=sums.get("submitted", 0),
        accepted=sums.get("accepted", 0),
        rejected=sums.get("rejected", 0),
        pending=accounts["pending"],
        accepted_after_all=sums.get("accepted_after_all", 0),
        taken_back=sums.get("taken_back", 0),
        bonuses=sums.get("bonus", 0),
        on_top=sums.get("top_up", 0),
        on_top_back=sums.get("top_up_back", 0),
        earned=accounts["due"],
        reserved=found.out,
        spent=spent,
        budget=run.publication.budget,
        planned=round(run.price * 3600 / (run.publication.task.duration * run.size)),
        hourly=round((accounts["due"] + accounts["pending"]) * 3600 / found.seconds) if found.seconds else None,
        wage_floor=run.publication.wage_floor,
        count=count,
        workers=[RunEarner(*row) for row in workers],
    )


ROUTES = (
    Route(
        "GET",
        "/api/payouts",
        "requester",
        _list,
        "What workers are owed",
        reply=PayOuts,
        query=("offset", "limit", "all"),
    ),
    Route(
        "GET",
        "/api/runs/{run}/money",
        "requester",
        _show_run,
        "Where a run's money is",
        reply=RunMoney,
        query=("offset", "limit"),
    ),
    Route("GET", "/api/payouts.csv", "requester", _write_list, "What workers are owed, as a CSV file"),
    Route(
        "POST", "/api/payouts", "requester", _note_paid, "Note that workers were paid", body=NewPayments, reply=Noted
    ),
    Route("GET", "/api/work/money", "worker", _show_own, "The worker's balances and receipts", reply=OwnMoney),
)
