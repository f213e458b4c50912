"""A control item that does not open: nobody loses a page by it, and it is no check any more."""

import numpy as np
from tests.runs.core.story import Story
from tests.runs.core.test_decide import begun, of, rules

from dataforge.policy import SpeedRule
from dataforge.records import Judge, Want
from dataforge.runs.core import texts
from dataforge.runs.core.checkpoint import load_state, saved_state
from dataforge.runs.core.decide import taken_out
from dataforge.runs.core.notices import notices
from dataforge.runs.core.rules import Rules

ONE_CHECK = rules(1, control_ratio=1)
TWO_CHECKS = rules(2, control_ratio=1)


def judge(story: Story, policy: Rules = ONE_CHECK) -> list[str]:
    """Decide, and let the verdicts come true; give the pages that were accepted, for 200 each."""
    pages, workers = story.state.pages, story.state.workers
    orders = of(Judge, story.goes_on(policy).orders)
    for accepted, names in ((True, "accepted"), (False, "rejected")):
        for page in [name for order in orders for name in getattr(order, names)]:
            story.judged(page, workers[pages.worker[pages.ids.index(page)]].id, accepted, amount=200 * accepted)
    return [name for order in orders for name in order.accepted]


def first_pages(story: Story, *workers: str) -> None:
    """Each worker reports the first control item on a first page, and answers well on a second one."""
    for number, worker in enumerate(workers):
        story.answered(f"{worker} 1", worker, f"r{2 * number}", "c0", reported=["c0"])
        judge(story)
        story.answered(f"{worker} 2", worker, f"r{2 * number + 1}", "c1")
        judge(story)


def test_pages_rejected_for_a_control_item_that_others_report_too_are_accepted_after_all() -> None:
    story = begun(real=9, controls=3)
    first_pages(story, "ann")
    assert (story.record("ann").pages_accepted, story.record("ann").pages_rejected) == (1, 1)
    story.answered("bob 1", "bob", "r2", "c0", reported=["c0"])
    # Nothing is known of bob yet.
    assert judge(story) == []
    story.answered("bob 2", "bob", "r3", "c1")
    assert judge(story) == ["bob 2", "ann 1", "bob 1"]
    for worker in ("ann", "bob"):
        record = story.record(worker)
        assert (record.pages_accepted, record.pages_rejected, record.earned) == (2, 0, 400)
    state = story.state
    assert (state.pages_rejected, state.pages_accepted, state.paid, state.pending) == (0, 4, 800, 0)
    # Their answers count.
    assert state.responses.accepted[:4].tolist() == [1, 1, 1, 1]
    assert judge(story) == []


def test_a_control_item_that_several_report_is_shown_no_more_and_the_requester_is_told() -> None:
    story = begun(real=9, controls=3)
    first_pages(story, "ann")
    story.answered("bob", "bob", "r2", "c1", "c0", reported=["c0"])
    decision = story.decide(TWO_CHECKS)
    assert [order.wanted for order in of(Want, decision.orders) if "c0" in order.wanted] == [{"c0": 0}]
    judge(story, TWO_CHECKS)
    c0 = np.array([story.state.numbering.index["c0"]])
    assert taken_out(story.state, c0).tolist() == [True]
    assert texts.withdrawn(1) in notices(story.state, TWO_CHECKS)
    assert not any("c0" in order.wanted for order in of(Want, story.goes_on(TWO_CHECKS).orders))


def test_who_guessed_at_a_control_item_that_does_not_open_is_not_held_to_it() -> None:
    story = begun(real=9, controls=4)
    story.answered("eve 1", "eve", "r8", "c0", "c2", "c3", wrong=["c0"])
    assert judge(story) == []
    first_pages(story, "ann")
    story.answered("bob", "bob", "r2", "c1", "c0", reported=["c0"])
    assert judge(story) == ["bob", "eve 1", "ann 1"]
    # Who had it on the screen meanwhile is not either.
    story.answered("dan", "dan", "r3", "c0", "c1", wrong=["c0"])
    assert judge(story) == ["dan"]
    records = [story.record(name) for name in ("eve", "dan")]
    assert [(record.control_correct, record.control_total) for record in records] == [(2, 2), (1, 1)]


def test_a_control_item_that_as_many_are_right_about_as_report_it_stays_and_nobody_loses_by_the_reports() -> None:
    story = begun(real=9, controls=3)
    for name in ("cem", "dan"):
        story.accepted(name, name, "c0", "r8")
    first_pages(story, "ann", "bob")
    assert [story.record(name).pages_rejected for name in ("ann", "bob")] == [0, 0]
    assert not story.state.control_reports.withdrawn


def test_who_reports_everything_withdraws_no_control_item_and_excuses_nobody() -> None:
    story = begun(real=9, controls=3)
    first_pages(story, "ann")
    for name in ("bot", "bot too", "third bot"):
        everything = ("c0", "c1", "c2", "r2")
        story.answered(name, name, *everything, reported=everything)
        assert judge(story) == []
    assert not story.state.control_reports.withdrawn
    assert story.record("ann").pages_rejected == 1


def test_two_who_report_most_of_what_they_see_bear_nobody_out() -> None:
    story = begun(real=9, controls=6)
    for number, name in enumerate(("one", "two")):
        story.answered(f"{name} 1", name, f"r{number}", "c0", "c1")
        assert judge(story) == [f"{name} 1"]
        story.answered(f"{name} 2", name, "r7", "r8", "c2", "c3", reported=("r7", "r8", "c2", "c3"))
        assert judge(story) == []
    assert not story.state.control_reports.withdrawn
    assert story.record("one").pages_rejected == story.record("two").pages_rejected == 1


def test_two_who_report_what_more_others_were_right_about_are_not_borne_out() -> None:
    story = begun(real=9, controls=3)
    for name in ("cem", "dan", "eli"):
        story.accepted(name, name, "c0", "r8")
    first_pages(story, "ann", "bob")
    assert [story.record(name).pages_rejected for name in ("ann", "bob")] == [1, 1]


def test_a_page_that_was_too_fast_as_well_stays_rejected() -> None:
    strict = rules(1, control_ratio=1, speed=(SpeedRule(0.5, "1h", reject=True),))
    story = begun(real=9, controls=3)
    story.answered("ann 1", "ann", "r0", "c0", reported=["c0"], seconds=1.0)
    judge(story, strict)
    story.answered("ann 2", "ann", "r1", "c1")
    judge(story, strict)
    story.answered("bob", "bob", "r2", "c1", "c0", reported=["c0"])
    assert judge(story, strict) == ["bob"]


def test_a_report_that_is_borne_out_while_the_verdict_is_on_its_way_is_seen_once_it_has_come() -> None:
    story = begun(real=9, controls=3)
    story.answered("ann 1", "ann", "r0", "c0", reported=["c0"])
    story.answered("ann 2", "ann", "r1", "c1")
    assert of(Judge, story.goes_on(ONE_CHECK).orders)[0].rejected == ("ann 1",)
    story.answered("bob", "bob", "r2", "c1", "c0", reported=["c0"])
    assert judge(story) == ["bob"]
    story.judged("ann 1", "ann", False)
    assert judge(story) == ["ann 1"]


def test_a_stored_state_knows_who_reported_what() -> None:
    story = begun(real=9, controls=3)
    first_pages(story, "ann")
    story.answered("bob 1", "bob", "r2", "c0", reported=["c0"])
    judge(story)
    again = Story(real=9, controls=3)
    load_state(again.state, saved_state(story.state))
    again.doubts.workers = story.doubts.workers
    for one in (story, again):
        one.answered("bob 2", "bob", "r3", "c1")
        assert judge(one) == ["bob 2", "ann 1", "bob 1"]
