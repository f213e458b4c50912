"""What a worker does with a page: submit, skip, release. Doing it again changes nothing and tells the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from dataforge.errors import AnswerError
from dataforge.records import PageReleased, PageSkipped, PageSubmitted, PageTaken
from dataforge.server.errors import ApiError
from dataforge.server.issue import finished, give_back
from dataforge.server.replies import PageOutcome, Submitted
from dataforge.server.run import Run
from dataforge.server.store import draws, items, members, pages
from dataforge.server.store.items import PlacedItem
from dataforge.server.store.outbox import RunChange
from dataforge.server.store.pages import PageRow
from dataforge.server.writer import Transaction

__all__ = ["already_submitted", "checked", "release", "skip", "submit", "swapped"]

COUNTED = frozenset(("submitted", "accepted", "rejected"))
OPPOSITE = {"left": "right", "right": "left"}


def checked(
    run: Run, page: PageRow, placed: Sequence[PlacedItem], answers: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """The answers in their clean form, with swapped sides put right; raises `ApiError` 422 where one does not fit."""
    if len(answers) != len(placed):
        raise ApiError(
            422,
            "answer_invalid",
            f"expected {len(placed)} answers, one per item, got {len(answers)}",
            {"item": min(len(answers), len(placed)), "output": None},
        )
    swaps = msgspec.json.decode(page.mirrored) if page.mirrored else [0] * len(placed)
    return tuple(
        check_item(run, place, swap, item, answer)
        for place, (swap, item, answer) in enumerate(zip(swaps, placed, answers, strict=True))
    )


def check_item(run: Run, place: int, swap: int, item: PlacedItem, answer: dict[str, Any]) -> dict[str, Any]:
    try:
        clean = run.task.check_answers(answer, msgspec.json.decode(item.inputs))
    except AnswerError as error:
        details = {"item": place, "output": getattr(error, "output", None)}
        raise ApiError(422, "answer_invalid", f"item {place + 1}: {error}", details) from None
    return put_right(run, clean) if swap else clean


def put_right(run: Run, answer: dict[str, Any]) -> dict[str, Any]:
    turned = {output: OPPOSITE.get(answer[output], answer[output]) for output, _, _ in run.sides if output in answer}
    return {**answer, **turned}


def swapped(run: Run, inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs with left and right exchanged, their order kept."""
    source = {name: name for name in inputs}
    for pair in {frozenset((left, right)) for _, left, right in run.sides}:
        one, other = pair
        source[one], source[other] = other, one
    return {name: inputs[source[name]] for name in inputs}


def already_submitted(db: sqlite3.Connection, page: PageRow) -> Submitted | None:
    """The reply to answers that are already on the disk; None if there are none."""
    if page.state not in COUNTED:
        return None
    member = members.load(db, page.run, page.worker)
    return Submitted("submitted", member.earned, member.pending)


def submit(
    transaction: Transaction,
    run: Run,
    page_id: bytes,
    placed: Sequence[PlacedItem],
    answers: Sequence[dict[str, Any]],
) -> Submitted | ApiError:
    """Keep a page's answers; the first ones stand.

    After the lease ran out they still count if every place is free; else they are kept as late, and the error that says
    so is returned, not raised, because a raised one would undo the keeping.
    """
    page = pages.by_page(transaction.db, page_id)
    if page is None:
        raise unknown_page(page_id)
    if (reply := already_submitted(transaction.db, page)) is not None:
        return reply
    if page.state not in ("held", "expired"):
        return lease_expired() if page.state == "late" else not_held(page)
    with RunChange(transaction, page.run) as change:
        if page.state == "expired" and not retake(change, run, page, placed):
            pages.finish(change.db, page.id, "late", change.now, answers=msgspec.json.encode(answers))
            return lease_expired()
        return keep(change, page, placed, answers)


def retake(change: RunChange, run: Run, page: PageRow, placed: Sequence[PlacedItem]) -> bool:
    """Take an expired page's places again, if all of them and the money for it are free.

    To the run the page is out once more: whoever followed its end reads of a new beginning before the answers.
    """
    if change.counters.state == "closed" or not items.free_places(change.db, page.items):
        return False
    budget = run.publication.budget
    if budget is not None and change.counters.spent + page.price > budget:
        return False
    items.take_places(change.db, [item.id for item in placed])
    change.counters.spent += page.price
    keys = tuple(item.key for item in placed)
    change.emit(PageTaken(change.next_cursor(), change.now, page.page.hex(), page.name, keys))
    return True


def keep(
    change: RunChange, page: PageRow, placed: Sequence[PlacedItem], answers: Sequence[dict[str, Any]]
) -> Submitted:
    now = change.now
    member = members.load(change.db, page.run, page.worker)
    seconds = max(0.0, now - max(page.taken, member.finished))
    items.count_submitted(change.db, [item.id for item in placed])
    pages.finish(change.db, page.id, "submitted", now, seconds=seconds, answers=msgspec.json.encode(answers))
    member.finished = member.active = now
    member.responses += len(placed)
    member.pages_pending += 1
    member.pending += page.price
    members.save(change.db, page.run, page.worker, member)
    pages.start_waiting(change.db, page.run, page.worker, now)
    keys = tuple(item.key for item in placed)
    event = PageSubmitted(
        change.next_cursor(), now, page.page.hex(), page.name, keys, tuple(answers), round(seconds, 3)
    )
    change.emit(event)
    return Submitted("submitted", member.earned, member.pending)


def skip(transaction: Transaction, page_id: bytes) -> PageOutcome:
    """Decline a page; its worker will not see its items again."""
    page = held_or_over(transaction, page_id)
    if page.state != "held":
        return PageOutcome(page.state)
    with RunChange(transaction, page.run) as change:
        give_back(change, page)
        pages.finish(change.db, page.id, "skipped", change.now)
        finished(change, page)
        change.emit(PageSkipped(change.next_cursor(), change.now, page.page.hex(), page.name))
    return PageOutcome("skipped")


def release(transaction: Transaction, page_id: bytes) -> PageOutcome:
    """Hand back a page that was fetched ahead and never shown; its worker can get its items later."""
    page = held_or_over(transaction, page_id)
    if page.state != "held":
        return PageOutcome(page.state)
    if not page.ahead:
        raise ApiError(409, "page_shown", "this page was on the screen, so it cannot be handed back unseen: skip it")
    with RunChange(transaction, page.run) as change:
        give_back(change, page)
        forget(change, page)
        pages.finish(change.db, page.id, "released", change.now)
        change.emit(PageReleased(change.next_cursor(), change.now, page.page.hex(), page.name))
    return PageOutcome("released")


def forget(change: RunChange, page: PageRow) -> None:
    """Make it as if the worker had never been given the page's items."""
    numbers = msgspec.json.decode(page.items)
    member = members.load(change.db, page.run, page.worker)
    controls = items.control_numbers(change.db, page.items)
    for control in controls:
        draws.put_back(change.db, page.run, page.worker, member.controls, control)
        member.controls -= 1
    member.reals -= len(numbers) - len(controls)
    members.save(change.db, page.run, page.worker, member)
    pages.forget_seen(change.db, page.worker, numbers)


def held_or_over(transaction: Transaction, page_id: bytes) -> PageRow:
    page = pages.by_page(transaction.db, page_id)
    if page is None:
        raise unknown_page(page_id)
    if page.state in COUNTED:
        raise not_held(page)
    return page


def unknown_page(page_id: bytes) -> ApiError:
    return ApiError(404, "page_unknown", f"you were not given a page {page_id.hex()!r}")


def not_held(page: PageRow) -> ApiError:
    return ApiError(409, "page_not_held", f"this page is {page.state}: nothing more can be done with it")


def lease_expired() -> ApiError:
    return ApiError(
        409,
        "lease_expired",
        "the time for this page ran out and its places went to others; the answers are kept but not counted",
        {"state": "late"},
    )
