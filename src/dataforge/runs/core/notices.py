"""What a run's requester should know or do now."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from dataforge.endings import Ending
from dataforge.records import FLAGS, Texts
from dataforge.runs.core import texts
from dataforge.runs.core.appeal_texts import MOST_LOST, lost_appeals
from dataforge.runs.core.charts import DURATIONS_TO
from dataforge.runs.core.decide import taken_out
from dataforge.runs.core.haste import in_haste
from dataforge.runs.core.money_texts import below_floor, bonuses_not_paid, pages_not_paid
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import NOT_FINAL, RunState

__all__ = ["notices", "restricted_of"]

# So many pages of so many people show how long an item takes; the hint may differ from that by this factor.
MANY_PAGES, SEVERAL_PEOPLE, AS_SAID = 20, 3, 1.5
# So many pages show something of a crowd, and of a task; and so large a share of them rejected is no chance.
LEAST_PAGES, NEARLY_ALL = 8, 0.9


def notices(state: RunState, rules: Rules) -> tuple[Texts, ...]:
    """What the state gives reason to say."""
    found = [*rules.extra, *_refused(state), *_reported(state), *_lost(state), *_rejected(state), *_off(state)]
    found += [*_not_paid(state, rules), *_lacking(state, rules)]
    if many := len(in_haste(state, rules)):
        found.append(texts.much_faster(many))
        if not rules.policy.dynamic and state.ending is None:
            found.append(texts.no_room(rules.policy.max_overlap))
    if state.ending not in (None, "done") and (left := _left(state, state.ending)):
        found.append(texts.ended(state.ending, left))
    elif state.ending is None and state.closing == "stopped":
        found.append(texts.STOPPED)
        found += _still_judged(state)
    if state.ending is not None or state.closing is not None:
        return tuple(found)
    if state.platform_state == "paused":
        found.append(texts.PAUSED)
    elif state.responses.incomplete and (shut_out := restricted_of(state)) and shut_out == len(state.workers):
        found.append(texts.all_restricted(shut_out))
    elif _waits_for_checks(state, rules):
        assert state.responses.solutions is not None
        found.append(texts.waits_for_checks(len(state.responses.solutions.waiting)))
    elif state.responses.incomplete and state.now - state.last_event >= rules.policy.stall_seconds:
        found.append(_stalled(state, rules))
    return tuple(found)


def restricted_of(state: RunState) -> int:
    """How many workers get no pages now."""
    now = state.now
    return sum([record.restricted_until > now for record in state.workers])


def _left(state: RunState, ending: Ending) -> int:
    """How many items the end of the run left without enough answers: those whose flag says so, once they have flags."""
    real = np.asarray(state.finals.values)[~state.numbering.control]
    if (real == NOT_FINAL).any():
        return state.responses.incomplete
    return int((real == FLAGS.index(ending)).sum())


def _rejected(state: RunState) -> Iterator[Texts]:
    """Word of a crowd of which nearly all pages were rejected."""
    rejected, done = state.pages_rejected, state.pages_rejected + state.pages_accepted
    if done >= LEAST_PAGES and rejected >= NEARLY_ALL * done:
        yield texts.mostly_rejected(rejected, done)


def _off(state: RunState) -> Iterator[Texts]:
    """Word of a duration that people do not keep, by the middle one of the pages that they have done."""
    counts = np.array(state.charts.durations)
    # A crowd may be of thousands, and this is asked about once a second.
    people = islice((record for record in state.workers if record.pages_accepted > 0), SEVERAL_PEOPLE)
    if counts.sum() < MANY_PAGES or len(list(people)) < SEVERAL_PEOPLE:
        return
    middle = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    taken = (middle + 0.5) / len(counts) * DURATIONS_TO * state.hint
    # Pages that are done in no time tell of haste, which has rules of its own, and not of the hint.
    if middle and not state.hint / AS_SAID <= taken <= state.hint * AS_SAID:
        yield texts.hint_off(taken, state.hint)


def _waits_for_checks(state: RunState, rules: Rules) -> bool:
    """Whether nothing has happened for long, and pages wait for others to judge their answers."""
    solutions = state.responses.solutions
    quiet = state.now - state.last_event >= rules.policy.stall_seconds
    return quiet and solutions is not None and bool(solutions.waiting)


def _still_judged(state: RunState) -> Iterator[Texts]:
    """Word of the pages for which a run that was stopped waits."""
    if (solutions := state.responses.solutions) is not None and solutions.waiting:
        yield texts.still_judged(len(solutions.waiting))


def _refused(state: RunState) -> Iterator[Texts]:
    """Word of what the platform refused for good."""
    if state.refused_change:
        yield texts.refused_change(state.refused_change)
    if state.refused_order:
        yield texts.refused_order(state.refused_order)


def _reported(state: RunState) -> Iterator[Texts]:
    """Word of the items that workers reported."""
    if state.reports:
        items = np.unique(np.concatenate([np.array(record.reported, np.int64) for record in state.workers]))
        real = items[~state.numbering.control[items]]
        yield texts.reported(len(items), int(taken_out(state, real).sum()), state.reports)
    if withdrawn := state.control_reports.withdrawn - state.control_reports.by_hand:
        yield texts.withdrawn(len(withdrawn))


def _lost(state: RunState) -> Iterator[Texts]:
    """Word of the control items that were missed on pages which were accepted on appeal."""
    if many := [item for item, lost in sorted(state.corrections.lost.items()) if lost >= MOST_LOST]:
        yield lost_appeals([state.numbering.keys[item] for item in many])


def _not_paid(state: RunState, rules: Rules) -> Iterator[Texts]:
    """Word of what the budget did not reach for."""
    for page in (False, True):
        if amounts := [one.amount for one in state.not_paid if bool(one.page) is page]:
            yield (pages_not_paid if page else bonuses_not_paid)(len(amounts), sum(amounts), rules.policy.currency)


def _lacking(state: RunState, rules: Rules) -> Iterator[Texts]:
    """Word of workers whom the budget leaves below the wage floor."""
    if state.lacking:
        yield below_floor(len(state.lacking), sum(state.lacking.values()), rules.policy.currency)


def _stalled(state: RunState, rules: Rules) -> Texts:
    workers = len(state.workers)
    if not workers:
        return texts.nobody(state.responses.incomplete)
    checks = state.numbering.control_total - len(state.control_reports.withdrawn)
    # Who has answered every item gets no more, however many control items there are.
    real = state.numbering.real_total
    unchecked = sum(record.control_total >= checks and record.responses < real for record in state.workers)
    if state.control_total and unchecked:
        return texts.outlasted(unchecked, workers)
    restricted = restricted_of(state)
    wanted = int(state.responses.wanted[state.responses.accepted < state.responses.wanted].max(initial=0))
    if wanted > workers - restricted:
        return texts.restricted_workers(restricted, workers) if restricted else texts.few_workers(wanted, workers)
    told = texts.silence if state.responses.solutions is None else texts.silence_of_judged
    return told(state.responses.incomplete, state.now - state.last_event)
