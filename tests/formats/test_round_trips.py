"""What is written in a format is read back as it was."""

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.drawn import TASKS, draw, save, shapes

import dataforge as df
from dataforge.formats import Labels
from dataforge.registry import load, names

WIDTH, HEIGHT = 37, 23
READERS: dict[str, Callable[..., Any]] = {
    "coco": df.read_coco,
    "yolo": df.read_yolo,
    "voc": df.read_voc,
    "cvat": df.read_cvat,
    "kitti": df.read_kitti,
    "label-studio": df.read_label_studio,
}
FORMS = [(form, kind) for form in READERS for kind in load("formats", form).types if kind in TASKS]

xs = st.floats(0, WIDTH) | st.integers(0, WIDTH)
ys = st.floats(0, HEIGHT) | st.integers(0, HEIGHT)


@st.composite
def drawn(draw_: Any, kind: str) -> dict[str, Any]:
    """A shape that can be drawn, at the edges of the picture too."""
    label = {"label": draw_(st.sampled_from([animal.value for animal in TASKS["boxes"].outputs[0].type.label]))}
    (left, right), (top, bottom) = (sorted(draw_(st.lists(axis, min_size=2, max_size=2))) for axis in (xs, ys))
    if right - left < 0.01 or bottom - top < 0.01:
        left, right, top, bottom = 0, WIDTH, 0, HEIGHT
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    given = {"boxes": [left, top, right, bottom], "points": [left, top], "polygons": corners, "lines": corners[:3]}
    key = {"boxes": "box", "points": "point", "polygons": "points", "lines": "points"}[kind]
    return {**label, key: given[kind]}


@pytest.mark.parametrize(("form", "kind"), FORMS)
@given(data=st.data())
@settings(max_examples=15)
def test_shapes_come_back_to_a_millionth_of_a_pixel(form: str, kind: str, data: st.DataObject) -> None:
    several = data.draw(st.lists(st.lists(drawn(kind), max_size=3), min_size=1, max_size=2))
    if form == "voc":
        # Its pixels are whole.
        several = [[{**shape, "box": whole(shape["box"])} for shape in given] for given in several]
    with TemporaryDirectory() as folder:
        pictures = [draw(Path(folder), f"images/{number}.png", WIDTH, HEIGHT) for number in range(len(several))]
        answers = [(str(path), shapes(WIDTH, HEIGHT, *given)) for path, given in zip(pictures, several, strict=True)]
        saved = save(form, TASKS[kind], answers, Path(folder) / f"saved{load('formats', form).ending}")
        frame = READERS[form](TASKS[kind], saved, folder=Path(folder) / "images")
    assert frame["photo"].tolist() == [path for path, _ in answers]
    assert same(frame["answer"].tolist(), [answer for _, answer in answers])


def whole(box: list[float]) -> list[int]:
    left, top, right, bottom = map(int, box)
    return [left, top, max(right, left + 1), max(bottom, top + 1)] if left < WIDTH and top < HEIGHT else [0, 0, 1, 1]


def same(one: Any, other: Any) -> bool:
    """Whether two answers are the same to a millionth."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other if isinstance(one, str) else abs(one - other) <= 1e-6


def test_the_pages_offer_every_format_for_the_types_that_it_holds() -> None:
    lines = (Path(__file__).parents[2] / "ui/src/requester/formats.ts").read_text("utf-8").splitlines()
    found = [re.match(r' +"?([a-z-]+)"?: { file: "([a-z.-]+)", types: \[(.*)\](.*) }', line) for line in lines]
    offered = {one[1]: (one[2], one[3].replace('"', "").split(", "), bool(one[4])) for one in found if one}
    assert offered == {
        form: (f"{form}{kind.ending or '.zip'}", list(kind.types), kind.several)
        for form in names("formats")
        if (kind := load("formats", form))
    }


def test_every_format_is_tried_here_or_beside() -> None:
    beside = {
        "cvat-video",
        "mot",
        "kitti-tracking",
        "conll",
        "spacy",
        "chat",
        "webvtt",
        "srt",
        "textgrid",
        "tsv",
        "folder",
        "sustech",
        "nuscenes",
        "png",
    }
    assert set(names("formats")) == set(READERS) | beside


@pytest.mark.parametrize("form", names("formats"))
def test_every_format_holds_types_that_there_are_and_writes_none_of_them(form: str, tmp_path: Path) -> None:
    written = load("formats", form)
    assert set(written.types) <= {name.replace("-", "_") for name in names("objects")}
    task = TASKS["boxes"]
    path = tmp_path / f"saved{written.ending}"
    if not written.ending:
        path.mkdir()
    written.write(Labels("a run", task.outputs[0], task.inputs[0], []), path)
    assert path.is_file() == bool(written.ending)
