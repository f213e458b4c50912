"""Answers that are grades of a scale: the middle one, its mean and limits, and how near counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving.snapshot import make_snapshot
from dataforge.runs.driving.view import RunView
from dataforge.runs.quality._scale import Scale, scale_of
from dataforge.workspace import Workspace


@df.task(duration="10s")
def grade(caption: df.Text) -> Annotated[int, df.Rating(1, 5)]:
    """How good is it?"""
    raise NotImplementedError


@dataclass
class Judged:
    beauty: Annotated[int, df.Rating(1, 5)] | None
    grams: float


@df.task(duration="10s")
def judge(caption: df.Text) -> Judged:
    """How beautiful is it, and how heavy?"""
    raise NotImplementedError


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"answer": Random(inputs["caption"]).choice([1, 2, 3, 4, 5])}


def about(share: float) -> Any:
    """Somebody who is right so often, and else mostly one grade off."""

    def answer(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        if rng.random() < share:
            return {"answer": right["answer"]}
        off = rng.choice([-1, 1]) * (1 if rng.random() < 0.85 else 2)
        return {"answer": min(5, max(1, right["answer"] + off))}

    return answer


def always_one_off(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": right["answer"] - 1 if right["answer"] > 1 else 2}


def guesses(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": rng.randint(1, 5)}


def in_the_middle(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": 3}


CROWD = {**{f"w{n}": about(0.7) for n in range(8)}, "off": always_one_off, "guess": guesses, "middle": in_the_middle}


@pytest.fixture
def graded(tmp_path: Path) -> Any:
    """Launch over grades, with some workers of the crowd."""
    runs = []

    def launch(
        *workers: str, items: int = 60, seed: int = 1, name: str = "grades", place: str = ".dataforge", **policy: Any
    ) -> df.Run:
        come = [SimulatedWorker(w, CROWD[w], arrives=20.0 * n) for n, w in enumerate(workers or CROWD)]
        control = [{"caption": f"known {n}", **truth({"caption": f"known {n}"})} for n in range(30)]
        settings = {"page": (4, 2), "overlap": 4, "speed": (), "control": None, "control_ratio": 0, **policy}
        runs.append(
            df.launch(
                grade, [{"caption": f"thing {seed} {n}"} for n in range(items)], control=control,
                policy=df.Policy(**settings), name=name, platform=SimulatedPlatform(come, truth, seed=seed),
                workspace=tmp_path / place, progress=False,
            )
        )  # fmt: skip
        return runs[-1]

    yield launch
    for run in runs:
        run.close()


def scale(low: int = 1, high: int = 5, alike: float | None = None, **more: Any) -> Scale:
    def asked(caption: df.Text) -> Any: ...

    asked.__annotations__["return"] = df.Rating(low, high, **more)
    asked.__doc__ = "How good is it?"
    found = scale_of(df.task(asked).outputs[0], alike)
    assert found is not None
    return found


def test_the_answer_is_the_grade_in_the_middle_or_next_to_the_mean_as_told() -> None:
    torn = np.array([[0.45, 0.0, 0.1, 0.0, 0.45], [0.4, 0.05, 0.05, 0.1, 0.4], [0, 0, 0.1, 0.2, 0.7]])
    assert scale().answers(torn).tolist() == [2, 2, 4]  # 3, 3 and 5
    skewed = np.array([[0.3, 0.3, 0.0, 0.0, 0.4]])
    assert scale().answers(skewed).tolist() == [1]
    # 0.3 + 0.6 + 2.0 = 2.9
    assert scale(answer_by="mean").answers(skewed).tolist() == [2]


def test_mean_and_limits_follow_from_how_probable_each_grade_is() -> None:
    probable = np.array([[0.01, 0.02, 0.07, 0.6, 0.3], [0, 0, 0, 0, 1.0], [0.2] * 5])
    told = scale().grades(probable, np.array([3, 4, 2]), np.array([True, True, False]))
    assert told.mean.tolist()[:2] == pytest.approx([0.01 + 0.04 + 0.21 + 2.4 + 1.5, 5])
    # 0.07 + 0.6 + 0.3 = 0.97, and no two grades in a row hold 0.95.
    assert (told.low.tolist()[:2], told.high.tolist()[:2]) == ([3, 5], [5, 5])
    assert [np.isnan(column[2]) for column in told] == [True] * 3


def test_a_grade_near_the_known_one_is_a_part_of_a_right_answer() -> None:
    of_five = scale()
    assert of_five.credit[4].tolist() == [0, 0, 0, 0.75, 1]
    assert of_five.near[4].tolist() == [False, False, False, True, True]
    # Of three grades the next one is as far off as one can be who always says the middle.
    assert scale(1, 3).credit[2].tolist() == [0, 0, 1]
    assert not scale(1, 3).near[2, 1]
    assert scale(alike=1).near.tolist() == np.eye(5, dtype=bool).tolist()
    # Who guesses, and who always says the middle, gets less than who is always one grade off.
    assert max(of_five.credit.mean(), of_five.credit[:, 2].mean()) == 0.5 < 0.75


def test_results_have_mean_and_limits_beside_the_answer(
    graded: Any, finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    run = graded()
    finish(run)
    found = run.labels()
    assert list(found.columns)[2:7] == ["answer", "confidence", "mean", "low", "high"]
    probable = run.probabilities()[["1", "2", "3", "4", "5"]].to_numpy(float)
    assert found["mean"].to_numpy() == pytest.approx(probable @ np.arange(1, 6), abs=1e-5)
    assert ((found["low"] <= found["answer"]) & (found["answer"] <= found["high"])).all()
    with df.open_run("grades", tmp_path / ".dataforge") as again:
        assert again.labels().equals(found)


def test_an_items_page_has_its_mean_and_limits(graded: Any, finish: Callable[[df.Run], Any], tmp_path: Path) -> None:
    run = graded(items=8)
    finish(run)
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path / ".dataforge"), "grades"))
    view.catch_up()
    items = view.state.in_results()
    told = {one.key: one.grades["answer"] for one in make_snapshot(view, items).items}
    for key, mean, low, high in run.labels()[["id", "mean", "low", "high"]].itertuples(index=False):
        assert told[str(key)] == pytest.approx((mean, low, high), abs=1e-6)


def test_limits_hold_the_true_grade_as_often_as_they_say(graded: Any, finish: Callable[[df.Run], Any]) -> None:
    held, wide = [], []
    for seed in range(4):
        run = graded(items=80, seed=seed, name=f"run-{seed}")
        finish(run)
        found = run.labels()
        right = [truth({"caption": caption})["answer"] for caption in found["caption"]]
        held += ((found["low"] <= right) & (right <= found["high"])).tolist()
        wide += (found["high"] - found["low"]).tolist()
    assert np.mean(held) >= 0.95
    # The whole scale would be 4 wide.
    assert np.mean(wide) < 2


def test_who_is_always_one_grade_off_is_not_taken_for_who_guesses(
    graded: Any, finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    run = graded(items=120)
    finish(run)
    of = run.workers().set_index("worker")
    assert of.loc["off", "control_accuracy"] == 1
    assert of.loc["off", "skill"] > of.loc[["guess", "middle"], "skill"].max()
    # Who guesses is right by three of five grades, and so is who always says the middle: their answers tell too little.
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path / ".dataforge"), "grades"))
    view.catch_up()
    little = dict(zip(of.index, view.quality.tell_little(np.arange(len(of))).tolist(), strict=True))
    assert [name for name, tells in little.items() if tells] == ["guess", "middle"]


def test_a_policy_may_want_the_very_grade(graded: Any, finish: Callable[[df.Run], Any]) -> None:
    crowd = [*CROWD][:9]
    near = graded(*crowd, name="near", control_ratio=1)
    exact = graded(*crowd, name="exact", control_ratio=1, control_similarity=1)
    finish(near)
    exact.wait(20, progress=False)
    assert near.workers().set_index("worker").loc["off", "pages_rejected"] == 0
    of = exact.workers().set_index("worker").loc["off"]
    assert (of["pages_accepted"], of["control_correct"]) == (0, 0)


def test_grades_beside_a_number_that_is_merged_have_their_mean_too(
    tmp_path: Path, finish: Callable[[df.Run], Any]
) -> None:
    def answer(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        grade = None if inputs["caption"] == "thing 0" else max(1, min(5, right["beauty"] + rng.choice([-1, 0, 0, 1])))
        return {"beauty": grade, "grams": right["grams"]}

    come = [SimulatedWorker(f"w{n}", answer, arrives=20.0 * n) for n in range(6)]
    platform = SimulatedPlatform(come, lambda inputs: {"beauty": 4, "grams": 20.0}, seed=1)
    items = [{"caption": f"thing {n}"} for n in range(20)]
    policy = df.Policy(page=(4, 0), overlap=4, speed=())
    with df.launch(
        judge, items, policy=policy, name="both", platform=platform, workspace=tmp_path, progress=False
    ) as run:
        finish(run)
        found = run.labels()
    assert list(found.columns)[2:9] == [
        *("beauty", "beauty_confidence", "beauty_mean", "beauty_low", "beauty_high"),
        *("grams", "grams_confidence"),
    ]
    told = found.set_index("caption")[["beauty", "beauty_mean", "beauty_low", "beauty_high"]]
    assert told.loc["thing 0"].isna().all()
    rest = told.drop("thing 0").astype(float)
    assert ((rest["beauty_mean"] > 2.5) & (rest["beauty_mean"] < 4.8)).all()


def test_grades_of_which_a_policy_says_that_they_are_merged_are_answered_as_grades(
    graded: Any, finish: Callable[[df.Run], Any]
) -> None:
    merged, chosen = graded(quality="merge"), graded(place="other")
    for run in (merged, chosen):
        finish(run)
    ours = ["answer", "confidence", "mean", "low", "high"]
    assert merged.labels()[ours].equals(chosen.labels()[ours])
    assert merged.labels()["mean"].notna().all()
