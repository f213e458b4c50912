"""Opinion scores and preferences of a run."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Any, NamedTuple

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation import mean_opinion_scores
from dataforge.errors import DataError, RunError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving.opinions import shown_scores
from dataforge.runs.driving.snapshot import make_snapshot
from dataforge.runs.driving.view import RunView
from dataforge.workspace import Workspace

GOOD = {"robot": 2.0, "new": 3.5, "human": 4.6}


@df.task(duration="5s")
def natural(clip: df.Text) -> Annotated[int, df.Mos(item="sentence")]:
    """How natural does it sound?"""
    raise NotImplementedError


@df.task(duration="5s")
def quality(clip: df.Text) -> Annotated[int, df.Mos(0, 100, reference="human", anchor="robot")]:
    """How good is it, beside the reference?"""
    raise NotImplementedError


@df.task(duration="5s")
def better(left: df.Text, right: df.Text) -> Annotated[str, df.SideBySide(tie=True)]:
    """Which sounds better?"""
    raise NotImplementedError


def clips(sentences: int = 6, **more: Any) -> list[dict[str, Any]]:
    return [
        {"clip": f"{system} {n}", "system": system, "sentence": n} | more for n in range(sentences) for system in GOOD
    ]


def listens(habit: float) -> Any:
    def answer(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        return {"answer": max(1, min(5, round(GOOD[inputs["clip"].split()[0]] + habit + rng.gauss(0, 0.5))))}

    return answer


def at_random(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": {"robot": 5, "new": 3, "human": 1}[inputs["clip"].split()[0]]}


def on_a_long_scale(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": {"robot": 20, "new": 60, "human": 100}[inputs["clip"].split()[0]] - rng.randint(0, 5)}


def deaf(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": 50 + rng.randint(0, 30)}


@pytest.fixture
def launched(tmp_path: Path, finish: Callable[[df.Run], Any]) -> Iterator[Any]:
    runs = []

    def launch(task: df.Task, items: Any, people: Mapping[str, Any], **policy: Any) -> df.Run:
        come = [SimulatedWorker(name, answer, arrives=20.0 * n) for n, (name, answer) in enumerate(people.items())]
        settings = {"page": (6, 0), "overlap": len(people), "speed": (), **policy}
        platform = SimulatedPlatform(come, lambda inputs: {"answer": 3}, seed=1)
        runs.append(
            df.launch(
                task, items, policy=df.Policy(**settings), name="study", platform=platform, workspace=tmp_path,
                progress=False,
            )
        )  # fmt: skip
        finish(runs[-1])
        return runs[-1]

    yield launch
    for run in runs:
        run.close()


PEOPLE = {**{f"w{n}": listens(0.3 * (n - 3)) for n in range(7)}, "odd": at_random}


def test_a_run_tells_the_mean_score_of_each_system_and_who_was_not_heard(launched: Any, tmp_path: Path) -> None:
    run = launched(natural, clips(), PEOPLE)
    found = run.mos()
    assert found.systems["score"].sort_values().index.tolist() == ["robot", "new", "human"]
    assert found.workers.loc["odd", "verdict"] == "rejected"
    assert (found.systems["workers"] == 7).all()
    assert (found.systems["tasks"] == 6).all()
    # The same from the table of responses, put together by hand.
    table = run.responses().merge(run.labels()[["id", "system", "sentence"]], on="id")
    by_hand = mean_opinion_scores(table.rename(columns={"answer": "label", "sentence": "task"}))
    assert by_hand.systems["score"].to_numpy() == pytest.approx(found.systems["score"].to_numpy())
    assert by_hand.systems["high"].to_numpy() == pytest.approx(found.systems["high"].to_numpy())
    run.close()
    with df.open_run("study", tmp_path) as again:
        assert again.mos().systems.equals(found.systems)
        assert "<svg" in again.mos()._repr_html_()


def test_scores_are_on_the_requesters_page_the_best_system_first(launched: Any, tmp_path: Path) -> None:
    found = launched(natural, clips(), PEOPLE).mos().systems
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path), "study"))
    view.catch_up()
    scores = make_snapshot(view, np.empty(0, np.int64)).scores
    assert [one.system for one in scores] == ["human", "new", "robot"]
    told = {one.system: (one.score, one.low, one.high, one.answers, one.workers) for one in scores}
    for system, row in found.iterrows():
        assert told[system] == pytest.approx(tuple(row[["score", "low", "high", "answers", "workers"]]), abs=1e-4)


def test_who_is_not_heard_and_what_rests_on_one_answer_is_told_among_the_notices(launched: Any, tmp_path: Path) -> None:
    launched(natural, clips(), PEOPLE)
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path), "study"))
    view.catch_up()
    told = [notice["en"] for notice in make_snapshot(view, np.empty(0, np.int64)).notices]
    assert "Listeners who are not heard: 1 of 8." in told[-1]
    assert view.of_scores[-1].keys() == {"en", "ru", "tr", "kk", "uz", "es"}


def test_a_score_of_one_answer_is_told(launched: Any, tmp_path: Path) -> None:
    run = launched(natural, clips(1), {"w0": listens(0)}, overlap=1)
    assert run.mos().notices[-1].startswith("one answer is all that the score of human, new, robot rests on")
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path), "study"))
    view.catch_up()
    told = [notice["en"] for notice in make_snapshot(view, np.empty(0, np.int64)).notices]
    assert told[-1] == "Systems whose score rests on one answer: 'human', 'new', 'robot'. One answer is one opinion."
    run.close()


def test_limits_of_a_run_end_with_the_scale(launched: Any) -> None:
    found = launched(natural, clips(2), {f"w{n}": listens(0.5 * n) for n in range(3)}).mos()
    assert found.systems[["low", "high"]].stack().dropna().between(1, 5).all()


def test_scores_on_the_page_follow_when_answers_count_no_more(launched: Any, tmp_path: Path) -> None:
    launched(natural, clips(), PEOPLE)
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path), "study"))
    view.catch_up()
    view.state.ending = None
    count = view.state.responses.accepted_total
    view.scores = count, ()
    assert shown_scores(view) == (), "not with each answer"
    view.scores = count + 40, ()
    assert [one.system for one in shown_scores(view)] == ["human", "new", "robot"]


def test_before_anybody_has_heard_the_anchor_the_reference_is_looked_at_all_the_same(
    launched: Any, tmp_path: Path
) -> None:
    rows = [row for row in clips() if row["system"] != "robot"]
    launched(quality, rows, {**{f"w{n}": on_a_long_scale for n in range(4)}, "deaf": deaf})
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path), "study"))
    view.catch_up()
    assert [(one.system, one.workers) for one in shown_scores(view)] == [("human", 4), ("new", 4)]


def test_who_is_too_fast_is_not_heard(launched: Any) -> None:
    run = launched(natural, clips(), PEOPLE)
    with pytest.warns(match="all its workers were left out"):
        found = run.mos(least_seconds=1e6)
    assert set(found.workers["verdict"]) == {"too fast"}


def test_listeners_who_miss_the_hidden_reference_are_not_heard(launched: Any) -> None:
    run = launched(quality, clips(), {**{f"w{n}": on_a_long_scale for n in range(4)}, "deaf": deaf})
    found = run.mos()
    assert found.workers["verdict"].to_dict()["deaf"] == "missed the reference"
    assert found.systems.loc["human", "score"] > 94


def test_one_system_and_one_worker_have_a_score_and_no_limits(launched: Any) -> None:
    one = [row for row in clips() if row["system"] == "new"]
    found = launched(natural, one, {"w": listens(0)}).mos()
    assert found.systems["score"].notna().all()
    assert found.systems[["low", "high"]].isna().all(axis=None)
    assert found.workers.loc["w", "verdict"] == "counts"


def test_items_of_no_system_are_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    rows = [{"clip": "a", "sentence": 1}]
    with pytest.raises(DataError, match=r"no column 'system' that says which system made an item"):
        df.launch(natural, rows, workspace=tmp_path, platform=SimulatedPlatform([], lambda inputs: {}))
    rows = [{"clip": "a", "sentence": 1, "system": None}, {"clip": "b", "sentence": 1, "system": "x"}]
    with pytest.raises(DataError, match=r"nothing in the column 'system'; name a system"):
        df.launch(natural, rows, workspace=tmp_path, platform=SimulatedPlatform([], lambda inputs: {}))
    with pytest.raises(DataError, match=r"no column 'sentence' that says what an item was made of"):
        df.launch(natural, [{"clip": "a", "system": "x"}], workspace=tmp_path)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"low": 5, "high": 1}, "mos: low 5 must be below high 1"),
        ({"system": ""}, "system must be the name of a column"),
        ({"reference": "x"}, "heard on a scale from 0 to 100"),
        ({"low": 0, "high": 100, "reference": "x", "anchor": "x"}, "cannot be both"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError, match=told):
        df.Mos(**settings)


def prefers(share: float) -> Any:
    def answer(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        if rng.random() < 0.2:
            return {"answer": "same"}
        new = "left" if inputs["left"].startswith("new") else "right"
        other = {"left": "right", "right": "left"}[new]
        return {"answer": new if rng.random() < share else other}

    return answer


def pairs(count: int = 8) -> list[dict[str, str]]:
    names = [("new", "old") if n % 2 else ("old", "new") for n in range(count)]
    return [
        {"left": f"{one} {n}", "right": f"{other} {n}", "left_system": one, "right_system": other}
        for n, (one, other) in enumerate(names)
    ]


def test_a_run_of_comparisons_tells_what_people_prefer(launched: Any) -> None:
    run = launched(better, pairs(), {f"w{n}": prefers(0.9) for n in range(9)})
    row = run.preferences().pairs.reset_index().iloc[0]
    assert (row["first"], row["second"]) == ("new", "old")
    assert row["low"] > 0.5
    assert row["p_value"] < 0.01
    assert row["prefer_first"] + row["prefer_second"] + row["ties"] == 72
    with pytest.raises(RunError, match=r"no column 'other' that says which system the left one is of"):
        run.preferences(left="other")
    with pytest.raises(RunError, match=r"has no answers of the kind df.Mos\(\)"):
        run.mos()


def test_where_nobody_hears_a_difference_nothing_is_preferred(launched: Any) -> None:
    run = launched(better, pairs(), {f"w{n}": lambda *_: {"answer": "same"} for n in range(3)})
    row = run.preferences().pairs.iloc[0]
    assert (row["share"], row["ties"], row["p_value"]) == (0.5, 24, 1.0)
    assert np.isnan(row["low"])


class Heard(NamedTuple):
    natural: Annotated[int, df.Mos(item="sentence")]
    metallic: Annotated[int, df.Mos(item="sentence")]


@df.task(duration="5s")
def twice(clip: df.Text) -> Heard:
    """How natural does it sound, and how metallic?"""
    raise NotImplementedError


def test_each_of_several_scores_is_on_the_requesters_page(launched: Any, tmp_path: Path) -> None:
    def hears(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        natural_ = round(GOOD[inputs["clip"].split()[0]] + rng.gauss(0, 0.4))
        return {name: max(1, min(5, score)) for name, score in (("natural", natural_), ("metallic", 6 - natural_))}

    launched(twice, clips(), {f"w{n}": hears for n in range(6)})
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path), "study"))
    view.catch_up()
    scores = make_snapshot(view, np.empty(0, np.int64)).scores
    best = {name: [one.system for one in scores if one.output == name] for name in ("natural", "metallic")}
    assert best == {"natural": ["human", "new", "robot"], "metallic": ["robot", "new", "human"]}
