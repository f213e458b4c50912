# ruff: noqa: E402 - the import path is mended first
"""Transcripts judged by other workers: how many are right, how sure that is said to be, and what it costs.

500 clips of about eight words are written down and judged by simulated people, a fifth of them careless, on the
simulated platform. Beside it single answers of good workers, and ROVER over as many answers as the same money buys.

    python benchmarks/transcripts.py --clips 500 --seeds 3
    python benchmarks/transcripts.py --first 10              other seeds: what is claimed is tuned on none that judge it
    python benchmarks/transcripts.py --speech FOLDER         transcripts that real people wrote: labels.csv and gold.csv

Of real transcripts each is given once, by whom the simulation deals the clip to: how good their authors are is not
known of them. Those who judge are simulated, and take for right what has the words of the reference.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
import csv
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import getloadavg
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any, Protocol

import pandas as pd

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.texts import edits

WORDS = 400
CARELESS_ERRORS = 0.5
GOOD_JUDGE = 0.95
WORKERS = 60
RATIO = {0.05: 0.4, 0.15: 0.1}
"""The share of a page that must be right for it to be paid: good workers write .66 and .27 without an error."""
REAL_RATIO = 0.1
MOST_WRONG = 0.1
FREE: dict[str, Any] = {"speed": (), "control": None}
CONTROL = 60
"""Clips whose words are known; of them control items of the check are made."""


@df.task(duration="20s")
def transcript(clip: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


class Heard(Protocol):
    """What is said in clips, by their names, and what people write who hear one."""

    @property
    def said(self) -> Mapping[str, str]: ...

    def heard(self, clip: str, errors: float, rng: Random) -> str: ...


@dataclass(frozen=True)
class Clips:
    """Clips by their names, with the words that are said."""

    said: Mapping[str, str]
    vocabulary: Sequence[str]

    @classmethod
    def drawn(cls, count: int, rng: Random) -> Clips:
        """So many clips of five to eleven words, frequent words more often."""
        words = ["".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(2)) for _ in range(WORDS)]
        weights = [1 / (rank + 1) for rank in range(WORDS)]
        return cls(
            {f"clip {n}": " ".join(rng.choices(words, weights, k=rng.randint(5, 11))) for n in range(count)}, words
        )

    def heard(self, clip: str, errors: float, rng: Random) -> str:
        """What somebody writes who mishears, leaves out or invents words at this rate."""
        written = []
        for word in self.said[clip].split():
            if rng.random() >= errors:
                written.append(word)
                continue
            slip = rng.random()
            if slip < 0.7:
                written.append(rng.choice(self.vocabulary))
            elif slip < 0.85:
                written += [word, rng.choice(self.vocabulary)]
        return " ".join(written) or rng.choice(self.vocabulary)


@dataclass(frozen=True)
class Written:
    """Clips that real people have written down: what each of them wrote, in the order in which it is dealt out."""

    said: Mapping[str, str]
    written: Mapping[str, list[str]]

    @classmethod
    def read(cls, folder: Path, count: int, rng: Random) -> Written:
        """So many clips, drawn by lot."""
        said = {row["task"]: plain(row["label"]) for row in rows_of(folder / "gold.csv")}
        written: dict[str, list[str]] = {}
        for row in rows_of(folder / "labels.csv"):
            written.setdefault(row["task"], []).append(plain(row["text"]))
        chosen = rng.sample(sorted(said), min(count, len(said)))
        return cls(
            {clip: said[clip] for clip in chosen},
            {clip: rng.sample(texts := written[clip], len(texts)) for clip in chosen},
        )

    def heard(self, clip: str, errors: float, rng: Random) -> str:
        """What one of those wrote who were not asked yet, or the first of them again."""
        text = self.written[clip].pop(0)
        self.written[clip].append(text)
        return text or "nothing"


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    """Words in small letters, without signs: what transcripts are compared by."""
    return " ".join(re.sub(r"[^\w' ]+", " ", text.casefold()).split())


def person(clips: Heard, errors: float, *, careless: bool) -> Callable[..., dict[str, Any]]:
    """Somebody who writes with so many errors and judges well, or who does neither."""

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        if "answer" not in inputs:
            return {"answer": clips.heard(inputs["clip"], CARELESS_ERRORS if careless else errors, rng)}
        right = inputs["answer"] == clips.said[inputs["clip"]]
        return {"ok": right if rng.random() < (0.5 if careless else GOOD_JUDGE) else not right}

    return answer


@dataclass(frozen=True)
class Found:
    """What a way came to: labels, what was paid for an item, and the seconds of a processor."""

    words_wrong: float
    right: float
    confidence: float
    paid: float
    seconds: float


def finished(clips: Heard, errors: float, seed: int, policy: df.Policy) -> tuple[pd.DataFrame, float]:
    """The labels of one run over the clips, and what was paid in all."""
    people = [
        SimulatedWorker(f"w{n}", person(clips, errors, careless=n % 5 == 0), seconds=20.0, arrives=30.0 * n)
        for n in range(WORKERS)
    ]
    names = list(clips.said)
    known = [{"clip": name, "answer": clips.said[name]} for name in names[:CONTROL]]
    with tempfile.TemporaryDirectory() as place:
        run = df.launch(
            transcript, [{"clip": name} for name in names[CONTROL:]], known, policy, "transcripts",
            SimulatedPlatform(people, seed=seed), Path(place) / "workspace", progress=False,
        )  # fmt: skip
        run.wait(progress=False)
        labels, paid = run.labels(), float(run.cost()["total"].sum())
        run.close()
    return labels, paid


def tried(clips: Heard, errors: float, seed: int, policy: df.Policy) -> Found:
    """One run over the clips, from launch to labels."""
    begun = time.process_time()
    labels, paid = finished(clips, errors, seed, policy)
    answers = labels["answer"].fillna("")
    # A judged text is right as a whole; of merged ones it is claimed that at most a tenth of the words are wrong.
    most = MOST_WRONG if policy.quality == "merge" else 0.0
    right = [is_right(answer, clips.said[clip], most) for clip, answer in zip(labels["clip"], answers, strict=True)]
    return Found(
        words_wrong=word_errors([clips.said[clip] for clip in labels["clip"]], list(answers)),
        right=fmean(right),
        confidence=float(labels["confidence"].mean()),
        paid=paid / len(labels),
        seconds=time.process_time() - begun,
    )


def is_right(written: str, said: str, most: float) -> bool:
    """Whether no more than this share of the words is wrong."""
    return edits(said.split(), written.split()) <= most * len(said.split())


def word_errors(said: Sequence[str], written: Sequence[str]) -> float:
    """Words to put in, leave out or change to come from what was written to what was said, per word said."""
    pairs = list(zip((text.split() for text in said), (text.split() for text in written), strict=True))
    return sum(edits(one, other) for one, other in pairs) / sum(len(one) for one, _ in pairs)


def single(clips: Heard, errors: float, rng: Random) -> float:
    """The word error rate of one good worker."""
    return word_errors(list(clips.said.values()), [clips.heard(name, errors, rng) for name in clips.said])


def checked(clips: Heard, errors: float, ratio: float, seed: int) -> Found:
    """What judges make of the clips."""
    check = df.Policy(overlap=3, speed=())
    return tried(clips, errors, seed, df.Policy(check=check, attempts=3, control_ratio=ratio, **FREE))


def table(name: str, errors: float, ratio: float, seeds: Sequence[int], draw: Callable[[Random], Heard]) -> None:
    """The rows of one crowd: judged, and by ROVER over what as much money buys."""
    ways: dict[str, list[Found]] = {"check": [], "merge": []}
    alone = []
    for seed in seeds:
        rng = Random(1000 + seed)
        clips = draw(rng)
        alone.append(single(clips, errors, rng))
        ways["check"].append(checked(clips, errors, ratio, seed))
        ways["merge"].append(merged_for(clips, errors, seed, ways["check"][-1].paid))
    for way, found in ways.items():
        print_row(name, way, found, fmean(alone))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the first of the seeds")
    parser.add_argument("--speech", metavar="FOLDER", type=Path, help="labels.csv and gold.csv")
    asked = parser.parse_args()
    count, seeds = asked.clips + CONTROL, range(asked.first, asked.first + asked.seeds)
    print(
        f"{asked.clips} clips, {CONTROL} of them known, {WORKERS} people, a fifth careless; load {getloadavg()[0]:.1f}"
    )
    print("crowd   way      words wrong  of single   right  confidence     gap  (each)         paid/item   CPU s")
    if asked.speech:
        table("real", 0.0, REAL_RATIO, seeds, lambda rng: Written.read(asked.speech, count, rng))
        return
    for errors, ratio in RATIO.items():
        table(f"{errors:.0%}", errors, ratio, seeds, lambda rng: Clips.drawn(count, rng))


def merged_for(clips: Heard, errors: float, seed: int, paid: float) -> Found:
    """ROVER over as many answers as so much money for an item buys, at least two."""
    once = tried(clips, errors, seed, df.Policy(quality="merge", overlap=1, **FREE))
    overlap = max(2, round(paid / once.paid))
    return tried(clips, errors, seed, df.Policy(quality="merge", overlap=overlap, control_similarity=0.7, **FREE))


def print_row(name: str, way: str, found: Sequence[Found], alone: float) -> None:
    """One row: means over the seeds, and from what to what the gaps are."""
    words, right, sure, paid, seconds = (
        fmean(values)
        for values in zip(
            *((one.words_wrong, one.right, one.confidence, one.paid, one.seconds) for one in found), strict=True
        )
    )
    gaps = [one.confidence - one.right for one in found]
    shares = f"{words:11.4f}  {words / alone:9.2f}  {right:6.3f}  {sure:10.3f}  {sure - right:+6.3f}"
    print(f"{name:6}  {way:7}  {shares}  {min(gaps):+.3f}…{max(gaps):+.3f}  {paid:9.4f}  {seconds:6.1f}", flush=True)


if __name__ == "__main__":
    main()
