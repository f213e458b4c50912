"""Pipelines over runs on the simulated platform: results, where they are from, and going on after anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import DataError, RunBusy, RunError
from dataforge.pipelines.budget import shares
from dataforge.pipelines.journal import Entry, Journal
from dataforge.pipelines.run import PipelineRun
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker


class Kind(df.Choice):
    VEHICLE = "vehicle"
    PERSON = "person"


@df.task(duration="5s")
def kind_of(text: df.Text) -> Kind:
    """What is there?"""
    raise NotImplementedError


@df.task(duration="5s")
def is_big(text: df.Text, kind: Kind) -> bool:
    """Is it big?"""
    raise NotImplementedError


@df.pipeline
async def scenes(text: df.Text):
    """Say of each vehicle whether it is big, looked at twice."""
    kind = await kind_of(text)
    if kind.answer != Kind.VEHICLE:
        return None
    one, two = await asyncio.gather(is_big(text, kind.answer), is_big(f"{text} again", kind.answer))
    return {"big": one.answer, "again": two.answer}


POLICY = df.Policy(page=(5, 0), overlap=2, speed=())
POLICIES = {kind_of: POLICY, is_big: POLICY}
ITEMS = [{"id": 100 + number, "text": f"scene {number}"} for number in range(12)]


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    number = int(inputs["text"].split()[1])
    return {"answer": number % 4 == 1} if "kind" in inputs else {"answer": ("person", "vehicle")[number % 2]}


def platform() -> SimulatedPlatform:
    workers = [SimulatedWorker(f"w{n}", lambda inputs, truth, chance: dict(truth), arrives=0.0) for n in range(4)]
    return SimulatedPlatform(workers, truth, seed=1)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., PipelineRun]]:
    launched: list[PipelineRun] = []

    def start(items: Any = ITEMS, on: SimulatedPlatform | None = None, what: Any = scenes, **more: Any) -> PipelineRun:
        settings = {"policies": POLICIES, "name": "s", "workspace": tmp_path, "progress": False, **more}
        run: PipelineRun = what.launch(items, platform=on or platform(), **settings)
        launched.append(run)
        return run

    yield start
    for run in launched:
        run.close()


def answers(run: PipelineRun) -> int:
    """How many answers were paid."""
    return sum(int(stage.labels()["overlap"].sum()) for stage in run.stages.values())


def test_results_come_with_where_they_are_from_and_what_they_cost(launch: Callable[..., PipelineRun]) -> None:
    run = launch()
    status = run.wait(60)
    assert status.ended
    assert (status.done, status.failed, dict(status.waiting)) == (12, 0, {})
    labels = run.labels().set_index("id")
    assert labels.loc[[100, 101, 103], "big"].tolist() == [None, True, False]
    assert labels.loc[[100, 101, 103], "again"].tolist() == [None, True, False]
    assert set(run.stages) == {"kind_of", "is_big"}
    assert {name: len(stage.labels()) for name, stage in run.stages.items()} == {"kind_of": 12, "is_big": 12}
    lineage = run.lineage()
    assert lineage[lineage["id"] == 101][["place", "asked", "answer"]].to_numpy().tolist() == [
        ["1", "kind_of", "vehicle"],
        ["2", "is_big", True],
        ["3", "is_big", True],
    ]
    flow = run.flow().set_index(["from", "to"])["items"]
    assert (flow["items", "kind_of"], flow["kind_of", "is_big"], flow["kind_of", "results"]) == (12, 6, 6)
    cost = run.cost()
    assert cost.index.tolist() == list(run.stages)
    assert cost["paid"].sum() == pytest.approx(
        sum(float(stage.cost()["paid"].iloc[0]) for stage in run.stages.values())
    )


def test_the_confidence_of_a_result_is_that_all_its_answers_are_right(launch: Callable[..., PipelineRun]) -> None:
    control = [{"text": f"scene {number}", "answer": ("person", "vehicle")[number % 2]} for number in range(90, 98)]
    sure = df.Policy(page=(5, 1), overlap=2, speed=(), control_ratio=0)
    run = launch(policies={kind_of: sure, is_big: POLICY}, control={kind_of: control})
    run.wait(60)
    found = run.lineage().groupby("id")["confidence"].agg(lambda each: each.prod(skipna=False))
    labels = run.labels().set_index("id")
    assert labels["confidence"].dropna().to_dict() == pytest.approx(found.dropna().to_dict())
    assert labels["confidence"].notna().sum() >= 6


def test_launched_again_it_goes_on_and_comes_to_the_same_without_paying_twice(
    launch: Callable[..., PipelineRun],
) -> None:
    undisturbed = launch(name="other")
    undisturbed.wait(60)
    on = platform()
    launch(on=on).close()
    run = launch(None, on=on)
    assert run.wait(60).ended
    # How sure an answer is hangs on what else was known when it became final.
    assert run.labels().drop(columns="confidence").equals(undisturbed.labels().drop(columns="confidence"))
    assert answers(run) == answers(undisturbed)
    asked = ["id", "place", "asked", "answer"]
    assert run.lineage()[asked].equals(undisturbed.lineage()[asked])


class Killed(BaseException):
    """As good as a kill: nothing of the process goes on."""


@pytest.mark.parametrize("moment", range(1, 9))
@pytest.mark.parametrize("before", [True, False], ids=["before it is written", "before it is asked"])
def test_killed_at_any_write_it_asks_nothing_twice(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch, moment: int, before: bool
) -> None:
    on, writes, write = platform(), 0, Journal.write

    def fatal(self: Journal, entries: list[Entry]) -> None:
        nonlocal writes
        writes += bool(entries)
        if writes >= moment:
            if not before:
                write(self, entries)
            raise Killed
        write(self, entries)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "write", fatal)
        killed = launch(on=on)
        with suppress(Killed):
            killed.wait(60)
        killed.close()
    run = launch(None, on=on)
    assert run.wait(60).ended
    labels = run.labels().set_index("id")
    assert labels["big"].tolist() == [None if n % 2 == 0 else n % 4 == 1 for n in range(12)]
    assert {name: len(stage.labels()) for name, stage in run.stages.items()} == {"kind_of": 12, "is_big": 12}
    # Two answers to each of 24 questions, whatever happened.
    assert answers(run) == 48


def test_half_a_line_that_a_crash_left_is_cut_off(launch: Callable[..., PipelineRun], tmp_path: Path) -> None:
    on = platform()
    launch(on=on).close()
    journal = tmp_path / "pipelines" / "s" / "journal.jsonl"
    with journal.open("ab") as file:
        file.write(b'{"type":"call","item":3,"pla')
    run = launch(None, on=on)
    assert run.wait(60).done == 12
    run.close()
    assert launch(None, on=on).wait(60).done == 12


def test_a_damaged_line_is_told_of_with_its_number(launch: Callable[..., PipelineRun], tmp_path: Path) -> None:
    on = platform()
    run = launch(on=on)
    run.wait(60)
    run.close()
    journal = tmp_path / "pipelines" / "s" / "journal.jsonl"
    journal.write_bytes(b"nonsense\n" + journal.read_bytes())
    with pytest.raises(RunError, match=r"journal.jsonl: line 1 is damaged"):
        launch(None, on=on)


def test_a_question_that_does_not_fit_is_the_error_of_its_item(launch: Callable[..., PipelineRun]) -> None:
    @df.pipeline
    async def wrong(text: df.Text):
        kind = "boat" if text.endswith("7") else "vehicle"
        return (await is_big(text, kind)).answer

    run = launch(what=wrong)
    status = run.wait(60)
    assert (status.done, status.failed) == (12, 1)
    [error] = [error for error in run.labels()["error"] if error]
    assert "'boat'" in error


def test_other_items_another_function_and_a_second_player_are_refused(launch: Callable[..., PipelineRun]) -> None:
    @df.pipeline
    async def others(text: df.Text):
        return (await kind_of(text)).answer

    on = platform()
    run = launch(on=on)
    with pytest.raises(RunBusy, match="'s' is played by another process"):
        launch(on=on)
    run.close()
    with pytest.raises(RunError, match="there already with 12 other items"):
        launch(ITEMS[:3], on=on)
    with pytest.raises(RunError, match="plays 'scenes', not 'others'"):
        launch(None, on=on, what=others)
    with pytest.raises(DataError, match="column 'text'"):
        launch([{"id": 1}], on=on, name="new")


def test_two_tasks_of_one_name_are_told_of(launch: Callable[..., PipelineRun]) -> None:
    @df.task(id="kind_of", duration="5s")
    def same(text: df.Text) -> bool:
        """Something else?"""
        raise NotImplementedError

    @df.pipeline
    async def twice(text: df.Text):
        return [(await kind_of(text)).answer, (await same(text)).answer]

    with pytest.raises(df.SpecError, match="two tasks of the pipeline are called 'kind_of'"):
        launch(what=twice).wait(60)


def test_what_a_run_that_ended_too_early_left_open_is_waited_for_and_told_of(
    launch: Callable[..., PipelineRun],
) -> None:
    poor = df.Policy(page=(5, 0), overlap=1, speed=(), budget=0.03)
    vehicles = [{"id": number, "text": f"scene {2 * number + 1}"} for number in range(40)]
    run = launch(vehicles, policies={kind_of: POLICY, is_big: poor})
    for _ in range(200):
        if "is_big" in (status := run.wait(0.3)).stuck:
            break
    assert "budget" in status.stuck["is_big"]
    assert not status.ended
    # Of those that are done all answers are there.
    done = run.labels().reindex(columns=["big", "again"]).dropna(subset=["big"])
    assert len(done) == status.done < 40
    assert done["again"].notna().all()
    run.stages["is_big"].change(budget=5.0)
    assert run.wait(60).ended
    assert run.labels()[["big", "again"]].notna().all(axis=None)


def test_all_runs_together_keep_to_the_budget_and_go_on_with_a_larger_one(launch: Callable[..., PipelineRun]) -> None:
    vehicles = [{"id": number, "text": f"scene {2 * number + 1}"} for number in range(60)]
    on, one = platform(), df.Policy(page=(5, 0), overlap=1, speed=())
    poor = {"policies": {kind_of: one, is_big: one}, "on": on}
    run = launch(vehicles, budget=0.2, **poor)
    for _ in range(100):
        status = run.wait(0.3)
        assert run.cost()[["paid", "pending"]].sum().sum() <= 0.2
        # What is left is less than a page in each of the two.
        if status.stuck and 0.2 - run.cost()["paid"].sum() < 2 * 0.007:
            break
    else:
        pytest.fail(f"{run.cost()} {status}")
    assert 0 < status.done < 60
    run.close()
    run = launch(vehicles, budget=5.0, **poor)
    assert run.wait(60).ended
    assert run.cost()["paid"].sum() == pytest.approx(0.007 * (60 + 120) / 5)


def test_a_budget_is_parted_evenly_where_questions_wait_and_never_exceeded() -> None:
    assert shares(1.0, {"a": 0.2, "b": 0.1}, {"a", "b"}) == pytest.approx({"a": 0.55, "b": 0.45})
    assert shares(1.0, {"a": 0.2, "b": 0.1}, {"b"}) == pytest.approx({"a": 0.2, "b": 0.8})
    assert shares(0.2, {"a": 0.2, "b": 0.1}, {"b"}) == {"a": 0.2, "b": 0.1}
    assert sum(shares(1.0, dict.fromkeys("abc", 0.1), set("abc")).values()) <= 1.0
