"""nuScenes: cuboids come back as they were; its order of sizes and its quaternions mean here what they mean there."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.clouds import street, written
from tests.formats.drawn import save

import dataforge as df
from dataforge.errors import DataError
from dataforge.geometry.cuboids import rotation


class Thing(df.Choice):
    CAR = "car"
    BUS = "bus"


@df.task
def things(scan: df.PointCloud) -> df.Cuboids(Thing, tracked=True):  # type: ignore[valid-type]
    """Put a box around each thing."""


@df.task
def untracked(scan: df.PointCloud) -> df.Cuboids(Thing):  # type: ignore[valid-type]
    """Put a box around each thing."""


CAR = {"label": "car", "centre": [1.5, -2, 0.5], "size": [4.5, 1.75, 1.5], "heading": -3.1, "track": "7"}
LEANING = {**CAR, "label": "bus", "heading": 2.0, "tilt": [0.3, -0.4], "track": "a b"}


@pytest.fixture
def cloud(tmp_path: Path) -> str:
    return str(written(tmp_path, "binary.pcd", street(5)))


def test_cuboids_come_back_as_they_were_with_tilt_and_track(cloud: str, tmp_path: Path) -> None:
    path = save("nuscenes", things, [(cloud, [CAR, LEANING])], tmp_path / "saved.json")
    [row] = df.read_nuscenes(things, path).to_dict("records")
    assert row["scan"] == cloud
    for ours, theirs in zip(row["answer"], [CAR, LEANING], strict=True):
        assert (ours["label"], ours["track"]) == (theirs["label"], theirs["track"])
        for part in ("centre", "size", "heading"):
            assert ours[part] == pytest.approx(theirs[part], abs=1e-9)
    assert "tilt" not in row["answer"][0]
    assert row["answer"][1]["tilt"] == pytest.approx(LEANING["tilt"], abs=1e-9)
    assert "track" not in df.read_nuscenes(untracked, path)["answer"][0][0]


def test_sizes_are_width_length_height_and_quaternions_turn_as_matrices_do(cloud: str, tmp_path: Path) -> None:
    found = json.loads(save("nuscenes", things, [(cloud, [CAR, LEANING])], tmp_path / "saved.json").read_text())
    [car, leaning] = found["results"]["binary"]
    assert car["size"] == [1.75, 4.5, 1.5]
    assert car["rotation"] == pytest.approx([math.cos(-1.55), 0, 0, math.sin(-1.55)])
    assert (car["tracking_name"], car["tracking_id"]) == ("car", "7")
    w, x, y, z = leaning["rotation"]
    matrix = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    assert np.array(matrix) == pytest.approx(rotation(2.0, 0.3, -0.4))
    untold = {name: value for name, value in CAR.items() if name != "track"}
    found = json.loads(save("nuscenes", untracked, [(cloud, [untold])], tmp_path / "other.json").read_text())
    assert found["results"]["binary"][0]["detection_name"] == "car"


BOX: dict[str, Any] = {"translation": [1, 2, 3], "size": [1, 2, 3], "rotation": [1, 0, 0, 0], "detection_name": "car"}


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ({"binary": [BOX, {**BOX, "size": [1, 0, 1]}]}, "'binary': box 2: cuboid 1: size: expected length"),
        ({"binary": [{**BOX, "rotation": [1, 1, 0, 0]}]}, "box 1: rotation: expected a quaternion w, x, y, z"),
        ({"binary": [{**BOX, "detection_name": "ship"}]}, "expected a label, one of 'car', 'bus', got 'ship'"),
        ({"binary": [{"size": [1, 1, 1]}]}, "known.json: object missing required field"),
        ({"../binary": []}, None),
        ({"other": []}, "there is no cloud called 'other'"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(
    results: dict[str, Any], message: str | None, cloud: str, tmp_path: Path
) -> None:
    (tmp_path / "known.json").write_text(json.dumps({"results": results}))
    if message is None:
        assert df.read_nuscenes(untracked, tmp_path / "known.json")["scan"].tolist() == [cloud]
        return
    with pytest.raises(DataError) as refused:
        df.read_nuscenes(untracked, tmp_path / "known.json")
    assert message in str(refused.value)
