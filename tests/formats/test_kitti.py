"""KITTI: cuboids go out as its cameras see them and come back, and its own numbers mean here what they mean there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.clouds import street, written
from tests.formats.drawn import Animal, boxes, draw, save, shapes

import dataforge as df
from dataforge.errors import DataError, SpecError
from dataforge.geometry.cameras import framed
from dataforge.geometry.cuboids import rotation
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

WIDTH, HEIGHT = 1224, 370
INTRINSIC = [700.0, 0, 600, 0, 700, 180, 0, 0, 1]
AXES = np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]])
"""From the axes of a cloud to those of a camera that looks along its x."""
# The first picture of KITTI's training set: its calibration, and the one thing in it.
CALIBRATION = """P0: 7.070493e+02 0 6.040814e+02 0 0 7.070493e+02 1.805066e+02 0 0 0 1 0
P2: 7.070493e+02 0 6.040814e+02 4.575831e+01 0 7.070493e+02 1.805066e+02 -3.454157e-01 0 0 1 4.981016e-03
R0_rect: 9.999128e-01 1.009263e-02 -8.511932e-03 -1.012729e-02 9.999406e-01 -4.037671e-03 8.470675e-03 4.123522e-03 \
9.999556e-01
Tr_velo_to_cam: 6.927964e-03 -9.999722e-01 -2.757829e-03 -2.457729e-02 -1.162982e-03 2.749836e-03 -9.999955e-01 \
-6.127237e-02 9.999753e-01 6.931141e-03 -1.143899e-03 -3.321029e-01
"""
WALKER = "Pedestrian 0.00 0 -0.20 712.40 143.00 810.73 307.92 1.89 0.48 1.20 1.84 1.47 8.41 0.01\n"
NOTHING = "DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10\n"


class Thing(df.Choice):
    PEDESTRIAN = "Pedestrian"
    BIG_CAR = "Big car"


@df.task
def things(scan: df.PointCloud, front: df.Image, cameras: df.Calibration) -> df.Cuboids(Thing):  # type: ignore[valid-type]
    """Put a box around each thing."""


@df.task
def tracked(scan: df.PointCloud) -> df.Cuboids(Thing, tracked=True):  # type: ignore[valid-type]
    """Put a box around each thing."""


def camera(heading: float = 0.0, *tilt: float) -> dict[str, list[float]]:
    """A camera that looks ahead, turned by a heading, a roll and a pitch."""
    extrinsic = np.eye(4)
    extrinsic[:3, :3] = AXES @ rotation(heading, *tilt)
    extrinsic[:3, 3] = 0.1, -0.2, 0.3
    return {"extrinsic": extrinsic.ravel().tolist(), "intrinsic": INTRINSIC}


def cuboid(x: float, y: float, heading: float, **more: Any) -> dict[str, Any]:
    return {"label": "Big car", "centre": [x, y, 0.25], "size": [4.5, 1.75, 1.5], "heading": heading, **more}


@pytest.fixture
def scene(tmp_path: Path) -> dict[str, Any]:
    cloud = written(tmp_path, "binary.pcd", street(5))
    return {"scan": str(cloud), "front": str(draw(tmp_path, "image_2/binary.png", WIDTH, HEIGHT))}


def exported(scene: dict[str, Any], seen: dict[str, Any], answer: list[Any], path: Path) -> Path:
    """A run in which one person gave this answer, written as KITTI has it."""
    platform = SimulatedPlatform([SimulatedWorker("w", lambda *given: {"answer": answer})])
    policy = df.Policy(quality="merge", overlap=1, page=(1, 0), speed=())
    with df.launch(
        things, [{**scene, "cameras": {"front": seen}}], platform=platform, policy=policy, progress=False
    ) as run:
        run.wait()
        return run.export("kitti", path)


@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (0.3, 0.05, -0.1)])
def test_cuboids_of_a_run_come_back_with_their_camera(
    angles: tuple[float, float, float], scene: dict[str, Any], tmp_path: Path
) -> None:
    answer = [cuboid(12.5, -2, 0.4), cuboid(30, 1, -3.1), {**cuboid(20, 0, 1.6), "label": "Pedestrian"}]
    path = exported(scene, camera(*angles), answer, tmp_path / "kitti")
    (path / "image_2").symlink_to(tmp_path / "image_2")
    [row] = df.read_kitti(things, path, folder=tmp_path).to_dict("records")
    assert (row["scan"], Path(row["front"]).name) == (scene["scan"], "binary.png")
    for ours, theirs in zip(
        *(sorted(many, key=lambda one: one["centre"]) for many in (row["answer"], answer)), strict=True
    ):
        assert ours["label"] == theirs["label"]
        for part in ("centre", "size", "heading"):
            assert ours[part] == pytest.approx(theirs[part], abs=1e-6)
    for part, numbers in camera(*angles).items():
        assert row["cameras"]["front"][part] == pytest.approx(numbers, abs=1e-9)
    assert df.read_items(things, df.read_kitti(things, path, folder=tmp_path), control=True).control_count == 1


def test_a_car_that_drives_away_is_told_as_kitti_tells_it(scene: dict[str, Any], tmp_path: Path) -> None:
    seen = {**camera(), "extrinsic": [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1]}
    path = exported(scene, seen, [cuboid(20, -10, 0)], tmp_path / "kitti")
    [line] = (path / "label_2/binary.txt").read_text().splitlines()
    name, truncated, occluded, *numbers = line.split()
    assert (name, truncated, occluded) == ("Big_car", "0", "3")
    height, width, length, *place, turn = map(float, numbers[5:])
    assert (height, width, length) == (1.5, 1.75, 4.5)
    # The middle of the bottom, right, down and ahead; its front leads away, which is a turn of -π/2 about down.
    assert place == pytest.approx([10, -0.25 + 0.75, 20])
    assert turn == pytest.approx(-np.pi / 2)
    assert float(numbers[0]) == pytest.approx(-np.pi / 2 - np.arctan2(10, 20))


def test_what_the_camera_does_not_see_is_left_out_and_said(scene: dict[str, Any], tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="cuboids that the picture does not show, which were left out: 1"):
        path = exported(scene, camera(), [cuboid(-20, 0, 0), cuboid(10, 8.5, 0)], tmp_path / "kitti")
    [line] = (path / "label_2/binary.txt").read_text().splitlines()
    assert 0 < float(line.split()[1]) < 1, "a part of it is beside the picture"
    assert float(line.split()[4]) == 0


def test_without_a_straight_camera_there_is_no_kitti(scene: dict[str, Any], tmp_path: Path) -> None:
    bent = {**camera(), "distortion": [0.1, 0, 0, 0, 0]}
    with pytest.raises(df.RunError, match="the lens of 'front' bends them"):
        exported(scene, bent, [cuboid(20, 0, 0)], tmp_path / "kitti")
    with pytest.raises(DataError, match="no picture of this cloud is calibrated"):
        save("kitti", things, [(scene["scan"], [])], tmp_path / "other")


def theirs(folder: Path, *lines: str) -> Path:
    """A folder as KITTI has it, with its first picture and its calibration."""
    for name in ("label_2", "calib", "velodyne"):
        (folder / name).mkdir(parents=True)
    (folder / "label_2/000000.txt").write_text("".join(lines))
    (folder / "calib/000000.txt").write_text(CALIBRATION)
    (folder / "velodyne/000000.bin").write_bytes(np.ones((4, 4), "<f4").tobytes())
    draw(folder, "image_2/000000.png", WIDTH, HEIGHT)
    return folder


def test_numbers_of_its_own_are_seen_where_its_box_is(tmp_path: Path) -> None:
    path = theirs(tmp_path / "training", WALKER, NOTHING)
    [row] = df.read_kitti(things, path).to_dict("records")
    [found] = row["answer"]
    assert found["label"] == "Pedestrian"
    assert found["size"] == [1.2, 0.48, 1.89]
    assert found["centre"][0] == pytest.approx(8.41 + 0.33, abs=0.15), "so far ahead of the scanner"
    [frame] = framed(row["cameras"]["front"], [found], (WIDTH, HEIGHT))
    # As the field's own code projects its corners; upright is not the same to a scanner and a camera beside it.
    *place, turn = map(float, WALKER.split()[11:])
    height, width, length = map(float, WALKER.split()[8:11])
    seen = np.reshape(list(map(float, CALIBRATION.splitlines()[1].split()[1:])), (3, 4))
    corners = [(x * length / 2, y, z * width / 2) for x in (-1, 1) for y in (0, -height) for z in (-1, 1)]
    about = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    spots = seen @ np.vstack([about @ np.transpose(corners) + np.reshape(place, (3, 1)), np.ones(8)])
    across, down = spots[:2] / spots[2]
    assert frame == pytest.approx([across.min(), down.min(), across.max(), down.max()], abs=2)
    assert frame == pytest.approx([712.40, 143.00, 810.73, 307.92], abs=12), "people draw what is seen, not corners"


class Walker(df.Choice):
    WALKER = "walker"


@df.task
def walkers(photo: df.Image) -> df.Boxes(Walker):  # type: ignore[valid-type]
    """Mark everybody."""


def test_boxes_of_its_own_are_read_without_what_nobody_cares_about(tmp_path: Path) -> None:
    path = theirs(tmp_path / "training", WALKER, NOTHING)
    [answer] = df.read_kitti(walkers, path, labels={"Pedestrian": "walker"})["answer"]
    assert answer == shapes(WIDTH, HEIGHT, {"label": "walker", "box": [712.40, 143.00, 810.73, 307.92]})


def test_a_box_alone_is_told_without_a_cuboid(tmp_path: Path) -> None:
    picture = draw(tmp_path, "a b.png", 40, 30)
    label = Animal.DOG.value
    answer = shapes(40, 30, {"label": label, "box": [1.5, 2, 30, 20.25]})
    path = save("kitti", boxes, [(str(picture), answer)], tmp_path / "saved")
    [line] = (path / "label_2/a b.txt").read_text().splitlines()
    assert line.partition(" ")[2] == "-1 3 -10 1.5 2 30 20.25 -1 -1 -1 -1000 -1000 -1000 -10"
    assert line.split()[0] == label.replace(" ", "_")


@pytest.mark.parametrize(
    ("lines", "calibration", "message"),
    [
        (("Pedestrian 0 0 0 1 2 3\n",), CALIBRATION, "000000.txt, line 1: expected type truncated occluded alpha"),
        ((WALKER, "Ship" + WALKER[10:]), CALIBRATION, "line 2: expected a label, one of 'Pedestrian', 'Big car'"),
        ((WALKER, NOTHING.replace("DontCare", "Pedestrian")), CALIBRATION, "line 2: cuboid 1: size: expected length"),
        ((WALKER.replace("8.41", "nan"),), CALIBRATION, "line 1: a number: expected a number, got 'nan'"),
        ((WALKER,), CALIBRATION.replace("P2", "P9"), "000000.txt: expected a line P2, got"),
        ((WALKER,), CALIBRATION.replace("R0_rect: 9.99", "R0_rect: 1 9.99"), "R0_rect: expected 9 numbers, got 10"),
        ((WALKER,), "R0_rect: 0 0 0 0 0 0 0 0 0\n" + CALIBRATION[-300:], "R0_rect: expected a matrix of rank 3"),
    ],
)
def test_a_file_that_is_wrong_says_where(
    lines: tuple[str, ...], calibration: str, message: str, tmp_path: Path
) -> None:
    path = theirs(tmp_path / "training", *lines)
    (path / "calib/000000.txt").write_text(calibration)
    with pytest.raises(DataError) as refused:
        df.read_kitti(things, path)
    assert message in str(refused.value)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    path = theirs(tmp_path / "training", WALKER)
    with pytest.raises(SpecError, match="have no tracks"):
        df.read_kitti(tracked, path)
    (path / "image_2/000000.png").unlink()
    with pytest.raises(DataError, match="there is no picture '000000'"):
        df.read_kitti(walkers, path)
    (path / "velodyne/000000.bin").unlink()
    with pytest.raises(DataError, match="there is no cloud called '000000'"):
        df.read_kitti(things, path)
