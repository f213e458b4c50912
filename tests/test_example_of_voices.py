"""The example of opinion scores, on real clips where they are there."""

import json
import runpy
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

CLIPS = Path(__file__).parents[2] / "shared/media/tts_mos"
EXAMPLE = Path(__file__).parents[1] / "examples/voices/voices.py"


@pytest.mark.skipif(not CLIPS.exists(), reason="needs clips of several systems in ../shared/media/tts_mos")
def test_people_score_real_clips_and_systems_come_out_as_far_apart_as_they_hear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [json.loads(line) for line in (CLIPS / "labels.jsonl").read_text().splitlines()]
    heard = {sha256((CLIPS / row["file"]).read_bytes()).hexdigest(): row["system_mos"] for row in rows}

    def listen(inputs: Any, right: Any, rng: Random) -> dict[str, int]:
        # Whoever answers is told the file, and not the system.
        assert set(inputs) == {"file"}
        score = heard[inputs["file"]["media"].partition(".")[0]]
        return {"answer": max(1, min(5, round(score + rng.gauss(0, 0.4))))}

    people = [SimulatedWorker(f"w{n}", listen, arrives=n) for n in range(10)]
    platform = SimulatedPlatform(people, lambda inputs: {"answer": 3}, seed=1)
    monkeypatch.setattr(df, "launch", partial(df.launch, platform=platform))
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), str(CLIPS)])
    monkeypatch.chdir(tmp_path)
    found = runpy.run_path(str(EXAMPLE))["run"].mos().systems
    for system in found.index:
        assert found.loc[system, "score"] == pytest.approx(
            next(row["system_mos"] for row in rows if row["system"] == system), abs=0.35
        )
    assert (found["workers"] >= 7).all()
    assert found["score"].idxmax() == "Ground truth"
    assert "Ground truth" in capsys.readouterr().out
    assert (tmp_path / "voices.svg").read_text().startswith("<svg")
