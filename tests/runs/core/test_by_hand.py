"""Pages on which the requester decides by hand: before the verdict, after it, and twice."""

import pytest
from tests.runs.core.story import Story
from tests.runs.core.test_corrections import answered_by_two, corrected, counts
from tests.runs.core.test_decide import begun, of, rules

from dataforge.corrections import Accept, GiveBonus, Reject
from dataforge.records import BonusPaid, Judge, NotPaid, PageJudged, PayBonus, ToppedUp, Want
from dataforge.runs.core import texts
from dataforge.runs.core.checkpoint import load_state, saved_state
from dataforge.runs.core.log import Changed, Received
from dataforge.runs.core.notices import notices

WHY = {"en": "all answers are the same"}


def told(story: Story, page: str, worker: str, amount: int) -> None:
    """The platform has moved the price of a page."""
    event = PageJudged(story.state.cursor + 1, story.now, page, worker, amount > 0, amount)
    story.fold(Received(event.cursor, (event,)))


def money(story: Story) -> tuple[int, int, int, int]:
    """What was paid, what bob has earned, and how many pages are accepted and rejected."""
    state = story.state
    return state.paid, story.record("bob").earned, state.pages_accepted, state.pages_rejected


def test_an_accepted_page_that_is_rejected_counts_no_more_at_once_and_its_price_follows() -> None:
    story = answered_by_two()
    corrected(story, Reject("page of bob", WHY))
    assert counts(story)["accepted"] == [1, 1]
    decision = story.goes_on(rules(overlap=2))
    [judge] = of(Judge, decision.orders)
    assert (judge.taken_back, judge.accepted, judge.reasons) == (("page of bob",), (), {"page of bob": WHY})
    # Its places are free on the platform, so that two answers are two places.
    assert not of(Want, decision.orders)
    assert story.state.responses.incomplete == 2
    assert money(story) == (200, 100, 1, 1)
    told(story, "page of bob", "bob", -100)
    assert money(story) == (100, 0, 1, 1)
    assert not of(Judge, story.goes_on(rules(overlap=2)).orders)


def test_a_page_that_is_rejected_and_accepted_again_leaves_everything_as_it_was() -> None:
    story = answered_by_two()
    before = counts(story), money(story)
    corrected(story, Reject("page of bob"), Accept("page of bob"))
    assert (counts(story), money(story)) == before
    assert not of(Judge, story.goes_on(rules(overlap=2)).orders)


def test_a_rejected_page_that_is_rejected_by_hand_and_then_accepted_in_one_breath_is_paid() -> None:
    story = begun(real=2)
    story.answered("page", "bob", "r0", "r1")
    story.goes_on(rules())
    story.judged("page", "bob", False)
    corrected(story, Reject("page"), Accept("page"))
    [judge] = of(Judge, story.goes_on(rules()).orders)
    assert (judge.accepted, judge.taken_back, money(story)) == (("page",), (), (0, 0, 0, 1))
    told(story, "page", "bob", 100)
    assert (counts(story)["accepted"], money(story)) == ([1, 1], (100, 100, 1, 0))


@pytest.mark.parametrize("heard_between", [False, True])
def test_a_page_that_is_rejected_and_accepted_while_its_verdict_is_on_its_way_counts_once(heard_between: bool) -> None:
    story = begun(real=2)
    story.answered("page", "bob", "r0", "r1")
    story.goes_on(rules())
    corrected(story, Reject("page"))
    if heard_between:
        told(story, "page", "bob", 100)
    corrected(story, Accept("page"))
    for judge in of(Judge, story.goes_on(rules()).orders):
        # The platform passes over what is accepted already.
        assert (judge.accepted, judge.taken_back) == (("page",), ())
    if not heard_between:
        told(story, "page", "bob", 100)
    assert (counts(story)["accepted"], money(story)) == ([1, 1], (100, 100, 1, 0))


def test_a_page_whose_money_is_on_its_way_back_is_accepted_again() -> None:
    story = answered_by_two()
    before = counts(story), money(story)
    corrected(story, Reject("page of bob"))
    [back] = of(Judge, story.goes_on(rules(overlap=2)).orders)
    corrected(story, Accept("page of bob"))
    [again] = of(Judge, story.goes_on(rules(overlap=2)).orders)
    assert (back.taken_back, again.accepted) == (("page of bob",), ("page of bob",))
    assert back.key != again.key
    told(story, "page of bob", "bob", -100)
    told(story, "page of bob", "bob", 100)
    assert (counts(story), money(story)) == before


def test_who_decides_before_the_verdict_decides_the_verdict() -> None:
    story = begun(real=2)
    story.answered("good", "ann", "r0", "r1")
    story.answered("bad", "bob", "r0", "r1")
    corrected(story, Reject("bad"))
    [judge] = of(Judge, story.goes_on(rules()).orders)
    assert (judge.accepted, judge.rejected) == (("good",), ("bad",))
    assert judge.reasons == {"bad": texts.REJECTED_BY_HAND}


def test_a_page_that_comes_later_gets_the_verdict_that_waits_for_it() -> None:
    story = begun(real=2)
    corrected(story, Reject("page"))
    assert not of(Judge, story.goes_on(rules()).orders)
    story.answered("page", "bob", "r0", "r1")
    [judge] = of(Judge, story.goes_on(rules()).orders)
    assert judge.rejected == ("page",)


def test_a_page_that_is_rejected_while_its_acceptance_is_on_its_way_never_counts() -> None:
    story = begun(real=2)
    story.answered("page", "bob", "r0", "r1")
    [accepted] = of(Judge, story.goes_on(rules()).orders)
    assert accepted.accepted == ("page",)
    corrected(story, Reject("page"))
    [back] = of(Judge, story.goes_on(rules()).orders)
    assert back.taken_back == ("page",)
    told(story, "page", "bob", 100)
    assert (counts(story)["accepted"], money(story)) == ([0, 0], (100, 100, 0, 1))
    told(story, "page", "bob", -100)
    assert (counts(story)["accepted"], money(story)) == ([0, 0], (0, 0, 0, 1))


def test_a_rejected_page_that_is_accepted_counts_once_it_is_paid() -> None:
    story = begun(real=2)
    story.answered("page", "bob", "r0", "r1")
    corrected(story, Reject("page"))
    story.goes_on(rules())
    told(story, "page", "bob", 0)
    corrected(story, Accept("page"))
    [judge] = of(Judge, story.goes_on(rules()).orders)
    assert judge.accepted == ("page",)
    told(story, "page", "bob", 100)
    assert (counts(story)["accepted"], money(story)) == ([1, 1], (100, 100, 1, 0))


def test_what_was_decided_by_hand_is_in_a_checkpoint() -> None:
    story = answered_by_two()
    corrected(story, Reject("page of bob", WHY))
    arrays = saved_state(story.state)
    fresh = begun(real=2, wanted=2).state
    load_state(fresh, arrays)
    assert fresh.corrections.verdicts == {"page of bob": WHY}
    assert fresh.corrections.to_take_back == {"page of bob"}


# --- bonuses --------------------------------------------------------------------------------------


def test_a_bonus_is_ordered_once_whatever_is_clicked_twice_and_counts_as_paid_when_it_is() -> None:
    story = answered_by_two()
    thanks = GiveBonus("bob", 70, "thanks", WHY)
    corrected(story, thanks, thanks)
    [order] = of(PayBonus, story.goes_on(rules(overlap=2)).orders)
    assert (order.worker, order.amount, order.reason) == ("bob", 70, WHY)
    corrected(story, thanks)
    assert not of(PayBonus, story.goes_on(rules(overlap=2)).orders)
    assert money(story)[:2] == (200, 100)
    story.happens(BonusPaid(0, story.now, "bob", 70))
    assert money(story)[:2] == (270, 170)
    # Another one is another order.
    corrected(story, GiveBonus("bob", 70, "again"))
    [other] = of(PayBonus, story.goes_on(rules(overlap=2)).orders)
    assert other.key != order.key


# --- by the hour ----------------------------------------------------------------------------------


def test_what_was_earned_for_an_hour_is_measured_by_the_time_on_the_screen() -> None:
    story = begun(real=4)
    # Half an hour for two items, then as long for one that is rejected, then two of which nobody knows how long.
    story.answered("one", "ann", "r0", "r1", seconds=1_800.0)
    story.judged("one", "ann", True, 2_000_000)
    assert story.record("ann").hourly == 4.0
    story.answered("two", "ann", "r2", seconds=1_800.0)
    story.judged("two", "ann", False)
    assert story.record("ann").hourly == 2.0
    story.answered("three", "ann", "r3", seconds=None)
    story.judged("three", "ann", True, 1_000_000)
    # Three dollars for four items, of which three took an hour.
    assert story.record("ann").hourly == 3.0 / (4 / 3)


def test_nobody_knows_what_an_hour_brought_where_no_time_is_known() -> None:
    story = begun(real=1)
    story.answered("one", "ann", "r0", seconds=None)
    assert story.record("ann").hourly is None


def test_what_the_budget_did_not_pay_is_said_until_the_run_is_changed() -> None:
    story = begun(real=2)
    story.answered("page", "bob", "r0", "r1")
    story.happens(NotPaid(0, story.now, "bob", 2_000_000), NotPaid(0, story.now, "bob", 1_500_000))
    story.happens(NotPaid(0, story.now, "bob", 20_000, "page"))
    load_state(fresh := begun(real=2).state, saved_state(story.state))
    said = [notice["en"] for notice in notices(fresh, rules())]
    assert any("did not reach for 2 of the bonuses, $3.50 in all" in one for one in said)
    assert any("1 of the pages that were to be accepted after all, $0.02" in one for one in said)
    story.fold(Changed(story.now, 1, None))  # type: ignore[arg-type]
    assert not any("did not reach" in notice["en"] for notice in notices(story.state, rules()))


def test_what_the_wage_floor_brings_is_earned_and_what_the_budget_lacks_for_it_is_said_until_it_is_paid() -> None:
    story = begun(real=2)
    story.accepted("page", "bob", "r0", "r1", amount=100)
    story.happens(ToppedUp(0, story.now, "bob", 50, 2_000_000))
    assert money(story) == (150, 150, 1, 0)
    assert any("1 of the workers lack $2.00" in notice["en"] for notice in notices(story.state, rules()))
    story.happens(ToppedUp(0, story.now, "bob", 30, 0), ToppedUp(0, story.now, "bob", -20, 0))
    assert (money(story), story.record("bob").topped_up) == ((160, 160, 1, 0), 60)
    assert not any("wage floor" in notice["en"] for notice in notices(story.state, rules()))
