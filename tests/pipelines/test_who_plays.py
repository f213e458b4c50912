"""Whose code is played beside the server, how often it is tried, and how its owner has it stopped."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from tests.pipelines.conftest import only_kinds, platform, scenes

import dataforge as df
from dataforge.cli import _players
from dataforge.cli import run as command_line
from dataforge.cli._players import Players
from dataforge.errors import RunError
from dataforge.pipeline_folder import STOPPED, About, Standing
from dataforge.pipelines.run import PipelineRun
from dataforge.pipelines.source import check_sealed, modules_beside, seal_of, source_of
from dataforge.workspace import Workspace

CODE = """
import dataforge as df
from dataforge.pipelines.source import source_of

@df.pipeline
async def echo(text: df.Text):
    "The same."
    return text

other = df.pipeline(echo.function)
{launched}
"""


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "account"))


def test_a_pipeline_is_found_elsewhere_by_its_file_unless_it_is_in_none(tmp_path: Path) -> None:
    async def inner(text: df.Text) -> None:
        """Found nowhere."""

    assert source_of(only_kinds) == f"{Path(__file__).with_name('conftest.py')}:only_kinds"
    assert source_of(df.pipeline(inner)) == ""
    space: dict[str, object] = {}
    exec(CODE.format(launched="found = source_of(echo)"), space)
    assert space["found"] == ""


@pytest.mark.parametrize(
    ("launched", "found"),
    [
        ("found = source_of(echo)", ""),
        ("if 1 + 1 == 2:\n    found = source_of(echo)", ""),
        ("if __name__ == '__main__':\n    found = source_of(echo), source_of(other)", "echo other"),
    ],
)
def test_a_file_that_launches_when_it_is_imported_is_left_alone(tmp_path: Path, launched: str, found: str) -> None:
    path = tmp_path / "echo.py"
    path.write_text(CODE.format(launched=launched))
    given = runpy.run_path(str(path), run_name="__main__")["found"]
    assert given == (tuple(f"{path}:{name}" for name in found.split()) if found else "")


# --- whose code it is ---------------------------------------------------------------------------------------


def launched(workspace: Path, code: str = CODE.format(launched="")) -> Standing:
    """A pipeline of which nothing but its launch was written down."""
    path = workspace / "code" / "echo.py"
    path.parent.mkdir(parents=True)
    path.write_text(code)
    standing = Standing(workspace / "pipelines" / "echo")
    standing.path.mkdir(parents=True)
    about = About("echo", "echo", source=f"{path}:echo", folder=str(path.parent), items=1)
    standing.note(msgspec.structs.replace(about, seal=seal_of(about, workspace)))
    return standing


def about_of(standing: Standing) -> About:
    about = standing.about()
    assert about is not None
    return about


def test_only_what_this_account_launched_in_this_workspace_from_this_file_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    about = about_of(launched(here))
    check_sealed(about, here)

    def refused(about: About, workspace: Path = here) -> None:
        with pytest.raises(RunError, match="is not the code that was launched here by this account"):
            check_sealed(about, workspace)

    shutil.copytree(here, elsewhere)
    refused(about, elsewhere)
    (here / "code" / "evil.py").write_text("")
    refused(msgspec.structs.replace(about, source=f"{here / 'code' / 'evil.py'}:echo"))
    refused(msgspec.structs.replace(about, folder=str(tmp_path)))
    refused(msgspec.structs.replace(about, seal=""))
    shutil.move(here, tmp_path / "aside")
    shutil.copytree(tmp_path / "aside", here)
    refused(about)  # a copy at the same place
    shutil.rmtree(here)
    shutil.move(tmp_path / "aside", here)
    check_sealed(about, here)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "somebody"))
    refused(about)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "account"))
    assert (tmp_path / "account" / "dataforge" / "key").stat().st_mode & 0o077 == 0
    (here / "code" / "echo.py").unlink()
    refused(about)


def test_what_cannot_be_played_is_tried_less_and_less_often_and_then_left_to_its_owner(tmp_path: Path) -> None:
    standing = launched(tmp_path)
    (tmp_path / "code" / "echo.py").write_text("# changed")
    players, tries, now = Players(Workspace.at(tmp_path)), list[float](), 0.0
    of = None
    while not standing.held:
        players.look(now)
        of = players._players[standing.path]
        if of.failures > len(tries) or standing.held:
            tries.append(now)
        assert now < 10_000
        now += 1.0
    rests = [round(after - before) for before, after in pairwise(tries)]
    assert rests == [10, 20, 40, 80, 160, 320, 640]
    assert "not played on after 8 tries; launch it again. The last one said: " in standing.held
    assert "the file has changed" in standing.told(about_of(standing))


def test_code_that_raises_is_told_with_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = launched(tmp_path, "raise ValueError('no such model')")
    monkeypatch.setattr(_players, "MOST_TRIES", 1)
    players, now = Players(Workspace.at(tmp_path)), 0.0
    players.look(now)
    players.look(now + _players.GRACE)
    process = players._players[standing.path].process
    assert process is not None
    process.wait(60)
    players.look(now + _players.GRACE + 1)
    assert "echo.py:1: ValueError: no such model, while the file was read" in standing.held
    assert players._players[standing.path].process is None
    players.look(1e6)
    assert players._players[standing.path].process is None, "what is left to its owner is not tried again"


def test_a_player_ends_with_its_server_even_while_its_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "slow.py"
    path.write_text("import time\nprint('reads', flush=True)\ntime.sleep(600)\n")
    command = [sys.executable, "-m", "dataforge", "launch", f"{path}:slow", "--gives-way", "-w", str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"reads\n"
        process.stdin.close()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


# --- stopped by its owner -------------------------------------------------------------------------------------


def test_an_owner_sees_who_plays_a_pipeline_and_stops_it(
    launch: Callable[..., PipelineRun], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = platform()
    more_than_there_are = df.Policy(overlap=9, speed=())
    run = launch(on=place, what=scenes, policies={}, policy=more_than_there_are)

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit):
            command_line([*arguments, "--workspace", str(tmp_path)])
        return "".join(capsys.readouterr())

    while not run.stages:
        run.wait(0.1)
    assert "s: 0 of 12 items done; played by the process that launched it" in said("pipelines")
    assert "pipeline 's' is played by nobody until it is launched again" in said("stop", "s")
    status = run.wait(60)
    assert (status.ended, status.stuck["scenes"]) == (False, STOPPED)
    run.close()
    assert f"s: 0 of 12 items done; {STOPPED}" in said("pipelines")
    again = launch(None, on=place, what=scenes, policies={})
    assert not again.status().stuck
    assert "played by the process that launched it" in said("pipelines")
    again.stop()
    assert f'"played": "{STOPPED}"' in said("pipelines", "--json")
    assert "no run 'nothing'" in said("stop", "nothing")


def test_a_module_beside_the_file_that_has_changed_since_breaks_the_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, folder = Workspace.at(tmp_path / ".dataforge").make(), tmp_path / "code"
    folder.mkdir()
    (folder / "beside_the_echo.py").write_text("WORD = 'the same'\n")
    (folder / "echo.py").write_text("import beside_the_echo\n")
    monkeypatch.syspath_prepend(str(folder))
    runpy.run_path(str(folder / "echo.py"))
    source = f"{folder / 'echo.py'}:echo"
    modules = modules_beside(source)
    assert modules == (str(folder / "beside_the_echo.py"),)
    about = About("s", "echo", source=source, folder=str(folder), modules=modules)
    about = msgspec.structs.replace(about, seal=seal_of(about, workspace.root))
    check_sealed(about, workspace.root)
    (folder / "beside_the_echo.py").write_text("WORD = 'another'\n")
    with pytest.raises(RunError, match="the file has changed or is gone, or one beside it that it imports has"):
        check_sealed(about, workspace.root)
