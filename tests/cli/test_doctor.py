"""The doctor finds what is broken, says what to do, and its exit code tells scripts."""

import json
import os
import sqlite3
import subprocess
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest

from dataforge.cli.doctor import Check, examine
from dataforge.errors import PlatformError
from dataforge.issue.ledger import Entry
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.workspace import ServerAddress, Workspace

Dataforge = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.at(tmp_path / "ws").make()
    workspace.secret()
    return workspace


def check(workspace: Workspace, name: str) -> Check:
    return next(check for check in examine(workspace) if check.name == name)


def test_a_sound_workspace_has_nothing_to_mend(workspace: Workspace) -> None:
    SqliteStore.open_to_write(workspace.database).close()
    for name in ("workspace", "secret", "database", "runs", "server", "network"):
        found = check(workspace, name)
        assert (found.verdict, found.advice) == ("ok", ""), found


def test_a_damaged_database_is_found(workspace: Workspace) -> None:
    connection = sqlite3.connect(workspace.database)
    connection.executescript("CREATE TABLE t (x); PRAGMA user_version = 1;")
    connection.executemany("INSERT INTO t VALUES (?)", [("a" * 500,) for _ in range(100)])
    connection.commit()
    connection.close()
    with open(workspace.database, "r+b") as file:
        file.seek(5000)
        file.write(os.urandom(9000))
    found = check(workspace, "database")
    assert found.verdict == "failed"
    assert "backup" in found.advice


def test_sums_of_money_that_are_not_what_happened_are_found(workspace: Workspace) -> None:
    store = SqliteStore.open_to_write(workspace.database)
    ann = store.accounts.add_worker("ann", b"token", "Ann", "en", 0.0)
    store.ledger.enter(Entry("bonus", ann, 250_000, "USD", 1.0))
    assert check(workspace, "ledger").verdict == "ok"
    store.db.execute("UPDATE balances SET due = due + 1")
    store.close()
    found = check(workspace, "ledger")
    assert (found.verdict, "250001, the ledger says 250000" in found.found) == ("failed", True)


@pytest.mark.parametrize(("version", "said"), [(0, "no version"), (99, "update DataForge")])
def test_a_database_whose_version_was_lost_or_is_newer_is_found(workspace: Workspace, version: int, said: str) -> None:
    SqliteStore.open_to_write(workspace.database).close()
    sqlite3.connect(workspace.database).execute(f"PRAGMA user_version = {version}")
    assert (check(workspace, "database").verdict, said in check(workspace, "database").found) == ("failed", True)
    with pytest.raises(PlatformError, match=said):
        SqliteStore.open_to_write(workspace.database)


def test_what_is_no_database_is_found(workspace: Workspace) -> None:
    workspace.database.write_bytes(b"not a database at all" * 100)
    assert check(workspace, "database").verdict == "failed"
    with pytest.raises(PlatformError, match="cannot be used: file is not a database; keep a copy"):
        SqliteStore.open_to_write(workspace.database)


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_secret_that_others_can_read_is_found(workspace: Workspace) -> None:
    (workspace.root / "secret").chmod(0o644)
    found = check(workspace, "secret")
    assert (found.verdict, found.advice.split(":")[0]) == ("failed", "close it")


def test_an_empty_secret_is_found(workspace: Workspace) -> None:
    (workspace.root / "secret").write_text("")
    assert check(workspace, "secret").verdict == "failed"


def test_a_server_that_is_announced_but_gone_is_found(workspace: Workspace) -> None:
    workspace.announce(ServerAddress("http://127.0.0.1:9", pid=1, started=0.0, version="0"))
    found = check(workspace, "server")
    assert found.verdict == "failed"
    assert "dataforge serve" in found.advice


def test_a_damaged_run_is_found_by_name(workspace: Workspace) -> None:
    (workspace.runs / "photos").mkdir(parents=True)
    (workspace.runs / "photos" / "run.json").write_text("{")
    found = check(workspace, "runs")
    assert found.verdict == "failed"
    assert "photos" in found.found


def test_a_file_in_place_of_the_workspace_is_found(tmp_path: Path) -> None:
    path = tmp_path / "ws"
    path.write_text("")
    assert check(Workspace.at(path), "workspace").verdict == "failed"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_workspace_that_cannot_be_written_is_found(workspace: Workspace) -> None:
    workspace.root.chmod(0o500)
    found = check(workspace, "workspace")
    assert found.verdict == "failed"
    assert "chmod" in found.advice


def test_the_report_is_one_json_object_and_the_exit_code_tells(dataforge: Dataforge, workspace: Workspace) -> None:
    workspace.database.write_bytes(b"not a database at all" * 100)
    reply = dataforge("doctor", "--json", "--workspace", workspace.root)
    assert reply.returncode == 1
    report = json.loads(reply.stdout)
    assert report["ok"] is False
    assert {"name", "verdict", "found", "advice"} == set(report["checks"][0])
    assert "database" in {check["name"] for check in report["checks"] if check["verdict"] == "failed"}


def test_the_report_for_people_says_what_to_do(dataforge: Dataforge, workspace: Workspace) -> None:
    workspace.database.write_bytes(b"not a database at all" * 100)
    reply = dataforge("doctor", "--workspace", workspace.root)
    assert reply.returncode == 1
    assert "✗ database:" in reply.stdout
    assert "→ stop the server" in reply.stdout


def test_a_browser_without_a_screen_is_told_from_none(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check(workspace, "browser").found == "none is found"
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    assert (
        check(workspace, "browser").found
        == f"{tmp_path / 'chromium'} is here, but this process has no screen to show it on"
    )
