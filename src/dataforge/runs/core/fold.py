"""What each entry of a run's log changes in its state.

Folding an entry costs what the entry says, whatever the size of the run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dataforge.corrections import Draw, OfItem, OfPage, Upheld
from dataforge.records import Deal, Judge, Learn, PayBonus, Recheck, Republish, Restrict, Want
from dataforge.runs.core.by_hand import pay_again, take_decision
from dataforge.runs.core.columns import Places
from dataforge.runs.core.corrected import NONE, Known
from dataforge.runs.core.events import take_events
from dataforge.runs.core.haste import note_haste
from dataforge.runs.core.judged import send_to_check, take_verdicts
from dataforge.runs.core.log import (
    AddRange,
    Changed,
    Check,
    Close,
    Corrected,
    Decided,
    Declined,
    Entry,
    Fed,
    Final,
    Finished,
    Fitted,
    Judged,
    Open,
    Order,
    Ordered,
    Received,
    Reopened,
    Sent,
    Shown,
    Started,
    Ticked,
)
from dataforge.runs.core.pages import REJECTED, SUBMITTED
from dataforge.runs.core.state import NOT_FINAL, PLACE_OF_FLAG, RunState

__all__ = ["fold"]


def fold(state: RunState, entry: Entry) -> None:
    """Take in the log's next entry."""
    match entry:
        case Received():
            take_events(state, entry.events)
            state.cursor = entry.cursor
        case Ordered():
            _ordered(state, entry.order)
        case Sent():
            _sent(state, entry.keys)
        case Declined():
            _declined(state, entry)
        case Decided():
            _decided(state, entry)
        case Fed():
            _fed(state, entry)
        case Corrected():
            _corrected(state, entry)
        case Final():
            _final(state, entry)
        case Changed():
            _changed(state, entry)
        case Reopened():
            _reopened(state, entry)
        case Judged():
            take_verdicts(state, entry)
        case Fitted():
            state.fitted = entry
            note_haste(state)
        case Ticked():
            state.now = max(state.now, entry.at)
        case Started():
            state.started = state.now = state.last_event = entry.at
            state.prefix, state.epoch = entry.prefix, entry.epoch
        case Finished():
            state.now = max(state.now, entry.at)
            state.ending = entry.ending
        case Shown():
            state.shown = True


def _declined(state: RunState, entry: Declined) -> None:
    """Go on without a command, or without one of the items that it adds."""
    if entry.item:
        number = state.numbering.index[entry.item]
        state.refused_items.add(number)
        state.responses.want(np.array([number], np.int64), 0)
        state.refused_order = entry.why
        return
    order = state.unsent.pop(entry.key, None)
    if isinstance(order, Republish):
        state.refused_change = entry.why
    elif not isinstance(order, Deal | Recheck | Learn):
        # A platform may pass over wishes, and keep no skills.
        state.refused_order = entry.why


def _sent(state: RunState, keys: Sequence[str]) -> None:
    """Forget orders that were carried out, and count those that the platform has taken: checks are not for it."""
    for key in keys:
        order = state.unsent.pop(key, None)
        state.sent += order is not None and not isinstance(order, Check)


def _decided(state: RunState, entry: Decided) -> None:
    state.new_workers.clear()
    # What is left was decided by a version that ordered none again: whoever was told to has given these by hand.
    state.to_pay_again.clear()
    state.corrections.decided()
    state.newly_fed = state.revising = False
    state.to_judge_again = {page for page in state.to_judge_again if state.pages.status[page] == SUBMITTED}
    state.responses.forget_news()
    if entry.settled:
        state.settled_answers = state.responses.accepted_total
    if entry.confidence is not None:
        state.charts.series["confidence"].add(state.now - state.started, entry.confidence)


def _fed(state: RunState, entry: Fed) -> None:
    """The items themselves are numbered by then, see `grow`."""
    state.fed += entry.items
    state.newly_fed = True
    state.now = state.last_event = max(state.now, entry.at)
    state.feed_open = state.feed_open and not entry.finished
    state.settled_answers = -1
    if state.ending == "done":
        state.take_back_end()


def _corrected(state: RunState, entry: Corrected) -> None:
    """Take in corrections. They take back the end, and with it all answers that were final; a draw does not."""
    state.now = state.last_event = max(state.now, entry.at)
    if all(isinstance(correction, Draw) for correction in entry.corrections):
        state.shown = False
        _draw(state, entry)
        return
    touched = [NONE] if state.ending is None else [np.flatnonzero(~state.numbering.control)]
    known = Known(state.responses, state.workers, state.answers, state.control_reports)
    _draw(state, entry)
    for correction in entry.corrections:
        if isinstance(correction, Draw):
            continue
        if isinstance(correction, OfPage):
            touched.append(take_decision(state, correction))
            continue
        if isinstance(correction, OfItem):
            number = state.numbering.index[correction.item]
        elif isinstance(correction, Upheld):
            number = next(iter(state.pages.numbers([correction.page])), -1)
        else:
            number = state.number_of(correction.worker)
        effect = state.corrections.take(correction, number, known)
        state.control_total += effect.controls
        state.control_correct += effect.correct
        touched.append(effect.items)
    state.answers.sample(np.fromiter(state.corrections.sample(), np.int64))
    if better := state.corrections.better:
        rejected = np.flatnonzero(np.array(state.pages.status, np.int8) == REJECTED).tolist()
        state.to_judge_again |= {page for page in rejected if state.pages.worker[page] in better}
    state.changed_workers.update(range(len(state.workers)))
    state.take_back_end()
    state.look_again(np.unique(np.concatenate(touched)))


def _draw(state: RunState, entry: Corrected) -> None:
    """Note what was drawn to be judged; what is judged of it by then was so before."""
    for correction in entry.corrections:
        if isinstance(correction, Draw):
            numbers = map(state.numbering.index.__getitem__, correction.items)
            state.corrections.draw(dict(zip(numbers, correction.chances, strict=True)))


def _changed(state: RunState, entry: Changed) -> None:
    """A run that has ended is looked at again; whether it goes on is decided, unless it was opened again by hand."""
    if entry.number > state.changes:
        # Else it is what the run goes back to after the platform has refused a change.
        state.refused_change = ""
    if state.ending is not None and entry.terms.opened > state.opened:
        # Somebody wants it to go on, whatever it was closed for. Of one that has not ended the platform tells.
        state.closing, state.reopening = None, True
    state.changed, state.revising = entry, True
    pay_again(state)
    state.not_paid.clear()
    state.now = state.last_event = max(state.now, entry.at)
    state.look_at_all()
    state.ending, state.shown = None, False


def _reopened(state: RunState, entry: Reopened) -> None:
    places = np.fromiter(map(state.numbering.index.__getitem__, entry.keys), np.int64, len(entry.keys))
    state.finals.values[places] = NOT_FINAL
    state.answers.release(places)
    state.responses.look_again(places)


def _final(state: RunState, entry: Final) -> None:
    places = np.fromiter(map(state.numbering.index.__getitem__, entry.keys), np.int64, len(entry.keys))
    state.finals.values[places] = [PLACE_OF_FLAG[flag] for flag in entry.flags]
    state.final_total += len(places)
    state.answers.declare(places, entry.outcomes)


def _ordered(state: RunState, order: Order) -> None:
    state.unsent[order.key] = order
    match order:
        case AddRange():
            _add(state, state.places_of(order), order.wanted)
        case Want():
            places = np.fromiter(map(state.numbering.index.__getitem__, order.wanted), np.int64, len(order.wanted))
            state.control_reports.to_withdraw.difference_update(places.tolist())
            wanted = np.fromiter(order.wanted.values(), np.int32, len(order.wanted))
            state.responses.want(places, wanted - state.responses.spent[places])
        case Judge():
            for page in (*order.accepted, *order.rejected, *order.taken_back):
                state.to_judge.pop(state.pages.number.get(page, -1), None)
        case Restrict():
            record = state.workers[state.number_of(order.worker)]
            record.restricted_until, record.restriction, record.skips = order.until, order.reason, 0
            state.changed_workers.add(record.number)
        case Deal():
            for worker, controls in order.controls.items():
                state.workers[state.number_of(worker)].control_wish = controls
        case Recheck():
            state.rechecked.update(map(state.numbering.index.__getitem__, order.items))
        case Learn():
            for worker, shown in order.controls.items():
                state.workers[state.number_of(worker)].learnt = shown
        case PayBonus():
            state.to_pay_again.pop(order.key, None)
            if order.step:
                record = state.workers[state.number_of(order.worker)]
                record.step = max(record.step, order.step)
        case Check():
            send_to_check(state, order)
        case Close():
            state.closing = order.ending
        case Open():
            state.reopening, state.closing = False, None


def _add(state: RunState, places: Places, wanted: int) -> None:
    """Note what is ordered onto the platform; an item that is there already stays as it is."""
    ordered = state.ordered.values
    places = places[~ordered[places]]
    ordered[places] = True
    control = state.numbering.control[places]
    drafted = np.zeros(len(places), bool)
    if (solutions := state.responses.solutions) is not None:
        # What comes of their drafts is known first.
        drafted = solutions.with_draft(places)
        state.responses.want(places[drafted], 0)
        state.responses.look_again(places[drafted])
    state.responses.want(places[~control & ~drafted], wanted)
    state.responses.add_controls(places[control], wanted)
    while state.to_add and ordered[state.numbering.order[slice(*state.to_add[0])]].all():
        state.to_add.popleft()
