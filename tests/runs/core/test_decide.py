"""Every rule by which a run decides, as tables; what is expected follows from the policy's documentation.

The quality behind the decisions knows no labels: `story.doubts.doubted` holds the items that are unsure.
"""

from typing import Any

import numpy as np
import pytest
from tests.runs.core.story import START, Story

import dataforge as df
from dataforge.policy import MODERATE_SPEED, ControlRule, ReportRule, SkipRule, SpeedRule
from dataforge.records import FOREVER, Judge, Restrict, Texts, Want
from dataforge.runs.core import decide as module
from dataforge.runs.core import texts, verdicts
from dataforge.runs.core.decide import alarm, needed, taken_out
from dataforge.runs.core.log import AddRange, Close, Decided, Fed, Final, Finished, Open, Order, Sent, Ticked
from dataforge.runs.core.notices import notices
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.solutions import Solutions
from dataforge.runs.core.verdicts import trusted
from dataforge.runs.core.worker_record import WorkerRecord

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


def rules(control_per_page: int = 0, budget: int | None = None, *, streams: bool = False, **policy: Any) -> Rules:
    """Rules that restrict nobody unless said so."""
    quiet: dict[str, Any] = {
        "overlap": 1,
        "control_ratio": 1,
        "speed": (),
        "control": None,
        "skips": None,
        "reports": None,
    }
    return Rules(df.Policy(**{**quiet, **policy}), control_per_page, budget, streams=streams)


def begun(real: int = 2, controls: int = 0, wanted: int = 1, *, feed_open: bool = False) -> Story:
    """A run whose items are on the platform."""
    story = Story(real, controls, feed_open=feed_open)
    story.goes_on(rules(overlap=wanted))
    return story


def of(kind: type[Order], orders: tuple[Order, ...]) -> list[Any]:
    return [order for order in orders if isinstance(order, kind)]


# --- items ----------------------------------------------------------------------------------------


def test_items_are_added_in_bearable_parts() -> None:
    orders = of(AddRange, Story(real=4_500).decide(rules()).orders)
    assert [(order.start, order.stop) for order in orders] == [(0, 2_000), (2_000, 4_000), (4_000, 4_500)]


def test_a_new_run_puts_its_items_on_the_platform_and_asks_for_the_least_overlap() -> None:
    story = Story(real=3, controls=2)
    decision = story.decide(rules(overlap=(2, 5)))
    [order] = of(AddRange, decision.orders)
    assert (sorted(story.state.places_of(order).tolist()), order.wanted) == ([0, 1, 2, 3, 4], 2)
    assert not decision.settled


def test_items_that_are_ordered_are_not_ordered_again_and_the_rest_is() -> None:
    story = Story(real=3_000)
    first, second = story.decide(rules()).orders
    story.ordered(first)
    assert story.decide(rules()).orders == (second,)
    story.ordered(second)
    assert story.decide(rules()).orders == ()


@pytest.mark.parametrize(
    ("answers", "overlap", "unsure", "more"),
    [
        (0, 1, True, 1),
        (0, 3, False, 3),
        (1, 3, True, 2),
        (2, 3, False, 1),
        (3, 3, False, 0),
        (3, 3, True, 0),
        (1, (2, 4), True, 1),
        (2, (2, 4), True, 1),
        (2, (2, 4), False, 0),
        (3, (2, 4), True, 1),
        (4, (2, 4), True, 0),
        (5, (2, 4), True, 0),
    ],
)
def test_an_item_needs_the_minimum_and_then_one_more_while_it_is_unsure_and_below_the_maximum(
    answers: int, overlap: Any, unsure: bool, more: int
) -> None:
    story = begun(real=1, wanted=5)
    story.doubts.doubted = {0} if unsure else set()
    for n in range(answers):
        story.accepted(f"p{n}", f"w{n}", "r0")
    assert needed(story.state, story.doubts, rules(overlap=overlap), np.array([0])).tolist() == [more]


def test_answers_are_asked_for_in_all_and_only_where_the_number_rises() -> None:
    story = begun(real=3, wanted=2)
    story.doubts.doubted = {0, 1}
    story.accepted("p", "ann", "r0", "r1", "r2")
    assert of(Want, story.decide(rules(overlap=(2, 3))).orders) == []
    story.accepted("q", "bob", "r0", "r2")
    [want] = of(Want, story.decide(rules(overlap=(2, 3))).orders)
    assert want.wanted == {"r0": 3}


def test_of_an_item_that_is_asked_again_it_is_said_what_an_answer_is_worth() -> None:
    story = begun(real=4, wanted=1)
    story.doubts.doubted = {0, 1, 2}
    story.doubts.worths = {0: 0.123, 1: 0.0, 3: 0.5}
    story.accepted("p", "ann", "r0", "r1", "r2")
    [want] = of(Want, story.decide(rules(overlap=(1, 3))).orders)
    # Of r2 nobody knows it, and r3 waits for its first answer.
    assert want.wanted == {"r0": 2, "r1": 2, "r2": 2}
    assert want.worth == {"r0": 0.12, "r1": 0.0}


def test_of_an_item_that_is_asked_again_it_is_said_who_should_answer_it_of_those_who_may() -> None:
    story = begun(real=3, wanted=1)
    story.accepted("q", "bob", "r2")
    story.doubts.doubted, story.doubts.worths = {0, 1}, {0: 0.2, 1: 0.2}
    ann, bob = (story.state.number_of(name) for name in ("ann", "bob"))
    story.doubts.preferred = {0: (bob, ann), 1: (ann,)}
    story.accepted("p", "ann", "r0", "r1")
    story.state.workers[ann].restricted_until = FOREVER
    [want] = of(Want, story.decide(rules(overlap=(1, 3))).orders)
    assert want.prefers == {"r0": ("bob",)}


def test_only_items_with_news_are_looked_at_until_all_wanted_answers_are_there() -> None:
    story, wanted = begun(real=2), rules(overlap=(1, 2))
    story.accepted("p", "ann", "r0")
    assert story.goes_on(wanted).orders == ()
    # r0 is unsure only now, by what was learnt elsewhere: it is found when the whole is looked at.
    story.doubts.doubted = {0}
    assert story.goes_on(wanted) == module.Decision()
    story.accepted("q", "ann", "r1")
    decision = story.goes_on(wanted)
    assert not decision.settled
    assert [want.wanted for want in of(Want, decision.orders)] == [{"r0": 2}]
    assert not of(Close, decision.orders)


def test_many_wants_and_many_verdicts_go_in_several_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WANTED_AT_ONCE", 2)
    monkeypatch.setattr(verdicts, "JUDGED_AT_ONCE", 2)
    story = begun(real=3)
    story.doubts.doubted = {0, 1, 2}
    for n in range(3):
        story.answered(f"p{n}", "ann", f"r{n}")
    judged = of(Judge, story.decide(rules()).orders)
    assert [verdict.accepted for verdict in judged] == [("p0", "p1"), ("p2",)]
    for n in range(3):
        story.judged(f"p{n}", "ann")
    wants = of(Want, story.decide(rules(overlap=(1, 2))).orders)
    assert [want.wanted for want in wants] == [{"r0": 2, "r1": 2}, {"r2": 2}]


# --- pages ----------------------------------------------------------------------------------------


# --- items that come later ------------------------------------------------------------------------


def fed(story: Story, items: int = 1, *, finished: bool = False) -> None:
    """So many items come from the feed, or the word that no more will."""
    story.state.grow(story.more(items))
    story.fold(Fed(story.now, items, finished))


def test_items_that_come_later_are_added_behind_the_others_control_items_first() -> None:
    story = begun(real=2)
    story.state.grow(df.Items.stacked([story.more(2), story.more(1, control=True)]))
    story.fold(Fed(START, 3))
    [order] = of(AddRange, story.decide(rules()).orders)
    first, *others = story.state.places_of(order).tolist()
    assert (first, sorted(others)) == (4, [2, 3])


def test_an_open_run_with_all_its_answers_is_neither_settled_nor_closed_until_no_more_come() -> None:
    story = begun(real=1, feed_open=True)
    story.accepted("p", "ann", "r0")
    decision = story.goes_on(rules(streams=True))
    assert (of(Close, decision.orders), decision.settled) == ([], False)
    story.fold(Sent(tuple(story.state.unsent)))
    assert story.state.waits_for_items
    fed(story, 0, finished=True)
    decision = story.goes_on(rules(streams=True))
    assert ([order.ending for order in of(Close, decision.orders)], decision.settled) == (["done"], True)


def test_an_open_run_does_not_wait_for_items_before_it_has_decided_what_an_answer_leaves_to_ask() -> None:
    story, policy = begun(real=1, feed_open=True), rules(overlap=(1, 3))
    story.fold(Sent(tuple(story.state.unsent)))
    story.doubts.doubted = {0}
    story.accepted("p0", "ann", "r0")
    assert not story.state.waits_for_items, "the item is in doubt and gets another answer"
    story.goes_on(policy)
    story.fold(Sent(tuple(story.state.unsent)))
    story.doubts.doubted = set()
    story.accepted("p1", "bob", "r0")
    assert not story.state.waits_for_items
    story.goes_on(policy)
    story.fold(Sent(tuple(story.state.unsent)))
    assert story.state.waits_for_items


@pytest.mark.parametrize(
    ("doubted", "accepted", "final"),
    [
        ((), 1, ()),
        ((), 2, (0, 1)),
        ((0,), 2, (1,)),
        ((0,), 3, (0,)),
        ((0, 1), 3, (0, 1)),
    ],
)
def test_in_a_run_launched_open_an_item_is_final_when_it_needs_no_more(
    doubted: tuple[int, ...], accepted: int, final: tuple[int, ...]
) -> None:
    streams = rules(overlap=(2, 3), streams=True)
    story = begun(real=2, feed_open=True, wanted=2)
    story.doubts.doubted.update(doubted)
    decision = None
    for n in range(accepted):
        # The third answer is given to those only of which one more is asked.
        items = ("r0", "r1") if n < 2 else tuple(f"r{item}" for item in doubted)
        story.accepted(f"p{n}", f"worker{n}", *items)
        decision = story.goes_on(streams)
    assert decision is not None
    assert decision.final == final


def test_in_an_ordinary_run_no_item_is_final_before_the_end() -> None:
    story = begun(real=2)
    story.accepted("p", "ann", "r0", "r1")
    assert story.decide(rules()).final == ()


def test_nothing_more_is_asked_for_what_is_final_however_unsure_it_becomes() -> None:
    story = begun(real=2)
    story.accepted("p", "ann", "r0", "r1")
    story.doubts.doubted.update((0, 1))
    story.fold(Final(("r0",), (), (1,), ("",)))
    assert story.doubts.declared == {0}
    (want,) = of(Want, story.decide(rules(overlap=(1, 3))).orders)
    assert want.wanted == {"r1": 2}
    assert needed(story.state, story.doubts, rules(overlap=(1, 3)), np.arange(2)).tolist() == [0, 1]


def test_a_run_that_was_done_is_opened_again_when_items_come() -> None:
    story = done()
    fed(story)
    state = story.state
    assert (state.ending, state.closing, state.shown, state.reopening) == (None, None, False, True)
    decision = story.goes_on(rules())
    assert [type(order) for order in decision.orders] == [Open, AddRange]
    # Until the platform says that it is open again there is nothing to close.
    assert story.decide(rules()).orders == ()
    story.became("open")
    story.accepted("q", "bob", "r1")
    assert [order.ending for order in of(Close, story.goes_on(rules()).orders)] == ["done"]


def test_the_order_to_open_again_has_a_key_of_its_own_each_time() -> None:
    story, keys = done(), []
    for n in range(1, 3):
        fed(story)
        keys += [order.key for order in of(Open, story.goes_on(rules()).orders)]
        story.became("open")
        story.accepted(f"q{n}", "bob", f"r{n}")
        story.goes_on(rules())
        story.became("closed")
        story.fold(Finished(START, "done"))
    assert len(set(keys)) == 2


def test_an_open_run_closed_by_hand_is_stopped_though_nothing_is_wanted() -> None:
    story = begun(real=1, feed_open=True)
    story.accepted("p", "ann", "r0")
    story.goes_on(rules(streams=True))
    story.became("closed")
    assert story.decide(rules(streams=True)).ending == "stopped"


def done() -> Story:
    """A run of one item that is done."""
    story = begun(real=1)
    story.accepted("p", "ann", "r0")
    story.goes_on(rules())
    story.became("closed")
    story.fold(Finished(START, story.decide(rules()).ending or "stopped"))
    assert story.state.ending == "done"
    return story


@pytest.mark.parametrize(
    ("controls", "right", "ratio", "accepted"),
    [
        (1, 1, 1, True),
        (1, 0, 1, False),
        (3, 2, 0.6, True),
        (3, 1, 0.6, False),
        (2, 1, 0.5, True),
        (4, 0, 0, True),
        # Exact arithmetic: as floats 25 × 0.28 is a little more than 7.
        (25, 7, 0.28, True),
        (25, 6, 0.28, False),
    ],
)
def test_a_page_is_accepted_if_enough_of_its_control_items_are_right(
    controls: int, right: int, ratio: float, accepted: bool
) -> None:
    story = begun(real=1, controls=controls)
    keys = [f"c{n}" for n in range(controls)]
    story.answered("p", "ann", "r0", *keys, wrong=keys[right:])
    [verdict] = of(Judge, story.decide(rules(control_per_page=controls, control_ratio=ratio)).orders)
    assert (verdict.accepted, verdict.rejected) == ((("p",), ()) if accepted else ((), ("p",)))
    assert verdict.reasons == ({} if accepted else {"p": texts.INACCURATE_PAGE})


@pytest.mark.parametrize(
    ("right", "seen", "per_page", "ratio", "speaks_for_them"),
    [
        # Nothing is known against somebody who has met no control item.
        (0, 0, 1, 1, True),
        # The ratio itself is reached.
        (5, 5, 1, 1, True),
        # Weight (right + 0.5) / (seen + 1), and a page passed two times in three. One control item: the weight itself.
        (1, 2, 1, 1, False),
        (2, 3, 1, 1, False),
        (3, 4, 1, 1, True),
        # Two of two: its square, 0.75² and 0.85².
        (4, 5, 2, 1, False),
        (8, 9, 2, 1, True),
        # Two of three by a coin: half the time.
        (6, 12, 3, 0.6, False),
        (8, 12, 3, 0.6, True),
    ],
)
def test_a_page_without_control_items_is_judged_by_what_the_record_would_reach(
    right: int, seen: int, per_page: int, ratio: float, speaks_for_them: bool
) -> None:
    record = WorkerRecord("ann", 0, START)
    record.control_correct, record.control_total = right, seen
    assert trusted(record, rules(per_page, control_ratio=ratio)) is speaks_for_them


def test_the_record_decides_only_where_a_page_has_no_control_items() -> None:
    story, strict = begun(real=3, controls=2), rules(control_per_page=1)
    story.answered("p", "ann", "r0", "c0", wrong=["c0"])
    story.answered("q", "ann", "r1", "c1")
    story.answered("r", "ann", "r2")
    [verdict] = of(Judge, story.decide(strict).orders)
    # One of two right: 1.5/3 is less than two thirds.
    assert (verdict.accepted, verdict.rejected) == (("q",), ("p", "r"))


@pytest.mark.parametrize(
    ("seconds", "closed_for", "paid"),
    [
        (0.0, DAY, False),
        (3.9, DAY, False),
        (4.0, 2 * HOUR, True),
        (11.9, 2 * HOUR, True),
        (12.0, None, True),
        # Nobody knows how long it took: the clock was set back meanwhile.
        (None, None, True),
    ],
)
def test_speed_rules_of_the_preset_moderate_on_a_page_of_four_items_of_ten_seconds(
    seconds: float | None, closed_for: float | None, paid: bool
) -> None:
    story = begun(real=4)
    story.now += 50
    story.answered("p", "ann", "r0", "r1", "r2", "r3", seconds=seconds)
    decision = story.decide(rules(speed=MODERATE_SPEED))
    restricted = [(restrict.until, restrict.reason) for restrict in of(Restrict, decision.orders)]
    # Both name the time in which no rule is broken: .3 of four items of ten seconds.
    told = None if seconds is None else texts.too_fast(seconds, 12.0, closes=True)
    assert restricted == ([] if closed_for is None else [(story.now + closed_for, told)])
    [verdict] = of(Judge, decision.orders)
    assert verdict.reasons == ({} if paid else {"p": texts.too_fast(seconds or 0.0, 12.0, closes=False)})


def test_a_worker_who_was_too_fast_reads_how_long_their_page_took_and_how_long_it_takes() -> None:
    assert "a page in 3.9 s, and looking at it takes at least 4 s" in texts.too_fast(3.99, 3.995, closes=True)["en"]
    assert "за 3,9 с" in texts.too_fast(3.99, 4.0, closes=False)["ru"]


def test_a_speed_rule_of_ratio_zero_is_off_and_of_several_the_strictest_counts() -> None:
    story = begun(real=1)
    story.answered("p", "ann", "r0", seconds=0.0)
    assert not of(Restrict, story.decide(rules(speed=(SpeedRule(0, reject=True),))).orders)
    broken = (SpeedRule(0.9, "3h"), SpeedRule(0.5, "1h", reject=True), SpeedRule(0.4, "2h"))
    [restrict] = of(Restrict, story.decide(rules(speed=broken)).orders)
    # The one that rejects, though others close the run for longer.
    assert restrict.until == story.now + HOUR


# --- workers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "seen", "closed_for"),
    [(1, 4, None), (2, 5, 8 * HOUR), (3, 5, HOUR), (4, 5, None), (5, 10, HOUR), (4, 10, 8 * HOUR), (7, 10, None)],
)
def test_a_record_below_the_control_thresholds_closes_the_run_for_a_time(
    right: int, seen: int, closed_for: float | None
) -> None:
    # Below a half for eight hours, below seven tenths for one, after five control items.
    story = begun(real=1, controls=seen)
    keys = [f"c{n}" for n in range(seen)]
    story.answered("p", "ann", "r0", *keys, wrong=keys[right:])
    restricts = of(Restrict, story.decide(rules(control=ControlRule())).orders)
    assert [(r.worker, r.until - story.now, r.reason) for r in restricts] == (
        [] if closed_for is None else [("ann", closed_for, texts.INACCURATE_WORKER)]
    )


def test_who_has_no_control_items_left_and_is_not_trusted_gets_no_more_pages() -> None:
    story, strict = begun(real=2, controls=1), rules(control_per_page=1, control=ControlRule(after=5))
    story.answered("p", "ann", "r0", "c0", wrong=["c0"])
    assert not of(Restrict, story.decide(strict).orders)
    story.answered("q", "ann", "r1")
    [restrict] = of(Restrict, story.decide(strict).orders)
    assert restrict.until == story.now + 8 * HOUR


def test_a_page_that_was_out_when_the_run_closed_to_its_worker_does_not_close_it_again() -> None:
    story, strict = begun(real=3, controls=3), rules(control=ControlRule(after=1))
    story.answered("p", "ann", "r0", "c0", wrong=["c0"])
    story.taken("q", "ann", "r1", "c1")
    story.goes_on(strict)
    story.now += MINUTE
    story.submitted("q", "ann", "r1", "c1", wrong=["c1"])
    assert not of(Restrict, story.goes_on(strict).orders)
    # The restriction began a minute ago: it is just over.
    story.now += 8 * HOUR - MINUTE
    story.answered("r", "ann", "r2", "c2", wrong=["c2"])
    assert [restrict.until for restrict in of(Restrict, story.decide(strict).orders)] == [story.now + 8 * HOUR]


def test_of_several_reasons_a_worker_gets_the_longest_restriction_in_one_command() -> None:
    story = begun(real=1, controls=1)
    story.answered("p", "ann", "r0", "c0", wrong=["c0"], seconds=1.0)
    decision = story.decide(rules(speed=(SpeedRule(0.3, "2h"),), control=ControlRule(after=1)))
    [restrict] = of(Restrict, decision.orders)
    assert (restrict.until, restrict.reason) == (story.now + 8 * HOUR, texts.INACCURATE_WORKER)
    # It follows from the page, which is new only until its verdict is written down.
    assert decision.orders.index(restrict) < decision.orders.index(of(Judge, decision.orders)[0])


def telling_little(answers: int, others: int) -> Story:
    """Ann, whose answers tell little, and others have each answered so many items."""
    story = begun(real=20)
    items = [f"r{n}" for n in range(answers)]
    for worker in ("ann", *(f"other{n}" for n in range(others))):
        story.answered(f"page of {worker}", worker, *items)
    story.doubts.telling_little.add(story.record("ann").number)
    return story


def test_a_worker_whose_answers_tell_little_is_paid_and_gets_no_more_pages() -> None:
    orders = telling_little(answers=8, others=3).decide(rules(overlap=(1, 3))).orders
    [restrict] = of(Restrict, orders)
    assert (restrict.worker, restrict.until, restrict.reason) == ("ann", FOREVER, texts.TELLS_LITTLE)
    assert "page of ann" in of(Judge, orders)[0].accepted


@pytest.mark.parametrize(
    ("answers", "others", "overlap"),
    [(7, 3, (1, 3)), (8, 2, (1, 3)), (8, 3, 3)],
    ids=["of seven answers nothing can be told", "an item may need all there are", "each item gets as many anyway"],
)
def test_a_worker_whose_answers_tell_little_goes_on_where(answers: int, others: int, overlap: Any) -> None:
    assert not of(Restrict, telling_little(answers, others).decide(rules(overlap=overlap)).orders)


@pytest.mark.parametrize(("skips", "closed"), [(4, False), (5, True), (6, True)])
def test_five_skipped_pages_in_a_row_close_the_run_for_eight_hours(skips: int, closed: bool) -> None:
    story = begun()
    for n in range(skips):
        story.taken(f"p{n}", "ann", "r0")
        story.skipped(f"p{n}", "ann")
    restricts = of(Restrict, story.decide(rules(skips=SkipRule())).orders)
    assert [(r.until, r.reason) for r in restricts] == ([(story.now + 8 * HOUR, texts.SKIPS)] if closed else [])
    assert not of(Restrict, story.decide(rules(skips=None)).orders)


def test_an_answered_page_between_skipped_ones_begins_the_count_anew() -> None:
    story = begun()
    for n in range(4):
        story.taken(f"p{n}", "ann", "r0")
        story.skipped(f"p{n}", "ann")
    story.answered("p", "ann", "r0")
    story.taken("q", "ann", "r1")
    story.skipped("q", "ann")
    assert not of(Restrict, story.decide(rules(skips=SkipRule())).orders)


# --- reports --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overlap", "told", "out", "more"),
    [
        (1, "r", False, 1),  # a second opinion, before an item is taken out
        (1, "rr", True, 0),
        (1, "ra", False, 0),
        (3, "r", False, 2),
        (3, "rr", True, 0),
        (3, "ra", False, 1),
        (3, "rra", True, 0),
        (3, "raa", False, 0),  # outvoted, and an opinion like the others
        ((2, 5), "ra", False, 1),
        ((2, 5), "rara", False, 1),
        ((2, 5), "rarar", True, 0),
    ],
)
def test_an_item_is_taken_out_when_several_workers_report_it_and_fewer_answer(
    overlap: Any, told: str, out: bool, more: int
) -> None:
    story = begun(real=1, wanted=5)
    story.doubts.doubted = {0}
    for n, word in enumerate(told):
        story.accepted(f"p{n}", f"w{n}", "r0", reported=["r0"] if word == "r" else [])
    policy, item = rules(overlap=overlap), np.array([0])
    assert taken_out(story.state, item).tolist() == [out]
    assert needed(story.state, story.doubts, policy, item).tolist() == [more]


def test_nobody_else_gets_an_item_that_was_taken_out_and_the_run_ends_without_it() -> None:
    story = begun(real=2, wanted=3)
    policy = rules(overlap=3)
    for n in range(3):
        story.accepted(f"p{n}", f"w{n}", "r0")
    for n in range(2):
        story.accepted(f"q{n}", f"w{n}", "r1", reported=["r1"])
    assert [order.wanted for order in of(Want, story.goes_on(policy).orders)] == [{"r1": 2}]
    assert [order.ending for order in of(Close, story.goes_on(policy).orders)] == ["done"]
    assert notices(story.state, policy) == (texts.reported(1, 1, {"broken": 2}),)


def test_an_item_that_was_taken_out_is_final_at_once_where_answers_are_final_one_by_one() -> None:
    story = begun(real=2, wanted=3, feed_open=True)
    for n in range(2):
        story.accepted(f"p{n}", f"w{n}", "r0", reported=["r0"])
    assert story.decide(rules(overlap=3, streams=True)).final == (0,)


@pytest.mark.parametrize(
    ("passed", "others", "accepted"),
    [(0, 0, False), (3, 0, False), (4, 0, True), (0, 1, True)],
)
def test_a_reported_control_item_counts_as_wrong_unless_others_report_it_or_enough_were_passed(
    passed: int, others: int, accepted: bool
) -> None:
    story = begun(real=1, controls=8)
    for n in range(others):
        story.accepted(f"o{n}", f"other{n}", "c6", "c7", reported=["c7"])
    if passed:
        story.accepted("before", "ann", *(f"c{n}" for n in range(passed)))
    story.answered("p", "ann", "r0", "c6", "c7", reported=["c7"])
    [verdict] = of(Judge, story.decide(rules(2, control_ratio=1)).orders)
    assert verdict.accepted == (("p",) if accepted else ())
    assert (story.record("ann").control_correct, story.record("ann").control_total) == (passed + 1, passed + 1)


def test_a_page_of_reports_alone_is_not_accepted_by_a_record_without_control_items() -> None:
    story = begun(real=2, controls=1)
    for n in range(2):
        story.accepted(f"o{n}", f"other{n}", "c0", reported=["c0"])
    story.answered("p", "ann", "r0", "r1", "c0", reported=["r0", "r1", "c0"])
    [verdict] = of(Judge, story.decide(rules(1)).orders)
    assert verdict.reasons == {"p": texts.REPORTED_PAGE}


def test_reports_take_no_time_beside_control_items_that_are_right() -> None:
    story = begun(real=8, controls=1)
    story.answered("p", "ann", "c0", "r0", "r1", "r2", reported=["r0", "r1", "r2"], seconds=5.0)
    story.answered("q", "bob", "r4", "r5", "r6", "r7", reported=["r4", "r5", "r6", "r7"], seconds=5.0)
    restricted = of(Restrict, story.decide(rules(1, speed=MODERATE_SPEED)).orders)
    assert [order.worker for order in restricted] == ["bob"]


def test_whether_haste_closes_the_run_tells_no_more_of_control_items_than_the_verdict() -> None:
    """Who guesses, reports one item and waits for just so long would see whether all control items were right."""
    story = begun(real=8, controls=4)
    story.answered("p", "ann", "c0", "c1", "r0", "r1", reported=["r0"], seconds=15.0)
    story.answered("q", "bob", "c2", "c3", "r4", "r5", wrong=["c2"], reported=["r4"], seconds=15.0)
    orders = story.decide(rules(2, control_ratio=0.5, speed=MODERATE_SPEED)).orders
    assert [order.accepted for order in of(Judge, orders)] == [("p", "q")]
    assert not of(Restrict, orders)


def test_an_order_that_recurs_after_its_number_fell_has_a_key_of_its_own() -> None:
    story = begun(real=2, wanted=8)
    policy = rules(overlap=(8, 9))
    orders: list[Any] = []
    for n, word in enumerate("rraara"):
        story.accepted(f"p{n}", f"w{n}", "r0", reported=["r0"] if word == "r" else [])
        orders += of(Want, story.goes_on(policy).orders)
    assert [order.wanted["r0"] for order in orders] == [2, 8, 5, 8]
    assert len({order.key for order in orders}) == 4


@pytest.mark.parametrize(
    ("reported", "confirmed", "closed"),
    [(3, 0, False), (4, 0, True), (10, 0, True), (10, 7, False), (10, 6, True)],
)
def test_reports_are_free_up_to_a_rate_and_those_that_others_confirm_always(
    reported: int, confirmed: int, closed: bool
) -> None:
    story = begun(real=10, wanted=2)
    names = [f"r{n}" for n in range(10)]
    story.accepted("q", "bob", *names, reported=names[:confirmed])
    story.accepted("p", "ann", *names, reported=names[:reported])
    policy = rules(overlap=2, reports=ReportRule(0.3, "1h", after=10))
    [*restricted] = [order for order in of(Restrict, story.decide(policy).orders) if order.worker == "ann"]
    assert [(order.until, order.reason) for order in restricted] == [(story.now + HOUR, texts.REPORTS)] * closed


# --- the end --------------------------------------------------------------------------------------


def test_a_run_is_done_when_all_wanted_answers_are_there_and_no_item_is_unsure() -> None:
    story = begun(real=2)
    story.accepted("p", "ann", "r0")
    assert not of(Close, story.goes_on(rules()).orders)
    story.accepted("q", "ann", "r1")
    decision = story.decide(rules())
    [close] = of(Close, decision.orders)
    assert (close.ending, close.after, decision.settled) == ("done", story.state.cursor, True)


def test_what_has_been_settled_is_not_looked_at_again_without_news() -> None:
    story, more = begun(real=1), rules(overlap=(1, 2))
    story.doubts.doubted = {0}
    story.accepted("p", "ann", "r0")
    assert of(Want, story.goes_on(more).orders)
    assert story.decide(more) == module.Decision()


def test_a_run_that_wanted_more_and_gave_it_up_before_it_came_is_looked_at_again_and_done() -> None:
    story, more = begun(real=1), rules(overlap=(1, 2))
    story.doubts.doubted = {0}
    story.accepted("p", "ann", "r0")
    story.goes_on(more)
    story.doubts.doubted = set()
    story.ordered(Want("given up", {"r0": 1}))
    assert [close.ending for close in of(Close, story.goes_on(more).orders)] == ["done"]


@pytest.mark.parametrize(("passed", "ending"), [(HOUR - 1, None), (HOUR, "time"), (HOUR + 1, "time")])
def test_the_time_limit_closes_a_run(passed: float, ending: str | None) -> None:
    story = begun()
    story.fold(Ticked(START + passed))
    assert [close.ending for close in of(Close, story.decide(rules(time_limit="1h")).orders)] == (
        [] if ending is None else [ending]
    )


@pytest.mark.parametrize(
    ("paid", "budget", "controls", "closes"),
    [
        # The smallest page is a real item for 100, and with a control item 200.
        (0, 99, 0, True),
        (0, 100, 0, False),
        (0, 199, 1, True),
        (0, 200, 1, False),
        (500, 599, 0, True),
        (500, 600, 0, False),
        (500, None, 0, False),
    ],
)
def test_a_run_whose_budget_does_not_pay_for_the_smallest_page_is_closed(
    paid: int, budget: int | None, controls: int, closes: bool
) -> None:
    story = begun(real=2, controls=controls)
    story.accepted("p", "ann", "r0", amount=paid)
    ending = [close.ending for close in of(Close, story.decide(rules(controls, budget)).orders)]
    assert ending == (["budget"] if closes else [])


def test_a_wish_for_more_answers_is_written_down_before_the_budget_ends_the_run() -> None:
    story, poor = begun(real=1), rules(budget=150, overlap=(1, 2))
    story.doubts.doubted = {0}
    story.accepted("p", "ann", "r0", amount=100)
    first = story.goes_on(poor)
    assert (len(of(Want, first.orders)), of(Close, first.orders)) == (1, [])
    assert [close.ending for close in of(Close, story.goes_on(poor).orders)] == ["budget"]


@pytest.mark.parametrize("at_work", ["taken", "submitted"])
def test_the_budget_waits_for_pages_whose_money_may_come_back(at_work: str) -> None:
    story = begun(real=2)
    story.taken("p", "ann", "r0")
    if at_work == "submitted":
        story.submitted("p", "ann", "r0")
    assert not of(Close, story.decide(rules(budget=50)).orders)


def test_a_run_that_is_done_is_not_told_to_be_out_of_time_or_money() -> None:
    story = begun(real=1)
    story.accepted("p", "ann", "r0", amount=100)
    story.now += DAY
    story.joined("bob")
    [close] = of(Close, story.decide(rules(budget=100, time_limit="1h")).orders)
    assert close.ending == "done"


def closed(story: Story, ending: Any = None) -> None:
    """The run is closed: by itself for a reason, or by hand."""
    if ending is not None:
        story.ordered(Close("key", ending))
    story.became("closed")


@pytest.mark.parametrize(
    ("closing", "answered", "budget", "ending"),
    [
        ("done", 2, None, "done"),
        ("time", 1, None, "time"),
        ("budget", 1, 50, "budget"),
        (None, 1, None, "stopped"),
        # Closed by hand, and nothing was left to ask, or to ask with.
        (None, 2, None, "done"),
        (None, 1, 50, "budget"),
    ],
)
def test_a_closed_run_ends_for_the_reason_for_which_it_wants_no_more(
    closing: Any, answered: int, budget: int | None, ending: str
) -> None:
    story = begun(real=2)
    for n in range(answered):
        story.accepted(f"p{n}", "ann", f"r{n}")
    story.goes_on(rules())
    closed(story, closing)
    assert story.decide(rules(budget=budget)).ending == ending


def test_pages_that_are_out_are_still_judged_before_a_closed_run_ends() -> None:
    story = begun(real=2)
    story.taken("p", "ann", "r0")
    closed(story)
    assert story.decide(rules()) == module.Decision()
    story.submitted("p", "ann", "r0")
    decision = story.goes_on(rules())
    assert ([verdict.accepted for verdict in of(Judge, decision.orders)], decision.ending) == ([("p",)], None)
    story.judged("p", "ann")
    assert story.decide(rules()).ending == "stopped"


def test_a_run_ends_only_when_the_platform_says_that_it_is_closed() -> None:
    story = begun(real=1)
    story.ordered(Close("key", "time"))
    assert story.decide(rules()).ending is None
    story.became("closed")
    assert story.decide(rules()).ending == "time"


def test_nothing_follows_once_a_run_has_ended() -> None:
    story = begun()
    story.answered("p", "ann", "r0")
    story.fold(Finished(story.now, "stopped"))
    assert story.decide(rules()) == module.Decision()


def test_a_run_opened_again_looks_whether_there_is_anything_left_to_do() -> None:
    story = begun(real=1)
    story.accepted("p", "ann", "r0")
    story.goes_on(rules())
    closed(story)
    story.became("open")
    assert [close.ending for close in of(Close, story.decide(rules()).orders)] == ["done"]


def test_deciding_twice_gives_the_same_commands_with_the_same_keys() -> None:
    story = begun(real=2, controls=1)
    story.answered("p", "ann", "r0", "c0", wrong=["c0"], seconds=0.0)
    first = story.decide(rules(speed=MODERATE_SPEED))
    assert first == story.decide(rules(speed=MODERATE_SPEED))
    keys = [order.key for order in first.orders]
    assert len(set(keys)) == len(keys) == 2
    assert all(key.startswith("prefix-") for key in keys)


# --- the time, and what to say --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "limit", "rings"),
    [
        (0, None, 15 * MINUTE),
        (15 * MINUTE, None, None),
        (0, "10m", 10 * MINUTE),
        (0, "1h", 15 * MINUTE),
        (20 * MINUTE, "1h", HOUR),
        (2 * HOUR, "1h", None),
    ],
)
def test_the_alarm_rings_at_the_next_time_that_matters(now: float, limit: Any, rings: float | None) -> None:
    story = begun()
    story.fold(Ticked(START + now))
    assert alarm(story.state, rules(time_limit=limit)) == (None if rings is None else START + rings)


def test_silence_is_counted_from_the_last_event_and_not_at_all_while_a_run_ends() -> None:
    story = begun()
    story.now += MINUTE
    story.joined("ann")
    assert alarm(story.state, rules()) == story.now + 15 * MINUTE
    closed(story)
    assert alarm(story.state, rules(time_limit="1d")) is None
    ended = begun()
    ended.fold(Finished(START, "stopped"))
    assert (alarm(ended.state, rules()), notices(ended.state, rules())) == (None, (texts.ended("stopped", 2),))


def stalled(workers: int, restricted: int, wanted: int) -> Story:
    """Nothing has happened for twenty minutes."""
    story = begun(real=2, wanted=wanted)
    for n in range(workers):
        story.joined(f"w{n}")
    for n in range(restricted):
        story.restricted(f"w{n}", START + DAY)
    story.fold(Ticked(START + 20 * MINUTE), Sent(tuple(story.state.unsent)))
    return story


@pytest.mark.parametrize(
    ("workers", "restricted", "wanted", "notice"),
    [
        (0, 0, 2, texts.nobody(2)),
        (1, 0, 2, texts.few_workers(2, 1)),
        (3, 2, 2, texts.restricted_workers(2, 3)),
        (3, 0, 2, texts.silence(2, 20 * MINUTE)),
        (3, 1, 2, texts.silence(2, 20 * MINUTE)),
    ],
)
def test_a_stalled_run_says_why(workers: int, restricted: int, wanted: int, notice: Texts) -> None:
    assert notices(stalled(workers, restricted, wanted).state, rules()) == (notice,)


def test_a_stalled_run_whose_answers_are_judged_says_who_does_not_get_an_item_again() -> None:
    state = stalled(workers=3, restricted=0, wanted=2).state
    state.responses.solutions = Solutions(state.responses.pages, None)
    [notice] = notices(state, rules())
    assert notice == texts.silence_of_judged(2, 20 * MINUTE)
    assert "judged answers to it" in notice["en"]


def test_a_stalled_run_says_that_workers_have_outlasted_the_control_items() -> None:
    story = begun(real=9, controls=2, wanted=2)
    story.accepted("p", "ann", "r0", "c0")
    story.accepted("q", "ann", "r1", "c1")
    story.accepted("other", "bob", "r0", "c0")
    story.fold(Ticked(story.now + 20 * MINUTE))
    [notice] = notices(story.state, rules(1))
    assert notice == texts.outlasted(1, 2)
    assert "Of 2 workers 1 have answered all control items" in notice["en"]
    assert "ответили на все контрольные задания: 1 из 2" in notice["ru"]
    assert all("run.add(control=…)" in notice[language] for language in ("en", "ru"))


def test_a_run_that_moves_or_has_all_its_answers_is_not_stalled() -> None:
    story = begun(real=1)
    story.fold(Ticked(START + 15 * MINUTE - 1))
    assert notices(story.state, rules()) == ()
    story.fold(Ticked(START + 15 * MINUTE))
    assert notices(story.state, rules()) == (texts.nobody(1),)
    story.accepted("p", "ann", "r0")
    story.fold(Ticked(story.now + DAY))
    assert notices(story.state, rules()) == ()


def test_items_that_have_their_answers_are_no_reason_to_ask_for_more_workers() -> None:
    story = begun(real=2, wanted=2)
    story.ordered(Want("k", {"r0": 3}))
    for worker in ("ann", "bob", "eve"):
        story.accepted(worker, worker, "r0")
    story.restricted("ann", START + DAY)
    story.fold(Ticked(START + 20 * MINUTE))
    # Two of three workers can still answer, and no item lacks more than two.
    assert notices(story.state, rules()) == (texts.silence(1, 20 * MINUTE),)


def test_a_paused_run_says_so_and_notices_of_the_launch_stay_to_the_end() -> None:
    story = begun()
    noted = Rules(df.Policy(), 0, None, extra=({"en": "no control items"},))
    story.became("paused")
    story.fold(Ticked(START + DAY), Decided())
    assert notices(story.state, noted) == (*noted.extra, texts.PAUSED)
    closed(story)
    assert notices(story.state, noted) == (*noted.extra, texts.STOPPED)


def test_that_all_who_came_are_shut_out_is_said_at_once() -> None:
    story = begun(real=2, wanted=2)
    for n in range(2):
        story.joined(f"w{n}")
    story.restricted("w0", START + DAY)
    assert notices(story.state, rules()) == ()
    story.restricted("w1", START + DAY)
    assert notices(story.state, rules()) == (texts.all_restricted(2),)
    story.fold(Ticked(START + 2 * DAY))
    assert texts.all_restricted(2) not in notices(story.state, rules())


def test_more_control_items_are_not_advised_for_people_who_have_answered_every_item() -> None:
    story = begun(real=2, controls=1, wanted=2)
    story.accepted("p", "ann", "r0", "c0")
    story.accepted("q", "ann", "r1")
    story.fold(Ticked(story.now + 20 * MINUTE))
    assert notices(story.state, rules(1)) == (texts.few_workers(2, 1),)
