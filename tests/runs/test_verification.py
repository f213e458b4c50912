"""Experts judge a sample of a run's answers: what they find is final, and shows how good all answers are."""

import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import LABELS, animal, crowd, right, rows

import dataforge as df
from dataforge.errors import RunError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.records import Batch, PageSubmitted
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.tried import change_tried, tried_in
from dataforge.runs.handle.experts.ended_trials import EndedTrials, hand_on
from dataforge.workspace import Workspace

Finish = Callable[[df.Run], Any]
GOOD = {"skips": None, "reports": None, "speed": (), "control_ratio": 1}


def judge(inputs: Mapping[str, Any], *_: Any) -> dict[str, Any]:
    """Somebody who knows what is right, and says so."""
    ok = inputs["answer"] == right(inputs)["answer"]
    return {"_ok": ok, "_right": None if ok else right(inputs)["answer"]}


class Break:
    """Experts rest after a page, until they may go on."""

    def __init__(self) -> None:
        self.begun, self.over = threading.Event(), threading.Event()


class Both(SimulatedPlatform):
    """Workers answer in the run, experts in trials."""

    def __init__(self, workers: list[SimulatedWorker], experts: list[SimulatedWorker], rest: Break | None) -> None:
        self.of = {False: tuple(workers), True: tuple(experts)}
        self.rest = rest
        super().__init__(workers, right, seed=1)

    def poll(self, run: str, after: int, wait: float) -> Batch:
        if self.rest is not None and self.rest.begun.is_set() and not self.rest.over.wait(0.01):
            return Batch((), after, more=False)
        batch = super().poll(run, after, wait)
        answered = run.endswith("-verify") and any(isinstance(event, PageSubmitted) for event in batch.events)
        if self.rest is not None and answered:
            self.rest.begun.set()
        return batch

    def publish(self, publication: Any) -> None:
        self.workers = self.of[publication.task.id.endswith("-trial")]
        super().publish(publication)


@pytest.fixture
def launched(workspace: Path) -> Iterator[Callable[..., df.Run]]:
    """A run of sixty items with two answers each, a fifth of the answers wrong, that is done."""
    runs: list[df.Run] = []

    def launch(*experts: Any, workers: Any = None, items: int = 60, rest: Break | None = None, **policy: Any) -> df.Run:
        people = [SimulatedWorker(f"expert{n}", says, pages=100) for n, says in enumerate(experts)]
        run = df.launch(
            animal,
            rows(items),
            policy=df.Policy(**{**GOOD, "page": (4, 0), "overlap": 2, **policy}),
            name="run",
            platform=Both(crowd(4, 0.8, arrives=0.0) if workers is None else workers, people, rest),
            workspace=workspace,
            progress=False,
        )
        runs.append(run)
        assert run.wait(60, progress=False).stage == "done"
        return run

    yield launch
    for run in runs:
        run.close()


def test_experts_judge_a_sample_and_results_are_mended_by_what_they_find(
    launched: Callable[..., df.Run], finish: Finish
) -> None:
    run = launched(judge)
    before = run.labels()
    wrong = [
        answer != right(row)["answer"] for row, answer in zip(before.to_dict("records"), before["answer"], strict=True)
    ]
    with run.verify(60, progress=False) as verification:
        verification.wait(60, progress=False)
        finish(run)
        after = run.labels()
        assert verification.take_in() == (60 - sum(wrong), sum(wrong), 0)
    assert sum(wrong) > 3
    assert after["answer"].tolist() == [right(row)["answer"] for row in after.to_dict("records")]
    assert after["flag"].tolist() == ["corrected" if one else "verified" for one in wrong]


def test_a_plain_sample_has_the_interval_of_wilson(launched: Callable[..., df.Run], finish: Finish) -> None:
    def strict(inputs: Mapping[str, Any], *_: Any) -> dict[str, Any]:
        return {"_ok": inputs["caption"] not in ("animal 3", "animal 11")}

    perfect = crowd(4, 1.0, arrives=0.0)
    run = launched(strict, workers=perfect, items=20)
    with run.verify(20, by_confidence=False, progress=False) as verification:
        verification.wait(60, progress=False)
        finish(run)
        found = verification.accuracy["answer"]
    assert found is not None
    # Newcombe (1998): 18 of 20.
    assert (found.low, found.mean, found.high) == pytest.approx((0.699, 0.9, 0.972), abs=5e-4)


def test_a_plain_sample_speaks_of_the_items_that_are_in_the_results(
    launched: Callable[..., df.Run], finish: Finish
) -> None:
    run = launched(judge, items=20)
    with run.verify(8, by_confidence=False, progress=False) as verification:
        verification.wait(60, progress=False)
        finish(run)
        labels = run.labels()
        run.set_aside(labels.loc[labels["flag"] == "", "id"].head(3))
        finish(run)
        found = verification.accuracy["answer"]
    assert found is not None
    assert found.of == len(run.labels()) == 17


def test_a_sample_drawn_by_confidence_is_known_more_closely_than_a_plain_one_of_its_size(
    launched: Callable[..., df.Run], finish: Finish
) -> None:
    run = launched(judge, workers=crowd(6, 0.85, arrives=0.0), items=400, overlap=3)
    truth = [
        answer == right(row)["answer"]
        for row, answer in zip(run.labels().to_dict("records"), run.labels()["answer"], strict=True)
    ]
    with run.verify(40, progress=False) as verification:
        verification.wait(60, progress=False)
        finish(run)
        found = verification.accuracy["answer"]
        judged = verification.take_in()
    assert found is not None
    share = sum(truth) / len(truth)
    # 40 plain ones at this share have an interval of Wilson about so wide: 2 · 1.96 · √(p (1 - p) / 40).
    plain = 2 * 1.96 * (share * (1 - share) / 40) ** 0.5
    assert found.high - found.low < plain
    assert judged.right + judged.wrong == 40


def test_it_is_gone_on_with_after_the_process_ended_and_taken_in_once(
    launched: Callable[..., df.Run], finish: Finish, workspace: Path
) -> None:
    run = launched(judge)
    run.verify(10, progress=False).close()
    with run.verify(10, progress=False) as again:
        assert again.trial.name == "run-verify"
        again.trial.wait(60, progress=False)
        assert set(run.labels()["flag"]) & {"verified", "corrected"} == set(), "nobody took it in"
    with run.verify(5, progress=False) as second:
        assert second.trial.name == "run-verify-2"
        finish(run)
        assert (run.labels()["flag"].isin(["verified", "corrected"])).sum() == 10, "what was found before is taken in"
        second.wait(60, progress=False)
        finish(run)
        assert (run.labels()["flag"].isin(["verified", "corrected"])).sum() == 15
        assert second.take_in() == second.take_in()


def test_most_of_the_experts_decide_and_a_tie_is_not_right(launched: Callable[..., df.Run], finish: Finish) -> None:
    def harsh(inputs: Mapping[str, Any], *_: Any) -> dict[str, Any]:
        return {"_ok": False}

    run = launched(judge, harsh, workers=crowd(4, 1.0, arrives=0.0), items=20)
    with run.verify(20, experts=2, progress=False) as verification:
        verification.wait(60, progress=False)
        finish(run)
    assert set(run.labels()["flag"]) == {"wrong"}, "nobody said what is right instead"


def test_what_only_one_of_two_has_judged_waits_until_the_trial_is_stopped(
    launched: Callable[..., df.Run], finish: Finish
) -> None:
    run = launched(judge)
    with run.verify(20, experts=2, progress=False) as verification:
        verification.wait(1, progress=False)
        assert verification.take_in() == (0, 0, 20)
        verification.trial.stop()
        verification.wait(60, progress=False)
        finish(run)
    assert (run.labels()["flag"].isin(["verified", "corrected"])).sum() == 20


def test_a_run_without_answers_has_nothing_to_verify(launched: Callable[..., df.Run], finish: Finish) -> None:
    run = launched(judge, items=8)
    with run.verify(8, progress=False) as verification:
        verification.wait(60, progress=False)
    with pytest.raises(RunError, match="no answers that nobody has judged"):
        run.verify(8, progress=False)


def test_a_plain_sample_beside_one_by_confidence_is_refused(launched: Callable[..., df.Run]) -> None:
    run = launched(judge)
    run.to_verify(10)
    with pytest.raises(RunError, match="items were drawn by confidence before"):
        run.to_verify(10, by_confidence=False)


def test_experts_see_the_item_and_the_answer_and_not_who_gave_it(launched: Callable[..., df.Run]) -> None:
    seen: list[Mapping[str, Any]] = []

    def look(inputs: Mapping[str, Any], *_: Any) -> dict[str, Any]:
        seen.append(dict(inputs))
        return {"_ok": True}

    run = launched(look, items=12)
    with run.verify(12, progress=False) as verification:
        verification.wait(60, progress=False)
    assert all(one.keys() == {"caption", "answer"} for one in seen)
    assert {one["answer"] for one in seen} <= set(LABELS)


def test_a_sample_that_is_larger_than_the_run_says_how_many_answers_are_judged(
    launched: Callable[..., df.Run], capsys: pytest.CaptureFixture[str]
) -> None:
    run = launched(judge, items=12)
    with run.verify(1000, experts=["Anna"]) as verification:
        verification.wait(60, progress=False)
    assert "12 answers are judged, not 1000: the run has no others that nobody has judged" in capsys.readouterr().out


# --- whoever takes them in --------------------------------------------------------------------------


def judged_and_left(run: df.Run, workspace: Path) -> RunFolder:
    """A sample that experts have judged in a process that went away before it took anything in."""
    verification = run.verify(20, progress=False)
    assert verification.trial.wait(60, progress=False).stage == "done"
    verification.close()
    assert not run.labels()["flag"].isin(["verified", "corrected"]).any()
    return RunFolder.of(Workspace.at(workspace), verification.trial.name)


def test_what_experts_found_is_taken_in_when_nobody_waits_for_it(
    launched: Callable[..., df.Run], finish: Finish, workspace: Path
) -> None:
    run = launched(judge)
    trial = judged_and_left(run, workspace)
    EndedTrials(Workspace.at(workspace)).hand_on()
    run.drive()
    finish(run)
    assert (run.labels()["flag"].isin(["verified", "corrected"])).sum() == 20
    assert hand_on(trial) == 0, "it is done once"
    with run.verify(10, progress=False) as another:
        assert another.trial.name == "run-verify-2"


def test_what_experts_found_is_taken_in_beside_whoever_looks_for_runs(
    launched: Callable[..., df.Run], workspace: Path
) -> None:
    trial = judged_and_left(launched(judge), workspace)
    trials = EndedTrials(Workspace.at(workspace))
    trials.look()
    trials.look()  # one is at it already
    for _ in range(600):
        if hand_on(trial) == 0:
            break
        time.sleep(0.1)
    assert hand_on(trial) == 0


def test_the_links_of_experts_are_told_at_once_to_a_file_too(launched: Callable[..., df.Run]) -> None:
    run, file = launched(judge), io.BytesIO()
    with redirect_stdout(io.TextIOWrapper(file, "utf-8")), run.verify(5, ["Anna"]):
        assert b"Trial run-verify" in file.getvalue()


def test_what_was_found_but_not_taken_in_yet_is_taken_in_before_more_is_drawn(
    launched: Callable[..., df.Run], workspace: Path
) -> None:
    run = launched(judge)
    assert hand_on(judged_and_left(run, workspace)) == 20, "it lies in the feed of the run, which nobody drives"
    with run.verify(20, progress=False) as another:
        verified = run.certificate().figures.verified
        assert (verified.sample, verified.waiting) == (20, 20)
        assert another.trial.run.status().items_total == 20


def test_a_process_that_is_killed_before_it_notes_that_it_took_findings_in_changes_nothing(
    launched: Callable[..., df.Run], finish: Finish, workspace: Path
) -> None:
    run = launched(judge)
    trial = judged_and_left(run, workspace)
    assert hand_on(trial) == 20
    change_tried(trial.path, lambda there: type(there)(there.task, there.judged, there.links, there.verifies))
    assert hand_on(trial) == 20, "the run has not heard of them yet"
    run.drive()
    finish(run)
    before = run.certificate().figures.outputs[0].accuracy
    change_tried(trial.path, lambda there: type(there)(there.task, there.judged, there.links, there.verifies))
    assert hand_on(trial) == 0
    assert (run.labels()["flag"].isin(["verified", "corrected"])).sum() == 20
    assert run.certificate().figures.outputs[0].accuracy == before


def test_what_experts_find_in_a_trial_that_was_opened_again_is_taken_in_too(
    launched: Callable[..., df.Run], finish: Finish, workspace: Path
) -> None:
    rest = Break()
    run = launched(judge, rest=rest)
    with run.verify(20, progress=False) as verification:
        assert rest.begun.wait(60)
        verification.trial.stop()
        rest.over.set()
        verification.trial.wait(60, progress=False)
        folder = RunFolder.of(Workspace.at(workspace), verification.trial.name)
        early = hand_on(folder)
        verification.trial.run.reopen()
        assert verification.trial.wait(60, progress=False).stage == "done"
    late = hand_on(folder)
    assert (early, late) == (10, 20), "the run has not heard of the first ten yet"
    run.drive()
    finish(run)
    assert (run.labels()["flag"].isin(["verified", "corrected"])).sum() == 20


def test_a_trial_that_goes_on_or_whose_run_is_gone_is_left_alone(
    launched: Callable[..., df.Run], workspace: Path
) -> None:
    run = launched(judge, judge)
    with run.verify(12, experts=3, progress=False) as verification:
        trial = RunFolder.of(Workspace.at(workspace), verification.trial.name)
        verification.wait(1, progress=False)
        assert hand_on(trial) == 0
        verification.trial.stop()
        verification.trial.wait(60, progress=False)
    run.close()
    run.delete()
    assert hand_on(trial) is None


def test_a_trial_whose_process_was_killed_before_it_noted_what_it_tries_out_is_gone_on_with(
    launched: Callable[..., df.Run], workspace: Path
) -> None:
    run = launched()
    run.verify(12, progress=False).close()
    trial = RunFolder.of(Workspace.at(workspace), "run-verify")
    noted = tried_in(trial.path)
    (trial.path / "trial.json").unlink()
    with run.verify(12, progress=False) as again:
        assert again.trial.name == "run-verify"
    found = tried_in(trial.path)
    assert noted is not None
    assert found is not None
    assert (found.task, found.judged, found.verifies) == (noted.task, True, noted.verifies)
