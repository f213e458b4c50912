"""What a run does next: pages accepted or rejected, workers restricted, more answers asked for, the end.

Pure: no clock, no network, no chance. The time is that of the state. Costs what is new, but for the one pass over
everything when all wanted answers are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dataforge.endings import Ending
from dataforge.policy import ControlRule, Policy, ReportRule, SpeedRule
from dataforge.price import HIGHEST_CHANCE, pass_chance
from dataforge.records import FOREVER, Allow, Judge, Money, Republish, Restrict, Texts, Want
from dataforge.runs.core import texts
from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.log import AddRange, Close, Open, Order, keyed
from dataforge.runs.core.pages import REJECTED
from dataforge.runs.core.quality import Certainty
from dataforge.runs.core.responses import SEVERAL
from dataforge.runs.core.state import NOT_FINAL, RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["Decision", "Rules", "alarm", "corrected", "decide", "needed", "no_longer_final", "notices", "taken_out"]

WANTED_AT_ONCE = 5_000
JUDGED_AT_ONCE = 1_000
UNKEYED = ""
TRUSTED = 1 - HIGHEST_CHANCE


@dataclass(frozen=True)
class Rules:
    """A policy made ready for a run: how many control items a page has, and what may be paid to workers in all.

    `streams`: the run was launched open, so that an answer is final as soon as no more are asked for.
    """

    policy: Policy
    control_per_page: int
    budget: Money | None
    extra: tuple[Texts, ...] = ()
    streams: bool = False


@dataclass(frozen=True)
class Decision:
    """Orders to log and send; `settled`: all items were looked at; `ending`: the run is over.

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
        *_additions(state, rules),
        *_withdrawals(state),
        *_corrections(state, rules),
        *_restrictions(state, rules),
        *_verdicts(state, rules),
        *_second_verdicts(state, rules),
    ]
    settled = False
    final = _final_now(state, certainty, rules)
    # A run that asks no more says how many answers a correction leaves it short of.
    if state.closing is None or resumes or state.corrections.new:
        settled = state.unsettled
        more = list(_wants(state, certainty, rules, everything=settled or state.revising))
        orders += more
    if state.closing is None:
        ending = _reason_to_close(state, rules, nothing_wanted=settled and not more)
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


def _additions(state: RunState, rules: Rules) -> Iterator[Order]:
    """The parts of the run's random order that are not yet ordered onto the platform."""
    for start, stop in state.to_add:
        yield AddRange(UNKEYED, start, stop, rules.policy.min_overlap, shuffled=True)


def _withdrawals(state: RunState) -> Iterator[Order]:
    """The order to show control items to nobody any more that are no checks."""
    if state.control_reports.to_withdraw:
        yield Want(UNKEYED, {state.numbering.keys[item]: 0 for item in sorted(state.control_reports.to_withdraw)})


def _corrections(state: RunState, rules: Rules) -> Iterator[Order]:
    """The run is closed to workers whose answers are discarded, and opened to those whom only an error has shut out."""
    corrections, key = state.corrections, str(state.corrections.taken)
    for number in sorted(corrections.to_close):
        yield Restrict(key, state.workers[number].id, FOREVER, texts.DISCARDED)
    pardoned = {number for number in corrections.better if _is_pardoned(state, rules, state.workers[number])}
    for number in sorted(corrections.to_open | pardoned):
        yield Allow(key, state.workers[number].id)


def _is_pardoned(state: RunState, rules: Rules, record: WorkerRecord) -> bool:
    """Whether a worker was shut out for a control record that is good enough now."""
    if rules.policy.control is None or record.restricted_until <= state.now:
        return False
    return record.restriction == texts.INACCURATE_WORKER and not _seconds_closed(
        rules.policy.control, record, rules, checked=True
    )


def needed(state: RunState, certainty: Certainty, rules: Rules, items: Places) -> NDArray[np.int32]:
    """How many more answers each of these items needs; one that is final, was corrected or taken out needs none."""
    final = state.finals.values[items] != NOT_FINAL
    return np.where(final, 0, _lacking(state, certainty, rules, items)).astype(np.int32)


def _lacking(state: RunState, certainty: Certainty, rules: Rules, items: Places) -> NDArray[np.int32]:
    """How many more answers each of these items needs if none of them is final."""
    accepted = state.responses.accepted[items]
    one_more = (accepted < rules.policy.max_overlap) & certainty.gains(items)
    least = rules.policy.min_overlap
    more = np.where(accepted < least, least - accepted, one_more)
    # A report alone is followed by a second opinion, also where one answer would do.
    more = np.where((accepted > 0) & (state.responses.answered(items) == 0), np.maximum(more, 1), more)
    return np.where(taken_out(state, items) | corrected(state, items), 0, more).astype(np.int32)


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
        found |= np.isin(items, list(state.control_reports.withdrawn))
    return found


def corrected(state: RunState, items: Places) -> Flags:
    """To which of these items the requester gave the answers."""
    answered = state.corrections.answered
    found: Flags = np.isin(items, list(answered)) if answered else np.zeros(len(items), bool)
    return found


def _final_now(state: RunState, certainty: Certainty, rules: Rules) -> tuple[int, ...]:
    """The items with new answers that have all they need, in a run whose answers are final one by one."""
    if not rules.streams:
        return ()
    items = _ordered_items(state) if state.revising else state.responses.new_items
    complete = state.responses.accepted[items] >= state.responses.wanted[items]
    # What is wanted since the run was changed is only about to be ordered.
    complete |= taken_out(state, items) | corrected(state, items) | state.revising
    complete &= state.finals.values[items] == NOT_FINAL
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
    may_fall = taken_out(state, items) | state.corrections.new | state.revising
    changing = ((more > 0) & (wanted > before)) | ((wanted < before) & may_fall)
    wanted += state.responses.spent[items]
    places, numbers = items[changing].tolist(), wanted[changing].tolist()
    names = state.numbering.keys
    for start in range(0, len(places), WANTED_AT_ONCE):
        chunk = slice(start, start + WANTED_AT_ONCE)
        wanted_now = {names[place]: number for place, number in zip(places[chunk], numbers[chunk], strict=True)}
        # Where numbers can fall and rise again, the same order may be given twice.
        falls = state.responses.reported[places[chunk]].any() or state.corrections.taken or state.changes
        since = f"{state.cursor}-{state.corrections.taken}-{state.changes}"
        yield Want(since if falls else UNKEYED, wanted_now)


def _ordered_items(state: RunState) -> Places:
    """The items to ask that are on the platform, or ordered there."""
    return np.flatnonzero(state.ordered.values & ~state.numbering.control)


# --- pages and workers ----------------------------------------------------------------------------


def _verdicts(state: RunState, rules: Rules) -> Iterator[Order]:
    """Verdicts on all pages that wait for one."""
    pages = list(state.to_judge)
    for start in range(0, len(pages), JUDGED_AT_ONCE):
        accepted: list[str] = []
        reasons: dict[str, Texts] = {}
        for page in pages[start : start + JUDGED_AT_ONCE]:
            reason = _rejection(state, rules, page)
            if reason is None:
                accepted.append(state.pages.ids[page])
            else:
                reasons[state.pages.ids[page]] = reason
        yield Judge(UNKEYED, tuple(accepted), tuple(reasons), reasons)


def _second_verdicts(state: RunState, rules: Rules) -> Iterator[Order]:
    """Pages that were rejected for control items which do not speak against them any more are accepted."""
    again = [page for page in sorted(state.to_judge_again) if state.pages.status[page] == REJECTED]
    accepted = tuple([state.pages.ids[page] for page in again if _rejection(state, rules, page) is None])
    if accepted:
        yield Judge(UNKEYED, accepted)


def _rejection(state: RunState, rules: Rules, page: int) -> Texts | None:
    """Why a page is rejected, or None: by speed, by its control items, or by the worker's control record so far."""
    rule = _broken_speed_rule(state, rules, page)
    if rule is not None and rule.reject:
        return texts.TOO_FAST_UNPAID
    controls, record = state.pages.controls[page], state.workers[state.pages.worker[page]]
    reported = state.pages.reported[page]
    if controls:
        accurate = state.pages.correct[page] >= rules.policy.needed_correct(controls)
    else:
        accurate = trusted(record, rules) and not (reported and rules.control_per_page and not record.control_total)
    if accurate:
        return None
    return texts.REPORTED_PAGE if 2 * reported >= state.pages.size[page] else texts.INACCURATE_PAGE


def trusted(record: WorkerRecord, rules: Rules) -> bool:
    """Whether a worker's record speaks for their pages without control items.

    It does if it reaches the ratio itself, or if a worker of that record passes the control items of a full page two
    times in three: over many pages nobody is held to more than over each of them. Half the time would not do: on a page
    with few control items and two options that is what guessing achieves.
    """
    if record.control_correct >= rules.policy.needed_correct(record.control_total):
        return True
    controls = rules.control_per_page
    right = Fraction(2 * record.control_correct + 1, 2 * record.control_total + 2)
    return pass_chance(controls, rules.policy.needed_correct(controls), right) >= TRUSTED


def _broken_speed_rule(state: RunState, rules: Rules, page: int) -> SpeedRule | None:
    """The strictest speed rule that a page breaks; one of which nobody knows how long it took breaks none."""
    controls = state.pages.controls[page]
    # To see that an item does not open takes no time, if the answers beside the report show that somebody looked.
    looked = controls > 0 and state.pages.correct[page] == controls
    answered = state.pages.size[page] - (state.pages.reported[page] if looked else 0)
    took, hint = state.pages.seconds[page], state.hint * answered
    broken = [rule for rule in rules.policy.speed if took < rule.ratio * hint]
    return max(broken, key=lambda rule: (rule.reject, rule.restrict_seconds), default=None)


def _restrictions(state: RunState, rules: Rules) -> Iterator[Order]:
    """Restrictions that follow from new pages and from skipping; a worker gets the longest of them."""
    found: dict[int, tuple[float, Texts]] = {}

    def note(worker: int, until: float, reason: Texts) -> None:
        if until > max(state.workers[worker].restricted_until, found.get(worker, (0.0, {}))[0]):
            found[worker] = until, reason

    for page in state.to_judge:
        worker = state.pages.worker[page]
        rule = _broken_speed_rule(state, rules, page)
        if rule is not None:
            note(worker, state.pages.submitted_at[page] + rule.restrict_seconds, texts.TOO_FAST)
        record = state.workers[worker]
        if rules.policy.control is not None and record.restricted_until <= state.pages.submitted_at[page]:
            closed = _seconds_closed(rules.policy.control, record, rules, checked=state.pages.controls[page] > 0)
            if closed:
                note(worker, state.pages.submitted_at[page] + closed, texts.INACCURATE_WORKER)
    skips = rules.policy.skips
    if skips is not None:
        for worker in sorted(state.new_workers):
            if state.workers[worker].skips >= skips.row:
                note(worker, state.now + skips.restrict_seconds, texts.SKIPS)
    if (reports := rules.policy.reports) is not None:
        for worker in sorted(state.new_workers):
            if _reports_too_much(state, reports, state.workers[worker]):
                note(worker, state.now + reports.restrict_seconds, texts.REPORTS)
    for worker, (until, reason) in found.items():
        yield Restrict(UNKEYED, state.workers[worker].id, until, reason)


def _reports_too_much(state: RunState, rule: ReportRule, record: WorkerRecord) -> bool:
    """Whether a worker reported a larger share of their items than the rule allows, and nobody else reported those."""
    most = rule.share * record.responses
    if record.responses < rule.after or len(record.reported) <= most or record.restricted_until > state.now:
        return False
    # Their own report is one of them, once it counts.
    alone = state.responses.reported[np.array(record.reported, np.int64)] < SEVERAL
    alone &= [not state.control_reports.borne_out(item) for item in record.reported]
    return int(alone.sum()) > most


def _seconds_closed(rule: ControlRule, record: WorkerRecord, rules: Rules, *, checked: bool) -> float:
    """For how long a page just answered closes the run to its worker; `checked`: the page had control items.

    Who has seen all control items cannot mend their record: rather no pages than page after page that is not paid.
    """
    if checked:
        return rule.restrict_seconds(record.control_correct, record.control_total)
    return 0.0 if trusted(record, rules) else rule.hard_restrict_seconds


# --- the end, and the time ------------------------------------------------------------------------


def _reason_to_close(state: RunState, rules: Rules, *, nothing_wanted: bool) -> Ending | None:
    """Why the run should give out no more pages, or None."""
    if nothing_wanted:
        return "done"
    limit = rules.policy.time_limit_seconds
    if limit is not None and state.now >= state.started + limit:
        return "time"
    if _out_of_budget(state, rules):
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
    if state.all_added and not state.feed_open and not needed(state, certainty, rules, real).any():
        return "done"
    return "budget" if _out_of_budget(state, rules) else "stopped"


def _out_of_budget(state: RunState, rules: Rules) -> bool:
    """Whether answers are wanted, nobody is at work, and the smallest page costs more than is left."""
    if rules.budget is None or state.in_flight or not (state.all_added and state.responses.incomplete):
        return False
    return state.paid + state.price(_smallest_page_size(state, rules)) > rules.budget


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


def notices(state: RunState, rules: Rules) -> tuple[Texts, ...]:
    """What the requester should know or do now."""
    found = [*rules.extra, *_reported(state)]
    if state.ending not in (None, "done") and state.responses.incomplete:
        found.append(texts.ended(state.ending, state.responses.incomplete))
    elif state.ending is None and state.closing == "stopped":
        found.append(texts.STOPPED)
    if state.ending is not None or state.closing is not None:
        return tuple(found)
    if state.platform_state == "paused":
        found.append(texts.PAUSED)
    elif state.responses.incomplete and state.now - state.last_event >= rules.policy.stall_seconds:
        found.append(_stalled(state, rules))
    return tuple(found)


def _reported(state: RunState) -> Iterator[Texts]:
    """Word of the items that workers reported."""
    if state.reports:
        items = np.unique(np.concatenate([np.array(record.reported, np.int64) for record in state.workers]))
        real = items[~state.numbering.control[items]]
        yield texts.reported(len(items), int(taken_out(state, real).sum()), state.reports)
    if withdrawn := state.control_reports.withdrawn - state.control_reports.by_hand:
        yield texts.withdrawn(len(withdrawn))


def _stalled(state: RunState, rules: Rules) -> Texts:
    workers = len(state.workers)
    if not workers:
        return texts.nobody(state.responses.incomplete)
    checks = state.numbering.control_total - len(state.control_reports.withdrawn)
    unchecked = sum(record.control_total >= checks for record in state.workers)
    if state.control_total and unchecked:
        return texts.outlasted(unchecked, workers)
    restricted = sum(record.restricted_until > state.now for record in state.workers)
    wanted = int(state.responses.wanted[state.responses.accepted < state.responses.wanted].max(initial=0))
    if wanted > workers - restricted:
        return texts.restricted_workers(restricted, workers) if restricted else texts.few_workers(wanted, workers)
    return texts.silence(state.responses.incomplete, state.now - state.last_event)
