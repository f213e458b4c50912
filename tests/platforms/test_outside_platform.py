"""A platform that somebody else's package brings: a run on it goes on in any process, found by its name."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "packages" / "dataforge-letterbox"
GUIDES = Path(__file__).parents[2] / "docs"

TASK = """
import os
import sys

import dataforge as df
from dataforge_letterbox import Letterbox


@df.task(duration="10s")
def even(number: df.Text) -> bool:
    '''Is the number even?'''


def answer(box, worker, pages=None):
    done = 0
    while done != pages and (page := box.take("even", worker)) is not None:
        box.submit("even", page[0], [{"answer": int(inputs["number"]) % 2 == 0} for inputs in page[1]])
        done += 1
"""

LAUNCHED_AND_KILLED = """
run = df.launch(
    even,
    [{"number": str(n)} for n in range(9)],
    policy=df.Policy(overlap=2, page=(3, 0), speed=()),
    name="even",
    platform=Letterbox("post"),
    progress=False,
)
while run.status().stage != "running":
    run.wait(0.05, progress=False)
answer(Letterbox("post"), "ann", pages=1)
while run.status().responses < 3:
    run.wait(0.05, progress=False)
os._exit(9)
"""

DRIVEN_BY_HAND = """
run = df.open_run("even")
assert not run.driving
assert run.status().responses == 3
assert run.drive()
"""

DRIVEN_BY_THE_RUNNER = """
import threading
from dataforge.runs.driving.orphans import drive_orphans
from dataforge.workspace import Workspace

stop = threading.Event()
threading.Thread(target=drive_orphans, args=(Workspace.at(), stop), daemon=True).start()
run = df.open_run("even")
"""

TO_THE_END = """
for worker in ("ann", "bob"):
    answer(Letterbox("post"), worker)
status = run.wait(60, progress=False)
assert not run.driving
print(status.stage, (run.labels()["answer"] == [n % 2 == 0 for n in range(9)]).all(), status.responses, flush=True)
os._exit(0)
"""


@pytest.fixture
def python(installed: Callable[[str], Path], tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run Python in a process of its own, in which the package is installed."""
    found = {**os.environ, "PYTHONPATH": str(installed("dataforge-letterbox"))}

    def run(code: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "script.py").write_text(TASK + code)
        return subprocess.run(
            [sys.executable, "script.py"], cwd=tmp_path, env=found, capture_output=True, text=True, timeout=120
        )

    return run


@pytest.mark.parametrize("driven", [DRIVEN_BY_HAND, DRIVEN_BY_THE_RUNNER], ids=["by hand", "by the runner"])
def test_a_run_whose_launcher_was_killed_is_driven_to_its_end_by_another_process(
    python: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: Path, driven: str
) -> None:
    launched = python(LAUNCHED_AND_KILLED)
    assert launched.returncode == 9, launched.stderr
    described = json.loads((tmp_path / ".dataforge" / "runs" / "even" / "run.json").read_text())
    assert (described["platform"], described["settings"]) == ("letterbox", {"folder": str(tmp_path / "post")})
    ended = python(driven + TO_THE_END)
    assert ended.stdout.split() == ["done", "True", "18"], ended.stderr


def test_a_run_whose_platform_is_gone_can_be_read_and_says_why_it_cannot_go_on(
    python: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    assert python(LAUNCHED_AND_KILLED).returncode == 9
    (tmp_path / "post").rename(tmp_path / "elsewhere")
    read = python('run = df.open_run("even")\nprint(run.status().responses)\nrun.stop()\n')
    assert read.stdout == "3\n"
    assert "run 'even' is on the platform 'letterbox', which cannot be reached from here: there is no folder" in (
        read.stderr
    )


@pytest.mark.parametrize("guide", ["write-your-own-platform.md", "write-your-own-platform.ru.md"])
def test_the_guide_shows_the_package_as_it_is(guide: str) -> None:
    shown = (GUIDES / guide).read_text("utf-8")
    blocks = re.findall(r"^```(python|toml)\n(.*?)^```$", shown, re.MULTILINE | re.DOTALL)
    # The last block uses the platform; those before are the file, piece by piece.
    module = "\n\n".join(code for kind, code in blocks if kind == "python" and "df.launch(" not in code)
    assert module == (PACKAGE / "dataforge_letterbox.py").read_text("utf-8")
    assert [code for kind, code in blocks if kind == "toml"] == [(PACKAGE / "pyproject.toml").read_text("utf-8")]
