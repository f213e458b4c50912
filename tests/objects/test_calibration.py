"""How cameras see: what is taken, what is refused."""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from PIL import Image
from tests.clouds import street, written

import dataforge as df
from dataforge.errors import DataError
from dataforge.geometry.cuboids import rotation
from dataforge.objects.calibration import Calibration

# A camera in the origin that looks along x: its right is -y, its down is -z.
EXTRINSIC = [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
INTRINSIC = [1000, 0, 500, 0, 1000, 400, 0, 0, 1]
FRONT = {"extrinsic": EXTRINSIC, "intrinsic": INTRINSIC}
KIND = Calibration()
SAMPLES = Path(__file__).parents[3] / "shared/media/pointclouds_sustech"


def test_matrices_may_be_flat_or_rows_or_arrays_or_files(tmp_path: Path) -> None:
    flat = KIND.to_json({"front": FRONT})
    assert KIND.check_input(flat) == flat == KIND.to_json(flat)
    arrays = {
        "extrinsic": np.array(EXTRINSIC, float).reshape(4, 4),
        "intrinsic": np.reshape(INTRINSIC, (3, 3)).tolist(),
    }
    assert KIND.to_json({"front": arrays}) == flat
    (tmp_path / "front.json").write_text(json.dumps(FRONT))
    (tmp_path / "all.json").write_text(json.dumps({"front": FRONT}))
    assert KIND.to_json({"front": str(tmp_path / "front.json")}) == flat
    assert KIND.to_json(tmp_path / "all.json") == flat
    assert KIND.to_json(KIND.from_text(json.dumps({"front": FRONT}))) == flat


@pytest.mark.parametrize(
    ("camera", "message"),
    [
        ({"extrinsic": EXTRINSIC}, 'camera \'front\': expected "extrinsic" and "intrinsic"'),
        ({**FRONT, "extrinsic": EXTRINSIC[:12]}, "extrinsic: expected 16 numbers"),
        ({**FRONT, "extrinsic": [*EXTRINSIC[:15], float("nan")]}, "extrinsic: expected 16 numbers"),
        ({**FRONT, "extrinsic": np.array([*EXTRINSIC[:3], 7, *EXTRINSIC[4:]]).reshape(4, 4).T}, "give it row by row"),
        ({**FRONT, "extrinsic": np.array(EXTRINSIC) * 2 - np.eye(4).ravel() * [0] * 15 + [0] * 16}, "last row"),
        ({**FRONT, "extrinsic": [0, -2, *EXTRINSIC[2:]]}, "expected a rotation"),
        ({**FRONT, "extrinsic": [0, 1, *EXTRINSIC[2:]]}, "expected a rotation"),
        ({**FRONT, "intrinsic": np.reshape(INTRINSIC, (3, 3)).T}, "intrinsic: expected fx, 0, cx"),
        ({**FRONT, "intrinsic": [-1, *INTRINSIC[1:]]}, "intrinsic: expected fx, 0, cx"),
        ({**FRONT, "distortion": [1, 2]}, "distortion: expected 0 or 4 or 5 numbers"),
        (5, 'expected "extrinsic" and "intrinsic"'),
    ],
)
def test_matrices_that_are_none_are_refused_with_the_camera(camera: Any, message: str) -> None:
    with pytest.raises(DataError) as refusal:
        KIND.to_json({"front": camera})
    assert message in str(refusal.value)


@pytest.mark.parametrize("value", ["nowhere.json", "", {}, {5: FRONT}, {f"{n}": FRONT for n in range(33)}])
def test_what_is_no_calibration_is_refused(value: Any) -> None:
    with pytest.raises(DataError):
        KIND.to_json(value)


def test_a_platform_opens_no_file_for_others(tmp_path: Path) -> None:
    (tmp_path / "front.json").write_text(json.dumps(FRONT))
    for value in (str(tmp_path / "front.json"), {"front": str(tmp_path / "front.json")}):
        with pytest.raises(DataError, match="expected cameras by name"):
            KIND.check_input(value)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample scenes are not here")
def test_known_cuboids_of_a_real_scene_are_seen_where_the_picture_is() -> None:
    """Which way the matrix leads: what is in front of the sensor is ahead of the front camera, and in its picture."""
    cameras = KIND.to_json({"front": str(SAMPLES / "calib/camera/front.json")})
    extrinsic = np.reshape(cameras["front"]["extrinsic"], (4, 4))
    intrinsic = np.reshape(cameras["front"]["intrinsic"], (3, 3))
    scene = json.loads((SAMPLES / "labels.jsonl").read_text("utf-8").splitlines()[0])
    seen = []
    for box in scene["boxes"]:
        x, y, depth = extrinsic[:3, :3] @ box["center"] + extrinsic[:3, 3]
        if depth > 5 and abs(x) < depth / 2:
            u, v, _ = intrinsic @ [x / depth, y / depth, 1]
            seen.append((0 <= u <= 2048, 500 < v < 1200))
            ahead = extrinsic[:3, :3] @ rotation(box["rotation_rpy"][2])[:, 0]
            assert abs(ahead[1]) < 0.2, "things drive on the ground, which is level to the camera"
    assert len(seen) >= 5
    assert all(within and level for within, level in seen)


def test_cameras_of_which_none_is_an_input_are_refused_where_items_are_read_and_where_they_come_in(
    tmp_path: Path,
) -> None:
    @df.task
    def seen(
        scan: df.PointCloud, front: df.Image, cameras: df.Calibration | None
    ) -> Annotated[list[Any], df.Cuboids()]:
        """Box each."""
        raise NotImplementedError

    Image.new("RGB", (40, 30)).save(tmp_path / "front.png")
    row = {"scan": written(tmp_path, "binary.pcd", street(20)), "front": tmp_path / "front.png"}
    assert df.read_items(seen, [{**row, "cameras": {"front": FRONT, "rear": FRONT}}]).count == 1
    assert df.read_items(seen, [row]).count == 1
    why = "expected cameras named as the image inputs are, 'front', got 'cam0'; rename them"
    with pytest.raises(DataError) as refusal:
        df.read_items(seen, [{**row, "cameras": {"cam0": FRONT}}])
    assert str(refusal.value) == f"items, row 1, column 'cameras': {why}"
    with pytest.raises(DataError) as refusal:
        seen.check_item(
            {"scan": {"media": f"{'a' * 64}.pcd"}, "front": {"url": "https://e.org/b.png"}, "cameras": {"cam0": FRONT}}
        )
    assert why in str(refusal.value)
