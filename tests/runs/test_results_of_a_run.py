"""Tables, files and representations."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dataforge as df
from dataforge.errors import RunError
from dataforge.objects.choice import ChoiceType
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, TakenPage, always, right_with
from dataforge.runs.handle.display import as_html

LABELS = ("dog", "cat", "other")


@pytest.fixture
def run(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> df.Run:
    workers = [SimulatedWorker(f"w{n}", right_with(0.9, {"answer": LABELS}), arrives=60.0 * n) for n in range(8)]
    run = start(items=30, workers=workers, overlap=(2, 4), control_ratio=0, control=None)
    finish(run)
    return run


def test_labels_have_the_users_columns_first_and_no_control_items(run: df.Run) -> None:
    labels = run.labels()
    assert list(labels.columns) == ["id", "caption", "answer", "confidence", "overlap", "flag"]
    assert len(labels) == 30
    assert labels["confidence"].between(0, 1).all()
    assert len(run.labels(control=True)) == 39


def test_probabilities_add_up_and_agree_with_the_labels(run: df.Run) -> None:
    chances = run.probabilities().set_index("id")
    assert list(chances.columns) == list(LABELS)
    assert chances.sum(axis=1).round(5).eq(1).all()
    assert chances.idxmax(axis=1).tolist() == run.labels()["answer"].tolist()


def test_responses_add_up_to_overlap_and_workers_and_cost(run: df.Run) -> None:
    responses, labels, workers = run.responses(), run.labels(), run.workers()
    accepted = responses[responses["accepted"].astype(bool) & ~responses["control"]]
    assert accepted.groupby("id").size().reindex(labels["id"]).tolist() == labels["overlap"].tolist()
    assert workers["responses"].sum() == len(responses)
    cost = run.cost().iloc[0]
    assert workers["earned"].sum() == pytest.approx(cost["paid"])
    assert cost["total"] == pytest.approx(cost["per_item"] * 30)
    assert cost["accepted_pages"] == workers["pages_accepted"].sum()


def test_results_survive_a_round_trip_through_files(run: df.Run, tmp_path: Path) -> None:
    labels = run.labels()
    csv = pd.read_csv(run.to_csv(tmp_path / "a.csv"), dtype={"id": str}, keep_default_na=False)
    assert csv["answer"].tolist() == labels["answer"].tolist()
    json = pd.read_json(run.to_json(tmp_path / "a.json"), dtype={"id": str})
    assert json["overlap"].tolist() == labels["overlap"].tolist()
    assert pd.read_parquet(run.to_parquet(tmp_path / "a.parquet")).equals(labels)
    assert sorted(path.name for path in tmp_path.glob("*.*") if path.is_file()) == ["a.csv", "a.json", "a.parquet"]


def test_a_place_that_cannot_be_written_to_is_an_error_that_says_so(run: df.Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be written"):
        run.to_csv(tmp_path / "missing" / "a.csv")


def test_sure_answers_make_control_items_of_another_launch(run: df.Run, task: df.Task) -> None:
    chosen = run.select_control_items(min_confidence=0.9, min_overlap=2)
    assert len(chosen) > 0
    assert chosen["answer"].value_counts().nunique() == 1
    assert df.read_items(task, chosen, control=True).control_count == len(chosen)
    assert len(run.select_control_items(min_confidence=0.9, min_overlap=2, limit=3)) == 3
    assert len(run.select_control_items(min_confidence=0.9, min_overlap=99)) == 0


def test_control_items_of_a_run_whose_items_had_no_names_fit_to_other_items_without_names(
    run: df.Run, task: df.Task
) -> None:
    chosen = df.read_items(task, run.select_control_items(min_confidence=0.9, min_overlap=2), control=True)
    more = df.read_items(task, [{"caption": f"another {n}"} for n in range(60)])
    assert df.Items.join(more, chosen).control_count == chosen.count
    assert all(key.startswith(f"{run.name}-") for key in chosen.keys)


def test_columns_of_ours_step_aside_for_the_users(workspace: Path, task: df.Task, finish: Any) -> None:
    rows = [{"caption": f"animal {n}", "confidence": "mine", "note": n} for n in range(4)]
    workers = [SimulatedWorker("w", right_with(1, {"answer": LABELS}))]
    platform = SimulatedPlatform(workers, lambda inputs: {"answer": "dog"}, seed=1)
    run = df.launch(
        task, rows, policy=df.Policy(overlap=1, page=(2, 0)), name="own", platform=platform, workspace=workspace,
        progress=False,
    )  # fmt: skip
    finish(run)
    labels = run.labels()
    assert labels["confidence"].tolist() == ["mine"] * 4
    assert labels["confidence_result"].between(0, 1).all()
    assert labels["note"].tolist() == [0, 1, 2, 3]


def test_a_run_without_answers_has_results_too(start: Callable[..., df.Run]) -> None:
    run = start(items=5, workers=())
    labels = run.labels()
    assert labels["flag"].tolist() == ["no_answers"] * 5
    assert labels["answer"].isna().all()
    assert len(run.responses()) == 0
    assert len(run.workers()) == 0
    assert run.cost().iloc[0]["total"] == 0
    assert len(run.probabilities()) == 5
    assert len(run.select_control_items()) == 0


def test_a_run_describes_itself_in_text_and_in_escaped_html(run: df.Run) -> None:
    assert repr(run).startswith("Run(run: done, 30 of 30 items")
    bundle = run._repr_mimebundle_()
    assert "30 of 30 items" in bundle["text/html"]
    evil = replace(run.status(), notices=({"en": "<script>x</script>"},))
    assert "<script>" not in as_html(evil)


def test_an_answer_that_is_no_label_is_shown_as_it_was_given(
    start: Callable[..., df.Run], finish: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Our own platforms refuse such answers; somebody else's may not.
    monkeypatch.setattr(ChoiceType, "check_answer", lambda self, value, inputs: value)
    odd = {"animal 0": "a wolf", "animal 1": ["dog", "cat"], "animal 2": 7}
    answers = [SimulatedWorker("odd", lambda i, truth, chance: {"answer": odd.get(i["caption"], "dog")})]
    answers += [SimulatedWorker(f"w{n}", always({"answer": "dog"}), arrives=60.0 * n) for n in range(3)]
    run = start(items=4, controls=0, workers=answers, overlap=3)
    finish(run)
    given = run.responses().query("worker == 'odd'").set_index("id")["answer"]
    assert given[["0", "1", "2", "3"]].tolist() == ["a wolf", ["dog", "cat"], 7, "dog"]
    # It says nothing about which label is right.
    assert run.labels()["answer"].tolist() == ["dog"] * 4
    assert df.open_run(run.name, run._view.folder.path.parents[1]).responses().equals(run.responses())


def test_an_item_that_workers_report_is_taken_out_and_every_report_is_told(
    start: Callable[..., df.Run], finish: Callable[[df.Run], Any]
) -> None:
    platform = SimulatedPlatform()
    run = start(items=3, controls=0, page=(3, 0), overlap=2, platform=platform)
    for worker in ("ann", "bob"):
        while not isinstance(page := platform.take("run", worker), TakenPage):
            run.wait(0.05, progress=False)
        reports = {"animal 1": "broken", "animal 2": "unclear" if worker == "bob" else None}
        told = [reports.get(inputs["caption"]) or {"answer": "dog"} for inputs in page.inputs]
        platform.forward(30)
        platform.submit("run", page.id, told)
    assert finish(run).stage == "done"
    labels = run.labels().set_index("caption")
    assert labels["flag"].to_dict() == {"animal 0": "", "animal 1": "reported", "animal 2": "unsure"}
    assert labels["overlap"].tolist() == [2, 0, 1]
    assert labels["answer"].isna().tolist() == [False, True, False]
    assert sorted(run.responses()["report"].dropna()) == ["broken", "broken", "unclear"]
    assert any("2 (does not open 2, cannot be told 1)" in notice["en"] for notice in run.notices)
    assert run.cost()["accepted_pages"].tolist() == [2]
