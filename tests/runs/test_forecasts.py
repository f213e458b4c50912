"""What a run says of its cost and its end while it goes on."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.runs.conftest import crowd

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform

Start = Callable[..., df.Run]
# A page of four items costs a tenth.
PAID: dict[str, Any] = {"page_price": 0.1, "speed": (), "skips": None, "controls": 0}


def test_before_the_first_answer_a_run_of_fixed_overlap_knows_its_cost_and_not_its_end(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), **PAID)
    status = run.status()
    # Sixteen items of two answers, four on a page.
    assert status.expected_cost == pytest.approx(0.8)
    assert status.cost_range == (pytest.approx(0.8), pytest.approx(0.8))
    assert status.ends is None
    assert status.forecast == "will cost about 0.80 USD; too few answers came in the last hour to say when it ends"


def test_an_end_that_has_passed_is_not_told_as_one_to_come(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), **PAID)
    late, to_come = (replace(run.status(), ends=time.time() + seconds).forecast for seconds in (-60, 600))
    assert late.endswith("; it was to be over by now, and goes slower than in the last hour of answers")
    assert "; ends about 20" in to_come


def test_a_budget_bounds_what_a_run_may_cost(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), budget=0.5, **PAID)
    assert run.status().cost_range == (pytest.approx(0.5), pytest.approx(0.5))


def test_a_run_that_has_ended_foresees_nothing(start: Start, finish: Callable[[df.Run], Any]) -> None:
    run = start(items=8, workers=crowd(3, arrives=0.0), **PAID)
    status = finish(run)
    assert (status.expected_cost, status.cost_range, status.ends, status.forecast) == (None, None, None, "")
