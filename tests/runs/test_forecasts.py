"""What a run says of its cost and its end while it goes on."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.runs.conftest import Animal, animal, control_rows, crowd, rows
from typer.testing import CliRunner

import dataforge as df
from dataforge.catalogue import Said
from dataforge.cli import app
from dataforge.cli.status import _rehearse
from dataforge.data.reading import gather_items
from dataforge.errors import RunEnded
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.pricing.amounts import money
from dataforge.pricing.price import plan
from dataforge.runs.core.crowd import BEFOREHAND
from dataforge.runs.driving.foresight import foresee
from dataforge.runs.handle import foretold as foretelling
from dataforge.runs.handle import launch as launching
from dataforge.runs.handle.announce import announcement

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
    assert status.forecast == "will cost about $0.80; too few answers came in the last hour to say when it ends"


class Animals(NamedTuple):
    in_front: Animal
    behind: Animal


@df.task(duration="10s")
def two_animals(caption: df.Text) -> Animals:
    """Which animals?"""
    raise NotImplementedError


@pytest.mark.parametrize("page", [(6, 3), (6, 4)])
def test_as_many_pages_of_careful_people_are_rejected_as_the_plan_says(tmp_path: Path, page: tuple[int, int]) -> None:
    def careful(_: Any, right: dict[str, Any], rng: random.Random) -> dict[str, Any]:
        return {name: value if rng.random() < 0.95 else "other" for name, value in right.items()}

    def truth(item: Any) -> dict[str, Any]:
        place = int(item["caption"].split()[-1])
        return {"in_front": ("cat", "dog")[place % 2], "behind": ("cat", "dog")[place // 2 % 2]}

    def given(name: str, count: int, known: bool = False) -> list[dict[str, Any]]:
        found = [{"caption": f"{name} {place}"} for place in range(count)]
        return [{**row, **truth(row)} for row in found] if known else found

    people = SimulatedPlatform([SimulatedWorker(f"w{n}", careful) for n in range(12)], truth, seed=3)
    policy = df.Policy(page=page, overlap=4, speed=(), control=None)
    at: dict[str, Any] = {"platform": people, "workspace": tmp_path, "progress": False}
    # There are enough of them for every page.
    known = given("known", 480, known=True)
    with df.launch(two_animals, given("real", 480), known, policy, name="careful", **at) as run:
        run.wait("2m", progress=False)
        workers = run.workers()
    told = plan(two_animals, policy, gather_items(two_animals, given("real", 480), known))
    rejected, pages = workers["pages_rejected"].sum(), workers[["pages_accepted", "pages_rejected"]].to_numpy().sum()
    assert pages >= 320
    # Of so many pages two standard deviations are five in a hundred.
    assert rejected / pages == pytest.approx(told.careful_rejected, abs=0.05)


def test_an_end_that_has_passed_is_not_told_as_one_to_come(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), **PAID)
    here = replace(run.status(), clock=None)
    late, to_come = (replace(here, ends=time.time() + seconds).forecast for seconds in (-60, 600))
    assert late.endswith("; it was to be over by now, and goes slower than in the last hour of answers")
    assert "; ends about 20" in to_come


def test_on_a_simulated_platform_an_end_is_late_by_its_own_clock(start: Start) -> None:
    platform = SimulatedPlatform()
    status = start(items=16, platform=platform, **PAID).status()
    assert status.clock == platform.now() < time.time() - 3_600
    late, to_come = (replace(status, ends=platform.now() + seconds).forecast for seconds in (-60, 600))
    assert late.endswith("; it was to be over by now, and goes slower than in the last hour of answers")
    assert "; ends about 20" in to_come


def test_a_budget_bounds_what_a_run_may_cost(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), budget=0.5, **PAID)
    assert run.status().cost_range == (pytest.approx(0.5), pytest.approx(0.5))


def test_a_run_that_has_ended_foresees_nothing(start: Start, finish: Callable[[df.Run], Any]) -> None:
    run = start(items=8, workers=crowd(3, arrives=0.0), **PAID)
    status = finish(run)
    assert (status.expected_cost, status.cost_range, status.ends, status.forecast) == (None, None, None, "")


def test_a_run_that_ends_while_it_is_rehearsed_says_that_it_has_ended(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(items=8, platform=SimulatedPlatform(), **PAID)

    def meanwhile(view: Any, runs: int, seed: int) -> None:
        run.stop()
        run.wait("1m", progress=False)

    monkeypatch.setattr(foretelling, "foresee", meanwhile)
    with pytest.raises(RunEnded, match="has ended"):
        run.forecast()


def test_what_answers_can_be_trusted_to_prints_in_one_language(start: Start) -> None:
    status = start(items=8, platform=SimulatedPlatform(), **PAID).status()
    told = replace(status, promise=Said({"en": "As far as .9", "ru": "До 0,9"})).promise
    assert told is not None
    assert str(told) == "As far as .9"
    assert f"{told}, {told!r}" == "As far as .9, 'As far as .9'"


def test_the_highest_cost_is_that_of_as_many_answers_as_items_may_have(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), **{**PAID, "overlap": (1, 3)})
    status = run.status()
    # Sixteen items of three answers, four on a page.
    assert status.highest_cost == pytest.approx(1.2)
    assert status.cost_range is not None
    assert status.cost_range[1] <= 1.2
    low = replace(status, cost_range=(0.4, 0.6), expected_cost=0.5)
    assert low.forecast.startswith("will cost about $0.50 ($0.40 to $0.60), at most $1.20; ")


def test_who_reads_what_a_launch_prints_reads_what_is_foreseen_and_what_that_presumes(
    start: Start, monkeypatch: pytest.MonkeyPatch, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launching, "is_read_now", lambda: True)
    policy = df.Policy(overlap=(1, 3), page=(4, 1))
    run = df.launch(
        animal, rows(30), control_rows(9), policy, name="told", platform=SimulatedPlatform(), workspace=workspace
    )
    try:
        printed = capsys.readouterr().out
        assert "foreseen: about $" in printed
        assert "they are right in 85% of cases" in printed
        [line] = [line for line in run.about if "foreseen" in line["en"]]
        assert {"en", "ru", "tr", "kk", "uz", "es"} <= line.texts.keys()
        # The same that the status says.
        assert f"about {money(run.status().expected_cost or 0, 'USD')['en']}, " in line["en"]
    finally:
        run.close()


def test_a_launch_that_nobody_reads_does_not_wait_for_a_forecast(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), **{**PAID, "overlap": (1, 3)})
    assert not [line for line in run.about if "foreseen" in line["en"]]


@pytest.mark.parametrize("asked", [{"target": 0.95}, {"budget": 5.0}])
def test_a_target_or_a_budget_alone_says_what_it_chose_and_why(workspace: Path, asked: dict[str, float]) -> None:
    run = df.launch(
        animal, rows(30), control_rows(9), name="aimed", platform=SimulatedPlatform(), workspace=workspace,
        progress=False, **asked,
    )  # fmt: skip
    try:
        page = run._held.view.publication
        [line] = [line["en"] for line in run.about if line["en"].startswith("chosen for that")]
        assert f": {page.real_per_page} items to ask and {page.control_per_page} control items on a page" in line
        # Of five items of three options somebody who guesses has four right or more in 11 of 243 cases.
        assert page.control_per_page == 5
        assert "is rejected in 95% of cases" in line
        assert "1 to 9 answers an item" in line
    finally:
        run.close()


def test_a_budget_below_one_page_is_one_clear_error(workspace: Path) -> None:
    with pytest.raises(df.SpecError, match=r"budget: expected \$0\.\d+ or more, .* got \$0\.001"):
        df.launch(
            animal, rows(30), control_rows(9), name="poor", platform=SimulatedPlatform(), workspace=workspace,
            progress=False, budget=0.001,
        )  # fmt: skip


def test_the_command_line_rehearses_a_run_that_goes_on(start: Start, finish: Callable[[df.Run], Any]) -> None:
    going = start(items=16, platform=SimulatedPlatform(), **PAID)
    over = start(items=8, workers=crowd(3, arrives=0.0), name="over", **PAID)
    finish(over)
    report: dict[str, Any] = {"runs": [{"name": one.name, "ended": one.status().ended} for one in (going, over)]}
    _rehearse(report, {one.name: one for one in (going, over)}, "en")
    first, second = report["runs"]
    assert first["rehearsed"]["cost"] == pytest.approx((0.8, 0.8, 0.8))
    assert first["forecast"] == str(going.forecast())
    assert second["rehearsed"] is None
    assert second["forecast"] == "has ended, so there is no forecast: what it cost is above"


def test_how_a_run_stands_is_said_in_the_language_of_whoever_looks_and_told_to_programs_in_english(
    start: Start, monkeypatch: pytest.MonkeyPatch, workspace: Path
) -> None:
    run = start(items=16, platform=SimulatedPlatform(), **PAID)
    looked = CliRunner(env={"COLUMNS": "200"})
    # Installed or not: the variable says what somebody reads.
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    status = replace(run.status(), highest_cost=1.2, items_out=27, pages_out=6, out_until=None)
    assert status.forecast.startswith(
        "обойдётся примерно в 0,80\N{NO-BREAK SPACE}$, не больше 1,20\N{NO-BREAK SPACE}$; за последний час"
    )
    assert "27 заданий на 6 страницах" in str(status)
    assert announcement(run, None)[0] == f"Запуск {run.name}"
    assert str(run.forecast(runs=2)).startswith(
        "примерно 0,80\N{NO-BREAK SPACE}$ (от 0,80\N{NO-BREAK SPACE}$ до 0,80\N{NO-BREAK SPACE}$)"
    )
    read, told = (
        looked.invoke(app(), ["status", run.name, "--workspace", str(workspace), *more]).output
        for more in ([], ["--json"])
    )
    assert "рабочая папка" in read
    assert "уверенность" in read
    monkeypatch.setenv("LC_ALL", "xx_XX")
    assert json.loads(told)["runs"][0]["forecast"].startswith("will cost about $0.80; too few answers")
    assert "27 items are on 6 pages" in status.detail


def test_a_forecast_presumes_of_strangers_what_earlier_runs_of_the_task_showed_and_says_so(
    workspace: Path, finish: Callable[[df.Run], Any]
) -> None:
    free = {"control_ratio": 0.0, "control": None, "speed": (), "skips": None}
    policy = df.Policy(overlap=(1, 3), page=(4, 2), **free)  # type: ignore[arg-type]

    def launched(name: str, workers: Any) -> df.Run:
        platform = SimulatedPlatform(workers, lambda inputs: {"answer": "dog"}, seed=1)
        return df.launch(
            animal, rows(40), control_rows(12), policy, name=name, platform=platform, workspace=workspace,
            progress=False,
        )  # fmt: skip

    with launched("alone", ()) as alone:
        before = foresee(alone._held.view, 2)
    with launched("earlier", crowd(20, 0.3, arrives=1.0)) as earlier:
        status = finish(earlier)
    assert status.control_accuracy is not None
    with launched("later", ()) as later:
        view = later._held.view
        view.foreseen = foresee(view, 2)
        said = "".join(line["en"] for line in later.about)
    assert before is not None
    assert before.presumed == BEFOREHAND
    right = (8.5 + status.control_accuracy * status.workers) / (10 + status.workers)
    assert view.foreseen is not None
    assert view.foreseen.presumed == pytest.approx((right, 10 + status.workers, status.workers))
    assert (
        f"by {status.workers} workers of earlier runs of this task, that they are right in {round(100 * right)}%"
        in said
    )
