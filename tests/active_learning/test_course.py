"""When a loop ends: by what is shown beyond chance, and not by luck."""

from __future__ import annotations

import numpy as np
import pytest

from dataforge.active_learning.course import Asked, Course, Measured, StopRule, gain_of, why_stop
from dataforge.errors import SpecError


def measured(number: int, right: object) -> Measured:
    marks = tuple(bool(one) for one in right)  # type: ignore[attr-defined]
    return Measured(number, 10 * number, tuple(range(len(marks))), marks, "model")


def course(*rights: object, batch: int = 10) -> Course:
    asked = tuple(Asked(number, "sampler", tuple(range(batch))) for number in range(len(rights) + 1))
    return Course(asked, tuple(measured(number, right) for number, right in enumerate(rights, 1)))


def test_the_limits_of_a_gain_are_those_of_the_literature_where_there_are_many_answers() -> None:
    # 1,600 people asked twice about the prime minister (Agresti, Categorical Data Analysis, 11.1): -.04 +- .0187.
    before = [True] * 150 + [False] * 86 + [True] * 794 + [False] * 570
    after = [False] * 150 + [True] * 86 + [True] * 794 + [False] * 570
    gained = gain_of(measured(1, before), measured(2, after))
    assert gained is not None
    assert gained[0] == pytest.approx(-0.04)
    assert gained[1:] == pytest.approx((-0.0587, -0.0213), abs=1e-3)


def test_nothing_that_changed_is_no_certainty_that_nothing_changes() -> None:
    gained = gain_of(measured(1, [True] * 50), measured(2, [True] * 50))
    assert gained is not None
    assert gained[1] < -0.05
    assert gained[2] > 0.05


def test_only_items_that_both_were_asked_are_compared() -> None:
    one = Measured(1, 10, (1, 2, 3), (True, False, True), "model")
    other = Measured(2, 20, (2, 3, 4), (True, True, False), "model")
    gained = gain_of(one, other)
    assert gained is not None
    assert gained[0] == pytest.approx(1 / 2)
    assert gain_of(one, Measured(2, 20, (9,), (True,), "model")) is None


def test_the_target_is_reached_at_the_lower_limit() -> None:
    rule = StopRule(target=0.8)
    assert why_stop(course([True] * 85 + [False] * 15), rule, 1000, 1) is None
    assert why_stop(course([True] * 90 + [False] * 10), rule, 1000, 1) == "target"


def test_a_target_that_is_nearly_reached_is_seldom_taken_for_reached() -> None:
    chance, rule = np.random.default_rng(8), StopRule(target=0.8)
    reached = 0
    for _ in range(400):
        found = course(*(chance.random(100) < 0.8 for _ in range(12)))
        reached += any(
            why_stop(Course(found.asked, found.measured[:n]), rule, 10_000, 12) == "target" for n in range(1, 13)
        )
    assert reached / 400 < 0.05 + 4 * (0.05 * 0.95 / 400) ** 0.5


def test_the_pool_and_the_labels_count_what_was_asked() -> None:
    assert why_stop(course([True], [True]), StopRule(), 30, 1) == "pool"
    assert why_stop(course([True], [True]), StopRule(labels=30), 40, 1) == "labels"
    assert why_stop(course([True], [True]), StopRule(labels=31), 40, 1) is None


def test_a_gain_is_of_so_many_rounds_together() -> None:
    flat = [[True] * 150 + [False] * 50] * 3
    assert why_stop(course(*flat), StopRule(gain=0.03, rounds=3), 1000, 1) is None, "there are not so many rounds"
    assert why_stop(course(*flat), StopRule(gain=0.03, rounds=2), 1000, 1) == "gain"


def test_a_model_that_gains_as_much_as_is_asked_for_is_seldom_stopped_by_luck() -> None:
    # Every round two of a hundred items that were wrong become right; six rounds are looked at, each of three together.
    chance, rule, stopped = np.random.default_rng(7), StopRule(gain=0.06, rounds=3), 0
    for _ in range(400):
        skill = np.clip(0.6 + 0.02 * np.arange(10), 0, 1)
        hard = chance.random(200)
        rights = [hard < share for share in skill]
        found = course(*rights)
        stopped += any(
            why_stop(Course(found.asked[: n + 1], found.measured[:n]), rule, 10_000, 10) == "gain" for n in range(4, 11)
        )
    # One of twenty, and what four standard errors of 400 loops allow; at the 95 % limits of one look it was 43 of 400.
    assert stopped / 400 < 0.05 + 4 * (0.05 * 0.95 / 400) ** 0.5


def test_what_was_written_twice_counts_once() -> None:
    one, again = Asked(0, "holdout", (1, 2)), Asked(0, "holdout", (3, 4))
    found = Course.of([one, Asked(1, "chance", (5,)), again, measured(1, [True]), measured(1, [False])])
    assert found.holdout == (1, 2)
    assert found.taught == (5,)
    assert found.measured[0].right == (True,)


@pytest.mark.parametrize("held", [20, 50, 100, 200])
def test_what_a_holdout_can_never_show_is_refused(held: int) -> None:
    with pytest.raises(SpecError, match="cannot be shown on"):
        StopRule(target=0.99).check(held, 10)
    with pytest.raises(SpecError, match="cannot be told from none on"):
        StopRule(gain=0.005).check(held, 10)
    StopRule(target=0.7, gain=0.2).check(held, 10)
