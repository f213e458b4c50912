"""The examples of scenes and of speech, small, on real data where they are there, and on made ones."""

from __future__ import annotations

import json
import math
import runpy
import shutil
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dataforge.metrics import match_cuboids

ROOT = Path(__file__).parents[1]
SCENES = ROOT.parent / "shared/media/pointclouds_sustech"
SPEECH = ROOT.parent / "shared/media/speech_en_ru"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Run an example by what is given on its command line; gives the pipeline's run."""

    def run(name: str, *given: object) -> Any:
        folder = ROOT / "examples" / name
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setattr(sys, "argv", [name, *map(str, given)])
        monkeypatch.chdir(tmp_path)
        return runpy.run_path(str(folder / f"run_{name}.py"))["main"]()

    yield run
    for name in ("driving", "speech"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", ["driving", "speech"])
def test_a_pipeline_of_an_example_is_sixty_lines_at_most(name: str) -> None:
    assert len((ROOT / "examples" / name / f"{name}.py").read_text("utf-8").splitlines()) <= 60


@pytest.mark.skipif(not SCENES.exists(), reason="needs scenes in ../shared/media/pointclouds_sustech")
def test_things_ahead_of_a_car_are_found_in_two_and_three_dimensions_and_linked(
    example: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = tmp_path / "scenes"
    (small / "label").mkdir(parents=True)
    for folder in ("lidar", "camera", "calib"):
        shutil.copytree(SCENES / folder, small / folder)
    shutil.copy(SCENES / "label/000970.json", small / "label")
    run = example("driving", small)
    [row] = run.labels().to_dict("records")
    given = json.loads((SCENES / "label/000970.json").read_text())
    true = [
        {"label": box["obj_type"], "centre": [*psr["position"].values()], "size": [*psr["scale"].values()]}
        | {"heading": psr["rotation"]["z"]}
        for box in given
        if (psr := box["psr"])
    ]
    match = match_cuboids(row["solids"], true)
    assert len(row["solids"]) >= 6
    assert match.precision >= 0.8, "each cuboid is one of those given"
    assert match.iou > 0.7
    assert math.degrees(match.heading) < 10
    # What is linked has one label, and a cuboid is in its box.
    assert len(row["links"]) >= 5
    shapes = row["found"]["shapes"]
    labels = [(row["solids"][link["from"]]["label"], shapes[link["to"]]["label"]) for link in row["links"]]
    assert sum(one == other for one, other in labels) >= len(labels) - 1
    assert "recall" in capsys.readouterr().out


@pytest.mark.skipif(not SPEECH.exists(), reason="needs clips in ../shared/media/speech_en_ru")
def test_speech_is_cut_written_checked_and_joined(
    example: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run = example("speech", SPEECH, "--limit", 4)
    labels = run.labels()
    assert labels["error"].tolist() == [""] * 4
    assert labels["pieces"].max() >= 2
    said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("joined: WER"))
    assert float(said.rsplit(" ", 1)[1]) < 0.15


def test_speech_needs_no_data_of_others(
    example: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(range(256)) * 625)
    clip = {"file": "a.wav", "text": "one two three four five six seven eight nine ten", "duration": 10.0}
    (tmp_path / "labels.jsonl").write_text(json.dumps(clip) + "\n")
    labels = example("speech", tmp_path).labels()
    assert labels["pieces"].tolist() == [2]
    assert len(labels["text"][0].split()) == pytest.approx(10, abs=2)
