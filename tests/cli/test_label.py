"""`dataforge label`: what is asked follows from what is labelled, and what does not fit is said."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli.conftest import Dataforge

import dataforge as df
from dataforge.catalogue import languages
from dataforge.cli import label
from dataforge.objects.choice import ChoiceType, option
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.folder import RunFolder
from dataforge.workspace import Workspace

LABELS = ("--labels", "good,bad", "--no-browser")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("texts.txt",), "--labels: say what to choose from"),
        (
            ("texts.txt", "--labels", "good"),
            "different labels with commas between them, got 'good'",
        ),
        (("texts.txt", "--labels", "good,good"), "expected two or more different labels"),
        (("texts.txt", "--labels", "good,bad", "--items", "texts.txt"), "--items: is for a task in a file of Python"),
        (("task.py",), "--items: say what the task is about"),
        (("task.py", "--labels", "good,bad", "--items", "texts.txt"), "the task says what is asked; leave them out"),
        (("table.csv", *LABELS), "expected a column that is called text, image, audio or video, got 'review', 'year'"),
        (("texts.txt", *LABELS, "--out", "table.csv"), "'table.csv' is there already, and would be overwritten"),
        (("nothing", *LABELS), "nothing: there is no such file or folder"),
        (("empty", *LABELS), "holds no picture, sound or film"),
        (("texts.txt", *LABELS, "--out", "answers.doc"), "--out: expected a file that ends in .csv"),
        (("texts.csv", *LABELS, "--out", "./texts.csv"), "is what is labelled, and would be overwritten"),
    ],
)
def test_what_cannot_be_labelled_is_said_in_one_line(
    dataforge: Dataforge, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    (tmp_path / "texts.txt").write_text("one\ntwo\n")
    (tmp_path / "texts.csv").write_text("text\none\n")
    (tmp_path / "table.csv").write_text("review,year\nfine,2020\n")
    (tmp_path / "empty").mkdir()
    done = dataforge("label", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / ".dataforge").exists()


def test_a_workspace_that_cannot_be_made_is_said_once_and_not_by_the_start_of_the_server(
    dataforge_process: Dataforge, tmp_path: Path
) -> None:
    (tmp_path / "texts.txt").write_text("one\ntwo\n")
    (tmp_path / "file").touch()
    done = dataforge_process("label", "texts.txt", *LABELS, "--workspace", "file")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("dataforge: workspace: the folder ")


def test_a_folder_of_pictures_is_asked_about_as_pictures_and_a_column_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("one\n")
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (8, 8), "teal").save(tmp_path / "photos" / "a.png")
    (tmp_path / "clips.csv").write_text("audio,name\nhttps://example.org/a.mp3,a\n")

    def asked(what: str) -> Any:
        return label._asked(str(tmp_path / what), "good,bad", None, None, None)[0]

    assert str(asked("photos").inputs[0]) == "image: image"
    assert str(asked("clips.csv").inputs[0]) == "audio: audio"
    assert str(asked("notes.txt").inputs[0]) == "text: text"


def test_what_whoever_labels_has_written_is_in_no_language_that_they_do_not_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("one\n")
    task = label._asked(str(tmp_path / "notes.txt"), "хорошо,плохо", None, "Какой отзыв?", None)[0]
    assert set(task.instruction.values()) == {"Какой отзыв?"}
    assert set(task.instruction) == set(languages())
    for one in task.outputs[0].type.options:
        assert dict(one.label) == dict.fromkeys(languages(), one.value)


def test_what_an_older_version_began_with_fewer_languages_goes_on_and_other_labels_do_not(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("one\n")

    def asked(labels: str) -> df.Task:
        return label._asked(str(tmp_path / "notes.txt"), labels, None, None, None)[0]

    begun = asked("good,bad")
    options = ChoiceType((option("good"), option("bad")))
    older = replace(begun, outputs=(replace(begun.outputs[0], type=options),))
    policy = df.Policy(page=(1, 0), overlap=1, control=None)
    platform = SimulatedPlatform([], lambda inputs: {"answer": "good"}, seed=0)
    with df.launch(
        older, ["one"], policy=policy, platform=platform, name="label-notes", workspace=tmp_path, progress=False
    ):
        folder = RunFolder.of(Workspace.at(tmp_path), "label-notes")
        assert label._as_begun(begun, folder).spec() == older.spec() != begun.spec()
        other = asked("good,worse")
        assert label._as_begun(other, folder) is other


def test_the_run_is_called_after_what_is_labelled(tmp_path: Path) -> None:
    assert label._name_of("My Photos/") == "label-my-photos"
    assert label._name_of("reviews.csv") == "label-reviews"
    assert label._name_of("Мои фото") == "label-мои-фото"
    assert label._name_of("!!") == "label-items"
    assert len(label._name_of("a" * 200)) < 60
