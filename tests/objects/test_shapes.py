"""Boxes, polygons, lines and points: what is taken, what is refused and why, and how alike two answers are."""

import math
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import pytest
from PIL import Image

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._geometry import crosses_itself, polygon_overlap
from dataforge.objects._shapes import Shapes


class Animal(df.Choice):
    CAT = "cat"
    DOG = "dog"


SQUARE = [[10, 10], [30, 10], [30, 30], [10, 30]]


def on_picture(*shapes: Any, width: int = 100, height: int = 80) -> dict[str, Any]:
    return {"width": width, "height": height, "shapes": list(shapes)}


def cat(left: float, top: float, right: float, bottom: float, label: str = "cat") -> dict[str, Any]:
    return {"label": label, "box": [left, top, right, bottom]}


@pytest.mark.parametrize(
    ("kind", "shape", "why"),
    [
        (df.Boxes(), {"box": [-1, 0, 5, 5]}, r"box 1: expected places on the picture, x 0\.\.100 and y 0\.\.80"),
        (df.Boxes(), {"box": [0, 0, 5, 80.01]}, r"got \[5, 80\.01\]"),
        (df.Boxes(), {"box": [5, 0, 5, 5]}, "expected left < right and top < bottom"),
        (df.Boxes(), {"box": [9, 0, 5, 5]}, "expected left < right"),
        (df.Boxes(), {"box": [0, 0, math.nan, 5]}, "expected a number of pixels"),
        (df.Boxes(), {"box": [0, 0, True, 5]}, "expected a number of pixels"),
        (df.Boxes(), {"box": [0, 0, 5, 5], "label": "cat"}, "expected no label"),
        (df.Boxes(), {"box": [0, 0, 5, 5], "note": "x"}, "box 1: expected"),
        (df.Boxes(Animal), {"box": [0, 0, 5, 5]}, "one of 'cat', 'dog', got None"),
        (df.Boxes(Animal), cat(0, 0, 5, 5, "cow"), "one of 'cat', 'dog', got 'cow'"),
        (df.Polygons(), {"points": [[0, 0], [5, 0]]}, "expected at least 3 places"),
        (df.Polygons(), {"points": [*SQUARE, SQUARE[0]]}, "first corner is repeated at the end"),
        (df.Polygons(), {"points": [[0, 0], [5, 5], [9, 9]]}, "lie on one line"),
        (df.Polygons(), {"points": [[0, 0], [9, 9], [9, 0], [0, 9]]}, "crosses itself"),
        (df.Lines(), {"points": [[1, 1]]}, "expected at least 2 places"),
        (df.Lines(), {"points": [[1, 1], [1, 1]]}, "a line has a length"),
        (df.Points(), {"point": [1, 2, 3]}, r"expected a place \[x, y\]"),
    ],
)
def test_a_shape_that_is_none_is_refused_with_its_number_and_the_reason(kind: Shapes, shape: Any, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        kind.check_answer(on_picture(shape), {})
    with pytest.raises(DataError, match=why):
        kind.to_json(on_picture(shape))


def test_shapes_may_reach_to_the_edges_of_the_picture_and_keep_every_digit() -> None:
    drawn = on_picture({"box": [0, 0, 100, 80]}, {"box": [1 / 3, 0.1, 99.999999, 79.5]})
    assert df.Boxes().check_answer(drawn, {}) == drawn


def test_no_shape_is_an_answer_and_no_size_is_none() -> None:
    assert df.Boxes().check_answer(on_picture(), {}) == on_picture()
    with pytest.raises(AnswerError, match="expected the picture's width and height"):
        df.Boxes().check_answer({"shapes": []}, {})
    with pytest.raises(AnswerError, match="height in whole pixels, got 0"):
        df.Boxes().check_answer(on_picture(height=0), {})


@df.task
def things(photo: df.Image) -> df.Boxes():  # type: ignore[valid-type]
    """Mark everything."""


def test_a_known_answer_may_be_the_list_of_shapes_alone() -> None:
    """The guide says so; what it is compared with has the picture's size."""
    shapes = [{"box": [1, 2, 11, 12]}]
    items = df.read_items(things, [{"photo": "https://example.org/a.jpg", "answer": shapes}], control=True)
    [known] = items.known("answer")
    assert known == {"shapes": shapes}
    assert df.Boxes().similarity(known, on_picture(*shapes)) == 1.0


def test_an_answer_has_at_most_ten_thousand_points() -> None:
    circle = [[50 + 40 * math.cos(at), 40 + 40 * math.sin(at)] for at in np.linspace(0, 6.28, 1_000)]
    df.Polygons().check_answer(on_picture(*[{"points": circle}] * 10), {})
    with pytest.raises(AnswerError, match="at most 10,000 points, got more with polygon 11"):
        df.Polygons().check_answer(on_picture(*[{"points": circle}] * 10, {"points": SQUARE}), {})


def test_known_answers_may_be_written_as_shapes_alone_or_as_text_of_a_cell() -> None:
    kind = df.Boxes(Animal)
    assert kind.to_json([cat(1, 2, 3, 4)]) == {"shapes": [cat(1, 2, 3, 4)]}
    assert kind.to_json(kind.from_text('[{"label": "cat", "box": [1, 2, 3, 4]}]')) == {"shapes": [cat(1, 2, 3, 4)]}
    assert kind.similarity(kind.to_json([cat(1, 2, 3, 4)]), on_picture(cat(1, 2, 3, 4))) == 1.0


def test_the_picture_is_the_only_one_or_the_one_that_is_named() -> None:
    def two(before: df.Image, after: df.Image) -> df.Boxes(Animal, of="after"):  # type: ignore[valid-type]
        """Mark what is new."""

    assert df.task(two).output("answer").type.settings()["of"] == "after"

    def one(name: str, photo: df.Image) -> df.Boxes(Animal):  # type: ignore[valid-type]
        """Mark the animals."""

    assert df.task(one).output("answer").type.settings()["of"] == "photo"
    with pytest.raises(SpecError, match="expected one input of the type image, got 2"):
        df.Boxes().check_place({"before": df.Image(), "after": df.Image()})
    with pytest.raises(SpecError, match="'note' is of the type text"):
        df.Boxes(of="note").check_place({"note": df.Text(), "photo": df.Image()})


def test_one_kind_of_thing_is_enough_for_labels() -> None:
    class Cell(df.Choice):
        CELL = "cell"

    assert df.Points(Cell).check_answer(on_picture({"label": "cell", "point": [1, 2]}), {})["shapes"]


# By hand: two boxes of 10 x 10 that share 5 x 10 have 50 of 150 in common.
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ([cat(0, 0, 10, 10)], [cat(5, 0, 15, 10)], 1 / 3),
        ([cat(0, 0, 10, 10)], [cat(5, 0, 15, 10, "dog")], 0.0),
        ([cat(0, 0, 10, 10)], [cat(10, 0, 20, 10)], 0.0),
        ([cat(0, 0, 10, 10)], [], 0.0),
        ([], [], 1.0),
        ([cat(0, 0, 10, 10), cat(50, 0, 60, 10)], [cat(50, 0, 60, 10)], 2 / 3),
        # In their order they would be matched 0 + 1/3; the best matching is 1/3 + 1.
        ([cat(0, 0, 10, 10), cat(5, 0, 15, 10)], [cat(5, 0, 15, 10), cat(10, 0, 20, 10)], (1 + 0) * 2 / 4),
    ],
)
def test_boxes_are_alike_by_their_overlap_matched_as_well_as_can_be(one: Any, other: Any, alike: float) -> None:
    found = df.Boxes(Animal).similarity(on_picture(*one), on_picture(*other))
    assert found == pytest.approx(alike)
    assert found == df.Boxes(Animal).similarity(on_picture(*other), on_picture(*one))


def test_polygons_are_alike_by_their_exact_overlap() -> None:
    square = np.array(SQUARE, float)
    triangle = np.array([[10, 10], [30, 10], [10, 30]], float)
    ring = np.array([[0, 0], [9, 0], [9, 9], [0, 9], [0, 6], [6, 6], [6, 3], [0, 3]], float)  # a C of 81 - 18
    assert polygon_overlap(square, triangle) == pytest.approx(0.5)
    assert polygon_overlap(square, square + np.array([10, 0])) == pytest.approx(1 / 3)
    assert polygon_overlap(square, square[::-1]) == pytest.approx(1.0)
    assert polygon_overlap(square, square + np.array([20, 0])) == 0.0
    assert polygon_overlap(ring, np.array([[0, 3], [6, 3], [6, 6], [0, 6]], float)) == pytest.approx(0.0, abs=1e-12)
    assert polygon_overlap(ring, np.array([[0, 0], [9, 0], [9, 9], [0, 9]], float)) == pytest.approx(63 / 81)


def test_the_overlap_of_polygons_is_what_a_fine_grid_counts() -> None:
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0.05:100:0.1, 0.05:100:0.1]

    def star(centre: Any) -> Any:
        turns = np.sort(rng.uniform(0, 2 * np.pi, 12))
        return centre + rng.uniform(8, 40, (12, 1)) * np.stack([np.cos(turns), np.sin(turns)], axis=1)

    def inside(polygon: Any) -> Any:
        found = np.zeros(x.shape, bool)
        for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            found ^= ((y1 < y) != (y2 < y)) & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
        return found

    for _ in range(3):
        one, other = star(np.array([45, 50])), star(np.array([55, 48]))
        a, b = inside(one), inside(other)
        assert polygon_overlap(one, other) == pytest.approx((a & b).sum() / (a | b).sum(), abs=2e-3)


def test_a_polygon_has_at_most_a_thousand_corners() -> None:
    turns = np.linspace(0, 2 * np.pi, 1_001, endpoint=False)
    circle = (40 + 30 * np.stack([np.cos(turns), np.sin(turns)], axis=1)).tolist()
    with pytest.raises(AnswerError, match=r"polygon 2: expected at most 1,000 corners, got 1,001; leave some out"):
        df.Polygons().check_answer(on_picture({"points": SQUARE}, {"points": circle}), {})
    assert df.Polygons().check_answer(on_picture({"points": circle[1:]}), {})["shapes"]


def test_polygons_of_very_many_corners_are_compared_at_heights_evenly_spaced() -> None:
    teeth = [[2 * tooth + x, y] for tooth in range(240) for x, y in ((0, 0), (0, 480), (1, 480), (1, 0))]
    comb = np.array([*teeth, [479, -1], [0, -1]], float)
    # By hand: 240 teeth of 1 x 480 on a bar of 479 x 1; comb and comb on its side share 240 x 240 squares of 1 x 1.
    shared, area = 240 * 240, 240 * 480 + 479
    assert polygon_overlap(comb, comb[:, ::-1]) == pytest.approx(shared / (2 * area - shared), abs=2e-3)


@pytest.mark.parametrize(
    ("corners", "crosses"),
    [
        (SQUARE, False),
        ([[0, 0], [9, 9], [9, 0], [0, 9]], True),
        ([[0, 0], [8, 0], [8, 8], [4, 0], [0, 8]], True),  # a corner on another edge
        ([[0, 0], [8, 0], [4, 0], [4, 6]], True),  # goes back on itself
        ([[0, 0], [4, 0], [8, 0], [4, 6]], False),  # goes on straight
        ([[0, 0], [9, 0], [9, 9], [0, 9], [0, 6], [6, 6], [6, 3], [0, 3]], False),
    ],
)
def test_an_outline_that_crosses_itself_is_found(corners: Any, crosses: bool) -> None:
    for turn in range(len(corners)):
        turned = np.roll(np.array(corners, float), turn, axis=0)
        assert crosses_itself(turned) == crosses_itself(turned[::-1]) == crosses


def test_points_and_lines_are_alike_by_their_distance_on_the_picture() -> None:
    # A twentieth of the diagonal of 60 by 80 is 5 pixels.
    size = {"width": 60, "height": 80}
    at = [on_picture({"point": [x, 10]}, **size) for x in (10, 12, 15)]
    assert df.Points().similarity(at[0], at[1]) == pytest.approx(0.6)
    assert df.Points().similarity(at[0], at[2]) == 0.0
    line = [on_picture({"points": [[0, y], [50, y]]}, **size) for y in (10, 11)]
    assert df.Lines().similarity(line[0], line[1]) == pytest.approx(0.8)
    assert df.Lines().similarity(
        line[0], on_picture({"points": [[50, 10], [20, 10], [0, 10]]}, **size)
    ) == pytest.approx(1)


def test_what_is_the_same_on_the_picture_is_the_same_answer() -> None:
    kinds: list[tuple[Shapes, list[Any]]] = [
        (df.Boxes(Animal), [[cat(1, 2, 3, 4), cat(5, 6, 7, 8)], [cat(5, 6.001, 7, 8), cat(1, 2, 3.0, 4)]]),
        (df.Polygons(), [[{"points": SQUARE}], [{"points": SQUARE[2:] + SQUARE[:2]}], [{"points": SQUARE[::-1]}]]),
        (df.Lines(), [[{"points": SQUARE}], [{"points": SQUARE[::-1]}]]),
    ]
    for kind, written in kinds:
        assert len({kind.canonical(on_picture(*shapes)) for shapes in written}) == 1


def test_a_spoilt_answer_is_seen_to_be_wrong() -> None:
    kind = df.Boxes(Animal)
    many = on_picture(*(cat(x, 10, x + 10, 30) for x in range(5, 95, 10)))
    for seed in range(20):
        for right in (on_picture(cat(0, 0, 100, 80)), on_picture(cat(40, 30, 60, 50)), many, on_picture()):
            wrong = kind.check_answer(kind.spoil(right, Random(seed), {}), {})
            assert kind.similarity(wrong, right) < 0.85


def test_simulated_people_miss_invent_and_jitter_boxes_as_often_as_their_skill_says() -> None:
    kind = df.Boxes(Animal)
    right = on_picture(
        *(cat(x, y, x + 60, y + 40) for x in range(0, 900, 90) for y in range(0, 700, 70)), width=960, height=760
    )
    drawn = [kind.check_answer(kind.attempt(right, 0.9, Random(seed), {}), {})["shapes"] for seed in range(20)]
    known = {(x, y) for x in range(0, 900, 90) for y in range(0, 700, 70)}
    near = [
        [b for b in boxes if any(abs(b["box"][0] - x) < 25 and abs(b["box"][1] - y) < 20 for x, y in known)]
        for boxes in drawn
    ]
    assert sum(map(len, drawn)) / 2_000 == pytest.approx(0.95, abs=0.03)  # 10 % missed, 5 % invented
    assert 0.88 < sum(map(len, near)) / 2_000 < 0.95
    assert kind.attempt(right, 1.0, Random(1), {}) == right
    for other in (df.Polygons(), df.Lines(), df.Points()):
        shape = {"point": [50, 40]} if other.name == "points" else {"points": SQUARE}
        assert other.check_answer(other.attempt(on_picture(shape), 0.5, Random(2), {}), {})


@pytest.mark.parametrize(
    ("kind", "outside"),
    [
        (df.Boxes(of="photo"), {"box": [1, 2, 41, 12]}),
        (df.Points(of="photo"), {"point": [3, 21]}),
        (df.Lines(of="photo"), {"points": [[1, 1], [41, 2]]}),
        (df.Polygons(of="photo"), {"points": [[1, 1], [41, 2], [3, 3]]}),
    ],
)
def test_shapes_outside_of_the_picture_are_refused_as_inputs_and_as_known_answers(
    tmp_path: Path, kind: Any, outside: dict[str, Any]
) -> None:
    path = tmp_path / "small.png"
    Image.new("RGB", (40, 20)).save(path)

    @df.task
    def seen(photo: df.Image, drawn: Annotated[Any, kind]) -> bool:
        """Is it right?"""
        raise NotImplementedError

    @df.task
    def drawn(photo: df.Image) -> Annotated[Any, kind]:
        """Draw it."""
        raise NotImplementedError

    for given in ([outside], {"width": 90, "height": 90, "shapes": [outside]}):
        with pytest.raises(DataError, match=r"row 1.*'drawn'.*(x 0..40 and y 0..20|as the picture is seen, 40 × 20)"):
            df.read_items(seen, [{"photo": path, "drawn": given}])
        with pytest.raises(DataError, match=r"x 0..40 and y 0..20|as the picture is seen, 40 × 20"):
            df.read_items(drawn, [{"photo": path, "answer": given}], control=True)
    assert df.read_items(seen, [{"photo": path, "drawn": []}]).count == 1
