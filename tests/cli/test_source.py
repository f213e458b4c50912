"""A user's file gives its task, or an error that says which line to mend."""

from pathlib import Path

import pytest

from dataforge.cli._source import load_task
from dataforge.errors import SpecError

TASK = '''
from __future__ import annotations
import dataforge as df
from labels import Animal

@df.task
def {name}(photo: df.Image) -> Animal:
    """Which animal is in the photo?"""
'''
LABELS = """
import dataforge as df

class Animal(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "labels.py").write_text(LABELS)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "my_task.py"
    path.write_text(text)
    return path


def test_the_only_task_of_a_file_needs_no_name_and_may_use_files_beside_it(folder: Path) -> None:
    assert load_task(str(write(folder, TASK.format(name="animal")))).id == "animal"


def test_a_task_is_chosen_by_name_among_several(folder: Path) -> None:
    path = write(folder, TASK.format(name="animal") + TASK.format(name="beast").replace("from __future__", "#"))
    assert load_task(f"{path}:beast").id == "beast"
    with pytest.raises(SpecError, match=r"several tasks in this file; choose one: .*my_task.py:animal, .*:beast"):
        load_task(str(path))
    with pytest.raises(SpecError, match=r"no task is named 'plant' here; known: animal, beast"):
        load_task(f"{path}:plant")


def test_a_file_without_a_task_says_how_to_make_one(folder: Path) -> None:
    with pytest.raises(SpecError, match=r"my_task.py: no task in this file; put @df.task above a function"):
        load_task(str(write(folder, "x = 1\n")))


def test_what_is_not_a_python_file_is_refused(folder: Path) -> None:
    with pytest.raises(SpecError, match="no file"):
        load_task(str(folder / "missing.py"))
    with pytest.raises(SpecError, match="expected a Python file"):
        load_task(str(folder / "photos.csv"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ndef f(:\n", r"my_task.py:2: "),
        ("x = 1\n\nx.y\n", r"my_task.py:3: AttributeError: .*, while the file was read"),
        ("import sys\nsys.exit()\n", r"my_task.py:2: SystemExit, while the file was read"),
        ("import nowhere_to_be_found\n", r"my_task.py:1: ModuleNotFoundError: "),
        (
            "import dataforge as df\n\n@df.task\ndef f(x: df.Text) -> bool: ...\n",
            r"my_task.py:3: task 'f': instruction: ",
        ),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(folder: Path, text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        load_task(str(write(folder, text)))


def test_what_stands_under_main_is_not_run(folder: Path) -> None:
    text = TASK.format(name="animal") + "\nif __name__ == '__main__':\n    raise RuntimeError\n"
    assert load_task(str(write(folder, text))).id == "animal"
