"""Experts try a task out: what they say of its items, and what becomes of that."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.runs.conftest import LABELS, animal, right, rows

import dataforge as df
from dataforge.changes.terms import terms_of
from dataforge.errors import DataError, RunError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

Says = Callable[[Mapping[str, Any]], dict[str, Any]]
TryOut = Callable[..., df.Trial]


def number(inputs: Mapping[str, Any]) -> int:
    return int(inputs["caption"].rsplit(" ", 1)[1])


def expert(name: str, says: Says, **settings: Any) -> SimulatedWorker:
    """Somebody who says of each item what `says` makes of it, beside the right answer and that it is OK."""

    def answer(inputs: Mapping[str, Any], *_: Any) -> dict[str, Any]:
        return {**right(inputs), "_ok": True, **says(inputs)}

    return SimulatedWorker(name, answer, **settings)


def plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@pytest.fixture
def try_out(workspace: Path) -> Iterator[TryOut]:
    """Try the task out on so many items with these experts, and wait for the end."""
    begun: list[df.Trial] = []

    def begin(*experts: SimulatedWorker, items: Any = 12, wait: bool = True, **more: Any) -> df.Trial:
        trial = df.try_out(
            more.pop("task", animal),
            rows(items) if isinstance(items, int) else items,
            experts=more.pop("experts", len(experts)),
            platform=SimulatedPlatform(experts, seed=1),
            workspace=workspace,
            name=more.pop("name", "trial"),
            progress=False,
            **more,
        )
        begun.append(trial)
        if wait:
            assert trial.wait(60, progress=False).stage == "done"
        return trial

    yield begin
    for trial in begun:
        trial.close()


def test_experts_answer_and_say_of_each_item_whether_it_is_ok(try_out: TryOut) -> None:
    trial = try_out(
        expert(
            "Anna", lambda inputs: {"_ok": number(inputs) != 3, "_comment": "blurred" if number(inputs) == 3 else None}
        ),
        expert("Boris", plain),
    )
    said = trial.feedback()
    assert said.columns.tolist() == ["id", "caption", "answer", "_ok", "_comment", "expert", "seconds"]
    assert len(said) == 24
    third = said[said["caption"] == "animal 3"].set_index("expert")
    assert not third.loc["Anna", "_ok"]
    assert third.loc["Boris", "_ok"]
    assert third["_comment"].to_dict() == {"Anna": "blurred", "Boris": ""}
    assert said["answer"].tolist() == [right({"caption": caption})["answer"] for caption in said["caption"]]
    assert (said["seconds"] > 0).all()
    assert trial.run.status().cost == 0


# --- what may be known from it --------------------------------------------------------------------


def hinted(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Every third item is worth a comment."""
    return {"_comment": f"look at {number(inputs)}"} if number(inputs) % 3 == 0 else {}


def test_items_that_are_ok_become_control_items_and_those_with_a_comment_training_items(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", hinted), expert("Boris", plain))
    control, training = trial.control_items(), trial.training_items()
    assert control.columns.tolist() == ["id", "caption", "answer"]
    assert sorted(map(number, control.to_dict("records"))) == [1, 2, 4, 5, 7, 8, 10, 11]
    assert training.columns.tolist() == ["id", "caption", "answer", "hint"]
    assert dict(zip(training["caption"], training["hint"], strict=True)) == {
        f"animal {n}": f"look at {n}" for n in (0, 3, 6, 9)
    }
    assert not set(control["id"]) & set(training["id"])
    assert [right(row)["answer"] for row in control.to_dict("records")] == control["answer"].tolist()


def test_training_items_of_a_trial_take_the_place_of_those_of_a_run(try_out: TryOut, workspace: Path) -> None:
    trial = try_out(expert("Anna", hinted), items=18)
    first = [{"caption": f"lesson {n}", "answer": LABELS[n % 3], "hint": "count"} for n in range(3)]
    platform = SimulatedPlatform(seed=1)
    run = df.launch(
        animal, rows(40)[20:], training=first, name="real", platform=platform, workspace=workspace, progress=False
    )
    for given in (trial, "trial:trial"):
        [changed] = run.change(training=given)
        assert changed.name == "training"
        taught = terms_of(workspace / "runs" / "real").publication.training
        assert taught is not None
        assert [item.hint for item in taught.items] == [{"en": f"look at {n}"} for n in range(0, 18, 3)]
        run.change(training=first)
    with pytest.raises(RunError, match="there is no run 'nobody'"):
        run.change(training="trial:nobody")
    with pytest.raises(RunError, match="run 'real' is no trial of a task"):
        run.change(training="trial:real")
    run.close()


def test_control_items_are_ready_for_a_launch_with_the_other_items(try_out: TryOut, workspace: Path) -> None:
    control = try_out(expert("Anna", plain)).control_items(6)
    assert control["answer"].value_counts().to_dict() == dict.fromkeys(LABELS, 2), "of each answer as many"
    others = rows(40)[12:]
    run = df.launch(
        animal, others, control, name="real", platform=SimulatedPlatform(seed=1), workspace=workspace, progress=False
    )
    assert run.status().items_total == 28
    assert run.control()["answer"].tolist() == control["answer"].tolist()
    run.close()


def test_control_items_of_a_folder_of_files_are_found_from_where_they_are_launched(
    try_out: TryOut, workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(4):
        (tmp_path / "photos" / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([number]))

    @df.task(duration="5s")
    def clear(photo: df.Image) -> bool:
        """Is it clear?"""

    says = SimulatedWorker("Anna", lambda *_: {"answer": True, "_ok": True})
    control = try_out(says, items=tmp_path / "photos", task=clear).control_items()
    assert control["id"].tolist() == [f"{number}.png" for number in range(4)]
    assert control["photo"].tolist() == [str(tmp_path / "photos" / f"{number}.png") for number in range(4)]
    assert df.read_items(clear, control, control=True).control_count == 4


def test_a_trial_whose_process_ended_before_it_was_noted_is_gone_on_with(try_out: TryOut, workspace: Path) -> None:
    try_out(expert("Anna", plain)).close()
    (workspace / "runs/trial/trial.json").unlink()
    assert len(try_out(expert("Anna", plain)).control_items()) == 12


def test_a_trial_without_a_name_whose_process_ended_before_it_was_noted_is_found_again(
    try_out: TryOut, workspace: Path
) -> None:
    first = try_out(expert("ann", plain), name=None)
    (workspace / "runs" / first.name / "trial.json").unlink()
    # Other items, and one more expert, make another trial.
    assert try_out(expert("ann", plain), name=None, items=11).name != first.name
    assert try_out(expert("ann", plain), expert("bob", plain), name=None).name != first.name
    again = try_out(expert("ann", plain), name=None)
    assert (again.name, len(again.feedback())) == (first.name, 12)
    assert try_out(expert("ann", plain), name=None).name != first.name, "what is noted is another trial each time"


def test_of_items_with_comments_some_may_be_control_items_and_none_is_both(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", lambda inputs: {"_comment": "mind the ears"}))
    with pytest.raises(RunError, match=r"control items: 0 items .*12 that have a comment are kept for training items"):
        trial.control_items()
    control, training = trial.control_items(8, training=4), trial.training_items(4)
    assert len(control) == 8
    assert len(training) == 4
    assert not set(control["caption"]) & set(training["caption"])


def test_items_on_which_experts_disagree_or_that_are_not_ok_are_doubts(try_out: TryOut) -> None:
    def other(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"answer": LABELS[(number(inputs) + 1) % 3]} if number(inputs) == 4 else {}

    trial = try_out(
        expert(
            "Anna",
            lambda inputs: {"_ok": number(inputs) != 7, "_comment": "which one?" if number(inputs) in (7, 9) else None},
        ),
        expert("Boris", other),
    )
    doubts = trial.doubts
    assert doubts["caption"].tolist() == ["animal 7", "animal 4", "animal 9"]
    assert doubts["why"].tolist() == ["not_ok", "disagree", "comment"]
    assert doubts["comments"].tolist() == ["which one?", "", "which one?"]
    assert sorted(doubts["answers"][1]) == ["cat", "other"]
    assert len(trial.control_items()) == 9
    assert trial.training_items()["caption"].tolist() == ["animal 9"]


def test_more_than_there_are_is_refused_with_the_numbers(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", lambda inputs: {"_ok": number(inputs) < 2}))
    said = r"20 control items: 2 items .* of 12 items 2 are OK .*, 10 are not OK.*`dataforge feedback \S+ --what"
    with pytest.raises(RunError, match=said):
        trial.control_items(20)
    with pytest.raises(RunError, match=r"5 training items: 0 items"):
        trial.training_items(5)
    with pytest.raises(SpecError, match=r"count: expected a number of items of 0 or more, got -1"):
        trial.control_items(-1)


def test_a_trial_in_which_nothing_is_ok_says_so(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", lambda inputs: {"_ok": False}))
    with pytest.raises(RunError, match=r"any control items: 0 .* 12 are not OK"):
        trial.control_items()
    assert (trial.doubts["why"] == "not_ok").all()


def test_an_expert_who_leaves_half_way_leaves_what_was_said(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", plain), expert("Boris", plain, pages=1), wait=False)
    assert not trial.wait(1, progress=False).ended
    said = trial.feedback()
    assert said["expert"].value_counts().to_dict() == {"Anna": 12, "Boris": 5}
    assert len(trial.control_items()) == 12, "those who answered agree"
    trial.stop()
    assert trial.wait(60, progress=False).stage == "stopped"
    assert len(trial.control_items()) == 12


def test_an_item_that_an_expert_reports_is_not_ok(try_out: TryOut) -> None:
    def broken(inputs: Mapping[str, Any], *_: Any) -> Any:
        return "broken" if number(inputs) == 5 else {**right(inputs), "_ok": True}

    trial = try_out(SimulatedWorker("Anna", broken), wait=False)
    trial.wait(1, progress=False)
    trial.stop()
    trial.wait(60, progress=False)
    assert trial.doubts[["caption", "why", "comments"]].to_numpy().tolist() == [
        ["animal 5", "not_ok", "reported: broken"]
    ]
    assert len(trial.control_items()) == 11


# --- how long it takes ----------------------------------------------------------------------------


def test_the_task_takes_the_duration_that_experts_needed_with_one_call(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", plain, seconds=7.0), expert("Boris", plain, seconds=9.0), items=40)
    said = trial.feedback()
    assert trial.duration == pytest.approx(said["seconds"].mean(), rel=0.2)
    task = trial.with_duration()
    assert task.duration == round(trial.duration)
    assert (task.inputs, task.outputs, task.instruction) == (animal.inputs, animal.outputs, animal.instruction)


def test_without_a_page_there_is_no_duration(try_out: TryOut) -> None:
    trial = try_out(wait=False, experts=1)
    assert trial.duration is None
    assert len(trial.feedback()) == 0
    with pytest.raises(RunError, match="no page was answered yet"):
        trial.with_duration()


# --- given solutions ------------------------------------------------------------------------------


def test_given_solutions_are_shown_and_judged(try_out: TryOut) -> None:
    given = [{**row, "guess": right(row)["answer"] if number(row) != 2 else "dog"} for row in rows(12)]

    def judge(inputs: Mapping[str, Any], *_: Any) -> dict[str, Any]:
        ok = inputs["answer"] == right(inputs)["answer"]
        return {
            "_ok": ok,
            "_comment": None if ok else "it has whiskers",
            "_right": None if ok else right(inputs)["answer"],
        }

    trial = try_out(SimulatedWorker("Anna", judge), items=given, solutions="guess")
    said = trial.feedback()
    assert said.columns.tolist() == [
        "id",
        "caption",
        "guess",
        "answer",
        "_right",
        "_ok",
        "_comment",
        "expert",
        "seconds",
    ]
    wrong = said[~said["_ok"].astype(bool)]
    assert wrong[["caption", "answer", "_right", "_comment"]].to_numpy().tolist() == [
        ["animal 2", "dog", "other", "it has whiskers"]
    ]
    control = trial.control_items()
    assert len(control) == 11
    assert control["answer"].tolist() == [right(row)["answer"] for row in control.to_dict("records")]
    with pytest.raises(RunError, match=r"experts judged given solutions"):
        trial.with_duration()


def test_a_row_without_a_solution_is_refused_with_its_place(try_out: TryOut) -> None:
    given = [{**row, "guess": "dog" if number(row) else None} for row in rows(3)]
    with pytest.raises(DataError, match=r"row 1: expected a solution of 'answer' to be judged, got none \(in 1 of 3"):
        try_out(expert("Anna", plain), items=given, solutions="guess")


# --- who is asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("experts", "said"),
    [
        (0, "expected 1 to 100 of them, got 0"),
        ([], "name at least one"),
        (["Anna", "Anna"], "'Anna' is named twice"),
        (["Anna", " "], "expected a name for each"),
    ],
)
def test_experts_who_are_nobody_or_the_same_are_refused(try_out: TryOut, experts: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        try_out(expert("Anna", plain), experts=experts)


def test_an_expert_of_another_language_is_not_asked(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", plain), expert("Boris", plain, language="ru"), experts=1, languages=["ru"])
    assert set(trial.feedback()["expert"]) == {"Boris"}


def test_a_task_that_asks_what_experts_are_asked_is_refused(try_out: TryOut) -> None:
    @df.task
    def odd(caption: df.Text, _comment: df.Text) -> bool:
        """Is it odd?"""

    with pytest.raises(SpecError, match="'_comment' is what experts are asked in a trial"):
        try_out(expert("Anna", plain), items=[{"caption": "a", "_comment": "b"}], task=odd)


# --- it is a run ----------------------------------------------------------------------------------


def test_a_trial_is_found_again_by_its_name_with_all_that_was_said(try_out: TryOut, workspace: Path) -> None:
    trial = try_out(expert("Anna", hinted))
    said, control = trial.feedback(), trial.control_items()
    trial.close()
    with df.open_trial("trial", workspace) as again:
        assert again.task == df.Task.from_spec(animal.spec())
        pd.testing.assert_frame_equal(again.feedback(), said)
        pd.testing.assert_frame_equal(again.control_items(), control)


def test_a_run_that_is_no_trial_is_not_opened_as_one(workspace: Path) -> None:
    df.launch(animal, rows(3), name="real", platform=SimulatedPlatform(), workspace=workspace, progress=False).close()
    with pytest.raises(RunError, match="run 'real' is no trial of a task"):
        df.open_trial("real", workspace)


def test_the_same_trial_is_gone_on_with_and_another_one_of_its_name_refused(try_out: TryOut) -> None:
    trial = try_out(expert("Anna", plain))
    trial.close()
    again = try_out(expert("Anna", plain))
    assert len(again.feedback()) == 12
    with pytest.raises(RunError, match="differs from this launch"):
        try_out(expert("Anna", plain), expert("Boris", plain))
