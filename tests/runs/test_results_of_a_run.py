"""Tables, files and representations."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from tests.runs.conftest import control_rows, crowd

import dataforge as df
from dataforge.errors import DataForgeError, RunError
from dataforge.objects.choice import ChoiceType
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, TakenPage, always, right_with

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


@pytest.mark.parametrize(("name", "meant"), [("results", "labels"), ("lables", "labels"), ("cancel", "stop")])
def test_a_name_that_a_run_does_not_have_is_told_with_the_one_that_is_meant(run: df.Run, name: str, meant: str) -> None:
    with pytest.raises(AttributeError, match=f"'Run' object has no attribute '{name}'; did you mean '{meant}'"):
        getattr(run, name)
    assert not hasattr(run, "_repr_latex_")


def test_each_table_has_the_columns_of_its_items_and_no_others(
    start: Callable[..., df.Run], finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    rows = [{"caption": f"animal {n}", "shop": "Berlin", "shelf": None} for n in range(4)]
    known = [row | {"why": "has ears", "shop": None} for row in control_rows(2)]
    run = start(given=rows, known=known, workers=crowd(3, arrives=0.0), page=(2, 1), speed=())
    finish(run)
    of_items = ["id", "caption", "shop", "shelf"]
    for table in (run.labels(), run.solutions(), pd.read_csv(run.to_csv(tmp_path / "a.csv"))):
        assert [name for name in table.columns if name in {*of_items, "why"}] == of_items
    assert list(run.control().columns)[:4] == ["id", "caption", "shelf", "why"]
    assert {"shop", "why"} <= set(run.labels(control=True).columns)


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


@pytest.mark.parametrize(
    "asked",
    [
        lambda run: run.to_csv("https://example.org/a.csv"),
        lambda run: run.export("tsv", "s3://bucket/a.tsv"),
        lambda run: df.read_items(told, ["a"]).save("https://example.org/a.parquet"),
        lambda run: df.list_runs(workspace="https://example.org/work"),
    ],
    ids=["results", "export", "items", "workspace"],
)
def test_an_address_is_no_place_to_write_to(asked: Callable[[df.Run], Any], run: df.Run) -> None:
    with pytest.raises(df.DataForgeError, match=r"expected a path of this machine, got the address '(https|s3)://"):
        asked(run)


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


class Document(df.Choice):
    """Options that are called like columns of results."""

    ID = df.option("id")
    NOTHING = df.option("nothing")


class Told(NamedTuple):
    """Questions that are called like columns of results."""

    worker: bool
    accepted: Document | None
    flag: df.Rating(1, 3)  # type: ignore[valid-type]
    id: bool


@df.task(duration="10s")
def told(caption: df.Text) -> Told:
    """Tell all of it."""
    raise NotImplementedError


@pytest.fixture
def answered(workspace: Path, finish: Callable[[df.Run], Any]) -> Iterator[Callable[..., df.Run]]:
    """A finished run of any task over any rows, in which all agree on what is right."""
    runs: list[df.Run] = []

    def run(task: df.Task, rows: Any, right: dict[str, Any], *fed: Any, **more: Any) -> df.Run:
        crowd = [SimulatedWorker(f"w{n}", always(right)) for n in range(2)]
        platform = SimulatedPlatform(crowd, lambda inputs: right, seed=1)
        policy = df.Policy(overlap=1, page=(2, 0), speed=())
        run = df.launch(
            task, rows, policy=policy, name="own", platform=platform, workspace=workspace, progress=False,
            open=bool(fed), **more,
        )  # fmt: skip
        runs.append(run)
        for batch in fed:
            run.add(batch)
        if fed:
            run.finish()
        finish(run)
        return run

    yield run
    for run_ in runs:
        run_.close()


@df.task(duration="10s")
def sure(caption: df.Text) -> bool:
    """Is it?"""
    raise NotImplementedError


def test_answers_are_columns_of_their_type(answered: Callable[..., df.Run]) -> None:
    rows = [{"caption": f"{n}"} for n in range(4)]
    run = answered(told, rows, {"worker": False, "accepted": "id", "flag": 2, "id": False})
    for table in (run.labels(), run.responses()):
        no = table["worker" if "worker_given" not in table else "worker_given"]
        assert (str(no.dtype), len(table[~no])) == ("boolean", 4)
        assert str(table["flag" if "flag_given" not in table else "flag_given"].dtype) == "Int64"
    accepted = run.responses()["accepted"]
    assert (str(accepted.dtype), (~accepted).sum()) == ("boolean", 0)
    workers = run.workers()
    assert (workers["control_accuracy"].dtype, workers["skill"].dtype) == (float, float)
    assert run.cost()["per_item"].dtype == float


def test_a_question_called_like_a_column_of_ours_is_beside_it(answered: Callable[..., df.Run]) -> None:
    rows = [{"id": f"i{n}", "caption": f"{n}"} for n in range(2)]
    run = answered(told, rows, {"worker": True, "accepted": "nothing", "flag": 2, "id": True})
    responses, labels, chances = run.responses(), run.labels(), run.probabilities()
    assert set(responses["worker"]) <= {"w0", "w1"}
    assert responses["worker_given"].tolist() == [True] * 2
    assert responses["accepted_given"].tolist() == ["nothing"] * 2
    assert (labels["id"].tolist(), labels["id_given"].tolist()) == (["i0", "i1"], [True] * 2)
    assert set(labels["flag"]) == {"unverified"}
    assert labels["flag_given"].tolist() == [2] * 2
    names = [f"accepted.{name}" for name in ("id", "nothing_given", "nothing")]
    # All answers are one and the same, so no probability is claimed.
    assert chances[names].isna().all(axis=None)


def test_an_option_called_like_the_column_of_ids_does_not_take_its_place(answered: Callable[..., df.Run]) -> None:
    @df.task(duration="10s")
    def document(caption: df.Text) -> Document:
        """Which document is it?"""
        raise NotImplementedError

    run = answered(document, [{"id": "a", "caption": "x"}], {"answer": "id"})
    assert list(run.probabilities().columns) == ["id", "id_given", "nothing"]
    assert run.probabilities()["id"].tolist() == ["a"]


def test_a_column_of_the_data_called_like_one_of_ours_is_beside_it_however_it_came(
    answered: Callable[..., df.Run], workspace: Path
) -> None:
    first = [{"id": 1, "caption": "a", "confidence": "mine", "confidence_given": "kept"}]
    fed = pd.DataFrame({"id": [2], "caption": ["b"], "answer": [False], "flag": ["old"]})
    run = answered(sure, first, {"answer": True}, fed)
    for labels in (run.labels(), df.open_run("own", workspace).labels()):
        assert labels["answer"].tolist() == [True, True]
        assert labels["confidence"].isna().all()
        theirs = labels[["confidence_given", "confidence_given_2", "answer_given", "flag_given"]]
        assert [theirs[name].dropna().tolist() for name in theirs] == [["kept"], ["mine"], [False], ["old"]]
    assert any("called like those of results: 'confidence'. In results" in one["en"] for one in run.notices)
    # What one run has said may be asked about in another.
    again = df.read_items(sure, run.labels())
    assert again.columns(["answer"])["answer_given_2"].tolist() == [True, True]


def test_ids_come_back_as_they_were_so_that_labels_merge_with_the_data(
    answered: Callable[..., df.Run], workspace: Path, tmp_path: Path
) -> None:
    data = pd.DataFrame({"id": [20, 3], "caption": ["a", "b"]})
    (tmp_path / "more.csv").write_text("id,caption\n100,c\n")
    run = answered(sure, data, {"answer": False}, [], tmp_path / "more.csv")
    for opened in (run, df.open_run("own", workspace)):
        merged = data.merge(opened.labels()[["id", "answer"]], on="id")
        assert merged[~merged["answer"]]["caption"].tolist() == ["a", "b"]
        assert opened.labels()["id"].tolist() == [20, 3, 100]
        assert data.merge(opened.responses(), on="id").shape[0] == 2
        assert {answer.key for answer in opened.follow(timeout=0)} == {20, 3, 100}
    csv = pd.read_csv(run.to_csv(tmp_path / "out.csv"))
    assert data.merge(csv, on="id")["answer"].tolist() == [False, False]


ODD = {
    "caption": ["first line\rsecond line", "=HYPERLINK(1)", "b"],
    "share": [0.12345678901234567, 1e-300, 2.0],
    "when": pd.to_datetime(["2020-01-01T00:00:00.123456789Z", None, "2021-01-01T00:00:00Z"], format="ISO8601"),
    "mixed": [{"x": 1}, "text", [1, 2]],
    "big": [2**70, 1, None],
    "thumb": [b"\x89PNG", None, b""],
    "lists": [[1], [2, 3], []],
    "notes": [{"x": 1}, {"y": 2}, {}],
}


def test_files_have_all_values_whatever_they_are(answered: Callable[..., df.Run], tmp_path: Path) -> None:
    run = answered(sure, pd.DataFrame(ODD), {"answer": True})
    rows = json.loads(run.to_json(tmp_path / "a.json").read_bytes())
    assert [row["share"] for row in rows] == ODD["share"]
    assert [row["when"] for row in rows] == ["2020-01-01T00:00:00.123456789+00:00", None, "2021-01-01T00:00:00+00:00"]
    assert [row["mixed"] for row in rows] == ODD["mixed"]
    assert [row["big"] for row in rows] == ODD["big"]
    assert [row["thumb"] for row in rows] == ["iVBORw==", None, ""]
    assert [row["confidence"] for row in rows] == [None] * 3
    lines = run.to_json(tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    assert list(map(json.loads, lines)) == rows

    parquet = pd.read_parquet(run.to_parquet(tmp_path / "a.parquet"))
    assert parquet["mixed"].tolist() == ['{"x":1}', '"text"', "[1,2]"]
    assert parquet["big"].tolist()[:2] == ["1180591620717411303424", "1"]
    assert parquet["lists"].map(list).tolist() == ODD["lists"]
    # Arrow would give each of them the keys of all.
    assert parquet["notes"].tolist() == ['{"x":1}', '{"y":2}', "{}"]
    assert (str(parquet["answer"].dtype), parquet["thumb"][0]) == ("boolean", b"\x89PNG")

    csv = pd.read_csv(run.to_csv(tmp_path / "a.csv"))
    assert csv["caption"].tolist() == ["first line\rsecond line", "'=HYPERLINK(1)", "b"]
    assert csv["share"].tolist() == ODD["share"]
    assert csv["lists"].tolist() == ["[1]", "[2,3]", "[]"]
    assert csv["thumb"][0] == "iVBORw=="
    again = df.read_items(sure, tmp_path / "a.csv").columns([])
    assert again["caption"].tolist() == ODD["caption"]


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.csv.gz", "a.json"])
def test_a_name_that_promises_another_format_is_refused(run: df.Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match=r"expected a file that ends in \.csv"):
        run.to_csv(tmp_path / name)
    assert list(tmp_path.glob("a*")) == []


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
    assert "<script>" not in evil._repr_html_()


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
    assert df.open_run(run.name, run._held.view.folder.path.parents[1]).responses().equals(run.responses())


def test_an_item_that_workers_report_is_taken_out_and_every_report_is_told(
    start: Callable[..., df.Run], finish: Callable[[df.Run], Any]
) -> None:
    platform = SimulatedPlatform()
    run = start(items=3, controls=0, page=(3, 0), overlap=2, platform=platform)
    for worker in ("ann", "bob"):
        while not isinstance(page := platform.take("run", worker), TakenPage):
            run.wait(0.05, progress=False)
        reports = {"animal 1": "broken", "animal 2": "unclear" if worker == "bob" else None}
        answers = {"animal 2": "cat"}
        told = [
            reports.get(caption) or {"answer": answers.get(caption, "dog")}
            for caption in (inputs["caption"] for inputs in page.inputs)
        ]
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


def test_a_notice_prints_in_the_readers_language_alone(run: df.Run) -> None:
    for told in (run.notices, run.about, run.status().notices):
        assert {"en", "ru", "tr", "kk", "uz", "es"} <= told[0].texts.keys()
        assert told[0]["ru"] not in f"{told} {told[0]}"
        assert repr(told[0]["en"]) in repr(told)
        assert "\n".join(told).startswith(told[0]["en"])
        assert copy.deepcopy(told)[0]["ru"] == told[0]["ru"] != told[0][:9]


def test_a_spreadsheet_is_written_and_another_ending_names_what_writes_it(run: df.Run, tmp_path: Path) -> None:
    read = pd.read_excel(run.to_excel(tmp_path / "a.xlsx"), dtype={"id": str}, engine="calamine")
    assert read["answer"].tolist() == run.labels()["answer"].tolist()
    for refused, advice in (
        (lambda: run.to_csv(tmp_path / "a.xlsx"), "run.to_excel writes those"),
        (lambda: run.to_parquet(tmp_path / "a.json"), "run.to_json writes those"),
        (lambda: run.to_csv(tmp_path / "a.tsv"), "choose another name"),
        (lambda: run.export("xlsx", tmp_path / "a.xlsx"), "run.to_excel"),
        (lambda: run.export("CSV", tmp_path / "a.csv"), "run.to_csv"),
        (lambda: run.to_csv(tmp_path / "new" / "a.csv"), "make the folder first"),
        (lambda: run.change(policy=df.Policy(overlap=3)), "change takes settings, not a policy"),
    ):
        with pytest.raises(DataForgeError, match=advice):
            refused()


def test_lines_of_json_hold_what_the_array_holds(run: df.Run, tmp_path: Path) -> None:
    whole = json.loads(run.to_json(tmp_path / "a.json").read_text("utf-8"))
    lines = run.to_json(tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == whole


def test_waiting_takes_a_timedelta(run: df.Run) -> None:
    assert run.wait(timedelta(seconds=5), progress=False).ended
