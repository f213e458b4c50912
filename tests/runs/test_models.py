"""Models that a launch asks: their labels vote, what they said is recorded first, and where they fail people answer."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.runs.conftest import LABELS, animal, crowd, right

import dataforge as df
from dataforge.errors import SpecError
from dataforge.platforms.simulated import SimulatedPlatform

Finish = Callable[[df.Run], Any]
POLICY = df.Policy(
    control_ratio=0.0, control=None, speed=(), skips=None, page=(6, 2), overlap=(1, 6), min_confidence=0.9
)
ITEMS: list[dict[str, Any]] = [{"id": f"item-{number}", "caption": f"animal {number}"} for number in range(60)]
CONTROL: list[dict[str, Any]] = [
    {"id": f"control-{number}", "caption": f"control {number}", "answer": LABELS[number % 3]} for number in range(30)
]


def launched(workspace: Path, voters: Any = None, name: str = "run", **more: Any) -> df.Run:
    platform = SimulatedPlatform(crowd(50, 0.75, arrives=5.0), right, seed=1)
    settings: dict[str, Any] = {"policy": POLICY, "control": CONTROL, "platform": platform} | more
    items = settings.pop("items", ITEMS)
    return df.launch(animal, items, workspace=workspace, progress=False, name=name, voters=voters, **settings)


def often_right(share: float) -> Callable[[list[dict[str, Any]]], list[str]]:
    """A model that is right so often, and says the same whenever it is asked the same."""

    def predict(items: list[dict[str, Any]]) -> list[str]:
        said = []
        for item in items:
            number = int(item["caption"].split()[-1])
            rng = np.random.default_rng([number, len(item["caption"])])
            said.append(LABELS[(number if rng.random() < share else number + int(rng.integers(1, 3))) % 3])
        return said

    return predict


def notices(run: df.Run) -> str:
    return " ".join(line["en"] for line in (*run.about, *run.notices))


def test_a_model_that_is_asked_votes_as_its_labels_in_a_column_do(workspace: Path, finish: Finish) -> None:
    predict = often_right(0.9)

    def columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"cnn": predict([row])[0]} for row in rows]

    with (
        launched(workspace, df.Model("cnn", predict)) as asked,
        launched(workspace, {"cnn": "cnn"}, "column", items=columns(ITEMS), control=columns(CONTROL)) as given,
    ):
        finish(asked)
        (model,), (same,) = (run.voters().to_dict("records") for run in (asked, given))
        assert (model["model"], model["items"], model["control_total"]) == ("cnn", 60, 30)
        assert model["control_correct"] == same["control_correct"] == 27
        assert model["weight"] > 0.5
        assert "cnn" not in set(asked.workers()["worker"])


def test_a_model_is_shown_inputs_in_batches_and_no_known_answer(workspace: Path) -> None:
    calls: list[list[dict[str, Any]]] = []

    def predict(items: list[dict[str, Any]]) -> list[None]:
        calls.append(items)
        return [None] * len(items)

    with launched(workspace, df.Model("silent", predict, batch=40)) as run:
        assert [len(call) for call in calls] == [40, 40, 10]
        assert all(set(item) == {"caption"} for call in calls for item in call)
        assert "has no label for" not in notices(run), "who has nothing to say makes no mistake"


def test_an_estimator_gets_the_values_of_the_only_input(workspace: Path) -> None:
    class Estimator:
        def predict(self, values: list[str]) -> Any:
            return np.array([LABELS[int(value.split()[-1]) % 3] for value in values])

    with launched(workspace, df.Model("pipeline", Estimator())) as run:
        assert run.voters()["control_correct"].tolist() == [30]


def raising(items: list[dict[str, Any]]) -> list[str]:
    raise OSError("out of memory")


BROKEN = {
    "raises": (raising, "OSError: out of memory"),
    "gives too few": (lambda items: [LABELS[0]] * (len(items) - 1), "expected 10 labels, one for each item, got 9"),
    "gives NaN and prose": (lambda items: [float("nan"), "I think it is a cat"] * (len(items) // 2), "expected one of"),
    "gives one text": (lambda items: "cat", "expected a list of 10 labels"),
    "gives arrays": (lambda items: [np.zeros(3)] * len(items), "expected one of"),
    "never answers": (lambda items: threading.Event().wait(), "no answer within 0.05 seconds"),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_where_a_model_fails_the_run_says_so_once_and_people_answer(workspace: Path, finish: Finish, how: str) -> None:
    answers, told = BROKEN[how]
    timeout = 0.05 if how == "never answers" else 60.0
    with launched(workspace, df.Model("cnn", answers, batch=10, timeout=timeout)) as run:
        assert told in notices(run)
        assert notices(run).count("The model cnn has no label") == 1
        finish(run)
        assert len(run.labels()) == len(ITEMS)
        assert run.voters()["weight"].tolist() == [0.0]


def test_what_a_model_said_before_a_launch_died_it_is_not_asked_again(workspace: Path) -> None:
    asked: list[str] = []

    def predict(items: list[dict[str, Any]]) -> list[str]:
        if len(asked) == 40 and not finished:
            raise KeyboardInterrupt
        asked.extend(item["caption"] for item in items)
        return often_right(0.9)(items)

    class Dying(df.Model):
        def ask(self, items: Any) -> list[Any]:
            return predict(list(items))

    finished = False
    with pytest.raises(KeyboardInterrupt):
        launched(workspace, Dying("cnn", predict, batch=10))
    (record,) = (workspace / "runs" / "run").glob("model-*.jsonl")
    record.write_bytes(record.read_bytes() + b'{"half of a li')
    finished = True
    with launched(workspace, Dying("cnn", predict, batch=10)):
        assert len(asked) == len(set(asked)) == 90
    with launched(workspace, df.Model("cnn", raising)) as again:
        assert again.voters()["items"].tolist() == [60], "a run that is there has its answers, and asks nothing"


def test_wrong_models_are_refused_before_anything_is_asked(workspace: Path) -> None:
    with pytest.raises(SpecError, match="expected a function or an estimator with predict, got 'gpt'"):
        df.Model("cnn", "gpt")
    with pytest.raises(SpecError, match="batch=0"):
        df.Model("cnn", raising, batch=0)
    with pytest.raises(SpecError, match="timeout=0"):
        df.Model("cnn", raising, timeout=0)
    with pytest.raises(SpecError, match="different names"):
        launched(workspace, [df.Model("cnn", raising), df.Model("cnn", raising)])
