"""Run the command line as a user does: as a process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Dataforge = Callable[..., subprocess.CompletedProcess[str]]
SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture
def dataforge(tmp_path: Path) -> Dataforge:
    """Call a command in a folder of its own; gives exit code, stdout and stderr."""

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
