"""Every example runs as it is, with simulated people, and gives right labels."""

import csv
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

import dataforge as df
from dataforge.runs.handle.run import open_run

ROOT = Path(__file__).parents[2]


Example = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, to run an example in; its server gives the same people the same items each time."""
    monkeypatch.chdir(tmp_path)
    workspace = tmp_path / ".dataforge"
    command = [sys.executable, "-m", "dataforge.server", "--workspace", str(workspace), "--port", "0", "--seed", "1"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "serves" in server.stdout.readline()
        yield tmp_path
        server.terminate()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


@pytest.fixture
def example(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Example:
    """Run an example with simulated people in this process, as its own would; gives what it prints."""

    def run(path: str, *arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", [path, *map(str, arguments), "--simulate"])
        monkeypatch.syspath_prepend((ROOT / "examples" / path).parent)
        runpy.run_path(str(ROOT / "examples" / path), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_texts_in_a_process_of_its_own(folder: Path) -> None:
    command = [sys.executable, ROOT / "examples/texts/sentiment.py", "--simulate"]
    reply = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=150)
    assert reply.returncode == 0, reply.stderr
    assert "/join/" in reply.stdout
    labels = open_run("reviews", folder / ".dataforge").labels().set_index("review")
    right = labels.index.map(runpy.run_path(str(ROOT / "examples/texts/sentiment.py"))["REVIEWS"])
    # Of fifteen labels from a confidence of 0.9 on one or two may be wrong.
    assert (labels["answer"] == right).sum() >= 12
    assert labels["confidence"].min() > 0.5


def test_names_gives_every_answer_with_the_pieces_that_it_marks(folder: Path, example: Example) -> None:
    example("names/names.py")
    solutions = open_run("names", folder / ".dataforge").solutions()
    assert solutions["text"].value_counts().tolist() == [3, 3, 3]
    marked = [
        (text[span["start"] : span["end"]], span)
        for text, answer in zip(solutions["text"], solutions["answer"], strict=True)
        for span in answer
    ]
    assert all(piece == span["text"] for piece, span in marked)
    assert {"Ada Lovelace", "Vienna", "Prague"} <= {piece for piece, _ in marked}


def test_relevance_has_a_model_say_what_people_judge_and_vote_on_the_rest(folder: Path, example: Example) -> None:
    said = example("relevance/relevance.py")
    right = re.search(r"rest: (\d+) pairs, ([\d.]+) answers of people each, ([\d.]+) right", said)
    assert right is not None, said
    assert int(right[1]) == 36
    assert float(right[3]) >= 0.9
    loop = open_run("relevance", folder / ".dataforge")
    assert len(loop.labels()) == 36
    lines = (ROOT / "examples/relevance/relevance.py").read_text("utf-8").splitlines()
    assert len(lines) <= 60, "what is read in a minute"


def test_side_by_side_gives_results_in_the_order_of_the_table(folder: Path, example: Example) -> None:
    example("side_by_side/better_answer.py")
    labels = open_run("better-answer", folder / ".dataforge").labels().set_index("query")["answer"]
    assert labels["How many legs has a spider?"] == "left"
    assert labels["Which bus goes to the airport?"] == "right"
    assert labels["Is the museum free on Mondays?"] == "same"


def test_several_questions_have_an_answer_and_a_confidence_each(folder: Path, example: Example) -> None:
    example("several_questions/letters.py")
    labels = open_run("letters", folder / ".dataforge").labels().set_index("letter")
    letter = labels.loc["When will my parcel come? No hurry."]
    assert (letter["topic"], letter["urgent"], letter["tone"]) == ("delivery", False, 3)
    assert all(labels[f"{question}_confidence"].between(0.33, 1).all() for question in ("topic", "urgent", "tone"))


def test_numbers_sets_and_texts_of_several_people_are_merged(folder: Path, example: Example) -> None:
    example("scenes/scenes.py")
    labels = open_run("scenes", folder / ".dataforge").labels().set_index("scene")
    scene = labels.loc["Two boys with a dog and a parrot wait for the ferry."]
    assert (scene["people"], list(scene["animals"]), scene["title"]) == (2, ["dog", "bird"], "Two boys with")
    assert set(labels["verdict"]) == {"merged"}


def test_rankings_of_several_people_are_merged(folder: Path, example: Example) -> None:
    example("ranking/answers.py")
    labels = open_run("best-answers", folder / ".dataforge").labels().set_index("question")["answer"]
    assert list(labels["Where is the station?"]) == ["two", "three", "one"]


def test_boxes_and_segments_of_three_people_are_merged(
    folder: Path, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAFORGE_WORKSPACE", str(folder / ".dataforge"))
    for name, input_name in (("boxes", "image"), ("segments", "recording")):
        monkeypatch.chdir(ROOT / "examples" / name)
        example(f"{name}/{name}.py")
        labels = open_run(name, folder / ".dataforge").labels()
        known = runpy.run_path(str(ROOT / "examples" / name / f"{name}.py"))["KNOWN"]
        found = dict(zip((Path(one).name for one in labels[input_name]), labels["answer"], strict=True))
        assert (labels["overlap"] == 3).all()
        assert found.keys() == known.keys()
        # A simulated person misses or moves some; of three most of what is there is found.
        many = {one: len(said["shapes"] if name == "boxes" else said) for one, said in found.items()}
        assert sum(abs(many[one] - len(there)) for one, there in known.items()) <= 3


def test_texts_are_written_judged_and_mended_by_a_pipeline(folder: Path, example: Example) -> None:
    said = example("detoxification/detoxification.py")
    assert re.search(r"\d+% pass, 0\.\d+ USD each; of these \d+% are right", said)
    judged = open_run("detoxification.same_meaning", folder / ".dataforge").labels()
    known = runpy.run_path(str(ROOT / "examples/detoxification/detoxification.py"))["OURS"]
    assert set(judged["before"]) == set(known)
    assert (judged["overlap"] == 3).all()


# The shortest examples: how many items each asks, and by which way.
FUNCTIONS = {
    "text_classification": (4, "consensus"),
    "image_side_by_side": (3, "consensus"),
    "image_segmentation": (4, "check"),
    "points": (4, "merge"),
    "lines": (4, "merge"),
    "number": (4, "merge"),
    "several": (4, "merge"),
    "upload": (4, "check"),
    "spans": (4, "merge"),
    "order": (4, "merge"),
    "audio_transcript": (4, "check"),
    "speech_recording": (4, "check"),
}


class Waited(Exception):
    """A script would now wait for people, for the run that this names."""


def test_the_short_examples_have_twelve_lines_and_open_their_tasks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wait(run: df.Run) -> None:
        raise Waited(run)

    monkeypatch.setenv("DATAFORGE_WORKSPACE", str(folder / ".dataforge"))
    monkeypatch.setattr(df.Run, "wait", wait)
    for name, (items, way) in FUNCTIONS.items():
        script = ROOT / "examples" / name / f"{name}.py"
        code = [line for line in script.read_text("utf-8").split('"""', 2)[2].splitlines() if line.strip()]
        assert len(code) <= 12, name
        monkeypatch.chdir(script.parent)
        with pytest.raises(Waited) as waited:
            runpy.run_path(script.name, run_name="__main__")
        assert "/join/" in capsys.readouterr().out
        with waited.value.args[0] as run:
            assert run.name == name.replace("_", "-")
            assert (len(run.labels()), run.check is not None) == (items, way == "check")


def test_photos_sorted_into_folders(folder: Path, example: Example) -> None:
    for number, label in enumerate(("hat", "shoes", "dress") * 10):
        path = folder / "photos" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), (8 * number, 255 - 8 * number, 99)).save(path)
    example("photos/photos.py", folder / "photos", "--control", 0.3)
    labels = open_run("clothes", folder / ".dataforge").labels()
    right = labels["answer"] == labels["photo"].map(lambda path: Path(path).parent.name)
    assert len(labels) == 21
    assert right.mean() > 0.85
    with open(folder / "tables" / "control.csv", newline="") as file:
        known = [row["answer"] for row in csv.DictReader(file)]
    assert sorted(known) == ["dress"] * 3 + ["hat"] * 3 + ["shoes"] * 3


def test_photos_of_a_real_data_set(folder: Path, example: Example, shared: Path) -> None:
    photos = shared / "media" / "clothing_photos"
    if not photos.is_dir():
        pytest.skip("the folder of clothing photos is not beside this checkout")
    example("photos/photos.py", photos, "--limit", 60, "--control", 0.2)
    labels = open_run("clothes", folder / ".dataforge").labels()
    assert len(labels) == 48
    assert labels["confidence"].mean() > 0.9


def test_photos_without_a_known_label_are_not_simulated_and_that_is_said(
    folder: Path, example: Example, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mine").mkdir()
    Image.new("RGB", (8, 8)).save(folder / "mine/1.png")
    with pytest.raises(SystemExit):
        example("photos/photos.py", folder / "mine")
    assert "--simulate: no photo in" in capsys.readouterr().err
