"""SUSTechPOINTS: what is written is read back, and a set of its own is read and written as it was."""

import json
from pathlib import Path

import pytest
from tests.clouds import street, written
from tests.formats.drawn import save

import dataforge as df
from dataforge.errors import DataError

SAMPLES = Path(__file__).parents[3] / "shared/media/pointclouds_sustech"
KINDS = ("Car", "Rider", "Pedestrian", "Van", "Bus", "Truck")


class Thing(df.Choice):
    CAR = "Car"
    RIDER = "Rider"


@df.task
def things(scan: df.PointCloud) -> df.Cuboids(Thing, tracked=True):  # type: ignore[valid-type]
    """Put a box around each thing."""


@df.task
def untracked(scan: df.PointCloud) -> df.Cuboids(Thing):  # type: ignore[valid-type]
    """Put a box around each thing."""


CAR = {"label": "Car", "centre": [1.123456, -2, 0.5], "size": [4.5, 1.75, 1.5], "heading": -3.1, "track": "7"}
LEANING = {**CAR, "label": "Rider", "tilt": [0.05, -0.0625], "track": "a b"}


def test_cuboids_come_back_as_they_were_with_tilt_and_track(tmp_path: Path) -> None:
    clouds = [str(written(tmp_path, form, street(5))) for form in ("binary.pcd", "ascii.ply")]
    path = save("sustech", things, list(zip(clouds, [[CAR, LEANING], []], strict=True)), tmp_path / "label")
    frame = df.read_sustech(things, path, folder=tmp_path)
    found = dict(zip(frame["scan"], frame["answer"], strict=True))
    assert found == {clouds[0]: [CAR, LEANING], clouds[1]: []}
    [box, _] = json.loads((path / "binary.json").read_text())
    assert box["psr"]["scale"] == {"x": 4.5, "y": 1.75, "z": 1.5}, "length, width, height"
    assert box["psr"]["rotation"]["z"] == -3.1
    assert (box["obj_type"], box["obj_id"]) == ("Car", "7")
    without = df.read_sustech(untracked, path, folder=tmp_path)
    assert "track" not in without["answer"][1][0]


def test_what_is_wrong_in_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    written(tmp_path, "binary.pcd", street(5))
    folder = tmp_path / "label"
    folder.mkdir()
    box = {"psr": {k: {"x": 1, "y": 1, "z": 1} for k in ("position", "scale", "rotation")}, "obj_type": "Car"}
    flat = {**box, "psr": {**box["psr"], "scale": {"x": 1, "y": 0, "z": 1}}}
    for content, message in (
        ([box, flat], r"binary\.json, box 2: cuboid 1: size: expected length"),
        ([{**box, "obj_type": "Ship"}], r"box 1: expected a label, one of 'Car', 'Rider', got 'Ship'"),
        ([{"psr": {}}], r"binary\.json: object missing required field"),
    ):
        (folder / "binary.json").write_text(json.dumps(content))
        with pytest.raises(DataError, match=message):
            df.read_sustech(untracked, folder, folder=tmp_path)
    (folder / "binary.json").rename(folder / "other.json")
    with pytest.raises(DataError, match="there is no cloud called 'other'"):
        df.read_sustech(untracked, folder, folder=tmp_path, labels={"Car": "Car"})


def test_two_clouds_of_one_name_are_not_written_over_each_other(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="both of a cloud called 'a'"):
        save("sustech", things, [("one/a.pcd", []), ("two/a.pcd", [])], tmp_path / "label")


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample scenes are not here")
def test_a_set_of_its_own_is_read_and_written_as_it_was(tmp_path: Path) -> None:
    mapping = {"Car": "Car", "Rider": "Rider"}
    frame = df.read_sustech(things, SAMPLES / "label", labels=mapping)
    assert [Path(path).name for path in frame["scan"]] == ["000965.pcd", "000970.pcd", "000975.pcd"]
    path = save("sustech", things, list(zip(frame["scan"], frame["answer"], strict=True)), tmp_path / "label")
    for name in ("000965.json", "000970.json", "000975.json"):
        theirs = [box for box in json.loads((SAMPLES / "label" / name).read_text()) if box["obj_type"] in mapping]
        ours = json.loads((path / name).read_text())
        assert len(ours) == len(theirs) > 3
        for one, other in zip(ours, theirs, strict=True):
            assert one["obj_id"] == other["obj_id"]
            for part in ("position", "scale"):
                assert one["psr"][part] == pytest.approx(other["psr"][part])
            turned = one["psr"]["rotation"]["z"] - other["psr"]["rotation"]["z"]
            assert turned % 6.283185307179586 == pytest.approx(
                0, abs=1e-9
            ) or turned % 6.283185307179586 == pytest.approx(6.2831853)
