"""What a worker does with a page: submit, skip, release. Doing it again changes nothing and tells the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dataforge.errors import AnswerError, Refused
from dataforge.issue import first_verdict, rules
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.closed import first_page_elsewhere
from dataforge.issue.rows import Member, PageRow, StoredItem
from dataforge.issue.run import Run
from dataforge.issue.store import Store
from dataforge.issue.take import book, finish, finished, give_back, take_again
from dataforge.objects.base import shorten
from dataforge.records import (
    REPORT_REASONS,
    Answer,
    PageReleased,
    PageSkipped,
    PageState,
    PageSubmitted,
    ReportReason,
)

__all__ = ["already_submitted", "checked", "release", "shown_drafts", "shown_inputs", "skip", "submit", "unknown_page"]

NOTHING_KNOWN: Mapping[str, Mapping[str, Any]] = {}
OPPOSITE = {"left": "right", "right": "left"}

decode = msgspec.json.Decoder().decode


# --- what is shown, and what is answered to it ----------------------------------------------------


def shown_inputs(run: Run, page: PageRow, items: Sequence[StoredItem]) -> list[dict[str, Any]]:
    """The inputs of a page's items as its worker sees them."""
    inputs = [decode(item.inputs) for item in items]
    if page.mirrored is None:
        return inputs
    return [_swapped(run, one) if side else one for side, one in zip(page.mirrored, inputs, strict=True)]


def shown_drafts(run: Run, page: PageRow, items: Sequence[StoredItem]) -> list[dict[str, Any]]:
    """The drafts of a page's items as its worker begins with them, by output; nothing of items without one."""
    drafts = [{} if item.draft is None else decode(item.draft) for item in items]
    if page.mirrored is None:
        return drafts
    return [_turned(run, one) if side else one for side, one in zip(page.mirrored, drafts, strict=True)]


def _swapped(run: Run, inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs with left and right exchanged, their order kept."""
    source = {name: name for name in inputs}
    for pair in {frozenset((left, right)) for _, left, right in run.sides}:
        one, other = pair
        source[one], source[other] = other, one
    return {name: inputs[source[name]] for name in inputs}


def checked(
    run: Run,
    page: PageRow,
    items: Sequence[StoredItem],
    answers: Sequence[Mapping[str, Any] | ReportReason],
    lengths: Mapping[str, Mapping[str, Any]] = NOTHING_KNOWN,
) -> tuple[Answer, ...]:
    """The answers in their clean form, with swapped sides put right; raises `Refused` 422 where one does not fit.

    An item may be reported instead: such an answer is the reason. `lengths` tell how long stored files play, by
    their names, as far as they are known.
    """
    if len(answers) != len(items):
        raise Refused(
            f"expected {len(items)} answers, one per item, got {len(answers)}",
            status=422,
            code="answer_invalid",
            details={"item": min(len(answers), len(items)), "output": None},
        )
    clean: list[Answer] = []
    try:
        for item, answer in zip(items, answers, strict=True):
            clean.append(_checked_answer(run, item, answer, lengths))
    except AnswerError as error:
        raise Refused(
            f"item {len(clean) + 1}: {error}",
            status=422,
            code="answer_invalid",
            details={"item": len(clean), "output": error.output},
        ) from None
    if page.mirrored is None:
        return tuple(clean)
    return tuple(_put_right(run, one) if side else one for side, one in zip(page.mirrored, clean, strict=True))


def _checked_answer(
    run: Run, item: StoredItem, answer: Mapping[str, Any] | ReportReason, lengths: Mapping[str, Mapping[str, Any]]
) -> Answer:
    if not isinstance(answer, str):
        inputs = decode(item.inputs)
        for name in run.timed_inputs:
            timed = inputs.get(name)
            if timed is not None:
                timed.update(lengths.get(timed.get("media"), {}))
        return run.task.check_answers(answer, inputs)
    if answer not in REPORT_REASONS:
        raise AnswerError(f"a report: expected one of {', '.join(REPORT_REASONS)}, got {shorten(answer)}")
    return answer


def _put_right(run: Run, answer: Answer) -> Answer:
    return answer if isinstance(answer, str) else _turned(run, answer)


def _turned(run: Run, answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with left and right exchanged."""
    turned = {output: OPPOSITE.get(answer[output], answer[output]) for output, _, _ in run.sides if output in answer}
    return {**answer, **turned}


# --- submit ---------------------------------------------------------------------------------------


def already_submitted(store: Store, page: PageRow) -> Member | None:
    """The worker in the run if the page's answers are already kept."""
    return store.members.load(page.run, page.worker_id) if page.state in rules.COUNTED else None


def submit(
    transaction: Transaction[Store],
    run: Run,
    page_id: bytes,
    items: Sequence[StoredItem],
    answers: Sequence[Answer],
    seconds: float | None = None,
) -> Member | Refused:
    """Keep a page's checked answers; the first ones stand. Give the worker in the run.

    `seconds` is how long the page was on the worker's screen, as they tell it; it counts within what the clock says.
    After the lease ran out they still count if every place is free; else they are kept as late, and the error that says
    so is returned, not raised, because a raised one would undo the keeping.
    """
    page = _the_page(transaction, page_id)
    if (member := already_submitted(transaction.store, page)) is not None:
        return member
    if not rules.may_become(page.state, "submitted"):
        return _lease_expired() if page.state == "late" else _not_held(page)
    with RunChange(transaction, page.run) as change:
        if page.state == "expired" and not (_comes_alone(change, run, page) and take_again(change, run, page, items)):
            finish(change, page, "late", answers=answers)
            return _lease_expired()
        return _keep(change, run, page, items, answers, seconds)


def _comes_alone(change: RunChange, run: Run, page: PageRow) -> bool:
    """Whether an overdue page may still count beside the worker's others: who is unknown has one page, not two."""
    worker = change.store.accounts.worker_by_name(page.worker)
    if worker is None or not first_verdict.is_unknown(run.publication, worker):
        return True
    store = change.store
    if store.members.load(run.id, worker.id).pages_pending or store.pages.held(run.id, worker.id):
        return False
    if first_page_elsewhere(store, run, worker, change.now) is not None:
        return False
    store.accounts.set_first_run(worker.id, run.id)
    return True


def _keep(
    change: RunChange,
    run: Run,
    page: PageRow,
    items: Sequence[StoredItem],
    answers: Sequence[Answer],
    told: float | None,
) -> Member:
    store, now = change.store, change.now
    before = store.members.load(page.run, page.worker_id)
    seconds = _seconds(change, page, before, told)
    member = rules.submitted_page(before, page, now, seconds)
    store.items.count_submitted(page.items)
    finish(change, page, "submitted", seconds=seconds, answers=answers)
    store.members.save(page.run, page.worker_id, member)
    book(change, run, page, "submitted")
    store.pages.start_waiting(page.run, page.worker_id, now)
    keys = tuple([item.key for item in items])
    took = None if seconds is None else round(seconds, 3)
    change.emit(PageSubmitted(change.next_cursor(), now, page.page.hex(), page.worker, keys, tuple(answers), took))
    return member


def _seconds(change: RunChange, page: PageRow, before: Member, told: float | None) -> float | None:
    """How long the page took, None if nobody knows."""
    store, had = change.store, rules.time_for(before, page.taken, change.now)
    if had is None:
        return None
    held = store.pages.held(page.run, page.worker_id) if told is None or told > had.seconds else ()
    spent = rules.time_spent(had.seconds, told, sum(other.page != page.page for other in held))
    others = store.members.worked_elsewhere(page.run, page.worker_id, had.begun)
    return min(spent, rules.time_left(had, rules.beside(had, others))) if others else spent


# --- skip and release -----------------------------------------------------------------------------


def skip(transaction: Transaction[Store], page_id: bytes) -> PageState:
    """Decline a page; its worker will not see its items again. Give the page's state."""
    page = _held_or_over(transaction, page_id)
    if not rules.may_become(page.state, "skipped"):
        return page.state
    with RunChange(transaction, page.run) as change:
        give_back(change, page)
        finish(change, page, "skipped")
        finished(change, page)
        change.emit(PageSkipped(change.next_cursor(), change.now, page.page.hex(), page.worker))
    return "skipped"


def release(transaction: Transaction[Store], page_id: bytes) -> PageState:
    """Hand back a page that was fetched ahead and never shown; its worker gets it again if nobody else took of it."""
    page = _held_or_over(transaction, page_id)
    if not rules.may_become(page.state, "released"):
        return page.state
    if page.deadline is not None:
        message = "this page was on the screen, so it cannot be handed back unseen: skip it"
        raise Refused(message, status=409, code="page_shown")
    with RunChange(transaction, page.run) as change:
        give_back(change, page)
        finish(change, page, "released")
        change.emit(PageReleased(change.next_cursor(), change.now, page.page.hex(), page.worker))
    return "released"


# --- refusals -------------------------------------------------------------------------------------


def _the_page(transaction: Transaction[Store], page_id: bytes) -> PageRow:
    page = transaction.store.pages.by_page(page_id)
    if page is None:
        raise unknown_page(page_id.hex())
    return page


def _held_or_over(transaction: Transaction[Store], page_id: bytes) -> PageRow:
    page = _the_page(transaction, page_id)
    if page.state in rules.COUNTED:
        raise _not_held(page)
    return page


def unknown_page(name: str) -> Refused:
    """The refusal of a page that the worker was not given."""
    return Refused(f"you were not given a page {name[:64]!r}", status=404, code="page_unknown")


def _not_held(page: PageRow) -> Refused:
    return Refused(f"this page is {page.state}: nothing more can be done with it", status=409, code="page_not_held")


def _lease_expired() -> Refused:
    return Refused(
        "the time for this page ran out and its places went to others; the answers are kept but not counted",
        status=409,
        code="lease_expired",
        details={"state": "late"},
    )
