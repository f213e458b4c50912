"""Models that a launch asks: their labels vote, what they said is recorded first, and where they fail people answer."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.runs.conftest import LABELS, Animal, animal, crowd, right

import dataforge as df
from dataforge.changes.terms import terms_of
from dataforge.errors import DataError, SpecError
from dataforge.models import Spending, Spent, spent
from dataforge.models._records import Said, path_of, write_down
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


def test_an_estimator_gets_a_column_for_each_input_of_the_task_in_every_batch(workspace: Path) -> None:
    @df.task(duration="5s")
    def both(caption: df.Text, note: df.Text | None, place: df.Text | None) -> Animal:
        """Which animal?"""

    columns: list[list[str]] = []

    class Estimator:
        def predict(self, frame: Any) -> list[str]:
            columns.append(list(frame.columns))
            return ["dog"] * len(frame)

    rows = [{"caption": f"animal {number}", "note": "n" if number == 3 else None} for number in range(6)]
    df.launch(
        both,
        rows,
        platform=SimulatedPlatform([], right, seed=1),
        workspace=workspace,
        progress=False,
        voters=df.Model("cnn", Estimator(), batch=2),
        policy=df.Policy(page=(6, 0), control=None),
    ).close()
    assert columns == [["caption", "note", "place"]] * 3


def test_what_a_model_said_before_a_launch_was_interrupted_it_is_not_asked_again(workspace: Path) -> None:
    asked: list[str] = []

    def predict(items: list[dict[str, Any]]) -> list[str]:
        if len(asked) == 40 and not finished:
            raise KeyboardInterrupt
        asked.extend(item["caption"] for item in items)
        return often_right(0.9)(items)

    finished = False
    with pytest.raises(KeyboardInterrupt):
        launched(workspace, df.Model("cnn", predict, batch=10))
    (record,) = (workspace / "runs" / "run").glob("model-*.jsonl")
    record.write_bytes(record.read_bytes() + b'{"half of a li')
    finished = True
    with launched(workspace, df.Model("cnn", predict, batch=10)):
        assert len(asked) == len(set(asked)) == 90
    with launched(workspace, df.Model("cnn", raising)) as again:
        assert again.voters()["items"].tolist() == [60], "a run that is there has its answers, and asks nothing"


LAUNCHER = """
import sys, time
from pathlib import Path
from tests.runs import test_models as here
import dataforge as df

def predict(items):
    time.sleep(float(sys.argv[3]))
    with open(sys.argv[2], "a") as file:
        file.write("".join(item["caption"] + "\\n" for item in items))
    return here.often_right(0.9)(items)

here.launched(Path(sys.argv[1]), df.Model("cnn", predict, batch=10)).close()
"""


def launching(workspace: Path, asked: Path, pause: float) -> subprocess.Popen[bytes]:
    """A process that launches the run with a model that is so slow, and writes down what it was asked."""
    return subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(workspace), str(asked), str(pause)], cwd=Path(__file__).parents[2]
    )


def test_a_launch_killed_while_a_model_is_asked_asks_it_only_what_it_did_not_say(
    workspace: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    process = launching(workspace, first, 0.1)
    while not first.exists() or len(first.read_text().splitlines()) < 30:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert launching(workspace, second, 0.0).wait() == 0
    before, after = first.read_text().splitlines(), second.read_text().splitlines()
    assert set(before) | set(after) == {row["caption"] for row in (*ITEMS, *CONTROL)}
    assert len(set(before) & set(after)) <= 10, "the batch under way alone"


def test_two_processes_that_launch_under_one_name_ask_a_model_once(workspace: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    processes = [launching(workspace, asked, 0.05) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    captions = asked.read_text().splitlines()
    assert len(captions) == len(set(captions)) == 90


def test_wrong_models_are_refused_before_anything_is_asked(workspace: Path) -> None:
    with pytest.raises(SpecError, match=r"expected a function or an estimator with predict, an address .*, got 'gpt'"):
        df.Model("cnn", "gpt")
    with pytest.raises(SpecError, match="batch=0"):
        df.Model("cnn", raising, batch=0)
    with pytest.raises(SpecError, match="parallel=0"):
        df.Model("cnn", raising, parallel=0)
    with pytest.raises(SpecError, match="timeout=0"):
        df.Model("cnn", raising, timeout=0)
    with pytest.raises(SpecError, match="different names"):
        launched(workspace, [df.Model("cnn", raising), df.Model("cnn", raising)])


def test_what_asking_costs_is_a_stage_of_the_cost_part_of_the_budget_and_told(workspace: Path, finish: Finish) -> None:
    model = df.Model("gpt", often_right(0.9), price=0.01)
    with launched(workspace, model, budget=3.0) as run:
        assert df.Policy.from_json(run._held.description.policy).budget == pytest.approx(3.0 - 0.9)
        assert any("the model gpt was asked about 90 items, for $0.90" in line["en"] for line in run.about)
        finish(run)
        cost = run.cost().set_index("stage")
        assert cost.loc["models", ["paid", "total", "per_item"]].tolist() == pytest.approx([0.9, 0.9, 0.01])
        assert cost["total"].sum() <= 3.0
    with launched(workspace, model, budget=3.0) as again:
        assert again.cost().set_index("stage").loc["models", "total"] == pytest.approx(0.9)
    with pytest.raises(SpecError, match=r"to ask the models about all items costs \$0.90, which leaves nothing"):
        launched(workspace, model, "poor", budget=0.9)
    with pytest.raises(SpecError, match="price=-1"):
        df.Model("gpt", raising, price=-1.0)
    with launched(workspace, df.Model("free", often_right(0.9)), "free") as free:
        assert "stage" not in free.cost()


def test_items_that_come_later_are_asked_about_too_once_and_out_of_the_budget(workspace: Path, finish: Finish) -> None:
    asked: list[str] = []

    def predict(items: list[dict[str, Any]]) -> list[str]:
        asked.extend(item["caption"] for item in items)
        return often_right(0.9)(items)

    model = df.Model("cnn", predict, price=0.01)
    more = [{"id": f"more-{number}", "caption": f"later animal {number}"} for number in range(8)]
    with launched(workspace, model, open=True, budget=9.0) as run:
        before = len(asked)
        assert run.add([*more, ITEMS[0]]).new == 8
        assert len(asked) == before + 8
        assert run.add(more).known == 8
        assert len(asked) == before + 8, "who adds again asks nobody again"
        run.finish()
        finish(run)
        assert run.voters()["items"].tolist() == [68]
        assert run.cost().set_index("stage").loc["models", "total"] == pytest.approx(0.98)
        left = df.Policy.from_json(run._held.fresh().policy.to_json()).budget
        assert left == pytest.approx(9.0 - 0.98)
    with df.open_run("run", workspace) as again, pytest.raises(DataError, match=r"launch the run again with voters="):
        again.add([{"id": "last", "caption": "last animal 1"}])


def test_a_model_makes_drafts_that_people_mend_and_one_that_fails_leaves_them_to_begin_from_nothing(
    workspace: Path, finish: Finish
) -> None:
    calls: list[int] = []

    def predict(items: list[dict[str, Any]]) -> list[Any]:
        calls.append(len(items))
        return [
            None if item["caption"].endswith("7") else "hamster" if item["caption"].endswith("8") else "dog"
            for item in items
        ]

    model = df.Model("cnn", predict, batch=50)
    with launched(workspace, model, "both", prefill=model):
        assert calls == [50, 40], "a model that votes and makes drafts is asked once"
    with launched(workspace, None, prefill=model) as run:
        assert calls == [50, 40] * 2
        assert "The model cnn has no draft for" in notices(run)
        drafts = [item.draft for item in run._held.view.records(np.arange(60), 1)]
        assert sum(draft == {"answer": "dog"} for draft in drafts) == 48
        assert sum(not draft for draft in drafts) == 12
        finish(run)
        assert len(run.labels()) == 60
    other = df.Model("cnn", predict)
    with pytest.raises(SpecError, match="two models are called 'cnn'"):
        launched(workspace, model, "other", prefill=other)


def test_the_first_attempt_of_a_judged_text_is_a_models(workspace: Path) -> None:
    @df.task(duration="20s")
    def rewritten(caption: df.Text) -> df.Text:
        """Write it anew."""

    model = df.Model("writer", lambda items: [f"{item['caption']}, anew" for item in items])
    with df.launch(
        rewritten,
        [{"caption": f"animal {number}"} for number in range(4)],
        policy=df.Policy(check_drafts=True, control=None, speed=(), skips=None),
        platform=SimulatedPlatform([], lambda inputs: {"answer": "right"}, seed=1),
        workspace=workspace,
        progress=False,
        prefill=model,
        name="run",
    ) as run:
        drafts = [item.draft for item in run._held.view.records(np.arange(4), 1)]
        assert drafts == [{"answer": f"animal {number}, anew"} for number in range(4)]


def test_a_notice_names_the_row_of_the_file_that_an_item_comes_from(workspace: Path, tmp_path: Path) -> None:
    items, control = tmp_path / "items.csv", tmp_path / "control.csv"
    items.write_text("caption\n" + "".join(f"{row['caption']}\n" for row in ITEMS))
    control.write_text("caption,answer\n" + "".join(f"{row['caption']},{row['answer']}\n" for row in CONTROL))

    def unlike_the_last(asked: list[dict[str, Any]]) -> list[Any]:
        return ["fish" if one["caption"] == CONTROL[-1]["caption"] else LABELS[0] for one in asked]

    with launched(workspace, df.Model("cnn", unlike_the_last), items=items, control=control) as run:
        assert f"first: control.csv, line {len(CONTROL) + 1}: expected one of" in notices(run)


def test_who_is_killed_while_models_are_asked_about_more_pays_for_them_once(workspace: Path) -> None:
    asked: list[str] = []
    stopped: set[str] = set()

    def predict(items: list[dict[str, Any]]) -> list[str]:
        if stopped & {item["caption"] for item in items}:
            raise KeyboardInterrupt
        asked.extend(item["caption"] for item in items)
        return often_right(0.9)(items)

    def left() -> float:
        return df.Policy.from_json(terms_of(workspace / "runs" / "run").policy).budget or 0.0

    model = df.Model("cnn", predict, price=0.01, batch=4)
    more = [{"id": f"more-{number}", "caption": f"later animal {number}"} for number in range(8)]
    with launched(workspace, model, open=True, budget=9.0) as run:
        stopped.add("later animal 5")
        with pytest.raises(KeyboardInterrupt):
            run.add(more)
        assert left() == pytest.approx(9.0 - 0.9 - 0.08), "it is taken out before anybody is asked"
        stopped.clear()
        assert run.add(more).new == 8
        assert left() == pytest.approx(9.0 - 0.9 - 0.08)
        assert len(asked) == 90 + 8
        assert run.add([{"id": "last", "caption": "last animal 1"}]).new == 1
        assert left() == pytest.approx(9.0 - 0.9 - 0.09)
        assert run.status().models_cost == pytest.approx(0.99)
        assert " and $0.99 for models" in str(run.status())


def test_what_models_cost_is_read_on_and_not_all_again(tmp_path: Path) -> None:
    folder, model = tmp_path / "run", df.Model("net", lambda items: ["spam" for _ in items], price=0.5)
    folder.mkdir()
    write_down(path_of(folder, model), Said("net", 500_000, {"a": "spam", "b": "spam"}))
    looked = Spending()
    looked.read_on([folder])
    assert looked.spent == spent(folder) == [Spent("net", 2, 1_000_000)]
    # What was read is not looked at again: nobody would know it now.
    path = path_of(folder, model)
    path.write_bytes(b" " * path.stat().st_size)
    write_down(path, Said("net", 500_000, {"c": "spam"}))
    write_down(path, Said("net", 0, {}, "it is tired"))
    looked.read_on([folder])
    assert looked.spent == [Spent("net", 3, 1_500_000)]
    assert looked.failed(folder) == [("net", "it is tired")]
