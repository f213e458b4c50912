"""Cuboids against true ones: which were found, and how far off they are."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dataforge.errors import SpecError
from dataforge.metrics import match_cuboids


def car(x: float, *, heading: float = 0.0, label: str = "car", y: float = 0.0) -> dict[str, Any]:
    return {"label": label, "centre": [x, y, 0], "size": [4, 2, 2], "heading": heading}


def test_what_was_found_what_is_true_and_how_much_of_it_by_hand() -> None:
    # Half a metre of four off: 3.5 of 4.5 in common.
    match = match_cuboids([car(0.5), car(40), car(80)], [car(0), car(41), car(60), car(90)])
    assert match.recall == pytest.approx(2 / 4)
    assert match.precision == pytest.approx(2 / 3)
    assert match.iou == pytest.approx((3.5 / 4.5 + 3 / 5) / 2)
    assert match.distance == pytest.approx(0.75)
    assert match.heading == 0


def test_a_label_has_to_be_the_same_and_a_heading_is_off_by_half_a_turn_at_most() -> None:
    assert match_cuboids([car(0, label="bus")], [car(0)]).recall == 0
    match = match_cuboids([car(0, heading=3.1)], [car(0, heading=-3.1)])
    assert match.heading == pytest.approx(2 * math.pi - 6.2)
    assert match_cuboids([car(0, heading=math.pi)], [car(0)]).heading == pytest.approx(math.pi)


def test_the_bound_decides_which_pairs_count_and_one_is_matched_once() -> None:
    assert match_cuboids([car(1)], [car(0)], least=0.6).recall == 1
    assert match_cuboids([car(1)], [car(0)], least=0.61).recall == 0
    assert match_cuboids([car(0), car(0.1)], [car(0)]).precision == 0.5


def test_where_there_is_nothing_there_is_no_mean() -> None:
    match = match_cuboids([], [car(0)])
    assert match.recall == 0
    assert all(map(math.isnan, (match.precision, match.iou, match.distance, match.heading)))
    assert math.isnan(match_cuboids([], []).recall)
    with pytest.raises(SpecError, match="least: expected"):
        match_cuboids([], [], least=0)
