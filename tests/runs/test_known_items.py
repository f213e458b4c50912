"""Items whose answers are known when a run is launched: which are not asked, and which tell nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import LABELS, animal, control_rows, right, rows

import dataforge as df
from dataforge.errors import DataError, RunError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

Launch = Callable[..., df.Run]
POLICY = df.Policy(page=(4, 1), overlap=2)


def known(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    """Items of the run itself, with their known answers."""
    return [{"caption": f"animal {n}", "answer": LABELS[n % 3], **more} for n in numbers]


@pytest.fixture
def launch(workspace: Path) -> Launch:
    def begin(items: Any = None, *, name: str = "run", **given: Any) -> df.Run:
        given.setdefault("policy", POLICY)
        platform = SimulatedPlatform(seed=1)
        items = rows(30) if items is None else items
        return df.launch(animal, items, name=name, platform=platform, workspace=workspace, progress=False, **given)

    return begin


def said(run: df.Run, words: str) -> str:
    [notice] = [notice["en"] for notice in run.notices if words in notice["en"]]
    return notice


def test_items_that_are_control_or_training_items_are_not_asked_and_counted(launch: Launch) -> None:
    run = launch(control=known(0, 4, 8, 12, 16), training=known(1, 5, 9, hint="look"))
    assert run.status().items_total == 22
    assert sorted(run.labels()["caption"], key=lambda caption: int(caption.split()[1])) == [
        f"animal {n}" for n in range(30) if n not in (0, 4, 8, 12, 16, 1, 5, 9)
    ]
    assert said(run, "not asked") == (
        "items: 8 are not asked, for their answers are known: 5 are control items, 3 training items"
    )
    run.close()


def test_the_others_keep_the_ids_of_their_rows(launch: Launch) -> None:
    run = launch(control=[*known(0, 1), *control_rows(3)])
    assert set(run.labels()["id"]) == {str(n) for n in range(2, 30)}
    run.close()


def test_the_same_launch_goes_on_with_such_a_run(launch: Launch) -> None:
    given = {"control": known(0, 4, 8, 12, 16), "training": known(1, 5, 9)}
    launch(**given).close()
    again = launch(**given)
    assert again.status().items_total == 22
    again.close()


def test_a_launch_of_which_all_is_known_has_nothing_to_ask(launch: Launch, workspace: Path) -> None:
    with pytest.raises(DataError, match=r"items: nothing is left to ask, for the answers to all items \(3\) are known"):
        launch(rows(3), control=known(0, 1, 2))
    assert not (workspace / "runs/run").exists()


def test_a_mistake_in_a_later_row_is_told_of_the_row_that_it_is_in(launch: Launch) -> None:
    with pytest.raises(DataError, match=r"row 2 of training items and row 5 of the control items"):
        launch(rows(8), control=[*known(0, 1), *control_rows(3)], training=[known(2)[0], control_rows(3)[2]])


# --- from a trial -----------------------------------------------------------------------------------


def tried(workspace: Path) -> df.Trial:
    """A trial of the first twelve items, every third of which the expert explains."""

    def says(inputs: Any, *_: Any) -> dict[str, Any]:
        number = int(inputs["caption"].rsplit(" ", 1)[1])
        return {**right(inputs), "_ok": True, "_comment": f"look at {number}" if number % 3 == 0 else None}

    platform = SimulatedPlatform([SimulatedWorker("Anna", says)], seed=1)
    trial = df.try_out(animal, rows(12), 1, name="tried", platform=platform, workspace=workspace, progress=False)
    trial.wait(60, progress=False)
    return trial


@pytest.mark.parametrize("by_name", [True, False])
def test_control_and_training_items_are_had_from_a_trial_and_the_others_are_asked(
    launch: Launch, workspace: Path, by_name: bool
) -> None:
    trial = tried(workspace)
    given = "trial:tried" if by_name else trial
    run = launch(control=given, training=given)
    assert run.control()["caption"].tolist() == trial.control_items()["caption"].tolist()
    assert sorted(run.training()["hint"]) == ["look at 0", "look at 3", "look at 6", "look at 9"]
    assert run.status().items_total == 18
    trial.close()
    run.close()


def test_the_items_of_a_run_that_is_no_trial_are_not_taken_for_known(launch: Launch) -> None:
    launch(name="other").close()
    with pytest.raises(RunError, match="run 'other' is no trial of a task"):
        launch(control="trial:other")


# --- what workers are told elsewhere ----------------------------------------------------------------


def test_control_items_that_another_run_teaches_are_left_out(launch: Launch) -> None:
    launch(name="taught", training=known(40, 41, 42, 43)).close()
    run = launch(control=[*known(40, 43), *control_rows(4)])
    assert set(run.control()["caption"]) == {f"control {n}" for n in range(4)}
    assert said(run, "left out") == (
        "control items: 2 are left out, for the training of 'taught' tells workers their answers"
    )
    run.close()
    again = launch(control=[*known(40, 43), *control_rows(4)])
    assert again.control()["caption"].tolist() == run.control()["caption"].tolist()
    again.close()


def test_a_run_goes_on_with_its_control_items_though_another_teaches_them_since(launch: Launch) -> None:
    launch(control=known(40, 41, 42, 43, 44, 45)).close()
    teaches = launch(name="teaches", training=known(40, 43))
    assert said(teaches, "control items of the run") == (
        "training: 2 of its items are control items of the run 'run', where they tell nothing any more once workers "
        "were told their answers; withdraw them there"
    )
    again = launch(control=known(40, 41, 42, 43, 44, 45))
    assert len(again.control()) == 6
    teaches.close()
    again.close()


def test_what_another_task_teaches_tells_nothing_of_this_one(launch: Launch, workspace: Path) -> None:
    class Mood(df.Choice):
        GLAD = df.option("glad")
        SAD = df.option("sad")

    @df.task(duration="10s")
    def mood(caption: df.Text) -> Mood:
        """What is its mood?"""
        raise NotImplementedError

    taught = [{"caption": f"animal {n}", "answer": ("glad", "sad")[n % 2]} for n in range(40, 45)]
    platform = SimulatedPlatform(seed=1)
    given = {"training": taught, "platform": platform, "workspace": workspace, "progress": False}
    df.launch(mood, rows(4), policy=POLICY, name="mood", **given).close()
    run = launch(control=known(40, 41, 42, 43, 44))
    assert len(run.control()) == 5
    run.close()
