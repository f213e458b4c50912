"""A file of labels that somebody else made names no file outside of the folder of pictures."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.formats.drawn import TASKS, draw

import dataforge as df

# How each format names a picture, and how the file is read.
WRITTEN: dict[str, tuple[str, Callable[[str], str]]] = {
    "label_studio": (
        "labels.json",
        lambda name: json.dumps([{"id": 1, "data": {"image": name}, "annotations": [{"result": []}]}]),
    ),
    "coco": (
        "labels.json",
        lambda name: json.dumps(
            {
                "images": [{"id": 1, "file_name": name, "width": 40, "height": 20}],
                "annotations": [],
                "categories": [],
            }
        ),
    ),
    "cvat": (
        "labels.xml",
        lambda name: f'<annotations><image id="0" name="{name}" width="40" height="20"/></annotations>',
    ),
    "voc": ("labels.xml", lambda name: f"<annotation><filename>{name}</filename></annotation>"),
}


def read(form: str, folder: Path, name: str) -> list[str]:
    """The pictures of a file of this format that names one."""
    file, written = WRITTEN[form]
    (folder / file).write_text(written(name))
    frame = getattr(df, f"read_{form}")(TASKS["boxes"], folder if form == "voc" else folder / file, folder=folder)
    return [str(value) for value in frame["photo"]]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("way", ["up", "absolute", "link"])
def test_a_picture_outside_of_the_folder_is_refused_by_its_name(form: str, way: str, tmp_path: Path) -> None:
    secret = draw(tmp_path, "private/secret.png", 40, 20)
    folder = tmp_path / "bought"
    folder.mkdir()
    (folder / "link.png").symlink_to(secret)
    name = {"up": "../private/secret.png", "absolute": str(secret), "link": "link.png"}[way]
    with pytest.raises(df.DataError, match=r"leads out of the folder .*folder=…") as refused:
        read(form, folder, name)
    assert Path(name).name in str(refused.value)


@pytest.mark.parametrize("form", WRITTEN)
def test_a_path_within_the_folder_is_read_however_it_is_written(form: str, tmp_path: Path) -> None:
    there = draw(tmp_path, "pictures/a.png", 40, 20)
    for name in ("pictures/a.png", "pictures/../pictures/a.png", str(there)):
        [found] = read(form, tmp_path, name)
        assert Path(found).resolve() == there


def test_what_can_be_no_name_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(df.DataError, match="is no name of a file"):
        read("coco", tmp_path, "a\0.png")
