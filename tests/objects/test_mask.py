"""Masks: what is taken, what is refused and why, how alike two are, and what people who err paint."""

from pathlib import Path
from random import Random
from time import process_time
from typing import Annotated, Any

import numpy as np
import pytest
from PIL import Image
from tests.formats.drawn import draw

import dataforge as df
from dataforge.data.reading import gather_items
from dataforge.data.tables import cells
from dataforge.errors import AnswerError, DataError, SpecError


class Part(df.Choice):
    ROAD = "road"
    SKY = "sky"


KIND = df.Mask(Part)


def painted(*rects: tuple[int, int, int, int, int], width: int = 40, height: int = 30, kind: df.Mask = KIND) -> Any:
    """An answer with rectangles: left, top, right, bottom and the label's number."""
    codes = np.zeros((height, width), np.uint8)
    for left, top, right, bottom, code in rects:
        codes[top:bottom, left:right] = code
    return kind.of_array(codes)


def test_an_answer_is_an_array_and_back() -> None:
    codes = np.random.default_rng(1).integers(0, 3, (30, 40)).astype(np.uint8)
    answer = KIND.of_array(codes)
    assert KIND.check_answer(answer, {}) == answer == KIND.to_json(codes)
    assert (KIND.array(answer) == codes).all()
    bare = df.Mask()
    assert (bare.array(bare.of_array(codes > 0)) == (codes > 0)).all()
    assert painted() == {"width": 40, "height": 30, "masks": []}
    with pytest.raises(DataError, match=r"numbers of labels, 0\.\.2, got 0\.\.7"):
        KIND.of_array(np.full((2, 2), 7) * np.eye(2, dtype=int))
    with pytest.raises(DataError, match="shape"):
        KIND.of_array(np.zeros((2, 2, 3), np.uint8))


def test_masks_are_written_in_one_way_whoever_wrote_them_and_how() -> None:
    answer = painted((0, 0, 10, 10, 1), (20, 0, 30, 30, 2))
    road, sky = answer["masks"]
    other = {**answer, "masks": [sky, {"label": "road", "counts": [10, 0, 0, 0, 1190]}]}
    assert [mask["label"] for mask in KIND.to_json({**answer, "masks": [sky, road]})["masks"]] == ["road", "sky"]
    assert KIND.to_json(other)["masks"] == [sky], "a mask without a pixel is none"


@pytest.mark.parametrize(
    ("masks", "why"),
    [
        ([{"label": "road", "counts": "1P"}], "mask 1: counts: .*ends within a number"),
        ([{"label": "road", "counts": [1200, 5]}], "mask 1: counts: expected runs of 1,200 pixels in all, got 1,205"),
        ([{"label": "road", "counts": 5}], "a string of COCO or a list of lengths"),
        ([{"label": "cow", "counts": "0"}], "one of 'road', 'sky', got 'cow'"),
        ([{"counts": "0"}], "one of 'road', 'sky', got None"),
        ([{"label": "road", "counts": [1200], "area": 5}], 'expected {"label", "counts"}'),
        ([{"label": "road", "counts": [1200]}, {"label": "road", "counts": [1200]}], "mask 2: the label 'road' has a"),
        ([{"label": "road", "counts": [1200]}] * 3, "at most 2 masks"),
        (
            [{"label": "road", "counts": [0, 10, 1190]}, {"label": "sky", "counts": [9, 5, 1186]}],
            "the masks of 'road', 'sky' share pixels, the first 9",
        ),
        ([{"label": "road", "counts": "1" * 1_000_001}], "got '111"),
        ({"road": "0"}, "expected a list of at most 2 masks"),
    ],
)
def test_a_mask_that_is_none_is_refused_with_its_number_and_the_reason(masks: Any, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        KIND.check_answer({"width": 40, "height": 30, "masks": masks}, {})


@pytest.mark.parametrize("size", [(0, 30), (40, True), (40.0, 30), (float("nan"), 30), (10**9, 1), (10**6, 10**6)])
def test_a_size_that_no_picture_has_is_refused_before_there_is_room_made_for_it(size: Any) -> None:
    with pytest.raises(AnswerError, match=r"in whole pixels|at most 200,000,000 pixels"):
        KIND.check_answer({"width": size[0], "height": size[1], "masks": []}, {})


def test_a_hostile_answer_of_many_runs_is_refused_in_a_moment() -> None:
    """As many runs as there is room for, on a picture of 20 million pixels."""
    counts = "11" * 499_999 + "0"
    start = process_time()
    with pytest.raises(AnswerError, match="runs of 20,000,000 pixels"):
        KIND.check_answer({"width": 5000, "height": 4000, "masks": [{"label": "road", "counts": counts}]}, {})
    assert process_time() - start < 2


def test_the_size_is_that_of_the_picture_as_it_is_seen(tmp_path: Any) -> None:
    kind = df.Mask(Part, of="photo")
    for turned in range(1, 9):
        path = draw(tmp_path, f"{turned}.jpg", 40, 30, turned)
        with Image.open(path) as picture:
            assert picture.size == (40, 30)
        width, height = (40, 30) if turned < 5 else (30, 40)
        right = painted(width=width, height=height)
        assert kind.check_answer(right, {"photo": {"file": str(path)}}) == right
        with pytest.raises(AnswerError, match="as the picture is seen"):
            kind.check_answer(painted(width=height, height=width), {"photo": {"file": str(path)}})


# By hand: two squares of 10 × 10 that share 5 × 10 have 50 of 150 in common.
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ([(0, 0, 10, 10, 1)], [(5, 0, 15, 10, 1)], 1 / 3),
        ([(0, 0, 10, 10, 1)], [(5, 0, 15, 10, 2)], 0.0),
        ([(0, 0, 10, 10, 1)], [], 0.0),
        ([], [], 1.0),
        ([(0, 0, 10, 10, 1), (20, 0, 30, 10, 2)], [(5, 0, 15, 10, 1), (20, 0, 30, 10, 2)], (1 / 3 + 1) / 2),
        ([(0, 0, 10, 10, 1), (20, 0, 30, 10, 2)], [(0, 0, 10, 10, 1)], 0.5),
    ],
)
def test_masks_are_alike_by_what_they_have_in_common(one: Any, other: Any, alike: float) -> None:
    first, second = painted(*one), painted(*other)
    assert KIND.similarity(first, second) == pytest.approx(alike) == KIND.similarity(second, first)


def test_thin_things_are_compared_by_their_edges() -> None:
    kind = df.Mask(Part, boundary=2)
    wire, beside = painted((5, 10, 35, 11, 1), kind=kind), painted((5, 12, 35, 13, 1), kind=kind)
    far = painted((5, 14, 35, 15, 1), kind=kind)
    assert KIND.similarity(wire, beside) == 0.0
    assert kind.similarity(wire, beside) == 1.0
    assert kind.similarity(wire, far) == 0.0
    half = painted((5, 12, 20, 13, 1), kind=kind)
    # Of the 30 pixels of the wire those are near that lie no farther than 1 beyond the end of the half.
    recall = sum((column - 19) <= 0 for column in range(5, 35)) / 30
    assert kind.similarity(wire, half) == pytest.approx(2 * recall / (1 + recall), abs=0.02)
    for wrong in (0, -1, True, 1000, "2", float("nan")):
        with pytest.raises(SpecError, match="boundary"):
            df.Mask(Part, boundary=wrong)


def test_the_picture_is_the_only_one_or_the_one_that_is_named() -> None:
    def one(name: str, photo: df.Image) -> df.Mask(Part):  # type: ignore[valid-type]
        """Paint the road."""

    assert df.task(one).output("answer").type.settings()["of"] == "photo"
    with pytest.raises(SpecError, match="expected one input of the type image, got 2"):
        df.Mask().check_place({"before": df.Image(), "after": df.Image()})


def test_who_paints_worse_is_less_like_the_truth() -> None:
    right = painted((5, 5, 25, 20, 1), (28, 2, 38, 28, 2))
    alike = [
        np.mean([KIND.similarity(KIND.attempt(right, skill, Random(seed), {}), right) for seed in range(60)])
        for skill in (0.5, 0.7, 0.9, 1.0)
    ]
    assert alike == sorted(alike)
    assert alike[-1] == 1.0
    assert 0.8 < alike[2] < 0.95


def test_a_spoilt_mask_is_seen_to_be_wrong() -> None:
    for right in (painted((5, 5, 25, 20, 1), (28, 2, 38, 28, 2)), painted((0, 0, 40, 30, 2)), painted()):
        for seed in range(20):
            wrong = KIND.check_answer(KIND.spoil(right, Random(seed), {}), {})
            assert KIND.similarity(wrong, right) < 0.75
    full = df.Mask().of_array(np.ones((1, 1), bool))
    assert df.Mask().spoil(full, Random(1), {})["masks"] == []


def test_a_table_may_hold_an_array_as_a_known_answer_or_a_draft(tmp_path: Path) -> None:
    @df.task
    def paint(photo: df.Image) -> Annotated[dict[str, Any], KIND]:
        """Paint it."""
        raise NotImplementedError

    for place, colour in enumerate(((0, 0, 0), (9, 9, 9))):
        Image.new("RGB", (40, 30), colour).save(tmp_path / f"{place}.png")
    codes = np.zeros((30, 40), np.uint8)
    codes[5:20, 5:20] = 1
    items = gather_items(
        paint,
        [{"photo": tmp_path / "0.png", "before": codes}],
        [{"photo": tmp_path / "1.png", "answer": codes}],
        prefill="before",
    )
    whole = KIND.of_array(codes)
    assert items.records()[0].draft == {"answer": whole}
    assert cells(items.answers, "answer") == [None, whole]
    with pytest.raises(DataError, match="control items, row 1, column 'answer': expected rows of the same length"):
        gather_items(paint, 1, [{"photo": tmp_path / "1.png", "answer": [[1, 0], [1]]}])
