"""How the types of a task's outputs name the way to quality."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import SpecError
from dataforge.registry import names
from dataforge.runs.driving.ways import way_of
from dataforge.runs.quality.consensus import ConsensusQuality


@df.task(duration="10s")
def kind(caption: df.Text) -> bool:
    """Is it kind?"""
    raise NotImplementedError


@df.task(duration="10s")
def describe(photo: df.Image) -> df.Text:
    """What is to be seen?"""
    raise NotImplementedError


@dataclass
class Both:
    kind: bool
    words: str


@df.task(duration="10s")
def both(caption: df.Text) -> Both:
    """Is it kind, and what is it?"""
    raise NotImplementedError


def test_bounded_answers_go_the_way_of_consensus() -> None:
    assert way_of(kind) is ConsensusQuality


def test_only_files_that_are_a_way_are_found() -> None:
    assert names("quality") == ("consensus",)


@pytest.mark.parametrize("task", [describe, both])
def test_a_launch_says_which_way_is_missing_before_anything_is_made(task: Any, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"nothing here judges answers of the type text .*entry point 'check'"):
        df.launch(task, [{"caption": "a", "photo": "https://example.org/a.jpg"}], workspace=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_outputs_that_go_different_ways_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataforge.runs.driving.ways.names", lambda family: ("consensus", "check"))
    with pytest.raises(SpecError, match="'kind' by 'consensus' and 'words' by 'check'; ask for them in two tasks"):
        way_of(both)
