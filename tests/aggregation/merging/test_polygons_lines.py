"""Polygons and lines of several people become those that are there, however many corners each has."""

from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.kernels.outlines import apart, in_common
from dataforge.aggregation.merging._outlines import outlines_of
from dataforge.aggregation.merging.base import Answers, Merged, Merger
from dataforge.registry import load

SETTINGS = {"options": [{"value": "roof"}, {"value": "road"}]}
SQUARE = [[100, 100], [200, 100], [200, 200], [100, 200]]
WAY = [[100, 100], [200, 120], [300, 100]]


def merged(kind: str, *outlines: Any) -> Merged:
    """What becomes of one outline of each of as many people on one picture."""
    values = [{"width": 800, "height": 600, "shapes": [{"label": "roof", "points": one}]} for one in outlines]
    merger: Merger = load("merging", kind)(SETTINGS)
    count = len(values)
    return merger.merge(Answers(values, np.zeros(count, np.int64), np.arange(count), 1, count))


def points(found: Merged) -> Any:
    (shape,) = found.values[0]["shapes"]
    return np.array(shape["points"])


def shifted(outline: Any, by: float) -> Any:
    return (np.array(outline) + by).tolist()


@pytest.mark.parametrize(("kind", "outline"), [("polygons", SQUARE), ("lines", WAY)])
def test_corners_are_in_the_middle_wherever_each_person_began_and_whichever_way_they_went(
    kind: str, outline: Any
) -> None:
    others = [shifted(outline, 6)[::-1], shifted(outline, 3)]
    if kind == "polygons":
        others = [one[1:] + one[:1] for one in others]
    found = points(merged(kind, outline, *others))
    # From which corner it goes, and which way round, is that of one of them.
    expected = np.array(shifted(outline, 3))
    assert sorted(found.tolist()) == [pytest.approx(corner, abs=1.5) for corner in sorted(expected.tolist())]
    assert len(found) == len(outline)


def test_corners_that_others_do_not_have_are_moved_to_their_outline() -> None:
    """A corner in the middle of a straight edge is as right as none: the outline that comes out is the same."""
    more = [[100, 100], [150, 100], [200, 100], [200, 200], [150, 200], [100, 200]]
    found = points(merged("polygons", SQUARE, more, shifted(more, 3)))
    one, other = (outlines_of([{"points": of}], closed=True) for of in (found.tolist(), shifted(SQUARE, 1)))
    assert in_common(one, other)[0] > 0.95


def test_a_moved_outline_that_crosses_itself_stays_as_it_was_drawn() -> None:
    """The middle of a narrow notch and the same from the other side is a bow tie."""
    bow = [
        [[0, 0], [100, 0], [52, 50], [100, 100], [0, 100], [48, 50]],
        [[0, 0], [100, 0], [46, 50], [100, 100], [0, 100], [40, 50]],
    ]
    found = points(merged("polygons", *bow, bow[0]))
    left, right = found[found[:, 1] == 50][:, 0].min(), found[found[:, 1] == 50][:, 0].max()
    assert left < right
    assert len(found) == 6


def test_likenesses_of_many_at_once_are_those_of_areas_and_ways() -> None:
    half, cross = [[100, 100], [150, 100], [150, 200], [100, 200]], [[0, 140], [300, 140], [300, 160], [0, 160]]
    one, other = (
        outlines_of([{"points": of} for of in those], closed=True) for those in ([SQUARE] * 3, [SQUARE, half, cross])
    )
    assert in_common(one, other) == pytest.approx([1.0, 0.5, 2000 / 14000], abs=0.02)
    ways = outlines_of(
        [{"points": of} for of in ([[0, 0], [100, 0]], [[100, 10], [0, 10]], [[0, 0], [50, 0]])], closed=False
    )
    first, second = np.array([0, 0]), np.array([1, 2])
    assert apart(ways.take(first), ways.take(second)) == pytest.approx([10, 12.5], rel=0.05)
