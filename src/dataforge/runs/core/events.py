"""What the events of a platform change in a run's state: workers, their pages and answers, verdicts and money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dataforge.records import (
    BonusPaid,
    Event,
    Money,
    NotPaid,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageSubmitted,
    PageTaken,
    RunStateChanged,
    ToppedUp,
    WorkerAllowed,
    WorkerJoined,
    WorkerRestricted,
    WorkerTrained,
)
from dataforge.runs.core.answered import enter_answers
from dataforge.runs.core.by_hand import rejected_after_all, take_refusal
from dataforge.runs.core.pages import ACCEPTED, GONE, REJECTED, SUBMITTED, TAKEN
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["take_events"]


def take_events(state: RunState, events: Sequence[Event]) -> None:
    """Take in what a platform reported, all that came at once."""
    for event in events:
        if event.at > state.now:
            state.now = event.at
        FOLDED_BY[type(event)](state, event)
    if not events:
        return
    state.told_at = events[-1].at
    state.last_event = state.now
    _enter_answers(state)
    state.responses.enter()
    since = state.now - state.started
    series = state.charts.series
    series["answers"].add(since, state.responses.accepted_total)
    series["cost"].add(since, state.paid / 1_000_000)
    if state.control_total:
        series["control_accuracy"].add(since, state.control_correct / state.control_total)


def _news_of(state: RunState, number: int) -> WorkerRecord:
    state.new_workers.add(number)
    state.changed_workers.add(number)
    return state.workers[number]


def _joined(state: RunState, event: WorkerJoined) -> None:
    record = _news_of(state, state.number_of(event.worker))
    record.joined, record.language, record.name = event.at, event.language, event.name


def _taken(state: RunState, event: PageTaken) -> None:
    if event.page in state.pages.number:
        return
    state.pages.add(event.page, state.number_of(event.worker), len(event.items), event.at)
    state.responses.showings.given(event.page, event.items)
    state.pages_out += 1


def _submitted(state: RunState, event: PageSubmitted) -> None:
    page = state.pages.number.get(event.page)
    if page is None or state.pages.status[page] != TAKEN:
        return
    items = len(event.items)
    state.pages.status[page] = SUBMITTED
    state.pages.submitted_at[page] = event.at
    state.answered[page] = event
    state.responses.showings.answered(event.page, items)
    state.pages_out -= 1
    state.pages_pending += 1
    state.pending += state.price(items)
    state.to_judge[page] = None
    record = _news_of(state, state.pages.worker[page])
    record.skips = 0
    record.pages += 1
    record.responses += items
    if event.seconds is not None:
        state.pages.seconds[page] = event.seconds
        record.seconds += event.seconds
        record.timed += items
        state.charts.add_page(event.seconds, items)


def _enter_answers(state: RunState) -> None:
    """Enter what was answered since the last time."""
    if not state.answered:
        return
    entered = enter_answers(state.answered, state.responses, state.answers, state.workers, state.control_reports)
    reporters = {state.pages.worker[page] for page in state.answered}
    state.answered.clear()
    look = state.control_reports.look(state.responses, state.workers, reporters)
    state.to_judge_again |= {page for page in look.pages if page not in state.to_judge}
    for item in look.withdrawn:
        state.answers.know(item, state.responses.answers_to(item), None)
    if look.withdrawn:
        state.corrections.forgive(state.responses, state.workers, state.control_reports.withdrawn)
    state.control_total += entered.controls - look.forgiven
    state.control_correct += entered.correct
    for reason, count in entered.reports.items():
        state.reports[reason] = state.reports.get(reason, 0) + count


def _judged(state: RunState, event: PageJudged) -> None:
    page = state.pages.number.pop(event.page, None)
    if page is None:
        _judged_again(state, event)
        return
    if page in state.answered:
        _enter_answers(state)
    state.to_judge.pop(page, None)
    state.pages_pending -= 1
    price = state.price(state.pages.size[page])
    state.pending -= price
    record = _news_of(state, state.pages.worker[page])
    if state.pages.controls[page]:
        state.pages.vouching.judged(page, record.number, passed=event.accepted)
    if event.accepted:
        _pay(state, page, record, event.amount)
        if state.corrections.rejects(event.page):
            # It was rejected by hand while its acceptance was on its way; that it is taken back is what comes next.
            state.corrections.counted |= {event.page} & state.corrections.to_take_back
            state.look_again(rejected_after_all(state, page))
    else:
        state.pages.status[page] = REJECTED
        state.pages_rejected += 1
        state.responses.reject(page)
        record.pages_rejected += 1


def _pay(state: RunState, page: int, record: WorkerRecord, amount: Money) -> None:
    state.pages.status[page] = ACCEPTED
    state.pages_accepted += 1
    state.paid += amount
    record.earned += amount
    record.pages_accepted += 1
    state.responses.accept(page)


def _judged_again(state: RunState, event: PageJudged) -> None:
    """A page that had its verdict gets the other one: so seldom that it may be searched for."""
    if event.page not in state.pages.ids:
        return
    page = state.pages.ids.index(event.page)
    record = _news_of(state, state.pages.worker[page])
    if not event.accepted:
        state.paid += event.amount
        record.earned += event.amount
        if state.pages.status[page] == ACCEPTED:
            state.look_again(rejected_after_all(state, page))
        return
    if state.pages.status[page] != REJECTED:
        return
    state.pages_rejected -= 1
    record.pages_rejected -= 1
    state.pages.vouching.accepted_after_all(page, record.number, checked=state.pages.controls[page] > 0)
    state.responses.take_back_rejection(page)
    _pay(state, page, record, event.amount)


def _came_back(state: RunState, event: PageExpired | PageReleased | PageSkipped) -> None:
    """A page is over unanswered: whether it was skipped, let go or left lying makes no difference."""
    page = state.pages.number.get(event.page)
    if page is None or state.pages.status[page] != TAKEN:
        return
    del state.pages.number[event.page]
    state.pages.status[page] = GONE
    state.pages_out -= 1
    state.responses.showings.came_back(event.page)
    _news_of(state, state.number_of(event.worker)).skips += 1


def _bonus(state: RunState, event: BonusPaid) -> None:
    state.paid += event.amount
    state.bonuses += event.amount
    _news_of(state, state.number_of(event.worker)).earned += event.amount


def _not_paid(state: RunState, event: NotPaid) -> None:
    take_refusal(state, event)


def _topped_up(state: RunState, event: ToppedUp) -> None:
    state.paid += event.amount
    record = _news_of(state, state.number_of(event.worker))
    record.earned += event.amount
    record.topped_up += event.amount
    record.lacking = event.lacking
    state.lacking.pop(record.number, None)
    if event.lacking:
        state.lacking[record.number] = event.lacking


def _restricted(state: RunState, event: WorkerRestricted) -> None:
    record = _news_of(state, state.number_of(event.worker))
    record.restricted_until, record.restriction = event.until, event.reason


def _allowed(state: RunState, event: WorkerAllowed) -> None:
    record = _news_of(state, state.number_of(event.worker))
    record.restricted_until, record.restriction, record.skips = 0.0, {}, 0


def _trained(state: RunState, event: WorkerTrained) -> None:
    # No worker of the run yet: who is trained has had no page, and may never have one.
    state.trainings.take(event)


def _state_changed(state: RunState, event: RunStateChanged) -> None:
    state.platform_state = event.state
    if event.state == "closed":
        state.closing = state.closing or "stopped"
    elif event.state == "open":
        # Reopened by hand: whether there is anything left to do has to be looked at again.
        state.closing = None
        state.settled_answers = -1


FOLDED_BY: dict[type, Callable[[RunState, Any], None]] = {
    WorkerJoined: _joined,
    PageTaken: _taken,
    PageSubmitted: _submitted,
    PageJudged: _judged,
    PageExpired: _came_back,
    PageSkipped: _came_back,
    PageReleased: _came_back,
    BonusPaid: _bonus,
    NotPaid: _not_paid,
    ToppedUp: _topped_up,
    WorkerRestricted: _restricted,
    WorkerAllowed: _allowed,
    WorkerTrained: _trained,
    RunStateChanged: _state_changed,
}
