"""What becomes of pages and workers: pages accepted or rejected, workers restricted. Pure, as `decide` is."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from dataforge.policy import ControlRule, ReportRule, SpeedRule
from dataforge.pricing.page_sizes import HIGHEST_CHANCE, pass_chance
from dataforge.records import FOREVER, Judge, Restrict, Texts
from dataforge.runs.core import texts
from dataforge.runs.core.log import UNKEYED, Check, Order
from dataforge.runs.core.pages import REJECTED
from dataforge.runs.core.quality import Certainty
from dataforge.runs.core.responses import SEVERAL
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["checks", "is_pardoned", "restrictions", "second_verdicts", "trusted", "verdicts"]

JUDGED_AT_ONCE = 1_000
TRUSTED = 1 - HIGHEST_CHANCE
# After so many answers it can be told how much a worker's tell.
SHOWN_ENOUGH = 8
SAME_TIME = 1.0
"""Two times in seconds that are this near to each other were told as one."""


def checks(state: RunState, rules: Rules) -> Iterator[Order]:
    """Orders to have judged what other workers should judge: answers whose page waits for that, and drafts."""
    pages = [page for page in state.to_judge if _awaits_checks(state, rules, page)]
    pages += [] if state.responses.solutions is None else state.responses.solutions.to_send_again()
    names = [state.pages.ids[page] for page in pages]
    for start in range(0, len(names), JUDGED_AT_ONCE):
        yield Check(UNKEYED, tuple(names[start : start + JUDGED_AT_ONCE]))
    yield from _checks_of_drafts(state)


def _checks_of_drafts(state: RunState) -> Iterator[Order]:
    """Orders to have drafts judged that are not yet, as long as the run gives out pages."""
    solutions = state.responses.solutions
    if solutions is None or state.closing is not None:
        return
    names = [state.numbering.keys[item] for item in sorted(solutions.to_send)]
    for start in range(0, len(names), JUDGED_AT_ONCE):
        yield Check(UNKEYED, drafts=tuple(names[start : start + JUDGED_AT_ONCE]))


def _awaits_checks(state: RunState, rules: Rules, page: int) -> bool:
    """Whether other workers are to judge a page's answers first; of one that is not paid anyway they are not asked."""
    solutions = state.responses.solutions
    if state.pages.ids[page] in state.corrections.verdicts:
        return False
    return solutions is not None and not solutions.is_ready(page) and _rejected_at_once(state, rules, page) is None


def verdicts(state: RunState, rules: Rules) -> Iterator[Order]:
    """Verdicts on all pages that wait for one, and for nothing else."""
    pages = [page for page in state.to_judge if not _awaits_checks(state, rules, page)]
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


def second_verdicts(state: RunState, rules: Rules) -> Iterator[Order]:
    """Pages that were rejected for what does not speak against them any more are accepted."""
    again = [page for page in sorted(state.to_judge_again) if state.pages.status[page] == REJECTED]
    accepted = tuple([state.pages.ids[page] for page in again if _rejection(state, rules, page) is None])
    if accepted:
        yield Judge(UNKEYED, accepted)


def _rejection(state: RunState, rules: Rules, page: int) -> Texts | None:
    """Why a page is rejected, or None: by hand, by itself, or by what other workers found of its answers."""
    by_hand = state.corrections.verdicts
    if (name := state.pages.ids[page]) in by_hand:
        return by_hand[name]
    reason = _rejected_at_once(state, rules, page)
    if reason is not None or state.pages.judged_right[page] >= rules.policy.needed_correct(state.pages.judged[page]):
        return reason
    if _is_mostly_reported(state, page):
        return texts.REPORTED_PAGE
    solutions = state.responses.solutions
    return texts.judged_page({} if solutions is None else solutions.reasons_on(page), rules.reasons)


def _rejected_at_once(state: RunState, rules: Rules, page: int) -> Texts | None:
    """Why a page is rejected whatever others say, or None: by speed, its control items, or its worker's record."""
    rule = _broken_speed_rule(state, rules, page)
    if rule is not None and rule.reject:
        return _too_fast(state, rules, page, closes=False)
    controls, record = state.pages.controls[page], state.workers[state.pages.worker[page]]
    reported = state.pages.reported[page]
    if controls:
        accurate = state.pages.correct[page] >= rules.policy.needed_correct(controls)
    else:
        accurate = trusted(record, rules) and not (reported and rules.control_per_page and not record.control_total)
    if accurate:
        return None
    return texts.REPORTED_PAGE if _is_mostly_reported(state, page) else texts.INACCURATE_PAGE


def _is_mostly_reported(state: RunState, page: int) -> bool:
    return 2 * state.pages.reported[page] >= state.pages.size[page]


def trusted(record: WorkerRecord, rules: Rules) -> bool:
    """Whether a worker's record speaks for their pages without control items.

    It does if it reaches the ratio itself, or if a worker of that record passes the control items of a full page two
    times in three: over many pages nobody is held to more than over each of them. Half the time would not do: on a page
    with few control items and two options that is what guessing achieves.
    """
    if record.control_correct >= rules.policy.needed_correct(record.control_held):
        return True
    controls = rules.control_per_page
    right = Fraction(2 * record.control_correct + 1, 2 * record.control_held + 2)
    return pass_chance(controls, rules.policy.needed_correct(controls), right) >= TRUSTED


def _broken_speed_rule(state: RunState, rules: Rules, page: int) -> SpeedRule | None:
    """The strictest speed rule that a page breaks; one of which nobody knows how long it took breaks none."""
    took, hint = state.pages.seconds[page], _hint_of(state, rules, page)
    broken = [rule for rule in rules.policy.speed if took < rule.ratio * hint]
    return max(broken, key=lambda rule: (rule.reject, rule.restrict_seconds), default=None)


def _hint_of(state: RunState, rules: Rules, page: int) -> float:
    """How many seconds the answers to a page are meant to take."""
    controls = state.pages.controls[page]
    # To see that an item does not open takes no time, if the answers beside the report show that somebody looked. What
    # is asked of them is what the verdict asks, or a restriction would tell more of control items than that does.
    looked = controls > 0 and state.pages.correct[page] >= rules.policy.needed_correct(controls)
    return state.hint * (state.pages.size[page] - (state.pages.reported[page] if looked else 0))


def _too_fast(state: RunState, rules: Rules, page: int, *, closes: bool) -> Texts:
    """What the worker of a page that breaks a speed rule reads, with the time in which a page breaks none."""
    least = max(rule.ratio for rule in rules.policy.speed) * _hint_of(state, rules, page)
    return texts.too_fast(state.pages.seconds[page], least, closes=closes)


def restrictions(state: RunState, certainty: Certainty, rules: Rules) -> Iterator[Order]:
    """Restrictions that follow from new pages and from skipping; a worker gets the longest of them."""
    found: dict[int, tuple[float, Texts]] = {}

    def note(worker: int, until: float, reason: Texts) -> None:
        if until > max(state.workers[worker].restricted_until, found.get(worker, (0.0, {}))[0]):
            found[worker] = until, reason

    for page in state.to_judge:
        worker = state.pages.worker[page]
        rule = _broken_speed_rule(state, rules, page)
        if rule is not None:
            reason = _too_fast(state, rules, page, closes=True)
            note(worker, state.pages.submitted_at[page] + rule.restrict_seconds, reason)
        record = state.workers[worker]
        if rules.policy.control is not None and record.restricted_until <= state.pages.submitted_at[page]:
            closed = max(
                _seconds_closed(rules.policy.control, record, rules, checked=state.pages.controls[page] > 0),
                _seconds_closed_by_judges(rules.policy.control, record) if _is_judged(state, page) else 0.0,
            )
            if closed:
                note(worker, _told_at(state, page) + closed, texts.INACCURATE_WORKER)
    skips = rules.policy.skips
    if skips is not None:
        for worker in sorted(state.new_workers):
            if state.workers[worker].skips >= skips.row:
                note(worker, state.now + skips.restrict_seconds, texts.SKIPS)
    if (reports := rules.policy.reports) is not None:
        for worker in sorted(state.new_workers):
            if _reports_too_much(state, reports, state.workers[worker]):
                note(worker, state.now + reports.restrict_seconds, texts.REPORTS)
    for worker in _dismissed(state, certainty, rules):
        note(worker, FOREVER, texts.TELLS_LITTLE)
    for worker, (until, reason) in found.items():
        yield Restrict(UNKEYED, state.workers[worker].id, until, reason)


def _dismissed(state: RunState, certainty: Certainty, rules: Rules) -> list[int]:
    """Workers with new pages who get no more of them, because what they answer decides little.

    Only where the number of answers follows from what they tell; and whatever is known of them, as many workers stay as
    an item may need.
    """
    if not rules.policy.dynamic:
        return []
    asked = sorted({state.pages.worker[page] for page in state.to_judge})
    known = [worker for worker in asked if _has_shown_enough(state, state.workers[worker])]
    if not known:
        return []
    found = [known[place] for place in np.flatnonzero(certainty.tell_little(np.array(known, np.int64))).tolist()]
    if not found:
        return []
    at_work = sum(1 for record in state.workers if record.pages > 0 and record.restricted_until <= state.now)
    return found[: max(at_work - rules.policy.max_overlap, 0)]


def _has_shown_enough(state: RunState, record: WorkerRecord) -> bool:
    """Whether a worker who may go on has answered so much that it can be told how much their answers tell."""
    return record.responses + record.control_total >= SHOWN_ENOUGH and record.restricted_until <= state.now


def _told_at(state: RunState, page: int) -> float:
    """When it was known how well a page was answered: when it came, or when others had judged its answers."""
    return state.now if _is_judged(state, page) else state.pages.submitted_at[page]


def _is_judged(state: RunState, page: int) -> bool:
    """Whether other workers have judged a page's answers."""
    solutions = state.responses.solutions
    return solutions is not None and solutions.is_judged(page)


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
        return rule.restrict_seconds(record.control_correct, record.control_held)
    return 0.0 if trusted(record, rules) else rule.hard_restrict_seconds


def _seconds_closed_by_judges(rule: ControlRule, record: WorkerRecord) -> float:
    """For how long what others found of a worker's answers closes the run to them."""
    return rule.restrict_seconds(record.judged_right, record.judged_total)


def is_pardoned(state: RunState, rules: Rules, record: WorkerRecord) -> bool:
    """Whether a worker was shut out for a control record that is good enough now, or for a page that is upheld."""
    rule = rules.policy.control
    if record.restricted_until <= state.now:
        return False
    if record.restriction != texts.INACCURATE_WORKER:
        return _was_upheld(state, rules, record)
    if rule is None:
        return False
    closed = _seconds_closed(rule, record, rules, checked=True)
    return not closed and not _seconds_closed_by_judges(rule, record)


def _was_upheld(state: RunState, rules: Rules, record: WorkerRecord) -> bool:
    """Whether a worker is kept out for the speed of a page that was accepted on appeal."""
    own = (page for page in state.corrections.upheld if state.pages.worker[page] == record.number)
    broken = ((page, _broken_speed_rule(state, rules, page)) for page in own)
    ends = [state.pages.submitted_at[page] + rule.restrict_seconds for page, rule in broken if rule is not None]
    # The platform writes times in a way of its own, so that the last bits may differ.
    return any(abs(end - record.restricted_until) < SAME_TIME for end in ends)
