"""Odd answers and odd moments of runs whose answers others judge: nothing is lost, and what is wrong is said."""

import csv
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from tests.runs.test_judged_answers import Finish, Launch, crowd, hears, start

import dataforge as df
from dataforge.platforms.simulated import SimulatedWorker

__all__ = ["start"]

ODD = [
    "שלום, עולם 123 (ok)",
    "مرحبا بالعالم",
    "👨\u200d👩\u200d👧 🇷🇺 e\u0301 \u202eback\u202c",
    "two\r\nlines\tand a tab",
    "<b>&amp;</b>",
    "x" * 1_000_000,
]


def test_texts_of_any_script_and_of_a_million_characters_are_judged_and_come_back_as_they_were_written(
    start: Launch, finish: Finish, tmp_path: Path
) -> None:
    def writes(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        said = ODD[int(inputs["sound"][1:])] if inputs["sound"].startswith("s") else truth["answer"]
        if "answer" not in inputs:
            return {"answer": said}
        return {"ok": inputs["answer"] == said if inputs["sound"].startswith("s") else truth["ok"]}

    run = start(crowd(*[writes] * 5), items=len(ODD))
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels["answer"].tolist() == ODD
    assert set(labels["verdict"]) == {"right"}
    csv.field_size_limit(2_000_000)
    with open(run.to_csv(tmp_path / "labels.csv"), newline="", encoding="utf-8-sig") as file:
        assert [row["answer"] for row in csv.DictReader(file)] == ODD


def test_where_everybody_is_too_fast_nothing_is_judged_or_paid_and_the_run_says_that_it_waits(start: Launch) -> None:
    hasty = [SimulatedWorker(f"w{number}", hears, seconds=0.1) for number in range(3)]
    run = start(hasty, items=4, speed=(df.SpeedRule(0.1, "1d", reject=True),), stall_after="1m")
    # Before all three are restricted the run may say so of those who are.
    wanted = "All 3 workers who came are restricted, so nobody answers."
    while not any(notice["en"].startswith(wanted) for notice in run.notices):
        assert not run.wait(0.1, progress=False).ended
    assert run.check is not None
    assert run.check.labels().empty
    assert run.cost()["total"].tolist() == [0, 0]
    assert len(run.responses()) == 12, "what was answered is kept"
    assert run.labels()["flag"].tolist() == ["no_answers"] * 4


def test_where_the_control_items_of_the_check_run_out_judging_goes_on_or_says_who_is_wanted(
    start: Launch, finish: Finish
) -> None:
    """Each of six people meets two known answers, and judges five pages or more."""
    check = df.Policy(page=(2, 1), overlap=2, control_ratio=1)
    run = start(crowd(*[hears] * 6), items=40, controls=2, check=check)
    status = finish(run)
    assert status.stage == "done"
    assert set(run.labels()["verdict"]) == {"right"}
    assert run.check is not None
    met = run.check.workers()[["pages", "control_total"]]
    assert met["control_total"].max() == 2
    assert met["pages"].max() > 2, "they judged more than the known answers last for"


def test_an_answer_that_comes_after_its_item_is_final_is_judged_and_paid_and_changes_nothing(
    start: Launch, finish: Finish
) -> None:
    """While somebody has the page in hand, the requester says the answers."""
    run = start(crowd(*[hears] * 5), items=4)
    while run.status().pages_out == 0 and not len(run.responses()):
        run.wait(0.05, progress=False)
    for number in range(4):
        run.correct(number, "as I say")
    assert finish(run).stage == "done"
    labels = run.labels()
    assert labels["answer"].tolist() == ["as I say"] * 4
    assert labels["flag"].tolist() == ["corrected"] * 4
    assert len(run.solutions()) >= 4, "what was answered is kept"
    assert run.workers()["pages_rejected"].sum() == 0
    assert run.workers()["pages_accepted"].sum() >= 1
