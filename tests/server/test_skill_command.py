"""`dataforge skill`, and the platform's calls that do the same from Python."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from dataforge.cli import app
from dataforge.errors import Refused
from dataforge.platforms.embedded import connect


@pytest.fixture
def worker(served: Any) -> str:
    served.publish()
    return str(served.join().worker)


def test_skills_are_given_shown_and_taken_from_the_command_line(served: Any, worker: str) -> None:
    def skill(*given: str) -> str:
        done = CliRunner().invoke(app(), ["skill", worker, *given, "--workspace", str(served.workspace.root)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert skill() == f"worker {worker!r} has no skill\n"
    assert skill("medical", "70") == "medical: 70 (by hand)\n"
    assert skill("Latin", "85.5") == "Latin: 85.5 (by hand)\nmedical: 70 (by hand)\n"
    assert skill("Latin") == "Latin: 85.5 (by hand)\n"
    assert skill("law") == f"worker {worker!r} has no skill 'law'\n"
    assert skill("Latin", "--take") == "medical: 70 (by hand)\n"
    [told] = json.loads(skill("--json"))["skills"]
    assert (told["name"], told["value"], told["by"]) == ("medical", 70, "hand")


@pytest.mark.parametrize("given", [["--take"], ["medical", "70", "--take"], ["medical", "101"]])
def test_what_cannot_be_done_with_a_skill_is_refused(served: Any, worker: str, given: list[str]) -> None:
    done = CliRunner().invoke(app(), ["skill", worker, *given, "--workspace", str(served.workspace.root)])
    assert done.exit_code != 0
    assert served.ask("GET", f"/api/workers/{worker}/skills") == {"skills": []}


def test_python_gives_and_takes_skills_as_well(served: Any, worker: str) -> None:
    platform = connect(served.workspace, start=False)
    assert platform.give_skill(worker, "medical", 70) == {"medical": 70.0}
    assert platform.skills(worker) == {"medical": 70.0}
    assert platform.give_skill(worker, "medical", None) == {}
    with pytest.raises(Refused, match="there is no worker 'nobody'"):
        platform.give_skill("nobody", "medical", 70)
    platform.close()
