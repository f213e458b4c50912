"""The example of tracks, on real films where they are there."""

import re
import shutil
import sys
from pathlib import Path
from subprocess import run

import pytest

FILMS = Path(__file__).parents[3] / "shared/media/video_tracks_pets"
EXAMPLE = Path(__file__).parents[2] / "examples/tracks/tracks.py"


@pytest.mark.skipif(not FILMS.exists(), reason="needs films with tracks in ../shared/media/video_tracks_pets")
def test_merged_tracks_are_better_than_those_of_the_average_worker(tmp_path: Path, seeded_server: None) -> None:
    pytest.importorskip("av", reason="frames of films need PyAV: pip install av")
    for tracks in FILMS.glob("*.gt.txt"):
        there = tmp_path / "known" / tracks.name.removesuffix(".gt.txt") / "gt"
        there.mkdir(parents=True)
        shutil.copy(tracks, there / "gt.txt")
    command = [sys.executable, str(EXAMPLE), str(FILMS), "known", "--simulate"]
    reply = run(command, cwd=tmp_path, capture_output=True, text=True, timeout=170)
    assert reply.returncode == 0, reply.stderr
    merged, _, each = reply.stdout.partition("each worker")
    scores = [[float(one) for one in re.findall(r"HOTA ([\d.]+)", part)] for part in (merged, each)]
    assert (len(scores[0]), len(scores[1])) == (2, 6)
    assert sum(scores[0]) / 2 > sum(scores[1]) / 6
    assert min(scores[0]) > 0.8
