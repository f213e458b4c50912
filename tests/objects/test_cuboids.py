"""Cuboids: what is taken, what is refused, how alike two are."""

import base64
import math
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.clouds import street, written

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.media.point_clouds import bounds_of
from dataforge.objects import cuboids
from dataforge.objects.cuboids import Cuboids
from dataforge.objects.point_cloud import PointCloud


class Thing(df.Choice):
    CAR = df.option("car", ru="машина")
    PERSON = df.option("person", ru="человек")


CAR = {"label": "car", "centre": [10.0, 0.0, 1.0], "size": [4.0, 2.0, 1.5], "heading": 0.5}
KIND = Cuboids(Thing)


def car(**changed: Any) -> dict[str, Any]:
    return {**CAR, **changed}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"centre": [0, 0]}, "cuboid 2: centre: expected 3 numbers"),
        ({"centre": [0, 0, float("nan")]}, "centre: expected 3 numbers"),
        ({"centre": [0, 0, 1e9]}, "centre: expected metres"),
        ({"centre": [0, 0, True]}, "centre: expected 3 numbers"),
        ({"size": [4, 0, 1]}, "size: expected length, width and height"),
        ({"size": [4, -1, 1]}, "size: expected length, width and height"),
        ({"size": [4, 1, float("inf")]}, "size: expected 3 numbers"),
        ({"heading": "north"}, "heading: expected a number"),
        ({"heading": 90}, "expected radians, from -2π to 2π, got 90; of degrees give math.radians(90)"),
        ({"heading": float("nan")}, "heading: expected a number"),
        ({"tilt": [2, 0]}, "tilt: expected roll and pitch"),
        ({"label": "ship"}, "expected a label"),
        ({"track": "7"}, "expected no track"),
        ({"colour": "red"}, "expected {"),
    ],
)
def test_bad_cuboids_are_refused_with_their_place(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(AnswerError) as refusal:
        KIND.check_answer([CAR, car(**changed)], {})
    assert message in str(refusal.value)
    with pytest.raises(DataError):
        KIND.to_json([CAR, car(**changed)])


def test_a_cuboid_a_kilometre_away_from_all_points_is_refused(tmp_path: Path) -> None:
    kind, cloud = Cuboids(Thing, of="cloud"), written(tmp_path, "binary.pcd", street(20))
    low, high = bounds_of(cloud)
    for known in ({"file": str(cloud)}, {"media": "x.pcd", "low": low, "high": high}):
        beside = car(centre=[high[0] + 15.0, low[1], low[2]])
        assert kind.check_answer([beside], {"cloud": known}) == [beside]
        for far in ([high[0] + 1000.0, low[1], low[2]], [low[0], low[1] - 1000.0, low[2]]):
            with pytest.raises(AnswerError, match=r"cuboid 2: centre: .* among the points .* 1,000 m outside; give"):
                kind.check_answer([beside, car(centre=far)], {"cloud": known})
            with pytest.raises(AnswerError, match="1,000 m outside"):
                kind.check_known([car(centre=far)], {"cloud": known})
            assert kind.check_answer([car(centre=far)], {"cloud": {"media": "x.pcd"}}), "nothing is known of the points"
            gone = {"file": str(tmp_path / "gone.pcd")}
            assert kind.check_answer([car(centre=far)], {"cloud": gone}), "a cloud that is gone judges nobody"


def test_a_heading_is_kept_wrapped_and_a_tilt_only_where_there_is_one() -> None:
    [given] = KIND.to_json([car(heading=4.5, tilt=[0, 0])])
    assert given["heading"] == pytest.approx(4.5 - 2 * math.pi)
    assert "tilt" not in given
    assert KIND.to_json([car(heading=-math.pi)])[0]["heading"] == pytest.approx(math.pi)
    assert KIND.to_json([car(tilt=[0.05, -0.02])])[0]["tilt"] == [0.05, -0.02]
    assert KIND.to_json([car(centre=list(np.array([1, 2, 3.5])))])[0]["centre"] == [1, 2, 3.5]


def test_more_cuboids_than_anybody_marks_are_refused() -> None:
    with pytest.raises(AnswerError, match="at most 2,000 cuboids"):
        KIND.check_answer([CAR] * 2_001, {})


def test_tracks_are_names_of_which_none_is_there_twice() -> None:
    tracked = Cuboids(Thing, tracked=True)
    assert tracked.to_json([car(track="4"), car(track="8")])[1]["track"] == "8"
    with pytest.raises(DataError, match="cuboids 1 and 2 are both of the track '4'"):
        tracked.to_json([car(track="4"), car(track="4")])
    for track in (None, "", " ", 4, "a\n", "x" * 41):
        with pytest.raises(DataError, match="track: expected a name"):
            tracked.to_json([car(track=track)])


def test_likeness_is_volume_in_common_times_how_alike_the_headings_are() -> None:
    assert KIND.similarity([CAR], [CAR]) == 1
    assert KIND.similarity([], []) == 1
    assert KIND.similarity([CAR], []) == 0
    assert KIND.similarity([car(heading=0.0)], [car(heading=0.0, centre=[12.0, 0.0, 1.0])]) == pytest.approx(1 / 3)
    assert KIND.similarity([CAR], [car(heading=0.5 + math.pi)]) == pytest.approx(0)
    assert Cuboids(Thing, fronts=False).similarity([CAR], [car(heading=0.5 + math.pi)]) == pytest.approx(1)
    assert KIND.similarity([CAR], [car(label="person")]) == 0
    assert KIND.similarity([CAR, car(centre=[30.0, 0.0, 1.0])], [CAR]) == pytest.approx(2 / 3)


def test_order_does_not_matter() -> None:
    other = car(centre=[-5.0, 3.0, 1.0])
    assert KIND.canonical([CAR, other]) == KIND.canonical([other, CAR])
    assert KIND.similarity([CAR, other], [other, CAR]) == 1


def test_the_better_somebody_is_the_more_alike_is_what_they_give() -> None:
    truth = [car(centre=[8.0 * place, 0.0, 1.0]) for place in range(10)]
    likeness = [
        np.mean([KIND.similarity(truth, KIND.attempt(truth, skill, Random(seed), {})) for seed in range(20)])
        for skill in (0.5, 0.7, 0.9, 0.97, 1.0)
    ]
    assert likeness == sorted(likeness)
    assert likeness[0] < 0.4 < 0.7 < likeness[-2] < likeness[-1] == 1


def test_a_spoilt_answer_is_told_from_a_right_one_by_the_measure_of_control_items() -> None:
    for seed in range(40):
        spoilt = KIND.spoil([CAR], Random(seed), {})
        assert KIND.similarity([CAR], spoilt) < KIND.control_similarity


def test_in_a_notebook_cuboids_are_seen_from_above() -> None:
    shown = KIND.drawn([CAR, car(label="person", centre=[0.0, 5.0, 0.0])], {"cloud": {"url": "x"}})
    assert shown.count("<polygon") == 2
    assert shown.count("<polyline") == 2
    assert "nothing to mark" in KIND.drawn([], {})
    front = re.findall(r'<polyline [^>]*stroke="(#\w+)"', shown)
    assert front == re.findall(r'<polygon [^>]*stroke="(#\w+)"', shown)
    assert len(set(front)) == 2, "a front has the colour of its label"


def test_in_a_notebook_cuboids_lie_among_the_points_of_their_cloud(tmp_path: Path) -> None:
    points = np.array([[10.0, 0.0, 1.0, 1.0]] * 50 + [[14.0, 6.0, 1.0, 1.0], [900.0, 900.0, 1.0, 1.0]], np.float32)
    cloud = {"file": str(written(tmp_path, "binary.pcd", points)), "url": ""}
    shown = replace(KIND, of="scan").drawn([CAR], {"scan": cloud})
    [address] = re.findall(r'<image href="data:image/png;base64,([^"]+)"', shown)
    seen = np.asarray(Image.open(BytesIO(base64.b64decode(address))))[..., 1]
    many, one = sorted(zip(*np.nonzero(seen), strict=True), key=lambda place: -int(seen[place]))
    assert one[0] < many[0], "what lies ahead is above"
    assert one[1] < many[1], "and what lies to the left is on the left"
    centre = (seen.shape[0] / 2, seen.shape[1] / 2)
    assert many == pytest.approx(centre, abs=2), "the car stands around them"
    alone = PointCloud().drawn(cloud, {})
    assert "nothing to mark" not in alone
    assert "image/png" in alone
    assert "image/png" not in PointCloud().drawn({"url": ""}, {})


def test_a_task_asks_for_cuboids_on_its_cloud() -> None:
    @df.task
    def things(scan: PointCloud) -> Cuboids(Thing):  # type: ignore[valid-type]
        """Put a box around each car and person."""

    assert things.outputs[0].type.of == "scan"
    with pytest.raises(SpecError, match="expected one input of the type point_cloud"):

        @df.task
        def nowhere(photo: df.Image) -> Cuboids(Thing):  # type: ignore[valid-type]
            """Put a box around each car and person."""


def test_a_cloud_is_a_file_that_can_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "binary.pcd", street(20))
    assert PointCloud().to_json(path) == {"file": str(path)}
    for bad in ("https://example.org/a.pcd", {"url": "https://example.org/a.pcd"}):
        with pytest.raises(DataError, match="expected a file of this machine"):
            PointCloud().to_json(bad)
        with pytest.raises(DataError):
            PointCloud().check_input(bad)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"binary\.pcd' cannot be shown: the file says 40 points, and has"):
        PointCloud().to_json(path)


def test_a_cloud_that_the_platform_has_is_an_input_and_a_piece_of_one_is_none() -> None:
    stored = {"media": f"{'0' * 64}.pcd"}
    assert PointCloud().check_input(stored) == stored == PointCloud().to_json(stored)
    with pytest.raises(DataError, match="a cloud is shown whole"):
        PointCloud().check_input({**stored, "piece": [0, 1]})


def test_of_many_cuboids_each_is_compared_with_those_that_are_near(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(5)

    def scattered(wide: float) -> list[Any]:
        return [car(centre=[chance.uniform(0, wide), chance.uniform(0, wide), 1.0]) for _ in range(120)]

    truth = scattered(60.0)
    answer = KIND.attempt(truth, 0.8, chance, {})
    found = KIND.similarity(truth, answer)
    compared: list[int] = []
    whole = cuboids.overlaps
    monkeypatch.setattr(cuboids, "overlaps", lambda one, other: compared.append(len(one)) or whole(one, other))
    assert 0.2 < KIND.similarity(scattered(5.0), scattered(5.0)) < 1
    assert compared == [pytest.approx(2 * 32 * 120, rel=0.5)]
    monkeypatch.setattr(cuboids, "NEAREST", 10_000)
    assert found == pytest.approx(KIND.similarity(truth, answer), abs=1e-9)
