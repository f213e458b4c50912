"""What each entry of the log and each event does to a run's state, and that both only ever add up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from tests.runs.core.story import HINT, START, Story

from dataforge.records import Allow, Judge, Restrict, Want
from dataforge.runs.core.log import (
    AddRange,
    Close,
    Decided,
    Entry,
    Fed,
    Final,
    Finished,
    Fitted,
    Open,
    Ordered,
    Sent,
    Shown,
    Started,
    Ticked,
)
from dataforge.runs.core.pages import ACCEPTED, GONE, REJECTED, SUBMITTED, TAKEN
from dataforge.runs.core.state import RunState

WHY = {"en": "why"}


def begun(real: int = 2, controls: int = 0, wanted: int = 1, *, feed_open: bool = False) -> Story:
    """A run whose items are ordered onto the platform."""
    story = Story(real, controls, feed_open=feed_open)
    story.ordered(AddRange("add", 0, real + controls, wanted))
    return story


# --- entries --------------------------------------------------------------------------------------


def test_a_run_starts_with_its_time_and_the_prefix_of_its_keys() -> None:
    state = Story().state
    assert (state.prefix, state.started, state.now, state.last_event) == ("prefix", START, START, START)
    assert (state.cursor, state.ending, state.closing, state.shown) == (0, None, None, False)


def unsent(state: RunState) -> list[str]:
    return list(state.unsent)


@dataclass(frozen=True)
class Effect:
    """What an entry changes: a question to the state, with the answer before and after."""

    entry: Entry
    asked: Callable[[RunState], Any]
    before: Any
    after: Any


EFFECTS = {
    "time passes": Effect(Ticked(START + 9), lambda state: state.now, START, START + 9),
    "time never goes back": Effect(Ticked(START - 9), lambda state: state.now, START, START),
    "nothing came, though time passed": Effect(Ticked(START + 9), lambda state: state.last_event, START, START),
    "a command waits to be sent": Effect(Ordered(Allow("k", "ann")), unsent, ["add"], ["add", "k"]),
    "a command is sent": Effect(Sent(("add",)), unsent, ["add"], []),
    "a mark of what was never ordered changes nothing": Effect(Sent(("other",)), unsent, ["add"], ["add"]),
    "all was looked at together": Effect(
        Fitted(7, "parameters-7.npz"), lambda state: state.fitted, None, Fitted(7, "parameters-7.npz")
    ),
    "the run closes itself": Effect(Ordered(Close("k", "time")), lambda state: state.closing, None, "time"),
    "the run ends": Effect(Finished(START + 5, "done"), lambda state: state.ending, None, "done"),
    "the end has a time": Effect(Finished(START + 5, "done"), lambda state: state.now, START, START + 5),
    "the end is shown": Effect(Shown(), lambda state: state.shown, False, True),
    "answers that are settled": Effect(Decided(settled=True), lambda state: state.settled_answers, -1, 0),
    "answers that are not": Effect(Decided(), lambda state: state.settled_answers, -1, -1),
    "a confidence for the chart": Effect(
        Decided(confidence=0.75), lambda state: state.charts.series["confidence"].points(), [], [(0.0, 0.75)]
    ),
    "no more items come": Effect(Fed(START + 5, 0, True), lambda state: state.feed_open, True, False),
    "more may come": Effect(Fed(START + 5), lambda state: state.feed_open, True, True),
    "items from the feed are counted": Effect(Fed(START, 2), lambda state: state.fed, 0, 2),
    "items from the feed are a sign of life": Effect(Fed(START + 5), lambda state: state.last_event, START, START + 5),
    "the run is to be open again": Effect(Ordered(Open("k")), lambda state: state.reopening, False, False),
    "an answer is final": Effect(
        Final(("r1",), (), (1,), ("unsure",)), lambda state: state.finals.values.tolist(), [-1, -1], [-1, 1]
    ),
    "final answers are counted": Effect(
        Final(("r0", "r1"), (), (1, 1), ("", "")),
        lambda state: (state.final_total, state.not_final()),
        (0, [0, 1]),
        (2, []),
    ),
    "a second start has another prefix": Effect(Started(START, "new"), lambda state: state.prefix, "prefix", "new"),
}


@pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS.keys())
def test_each_entry_of_the_log_is_taken_in(effect: Effect) -> None:
    story = begun(feed_open=True)
    assert effect.asked(story.state) == effect.before
    story.fold(effect.entry)
    assert effect.asked(story.state) == effect.after


def test_events_move_the_cursor_the_time_and_the_charts() -> None:
    story = begun()
    story.now += 60
    story.accepted("p", "ann", "r0", amount=2_000_000)
    state = story.state
    assert (state.cursor, state.now, state.last_event) == (3, START + 60, START + 60)
    assert state.charts.series["answers"].points()[-1] == (60.0, 1.0)
    assert state.charts.series["cost"].points()[-1] == (60.0, 2.0)
    assert state.charts.series["control_accuracy"].points() == []


def test_a_batch_without_events_is_no_sign_of_life() -> None:
    story = begun()
    story.fold(Ticked(START + 100))
    story.happens()
    assert story.state.last_event == START


# --- orders ---------------------------------------------------------------------------------------


def test_items_that_are_added_want_answers_and_control_items_none() -> None:
    story = Story(real=2, controls=1)
    assert (story.state.all_added, story.state.responses.incomplete) == (False, 0)
    story.ordered(AddRange("a", 0, 1, 3, shuffled=True))
    assert (story.state.all_added, story.state.responses.incomplete) == (False, 0)
    story.ordered(AddRange("b", 1, 3, 3, shuffled=True))
    assert (story.state.all_added, list(story.state.to_add)) == (True, [])
    assert story.state.responses.wanted.tolist() == [3, 3, 0]
    assert story.state.responses.incomplete == 2


def test_of_a_log_that_names_items_by_their_numbers_the_others_are_added_in_the_random_order() -> None:
    story = Story(real=5, controls=1)
    story.ordered(AddRange("a", 5, 6, 3), AddRange("b", 0, 2, 3))
    assert list(story.state.to_add) == [(0, 6)]
    story.accepted("p", "ann", "r0")
    story.ordered(Want("more", {"r0": 4}), AddRange("all", 0, 6, 3, shuffled=True))
    assert (story.state.all_added, story.state.responses.wanted.tolist()) == (True, [4, 3, 3, 3, 3, 0])


def test_wanted_answers_are_numbers_in_all() -> None:
    story = begun(real=3)
    story.accepted("p", "ann", "r0", "r1", "r2")
    assert story.state.responses.incomplete == 0
    story.ordered(Want("k", {"r0": 2, "r2": 4}))
    assert story.state.responses.wanted.tolist() == [2, 1, 4]
    assert story.state.responses.incomplete == 2
    story.accepted("q", "bob", "r0", "r2")
    assert story.state.responses.incomplete == 1


def test_a_verdict_that_is_written_down_is_not_reached_again() -> None:
    story = begun()
    story.answered("p", "ann", "r0")
    story.answered("q", "ann", "r1")
    assert list(story.state.to_judge) == [0, 1]
    story.ordered(Judge("k", accepted=("p",), rejected=("unknown",)))
    assert list(story.state.to_judge) == [1]


def test_a_restriction_that_is_ordered_counts_at_once_and_begins_skips_anew() -> None:
    story = begun()
    story.taken("p", "ann", "r0")
    story.skipped("p", "ann")
    story.ordered(Restrict("k", "ann", START + 60, WHY))
    record = story.record("ann")
    assert (record.restricted_until, record.restriction, record.skips) == (START + 60, WHY, 0)


# --- events ---------------------------------------------------------------------------------------


def test_a_worker_who_joins_is_known_by_name_and_language() -> None:
    story = begun()
    story.now += 5
    story.joined("ann", language="ru", name="Анна")
    record = story.record("ann")
    assert (record.number, record.joined, record.language, record.name) == (0, START + 5, "ru", "Анна")
    assert story.state.new_workers == story.state.changed_workers == {0}
    assert story.doubts.workers == 1


def test_a_worker_who_is_met_in_another_way_is_numbered_as_well() -> None:
    story = begun()
    story.restricted("ann", START + 9)
    story.taken("p", "bob", "r0")
    story.joined("ann")
    assert [record.id for record in story.state.workers] == ["ann", "bob"]
    assert story.doubts.workers == 2


def figures(state: RunState) -> tuple[int, ...]:
    """Pages out and waiting, accepted and rejected; money paid and waiting."""
    return (
        state.pages_out,
        state.pages_pending,
        state.pages_accepted,
        state.pages_rejected,
        state.paid,
        state.pending,
    )


@pytest.mark.parametrize(
    ("last", "status", "expected"),
    [
        # A page of two items costs 200.
        ("taken", TAKEN, (1, 0, 0, 0, 0, 0)),
        ("submitted", SUBMITTED, (0, 1, 0, 0, 0, 200)),
        ("accepted", ACCEPTED, (0, 0, 1, 0, 200, 0)),
        ("rejected", REJECTED, (0, 0, 0, 1, 0, 0)),
        ("expired", GONE, (0, 0, 0, 0, 0, 0)),
        ("skipped", GONE, (0, 0, 0, 0, 0, 0)),
        ("released", GONE, (0, 0, 0, 0, 0, 0)),
    ],
)
def test_a_page_and_its_money_are_in_one_place_at_a_time(last: str, status: int, expected: tuple[int, ...]) -> None:
    story = begun()
    story.taken("p", "ann", "r0", "r1")
    if last in ("submitted", "accepted", "rejected"):
        story.submitted("p", "ann", "r0", "r1")
    if last in ("accepted", "rejected"):
        story.judged("p", "ann", last == "accepted", 200 if last == "accepted" else 0)
    if last in ("expired", "skipped", "released"):
        getattr(story, last)("p", "ann")
    assert story.state.pages.status[0] == status
    assert figures(story.state) == expected
    assert story.state.in_flight == expected[0] + expected[1]


def test_what_is_told_twice_counts_once() -> None:
    story = begun()
    for _ in range(2):
        story.taken("p", "ann", "r0")
    for _ in range(2):
        story.submitted("p", "ann", "r0")
    for _ in range(2):
        story.judged("p", "ann", True, 100)
    assert figures(story.state) == (0, 0, 1, 0, 100, 0)
    assert story.record("ann").pages == 1
    assert len(story.state.responses) == 1
    story.taken("q", "ann", "r1")
    for _ in range(2):
        story.skipped("q", "ann")
    assert story.record("ann").skips == 1
    # Answers that came late count, whatever is told of the end of their page once more.
    story.taken("late", "bob", "r0")
    story.expired("late", "bob")
    story.answered("late", "bob", "r0")
    story.expired("late", "bob")
    assert figures(story.state)[:2] == (0, 1)
    assert story.record("bob").skips == 0


def test_what_is_told_of_a_page_that_nobody_took_changes_nothing() -> None:
    story = begun()
    story.submitted("p", "ann", "r0")
    story.judged("p", "ann", True, 100)
    story.expired("p", "ann")
    assert figures(story.state) == (0, 0, 0, 0, 0, 0)
    assert story.state.workers == []
    assert len(story.state.responses) == 0


def test_a_page_that_ran_out_may_be_taken_up_again_by_its_late_answers() -> None:
    story = begun()
    story.taken("p", "ann", "r0")
    story.expired("p", "ann")
    story.answered("p", "ann", "r0")
    story.judged("p", "ann", True, 100)
    assert figures(story.state) == (0, 0, 1, 0, 100, 0)
    assert list(story.state.pages.status) == [GONE, ACCEPTED]
    assert story.state.responses.accepted.tolist() == [1, 0]


def test_answers_count_when_their_page_is_accepted_and_never_when_it_is_rejected() -> None:
    story = begun(real=2, controls=1)
    story.answered("p", "ann", "r0", "c0")
    assert story.state.responses.accepted.tolist() == [0, 0, 0]
    story.judged("p", "ann")
    story.answered("q", "bob", "r0", "r1", "c0")
    story.judged("q", "bob", accepted=False)
    # Answers to control items are nobody's overlap.
    assert story.state.responses.accepted.tolist() == [1, 0, 0]
    assert (story.state.responses.accepted_total, story.state.responses.incomplete) == (1, 1)
    assert story.state.responses.overlaps == [1, 1]


def test_the_accepted_responses_of_an_item_are_found_in_the_order_they_came() -> None:
    story = begun(real=3)
    story.answered("p", "ann", "r0", "r1")
    story.answered("q", "bob", "r2", "r0")
    story.answered("r", "eve", "r0")
    for page, worker, accepted in (("r", "eve", True), ("p", "ann", True), ("q", "bob", False)):
        story.judged(page, worker, accepted)
    responses = story.state.responses
    assert responses.of(np.array([0])).tolist() == [0, 4]
    assert responses.of(np.array([2])).tolist() == []
    assert responses.workers(responses.of(np.array([0, 1]))).tolist() == [0, 0, 2]
    assert responses.on_pages(REJECTED).tolist() == [False, False, True, True, False]


def test_items_with_new_accepted_answers_are_new_until_that_is_decided_on() -> None:
    story = begun(real=3)
    story.accepted("p", "ann", "r2", "r0")
    assert story.state.responses.new_items.tolist() == [0, 2]
    story.fold(Decided())
    assert story.state.responses.new_items.tolist() == []
    assert story.state.new_workers == set()
    # What the requester's pages have not been shown stays.
    assert story.state.changed_workers == {0}


def test_a_workers_record_adds_up_over_pages() -> None:
    story = begun(real=2, controls=3)
    story.answered("p", "ann", "r0", "c0", "c1", wrong=["c1"], seconds=30.0)
    story.judged("p", "ann", True, 300)
    story.answered("q", "ann", "r1", "c2", seconds=10.0)
    story.judged("q", "ann", False)
    record = story.record("ann")
    assert (record.pages, record.pages_accepted, record.pages_rejected) == (2, 1, 1)
    assert (record.responses, record.earned) == (5, 300)
    assert (record.control_correct, record.control_total) == (2, 3)
    assert record.seconds_per_item == 8.0
    assert (story.state.control_correct, story.state.control_total) == (2, 3)
    assert [story.state.pages.controls[page] for page in (0, 1)] == [2, 1]
    assert [story.state.pages.correct[page] for page in (0, 1)] == [1, 1]


def test_a_worker_without_a_page_has_no_speed() -> None:
    story = begun()
    story.joined("ann")
    assert story.record("ann").seconds_per_item is None


def test_skips_are_counted_in_a_row() -> None:
    story = begun()
    for n in range(3):
        story.taken(f"p{n}", "ann", "r0")
        story.skipped(f"p{n}", "ann")
    assert (story.record("ann").skips, story.state.pages_out) == (3, 0)
    story.answered("q", "ann", "r0")
    assert story.record("ann").skips == 0


def test_restrictions_set_and_lifted_by_hand_are_taken_over() -> None:
    story = begun()
    story.taken("p", "ann", "r0")
    story.skipped("p", "ann")
    story.restricted("ann", START + 60, WHY)
    record = story.record("ann")
    assert (record.restricted_until, record.restriction, record.skips) == (START + 60, WHY, 1)
    story.allowed("ann")
    assert (record.restricted_until, record.restriction, record.skips) == (0.0, {}, 0)


@pytest.mark.parametrize(
    ("closing", "became", "platform", "why"),
    [
        (None, ["closed"], "closed", "stopped"),
        ("budget", ["closed"], "closed", "budget"),
        (None, ["paused"], "paused", None),
        (None, ["paused", "open"], "open", None),
        ("budget", ["closed", "open"], "open", None),
    ],
)
def test_a_run_is_opened_paused_and_closed_by_itself_or_by_hand(
    closing: Any, became: list[Any], platform: str, why: str | None
) -> None:
    story = begun()
    if closing is not None:
        story.ordered(Close("k", closing))
    for state in became:
        story.became(state)
    assert (story.state.platform_state, story.state.closing) == (platform, why)


def test_a_run_is_over_when_it_is_closed_and_nobody_is_at_work() -> None:
    story = begun()
    story.taken("p", "ann", "r0")
    story.became("closed")
    assert not story.state.over
    story.submitted("p", "ann", "r0")
    assert not story.state.over
    story.judged("p", "ann")
    assert story.state.over


def test_a_run_is_unsettled_while_answers_are_complete_and_not_looked_at() -> None:
    story = begun(real=1)
    assert not story.state.unsettled
    story.accepted("p", "ann", "r0")
    assert story.state.unsettled
    story.fold(Decided(settled=True))
    assert not story.state.unsettled
    story.became("open")
    assert story.state.unsettled


@pytest.mark.parametrize(("items", "price"), [(0, 0), (1, 100), (5, 500), (6, 500)])
def test_a_page_costs_what_its_number_of_items_costs(items: int, price: int) -> None:
    assert begun().state.price(items) == price


def test_durations_are_binned_by_the_hint() -> None:
    story = begun()
    # Twenty bins up to four times the hint of ten seconds: two seconds each, and the last takes the rest.
    for number, seconds in enumerate((0.0, 2 * HINT, 9_999.0)):
        story.answered(f"p{number}", "ann", "r0", seconds=seconds)
    assert [bin_ for bin_, count in enumerate(story.state.charts.durations) if count] == [0, 10, 19]


def test_items_that_come_later_are_numbered_after_the_others_and_want_answers_when_they_are_added() -> None:
    story, more = begun(real=2), Story(real=5).items.part(2, 5)
    story.accepted("p", "ann", "r0", "r1")
    assert story.state.unsettled
    story.state.grow(more)
    state = story.state
    assert (len(state.numbering), state.numbering.index["r4"], state.all_added) == (5, 4, False)
    assert state.responses.overlaps == [3, 2]
    story.ordered(AddRange("more", 2, 5, 2))
    assert (state.all_added, state.responses.incomplete) == (True, 3)
    assert state.responses.wanted.tolist() == [1, 1, 2, 2, 2]
    story.accepted("q", "bob", "r4")
    assert state.responses.accepted.tolist() == [1, 1, 0, 0, 1]
