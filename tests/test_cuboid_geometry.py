"""Volumes in common, headings and corners, against values by hand and another way to reckon."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dataforge.geometry.cuboids import facing, footprints, overlaps, rotation, wrapped
from dataforge.media.point_clouds import read_cloud
from dataforge.objects._geometry import polygon_overlap

SAMPLES = Path(__file__).parents[2] / "shared/media/pointclouds_sustech"
ONE = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]


def common(one: list[float], other: list[float]) -> float:
    return float(overlaps(np.array([one], float), np.array([other], float))[0])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (ONE, 1.0),
        ([0, 0, 0, 1, 1, 1, np.pi], 1.0),
        ([0, 0, 0, 1, 1, 1, np.pi / 2], 1.0),
        # Two squares across each other have an octagon of 2 (√2 - 1) in common.
        ([0, 0, 0, 1, 1, 1, np.pi / 4], 2 * (np.sqrt(2) - 1) / (2 - 2 * (np.sqrt(2) - 1))),
        ([0.5, 0, 0, 1, 1, 1, 0], 1 / 3),
        ([0.5, 0.5, 0.5, 1, 1, 1, 0], (1 / 8) / (2 - 1 / 8)),
        ([0, 0, 0, 0.5, 0.5, 0.5, 1.0], 1 / 8),
        ([0, 0, 1, 1, 1, 1, 0], 0.0),
        ([1, 0, 0, 1, 1, 1, 0], 0.0),
        ([5, 5, 5, 1, 1, 1, 0.3], 0.0),
        # A bar of 4 by 1 across one along x: a square of 1 in common of 4 + 4 - 1.
        ([0, 0, 0, 4, 1, 1, np.pi / 2], 1 / (1 + 4 - 1)),
    ],
)
def test_volumes_in_common_are_those_by_hand(other: list[float], expected: float) -> None:
    assert common(ONE, other) == pytest.approx(expected, abs=1e-9)
    assert common(other, ONE) == pytest.approx(expected, abs=1e-9)


sides = st.floats(0.1, 8)
places = st.floats(-5, 5)
cuboid = st.tuples(places, places, st.just(0.0), sides, sides, st.just(1.0), st.floats(-np.pi, np.pi))


@settings(max_examples=60)
@given(cuboid, cuboid)
@example((0.0, 0.0, 0.0, 1.8125, 0.25, 1.0, 3.0), (0.0, 0.0, 0.0, 0.5, 0.25, 1.0, 3.0))
def test_footprints_in_common_are_those_that_trapezoids_give(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    rows = np.array([one, other])
    corners = footprints(rows)
    assert common(list(one), list(other)) == pytest.approx(polygon_overlap(*corners), abs=1e-6)


def test_what_footprints_have_in_common_is_what_shapely_says() -> None:
    geometry = pytest.importorskip("shapely.geometry", reason="needs shapely: pip install -e '.[test]'")
    rng = np.random.default_rng(5)
    one, other = (
        np.column_stack(
            [
                rng.uniform(-4, 4, (500, 2)),
                np.zeros(500),
                rng.uniform(0.2, 8, (500, 2)),
                np.ones(500),
                rng.uniform(-4, 4, 500),
            ]
        )
        for _ in range(2)
    )
    theirs = [
        (first := geometry.Polygon(these)).intersection(second := geometry.Polygon(those)).area
        / first.union(second).area
        for these, those in zip(footprints(one), footprints(other), strict=True)
    ]
    assert max(theirs) > 0.5 > min(theirs) == 0
    # Seen from above alone: as high as each other, footprints have in common what volumes have.
    assert overlaps(one, other) == pytest.approx(theirs, abs=1e-9)


@given(cuboid, cuboid, st.floats(-np.pi, np.pi))
def test_turning_and_moving_both_changes_nothing(one: tuple[float, ...], other: tuple[float, ...], by: float) -> None:
    turn = rotation(by)

    def moved(cuboid: tuple[float, ...]) -> list[float]:
        x, y, z = turn @ cuboid[:3]
        return [x + 5_000_000, y + 400_000, z + 100, *cuboid[3:6], cuboid[6] + by]

    assert common(list(one), list(other)) == pytest.approx(common(moved(one), moved(other)), abs=1e-6)


def test_the_front_is_where_the_heading_points_and_left_is_left_of_it() -> None:
    front_left, rear_left, rear_right, front_right = footprints(np.array([[10, 0, 0, 4, 2, 1, np.pi / 2]]))[0]
    np.testing.assert_allclose(front_left, [9, 2], atol=1e-12)
    np.testing.assert_allclose(front_right, [11, 2], atol=1e-12)
    np.testing.assert_allclose(rear_left, [9, -2], atol=1e-12)
    np.testing.assert_allclose(rear_right, [11, -2], atol=1e-12)


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (0, 0),
        (np.pi, np.pi),
        (-np.pi, np.pi),
        (3 * np.pi, np.pi),
        (4.0, 4 - 2 * np.pi),
        (-4.0, 2 * np.pi - 4),
        (20, 20 - 6 * np.pi),
    ],
)
def test_a_heading_is_wrapped_to_above_minus_half_a_turn(angle: float, expected: float) -> None:
    assert wrapped(angle) == pytest.approx(expected)
    assert -np.pi < wrapped(angle) <= np.pi


def test_who_faces_backwards_is_as_wrong_as_can_be_unless_there_is_no_front() -> None:
    zero, turned, across = (np.array([angle]) for angle in (0.0, np.pi, np.pi / 2))
    assert facing(zero, turned, True) == pytest.approx(0)
    assert facing(zero, turned, False) == pytest.approx(1)
    assert facing(zero, across, True) == pytest.approx(0.5)
    assert facing(zero, across, False) == pytest.approx(0)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample scenes are not here")
def test_the_boxes_of_real_scenes_hold_the_points_that_their_file_says() -> None:
    """Their angles are of 4 digits, so that a point on a face may be out; another order of turns is off by more."""
    off = {"heading last": 0, "heading first": 0}
    points = 0
    for line in (SAMPLES / "labels.jsonl").read_text("utf-8").splitlines()[-1:]:
        scene = json.loads(line)
        cloud = read_cloud(SAMPLES / scene["file"]).points
        for box in scene["boxes"]:
            roll, pitch, yaw = box["rotation_rpy"]
            points += box["points_inside"]
            first = rotation(0, roll) @ rotation(0, 0, pitch) @ rotation(yaw)
            for way, matrix in (("heading last", rotation(yaw, roll, pitch)), ("heading first", first)):
                local = (cloud - box["center"]) @ matrix
                inside = int((np.abs(local) <= np.array(box["size_lwh"]) / 2).all(axis=1).sum())
                off[way] += abs(inside - box["points_inside"])
    assert off["heading last"] < 0.02 * points
    assert off["heading last"] < off["heading first"] / 2
