"""What a requester corrects by hand: a worker's answers count no more, a control item is held to another answer."""

import numpy as np
import pytest
from tests.runs.core.story import Story
from tests.runs.core.test_decide import begun, of, rules

from dataforge.corrections import (
    AskMore,
    Correct,
    Correction,
    Discard,
    Reinstate,
    SetAside,
    Uncorrect,
    Upheld,
    Verify,
    Withdraw,
)
from dataforge.policy import ControlRule
from dataforge.records import FOREVER, Allow, Judge, Restrict, Want
from dataforge.runs.core import texts
from dataforge.runs.core.checkpoint import load_state, saved_state
from dataforge.runs.core.decide import needed
from dataforge.runs.core.log import AddRange, Close, Corrected, Finished, Open

ONE_CHECK = rules(1, control_ratio=1)
WRONG_KNOWN = Correct("c0", {"right": False})


def corrected(story: Story, *corrections: Correction) -> None:
    story.fold(Corrected(story.now, corrections))


def counts(story: Story) -> dict[str, object]:
    responses = story.state.responses
    return {
        "accepted": responses.accepted.tolist(),
        "total": responses.accepted_total,
        "chained": responses.of(np.arange(2)).tolist(),
        "overlaps": [number for number in responses.overlaps if number],
        "incomplete": responses.incomplete,
    }


def answered_by_two() -> Story:
    """Two items with the two answers each that are wanted, and each paid for."""
    story = begun(real=2, wanted=2)
    for worker in ("ann", "bob"):
        story.accepted(f"page of {worker}", worker, "r0", "r1", amount=100)
    story.goes_on(rules(overlap=2))
    return story


# --- answers that count no more -------------------------------------------------------------------


def test_discarded_answers_count_no_more_and_are_asked_again_though_they_stay_paid() -> None:
    story = answered_by_two()
    corrected(story, Discard("bob"))
    assert counts(story)["accepted"] == [1, 1]
    assert counts(story)["chained"] == [0, 1]
    assert (story.state.paid, story.record("bob").earned) == (200, 100)
    decision = story.goes_on(rules(overlap=2))
    # On the platform they hold their places, so that two of three answers are there.
    assert [order.wanted for order in of(Want, decision.orders)] == [{"r0": 3, "r1": 3}]
    [closed] = of(Restrict, decision.orders)
    assert (closed.worker, closed.until, closed.reason) == ("bob", FOREVER, texts.DISCARDED)
    assert story.state.responses.incomplete == 2
    story.accepted("page of cid", "cid", "r0", "r1")
    assert story.state.responses.incomplete == 0
    assert not of(Want, story.goes_on(rules(overlap=2)).orders)


def test_answers_that_come_from_a_discarded_worker_count_for_nothing() -> None:
    story = begun(real=2)
    story.taken("page", "bob", "r0", "r1")
    corrected(story, Discard("bob"))
    story.goes_on(rules())
    story.submitted("page", "bob", "r0", "r1")
    story.judged("page", "bob", amount=100)
    assert counts(story)["accepted"] == [0, 0]
    assert story.state.paid == 100
    assert of(Want, story.goes_on(rules()).orders)[0].wanted == {"r0": 2, "r1": 2}


def test_a_worker_who_is_reinstated_leaves_everything_as_it_was() -> None:
    story = answered_by_two()
    before = counts(story)
    corrected(story, Discard("bob"))
    story.goes_on(rules(overlap=2))
    corrected(story, Reinstate("bob"))
    assert counts(story) | {"incomplete": 0} == before
    orders = story.goes_on(rules(overlap=2)).orders
    # Nobody is asked what need not be asked any more.
    assert [order.wanted for order in of(Want, orders)] == [{"r0": 2, "r1": 2}]
    assert [order.worker for order in of(Allow, orders)] == ["bob"]
    assert counts(story) == before


def test_the_same_correction_twice_is_one_and_a_third_one_is_sent_under_another_key() -> None:
    story = answered_by_two()
    corrected(story, Discard("bob"))
    first = story.goes_on(rules(overlap=2)).orders
    corrected(story, Discard("bob"))
    assert not story.goes_on(rules(overlap=2)).orders
    corrected(story, Reinstate("bob"))
    story.goes_on(rules(overlap=2))
    corrected(story, Discard("bob"))
    again = story.goes_on(rules(overlap=2)).orders
    assert [type(order) for order in again] == [type(order) for order in first]
    assert not {order.key for order in again} & {order.key for order in first}


def test_a_run_that_was_done_is_opened_again_and_one_that_ended_otherwise_says_what_it_lacks() -> None:
    for ending in ("done", "budget"):
        story = answered_by_two()
        story.ordered(Close("close", ending))
        story.became("closed")
        story.fold(Finished(story.now, ending))
        corrected(story, Discard("bob"))
        assert story.state.ending is None
        decision = story.goes_on(rules(overlap=2))
        assert bool(of(Open, decision.orders)) is (ending == "done")
        assert decision.ending is None
        # The next look is the last one where nobody is asked any more.
        assert story.decide(rules(overlap=2)).ending == (None if ending == "done" else "budget")
        assert story.state.responses.incomplete == 2


# --- control items --------------------------------------------------------------------------------


def missed_by_ann() -> Story:
    """Ann's page was rejected for a control item that she alone got right, Bob's accepted for the wrong answer."""
    story = begun(real=4, controls=2)
    story.answered("page of ann", "ann", "r0", "c0", wrong=["c0"])
    story.answered("page of bob", "bob", "r1", "c0")
    story.goes_on(ONE_CHECK)
    story.judged("page of ann", "ann", accepted=False)
    story.judged("page of bob", "bob", amount=100)
    story.goes_on(ONE_CHECK)
    return story


def test_pages_are_judged_again_by_the_mended_control_item_and_none_is_rejected() -> None:
    story = missed_by_ann()
    corrected(story, WRONG_KNOWN)
    ann, bob = story.record("ann"), story.record("bob")
    assert (ann.control_correct, ann.control_total) == (1, 1)
    assert (bob.control_correct, bob.control_total) == (0, 1)
    assert (story.state.control_correct, story.state.control_total) == (1, 2)
    [verdicts] = of(Judge, story.goes_on(ONE_CHECK).orders)
    assert (verdicts.accepted, verdicts.rejected) == (("page of ann",), ())
    story.judged("page of ann", "ann", amount=100)
    assert (ann.earned, bob.earned, story.state.responses.accepted[:2].tolist()) == (100, 100, [1, 1])
    # What comes later is held to the mended answer.
    story.answered("page of cid", "cid", "r2", "c0", wrong=["c0"])
    assert of(Judge, story.goes_on(ONE_CHECK).orders)[0].accepted == ("page of cid",)


def test_a_withdrawn_control_item_is_shown_no_more_and_speaks_against_nobody() -> None:
    story = missed_by_ann()
    corrected(story, Withdraw("c0"))
    ann, bob = story.record("ann"), story.record("bob")
    assert (ann.control_correct, ann.control_total) == (0, 0)
    assert (bob.control_correct, bob.control_total) == (1, 1)
    orders = story.goes_on(ONE_CHECK).orders
    assert [order.wanted for order in of(Want, orders) if "c0" in order.wanted] == [{"c0": 0}]
    assert of(Judge, orders)[0].accepted == ("page of ann",)
    story.answered("page of cid", "cid", "r2", "c0", "c1")
    assert story.record("cid").control_total == 1


def test_a_worker_whom_a_wrong_control_item_has_shut_out_is_let_in_again() -> None:
    policy = rules(1, control_ratio=1, control=ControlRule(after=1))
    story = begun(real=4, controls=2)
    story.answered("page of ann", "ann", "r0", "c0", wrong=["c0"])
    assert of(Restrict, story.goes_on(policy).orders)[0].reason == texts.INACCURATE_WORKER
    story.judged("page of ann", "ann", accepted=False)
    corrected(story, WRONG_KNOWN)
    assert [order.worker for order in of(Allow, story.goes_on(policy).orders)] == ["ann"]


@pytest.mark.parametrize("said", [WRONG_KNOWN, Withdraw("c0")])
def test_what_was_missed_on_an_upheld_page_is_not_forgiven_once_more_when_its_control_item_goes(
    said: Correction,
) -> None:
    story = begun(real=3, controls=3)
    story.answered("page of ann", "ann", "r0", "c0", wrong=["c0"])
    story.answered("another", "ann", "r1", "c1", wrong=["c1"])
    story.goes_on(ONE_CHECK)
    for page in ("page of ann", "another"):
        story.judged(page, "ann", accepted=False)
    ann = story.record("ann")
    corrected(story, Upheld("page of ann"))
    assert (ann.control_correct, ann.control_total, ann.control_held) == (0, 2, 1)
    corrected(story, said)
    # What is missed on the other page is held against her, and nothing less.
    assert ann.forgiven == 0
    assert ann.control_held == ann.control_total == ann.control_correct + 1


def test_a_second_verdict_comes_before_the_end_of_a_run_that_is_over() -> None:
    story = missed_by_ann()
    story.ordered(Close("close", "budget"))
    story.became("closed")
    story.fold(Finished(story.now, "budget"))
    corrected(story, WRONG_KNOWN)
    decision = story.goes_on(ONE_CHECK)
    assert of(Judge, decision.orders)
    assert decision.ending is None
    story.judged("page of ann", "ann", amount=100)
    assert story.decide(ONE_CHECK).ending == "budget"


# --- answers that the requester gives -------------------------------------------------------------


def test_an_item_whose_answer_the_requester_gave_is_asked_no_more() -> None:
    story = begun(real=2, wanted=2)
    corrected(story, Correct("r0", {"right": True}))
    assert needed(story.state, story.doubts, rules(overlap=2), np.arange(2)).tolist() == [0, 2]
    assert of(Want, story.goes_on(rules(overlap=2)).orders)[0].wanted == {"r0": 0}


def test_an_item_sent_back_gets_so_many_answers_more_however_sure_it_is_and_beyond_the_overlap() -> None:
    story = answered_by_two()
    corrected(story, AskMore("r0", 2))
    assert needed(story.state, story.doubts, rules(overlap=2), np.arange(2)).tolist() == [2, 0]
    assert [order.wanted for order in of(Want, story.goes_on(rules(overlap=2)).orders)] == [{"r0": 4}]
    for worker in ("cid", "dan"):
        assert needed(story.state, story.doubts, rules(overlap=2), np.arange(2))[0] > 0
        story.accepted(f"page of {worker}", worker, "r0")
    assert needed(story.state, story.doubts, rules(overlap=2), np.arange(2)).tolist() == [0, 0]


def test_an_answer_given_by_hand_or_verified_goes_when_the_item_is_sent_back() -> None:
    for said in (Correct("r0", {"right": True}), Verify("r0", {"right": True}, True)):
        story = answered_by_two()
        corrected(story, said)
        story.goes_on(rules(overlap=2))
        corrected(story, AskMore("r0"))
        assert (story.state.corrections.answered, story.state.corrections.verified) == (set(), {})
        assert [order.wanted for order in of(Want, story.goes_on(rules(overlap=2)).orders)] == [{"r0": 3}]


def test_a_run_that_was_done_is_opened_for_an_item_sent_back() -> None:
    story = answered_by_two()
    story.ordered(Close("close", "done"))
    story.became("closed")
    story.fold(Finished(story.now, "done"))
    corrected(story, AskMore("r1"))
    orders = story.goes_on(rules(overlap=2)).orders
    assert of(Open, orders)
    assert [order.wanted for order in of(Want, orders)] == [{"r1": 3}]


def test_an_item_set_aside_is_asked_no_more_and_out_of_the_results_until_that_is_taken_back() -> None:
    story = begun(real=3, wanted=2)
    corrected(story, SetAside("r1"))
    assert story.state.in_results().tolist() == [0, 2]
    assert [order.wanted for order in of(Want, story.goes_on(rules(overlap=2)).orders)] == [{"r1": 0}]
    corrected(story, Uncorrect("r1"))
    assert story.state.in_results().tolist() == [0, 1, 2]
    assert [order.wanted for order in of(Want, story.goes_on(rules(overlap=2)).orders)] == [{"r1": 2}]


def test_what_is_said_of_items_before_they_are_on_the_platform_holds_when_they_are() -> None:
    story = Story(real=4)
    corrected(story, SetAside("r0"), Correct("r1", {"right": True}), AskMore("r2", 3))
    orders = story.goes_on(rules(overlap=2)).orders
    assert isinstance(orders[0], AddRange)
    assert of(Want, orders)[0].wanted == {"r0": 0, "r1": 0, "r2": 3}
    assert story.state.responses.wanted.tolist() == [0, 0, 3, 2]
    assert not of(Want, story.goes_on(rules(overlap=2)).orders)


def test_an_item_set_aside_is_in_again_with_an_answer_or_when_it_is_sent_back() -> None:
    for said in (Correct("r1", {"right": True}), AskMore("r1")):
        story = begun(real=3, wanted=2)
        corrected(story, SetAside("r1"), said)
        assert story.state.in_results().tolist() == [0, 1, 2]


def test_corrections_are_kept_by_a_checkpoint() -> None:
    story = missed_by_ann()
    corrected(story, WRONG_KNOWN, Discard("bob"), Correct("r2", {"right": True}), AskMore("r0"), SetAside("r1"))
    story.goes_on(ONE_CHECK)
    again = Story(real=4, controls=2)
    load_state(again.state, saved_state(story.state))
    assert again.state.corrections == story.state.corrections
    assert again.state.responses.discarded == story.state.responses.discarded
    assert counts(again) == counts(story)
