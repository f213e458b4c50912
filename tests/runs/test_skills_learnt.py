"""What control items of a run show of its workers is a skill for runs to come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Learn
from dataforge.runs.core.log import Ordered, read_entries


@df.task(duration="10s")
def is_even(number: df.Text) -> bool:
    """Is this number even?"""
    raise NotImplementedError


def truth(inputs: Any) -> dict[str, bool]:
    return {"answer": int(inputs["number"]) % 2 == 0}


def rows(start: int, count: int, *, known: bool = False) -> list[dict[str, Any]]:
    numbers = range(start, start + count)
    return [{"number": str(n), **({"answer": n % 2 == 0} if known else {})} for n in numbers]


@pytest.fixture
def platform() -> SimulatedPlatform:
    """Somebody who is always right, somebody who never is, and somebody who comes to the second run only."""
    shares = {"Ann": 1.0, "Bob": 0.0}
    people = [SimulatedWorker(name, right_with(share, {"answer": [True, False]})) for name, share in shares.items()]
    return SimulatedPlatform(people, truth=truth)


def launch(platform: SimulatedPlatform, folder: Path, name: str, **asked: Any) -> df.Run:
    start = 0 if name == "first" else 1_000
    policy = df.Policy(overlap=1, page=(4, 2), control=None, speed=(), **asked)
    return df.launch(
        is_even,
        items=rows(start, 80),
        control=rows(start + 500, 40, known=True),
        policy=policy,
        name=name,
        platform=platform,
        workspace=folder,
        progress=False,
    )


def told(run: df.Run, folder: Path) -> list[Learn]:
    entries = [entry for entry, _ in read_entries(folder / "runs" / run.name / "log.jsonl")]
    return [entry.order for entry in entries if isinstance(entry, Ordered) and isinstance(entry.order, Learn)]


def test_who_answered_control_items_of_one_run_well_is_let_into_the_next(
    platform: SimulatedPlatform, tmp_path: Path
) -> None:
    first = launch(platform, tmp_path, "first")
    first.wait(progress=False)
    shown = {row["name"]: (row["control_correct"], row["control_total"]) for row in first.workers().to_dict("records")}
    assert shown["Ann"][0] == shown["Ann"][1] >= 10
    assert shown["Bob"][0] == 0
    second = launch(platform, tmp_path, "second", workers=df.Workers(skills={"control:is_even": 60}))
    assert second.filters().by_filter == {"skill control:is_even": 1}
    second.wait(progress=False)
    assert list(second.workers()["name"]) == ["Ann"]


def test_the_platform_hears_of_each_worker_a_few_times_and_in_the_end_all(
    platform: SimulatedPlatform, tmp_path: Path
) -> None:
    run = launch(platform, tmp_path, "first")
    run.wait(progress=False)
    orders = told(run, tmp_path)
    of_ann = [order.controls["Ann"] for order in orders if "Ann" in order.controls]
    pages = run.workers().set_index("name").loc["Ann", "pages"]
    assert len(of_ann) == len(set(of_ann)) < pages, "not with each page, and nothing twice"
    assert of_ann[0][1] >= 10
    last = run.workers().set_index("name").loc["Ann"]
    assert of_ann[-1] == (last["control_correct"], last["control_total"])
    assert {order.skill for order in orders} == {"control:is_even"}
    assert len({order.key for order in orders}) == len(orders)


def test_a_control_item_that_was_none_counts_no_more_after_the_end_either(
    platform: SimulatedPlatform, tmp_path: Path
) -> None:
    run = launch(platform, tmp_path, "first")
    run.wait(progress=False)
    before = len(told(run, tmp_path))
    answered = run.responses().query("control")
    run.withdraw(answered["id"].iloc[0])
    run.wait(progress=False)
    [order] = told(run, tmp_path)[before:]
    totals = run.workers().set_index("name")["control_total"]
    assert {worker: total for worker, (_, total) in order.controls.items()} == {
        worker: totals[worker] for worker in order.controls
    }
