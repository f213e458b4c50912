"""How the types of a task's outputs name the way to quality."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import SpecError
from dataforge.objects.boolean import Boolean
from dataforge.objects.number import Number
from dataforge.registry import names
from dataforge.runs.driving.ways import policy_of, way_name, way_of
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


@dataclass
class Weighed:
    kind: bool
    weight: float


@df.task(duration="10s")
def count_and_kind(caption: df.Text) -> Weighed:
    """Is it kind, and how heavy?"""
    raise NotImplementedError


def test_answers_go_the_way_of_their_types_unless_the_policy_names_another() -> None:
    assert way_name(kind, df.Policy()) == "consensus"
    assert way_name(describe, df.Policy()) == way_name(both, df.Policy()) == "check"
    assert way_name(kind, df.Policy(quality="collect")) == "collect"
    assert way_name(describe, df.Policy(quality="collect")) == "collect"
    assert way_name(both, df.Policy(quality="collect")) == "collect"
    assert way_of(kind, df.Policy()) is ConsensusQuality


def test_a_run_asks_as_many_as_its_way_needs_where_no_overlap_is_named() -> None:
    assert policy_of(kind, df.Policy()).overlap == (1, 5)
    assert policy_of(count_and_kind, df.Policy()).overlap == 3
    assert policy_of(kind, df.Policy(quality="collect")).overlap == 3
    assert policy_of(describe, df.Policy(attempts=2)).overlap == (1, 2)
    assert policy_of(count_and_kind, df.Policy(overlap=(1, 5))).overlap == (1, 5)


def test_options_are_merged_beside_numbers_and_checked_beside_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {"quality": ("check", "consensus", "judge", "merge"), "merging": ("number",)}
    monkeypatch.setattr("dataforge.runs.driving.ways.names", ways.get)
    assert way_name(both, df.Policy()) == "check"
    assert way_name(count_and_kind, df.Policy()) == "merge"


def test_only_files_that_are_a_way_are_found() -> None:
    assert names("quality") == ("check", "collect", "consensus", "judge", "merge")


@pytest.mark.parametrize("task", [describe, both])
def test_a_launch_says_which_way_is_missing_before_anything_is_made(
    task: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(df.Text, "quality", "another")
    monkeypatch.setattr(Boolean, "quality", "another")
    with pytest.raises(SpecError, match=r"judges answers of the type \w+ .* by 'another'; write Policy\(quality="):
        df.launch(task, [{"caption": "a", "photo": "https://example.org/a.jpg"}], workspace=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_way_that_cannot_take_the_answers_is_refused_with_one_that_can() -> None:
    with pytest.raises(SpecError, match=r"of the type text \('words'\) are none; write .*quality=\"collect\""):
        way_of(both, df.Policy(quality="consensus"))


def test_outputs_that_go_different_ways_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Boolean, "quality", "another")
    monkeypatch.setattr(Number, "quality", "merge")
    with pytest.raises(SpecError, match=r"'kind' by 'another' and 'weight' by 'merge'; ask for them in two tasks"):
        way_of(count_and_kind, df.Policy())


def test_collected_answers_have_one_number_of_opinions() -> None:
    with pytest.raises(SpecError, match=r"name one number, such as overlap=5"):
        df.Policy(quality="collect", overlap=(2, 5))
    with pytest.raises(
        SpecError, match=r"no way to quality is named 'best'; known: check, collect, consensus, merge, or None"
    ):
        df.Policy(quality="best")


@pytest.mark.parametrize("setting", [{"attempts": 2}, {"check_sample": 1}, {"check": df.Policy(overlap=2)}])
def test_settings_of_checks_are_refused_where_nobody_judges(setting: dict[str, Any]) -> None:
    [name] = setting
    with pytest.raises(SpecError, match=rf"{name}=…: its answers go the way 'consensus'; write .*or leave {name} out"):
        way_of(kind, df.Policy(**setting))
