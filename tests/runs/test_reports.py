"""Who reports everything is not paid for it and takes nothing out; who reports what others report loses nothing."""

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from tests.runs.conftest import right

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.records import ItemQuality, Snapshot

LABELS = ("dog", "cat", "other")
Start = Callable[..., df.Run]


def reports(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: Any) -> Any:
    return "broken"


def honest(*broken: str) -> Callable[..., Any]:
    """Reports what does not open, and is right about the rest."""

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: Any) -> Any:
        return "broken" if inputs["caption"] in broken else truth

    return answer


def until(run: df.Run, *stages: str) -> None:
    while run.status().stage not in stages:
        threading.Event().wait(0.02)


@pytest.mark.parametrize(("overlap", "bots"), [(1, 1), (1, 2), (3, 2)])
def test_who_reports_everything_is_paid_nothing_and_takes_nothing_out(start: Start, overlap: int, bots: int) -> None:
    run = start(
        items=24,
        controls=9,
        workers=[SimulatedWorker(f"bot{n}", reports) for n in range(bots)],
        overlap=overlap,
        speed=(),
    )
    until(run, "stalled", "done")
    workers = run.workers()
    assert workers["earned"].sum() == 0
    assert workers["pages_accepted"].sum() == 0
    assert set(run.labels()["flag"]) == {"no_answers"}
    run.close()


def test_items_that_two_checked_workers_report_are_taken_out_and_cost_them_nothing(start: Start, finish: Any) -> None:
    broken = [f"animal {n}" for n in range(0, 24, 3)]
    run = start(items=24, controls=9, workers=[SimulatedWorker(f"w{n}", honest(*broken)) for n in range(4)])
    assert finish(run).stage == "done"
    labels = run.labels().set_index("caption")
    assert (labels.loc[broken, "flag"] == "reported").all()
    assert (labels.drop(index=broken)["flag"] == "").all()
    assert run.workers()["pages_rejected"].sum() == 0
    assert not run.workers()["restricted"].any()


def test_a_control_item_that_does_not_open_costs_nobody_a_page_and_is_withdrawn(start: Start, finish: Any) -> None:
    broken = ["control 0", "control 4"]
    workers = [SimulatedWorker(f"w{n}", honest(*broken)) for n in range(6)]
    run = start(items=60, controls=9, workers=workers, overlap=3, prompt=True)
    assert finish(run).stage == "done"
    controls = run.labels(control=True).set_index("caption").query("control")
    assert controls["flag"].to_dict() == {
        name: "reported" if name in broken else "no_answers" for name in controls.index
    }
    assert run.workers()["pages_rejected"].sum() == 0
    assert not run.workers()["restricted"].any()
    # All pages are paid, also those that were rejected at first.
    assert run.responses()["accepted"].all()
    assert any("Control items that several" in notice["en"] for notice in run.status().notices)


class Remembering(SimulatedPlatform):
    """Remembers what the run told of each item last."""

    told: Mapping[str, ItemQuality] = MappingProxyType({})

    def show(self, run: str, snapshot: Snapshot) -> None:
        self.told = {**self.told, **{item.key: item for item in snapshot.items}}
        super().show(run, snapshot)


def test_the_pages_hear_of_an_item_that_has_only_reports_while_the_run_goes_on(start: Start) -> None:
    platform = Remembering([SimulatedWorker(f"w{n}", honest("animal 3")) for n in range(2)], right, seed=1)
    run = start(items=6, controls=0, platform=platform, overlap=3, reports=None)
    until(run, "stalled")
    for _ in range(500):
        if "3" not in platform.told:
            threading.Event().wait(0.02)
    assert (platform.told["3"].reported, platform.told["3"].flag) == (2, "reported")


def test_the_pages_hear_how_often_an_item_was_reported_also_if_it_was_answered_then(start: Start, finish: Any) -> None:
    workers = [
        SimulatedWorker("w0", honest("animal 3")),
        SimulatedWorker("w1", honest()),
        SimulatedWorker("w2", honest()),
    ]
    platform = Remembering(workers, right, seed=1)
    run = start(items=6, controls=0, platform=platform, overlap=3, reports=None)
    assert finish(run).stage == "done"
    run.close()
    assert {key: item.reported for key, item in platform.told.items()} == {str(n): int(n == 3) for n in range(6)}
    assert platform.told["3"].flag == ""
