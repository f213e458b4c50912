"""A file of labels that somebody else made names no file outside of the folder of pictures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from PIL import Image
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


BOX = "cat 0 0 0 1 1 9 9 1 1 1 1 1 1 0\n"
CUE = "1\n00:00:00,000 --> 00:00:01,000\nhi\n"


class Animal(df.Choice):
    """What is looked for."""

    cat = "a cat"


@df.task(duration="10s")
def masked(photo: df.Image) -> Annotated[dict[str, Any], df.Mask(Animal, of="photo")]:
    """Where are the cats?"""
    raise NotImplementedError


@df.task(duration="10s")
def heard(sound: df.Audio) -> df.Text:
    """What is said?"""
    raise NotImplementedError


def yolo(path: Path, folder: Path | None) -> object:
    (path / "labels").mkdir()
    (path / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    return df.read_yolo(TASKS["boxes"], path, folder=folder, names=["cat"])


def png(path: Path, folder: Path | None) -> object:
    (path / "SegmentationClass").mkdir()
    Image.new("L", (40, 20), 1).save(path / "SegmentationClass" / "a.png")
    return df.read_png(masked, path, folder=folder, names=["a cat"])


def kitti(path: Path, folder: Path | None) -> object:
    (path / "label_2").mkdir()
    (path / "label_2" / "a.txt").write_text(BOX)
    return df.read_kitti(TASKS["boxes"], path, folder=folder)


def srt(path: Path, folder: Path | None) -> object:
    (path / "a.srt").write_text(CUE)
    return df.read_srt(heard, path, folder=folder)


def voc(path: Path, folder: Path | None) -> object:
    (path / "Annotations").mkdir()
    (path / "Annotations" / "a.xml").write_text("<annotation><filename>a.png</filename></annotation>")
    return df.read_voc(TASKS["boxes"], path / "Annotations", folder=folder)


# How each format is read that looks into a folder for what belongs to its files, and where that lies.
LISTED: dict[str, Callable[[Path, Path | None], object]] = {
    "images/a.png": yolo,
    "JPEGImages/a.png": png,
    "image_2/a.png": kitti,
    "a.wav": srt,
}


@pytest.mark.parametrize("lies", LISTED)
def test_a_link_that_a_listing_finds_leads_nobody_out_of_the_folders_that_were_named(lies: str, tmp_path: Path) -> None:
    private, path = draw(tmp_path, "private/secret.png", 40, 20), tmp_path / "bought"
    (path / lies).parent.mkdir(parents=True)
    (path / lies).symlink_to(private)
    with pytest.raises(df.DataError, match=r"leads out of the folder .*folder=…"):
        LISTED[lies](path, None)


@pytest.mark.parametrize(
    ("folder", "read"), [("images", yolo), ("JPEGImages", png), ("image_2", kitti), ("JPEGImages", voc)]
)
def test_a_folder_of_pictures_that_is_a_link_is_read_only_if_it_is_named(
    folder: str, read: Callable[[Path, Path | None], object], tmp_path: Path
) -> None:
    private = draw(tmp_path, "elsewhere/a.png", 40, 20).parent
    for path, named in ((tmp_path / "bought", None), (tmp_path / "own", private)):
        path.mkdir()
        (path / folder).symlink_to(private)
        if named is None:
            with pytest.raises(df.DataError, match=r"leads out of the folder .*folder=…"):
                read(path, None)
        else:
            read(path, named)


def test_a_file_of_labels_that_is_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret\n")
    draw(tmp_path, "bought/images/a.png", 40, 20)
    labels = tmp_path / "bought" / "labels"
    labels.mkdir()
    (labels / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(df.DataError, match="leads out of the folder") as refused:
        df.read_yolo(TASKS["boxes"], tmp_path / "bought", names=["cat"])
    assert "the secret" not in str(refused.value)
