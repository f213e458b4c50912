"""Label Studio and CVAT, by files as their own programs write and read them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.formats.drawn import TASKS, Animal, draw, save, shapes

import dataforge as df

CAT, DOG = (animal.value for animal in Animal)
URL = "https://example.org/photos/a.png"
BOX = {"label": "cat", "box": [1, 2, 11, 8]}


@df.task
def named(text: df.Text) -> df.Spans(Animal):  # type: ignore[valid-type]
    """Mark the animals."""


def region(kind: str, **value: Any) -> dict[str, Any]:
    return {"id": "r1", "type": kind, "original_width": 40, "original_height": 20, "value": value}


Exported = Callable[..., Path]


@pytest.fixture
def exported(tmp_path: Path) -> Exported:
    """Write an export of one task of Label Studio, with an annotation for each list of regions."""

    def write(*results: list[dict[str, Any]], data: dict[str, str] | None = None, **told: Any) -> Path:
        annotations = [{"result": result, **told} for result in results]
        task = {"id": 5, "data": data or {"image": "/data/local-files/?d=a.png"}, "annotations": annotations}
        path = tmp_path / "export.json"
        path.write_text(json.dumps([task]))
        return path

    return write


def test_boxes_of_label_studio_are_hundredths_of_the_sides(tmp_path: Path) -> None:
    """Its own converter makes [1, 2, 10, 6] of this, as COCO has it."""
    path = save("label-studio", TASKS["boxes"], [("https://a.org/a.jpg", shapes(40, 20, BOX))], tmp_path / "a.json")
    [task] = json.loads(path.read_text())
    [box] = task["annotations"][0]["result"]
    assert task["data"] == {"item": "0", "photo": "https://a.org/a.jpg"}
    assert (box["type"], box["from_name"], box["to_name"]) == ("rectanglelabels", "answer", "photo")
    assert (box["original_width"], box["original_height"], box["image_rotation"]) == (40, 20, 0)
    assert box["value"] == {"x": 2.5, "y": 10, "width": 25, "height": 30, "rotation": 0, "rectanglelabels": ["cat"]}


def test_files_of_its_server_are_found_in_the_folder(exported: Exported, tmp_path: Path) -> None:
    draw(tmp_path, "pictures/a.png", 40, 20)
    regions = [region("rectanglelabels", x=2.5, y=10, width=25, height=30, rotation=0, rectanglelabels=["cat"])]
    for value in ("/data/local-files/?d=pictures/a.png", "/data/upload/1/a.png", "pictures/a.png"):
        folder = tmp_path if "d=" in value or value[0] == "p" else tmp_path / "pictures"
        frame = df.read_label_studio(TASKS["boxes"], exported(regions, data={"image": value}), folder=folder)
        assert frame.to_dict("records") == [
            {"id": "5", "photo": str(tmp_path / "pictures/a.png"), "answer": shapes(40, 20, BOX)}
        ]


def test_what_is_not_in_the_folder_is_taken_from_its_address(exported: Exported, tmp_path: Path) -> None:
    path = exported(
        [region("rectanglelabels", x=2.5, y=10, width=25, height=30, rectanglelabels=["cat"])], data={"photo": URL}
    )
    assert df.read_label_studio(TASKS["boxes"], path)["photo"].tolist() == [URL]
    there = draw(tmp_path, "a.png", 40, 20)
    assert df.read_label_studio(TASKS["boxes"], path)["photo"].tolist() == [str(there)]


def test_a_picture_with_nothing_on_it_takes_its_size_from_its_file(exported: Exported, tmp_path: Path) -> None:
    draw(tmp_path, "a.png", 40, 20)
    assert df.read_label_studio(TASKS["boxes"], exported([]))["answer"].tolist() == [shapes(40, 20)]
    assert len(df.read_label_studio(TASKS["boxes"], exported())) == 0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"rotation": 30}, "task 5: region 'r1': is turned, and shapes are upright here"),
        ({"x": 200}, r"task 5: region 'r1': expected places on the picture, x 0..40 and y 0..20, got \[80, 2\]"),
        ({"x": None}, "task 5: region 'r1': expected hundredths of the picture's sides, got None"),
        ({"rectanglelabels": ["cat", DOG]}, r"task 5: region 'r1': expected one label, got \['cat'"),
        ({"rectanglelabels": ["cow"]}, "task 5: region 'r1': expected a label, one of 'cat'"),
    ],
)
def test_a_wrong_region_is_named(value: dict[str, Any], message: str, exported: Exported) -> None:
    usual = {"x": 2.5, "y": 10, "width": 25, "height": 30, "rectanglelabels": ["cat"]}
    with pytest.raises(df.DataError, match=message):
        df.read_label_studio(TASKS["boxes"], exported([region("rectanglelabels", **usual | value)]))


def test_of_several_annotations_the_one_that_is_right_has_to_be_marked(exported: Exported, tmp_path: Path) -> None:
    with pytest.raises(df.DataError, match="task 5: has 2 annotations; mark the one that is right as ground truth"):
        df.read_label_studio(TASKS["boxes"], exported([], []))
    draw(tmp_path, "a.png", 40, 20)
    path = exported([], [region("rectanglelabels", x=2.5, y=10, width=25, height=30, rectanglelabels=["cat"])])
    tasks = json.loads(path.read_text())
    tasks[0]["annotations"][1]["ground_truth"] = True
    path.write_text(json.dumps(tasks))
    assert df.read_label_studio(TASKS["boxes"], path)["answer"].tolist() == [shapes(40, 20, BOX)]


def test_the_input_is_named_where_it_cannot_be_told(exported: Exported) -> None:
    path = exported([], data={"image": "a.png", "caption": "A"})
    with pytest.raises(df.DataError, match=r"expected 'photo' among its data, got \['image', 'caption'\]; .*field="):
        df.read_label_studio(TASKS["boxes"], path)


TEXT = "👍🏽 Tom saw Ann"
TOM, ANN = {"start": 3, "end": 6, "label": "cat", "text": "Tom"}, {"start": 11, "end": 14, "label": DOG, "text": "Ann"}


def test_spans_of_label_studio_are_code_points_now_and_were_units_of_utf_16(exported: Exported, tmp_path: Path) -> None:
    path = save("label-studio", named, [(TEXT, [TOM, ANN])], tmp_path / "spans.json")
    value = json.loads(path.read_text())[0]["annotations"][0]["result"][0]["value"]
    assert value == {"start": 3, "end": 6, "text": "Tom", "labels": ["cat"]}
    assert df.read_label_studio(named, path)[["text", "answer"]].values.tolist() == [[TEXT, [TOM, ANN]]]
    older = [{"id": "1", "type": "labels", "value": {"start": 5, "end": 8, "text": "Tom", "labels": ["cat"]}}]
    assert df.read_label_studio(named, exported(older, data={"text": TEXT}))["answer"][0] == [TOM]
    older[0]["value"]["start"] = 6  # type: ignore[index]
    with pytest.raises(df.DataError, match="task 5: the span 6 to 8 quotes 'Tom', and the text has ' s'"):
        df.read_label_studio(named, exported(older, data={"text": TEXT}))


def test_cvat_has_edges_as_they_are_and_its_labels_in_its_head(tmp_path: Path) -> None:
    path = save(
        "cvat", TASKS["boxes"], [("photos/a.jpg", shapes(40, 20, {**BOX, "box": [1.25, 2, 11, 8]}))], tmp_path / "a.xml"
    )
    root = ElementTree.parse(path).getroot()
    assert root.findtext("version") == "1.1"
    assert [label.findtext("name") for label in root.iter("label")] == ["cat", DOG]
    [image] = root.iter("image")
    assert image.attrib == {"id": "0", "name": "a.jpg", "width": "40", "height": "20"}
    told = {"label": "cat", "source": "manual", "occluded": "0", "z_order": "0"}
    assert image[0].attrib == told | {"xtl": "1.25", "ytl": "2", "xbr": "11", "ybr": "8"}


CVAT = '<annotations><image id="0" name="a.jpg" width="40" height="20">{}</image></annotations>'


def read_cvat(folder: Path, task: str, shape: str) -> list[Any]:
    (folder / "a.xml").write_text(CVAT.format(shape))
    return list(df.read_cvat(TASKS[task], folder / "a.xml")["answer"][0]["shapes"])


def test_one_element_of_cvat_may_have_several_points(tmp_path: Path) -> None:
    assert read_cvat(tmp_path, "points", '<points label="cat" points="1,2;3.5,4"/><box label="cat"/>') == [
        {"label": "cat", "point": [1, 2]},
        {"label": "cat", "point": [3.5, 4]},
    ]


@pytest.mark.parametrize(
    ("task", "shape", "message"),
    [
        ("boxes", '<box label="cat" xtl="1" ytl="2" xbr="9"/>', "'a.jpg', <box> 1: ybr: expected a number, got None"),
        ("boxes", '<box label="cat" rotation="5" xtl="1" ytl="2" xbr="9" ybr="9"/>', "expected an upright box"),
        ("boxes", '<box label="cow" xtl="1" ytl="2" xbr="9" ybr="9"/>', "<box> 1: expected a label, one of 'cat'"),
        ("polygons", '<mask label="cat" rle="1, 2"/>', "expected a polygon, got a mask"),
        ("lines", '<polyline label="cat" points="1,2;3"/>', "<polyline> 1: points: expected a number, got ''"),
    ],
)
def test_a_wrong_shape_of_cvat_is_named(task: str, shape: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(df.DataError, match=message):
        read_cvat(tmp_path, task, shape)


def test_a_film_of_cvat_is_told_from_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<annotations><track/></annotations>")
    with pytest.raises(df.DataError, match=r"a.xml: is of a film, with tracks; export it as CVAT for images 1.1"):
        df.read_cvat(TASKS["boxes"], tmp_path / "a.xml")
