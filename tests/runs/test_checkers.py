"""Models that judge answers beside people: measured on the check's control items, recorded, and done without."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from tests.runs.conftest import animal, crowd

import dataforge as df
from dataforge.checks import check_items, check_task
from dataforge.data.items import Items
from dataforge.errors import RunError, SpecError
from dataforge.models import Checkers
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

Finish = Callable[[df.Run], Any]
Launched = Callable[..., df.Run]
ITEMS = [{"sound": f"s{number}"} for number in range(24)]
KNOWN = [{"sound": f"k{number}", "answer": f"k{number}!"} for number in range(40)]
POLICY = df.Policy(
    page=(4, 0), control=None, check=df.Policy(page=(4, 2), control=None, overlap=(1, 5), min_confidence=0.9)
)


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


class Found(df.Choice):
    GOOD = df.option("good", right=True)
    WORDS = df.option("words")
    NOISE = df.option("noise")


@df.task(duration="10s")
def found(sound: df.Text, answer: df.Text) -> Found:
    """What is wrong with it?"""
    raise NotImplementedError


def is_right(item: Mapping[str, Any]) -> bool:
    return bool(item["answer"] == f"{item['sound']}!")


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    right = f"{inputs['sound']}!"
    good = inputs.get("answer") == right
    return {"answer": right, "ok": good}


def person(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Right in four of five, where they write and where they judge."""
    well = rng.random() < 0.8
    if "answer" in inputs:
        return {"ok": truth["ok"] is well}
    return {"answer": truth["answer"] if well else f"{inputs['sound']}?{rng.randrange(9)}"}


def knows(items: list[dict[str, Any]]) -> list[bool]:
    return [is_right(item) for item in items]


def raising(items: list[dict[str, Any]]) -> list[bool]:
    raise OSError("out of memory")


def lacking(items: list[dict[str, Any]]) -> list[bool]:
    raise SpecError("the environment variable 'KEY' is not set")


def fails_later(fails: Callable[[list[dict[str, Any]]], Any]) -> Callable[[list[dict[str, Any]]], Any]:
    """A model that knows control items, and fails so of what comes afterwards."""
    return lambda items: knows(items) if items[0]["sound"].startswith("k") else fails(items)


@pytest.fixture
def launched(workspace: Path) -> Iterator[Launched]:
    runs: list[df.Run] = []

    def launch(*models: df.Model, place: str = "a", name: str = "run", **more: Any) -> df.Run:
        people = [SimulatedWorker(f"w{n}", person, arrives=20.0 * n, seconds=10.0) for n in range(40)]
        settings: dict[str, Any] = {"policy": POLICY, "control": KNOWN, "items": ITEMS} | more
        platform = SimulatedPlatform(people, truth, seed=1)
        run = df.launch(
            heard,
            workspace=workspace / place,
            progress=False,
            name=name,
            checkers=models or None,
            **{"platform": platform} | settings,
        )
        runs.append(run)
        return run

    yield launch
    for run in runs:
        run.close()


def judged(run: df.Run) -> int:
    return len(run.checks())


def right(run: df.Run) -> float:
    labels = run.labels()
    return float((labels["answer"] == labels["sound"] + "!").mean())


def told(run: df.Run, workspace: Path, place: str = "a") -> str:
    check = df.open_run(f"{run.name}-check", workspace / place)
    return " ".join(line["en"] for line in (*check.about, *check.notices))


def test_a_model_that_knows_what_is_right_saves_judgements_and_is_measured_on_control_items(
    launched: Launched, finish: Finish, workspace: Path
) -> None:
    more = [{"sound": f"s{number}"} for number in range(60)]
    alone, beside = launched(items=more), launched(df.Model("judge", knows), place="b", items=more)
    finish(alone)
    finish(beside)
    (model,) = beside.voters().to_dict("records")
    assert (model["model"], model["control_correct"], model["control_total"]) == ("judge", 40, 40)
    assert model["items"] >= len(more)
    assert model["weight"] > 0.5
    assert judged(beside) < 0.8 * judged(alone)
    assert right(beside) >= right(alone)
    assert "The model judge has no label" not in told(beside, workspace, "b")
    assert "judge" not in set(beside.checks()["judge"])


USELESS = {
    "says always yes": lambda items: [True] * len(items),
    "guesses": lambda items: [Random(str(item)).random() < 0.5 for item in items],
}


@pytest.mark.parametrize("how", list(USELESS))
def test_a_model_that_tells_nothing_changes_nothing(launched: Launched, finish: Finish, how: str) -> None:
    alone, beside = launched(), launched(df.Model("judge", USELESS[how]), place="b")
    finish(alone)
    finish(beside)
    assert beside.voters()["weight"].tolist() == [0.0]
    assert judged(beside) == judged(alone)
    assert beside.labels().drop(columns="flag").equals(alone.labels().drop(columns="flag"))


BROKEN = {
    "raises": (raising, "OSError: out of memory"),
    "gives too few": (lambda items: [True] * (len(items) - 1), "labels, one for each item, got"),
    "gives NaN and prose": (lambda items: [float("nan"), "it is fine"] * len(items), "labels, one for each item, got"),
    "gives prose": (lambda items: ["it is fine"] * len(items), "expected one of"),
    "lacks its key": (lacking, "the environment variable 'KEY' is not set"),
    "never answers": (lambda items: threading.Event().wait(), "no answer within 0.05 seconds"),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_where_a_model_fails_as_answers_come_people_judge_alone_and_it_is_told_once(
    launched: Launched, finish: Finish, workspace: Path, how: str
) -> None:
    fails, wrong = BROKEN[how]
    calls: list[int] = []

    def counted(items: list[dict[str, Any]]) -> Any:
        calls.append(len(items))
        return fails(items)

    run = launched(df.Model("judge", fails_later(counted), timeout=0.05 if how == "never answers" else 60.0))
    finish(run)
    assert run.labels()["verdict"].notna().all()
    assert run.voters()["items"].tolist() == [0]
    notices = told(run, workspace)
    assert wrong in notices
    assert notices.count("The model judge has no label") == 1
    assert len(calls) <= 2 * 3 or how == "gives prose", "after three batches in a row it is asked no more"


def test_a_model_that_fails_at_control_items_is_not_asked_about_answers(
    launched: Launched, finish: Finish, workspace: Path
) -> None:
    calls: list[str] = []

    def fails(items: list[dict[str, Any]]) -> list[bool]:
        calls.extend(item["sound"] for item in items)
        raise OSError("out of memory")

    run = launched(df.Model("judge", fails, batch=100))
    finish(run)
    assert {sound[0] for sound in calls} == {"k"}
    assert "OSError: out of memory" in told(run, workspace)


def test_a_model_is_shown_each_answer_with_its_item_once_and_a_run_that_goes_on_asks_no_more(
    launched: Launched, finish: Finish, workspace: Path
) -> None:
    asked: list[tuple[str, str]] = []

    def predict(items: list[dict[str, Any]]) -> list[bool]:
        assert all(set(item) == {"sound", "answer"} for item in items)
        asked.extend((item["sound"], item["answer"]) for item in items)
        return knows(items)

    run = launched(df.Model("judge", predict))
    finish(run)
    run.close()
    assert len(asked) == len(set(asked))
    given = run.responses().merge(run.labels()[["id", "sound"]], on="id")
    assert set(zip(given["sound"], given["answer"], strict=True)) <= set(asked)
    before = len(asked)
    again = launched(df.Model("judge", predict))
    assert len(asked) == before
    assert again.voters()["control_total"].tolist() == [40]
    again.close()
    with pytest.raises(RunError, match="differs from this launch"):
        launched()


def test_what_a_checker_costs_is_in_the_budget_and_no_more_is_spent(launched: Launched, finish: Finish) -> None:
    policy = POLICY.changed(budget=20.0)
    run = launched(df.Model("judge", knows, price=0.01), policy=policy)
    finish(run)
    stages = run.cost().set_index("stage")["total"]
    asked = int(run.voters()["items"].iloc[0]) + 40
    assert stages["models"] == pytest.approx(0.01 * asked)
    assert stages["models"] <= 0.01 * (40 + 3 * len(ITEMS))
    assert run.status().models_cost == pytest.approx(stages["models"])
    with pytest.raises(SpecError, match=r"to ask the models about all items costs \$112.00"):
        launched(df.Model("judge", knows, price=1.0), policy=policy, name="dear")


def test_a_checker_speaks_in_the_words_of_a_check_of_ones_own(launched: Launched, finish: Finish) -> None:
    def says(items: list[dict[str, Any]]) -> list[str]:
        return ["good" if is_right(item) else "noise" for item in items]

    def judges(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        if "answer" not in inputs:
            return {"answer": truth["answer"]}
        return {"ok": "good" if truth["ok"] == "good" else "words"}

    def judged_truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {**truth(inputs), "ok": "good" if truth(inputs)["ok"] else "words"}

    people = [SimulatedWorker(f"w{n}", judges, arrives=20.0 * n, seconds=10.0) for n in range(40)]
    run = launched(df.Model("judge", says), check=found, platform=SimulatedPlatform(people, judged_truth, seed=1))
    finish(run)
    (model,) = run.voters().to_dict("records")
    assert (model["control_correct"], model["control_total"]) == (40, 40)
    assert right(run) == 1.0


def test_checkers_are_refused_where_nobody_judges_and_where_nobody_asks(workspace: Path) -> None:
    platform, model = SimulatedPlatform(crowd(3), truth, seed=1), df.Model("judge", knows)
    settings: dict[str, Any] = {"platform": platform, "workspace": workspace, "progress": False}
    with pytest.raises(SpecError, match=r"checkers=.*'judge'.*: answers to 'animal' go the way 'consensus'"):
        df.launch(animal, [{"caption": "animal 1"}], checkers=model, **settings)
    with pytest.raises(SpecError, match="checkers: they are asked in this process"):
        df.launch(heard, ITEMS, checkers=model, detach=True, **settings)
    with pytest.raises(SpecError, match=r"checkers: expected df\.Model\(…\), one or a list, got 'judge'"):
        df.launch(heard, ITEMS, checkers=[model, "judge"], **settings)
    with pytest.raises(SpecError, match="models of different names"):
        df.launch(heard, ITEMS, checkers=[model, df.Model("judge", raising)], **settings)


def answers(*sounds: str) -> Items:
    """These as answers that are to be judged."""
    shown = pa.table({"sound": sounds, "answer": [f"{sound}!" for sound in sounds]})
    return check_items(check_task(heard), list(sounds), shown, shown.select([]))


def test_with_each_answer_no_more_is_read_of_what_a_model_said_than_is_new(tmp_path: Path) -> None:
    asked: list[str] = []

    def predict(items: list[dict[str, Any]]) -> list[bool]:
        asked.extend(item["sound"] for item in items)
        return knows(items)

    checkers = Checkers([df.Model("judge", predict, price=1.0)], tmp_path, most=3)
    assert [column.to_pylist() for _, column in checkers.columns(answers("a", "b"))] == [[True, True]]
    [record] = tmp_path.glob("model-*.jsonl")
    # What was read once is not read again: it may have become anything, of that length.
    record.write_bytes(b" " * record.stat().st_size)
    assert [column.to_pylist() for _, column in checkers.columns(answers("b", "c", "d"))] == [[True, True, None]]
    assert asked == ["a", "b", "c"]


@pytest.mark.parametrize("takes", [0.2, 5.0])
def test_a_checker_is_waited_for_no_longer_than_its_timeout_with_all_tries(tmp_path: Path, takes: float) -> None:
    asked: list[str] = []

    def predict(items: list[dict[str, Any]]) -> list[bool]:
        asked.append(items[0]["sound"])
        threading.Event().wait(takes)
        raise OSError("out of memory")

    checkers = Checkers([df.Model("judge", predict, batch=1, timeout=0.3)], tmp_path)
    begun = time.monotonic()
    assert [column.to_pylist() for _, column in checkers.columns(answers("a", "b", "c", "d"))] == [[None] * 4]
    assert time.monotonic() - begun < 1.0, "six tries of the one, and three of the other, take longer"
    # Two tries of the first batch are all that it has room for.
    assert set(asked) == {"a"}
    # It is asked again when the next answers come, until it has failed three times in a row.
    for _ in range(4):
        list(checkers.columns(answers("e")))
    assert asked.count("e") <= 2 * 2


def test_a_slow_checker_that_answers_is_waited_for_through_all_batches(tmp_path: Path) -> None:
    def predict(items: list[dict[str, Any]]) -> list[bool]:
        threading.Event().wait(0.2)
        return knows(items)

    checkers = Checkers([df.Model("judge", predict, batch=1, timeout=1.0)], tmp_path)
    sounds = [f"s{number}" for number in range(7)]
    assert [column.to_pylist() for _, column in checkers.columns(answers(*sounds))] == [[True] * 7]
