"""Answers of a run in formats of others."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import RunError, UnknownName
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker


class Animal(df.Choice):
    CAT = "cat"
    DOG = "dog"


@df.task(duration="10s")
def animals(photo: df.Image) -> df.Boxes(Animal):  # type: ignore[valid-type]
    """Mark the animals."""


def marked(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    shapes = [] if inputs["photo"]["url"].endswith("none.jpg") else [{"label": "dog", "box": [1, 2, 11, 8]}]
    return {"answer": {"width": 40, "height": 30, "shapes": shapes}}


@pytest.fixture
def run(workspace: Path, finish: Callable[[df.Run], Any]) -> df.Run:
    """Three photos, one of them empty, marked by two people of one mind each."""
    launched = df.launch(
        animals,
        [{"id": name, "photo": f"https://example.org/{name}.jpg"} for name in ("one", "two", "none")],
        policy=df.Policy(quality="merge", overlap=2, page=(1, 0), speed=()),
        platform=SimulatedPlatform([SimulatedWorker(name, marked) for name in ("ann", "bob")]),
        workspace=workspace,
        progress=False,
    )
    finish(launched)
    return launched


def test_a_run_is_written_as_its_readers_have_it(run: df.Run, tmp_path: Path) -> None:
    path = run.export("coco", tmp_path / "animals.json")
    whole = json.loads(path.read_text())
    assert [image["file_name"] for image in whole["images"]] == ["one.jpg", "two.jpg", "none.jpg"]
    assert [(one["image_id"], one["category_id"], one["bbox"]) for one in whole["annotations"]] == [
        (1, 2, [1, 2, 10, 6]),
        (2, 2, [1, 2, 10, 6]),
    ]
    control = df.read_coco(animals, path)
    assert control["photo"].tolist() == run.labels()["photo"].tolist()
    assert df.read_items(animals, control, control=True).control_count == 3


def test_a_folder_appears_whole_and_is_written_over_nothing(run: df.Run, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    assert run.export("yolo", tmp_path / "set") == tmp_path / "set"
    assert sorted(file.name for file in tmp_path.glob("set/labels/*")) == ["none.txt", "one.txt", "two.txt"]
    with pytest.raises(RunError, match="yolo is a new folder of files, and this is there; choose another name"):
        run.export("yolo", tmp_path / "set")


def test_a_format_says_what_it_holds_and_how_its_file_ends(run: df.Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"animals.xml': coco is a file that ends in .json; choose another name"):
        run.export("coco", tmp_path / "animals.xml")
    with pytest.raises(UnknownName, match=r"no plug-in of 'formats' is named 'jolo'; known: .*yolo"):
        run.export("jolo", tmp_path / "animals")
    with pytest.raises(RunError, match=r"cannot be written to .*No such file or directory"):
        run.export("coco", tmp_path / "nowhere" / "animals.json")
    assert list(tmp_path.iterdir()) == [tmp_path / ".dataforge"]


def test_collected_answers_are_no_answer_of_a_picture(
    workspace: Path, finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    run = df.launch(
        animals,
        [{"photo": "https://example.org/one.jpg"}],
        policy=df.Policy(quality="collect", overlap=2, page=(1, 0), speed=()),
        platform=SimulatedPlatform([SimulatedWorker(name, marked) for name in ("ann", "bob")]),
        workspace=workspace,
        progress=False,
    )
    finish(run)
    with pytest.raises(RunError, match="item '0' has several answers, and coco holds one of each item"):
        run.export("coco", tmp_path / "animals.json")
