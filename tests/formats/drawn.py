"""Tasks, pictures and answers that tests of formats share."""

import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

import dataforge as df
from dataforge import registry
from dataforge.formats import Labelled, Labels


class Animal(df.Choice):
    CAT = "cat"
    DOG = "a dog, or \"two\" of <them> & 'more'"


@df.task
def boxes(photo: df.Image) -> df.Boxes(Animal):  # type: ignore[valid-type]
    """Mark the animals."""


@df.task
def polygons(photo: df.Image) -> df.Polygons(Animal):  # type: ignore[valid-type]
    """Outline the animals."""


@df.task
def points(photo: df.Image) -> df.Points(Animal):  # type: ignore[valid-type]
    """Point at the animals."""


@df.task
def lines(photo: df.Image) -> df.Lines(Animal):  # type: ignore[valid-type]
    """Draw the animals' tails."""


TASKS = {"boxes": boxes, "polygons": polygons, "points": points, "lines": lines}


def draw(folder: Path, name: str, width: int, height: int, turned: int = 1) -> Path:
    """Save a picture of this size, as it is stored, with a tag that says how it is turned."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = turned
    Image.new("L", (width, height)).save(path, exif=exif)
    return path


def sound(folder: Path, name: str = "a", seconds: float = 2.0) -> str:
    """Save silence, and give its path."""
    path = folder / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(int(16000 * seconds)))
    return str(path)


def shapes(width: int, height: int, *drawn: dict[str, Any]) -> dict[str, Any]:
    return {"width": width, "height": height, "shapes": list(drawn)}


def save(form: str, task: df.Task, answers: Sequence[tuple[Any, Any]], path: Path) -> Path:
    """Write answers to inputs in a format, as a run does."""
    written = registry.load("formats", form)
    rows = [Labelled(str(number), value, answer) for number, (value, answer) in enumerate(answers)]
    if not written.ending:
        path.mkdir(parents=True)
    written.write(Labels("a run", task.outputs[0], task.inputs[0], rows), path)
    return path
