"""What is said of a run's cost and its end before it has ended."""

import numpy as np
import pytest
from tests.runs.core.test_decide import begun, rules

from dataforge.records import BonusPaid, Span
from dataforge.runs.core.outlook import (
    REHEARSALS,
    Counts,
    Course,
    ToCome,
    answers_to_come,
    forecast,
    foreseen_of,
    pace,
)


def come(accepted: list[int], wanted: list[int], least: int, most: int) -> ToCome:
    return of_each(np.array(accepted, np.int32), np.array(wanted, np.int32), least, most)


def of_each(accepted: Counts, wanted: Counts, least: int, most: int) -> ToCome:
    return answers_to_come(accepted, wanted, np.ones(len(accepted), np.int32), least, most)


def test_with_a_fixed_number_of_answers_what_is_lacking_is_known() -> None:
    assert come([3, 1, 0], [3, 3, 3], 3, 3) == (5, 5, 5)


def test_a_run_that_wants_nothing_more_gets_nothing_more() -> None:
    assert come([2, 4], [2, 4], 2, 5) == (0, 0, 0)


def test_items_go_on_as_often_as_those_before_them_did() -> None:
    # Of ten items that had two answers five went on to a third, and with that all were over: (5 + .5) / (10 + 1) is a
    # half. Each of the two at work lacks two answers, and gets a third in one of two cases.
    found = come([2] * 5 + [3] * 5 + [0, 0], [2] * 5 + [3] * 5 + [2, 2], 2, 3)
    assert found.expected == pytest.approx(2 * 2 + 2 * 0.5)
    # No more than a third answer each; with eight chances in ten neither none of them nor all.
    assert 4 <= found.low < 4.1
    assert 5.9 < found.high <= 6


def test_no_more_is_expected_than_the_policy_lets_items_have() -> None:
    found = come([5] * 50 + [4], [5] * 50 + [5], 2, 5)
    assert found == (1, 1, 1)


def test_eight_in_ten_runs_end_within_what_was_said() -> None:
    # Items go on with one answer more with a chance of their run's own, up to eight; a third of them are over.
    rng = np.random.default_rng(7)
    within = 0
    for _ in range(300):
        chance = rng.uniform(0.2, 0.8)
        sizes = np.minimum(2 + rng.geometric(1 - chance, 300) - 1, 8).astype(np.int32)
        accepted = sizes.copy()
        accepted[100:] = 0
        wanted = sizes.copy()
        wanted[100:] = 2
        found = of_each(accepted, wanted, 2, 8)
        within += found.low <= sizes[100:].sum() <= found.high
    # Binomial: of 300 at eight in ten more than 257 or less than 222 come once in a hundred times.
    assert 222 <= within <= 257


def test_a_bonus_that_was_paid_is_not_expected_again_with_every_answer() -> None:
    # Of ten items five are answered, at 100 in all, so that the other five cost 100 more.
    story = begun(real=10)
    story.accepted("page of ann", "ann", *(f"r{n}" for n in range(5)), amount=100)
    once = rules()
    story.goes_on(once)
    before = forecast(story.state, once)
    story.happens(BonusPaid(0, story.now, "ann", 70))
    after = forecast(story.state, once)
    assert before
    assert after
    assert (before.cost, after.cost) == (200, 270)


def test_on_the_way_to_a_target_as_many_answers_are_expected_as_are_said_to_reach_it() -> None:
    story = begun(real=10)
    story.accepted("page of ann", "ann", *(f"r{n}" for n in range(5)), amount=100)
    once = rules()
    story.goes_on(once)
    found = forecast(story.state, once, 3.4)
    assert found
    assert (found.answers, found.cost) == (3, 160)
    assert found.low <= found.cost <= found.high


def test_control_items_are_none_that_answers_are_to_come_to() -> None:
    found = forecast(begun(real=3, controls=2).state, rules())
    assert found
    assert found.answers == forecast(begun(real=3).state, rules()).answers


def test_the_pace_is_that_of_the_last_hour() -> None:
    assert pace([(0, 0), (3_600, 90), (7_200, 450)], 7_200) == pytest.approx(0.1)
    assert pace([(0, 0), (1_000, 50)], 2_000) == pytest.approx(0.025)


def test_where_next_to_nothing_came_in_the_last_hour_no_pace_is_told() -> None:
    assert pace([(0, 0), (100, 50)], 7_200) is None
    assert pace([], 100) is None
    assert pace([(1, 4), (20, 90)], 30) is None


def test_of_rehearsals_the_mean_is_told_and_where_another_would_lie_in_eight_cases_of_ten() -> None:
    rng = np.random.default_rng(3)
    within = 0
    for _ in range(400):
        *seen, outcome = rng.normal(1_000, 100, REHEARSALS + 1).tolist()
        told = foreseen_of([Course(cost, 10, 60, 0.9, ended=True) for cost in seen], 5).cost
        within += told.low <= outcome <= told.high
    # Binomial: of 400 at eight in ten more than 339 or less than 301 come once in a hundred times.
    assert 301 <= within <= 339


def test_what_was_rehearsed_is_told_and_never_less_than_is_paid_or_more_than_the_budget() -> None:
    story = begun(real=10)
    story.accepted("page of ann", "ann", *(f"r{n}" for n in range(5)), amount=100)
    story.goes_on(rules())
    courses = [Course(cost, answers, 60, 0.9, ended=True) for cost, answers in ((240, 12), (260, 13), (280, 14))]
    told = forecast(story.state, rules(overlap=(1, 3)), foreseen=foreseen_of(courses, 10))
    bound = forecast(story.state, rules(budget=250), foreseen=foreseen_of(courses, 10))
    nothing_more = forecast(story.state, rules(), foreseen=foreseen_of([Course(0, 0, 0, 1, ended=True)] * 3, 10))
    assert told
    assert bound
    assert nothing_more
    # Of thirteen answers five are there.
    assert (told.cost, told.answers) == (260, 8)
    assert told.low < 240
    assert told.high > 280
    assert told.overlap is not None
    assert told.overlap.expected == pytest.approx(1.3)
    assert (bound.cost, bound.high, bound.most) == (250, 250, 250)
    # Five are wanted whatever was rehearsed, as cheap as those there; what is paid is paid.
    assert (nothing_more.cost, nothing_more.answers) == (200, 5)


def test_of_rehearsals_nothing_is_told_that_cannot_be() -> None:
    most = rules(overlap=(2, 4))
    fresh = begun(real=10, wanted=2).state
    courses = [Course(cost, answers, 60, 0.9, ended=True) for cost, answers in ((0, 10), (9_000, 80))]
    told = forecast(fresh, most, foreseen=foreseen_of(courses, 10))
    bound = forecast(fresh, rules(overlap=(2, 4), budget=1_000), foreseen=foreseen_of(courses, 10))
    assert told
    assert bound
    assert told.overlap == Span(4, 2, 4)
    # Twenty answers on full pages of five.
    assert (told.low, told.high, told.most) == (20 * 100, 40 * 100, 40 * 100)
    assert bound.overlap is not None
    assert (bound.low, bound.overlap.low) == (1_000, 0)


def test_at_most_the_last_page_of_each_round_is_paid_as_a_whole_one() -> None:
    fresh = begun(real=11).state
    found = forecast(fresh, rules(overlap=(1, 3)))
    assert found
    # Three pages of five items in each of three rounds.
    assert found.most == 9 * 500


def test_at_most_a_run_costs_what_as_many_answers_as_items_may_have_do() -> None:
    story = begun(real=10)
    most = rules(overlap=(1, 3))
    story.accepted("page of ann", "ann", *(f"r{n}" for n in range(5)), amount=100)
    story.goes_on(most)
    found = forecast(story.state, most)
    assert found
    # Five answers cost 100 so far, and thirty are as many as there may be.
    assert found.most == 600


def test_that_every_rehearsal_was_right_is_not_foreseen_as_certain() -> None:
    sure = foreseen_of([Course(100, 28, 60, 1.0, ended=True)] * 8, 14).right
    assert 0.99 < sure.expected < 1
    assert 0.95 < sure.low < 0.99
    assert sure.high == 1
    usual = foreseen_of([Course(100, 28, 60, share, ended=True) for share in (0.7, 0.9)], 14).right
    assert usual.expected == pytest.approx(0.8)
