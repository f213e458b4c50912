"""Answers of a run in formats of others."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest
from PIL import Image

import dataforge as df
from dataforge.errors import RunError, UnknownName
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.workspace import Workspace, media_path


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


def test_a_folder_is_packed_where_its_name_ends_in_zip(run: df.Run, tmp_path: Path) -> None:
    for _ in range(2):
        path = run.export("yolo", tmp_path / "set.zip")
    with ZipFile(path) as packed:
        assert {name for name in packed.namelist() if name[-1] != "/"} == {
            *("data.yaml", "labels/none.txt", "labels/one.txt", "labels/two.txt")
        }
    assert sorted(file.name for file in tmp_path.iterdir()) == [".dataforge", "set.zip"]


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


@df.task(duration="10s")
def animal(photo: df.Image) -> Animal:
    """Which animal is it?"""


def seen(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": "dog"}


def test_a_data_set_of_hugging_face_has_pictures_and_classes(
    workspace: Path, finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    datasets = pytest.importorskip("datasets")
    Image.new("RGB", (4, 2)).save(tmp_path / "a.png")
    run = df.launch(
        animal,
        [{"id": 7, "photo": tmp_path / "a.png", "source": "camera"}],
        policy=df.Policy(overlap=2, page=(1, 0), speed=()),
        platform=SimulatedPlatform([SimulatedWorker(name, seen) for name in ("ann", "bob")]),
        workspace=workspace,
        progress=False,
    )
    finish(run)
    found = run.to_huggingface()
    assert isinstance(found.features["photo"], datasets.Image)
    assert found.features["answer"].names == ["cat", "dog"]
    [row] = found
    assert (row["id"], row["photo"].size, row["source"], row["answer"], row["overlap"]) == (7, (4, 2), "camera", 1, 2)


def test_shapes_are_nested_in_a_data_set_of_hugging_face(run: df.Run) -> None:
    pytest.importorskip("datasets")
    rows = list(run.to_huggingface())
    assert rows[0]["answer"] == {"width": 40, "height": 30, "shapes": [{"label": "dog", "box": [1, 2, 11, 8]}]}
    assert [len(row["answer"]["shapes"]) for row in rows] == [1, 1, 0]


@df.task(duration="10s")
def reading(sentence: df.Text) -> df.Audio:
    """Read the sentence aloud."""


@df.task(duration="10s")
def transcript(clip: df.Text) -> df.Text:
    """Write down what is said."""


def launch(task: df.Task, items: list[dict[str, Any]], answer: Any, workspace: Path, **policy: Any) -> df.Run:
    """Two people who answer every item the same."""
    people = [SimulatedWorker(name, lambda inputs, truth, rng: {"answer": answer}) for name in ("ann", "bob")]
    settings = {"overlap": 2, "page": (1, 0), "speed": (), **policy}
    return df.launch(
        task,
        items,
        policy=df.Policy(**settings),
        platform=SimulatedPlatform(people),
        workspace=workspace,
        progress=False,
    )


def test_collected_recordings_are_files_in_a_folder_each_with_its_speaker(
    workspace: Path, finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    name = f"{'a' * 64}.wav"
    stored = media_path(Workspace.at(workspace).media, name)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"RIFF")
    answer = {"media": name, "seconds": 1.5}
    run = launch(reading, [{"id": "s1", "sentence": "Good morning"}], answer, workspace, quality="collect")
    finish(run)
    folder = run.export("folder", tmp_path / "recordings")
    header, *rows = (folder / "metadata.csv").read_text().splitlines()
    assert header == "file_name,id,sentence,seconds,worker"
    assert sorted(row.rpartition(",")[2] for row in rows) == ["ann", "bob"]
    assert sorted(path.name for path in folder.glob("*.wav")) == ["s1-2.wav", "s1.wav"]


def test_transcripts_are_compared_with_answers_that_were_given(
    workspace: Path, finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    items = [{"id": 1, "clip": "one", "answer": "the cat sat"}, {"id": 2, "clip": "two", "answer": "a cat"}]
    run = launch(transcript, items, "the cat", workspace, quality="merge")
    finish(run)
    table = pd.read_csv(run.export("tsv", tmp_path / "transcripts.tsv"), sep="\t")
    assert table[["id", "answer", "reference", "errors", "words"]].values.tolist() == [
        [1, "the cat", "the cat sat", 1, 3],
        [2, "the cat", "a cat", 1, 2],
    ]


def test_an_answer_that_was_found_wrong_is_left_out(
    workspace: Path, finish: Callable[[df.Run], Any], tmp_path: Path
) -> None:
    """Everybody hears the last of eight clips wrong, and judges well."""

    def right(inputs: Mapping[str, Any]) -> dict[str, Any]:
        said = inputs["clip"]
        return {"answer": said, "ok": inputs.get("answer") == said}

    def hears(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        if "answer" in inputs:
            return {"ok": truth["ok"]}
        return {"answer": "nonsense" if inputs["clip"] == "7" else truth["answer"]}

    run = df.launch(
        transcript,
        [{"id": number, "clip": str(number)} for number in range(8)],
        [{"clip": f"known {number}", "answer": f"known {number}"} for number in range(6)],
        policy=df.Policy(
            page=(8, 0), control=None, attempts=1, check=df.Policy(page=(3, 1), control=None, overlap=2), speed=()
        ),
        platform=SimulatedPlatform(
            [SimulatedWorker(f"w{n}", hears, arrives=100.0 * n, seconds=10.0) for n in range(5)], right, seed=1
        ),
        workspace=workspace,
        progress=False,
    )
    finish(run)
    assert run.labels()["verdict"].tolist() == ["right"] * 7 + ["wrong"]
    table = pd.read_csv(run.export("tsv", tmp_path / "transcripts.tsv"), sep="\t")
    assert table["id"].tolist() == list(range(7))
