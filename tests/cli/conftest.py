"""Run the command line as a user does: as a process, or in this one where it makes no difference but the time."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dataforge.cli import run

Dataforge = Callable[..., subprocess.CompletedProcess[str]]
SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture
def dataforge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Dataforge:
    """Call a command in a folder of its own, within this process; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = list(map(str, arguments))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run(command)
        return subprocess.CompletedProcess(command, int(ended.value.code or 0), *capsys.readouterr())

    return call


@pytest.fixture
def dataforge_process(tmp_path: Path) -> Dataforge:
    """The same as a process of its own."""

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dataforge", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=150,
            env={**os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "120"},
        )

    return call


@pytest.fixture
def seeded_server(tmp_path: Path) -> Iterator[None]:
    """A server for this folder's workspace that gives the same people the same items each time."""
    command = [sys.executable, "-m", "dataforge", "serve", "--workspace", ".dataforge", "--port", "0", "--seed", "1"]
    found = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(command, cwd=tmp_path, env=found, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "serves" in server.stdout.readline()
        yield
        server.terminate()
