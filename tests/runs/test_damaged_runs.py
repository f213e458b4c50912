"""What of a run's folder is damaged, copied or newer is told in one line with what to do, and touches no other run."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import crowd

import dataforge as df
from dataforge.errors import RunError
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving import orphans
from dataforge.runs.driving.driver import Driver
from dataforge.runs.driving.view import RunView
from dataforge.workspace import Workspace


@pytest.fixture
def folder(start: Callable[..., df.Run], finish: Callable[[df.Run], Any], workspace: Path) -> Path:
    """The folder of a run that is done."""
    run = start(items=8, controls=3, workers=crowd(3))
    finish(run)
    run.close()
    return workspace / "runs" / "run"


def opened(folder: Path) -> df.Run:
    return df.open_run(folder.name, folder.parents[1])


def test_what_follows_from_the_answers_is_worked_out_again_where_its_file_is_damaged(folder: Path) -> None:
    before = opened(folder).labels()
    for parameters in folder.glob("*.npz"):
        parameters.write_bytes(parameters.read_bytes()[:40])
    after = opened(folder).labels()
    assert after["answer"].tolist() == before["answer"].tolist()
    assert after["confidence"].tolist() == pytest.approx(before["confidence"].tolist(), abs=0.02)


def cut_description(folder: Path) -> None:
    (folder / "run.json").write_bytes((folder / "run.json").read_bytes()[:200])


def newer_description(folder: Path) -> None:
    written = json.loads((folder / "run.json").read_bytes())
    (folder / "run.json").write_text(json.dumps({**written, "format": 99, "policy": {"of": "tomorrow"}}))


def cut_log(folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(b'{"entry":"started","at":1,"pre\n' + (folder / "log.jsonl").read_bytes())


def newer_log(folder: Path) -> None:
    (folder / "log.jsonl").write_bytes(b'{"entry":"of tomorrow"}\n' + (folder / "log.jsonl").read_bytes())


def newer_format(folder: Path) -> None:
    content = (folder / "log.jsonl").read_bytes()
    assert b'"format":1' in content.splitlines()[0]
    (folder / "log.jsonl").write_bytes(content.replace(b'"format":1', b'"format":9', 1))


def no_items(folder: Path) -> None:
    (folder / "items.parquet").write_bytes(b"no table")


def damaged_feed(folder: Path) -> None:
    (folder / "feed.sqlite3").write_bytes(b"no database" * 100)


def newer_feed(folder: Path) -> None:
    run = opened(folder)
    run.add([{"id": "later", "caption": "animal 99"}])
    run.close()
    feed = sqlite3.connect(folder / "feed.sqlite3")
    assert feed.execute("PRAGMA user_version").fetchone() < (9,)
    feed.execute("PRAGMA user_version = 9")
    feed.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_description, "is damaged.*from a copy"),
        (newer_description, "newer DataForge .format 99.*update DataForge"),
        (cut_log, "is damaged.*from a copy"),
        (newer_log, "newer DataForge has written it: update DataForge"),
        (newer_format, "its format is 9.*update DataForge"),
        (no_items, "items.parquet"),
        (newer_feed, "newer DataForge .format 9.*update DataForge"),
        (damaged_feed, "the feed .* cannot be read"),
    ],
)
def test_a_folder_that_cannot_be_read_says_why_and_what_to_do(folder: Path, damage: Any, said: str) -> None:
    damage(folder)
    (folder / "summary.json").unlink(missing_ok=True)
    with pytest.raises(df.DataForgeError, match=said):
        opened(folder).status()
    assert [info.name for info in df.list_runs(folder.parents[1])] == ["run"]


def test_who_cannot_read_a_run_does_not_keep_others_from_driving_it(folder: Path) -> None:
    cut_log(folder)
    view = RunView.open(RunFolder(folder))
    driver = Driver(view, SimulatedPlatform())
    with pytest.raises(RunError, match="from a copy"):
        driver.start()
    assert not RunFolder(folder).locked()
    view.feed.close()


def test_the_copy_of_a_run_is_not_driven_beside_it(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("twin"))
    (folder.parent / "notes.txt").write_text("no run")
    (folder.parent / "empty").mkdir()
    with pytest.raises(RunError, match="is a copy of the run 'run'"):
        df.open_run("twin", folder.parents[1]).drive()
    found = {info.name: info.unreadable for info in df.list_runs(Workspace.at(folder.parents[1]))}
    assert found["run"] == ""
    assert "is a copy of the run 'run'" in found["twin"]
    assert len(found) == 2


def test_the_runner_of_a_copied_workspace_leaves_runs_on_platforms_of_others_alone(
    start: Callable[..., df.Run], workspace: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(orphans, "GRACE", 0.0)
    start(items=8, controls=3).close()
    shutil.copytree(workspace, workspace.with_name("copy"))
    for place, why in ((workspace.with_name("copy"), "this folder is a copy"), (workspace, "cannot be reached")):
        caplog.clear()
        stop = threading.Event()
        runner = threading.Thread(target=orphans.drive_orphans, args=(Workspace.at(place), stop))
        runner.start()
        while not caplog.messages:
            stop.wait(0.01)
        stop.set()
        runner.join()
        assert why in caplog.messages[0]


def test_a_run_whose_identity_is_damaged_is_no_other_runs_trouble(folder: Path) -> None:
    other = folder.with_name("other")
    shutil.copytree(folder, other)
    (other / "identity").write_text("another")
    for damaged in (b"\xff\x00{", None):
        (folder / "identity").unlink()
        if damaged is None:
            (folder / "identity").mkdir()
        else:
            (folder / "identity").write_bytes(damaged)
        # Where it went is looked for among all runs.
        with pytest.raises(RunError, match="is no more in"):
            RunFolder(other).check_there("of a run that was renamed")
        with pytest.raises(RunError, match="'run' is no more in"):
            RunFolder(folder).check_there("its own")
