"""What a run makes of a page that was accepted on appeal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.runs.conftest import LABELS, control_rows, crowd

import dataforge as df
from dataforge.corrections import Upheld
from dataforge.platforms.simulated import SimulatedWorker
from dataforge.policy import ControlRule
from dataforge.runs.core.appeal_texts import MOST_LOST
from dataforge.runs.handle.holding.by_hand import take_in

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]
GOOD = {"skips": None, "reports": None, "speed": ()}


def wrong_at_control(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: Any) -> dict[str, str]:
    answer = truth["answer"]
    if inputs["caption"].startswith("control"):
        answer = LABELS[(LABELS.index(answer) + 1) % 3]
    return {"answer": answer}


def rejected(run: df.Run) -> list[str]:
    responses = run.responses()
    return list(dict.fromkeys(responses.loc[~responses["accepted"], "page"]))


def test_a_control_item_that_is_missed_on_three_upheld_pages_is_named_until_it_is_corrected(
    start: Start, finish: Finish
) -> None:
    known = [*control_rows(3), {"caption": "control 10", "answer": "dog"}]
    run = start(items=12, known=known, workers=crowd(4, arrives=0.0), page=(4, 4), overlap=3, prompt=True, **GOOD)
    while len(pages := rejected(run)) < MOST_LOST:
        run.wait(1, progress=False)
    assert len(pages) >= MOST_LOST
    for number, page in enumerate(pages[:MOST_LOST], 1):
        assert not any("probably wrong" in notice["en"] for notice in run.notices)
        take_in(run._held, Upheld(page), Upheld(page))
        assert run.control().set_index("caption").loc["control 10", "appeals"] == number, "twice is once"
    named = [notice["en"] for notice in run.notices if "probably wrong" in notice["en"]]
    assert len(named) == 1
    key = run.control().set_index("caption").loc["control 10", "id"]
    assert str(key) in named[0]
    run.correct(key, "cat")
    assert not any("probably wrong" in notice["en"] for notice in run.notices)
    finish(run)
    assert run.responses()["accepted"].all()


def test_who_was_kept_out_for_control_items_of_upheld_pages_only_may_go_on(start: Start, finish: Finish) -> None:
    unlucky = SimulatedWorker("unlucky", wrong_at_control, arrives=0.0)
    run = start(
        items=30,
        controls=9,
        workers=[unlucky, *crowd(3, arrives=0.0)],
        control=ControlRule(hard_restrict="8h"),
        prompt=True,
        **GOOD,
    )
    finish(run)
    workers = run.workers().set_index("worker")
    assert workers.loc["unlucky", "restricted"]
    before = workers.loc["unlucky", ["control_correct", "control_total"]].tolist()
    take_in(run._held, *(Upheld(page) for page in rejected(run)))
    finish(run)
    workers = run.workers().set_index("worker")
    assert not workers.loc["unlucky", "restricted"]
    assert workers.loc["unlucky", ["control_correct", "control_total"]].tolist() == before, "what is measured stays"


def test_a_page_that_the_run_never_gave_changes_nothing(start: Start, finish: Finish) -> None:
    run = start(items=12, controls=3, workers=crowd(4, arrives=0.0), **GOOD)
    finish(run)
    before = run.labels()
    take_in(run._held, Upheld("00" * 16))
    finish(run)
    assert run.labels().equals(before)


def test_who_was_kept_out_for_the_speed_of_an_upheld_page_may_go_on(start: Start, finish: Finish) -> None:
    hasty = SimulatedWorker("hasty", lambda inputs, truth, chance: dict(truth), arrives=0.0, seconds=0.2)
    policy = {**GOOD, "speed": df.Policy().speed}
    run = start(items=30, controls=0, workers=[hasty, *crowd(3, arrives=0.0)], prompt=True, **policy)
    finish(run)
    state = run._held.fresh().state
    record = state.workers[state.number_of("hasty")]
    assert "looking at it takes at least" in record.restriction["en"]
    take_in(run._held, *(Upheld(page) for page in rejected(run)))
    finish(run)
    assert not run.workers().set_index("worker").loc["hasty", "restricted"]


@pytest.mark.parametrize("page", ["beef", "", "zz"])
def test_names_that_are_no_pages_are_passed_over(start: Start, finish: Finish, page: str) -> None:
    run = start(items=4, controls=0, workers=crowd(3, arrives=0.0), **GOOD)
    finish(run)
    take_in(run._held, Upheld(page))
    assert finish(run).stage == "done"
