"""COCO, held to the reader that its makers wrote, and to what goes wrong in files of others."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import binary_fill_holes, gaussian_filter, label
from tests.formats.drawn import TASKS, Animal, draw, save, shapes

import dataforge as df
from dataforge.formats._masks import read_runs, traced

CAT, DOG = (animal.value for animal in Animal)
BOX = {"label": DOG, "box": [1.5, 2, 11.5, 6]}
# An L: half of a square of 8 by 8 and a quarter of it.
CORNER = {"label": CAT, "points": [[2, 2], [10, 2], [10, 6], [6, 6], [6, 10], [2, 10]]}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file with one annotation of a picture of 40 by 30; what is given takes the place of what is usual."""

    def written(**annotation: Any) -> Path:
        usual = {"id": 7, "image_id": 1, "category_id": 0, "bbox": [1, 2, 3, 4], "iscrowd": 0}
        whole = {
            "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
            "categories": [{"id": 0, "name": "cat"}, {"id": 5, "name": "zebra"}],
            "annotations": [usual | annotation],
        }
        path = tmp_path / "others.json"
        path.write_text(json.dumps(whole))
        return path

    return written


def test_a_box_is_its_corner_and_its_size_and_a_polygon_has_its_own_area(tmp_path: Path) -> None:
    save("coco", TASKS["boxes"], [("photos/a.jpg", shapes(40, 30, BOX))], tmp_path / "boxes.json")
    save("coco", TASKS["polygons"], [("photos/a.jpg", shapes(40, 30, CORNER))], tmp_path / "polygons.json")
    [box] = json.loads((tmp_path / "boxes.json").read_text())["annotations"]
    [polygon] = json.loads((tmp_path / "polygons.json").read_text())["annotations"]
    assert (box["bbox"], box["area"], box["category_id"], box["iscrowd"]) == ([1.5, 2, 10, 4], 40, 2, 0)
    assert (polygon["bbox"], polygon["area"]) == ([2, 2, 8, 8], 48)
    assert polygon["segmentation"] == [[2, 2, 10, 2, 10, 6, 6, 6, 6, 10, 2, 10]]


def test_the_reader_of_its_makers_sees_the_same(tmp_path: Path) -> None:
    reader = pytest.importorskip("pycocotools.coco")
    answers = [
        ("https://example.org/a.jpg?s=1", shapes(40, 30, CORNER)),
        ("https://example.org/b.jpg", shapes(8, 8)),
    ]
    found = reader.COCO(save("coco", TASKS["polygons"], answers, tmp_path / "polygons.json"))
    [annotation] = found.loadAnns(found.getAnnIds(catIds=found.getCatIds(["cat"])))
    mask = found.annToMask(annotation)
    assert (mask.shape, mask.sum(), mask[2:6, 2:10].all(), mask[6:, 6:].any()) == ((30, 40), 48, True, False)
    assert [image["file_name"] for image in found.loadImgs(found.getImgIds())] == ["a.jpg", "b.jpg"]
    assert [image["coco_url"] for image in found.loadImgs(found.getImgIds())] == [url for url, _ in answers]
    assert df.read_coco(TASKS["polygons"], tmp_path / "polygons.json")["photo"].tolist() == [url for url, _ in answers]


def test_rows_go_straight_to_a_launch(tmp_path: Path) -> None:
    pictures = [draw(tmp_path, f"cats/{number}.png", 40, 30) for number in range(2)]
    answers = [(str(picture), shapes(40, 30, BOX)) for picture in pictures]
    frame = df.read_coco(
        TASKS["boxes"], save("coco", TASKS["boxes"], answers, tmp_path / "known.json"), folder=tmp_path / "cats"
    )
    items = df.read_items(TASKS["boxes"], frame, control=True)
    assert list(items.keys) == ["0.png", "1.png"]
    assert items.known("answer") == [answer for _, answer in answers]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (
            {"category_id": 5},
            r"annotation 7: expected a label, one of 'cat', .*, got 'zebra'; say which .*labels=\{'cat': 'cat', …\}",
        ),
        ({"category_id": 3}, r"annotation 7: there is no category 3"),
        ({"image_id": 2}, r"annotation 7: there is no image 2"),
        ({"bbox": [1, 2, 3]}, r"annotation 7: bbox: expected \[x, y, width, height\], got \[1.0, 2.0, 3.0\]"),
        ({"bbox": [1, 2, 0, 3]}, r"annotation 7: expected a box with a size, got 0 × 3"),
        ({"bbox": [30, 2, 20, 3]}, r"annotation 7: expected places on the picture, x 0..40 and y 0..30, got \[50, 5\]"),
        ({"bbox": "no"}, r"others.json: expected `array \| null`, got `str` - at `\$.annotations\[0\].bbox`"),
    ],
)
def test_a_wrong_annotation_is_named(annotation: dict[str, Any], message: str, write: Callable[..., Path]) -> None:
    with pytest.raises(df.DataError, match=message):
        df.read_coco(TASKS["boxes"], write(**annotation))


def test_a_box_that_ends_a_rounding_error_beside_the_picture_ends_at_its_edge(write: Callable[..., Path]) -> None:
    frame = df.read_coco(TASKS["boxes"], write(bbox=[30, 20, 10.0000001, 10.4]))
    assert frame["answer"][0]["shapes"] == [{"label": "cat", "box": [30, 20, 40, 30]}]


def test_categories_are_what_they_are_said_to_mean_and_others_are_left_out(write: Callable[..., Path]) -> None:
    assert df.read_coco(TASKS["boxes"], write(), labels={"cat": DOG})["answer"][0]["shapes"][0]["label"] == DOG
    assert df.read_coco(TASKS["boxes"], write(category_id=5), labels={"cat": "cat", "zebra": DOG}) is not None
    with pytest.raises(df.SpecError, match=r"labels of the task.*got 'cow'"):
        df.read_coco(TASKS["boxes"], write(), labels={"cat": "cow"})
    with pytest.raises(df.DataError, match=r"none of its labels is among labels='Cat'; they are: 'cat'"):
        df.read_coco(TASKS["boxes"], write(), labels={"Cat": "cat"})


def test_a_task_without_labels_takes_all_shapes_without_theirs(write: Callable[..., Path]) -> None:
    @df.task
    def things(photo: df.Image) -> df.Boxes:
        """Mark everything."""

    assert df.read_coco(things, write(category_id=5))["answer"][0]["shapes"] == [{"box": [1, 2, 4, 6]}]


@pytest.mark.parametrize("parts", [[[1, 1, 9, 1, 9, 9]], [1, 1, 9, 1, 9, 9], [[1, 1, 9, 1, 9, 9, 1, 1]]])
def test_an_outline_may_be_a_flat_list_and_may_be_closed(parts: Any, write: Callable[..., Path]) -> None:
    frame = df.read_coco(TASKS["polygons"], write(segmentation=parts))
    assert frame["answer"][0]["shapes"] == [{"label": "cat", "points": [[1, 1], [9, 1], [9, 9]]}]


def test_an_object_of_several_parts_becomes_a_polygon_for_each(write: Callable[..., Path]) -> None:
    parts = [[1, 1, 9, 1, 9, 9], [11, 1, 19, 1, 19, 9]]
    with pytest.warns(UserWarning, match="objects of several parts became a polygon for each part: 1") as warned:
        frame = df.read_coco(TASKS["polygons"], write(segmentation=parts))
    assert [shape["points"][0] for shape in frame["answer"][0]["shapes"]] == [[1, 1], [11, 1]]
    assert warned[0].filename == __file__


def test_crowds_are_left_out_and_boxes_are_no_polygons(write: Callable[..., Path]) -> None:
    mask = {"size": [30, 40], "counts": [0, 1200]}
    with pytest.raises(df.DataError, match="got none; is it a file of boxes"):
        df.read_coco(TASKS["polygons"], write(segmentation=[]))
    with pytest.warns(UserWarning, match=r"regions of many objects \(iscrowd\) left out: 1"):
        assert df.read_coco(TASKS["polygons"], write(segmentation=mask, iscrowd=1))["answer"][0]["shapes"] == []


@pytest.mark.parametrize("as_text", [True, False])
def test_a_mask_of_its_makers_becomes_the_outline_of_its_pixels(as_text: bool, write: Callable[..., Path]) -> None:
    maskapi = pytest.importorskip("pycocotools.mask")
    pixels = np.zeros((30, 40), np.uint8, order="F")
    pixels[2:10, 2:10] = 1
    pixels[6:10, 6:10] = 0
    text = maskapi.encode(pixels)["counts"].decode()
    # By hand: each column of 30 from the top down.
    runs = [62, *[8, 22] * 4, *[4, 26] * 4]
    runs[-1] += 1200 - sum(runs)
    mask = {"size": [30, 40], "counts": text if as_text else runs}
    with pytest.warns(UserWarning, match=r"masks \(RLE\) became outlines of their pixels: 1") as warned:
        frame = df.read_coco(TASKS["polygons"], write(segmentation=mask))
    [shape] = frame["answer"][0]["shapes"]
    assert len(warned) == 1
    assert TASKS["polygons"].outputs[0].type.similarity(shapes(40, 30, shape), shapes(40, 30, CORNER)) == 1.0
    assert len(shape["points"]) == 6


def test_rough_masks_drawn_again_by_their_makers_cover_the_same_but_for_holes_and_specks() -> None:
    maskapi = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(0)
    for blur in (1, 2, 4, 8):
        field = gaussian_filter(rng.normal(size=(60, 80)), blur)
        pixels = field > np.quantile(field, 0.7)
        mask = maskapi.encode(np.asfortranarray(pixels, np.uint8))
        found = traced(read_runs({"size": [60, 80], "counts": mask["counts"].decode()}, 80, 60), 80, 60)
        flat = [np.ravel(outline).tolist() for outline in found.outlines]
        again = maskapi.decode(maskapi.merge(maskapi.frPyObjects(flat, 60, 80))).astype(bool)
        filled = binary_fill_holes(pixels)
        assert (again & filled).sum() / (again | filled).sum() > 0.95
        assert found.holes == label(filled & ~pixels)[1]
        assert len(found.outlines) + found.specks == label(filled)[1]


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ({"size": [40, 30], "counts": [0, 1200]}, r"expected a mask of the picture's size, \[30, 40\], got \[40, 30\]"),
        ({"size": [30, 40], "counts": [0, 1000]}, r"expected runs of 1,200 pixels in all, got 1,000"),
        (
            {"size": [30, 40], "counts": [0, -5, 1205]},
            r"expected lengths of runs, whole numbers from 0 to 1,200, got -5",
        ),
        ({"size": [30, 40], "counts": "0é"}, r"expected characters from '0' to 'o', got 'é'"),
        ({"size": [30, 40], "counts": [1200]}, r"the mask is empty; leave the object out"),
    ],
)
def test_what_is_wrong_with_a_mask_is_said(mask: Any, message: str, write: Callable[..., Path]) -> None:
    with pytest.raises(df.DataError, match=f"annotation 7: segmentation: .*{message}"):
        df.read_coco(TASKS["polygons"], write(segmentation=mask))


def test_points_are_keypoints_that_the_reader_of_its_makers_finds(tmp_path: Path) -> None:
    reader = pytest.importorskip("pycocotools.coco")
    answer = shapes(
        40, 30, {"label": DOG, "point": [1.5, 2]}, {"label": CAT, "point": [3, 4]}, {"label": CAT, "point": [5, 6]}
    )
    found = reader.COCO(save("coco", TASKS["points"], [("a.jpg", answer)], tmp_path / "points.json"))
    [cat] = found.loadCats(found.getCatIds(["cat"]))
    assert (cat["keypoints"], cat["skeleton"]) == (["cat"], [])
    marked = found.loadAnns(found.getAnnIds(catIds=[cat["id"]]))
    assert [(one["keypoints"], one["num_keypoints"]) for one in marked] == [([3, 4, 2], 1), ([5, 6, 2], 1)]


def test_keypoints_of_an_object_become_points_and_what_is_lost_is_said(tmp_path: Path) -> None:
    person = {"id": 1, "name": "person", "keypoints": ["nose", "cat", "left eye"], "skeleton": [[1, 2]]}
    usual = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "iscrowd": 0}
    whole = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "categories": [person],
        "annotations": [
            usual | {"id": 1, "keypoints": [5, 6, 2, 0, 0, 0, 7, 8, 1], "num_keypoints": 2},
            usual | {"id": 2, "keypoints": [0] * 9, "num_keypoints": 0},
            usual | {"id": 3, "keypoints": [0, 0, 0, 9, 10, 2, 0, 0, 0], "num_keypoints": 1},
        ],
    }
    path = tmp_path / "keypoints.json"
    path.write_text(json.dumps(whole))
    with pytest.warns(UserWarning, match="keypoint") as warned:
        frame = df.read_coco(TASKS["points"], path, labels={"nose": CAT, "left eye": DOG})
    assert frame["answer"][0]["shapes"] == [{"label": CAT, "point": [5, 6]}, {"label": DOG, "point": [7, 8]}]
    assert sorted(str(one.message) for one in warned) == [
        "keypoints.json: hidden keypoints became points like others: 1",
        "keypoints.json: objects with several keypoints became a point for each: 1",
        "keypoints.json: objects without a keypoint left out: 1",
    ]
    for keypoints, message in (
        ([1, 2, 2], r"annotation 1: keypoints: expected x, y and a mark of each .* 'person', 3 of them, got 3 numbers"),
        ([1, 2, 3] * 3, "annotation 1: keypoints: expected 0, 1 or 2 as mark of a keypoint, got 3"),
        ([50, 2, 2] * 3, "annotation 1: expected places on the picture"),
    ):
        whole["annotations"] = [usual | {"id": 1, "keypoints": keypoints}]
        path.write_text(json.dumps(whole))
        with pytest.raises(df.DataError, match=message):
            df.read_coco(TASKS["points"], path, labels={"nose": CAT})


def test_an_outline_that_meets_itself_is_taken_apart_and_one_around_a_hole_left_out(write: Callable[..., Path]) -> None:
    eight = [[0, 0, 10, 10, 10, 0, 0, 10]]
    with pytest.warns(UserWarning, match="outlines that meet themselves became a polygon for each part: 1"):
        frame = df.read_coco(TASKS["polygons"], write(segmentation=eight))
    assert [shape["points"] for shape in frame["answer"][0]["shapes"]] == [
        [[5, 5], [10, 10], [10, 0]],
        [[0, 0], [5, 5], [0, 10]],
    ]
    ring = [[0, 0, 20, 0, 20, 20, 0, 20, 0, 0, 5, 5, 5, 15, 15, 15, 15, 5, 5, 5]]
    with pytest.warns(UserWarning, match="left out: 1, the first 'a.png': its outline leads around a hole"):
        assert len(df.read_coco(TASKS["polygons"], write(segmentation=ring))) == 0


def test_the_size_is_that_of_the_picture_as_it_is_seen(write: Callable[..., Path], tmp_path: Path) -> None:
    draw(tmp_path, "a.png", 30, 40, turned=6)
    assert df.read_coco(TASKS["boxes"], write())["photo"].tolist() == [str(tmp_path / "a.png")]
    draw(tmp_path, "a.png", 40, 30, turned=6)
    with pytest.raises(df.DataError, match=r"'a.png': its size is told as 40 × 30, and it is seen as 30 × 40; turn"):
        df.read_coco(TASKS["boxes"], write())


def test_a_file_that_is_no_coco_is_told_from_one(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("[]")
    with pytest.raises(df.DataError, match=r"list.json: expected `object`, got `array`; mend it there"):
        df.read_coco(TASKS["boxes"], path)
    with pytest.raises(df.DataError, match=r"nothing.json: cannot be read: No such file"):
        df.read_coco(TASKS["boxes"], tmp_path / "nothing.json")
    with pytest.raises(df.SpecError, match=r"COCO holds answers of the types boxes, polygons, points, mask, one in"):
        df.read_coco(TASKS["lines"], path)
