"""Which items somebody trusted judges: drawn by chance, more of them where the run is in doubt, never one twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataforge.runs.core.drawing import draw, lots, parts_of


def none(count: int) -> np.ndarray:
    return np.zeros(count, bool)


def test_confidences_are_parted_by_how_sure_they_are_and_answers_without_one_stand_apart() -> None:
    assert parts_of(np.array([0.3, 0.6, 0.95, 1.0, np.nan])).tolist() == [0, 1, 5, 6, 7]


def test_more_are_drawn_where_rightness_spreads_more() -> None:
    # Neyman (1934): as many of each part as its size times its spread says; sqrt(.5 * .5) is 2.29 * sqrt(.95 * .05).
    sure = np.repeat([0.5, 0.94999], 1000)
    chosen, chances = draw(sure, none(2000), lots("run", 2000), 100)
    doubtful = int((chosen < 1000).sum())
    assert (len(chosen), doubtful) == (100, 70)
    assert chances[0] == pytest.approx(0.07)
    assert chances[-1] == pytest.approx(0.03)


def test_of_each_part_at_least_one_item_is_looked_at() -> None:
    sure = np.array([0.5] * 96 + [0.65, 0.75, 0.99, np.nan])
    chosen, _ = draw(sure, none(100), lots("run", 100), 5)
    assert {96, 97, 98, 99} < set(chosen.tolist())


def test_a_second_draw_goes_on_where_the_first_has_ended() -> None:
    sure, lot = np.repeat([0.5, 0.9], 50), lots("run", 100)
    first, _ = draw(sure, none(100), lot, 10)
    drawn = none(100)
    drawn[first] = True
    second, chances = draw(sure, drawn, lot, 10)
    at_once, same = draw(sure, none(100), lot, 20)
    assert not set(first) & set(second)
    assert {*first, *second} == set(at_once)
    assert chances.tolist() == same.tolist()


def test_who_asks_twice_without_noting_the_first_draw_gets_the_same_items() -> None:
    sure = np.full(40, 0.8)
    one, same, other = (draw(sure, none(40), lots(run, 40), 7)[0].tolist() for run in ("run", "run", "other"))
    assert one == same
    assert one != other


def test_items_that_come_later_leave_the_others_their_lots() -> None:
    assert lots("run", 10).tolist() == lots("run", 1000)[:10].tolist()


def test_weights_by_the_noted_probabilities_give_back_what_holds_of_all() -> None:
    """The mean over many runs of the weighted share is the share among all items (Horvitz and Thompson, 1952)."""
    rng = np.random.default_rng(3)
    sure = rng.choice([0.55, 0.75, 0.97], 600)
    right = rng.random(600) < sure - 0.05
    found = []
    for seed in range(400):
        chosen, chances = draw(sure, none(600), lots(str(seed), 600), 60)
        found.append((right[chosen] / chances[chosen]).sum() / 600)
    assert np.mean(found) == pytest.approx(right.mean(), abs=0.01)
    # Plain sampling of 60 would spread by sqrt(p (1 - p) / 60).
    assert np.std(found) < np.sqrt(right.mean() * (1 - right.mean()) / 60)


@given(
    sure=st.lists(st.one_of(st.floats(0, 1), st.just(np.nan)), max_size=30),
    count=st.integers(0, 40),
    seed=st.text(max_size=3),
)
def test_whatever_is_there_as_many_are_drawn_as_can_be_with_probabilities_from_0_to_1(
    sure: list[float], count: int, seed: str
) -> None:
    confidence = np.array(sure, float)
    chosen, chances = draw(confidence, none(len(sure)), lots(seed, len(sure)), count)
    assert len(set(chosen.tolist())) == len(chosen) == min(count, len(sure))
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (chances[chosen] > 0).all()
