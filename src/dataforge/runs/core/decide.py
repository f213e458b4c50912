"""What a run does next: pages accepted or rejected, workers restricted, more answers asked for, the end.

Pure: no clock, no network, no chance. The time is that of the state. Costs what is new, but for the one pass over
everything when all wanted answers are there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataforge.endings import Ending
from dataforge.records import FOREVER, Allow, Republish, Restrict, Want
from dataforge.runs.core import texts
from dataforge.runs.core.bonus_steps import step_bonuses
from dataforge.runs.core.by_hand import bonuses, bonuses_again, decided_by_hand
from dataforge.runs.core.columns import Flags, Places, among
from dataforge.runs.core.dealing import dealings
from dataforge.runs.core.haste import hurried
from dataforge.runs.core.learning import learnt
from dataforge.runs.core.log import UNKEYED, AddRange, Close, Open, Order, keyed
from dataforge.runs.core.quality import Certainty
from dataforge.runs.core.rechecking import rechecks
from dataforge.runs.core.responses import SEVERAL
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import NOT_FINAL, PLACE_OF_FLAG, RunState
from dataforge.runs.core.verdicts import checks, is_pardoned, restrictions, second_verdicts, verdicts

__all__ = [
    "Decision",
    "affordable",
    "alarm",
    "corrected",
    "decide",
    "needed",
    "no_longer_final",
    "out_of_budget",
    "set_aside",
    "taken_out",
]

WANTED_AT_ONCE = 5_000


@dataclass(frozen=True)
class Decision:
    """Orders to log and send; `settled`: of all items none wants more; `ending`: the run is over.

    `final`: numbers of the items whose answers are final now; when a run ends, all others are as well.
    """

    orders: tuple[Order, ...] = ()
    settled: bool = False
    ending: Ending | None = None
    final: tuple[int, ...] = ()


def decide(state: RunState, certainty: Certainty, rules: Rules) -> Decision:
    """What follows from the state. Calling it again before the state has taken in the orders gives the same orders."""
    if state.ending is not None:
        return Decision()
    resumes = state.over and _resumes(state, certainty, rules)
    # Restrictions come first: they follow from pages that are new only until their verdict is written down.
    orders: list[Order] = [
        *_republication(state),
        *_reopening(state, resumes=resumes),
        *_additions(state, certainty, rules),
        *_withdrawals(state),
        *_corrections(state, rules),
        *restrictions(state, certainty, rules),
        *checks(state, rules),
        *verdicts(state, rules),
        *second_verdicts(state, rules),
        *decided_by_hand(state),
        *bonuses(state),
        *bonuses_again(state),
        *step_bonuses(state, rules),
        *dealings(state, certainty, rules),
        *rechecks(state, certainty, rules),
        *learnt(state, rules.task),
    ]
    settled = False
    final = _final_now(state, certainty, rules)
    # A run that asks no more says how many answers a correction leaves it short of.
    if state.closing is None or resumes or state.corrections.new:
        whole = state.unsettled
        more = list(_wants(state, certainty, rules, everything=whole or state.revising))
        orders += more
        # What is wanted more may be given up before it comes: then there is no new answer, and all is looked at again.
        settled = whole and not more
    if state.closing is None:
        ending = _reason_to_close(state, rules, nothing_wanted=settled)
        # A run that is not yet open again cannot be closed.
        if ending is not None and state.platform_state != "closed":
            orders.append(Close(UNKEYED, ending, state.cursor))
    elif state.over and not orders:
        return Decision(_keyed(state, orders), ending=_how_it_ended(state, certainty, rules), final=final)
    return Decision(_keyed(state, orders), settled, final=final)


def _keyed(state: RunState, orders: list[Order]) -> tuple[Order, ...]:
    return tuple(keyed(state.prefix, order) for order in orders)


# --- items ----------------------------------------------------------------------------------------


def _republication(state: RunState) -> Iterator[Order]:
    """The order to ask people what the run asks since it was changed."""
    if state.revising and state.changed is not None:
        yield Republish(str(state.changes), state.changed.terms.publication)


def _reopening(state: RunState, *, resumes: bool) -> Iterator[Order]:
    """The order to open a run that was over, if items have come since, or it asks more."""
    if state.reopening or resumes:
        yield Open(UNKEYED, state.cursor)


def _additions(state: RunState, certainty: Certainty, rules: Rules) -> Iterator[Order]:
    """The parts of the run's random order that are not yet ordered onto the platform.

    Of some of their items something may have been said by hand already that tells how many are to answer them.
    """
    for start, stop in state.to_add:
        part = AddRange(UNKEYED, start, stop, rules.policy.min_overlap, shuffled=True)
        yield part
        places = state.places_of(part)
        by_hand = places[among(places, state.corrections.of_items)]
        if len(by_hand):
            more = needed(state, certainty, rules, by_hand).tolist()
            names = map(state.numbering.keys.__getitem__, by_hand.tolist())
            yield Want(f"{start}-{state.corrections.taken}", dict(zip(names, more, strict=True)))


def _withdrawals(state: RunState) -> Iterator[Order]:
    """The order to show control items to nobody any more that are no checks."""
    if state.control_reports.to_withdraw:
        yield Want(UNKEYED, {state.numbering.keys[item]: 0 for item in sorted(state.control_reports.to_withdraw)})


def _corrections(state: RunState, rules: Rules) -> Iterator[Order]:
    """The run is closed to workers whose answers are discarded, and opened to those whom only an error has shut out."""
    corrections, key = state.corrections, f"{state.corrections.taken}-{_revisions(state)}"
    for number in sorted(corrections.to_close):
        yield Restrict(key, state.workers[number].id, FOREVER, texts.DISCARDED)
    pardoned = {number for number in corrections.better if is_pardoned(state, rules, state.workers[number])}
    for number in sorted(corrections.to_open | pardoned):
        yield Allow(key, state.workers[number].id)


def needed(state: RunState, certainty: Certainty, rules: Rules, items: Places) -> NDArray[np.int32]:
    """How many more answers each of these items needs; one that is final, was corrected or taken out needs none."""
    final = state.finals.values[items] != NOT_FINAL
    return np.where(final, 0, _lacking(state, certainty, rules, items)).astype(np.int32)


def _lacking(state: RunState, certainty: Certainty, rules: Rules, items: Places) -> NDArray[np.int32]:
    """How many more answers each of these items needs if none of them is final.

    An item that was sent back for more gets them, however sure its answer is.
    """
    accepted = state.responses.accepted[items]
    one_more = (accepted < rules.policy.max_overlap) & certainty.gains(items)
    # What was answered in haste counts, and takes nobody's place.
    most = max(rules.policy.min_overlap, rules.policy.max_overlap)
    least = np.minimum(rules.policy.min_overlap + hurried(state, rules, items), most)
    more = np.where(accepted < least, least - accepted, one_more)
    # A report alone is followed by a second opinion, also where one answer would do.
    more = np.where((accepted > 0) & (state.responses.answered(items) == 0), np.maximum(more, 1), more)
    none = _begun_with(state, certainty, items) | taken_out(state, items) | given_up(state, rules, items)
    more = np.maximum(np.where(none, 0, more), _sent_back_for(state, items) - accepted)
    never = corrected(state, items) | set_aside(state, items) | among(items, state.refused_items)
    return np.where(never, 0, more).astype(np.int32)


def _sent_back_for(state: RunState, items: Places) -> NDArray[np.int32]:
    """How many answers each of these items is to have at least, because it was sent back for more."""
    asked = state.corrections.asked
    if not asked:
        return np.zeros(len(items), np.int32)
    return np.fromiter((asked.get(item, 0) for item in items.tolist()), np.int32, len(items))


def _begun_with(state: RunState, certainty: Certainty, items: Places) -> Flags:
    """Which of these items have a draft that is good enough, or of which nothing is known yet: nobody is to mend it."""
    solutions = state.responses.solutions
    if solutions is None:
        return np.zeros(len(items), bool)
    found: Flags = solutions.draft_awaited(items) | (solutions.with_draft(items) & ~certainty.gains(items))
    return found


def no_longer_final(state: RunState, certainty: Certainty, rules: Rules) -> Places:
    """The items whose answers were final, and that get more since the run was changed."""
    if not state.revising or not _may_go_on(state, rules):
        return np.empty(0, np.int64)
    items = np.flatnonzero((state.finals.values != NOT_FINAL) & ~state.numbering.control)
    return items[_lacking(state, certainty, rules, items) > 0]


def taken_out(state: RunState, items: Places) -> Flags:
    """Which of these items nobody is asked about any more: several workers, more than answered them, reported them."""
    reported, on_control = state.responses.reported[items], state.numbering.control[items]
    found: Flags = ~on_control & (reported >= SEVERAL) & (reported > state.responses.answered(items))
    if on_control.any():
        found |= among(items, state.control_reports.withdrawn)
    return found


def corrected(state: RunState, items: Places) -> Flags:
    """To which of these items the requester gave the answers."""
    return among(items, state.corrections.answered)


def set_aside(state: RunState, items: Places) -> Flags:
    """Which of these items the requester leaves out of the results."""
    return among(items, state.corrections.aside)


def given_up(state: RunState, rules: Rules, items: Places) -> Flags:
    """About which of these items nobody is asked any more, because all that they are answered with is found wrong."""
    solutions = state.responses.solutions
    return np.zeros(len(items), bool) if solutions is None else solutions.given_up(items, rules.policy.attempts)


def _final_now(state: RunState, certainty: Certainty, rules: Rules) -> tuple[int, ...]:
    """The items with new answers that have all they need, in a run whose answers are final one by one."""
    if not rules.streams:
        return ()
    items = _ordered_items(state) if state.revising else state.responses.new_items
    complete = state.responses.accepted[items] >= state.responses.wanted[items]
    # What is wanted since the run was changed is only about to be ordered.
    complete |= taken_out(state, items) | corrected(state, items) | set_aside(state, items) | state.revising
    complete |= given_up(state, rules, items)
    complete &= state.finals.values[items] == NOT_FINAL
    if (solutions := state.responses.solutions) is not None:
        complete &= ~solutions.draft_awaited(items)
    return tuple(items[complete & (needed(state, certainty, rules, items) == 0)].tolist())


def _wants(state: RunState, certainty: Certainty, rules: Rules, *, everything: bool) -> Iterator[Order]:
    """Numbers of answers to ask for, where they rise, or fall because of reports, corrections or a change.

    A platform counts the answers that were discarded, too.
    """
    items = _ordered_items(state) if everything else state.responses.new_items
    more = needed(state, certainty, rules, items)
    wanted = state.responses.accepted[items] + more
    before = state.responses.wanted[items]
    # A page that was accepted after all may bring more answers than were asked for.
    may_fall = taken_out(state, items) | given_up(state, rules, items) | state.corrections.new | state.revising
    changing = ((more > 0) & (wanted > before)) | ((wanted < before) & may_fall)
    wanted += state.responses.spent[items]
    # Only with new answers what is believed of an item is of now: of the rest another driver would say otherwise.
    again = changing & (more > 0) & (state.responses.accepted[items] > 0) & np.isin(items, state.responses.new_items)
    worth = np.where(again, certainty.worth(items) if again.any() else np.nan, np.nan).clip(0, 1).round(2)
    places, numbers, worths = (column[changing].tolist() for column in (items, wanted, worth))
    names = state.numbering.keys
    for start in range(0, len(places), WANTED_AT_ONCE):
        chunk = slice(start, start + WANTED_AT_ONCE)
        wanted_now = {names[place]: number for place, number in zip(places[chunk], numbers[chunk], strict=True)}
        # First answers need none: they come before all others.
        told = zip(places[chunk], worths[chunk], strict=True)
        worth_now = {names[place]: one for place, one in told if not math.isnan(one)}
        # Where numbers can fall and rise again, the same order may be given twice.
        revised = state.corrections.taken or state.changes or _revisions(state)
        falls = state.responses.reported[places[chunk]].any() or revised
        since = f"{state.cursor}-{state.corrections.taken}-{state.changes}-{_revisions(state)}"
        preferred = _preferred(state, certainty, [place for place in places[chunk] if names[place] in worth_now])
        yield Want(since if falls else UNKEYED, wanted_now, worth_now, preferred)


def _preferred(state: RunState, certainty: Certainty, items: list[int]) -> dict[str, tuple[str, ...]]:
    """Who should answer these items, where it is shown to matter, but for whom the run is closed to."""
    if not items:
        return {}
    found = {}
    for item, those in zip(items, certainty.prefers(np.array(items)), strict=True):
        records = [state.workers[number] for number in those]
        open_to = tuple(record.id for record in records if record.restricted_until <= state.now)
        if open_to:
            found[state.numbering.keys[item]] = open_to
    return found


def _revisions(state: RunState) -> int:
    """How often others have found something else of answers than before."""
    return 0 if state.responses.solutions is None else state.responses.solutions.revisions


def _ordered_items(state: RunState) -> Places:
    """The items to ask that are on the platform, or ordered there."""
    return np.flatnonzero(state.ordered.values & ~state.numbering.control)


# --- the end, and the time ------------------------------------------------------------------------


def _reason_to_close(state: RunState, rules: Rules, *, nothing_wanted: bool) -> Ending | None:
    """Why the run should give out no more pages, or None."""
    if nothing_wanted and not state.judged_again:
        return "done"
    limit = rules.policy.time_limit_seconds
    if limit is not None and state.now >= state.started + limit:
        return "time"
    if out_of_budget(state, rules):
        return "budget"
    return None


def _resumes(state: RunState, certainty: Certainty, rules: Rules) -> bool:
    """Whether a run that was over goes on, because it was changed and asks more since."""
    if not state.revising or not _may_go_on(state, rules):
        return False
    return not state.all_added or bool(needed(state, certainty, rules, _ordered_items(state)).any())


def _may_go_on(state: RunState, rules: Rules) -> bool:
    """Whether the run is open, or what it was closed for holds no more; one that was stopped by hand stays so."""
    if state.closing is None:
        return True
    limit = rules.policy.time_limit_seconds
    in_time = limit is None or state.now < state.started + limit
    paid_for = rules.budget is None or state.paid + state.price(_smallest_page_size(state, rules)) <= rules.budget
    return state.closing != "stopped" and in_time and paid_for


def _how_it_ended(state: RunState, certainty: Certainty, rules: Rules) -> Ending:
    """Why the run is over; one that was closed by hand when nothing was wanted any more is done."""
    if state.closing not in (None, "stopped"):
        return state.closing
    real = np.flatnonzero(~state.numbering.control)
    # Those that were left over when it was stopped first: nobody has asked them again.
    left = (state.finals.values[real] == PLACE_OF_FLAG["stopped"]).any()
    whole = state.all_added and not state.feed_open and not state.drafts_awaited and not left
    if whole and not needed(state, certainty, rules, real).any():
        return "done"
    return "budget" if out_of_budget(state, rules) else "stopped"


def out_of_budget(state: RunState, rules: Rules) -> bool:
    """Whether answers are wanted, nobody is at work, and the smallest page costs more than is left."""
    at_work = state.in_flight or state.drafts_awaited
    if rules.budget is None or at_work or not (state.all_added and state.responses.incomplete):
        return False
    return state.paid + state.price(_smallest_page_size(state, rules)) > rules.budget


def affordable(state: RunState, rules: Rules) -> float:
    """How many more answers to real items the budget pays for, on full pages; infinitely many without one."""
    if rules.budget is None:
        return math.inf
    whole = len(state.prices)
    real = max(whole - rules.control_per_page, 1)
    return max(rules.budget - state.promised, 0) * real / max(state.price(whole), 1)


def _smallest_page_size(state: RunState, rules: Rules) -> int:
    """How many items a new worker's page has at least: a real one, and a control item if there are any."""
    return 1 + min(1, rules.control_per_page, state.numbering.control_total)


def alarm(state: RunState, rules: Rules) -> float | None:
    """When the passing of time alone will next matter, or None."""
    if state.ending is not None or state.closing is not None:
        return None
    times = [state.last_event + rules.policy.stall_seconds]
    limit = rules.policy.time_limit_seconds
    if limit is not None:
        times.append(state.started + limit)
    return min((time for time in times if time > state.now), default=None)
