"""The table of a project's own `pyproject.toml`."""

from pathlib import Path

import pytest

from dataforge.errors import SpecError
from dataforge.workspace import Workspace


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with folders in it; commands are called in the innermost."""
    inner = tmp_path / "tasks" / "animals"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    monkeypatch.delenv("DATAFORGE_WORKSPACE", raising=False)
    return tmp_path


def test_commands_in_a_project_use_its_workspace(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = project / "tasks" / "animals" / ".dataforge"
    assert Workspace.at().root == here
    (project / "tasks" / "pyproject.toml").write_text("[tool.other]\n")
    (project / "pyproject.toml").write_text('[tool.dataforge]\nworkspace = "labels"\n')
    assert Workspace.at().root == project / "labels"
    monkeypatch.setenv("DATAFORGE_WORKSPACE", str(project / "named"))
    assert Workspace.at().root == project / "named"
    assert Workspace.at("given").root == here.with_name("given")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("workspaces = 1", "has no setting 'workspaces'; it has: workspace"),
        ("workspace = 1", "workspace: expected the path of a folder, got 1"),
        ("workspace =", "cannot be read: .*; mend it there"),
    ],
)
def test_a_table_that_is_wrong_is_told(table: str, why: str, project: Path) -> None:
    (project / "pyproject.toml").write_text(f"[tool.dataforge]\n{table}\n")
    with pytest.raises(SpecError, match=rf"pyproject.toml'.*{why}"):
        Workspace.at()


def test_a_broken_file_of_others_is_passed_over(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.other\n")
    assert Workspace.at().root.name == ".dataforge"
