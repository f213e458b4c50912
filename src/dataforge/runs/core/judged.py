"""What others find of a run's answers, folded into its state: of pages, workers and items."""

from __future__ import annotations

import numpy as np

from dataforge.runs.core.columns import Places
from dataforge.runs.core.log import Check, Judged
from dataforge.runs.core.pages import REJECTED, SUBMITTED
from dataforge.runs.core.solutions import Found, Solutions
from dataforge.runs.core.state import RunState

__all__ = ["send_to_check", "take_verdicts"]


def send_to_check(state: RunState, order: Check) -> None:
    """The pages wait for what others find of their answers; where all of it is known, for their verdict."""
    solutions = _solutions(state)
    solutions.send_drafts([state.numbering.index[name] for name in order.drafts])
    pages = state.pages.numbers(order.pages)
    for page in pages:
        state.to_judge.pop(page, None)
    for found in solutions.send(pages):
        _checked(state, found)


def take_verdicts(state: RunState, entry: Judged) -> None:
    """Take in what other workers found of answers.

    What was found before may have changed, because the requester corrects the judges: then the run goes on where it has
    ended, and rejected pages may be accepted; no page is rejected for it.
    """
    solutions = _solutions(state)
    state.now = state.last_event = max(state.now, entry.at)
    solutions.cursor = entry.cursor
    solutions.befriend(entry.friends)
    numbers = state.worker_number
    solutions.ring.update({numbers[name]: ring for name, ring in solutions.friends.items() if name in numbers})
    if solutions.over and not entry.over:
        # Nobody judged any more, and now they do, for there is money for that.
        _go_on(state, solutions.go_on())
    found = solutions.judge(entry.keys, entry.right, entry.chances, entry.reasons)
    if entry.over:
        # Drafts that nobody judges any more are for workers to mend.
        state.responses.look_again(np.array(sorted(solutions.out | solutions.to_send), np.int64))
    for page in [*found.done, *(solutions.give_up() if entry.over else ())]:
        _checked(state, page)
    for page in found.revised:
        _checked(state, page)
        if page.right > 0:
            state.corrections.better.add(state.pages.worker[page.page])
    state.responses.look_again(solutions.items_of(entry.keys))
    state.settled_answers = -1
    if len(found.items):
        _go_on(state, found.items)


def _go_on(state: RunState, items: Places) -> None:
    """Look again at items of whose answers something else is known, also where the run has ended."""
    state.corrections.new = True
    state.take_back_end()
    state.look_again(items)


def _checked(state: RunState, found: Found) -> None:
    """Count what other workers found of a page's answers, and have it judged by that."""
    page = found.page
    state.pages.judged[page] += found.checked
    state.pages.judged_right[page] += found.right
    record = state.workers[state.pages.worker[page]]
    record.judged_total += found.checked
    record.judged_right += found.right
    state.judged_total += found.checked
    state.judged_right += found.right
    if state.judged_total:
        share = state.judged_right / state.judged_total
        state.charts.series["judged_right"].add(state.now - state.started, share)
    state.changed_workers.add(record.number)
    if state.pages.status[page] == SUBMITTED:
        state.to_judge[page] = None
    elif state.pages.status[page] == REJECTED:
        state.to_judge_again.add(page)


def _solutions(state: RunState) -> Solutions:
    solutions = state.responses.solutions
    assert solutions is not None, "answers are judged where there are checks"
    return solutions
