"""Pipelines over runs on the simulated platform: results, where they are from, and going on after anything."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.pipelines.conftest import ITEMS, POLICY, Kind, is_big, kind_of, platform
from typer.testing import CliRunner

import dataforge as df
from dataforge.cli import app
from dataforge.errors import DataError, RunBusy, RunError
from dataforge.pipelines.journal import Call, Entry, Journal, Step
from dataforge.pipelines.player import Asked
from dataforge.pipelines.run import PipelineRun
from dataforge.pipelines.stages import Stages


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
    card = run._repr_html_()
    assert "12 of 12 items" in card
    assert "kind_of → is_big" in card
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
    # How sure an answer is hangs on what else was known when it became final, and so does its flag.
    came, same = (one.labels().drop(columns=["confidence", "flag"]) for one in (run, undisturbed))
    assert came.equals(same)
    assert answers(run) == answers(undisturbed)
    asked = ["id", "place", "asked", "answer"]
    assert run.lineage()[asked].equals(undisturbed.lineage()[asked])


class Killed(BaseException):
    """As good as a kill: nothing of the process goes on."""


@pytest.mark.trials
@pytest.mark.parametrize(
    "moment", [pytest.param(n, marks=() if n % 3 == 1 else pytest.mark.thorough) for n in range(1, 9)]
)
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


def test_every_question_is_in_the_journal_before_it_is_asked(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ask = Stages.ask
    early: set[str] = set()
    asked: set[str] = set()

    def witnessed(self: Stages, questions: Sequence[Asked]) -> Any:
        entries = [entry for path in tmp_path.rglob("journal.jsonl") for entry in Journal(path).read()]
        calls = [entry for entry in entries if isinstance(entry, Call)]
        written = {f"{ITEMS[call.item]['id']}/{call.place}" for call in calls}
        asked.update(question.key for question in questions)
        early.update(asked - written)
        return ask(self, questions)

    monkeypatch.setattr(Stages, "ask", witnessed)
    assert launch().wait(60).ended
    assert (len(asked), early) == (24, set())


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


def test_what_a_full_disk_took_half_of_is_not_there_and_the_next_entry_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, write = Journal(tmp_path / "journal.jsonl"), os.write
    one, two = (Step(0, place, msgspec.Raw(b"1")) for place in ("a", "b"))
    journal.write([one])

    def full(file: int, data: memoryview) -> int:
        if len(data) < 30:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[: len(data) - 9])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            journal.write([two, two])
    journal.write([two])
    journal.close()
    assert list(Journal(tmp_path / "journal.jsonl").read()) == [one, two]


@pytest.mark.parametrize("name", ["pipeline.json", "journal.jsonl"])
def test_a_folder_in_the_place_of_a_file_is_told_of_and_hides_no_other_pipeline(
    launch: Callable[..., PipelineRun], tmp_path: Path, name: str
) -> None:
    run = launch()
    run.wait(60)
    run.close()
    file = tmp_path / "pipelines" / "s" / name
    file.unlink()
    file.mkdir()
    with pytest.raises(RunError, match=rf"{name}: .*take the folder back from a copy"):
        launch(None)
    told = CliRunner().invoke(app(), ["pipelines", "--workspace", str(tmp_path)])
    assert told.exit_code == 0
    assert "take the folder back from a copy" in " ".join(told.output.split())


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


def test_a_task_whose_control_items_say_how_long_it_takes_goes_on_when_launched_again(
    launch: Callable[..., PipelineRun],
) -> None:
    @df.task
    def long_one(text: df.Text) -> Kind:
        """What is told of?"""
        raise NotImplementedError

    @df.pipeline
    async def told(text: df.Text):
        return (await long_one(text)).answer

    known = [{"text": f"scene {n}{' word' * 900}", "answer": ("person", "vehicle")[n % 2]} for n in range(90, 98)]
    sure = df.Policy(page=(5, 1), overlap=2, speed=(), control_ratio=0)
    given: dict[str, Any] = {"what": told, "policies": {long_one: sure}, "control": {long_one: known}, "on": platform()}
    run = launch(**given)
    assert run.wait(60).ended
    run.close()
    again = launch(None, **given)
    assert again.wait(60).ended
    assert again.stages["long_one"]._held.description.task().duration > 100


def test_an_answer_that_is_corrected_later_leaves_the_function_with_the_one_it_went_on_from(
    launch: Callable[..., PipelineRun],
) -> None:
    gate: list[str] = []

    @df.step
    def past(text: str) -> str:
        if not gate:
            raise OSError("not yet")
        return text

    @df.pipeline
    async def gated(text: df.Text):
        kind = await kind_of(text)
        await past(f"{text} {kind.answer}")
        return kind.answer

    on = platform()
    run = launch(on=on, what=gated)
    assert run.wait(60).failed == 12
    kinds = run.stages["kind_of"]
    with pytest.raises(df.DataForgeError, match=r"asked the task 'nope' yet; those asked by now: .*'kind_of'"):
        run.stages["nope"]
    [key] = kinds.labels().query("text == 'scene 3'")["place"]
    kinds.correct(key, "person")
    run.close()
    gate.append("open")
    # What failed is played again, and asks the step what it asked before.
    again = launch(None, on=on, what=gated)
    status = again.wait(60)
    assert (status.done, status.failed) == (12, 0)
    assert again.labels().set_index("text").loc["scene 3", "result"] == "vehicle"


def test_slow_steps_hold_up_neither_the_journal_nor_the_questions_of_others(
    launch: Callable[..., PipelineRun],
) -> None:
    go, many = threading.Event(), 200

    @df.step
    def slow(text: str) -> str:
        number = int(text.split()[1])
        assert number < 2 or go.wait(60)
        return text

    @df.pipeline
    async def stepped(text: df.Text):
        return (await kind_of(await slow(text))).answer

    try:
        run = launch([{"id": number, "text": f"scene {number}"} for number in range(many)], what=stepped)
        for _ in range(600):
            if (status := run.wait(0.1)).done:
                break
        assert status.done == 2
    finally:
        go.set()
    assert run.wait(60).done == many


def test_names_of_the_function_s_that_are_the_table_s_are_set_apart(launch: Callable[..., PipelineRun]) -> None:
    @df.pipeline
    async def odd(text: df.Text):
        kind = await kind_of(text)
        return {"id": "theirs", "confidence": "high", "error": "none", "kind": kind.answer}

    run = launch(what=odd)
    run.wait(60)
    row = run.labels().set_index("id").loc[101]
    assert row[["id_given", "confidence_given", "error_given", "kind"]].tolist() == [
        "theirs",
        "high",
        "none",
        "vehicle",
    ]
    assert 0 < row["confidence"] < 1
    assert row["error"] == ""


def test_how_it_stands_can_be_asked_while_it_is_played(launch: Callable[..., PipelineRun]) -> None:
    before, one = sys.getswitchinterval(), df.Policy(page=(20, 0), overlap=1, speed=())
    sys.setswitchinterval(1e-5)
    try:
        run = launch(
            [{"id": n, "text": f"scene {n}"} for n in range(2_000)], policies=dict.fromkeys([kind_of, is_big], one)
        )
        while not (run.status().ended or run.wait(0).ended):
            run.flow()
    finally:
        sys.setswitchinterval(before)
