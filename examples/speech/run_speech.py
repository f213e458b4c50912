"""The pipeline launched, with simulated people who know what is said, and the word error rate of what they wrote.

python run_speech.py FOLDER [--people]    FOLDER has `labels.jsonl`; simulated people answer, or those who join
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from speech import is_right, pieces, speech, words  # type: ignore[import-not-found]

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.simulation import skilled
from dataforge.texts import edits

LENGTH = 5  # of a piece, in seconds


class Known:
    """What is said in recordings; words are taken to come evenly in time."""

    def __init__(self, folder: Path, clips: Sequence[Mapping[str, Any]]) -> None:
        self.clips = {sha256((folder / clip["file"]).read_bytes()).hexdigest(): clip for clip in clips}

    def __call__(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        sound = inputs.get("recording") or inputs["piece"]
        clip = self.clips[sound["media"].partition(".")[0]]
        heard, length = clip["text"].split(), clip["duration"]
        if "recording" in inputs:
            count = max(1, round(length / LENGTH))
            ends = [length * part / count for part in range(count + 1)]
            return {"answer": [{"start": start, "end": end} for start, end in pairwise(ends)]}
        start, end = (round(time / length * len(heard)) for time in sound["cut"])
        text = " ".join(heard[start:end]) or heard[min(start, len(heard) - 1)]
        return {"answer": inputs["text"] == text if "text" in inputs else text}


def main() -> Any:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="with labels.jsonl: lines {file, text, duration}")
    parser.add_argument("--people", action="store_true", help="print links by which people join")
    parser.add_argument("--limit", type=int, help="take so many recordings only")
    given = parser.parse_args()
    clips = [json.loads(line) for line in (given.folder / "labels.jsonl").read_text("utf-8").splitlines()][
        : given.limit
    ]
    tasks = [pieces, words, is_right]
    crowd = [SimulatedWorker(f"w{n}", skilled(tasks, 0.97 - 0.03 * (n % 5))) for n in range(15)]
    policy = df.Policy(overlap=3, page=(1, 0), speed=())
    merged = policy.changed(quality="merge")
    run = df.launch(
        speech,
        [{"recording": str(given.folder / clip["file"])} for clip in clips],
        policy=policy,
        policies=dict.fromkeys(tasks[:2], merged),
        platform=None if given.people else SimulatedPlatform(crowd, Known(given.folder, clips), seed=1),
    )
    run.wait()
    print("joined:", rate(run.labels()["text"].tolist(), clips))
    print(run.cost()["paid"].to_string())
    run.close()
    return run


def rate(texts: Sequence[Any], clips: Sequence[Mapping[str, Any]]) -> str:
    """The word error rate: errors in all texts by words in all references."""
    pairs = [(clip["text"].split(), (text or "").split()) for clip, text in zip(clips, texts, strict=True)]
    return f"WER {sum(edits(*pair) for pair in pairs) / sum(len(right) for right, _ in pairs):.3f}"


if __name__ == "__main__":
    main()
