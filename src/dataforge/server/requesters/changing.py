"""The requester's routes that change what a run asks: a change goes into the run's feed, whoever drives it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import UNSET

from dataforge.errors import Refused
from dataforge.policy import Policy
from dataforge.records import Texts, Training, Values
from dataforge.server.requesters.feeding import folder_of, open_folder_of, refuse_files, refusing
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.changing import Changes, Difference, NewTerms, RunTerms
from dataforge.tasks.task import Task

__all__ = ["ROUTES"]

LARGEST_CHANGE = 8 << 20


async def _show(call: Call[None]) -> RunTerms:
    """What the run asks now."""
    return await asyncio.to_thread(_terms, folder_of(call))


async def _change(call: Call[NewTerms]) -> Changes:
    """Change what the run asks; what may not change is refused."""
    context, run, folder = call.context, call.run, open_folder_of(call)
    promised = context.store.runs.counters(run.id).spent
    return await asyncio.to_thread(_changed, folder, call.body, run.created, context.now(), promised)


def _terms(folder: Path) -> RunTerms:
    # Tables are for those who change a run over HTTP only; the server starts without them.
    from dataforge.changes.terms import terms_of

    with refusing():
        terms = terms_of(folder)
    policy = Policy.from_json(terms.policy)
    sure = policy.min_confidence
    return RunTerms(
        budget=policy.budget,
        currency=policy.currency,
        overlap=(policy.min_overlap, policy.max_overlap),
        min_confidence=float(sure) if isinstance(sure, float | int) else None,
        target=policy.target,
        time_limit=policy.time_limit_seconds,
        lease=terms.publication.lease,
        task=terms.publication.task,
        workers=terms.publication.workers,
        languages=terms.publication.languages,
    )


def _changed(folder: Path, wanted: NewTerms, begun: float, now: float, promised: int) -> Changes:
    from dataforge.changes.terms import Asked, ChangeError, Standing, change

    given = {name: value for name in NewTerms.__struct_fields__ if (value := getattr(wanted, name)) is not UNSET}
    task, rows = given.pop("task", None), given.pop("training", None)
    if "training_score" in given:
        given["training"] = given.pop("training_score")
    if isinstance(overlap := given.get("overlap"), tuple) and overlap[0] == overlap[1]:
        given["overlap"] = overlap[0]
    with refusing():
        try:
            taught = None if rows is None else _taught(folder, rows)
            asked = Asked(given, task) if taught is None else Asked(given, task, *taught)
            found = change(folder, asked, Standing(begun, now, promised))
        except ChangeError as error:
            details = {"setting": error.setting, "reason": error.reason, **error.details}
            raise Refused(str(error), status=422, code="change_refused", details=details) from None
    return Changes([Difference(one.name, msgspec.to_builtins(one.was), msgspec.to_builtins(one.now)) for one in found])


def _taught(folder: Path, rows: list[Values]) -> tuple[Training, tuple[Texts, ...]]:
    """The rows as the training of a run, and what there is to say of how they were read."""
    from dataforge.changes.terms import terms_of
    from dataforge.data.items import Items
    from dataforge.data.training import read_training
    from dataforge.feed import ITEMS_FILE, Feed

    terms = terms_of(folder)
    task = Task.from_spec(terms.publication.task)
    refuse_files(task, rows)
    taught = read_training(task, rows)
    with closing(Feed(folder)) as feed:
        fed = feed.read(task, 0, feed.state().fed)
    taught.refuse_shared(Items.stacked([Items.load(folder / ITEMS_FILE, task), fed]))
    return taught.of(Policy.from_json(terms.policy)), taught.items.notices


TERMS = "/api/runs/{run}/terms"

ROUTES = (
    Route("GET", TERMS, "requester", _show, "What a run asks now, of what may change", reply=RunTerms),
    Route(
        "POST",
        TERMS,
        "requester",
        _change,
        "Change what a run asks; what is not named stays as it is",
        body=NewTerms,
        reply=Changes,
        limit=LARGEST_CHANGE,
    ),
)
