"""Runs whose workers are trained first: who gets in, what the run knows of it, and what it never mixes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import LABELS, animal, control_rows, crowd, right, rows

import dataforge as df
from dataforge.changes.terms import terms_of
from dataforge.data.training import read_training
from dataforge.errors import DataError, RunError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always, right_with
from dataforge.records import WorkerTrained
from dataforge.runs.core.trainings import Trainings

PNG = b"\x89PNG\r\n\x1a\n"
TRAINING = [
    {"caption": f"lesson {n}", "answer": LABELS[n % 3], "hint": "look at the number", "hint:ru": "смотрите на число"}
    for n in range(12)
]


def launched(workspace: Path, workers: Any, *, name: str = "run", **settings: Any) -> df.Run:
    platform = settings.pop("platform", None) or SimulatedPlatform(workers, right, seed=1)
    given = {"items": rows(30), "control": control_rows(6), "training": TRAINING, **settings}
    policy = given.pop("policy", df.Policy(page=(4, 1), overlap=2))
    return df.launch(animal, policy=policy, name=name, platform=platform, workspace=workspace, progress=False, **given)


def test_who_passes_the_training_works_and_who_does_not_gets_no_page(
    workspace: Path, finish: Callable[..., Any]
) -> None:
    workers = [*crowd(4), SimulatedWorker("spammer", always({"answer": "dog"}))]
    run = launched(workspace, workers)
    assert finish(run).stage == "done"
    assert set(run.workers()["worker"]) == {f"worker{n}" for n in range(4)}
    trained = run._held.fresh().state.trainings
    assert trained.passed == {f"worker{n}" for n in range(4)}
    # One of three answers is right.
    assert 0 < trained.scores["spammer"] < 80
    run.close()


def test_what_was_trained_is_in_no_result(workspace: Path, finish: Callable[..., Any]) -> None:
    run = launched(workspace, crowd(4))
    finish(run)
    lessons = {row["caption"] for row in TRAINING}
    assert not lessons & set(run.labels(control=True)["caption"])
    assert len(run.responses()) == sum(run.workers()["responses"])
    assert run.cost()["paid"].sum() == pytest.approx(run.workers()["earned"].sum())
    assert set(run.control()["caption"]).isdisjoint(lessons)
    run.close()


def test_a_worker_who_fails_once_comes_back_and_may_pass(workspace: Path, finish: Callable[..., Any]) -> None:
    tries = {"left": 6}

    def learns(inputs: Any, truth: Any, chance: Any) -> dict[str, Any]:
        """Wrong six times, right ever after."""
        tries["left"] -= 1
        return {"answer": truth["answer"] if tries["left"] < 0 else LABELS[(LABELS.index(truth["answer"]) + 1) % 3]}

    run = launched(workspace, [SimulatedWorker("ann", learns), *crowd(1, arrives=1_000.0)])
    finish(run)
    trained = run._held.fresh().state.trainings
    assert trained.tries == 3
    assert trained.scores["ann"] == 100
    run.close()


def test_the_requester_sees_who_passed_and_which_items_are_missed(workspace: Path, finish: Callable[..., Any]) -> None:
    wrong = {**TRAINING[4], "answer": LABELS[(4 + 1) % 3]}
    run = launched(workspace, crowd(12, arrives=1.0), training=[*TRAINING[:4], wrong, *TRAINING[5:10]])
    status = finish(run)
    assert (status.trainees, status.trained) == (12, 12)
    assert "12 of 12 passed the training" in status.detail
    items, people = run.training(), run.trainees()
    assert items.loc[0, ["caption", "answer", "asked", "right"]].tolist() == ["lesson 4", wrong["answer"], 12, 0]
    assert set(items["right"][1:]) == {1.0}
    assert set(items["hint"]) == {"look at the number"}
    assert set(people["score"]) == {90.0}
    [notice] = [one for one in status.notices if "training" in one["en"]]
    assert "most people answer these items otherwise" in notice["en"]
    assert "lesson 4" in notice["en"]
    assert "(12/12)" in notice["ru"]
    run.close()


def test_a_score_that_nobody_reaches_is_told(workspace: Path) -> None:
    run = launched(workspace, crowd(6, share=0.0, arrives=1.0))
    run.wait(3, progress=False)
    assert any("none has reached 80 %" in notice["en"] for notice in run.status().notices)
    run.close()


def test_what_a_snapshot_tells_of_a_training(workspace: Path, finish: Callable[..., Any]) -> None:
    platform = SimulatedPlatform(crowd(3), right, seed=1)
    run = launched(workspace, (), platform=platform)
    finish(run)
    shown = platform.snapshot("run")
    assert shown is not None
    assert shown.training is not None
    assert (shown.training.workers, shown.training.passed, shown.training.mean_score) == (3, 3, 100.0)
    assert sum(item.asked for item in shown.training.items) == 3 * 10
    assert any("80 % of their answers have to be right" in line["en"] for line in shown.policy)
    run.close()


def test_a_run_without_a_training_has_no_table_of_it(workspace: Path) -> None:
    run = launched(workspace, (), training=None)
    with pytest.raises(RunError, match="run 'run' has no training; launch one with training="):
        run.training()
    run.close()


def test_the_state_of_a_training_follows_from_the_log_alone(workspace: Path, finish: Callable[..., Any]) -> None:
    run = launched(workspace, crowd(4, share=0.9))
    finish(run)
    before = run._held.fresh().state.trainings
    run.close()
    again = df.open_run("run", workspace)
    assert again._held.fresh().state.trainings == before
    (workspace / "runs/run/checkpoint.npz").unlink(missing_ok=True)
    assert df.open_run("run", workspace)._held.fresh().state.trainings == before


def test_launching_again_with_the_same_training_goes_on_and_with_another_is_refused(workspace: Path) -> None:
    platform = SimulatedPlatform(crowd(1), right, seed=1)
    launched(workspace, (), platform=platform).close()
    launched(workspace, (), platform=platform).close()
    with pytest.raises(RunError, match="training was"):
        launched(workspace, (), platform=platform, training=TRAINING[:9])
    with pytest.raises(RunError, match="training"):
        launched(workspace, (), platform=platform, training=None)


def test_a_score_that_is_lowered_lets_people_in(workspace: Path, finish: Callable[..., Any]) -> None:
    half = [SimulatedWorker(f"half{n}", right_with(0.5, {"answer": LABELS})) for n in range(4)]
    run = launched(workspace, half, policy=df.Policy(page=(4, 0), overlap=1, training=100))
    run.wait(3, progress=False)
    assert run.status().workers == 0
    [difference] = run.change(training=0)
    assert str(difference) == "training was 100, is 0 now"
    assert finish(run).stage == "done"
    with pytest.raises(SpecError, match="the run has no training, of which 80 could be the score"):
        launched(workspace, (), name="untaught", training=None).change(training=80)
    run.close()


def test_a_share_is_no_score_and_the_score_that_was_meant_is_named(workspace: Path) -> None:
    meant = "training: expected a score from 0 to 100, such as 80, got 0.8; write 80"
    with pytest.raises(SpecError, match=f"{meant}$"):
        launched(workspace, (), policy=df.Policy(training=0.8))
    run = launched(workspace, ())
    with pytest.raises(SpecError, match=f"{meant}$"):
        run.change(training=0.8)
    run.close()


def test_a_score_without_a_training_is_refused(workspace: Path) -> None:
    policy = df.Policy(training=80)
    with pytest.raises(SpecError, match="training=80 is a score in a training, and there are no training items"):
        launched(workspace, (), training=None, policy=policy)


def test_no_control_item_is_a_training_item(workspace: Path) -> None:
    told = [{"caption": TRAINING[0]["caption"], "answer": "dog"}, *control_rows(5)]
    with pytest.raises(
        DataError,
        match=r"training: workers are told .*row 1 of training items and row 1 of the control items have the same",
    ):
        launched(workspace, (), control=told)
    assert not (workspace / "runs/run/run.json").exists()


def test_an_item_that_comes_later_is_none_of_those_whose_answers_are_told(workspace: Path) -> None:
    run = launched(workspace, (), open=True)
    with pytest.raises(DataError, match=r"items, row 2: workers are told the answer to this item in the training"):
        run.add([{"id": "a", "caption": "animal 77"}, {"id": "b", "caption": "lesson 2"}])
    with pytest.raises(DataError, match=r"control items, row 1: workers are told the answer"):
        run.add(control=[{"id": "c", "caption": "lesson 4", "answer": LABELS[1]}])
    assert run.add([{"id": "a", "caption": "animal 77"}]).new == 1
    run.close()


def test_local_files_of_a_training_are_uploaded(workspace: Path, tmp_path: Path) -> None:
    @df.task(duration="10s")
    def sharp(photo: df.Image) -> bool:
        """Is it sharp?"""
        raise NotImplementedError

    for name in "abcd":
        (tmp_path / f"{name}.png").write_bytes(PNG + name.encode())
    platform = SimulatedPlatform((), lambda inputs: {"answer": True}, seed=1)
    training = [{"photo": str(tmp_path / f"{name}.png"), "answer": name == "a"} for name in "ab"]
    run = df.launch(
        sharp,
        [str(tmp_path / "c.png"), str(tmp_path / "d.png")],
        training=training,
        platform=platform,
        workspace=workspace,
        progress=False,
    )
    run.drive()
    assert {PNG + b"a", PNG + b"b"} <= set(platform.media.values())
    asked = platform._runs.by_name(platform.store, run.name).publication.training
    assert asked is not None
    assert all(set(item.inputs["photo"]) == {"media"} for item in asked.items)
    run.close()


# --- other items while it goes on -------------------------------------------------------------------

LATER = [{"caption": f"later {n}", "answer": LABELS[n % 3], "hint": "count"} for n in range(6)]


def test_the_items_of_a_training_change_while_the_run_goes_on(workspace: Path) -> None:
    run = launched(workspace, ())
    [changed] = run.change(training=LATER)
    assert str(changed) == """training was "12 items: 'lesson 0' …", is "6 items: 'later 0' …" now"""
    assert run.change(training=LATER) == (), "all is so already"
    give_up = time.monotonic() + 60
    while len(run.training()) != 6 and time.monotonic() < give_up:
        time.sleep(0.05)
    assert set(run.training()["caption"]) == {f"later {n}" for n in range(6)}
    run.close()


def test_answers_to_the_items_of_before_are_not_counted_for_those_of_now() -> None:
    first, later = (read_training(animal, items).of(df.Policy()) for items in (TRAINING, LATER))
    found = Trainings()
    for cursor, (training, known) in enumerate(((first, True), (later, False), (first, True))):
        told = "ann", cursor, 100.0, True, (0, 1), (known, True), training.name
        found.take(WorkerTrained(cursor, float(cursor), *told))
    assert [(one.asked, one.right) for one in found.figures(first).items[:2]] == [(2, 2), (2, 2)]
    assert [(one.asked, one.right) for one in found.figures(later).items[:2]] == [(1, 0), (1, 1)]
    assert found.figures(later).tries == 3


def test_other_items_of_a_training_are_none_of_the_run(workspace: Path) -> None:
    run = launched(workspace, ())
    with pytest.raises(DataError, match="workers are told the answers of these items"):
        run.change(training=[*LATER, {"caption": "animal 3", "answer": LABELS[0]}])
    with pytest.raises(DataError, match="workers are told the answers of these items"):
        run.change(training=[*LATER, {"caption": "control 3", "answer": LABELS[0]}])
    assert len(run.training()) == 12
    run.close()


def test_an_item_that_comes_after_the_change_is_none_of_the_new_ones(workspace: Path) -> None:
    run = launched(workspace, (), open=True)
    run.change(training=LATER)
    with pytest.raises(DataError, match="workers are told the answer to this item in the training"):
        run.add([{"id": "a", "caption": "later 2"}])
    run.close()


def test_what_a_training_has_told_is_no_control_item_after_it_changed(workspace: Path) -> None:
    run = launched(workspace, (), open=True)
    run.change(training=LATER)
    run.change(training=[{**row, "caption": f"last {n}"} for n, row in enumerate(LATER)])
    for caption in ("lesson 3", "later 2", "last 1"):
        with pytest.raises(DataError, match="workers are told the answer to this item in the training"):
            run.add(control=[{"id": "known", "caption": caption, "answer": LABELS[0]}])
    assert run.add(control=[{"id": "known", "caption": "never told", "answer": LABELS[0]}]).new == 1
    run.close()


def test_a_run_without_a_training_gets_none_later(workspace: Path) -> None:
    run = launched(workspace, (), training=None)
    with pytest.raises(SpecError, match="training: the run has none, and workers who got pages had none"):
        run.change(training=LATER)
    run.close()


def test_the_launch_of_before_and_that_of_now_go_on_with_a_run_whose_training_changed(workspace: Path) -> None:
    run = launched(workspace, ())
    run.change(training=LATER)
    run.close()
    launched(workspace, ()).close()
    launched(workspace, (), training=LATER).close()
    with pytest.raises(RunError, match=r"training was .6 items: 'later 0'"):
        launched(workspace, (), training=LATER[:3])


def test_items_and_score_change_together_or_not_at_all(workspace: Path) -> None:
    run = launched(workspace, ())
    with pytest.raises(DataError, match="workers are told the answers of these items"):
        run.change(training=[*LATER, {"caption": "animal 3", "answer": LABELS[0]}], training_score=60, budget=90)
    with pytest.raises(SpecError, match=r"such as 80, got 0\.6; write 60"):
        run.change(training=LATER, training_score=0.6, budget=90)
    assert run._held.feed.state().changes == 0
    found = run.change(training=LATER, training_score=60, budget=90)
    assert {one.name: one.now for one in found if one.name == "budget"} == {"budget": 90}
    assert [one.name for one in found].count("training") == 2, "the items, and the score"
    [again] = run.change(training_score=70)
    assert str(again) == "training was 60, is 70 now"
    with pytest.raises(SpecError, match=r"training=… is the score already"):
        run.change(training=60, training_score=70)
    run.close()


def test_what_a_launch_would_say_of_training_items_is_said_of_those_that_come_later(workspace: Path) -> None:
    run = launched(workspace, ())
    assert not any("training" in notice["en"] for notice in run.notices)
    run.change(training=[{**row, "answer": LABELS[0]} for row in LATER])
    soon = time.monotonic() + 60
    while not any("who always answers" in notice["en"] for notice in run.notices) and time.monotonic() < soon:
        time.sleep(0.05)
    [notice] = [notice["en"] for notice in run.notices if "training" in notice["en"]]
    assert f'who always answers "{LABELS[0]}" has 100 % right' in notice
    run.change(training=LATER)
    soon = time.monotonic() + 60
    while any("who always answers" in notice["en"] for notice in run.notices) and time.monotonic() < soon:
        time.sleep(0.05)
    assert not any("training" in notice["en"] for notice in run.notices), "it is so no more"
    run.close()


def test_control_items_elsewhere_that_other_training_items_give_away_are_told(workspace: Path) -> None:
    known = [{"id": f"known{n}", "caption": f"later {n}", "answer": LABELS[n % 3]} for n in range(6)]
    launched(workspace, (), name="other", control=known, training=None).close()
    run = launched(workspace, ())
    run.change(training=LATER)
    soon = time.monotonic() + 60
    while not any("'other'" in notice["en"] for notice in run.notices) and time.monotonic() < soon:
        time.sleep(0.05)
    assert any("'other'" in notice["en"] for notice in run.notices)
    run.close()


def eventually(happens: Callable[[], bool]) -> None:
    """Wait for what the driver of a run does by itself."""
    soon = time.monotonic() + 60
    while not happens() and time.monotonic() < soon:
        time.sleep(0.05)
    assert happens()


def test_what_was_said_of_the_items_of_the_launch_is_said_no_more_once_there_are_others(workspace: Path) -> None:
    known = [{"id": f"known{n}", "caption": f"lesson {n}", "answer": LABELS[n % 3]} for n in range(6)]
    launched(workspace, (), name="other", control=known, training=None).close()
    run = launched(workspace, ())

    def is_said() -> bool:
        return any("'other'" in notice["en"] for notice in run.notices)

    assert is_said()
    run.change(budget=90)
    eventually(lambda: run._held.fresh().policy.budget == 90)
    assert is_said(), "the items are still those"
    run.change(training=LATER)
    eventually(lambda: not is_said())
    run.close()
    with df.open_run("run", workspace) as again:
        assert not any("'other'" in notice["en"] for notice in again.notices)


def test_of_many_who_change_the_items_and_the_score_at_once_one_has_both(workspace: Path) -> None:
    run = launched(workspace, ())
    tables = {
        score: [{**row, "caption": f"table {score}, {n}"} for n, row in enumerate(LATER)] for score in range(50, 62)
    }
    together = threading.Barrier(len(tables))

    def change(score: int) -> None:
        with df.open_run("run", workspace) as other:
            other._held.platform = run._held.platform  # which lives in this process
            together.wait(60)
            other.change(training=tables[score], training_score=score)

    with ThreadPoolExecutor(len(tables)) as pool:
        list(pool.map(change, tables))
    terms = terms_of(workspace / "runs" / "run")
    assert terms.publication.training is not None
    (score,) = {terms.policy["training"], terms.publication.training.score}
    assert {item.inputs["caption"] for item in terms.publication.training.items} == {
        row["caption"] for row in tables[int(score)]
    }
    eventually(lambda: len(run.training()) == len(LATER) and f"table {score:g}" in run.training()["caption"][0])
    asked = [changed.publication.training for changed in run._held.feed.changes()]
    assert sorted(one.score for one in asked if one is not None) == list(tables), "each was asked for, whole"
    run.close()


def test_a_training_is_not_taken_away_by_leaving_its_score_out(workspace: Path) -> None:
    run = launched(workspace, (), policy=df.Policy(page=(4, 1), overlap=2, training=60))
    with pytest.raises(SpecError, match="training: a run that has one keeps it"):
        run.change(training=None)
    assert run._held.feed.state().changes == 0
    run.close()
    untaught = launched(workspace, (), name="untaught", training=None)
    assert untaught.change(training=None) == ()
    untaught.close()
