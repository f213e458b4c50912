"""Masks go out as COCO, PNG, YOLO and Label Studio have them, and come back; held to their own readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from PIL import Image
from tests.formats.drawn import Animal, draw, save

import dataforge as df
from dataforge.errors import DataError
from dataforge.formats._brush import counts_in, packed
from dataforge.geometry.pixel_runs import bounds, pixels_of, runs_of_pixels, runs_within, text_of

WIDTH, HEIGHT = 64, 40
CAT, DOG = (animal.value for animal in Animal)
KIND = df.Mask(Animal)
READERS = {"coco": df.read_coco, "png": df.read_png, "label-studio": df.read_label_studio, "cvat": df.read_cvat}


@df.task
def painted(photo: df.Image) -> Annotated[dict[str, Any], df.Mask(Animal)]:
    """Paint the animals."""
    ...


@df.task
def plain(photo: df.Image) -> Annotated[dict[str, Any], df.Mask()]:
    """Paint the animal."""
    ...


def codes() -> np.ndarray[Any, Any]:
    """Two animals: a ring, with the hole that outlines lose, and two pieces up to the edges of the picture."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    away = np.hypot(x - 20, y - 18)
    found = np.where((away < 14) & (away > 5), 1, 0)
    found[:12, 50:] = 2
    found[30:, 40:60] = 2
    return found.astype(np.uint8)


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    return [str(draw(tmp_path, f"photos/{name}.png", WIDTH, HEIGHT)) for name in ("ring", "nothing")]


@pytest.fixture
def answers(photos: list[str]) -> list[tuple[str, Any]]:
    return [(photos[0], KIND.of_array(codes())), (photos[1], KIND.of_array(np.zeros((HEIGHT, WIDTH), int)))]


@pytest.mark.parametrize("form", ["coco", "png", "label-studio", "cvat"])
def test_every_pixel_comes_back(form: str, answers: list[tuple[str, Any]], tmp_path: Path) -> None:
    saved = save(form, painted, answers, tmp_path / "saved")
    frame = READERS[form](painted, saved, folder=tmp_path / "photos")
    assert dict(zip(frame["photo"], frame["answer"], strict=True)) == dict(answers)


@pytest.mark.parametrize("form", ["coco", "png", "label-studio", "yolo", "cvat"])
def test_a_task_without_labels_has_one_mask(form: str, photos: list[str], tmp_path: Path) -> None:
    square = np.zeros((HEIGHT, WIDTH), bool)
    square[4:30, 8:50] = True
    answer = df.Mask().of_array(square)
    saved = save(form, plain, [(photos[0], answer)], tmp_path / "saved")
    readers = {**READERS, "yolo": df.read_yolo}
    assert readers[form](plain, saved, folder=tmp_path / "photos")["answer"].tolist() == [answer]


def test_outlines_of_yolo_keep_all_but_holes_which_are_said(answers: list[tuple[str, Any]], tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="holes in masks filled: 1"):
        saved = save("yolo", painted, answers, tmp_path / "saved")
    assert len((saved / "labels" / "ring.txt").read_text().splitlines()) == 3
    assert (saved / "labels" / "nothing.txt").read_text() == ""
    frame = df.read_yolo(painted, saved, folder=tmp_path / "photos")
    nothing, ring = frame["answer"]
    assert nothing == answers[1][1]
    whole = codes()
    whole[np.hypot(*(np.mgrid[:HEIGHT, :WIDTH] - np.array([18, 20])[:, None, None])) <= 5] = 1
    assert KIND.similarity(ring, KIND.of_array(whole)) > 0.95


def test_rows_are_known_answers_and_drafts(answers: list[tuple[str, Any]], tmp_path: Path) -> None:
    frame = df.read_coco(painted, save("coco", painted, answers, tmp_path / "saved.json"), folder=tmp_path / "photos")
    assert df.read_items(painted, frame, control=True).known("answer") == [answer for _, answer in answers]
    assert df.read_items(painted, frame, prefill="answer").count == 2


def test_the_reader_of_cocos_makers_sees_the_same_pixels(answers: list[tuple[str, Any]], tmp_path: Path) -> None:
    reader = pytest.importorskip("pycocotools.coco")
    found = reader.COCO(save("coco", painted, answers, tmp_path / "masks.json"))
    assert len(found.getImgIds()) == 2
    for number, name in enumerate((CAT, DOG), 1):
        [annotation] = found.loadAnns(found.getAnnIds(catIds=found.getCatIds([name])))
        seen = found.annToMask(annotation).astype(bool)
        assert (seen == (codes() == number)).all()
        rows, columns = np.nonzero(seen)
        left, top = int(columns.min()), int(rows.min())
        assert annotation["bbox"] == [left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top]
        assert annotation["area"] == int(seen.sum())


def test_polygons_of_coco_are_painted_as_its_makers_do(tmp_path: Path) -> None:
    tools = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(3)
    for _ in range(20):
        turns = np.sort(rng.uniform(0, 2 * np.pi, 9))
        far = rng.uniform(6, 18, 9)
        outline = np.stack([32 + far * np.cos(turns), 20 + far * np.sin(turns)], axis=1)
        mine = pixels_of(runs_within(outline.tolist(), WIDTH, HEIGHT), WIDTH, HEIGHT)
        theirs = tools.decode(tools.frPyObjects([outline.ravel().tolist()], HEIGHT, WIDTH))[:, :, 0].astype(bool)
        assert (mine & theirs).sum() / (mine | theirs).sum() > 0.9


def test_where_objects_overlap_the_smaller_is_on_top(tmp_path: Path) -> None:
    draw(tmp_path, "a.png", WIDTH, HEIGHT)
    square = [[0, 0, 40, 0, 40, 40, 0, 40]]
    crowd = {"size": [HEIGHT, WIDTH], "counts": [0, 10 * HEIGHT, WIDTH * HEIGHT - 10 * HEIGHT]}
    objects = [
        (1, square, 0),
        (2, [[10, 10, 20, 10, 20, 20, 10, 20], [30, 30, 35, 30, 35, 35, 30, 35]], 0),
        (2, crowd, 1),
    ]
    whole = {
        "images": [{"id": 1, "file_name": "a.png", "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "hound"}],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": category, "segmentation": drawn, "iscrowd": many}
            for number, (category, drawn, many) in enumerate(objects)
        ],
    }
    (tmp_path / "known.json").write_text(json.dumps(whole))
    with pytest.warns(UserWarning, match="which the smaller one has: 1"):
        frame = df.read_coco(painted, tmp_path / "known.json", labels={"cat": CAT, "hound": DOG})
    expected = np.zeros((HEIGHT, WIDTH), int)
    expected[:, :40] = 1
    expected[:, :10] = expected[10:20, 10:20] = expected[30:35, 30:35] = 2
    assert (KIND.array(frame["answer"][0]) == expected).all()


def test_png_has_a_palette_and_names(answers: list[tuple[str, Any]], tmp_path: Path) -> None:
    saved = save("png", painted, answers, tmp_path / "saved")
    with Image.open(saved / "SegmentationClass" / "ring.png") as image:
        assert image.mode == "P"
        assert (np.asarray(image) == codes()).all()
        assert np.asarray(image.convert("RGB"))[0, 60].tolist() == [0, 128, 0]
    assert (saved / "labelmap.txt").read_text("utf-8").splitlines()[1:] == [
        "background:0,0,0::",
        f"{CAT}:128,0,0::",
        f"{DOG}:0,128,0::",
    ]


def test_png_is_read_as_grey_values_and_colours_too(answers: list[tuple[str, Any]], tmp_path: Path) -> None:
    saved = save("png", painted, answers[:1], tmp_path / "saved")
    file = saved / "SegmentationClass" / "ring.png"
    with Image.open(file) as image:
        coloured, grey = image.convert("RGB"), Image.fromarray(np.asarray(image).copy(), "L")
    for one in (coloured, grey):
        one.save(file)
        assert df.read_png(painted, saved, folder=tmp_path / "photos")["answer"].tolist() == [answers[0][1]]
    unclear = codes()
    unclear[0] = 255
    Image.fromarray(unclear, "L").save(file)
    with pytest.warns(UserWarning, match="became background: 1"):
        frame = df.read_png(painted, file.parent, folder=tmp_path / "photos", names=[CAT, DOG])
    assert (KIND.array(frame["answer"][0]) == np.where(unclear == 255, 0, unclear)).all()


@pytest.mark.parametrize(
    ("pixels", "mode", "why"),
    [
        (np.full((HEIGHT, WIDTH), 7, np.uint8), "L", "has pixels with the number 7, and names are known for 0 to 2"),
        (np.full((HEIGHT, WIDTH, 3), 9, np.uint8), "RGB", r"has the colour \(9, 9, 9\)"),
        (np.zeros((HEIGHT, 10), np.uint8), "L", "its size is told as 10 × 40, and it is seen as 64 × 40"),
        (None, "", "cannot be read as PNG"),
    ],
)
def test_a_png_that_is_wrong_is_named(
    pixels: Any, mode: str, why: str, answers: list[tuple[str, Any]], tmp_path: Path
) -> None:
    saved = save("png", painted, answers[:1], tmp_path / "saved")
    file = saved / "SegmentationClass" / "ring.png"
    if pixels is None:
        file.write_bytes(file.read_bytes()[:60])
    else:
        Image.fromarray(pixels, mode).save(file)
    with pytest.raises(DataError, match=f"ring.png.*{why}"):
        df.read_png(painted, saved, folder=tmp_path / "photos")


# What `label_studio_sdk.converter.brush.encode_rle` 2.1.2 makes of a picture of 5 by 3 with three pixels painted.
BRUSH = [0, 0, 0, 60, 57, 27, 254, 23, 0, 183, 255, 133, 192, 0]


def test_brushes_are_packed_as_label_studio_packs_them() -> None:
    pixels = np.zeros((3, 5), bool)
    pixels[1, 1:4] = True
    counts = text_of(runs_of_pixels(pixels), 15)
    assert counts_in(BRUSH, 5, 3) == counts
    assert counts_in(packed(counts, 5, 3), 5, 3) == counts


def test_a_brush_is_a_region_of_label_studio(answers: list[tuple[str, Any]], tmp_path: Path) -> None:
    [task, _] = json.loads(save("label-studio", painted, answers, tmp_path / "a.json").read_text())
    cat, dog = task["annotations"][0]["result"]
    assert (cat["type"], cat["value"]["format"], cat["value"]["brushlabels"]) == ("brushlabels", "rle", [CAT])
    assert (dog["original_width"], dog["original_height"]) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("size", [(1, 1), (40_000, 3), (300, 700)])
def test_long_runs_and_small_pictures_are_packed(size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.random.default_rng(1).random((height, width)) < 0.01
    pixels[: height // 2] = True
    counts = text_of(runs_of_pixels(pixels), width * height)
    assert counts_in(packed(counts, width, height), width, height) == counts


@pytest.mark.parametrize(
    ("rle", "why"),
    [
        (None, "expected bytes"),
        ([1, 2, 300], "expected bytes"),
        ([0] * 8, "expected a mask of the picture's size, 5 × 3"),
        (BRUSH[:-3], "not as long as the picture"),
        ([0, 0, 0, 60, 59, *[0] * 100], "not as long as the picture|of 8 bits"),
        ([[1], [2]], "expected a mask"),
    ],
)
def test_a_brush_that_is_wrong_is_refused(rle: Any, why: str) -> None:
    with pytest.raises(DataError, match=why):
        counts_in(rle, 5, 3)


def test_runs_know_their_edges() -> None:
    for number in (1, 2):
        pixels = codes() == number
        rows, columns = np.nonzero(pixels)
        expected = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert bounds(runs_of_pixels(pixels), HEIGHT) == expected
    assert bounds(runs_of_pixels(np.zeros((3, 3), bool)), 3) == (0, 0, 0, 0)


def test_cvat_counts_row_by_row_in_a_rectangle_and_its_polygons_are_painted(tmp_path: Path) -> None:
    draw(tmp_path, "a.png", WIDTH, HEIGHT)
    image = f'<image id="0" name="a.png" width="{WIDTH}" height="{HEIGHT}">'

    def read(drawn: str) -> Any:
        (tmp_path / "a.xml").write_text(f"<annotations>{image}{drawn}</image></annotations>")
        return df.read_cvat(painted, tmp_path / "a.xml", labels={"cat": CAT, "hound": DOG})["answer"][0]

    # Two rows of three, of which the first row and the middle of the second are painted.
    mask = '<mask label="cat" occluded="0" rle="{}" left="{}" top="20" width="3" height="2" z_order="0"/>'
    square = '<polygon label="hound" points="1.0,2.0;5.0,2.0;5.0,4.0;1.0,4.0"/>'
    expected = np.zeros((HEIGHT, WIDTH), int)
    expected[20, 10:13] = expected[21, 11] = 1
    expected[2:4, 1:5] = 2
    assert (KIND.array(read(mask.format("0, 3, 1, 1, 1", 10) + square)) == expected).all()
    for rle, left, why in (
        ("0, 3, 1, 1", 10, r"<mask> 1: rle: expected runs of 3 × 2 = 6 pixels, got 5"),
        ("0, 3, -1, 4", 10, "rle: expected a whole number, 0 or more, got ' -1'"),
        ("6", WIDTH - 2, "expected a mask on the picture, 64 × 40, got 3 × 2 at 62, 20"),
        ("", 10, "rle: expected a number, got ''"),
    ):
        with pytest.raises(DataError, match=why):
            read(mask.format(rle, left))
