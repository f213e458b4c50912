"""What the field's own readers found in files that we wrote: `field_readers.json` is theirs, with their versions.

motmetrics reads MOT from pixel 0 on and TrackEval KITTI's tracking; the corners are those of nuscenes-devkit's `Box`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.clips import made
from tests.clouds import street, written
from tests.formats.drawn import save
from tests.formats.test_nuscenes import CAR, LEANING, things
from tests.formats.test_tracks import ANSWER, FRAMES, TRACKS, followed, frames

from dataforge.geometry.cuboids import rotation

FOUND = json.loads((Path(__file__).parents[1] / "data/field_readers.json").read_text())


def boxes(first: int) -> dict[tuple[int, int], list[float]]:
    """The boxes of the answer that the files are of, by frame, counted from `first`, and track."""
    return {(frame + first, track["id"]): place for track in TRACKS for frame, _, place in frames(track)}


def test_motmetrics_finds_each_box_in_its_frame() -> None:
    read = {
        (frame, track): [x, y, x + width, y + height] for frame, track, x, y, width, height in FOUND["mot"]["boxes"]
    }
    assert read.keys() == boxes(1).keys()
    for key, place in boxes(1).items():
        assert read[key] == pytest.approx(place, abs=0.002), key


def test_trackeval_finds_each_box_in_its_frame() -> None:
    read = {(frame, track): place for frame, track, *place in FOUND["kitti-tracking"]["boxes"]}
    assert read.keys() == boxes(0).keys()
    for key, place in boxes(0).items():
        assert read[key] == pytest.approx(place, abs=0.01), key


def test_the_devkit_of_nuscenes_sees_the_corners_where_they_are() -> None:
    for cuboid, corners in zip((CAR, LEANING), FOUND["nuscenes"]["corners"], strict=True):
        turned = rotation(cuboid["heading"], *cuboid.get("tilt", ()))
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        ours = signs * np.array(cuboid["size"]) / 2 @ turned.T + np.array(cuboid["centre"])
        away = np.linalg.norm(ours[:, None] - np.array(corners)[None], axis=2)
        assert away.min(axis=1).max() < 1e-6
        assert sorted(away.argmin(axis=1)) == list(range(8))


@pytest.mark.parametrize("form", ["mot", "kitti-tracking", "nuscenes"])
def test_we_write_today_what_they_have_read(form: str, tmp_path: Path) -> None:
    """Where this fails the writer has changed: what it writes now has to be read by theirs again."""
    if form == "nuscenes":
        cloud = str(written(tmp_path, "binary.pcd", street(5)))
        saved: Any = save(form, things, [(cloud, [CAR, LEANING])], tmp_path / "saved.json")
        [found] = json.loads(saved.read_text())["results"].values()
        text = json.dumps([{name: box[name] for name in ("translation", "size", "rotation")} for box in found])
    else:
        film = made(tmp_path / "clip.mp4", FRAMES)
        saved = save(form, followed, [(str(film), ANSWER)], tmp_path / "saved")
        text = (saved / ("clip/gt/gt.txt" if form == "mot" else "label_02/clip.txt")).read_text()
    assert text == FOUND[form]["written"]
