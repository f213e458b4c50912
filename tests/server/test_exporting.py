"""Results as files from the requester's pages: the same that the command and Python write."""

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import Refused
from dataforge.files.spreadsheets import read_sheet


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@pytest.fixture
def run(served: Any) -> df.Run:
    rows = [{"id": "=1+1", "text": "да"}, {"id": "second", "text": "нет"}]
    return df.launch(likes, rows, name="run", workspace=served.workspace, detach=True, progress=False)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_of_labels_has_the_bytes_that_python_writes(
    served: Any, run: df.Run, ending: str, tmp_path: Path
) -> None:
    reply = served.requester.get(f"/api/runs/run/results/labels.{ending}")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-disposition"] == f'attachment; filename="run-labels.{ending}"'
    write = {"csv": run.to_csv, "parquet": run.to_parquet}[ending]
    assert reply.content == write(tmp_path / f"labels.{ending}").read_bytes()
    # Nothing of it stays, soon after the last byte is sent.
    end = time.monotonic() + 60
    while list(served.workspace.root.glob("results-*")) and time.monotonic() < end:
        time.sleep(0.02)
    assert not list(served.workspace.root.glob("results-*"))


def test_a_spreadsheet_of_labels_has_texts_that_are_no_formulas(served: Any, run: df.Run, tmp_path: Path) -> None:
    reply = served.requester.get("/api/runs/run/results/labels.xlsx")
    assert reply.status_code == 200, reply.text
    (tmp_path / "labels.xlsx").write_bytes(reply.content)
    found = read_sheet(tmp_path / "labels.xlsx").columns
    assert (found["id"], found["text"]) == (["=1+1", "second"], ["да", "нет"])


@df.task(duration="5s")
def names(text: df.Text) -> df.Spans():  # type: ignore[valid-type]
    """Mark the names."""
    raise NotImplementedError


def test_answers_are_sent_in_formats_of_others(served: Any) -> None:
    policy = df.Policy(quality="collect")
    df.launch(names, ["Hi Bob"], policy=policy, name="names", workspace=served.workspace, detach=True, progress=False)
    reply = served.requester.get("/api/runs/names/results/label-studio.json")
    assert (reply.status_code, reply.json()) == (200, [])
    assert reply.headers["content-disposition"] == 'attachment; filename="names-label-studio.json"'
    error = served.ask("GET", "/api/runs/names/results/yolo.zip", status=404)["error"]
    assert "yolo holds boxes, polygons, mask; the run asks for answer: spans" in error["message"]


def test_a_table_or_an_ending_that_is_none_is_not_found_and_a_run_of_another_folder_is_told(
    served: Any, run: df.Run
) -> None:
    for name, said in (("secrets.csv", "secrets"), ("labels.exe", "ends in .csv"), ("labels", "a file's ending")):
        error = served.ask("GET", f"/api/runs/run/results/{name}", status=404)["error"]
        assert said in error["message"]
    served.publish("other")
    assert served.ask("GET", "/api/runs/other/results/labels.csv", status=409)["error"]["code"] == "run_elsewhere"


def test_a_run_that_is_getting_another_name_has_its_files_and_is_deleted_a_little_later(
    served: Any, run: df.Run
) -> None:
    served.ask("POST", "/api/runs/run/name", {"name": "likes"})
    for method, path in (("GET", "/results/labels.csv"), ("DELETE", "")):
        error = served.ask(method, f"/api/runs/likes{path}", status=409)["error"]
        assert (error["code"], "try again in a few seconds" in error["message"]) == ("run_moving", True)


def test_a_run_whose_folder_was_removed_has_lost_its_results_and_a_launch_of_its_name_leaves_nothing(
    served: Any, run: df.Run
) -> None:
    run.close()
    shutil.rmtree(served.workspace.runs / "run")
    error = served.ask("GET", "/api/runs/run/results/labels.csv", status=409)["error"]
    assert "if its folder was deleted, its results are gone" in error["message"]
    with pytest.raises(Refused, match="put its own folder back from a copy, or delete that run"):
        df.launch(
            likes,
            [{"id": "=1+1", "text": "да"}, {"id": "second", "text": "нет"}],
            name="run",
            workspace=served.workspace,
            detach=True,
            progress=False,
        )
    assert list(served.workspace.runs.iterdir()) == []


def test_a_certificate_says_what_python_says(served: Any, run: df.Run) -> None:
    found = served.ask("GET", "/api/runs/run/certificate")
    ours = run.certificate().to_json()
    assert {**found, "at": ours["at"]} == ours
    assert found["headline"][0]["en"].startswith("Nothing shows how many of the 0 answers are right")
    assert served.ask("GET", "/api/runs/other/certificate", None, 404)["error"]["code"] == "run_unknown"
