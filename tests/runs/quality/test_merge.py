"""Answers that are merged into one: numbers, and options beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from tests.runs.conftest import crowd

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.driving.view import RunView


@dataclass
class Weighed:
    grams: float
    heavy: bool


@df.task(duration="10s")
def weigh(caption: df.Text) -> Weighed:
    """How much does it weigh, and is that much?"""
    raise NotImplementedError


@df.task(duration="10s")
def repeat(caption: df.Text) -> str:
    """Write it down."""
    raise NotImplementedError


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    grams = 50.0 + float(inputs["caption"].rsplit(" ", 1)[1]) * 7
    return {"grams": grams, "heavy": grams > 400}


def weighing(noise: float) -> Any:
    def answer(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        grams = round(right["grams"] * rng.gauss(1, noise), 1)
        return {"grams": grams, "heavy": right["heavy"] if rng.random() > noise else not right["heavy"]}

    return answer


def launched(workspace: Path, finish: Callable[[df.Run], Any], **policy: Any) -> df.Run:
    noises = [0.01, 0.02, 0.02, 0.03, 0.5, 0.02, 0.03, 0.01]
    workers = [SimulatedWorker(f"w{n}", weighing(noise), arrives=20.0 * n) for n, noise in enumerate(noises)]
    platform = SimulatedPlatform(workers, truth, seed=2)
    items = [{"caption": f"stone {n}"} for n in range(100)]
    control = [{"caption": f"known {n}", **truth({"caption": f"known {n}"})} for n in range(200, 210)]
    settings = {"page": (5, 1), "speed": (), "control": None, "control_similarity": 0.9, **policy}
    run = df.launch(
        weigh, items, control=control, policy=df.Policy(**settings), name="stones", platform=platform,
        workspace=workspace, progress=False,
    )  # fmt: skip
    finish(run)
    return run


def test_numbers_are_merged_beside_options_and_as_sure_as_they_claim(workspace: Path, finish: Any) -> None:
    run = launched(workspace, finish, overlap=(2, 5))
    labels = run.labels()
    grams = np.array([truth({"caption": caption})["grams"] for caption in labels["caption"]])
    right = np.abs(labels["grams"] / grams - 1) <= 0.05
    assert set(labels["verdict"]) == {"merged"}
    assert right.mean() > 0.95
    assert labels["grams_confidence"].mean() == pytest.approx(right.mean(), abs=0.08)
    assert (labels["heavy"] == (grams > 400)).mean() > 0.95
    # More answers went to items that were not sure, and few needed them.
    assert labels["overlap"].min() == 2
    assert labels["overlap"].mean() < 3
    assert run.status().stage == "done"


def test_a_run_read_from_its_log_or_a_checkpoint_knows_the_same(workspace: Path, finish: Any) -> None:
    run = launched(workspace, finish, overlap=2)
    labels = run.labels()
    folder = run._held.folder
    run.close()
    assert df.open_run("stones", workspace).labels().to_json() == labels.to_json()
    view = RunView.open(folder)
    view.catch_up()
    again = RunView.open(folder)
    again.quality.load(view.quality.arrays())
    items = np.arange(110)
    assert [one.values.tolist() for one in again.quality.outcomes(items)] == [
        one.values.tolist() for one in view.quality.outcomes(items)
    ]
    folder.checkpoint.unlink(missing_ok=True)
    # Final answers are in the log; what was not declared follows from the answers.
    assert df.open_run("stones", workspace).labels().to_json() == labels.to_json()


def test_one_answer_of_somebody_who_is_not_checked_is_not_claimed(workspace: Path, finish: Any) -> None:
    platform = SimulatedPlatform([SimulatedWorker("w", lambda inputs, right, rng: {"answer": inputs["caption"]})])
    run = df.launch(
        repeat, [{"caption": name} for name in "abc"], name="once", platform=platform, workspace=workspace,
        policy=df.Policy(quality="merge", overlap=1, page=(3, 0), speed=()), progress=False,
    )  # fmt: skip
    finish(run)
    labels = run.labels()
    assert labels["answer"].tolist() == ["a", "b", "c"]
    assert labels["flag"].tolist() == ["unverified"] * 3
    assert labels["confidence"].isna().all()


def test_a_corrected_answer_stays(workspace: Path, finish: Any) -> None:
    run = launched(workspace, finish, overlap=2)
    run.correct("3", {"grams": 1.5, "heavy": False})
    finish(run)
    row = run.labels().set_index("id").loc["3"]
    assert (row["grams"], row["grams_confidence"], row["flag"]) == (1.5, 1.0, "corrected")


def test_options_alone_are_merged_as_consensus_has_them(start: Any, finish: Any) -> None:
    merged = start(items=12, workers=crowd(4, 0.9), quality="merge", name="merged")
    finish(merged)
    chosen = start(items=12, workers=crowd(4, 0.9), name="merged-not")
    finish(chosen)
    assert set(merged.labels()["verdict"]) == {"merged"}
    assert "verdict" not in chosen.labels()
    for labels in (merged.labels(), chosen.labels()):
        assert labels["confidence"].notna().all()
        assert set(labels["flag"]) <= {"", "unsure"}
    assert list(merged.probabilities().columns) == list(chosen.probabilities().columns)


WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def hearing(skill: float, alike: int) -> Any:
    """Somebody who writes words right so often; in `alike` of ten texts are two that all misspell alike."""

    def answer(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        words = right["answer"].split()
        if int(inputs["caption"].split()[1]) % 10 < alike:
            words[:2] = ["wun", "too"]
        return {"answer": " ".join(word if rng.random() < skill else rng.choice(WORDS) for word in words)}

    return answer


def heard(workspace: Path, finish: Callable[[df.Run], Any], known: int, alike: int) -> tuple[df.Run, Any]:
    """A finished run of texts, so many more of which are known, and which of its answers are right."""
    said = lambda inputs: {"answer": " ".join(Random(inputs["caption"] + "!").choices(WORDS, k=8))}  # noqa: E731
    workers = [SimulatedWorker(f"w{n}", hearing(0.98, alike), arrives=20.0 * n) for n in range(8)]
    control = [{"caption": f"known {n}", **said({"caption": f"known {n}"})} for n in range(known)] or None
    run = df.launch(
        repeat, [{"caption": f"clip {n}"} for n in range(90)], control=control, name="heard", workspace=workspace,
        policy=df.Policy(quality="merge", overlap=3, page=(6, 2 if known else 0), control_similarity=0.7,
                         speed=(), control=None), platform=SimulatedPlatform(workers, said, seed=3), progress=False,
    )  # fmt: skip
    finish(run)
    labels = run.labels()
    right = [
        df.Text().similarity(answer, said({"caption": caption})["answer"]) >= 0.9
        for answer, caption in zip(labels["answer"], labels["caption"], strict=True)
    ]
    return run, np.array(right)


@pytest.mark.parametrize("alike", [0, 4])
def test_merged_texts_are_as_sure_as_they_are_right_about_control_items(
    alike: int, workspace: Path, finish: Any
) -> None:
    run, right = heard(workspace, finish, known=40, alike=alike)
    assert run.labels()["confidence"].mean() == pytest.approx(right.mean(), abs=0.07)


def test_without_known_answers_agreement_makes_no_text_certain_and_it_is_said(workspace: Path, finish: Any) -> None:
    run, _ = heard(workspace, finish, known=0, alike=0)
    labels = run.labels()
    assert 0.7 < labels["confidence"].mean() < 0.85
    assert set(labels["flag"]) == {"unsure"}
    assert set(labels["overlap"]) == {3}
    told = [notice["en"] for notice in run.status().notices]
    assert any(
        "This crowd can be trusted no further than" in one and "a launch with as many control items" in one
        for one in told
    )
