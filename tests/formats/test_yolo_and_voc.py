"""YOLO and Pascal VOC: a file for each picture, by the conventions that their readers hold them to."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.formats.drawn import TASKS, Animal, draw, save, shapes

import dataforge as df

CAT, DOG = (animal.value for animal in Animal)
TASK = TASKS["boxes"]
NAMES = ["cat", DOG]


def marked(folder: Path, text: str, name: str = "a", **options: object) -> list[dict[str, object]]:
    """The shapes that a line of YOLO means on a picture of 40 by 20."""
    draw(folder, f"images/{name}.png", 40, 20)
    (folder / "labels").mkdir(exist_ok=True)
    (folder / f"labels/{name}.txt").write_text(text)
    [answer] = df.read_yolo(TASK, folder, **{"names": NAMES} | options)["answer"]  # type: ignore[arg-type]
    return list(answer["shapes"])


def test_yolo_has_a_line_for_each_box_and_an_empty_file_where_there_is_none(tmp_path: Path) -> None:
    box = {"label": DOG, "box": [10, 5, 30, 15]}
    answers = [("/photos/night/a.jpg", shapes(40, 20, box)), ("/photos/day/b.jpg", shapes(40, 20))]
    folder = save("yolo", TASK, answers, tmp_path / "set")
    assert (folder / "labels/night/a.txt").read_text() == "1 0.5 0.5 0.5 0.5\n"
    assert (folder / "labels/day/b.txt").read_text() == ""
    assert (folder / "data.yaml").read_text().startswith('path: .\ntrain: images\nval: images\nnames:\n  0: "cat"\n')


def test_yolo_has_all_corners_of_a_polygon(tmp_path: Path) -> None:
    triangle = {"label": "cat", "points": [[0, 0], [40, 0], [10, 20]]}
    folder = save("yolo", TASKS["polygons"], [("a.jpg", shapes(40, 20, triangle))], tmp_path / "set")
    assert (folder / "labels/a.txt").read_text() == "0 0.0 0.0 1.0 0.0 0.25 1.0\n"


def test_two_pictures_of_one_name_have_a_file_each(tmp_path: Path) -> None:
    answers = [(name, shapes(40, 20)) for name in ("photos/a.jpg", "photos/a.png", "photos/A.gif")]
    folder = save("yolo", TASK, answers, tmp_path / "set")
    assert sorted(file.name for file in (folder / "labels").iterdir()) == ["A-3.txt", "a-2.txt", "a.txt"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.1\n", r"a.txt, line 2: expected a class and four shares of a box, got 3"),
        ("0 0.1 0.1 0.9 0.1 0.9 0.9", "got 6; is it of polygons"),
        ("2 0.5 0.5 0.1 0.1", "line 1: expected a class from 0 to 1, got 2; name all, names="),
        ("cat 0.5 0.5 0.1 0.1", "line 1: expected the number of a class and shares of the sides, got .'cat'"),
        ("0 20 10 4 4", r"line 1: expected places on the picture, x 0..40 and y 0..20, got \[720, 160\]"),
        ("0 nan 0.5 0.1 0.1", "line 1: expected places on the picture"),
    ],
)
def test_a_wrong_line_of_yolo_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(df.DataError, match=message):
        marked(tmp_path, text)


def test_shares_of_six_digits_are_read_and_a_box_over_the_edge_ends_there(tmp_path: Path) -> None:
    assert marked(tmp_path, "0 0.833333 0.500000 0.333334 1.000000\n") == [
        {"label": "cat", "box": [pytest.approx(26.66664), 0, 40, 20]}
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("data.yaml", "nc: 2\nnames: ['cat', 'it''s, a dog']\npath: ."),
        ("data.yaml", 'names:\n  0: cat  # small\n  1: "it\'s, a dog"\nnc: 2\n'),
        ("data.yaml", "names:\n- cat\n- it's, a dog\n"),
        ("data.yaml", "names:\n  1: it's, a dog\n  0: cat\n"),
        ("classes.txt", "cat\nit's, a dog\n"),
    ],
)
def test_names_of_classes_are_read_in_each_form_in_which_tools_write_them(file: str, text: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(text)
    named = {"cat": "cat", "it's, a dog": DOG}
    lines = "0 0.5 0.5 0.5 0.5\n1 0.5 0.5 0.5 0.5\n"
    assert [shape["label"] for shape in marked(tmp_path, lines, names=None, labels=named)] == ["cat", DOG]


@pytest.mark.parametrize(
    ("file", "text"), [("classes.txt", "cat\n\ndog\n\n"), ("data.yaml", "names: ['cat', '', 'dog']")]
)
def test_a_class_without_a_name_keeps_the_numbers_of_those_behind_it(file: str, text: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(text)
    shapes = marked(tmp_path, "2 0.5 0.5 0.5 0.5\n", names=None, labels={"cat": "cat", "dog": DOG})
    assert [shape["label"] for shape in shapes] == [DOG]


def test_classes_of_yolo_that_have_no_name_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("names:\n  1: cat\n  3: dog\n")
    with pytest.raises(df.DataError, match=r"data.yaml: names the classes \[1, 3\], not all from 0 on; give all"):
        marked(tmp_path, "1 0.5 0.5 0.1 0.1", names=None)


def test_yolo_without_names_or_pictures_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(df.DataError, match=r"there is no data.yaml or classes.txt that names the classes; give"):
        marked(tmp_path, "", names=None)
    (tmp_path / "images/a.png").unlink()
    with pytest.raises(df.DataError, match=r"a.txt: there is no picture 'a' to it; name their folder as folder="):
        df.read_yolo(TASK, tmp_path, names=NAMES)


def pixels(folder: Path) -> list[list[int]]:
    [file] = folder.glob("*.xml")
    boxes = ElementTree.parse(file).iter("bndbox")
    return [[int(box.findtext(edge) or "") for edge in ("xmin", "ymin", "xmax", "ymax")] for box in boxes]


def test_pixels_of_voc_are_counted_from_one_and_the_last_one_is_in_the_box(tmp_path: Path) -> None:
    """Width is xmax - xmin + 1: the whole picture is 1 to its size, its first pixel is 1 to 1."""
    drawn = [[0, 0, 40, 20], [0, 0, 1, 1], [2.4, 2.5, 7.4, 7.5], [39.9, 19.9, 40, 20]]
    answer = shapes(40, 20, *({"label": "cat", "box": box} for box in drawn))
    folder = save("voc", TASK, [("a.png", answer)], tmp_path / "Annotations")
    assert pixels(folder) == [[1, 1, 40, 20], [1, 1, 1, 1], [3, 4, 7, 8], [40, 20, 40, 20]]


def test_voc_is_read_from_the_pixels_of_its_own_tools(tmp_path: Path) -> None:
    written = (
        "<annotation><filename>a.png</filename><size><width>40</width><height>20</height></size><object><name>cat</name>"
        "<bndbox><xmin>{}</xmin><ymin>1</ymin><xmax>40</xmax><ymax>20</ymax></bndbox></object></annotation>"
    )
    (tmp_path / "a.xml").write_text(written.format(2))
    assert df.read_voc(TASK, tmp_path)["answer"][0]["shapes"] == [{"label": "cat", "box": [1, 0, 40, 20]}]
    (tmp_path / "a.xml").write_text(written.format(0))
    with pytest.raises(df.DataError, match=r"a.xml, object 1: expected pixels from 1, got 0; .* read with first=0"):
        df.read_voc(TASK, tmp_path)
    assert df.read_voc(TASK, tmp_path, first=0)["answer"][0]["shapes"][0]["box"] == [0, 1, 40, 20]
    (tmp_path / "a.xml").write_text(written.format("two"))
    with pytest.raises(df.DataError, match=r"a.xml, object 1: <xmin>: expected a number, got 'two'"):
        df.read_voc(TASK, tmp_path)
    (tmp_path / "a.xml").write_text("<annotation>")
    with pytest.raises(df.DataError, match=r"a.xml, line 1, column 13: is no XML"):
        df.read_voc(TASK, tmp_path)


@pytest.mark.parametrize("size", ["", "<size><width>0</width><height>0</height></size>"])
def test_a_size_that_voc_does_not_tell_is_that_of_the_picture(size: str, tmp_path: Path) -> None:
    draw(tmp_path, "a.png", 20, 40, turned=6)
    (tmp_path / "a.xml").write_text(f"<annotation><filename>a.png</filename>{size}</annotation>")
    assert df.read_voc(TASK, tmp_path)["answer"].tolist() == [shapes(40, 20)]


def test_an_address_names_no_file_outside_of_the_folder(tmp_path: Path) -> None:
    answers = [(f"https://example.org/{name}.jpg", shapes(40, 20)) for name in ("..%2F..%2Fup", "a%00b%5Cc", "x:y")]
    save("yolo", TASK, answers, tmp_path / "set")
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.txt")) == [
        *["set/labels/a_b/c.txt", "set/labels/up.txt", "set/labels/x_y.txt"]
    ]
