"""What workers tell of themselves, where a task that they were invited to asks for it."""

from __future__ import annotations

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.rows import Worker
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.told import TOLD, Told, asked_by, check_born, check_region_told, check_speaks, told_until
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.worker import About, AboutChange

__all__ = ["ROUTES"]

IN_WORDS: dict[Told, str] = {"speaks": "languages", "region": "country", "born": "year of birth"}


async def _show_about(call: Call[None]) -> About:
    """What the worker has told, and what is asked."""
    return _about(call, call.worker)


async def _tell(call: Call[AboutChange]) -> About:
    """Note what the worker tells; what was told before may be taken back at any time, and put otherwise in a month."""
    worker, told = call.worker, _checked(call)

    def tell(transaction: Transaction[SqliteStore]) -> Worker:
        accounts = transaction.store.accounts
        account = accounts.worker_by_name(worker.worker)
        assert account is not None, "workers leave their ids behind"
        before = accounts.told(worker.id)
        new = {what: value for what, value in told.items() if value and value != getattr(account, what)}
        for what in new:
            if (until := told_until(before[what], transaction.now)) is not None:
                raise _too_soon(what, until)
        for what, value in told.items():
            accounts.tell(worker.id, what, value, transaction.now if what in new else None)
        return accounts.worker_by_name(worker.worker) or account

    return _about(call, await call.context.writer.write(tell))


def _checked(call: Call[AboutChange]) -> dict[Told, str | int]:
    """What is told by its name, in the form in which it is kept."""
    body, told = call.body, dict[Told, str | int]()
    if isinstance(body.speaks, list):
        told["speaks"] = " ".join(check_speaks(body.speaks))
    if isinstance(body.region, str):
        told["region"] = check_region_told(body.region)
    if body.born is None or isinstance(body.born, int):
        told["born"] = check_born(body.born or 0, call.context.now())
    return told


def _too_soon(what: Told, until: float) -> Refused:
    message = f"your {IN_WORDS[what]} may be told otherwise a month after it was told; until then it can be taken back"
    return Refused(message, status=409, code="told_lately", details={"what": what, "until": until})


def _about(call: Call[None] | Call[AboutChange], worker: Worker) -> About:
    context = call.context
    told = context.store.accounts.told(worker.id)
    fixed: dict[str, float] = {
        what: until for what in TOLD if (until := told_until(told[what], context.now())) is not None
    }
    return About(worker.speaks.split(), worker.region, worker.born or None, _asked(call), fixed)


def _asked(call: Call[None] | Call[AboutChange]) -> list[Told]:
    """What is asked by tasks that the worker was invited to and that are not finished."""
    context, worker = call.context, call.worker
    allowed = {*context.store.accounts.may_work(worker.id)}
    there = [run for run in context.store.runs.for_worker(worker.id) if {None, run} & allowed]
    going = [run for run in there if context.store.runs.counters(run).state in ("open", "paused")]
    asked = {what for run in going for what in asked_by(context.runs.by_id(context.store, run).publication)}
    return [what for what in TOLD if what in asked]


ABOUT = "/api/work/about"

ROUTES = (
    Route("GET", ABOUT, "worker", _show_about, "What the worker has told of themselves", reply=About),
    Route("POST", ABOUT, "worker", _tell, "Tell something of oneself, or take it back", body=AboutChange, reply=About),
)
