# ruff: noqa: E402 - the import path is mended first
"""What is claimed against what is right: merged answers of each type, and answers that other workers judge.

    python benchmarks/calibration.py --save docs/images/calibration.svg
    python benchmarks/calibration.py --speech FOLDER       transcripts of a real crowd as well: labels.csv and gold.csv

Simulated workers answer; of the items 100 are known, as control items are in a run, and all others are held out: what
was claimed of them is compared with what is right.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path[0] = sys.path[0].rpartition("/")[0]

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from benchmarks.merging import SKILLS, TEXT, WORLDS, Kind, plain, table
from benchmarks.transcripts import CONTROL, FREE, RATIO, Clips, finished
from numpy.typing import NDArray

import dataforge as df
from dataforge.aggregation.kernels.calibration import Calibration, calibrated
from dataforge.aggregation.merging.base import Answers
from dataforge.objects.base import ObjectType
from dataforge.registry import load

KNOWN = 100
ANSWERS = (2, 3, 5)
BINS = np.linspace(0.0, 1.0, 11)
SIDE, GAP, COLUMNS = 150, 46, 4
COLOURS = ("#c77d2e", "#2f7d5b", "#39639d")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Claims:
    """What was claimed of held-out items, and whether it is right."""

    name: str
    claimed: Floats
    right: NDArray[np.bool_]

    @property
    def gap(self) -> float:
        """How much more is claimed than is right, on average."""
        return float(self.claimed.mean() - self.right.mean())

    def bins(self) -> Iterator[tuple[float, float, int]]:
        """What is claimed, what is right, and how many there are, by tenths of confidence."""
        place = np.clip(np.digitize(self.claimed, BINS) - 1, 0, len(BINS) - 2)
        for number in np.unique(place).tolist():
            of = place == number
            yield float(self.claimed[of].mean()), float(self.right[of].mean()), int(of.sum())

    @property
    def error(self) -> float:
        """The expected calibration error, over tenths of confidence."""
        return sum(abs(claimed - right) * count for claimed, right, count in self.bins()) / len(self.claimed)


# --- merged answers -----------------------------------------------------------------------------------------


def several(rng: Random) -> list[str]:
    return [kind.value for kind in Kind if rng.random() < 0.4]


def ranking(rng: Random) -> list[str]:
    return rng.sample("abcde", 5)


def segments(rng: Random) -> list[dict[str, Any]]:
    starts = sorted(rng.sample(range(0, 60, 6), rng.randint(1, 5)))
    return [{"start": at, "end": at + rng.uniform(1, 5), "label": rng.choice(["cat", "dog", "cow"])} for at in starts]


TYPES: dict[str, tuple[ObjectType, Callable[[Random], Any]]] = {
    **{name: (world.type, world.draw) for name, world in WORLDS.items()},
    "segments": (df.Segments(Kind), segments),
    "number": (df.Number(low=0, high=100), lambda rng: rng.uniform(0, 100)),
    "several": (df.Several(Kind), several),
    "ranking": (df.Ranking(*"abcde"), ranking),
}


def merged(name: str, items: int, each: int, seed: int) -> Claims:
    """Claims of a merger about simulated answers."""
    kind, draw = TYPES[name]
    rng = Random(f"{name} {seed}")
    truth = [draw(rng) for _ in range(items)]
    of = np.repeat(np.arange(items), each)
    by = np.concatenate([rng.sample(range(len(SKILLS)), each) for _ in range(items)])
    given = [kind.attempt(truth[i], SKILLS[w], rng, {"text": TEXT}) for i, w in zip(of, by, strict=True)]
    return held_out(f"{each} answers", kind, Answers(given, of, by, items, len(SKILLS)), truth, KNOWN)


def held_out(name: str, kind: ObjectType, answers: Answers, truth: Sequence[Any], known: int) -> Claims:
    """Claims about all items but the first, which are known: these tell skills, and how far claims can be believed."""
    merger = load("merging", kind.name)(kind.settings())
    told = Answers(
        answers.values, answers.items, answers.workers, answers.item_count, answers.worker_count,
        dict(enumerate(truth[:known])),
    )  # fmt: skip

    def claims(skills: Floats, of: slice) -> tuple[Floats, NDArray[np.bool_]]:
        found = merger.merge(answers, skills)
        sure = found.confidence.astype(np.float64)[of]
        alike = [kind.similarity(one, other) for one, other in zip(found.values[of], truth[of], strict=True)]
        there = ~np.isnan(sure)
        return sure[there], np.array(alike)[there] >= merger.right - 1e-9

    # As a run does: tried under skills that were learnt without what is known.
    sure, right = claims(merger.merge(answers).skills, slice(known)) if known else (np.zeros(0), np.zeros(0, bool))
    trust: Calibration = calibrated(sure, right, np.ones(len(sure)), merger.beforehand)
    sure, right = claims(merger.merge(told).skills, slice(known, None))
    return Claims(name, trust.of(sure), right)


def speech(folder: Path) -> Iterator[Claims]:
    """Claims about transcripts of a real crowd, three answers each, with and without known ones."""
    truth = {row["task"]: plain(row["label"]) for row in table(folder / "gold.csv")}
    # On the other half was learnt what texts are worth where none is known.
    truth = {task: text for task, text in truth.items() if int(sha256(task.encode()).hexdigest(), 16) % 2}
    rows = [row for row in table(folder / "labels.csv") if row["task"] in truth]
    order = np.random.default_rng(0).permutation(len(rows)).tolist()
    taken: dict[str, list[dict[str, str]]] = {}
    for number in order:
        taken.setdefault(rows[number]["task"], []).append(rows[number])
    tasks = list(taken)
    chosen = [row for task in tasks for row in taken[task][:3]]
    workers = {worker: place for place, worker in enumerate(sorted({row["worker"] for row in chosen}))}
    place = {task: number for number, task in enumerate(tasks)}
    answers = Answers(
        [plain(row["text"]) for row in chosen],
        np.array([place[row["task"]] for row in chosen]),
        np.array([workers[row["worker"]] for row in chosen]),
        len(tasks),
        len(workers),
    )
    for known in (0, KNOWN):
        yield held_out(f"{known} known", df.Text(), answers, [truth[task] for task in tasks], known)


# --- judged answers -----------------------------------------------------------------------------------------


def judged(errors: float, clips: int, seed: int) -> Claims:
    """Claims about transcripts that other workers judge."""
    drawn = Clips.drawn(clips + CONTROL, Random(1000 + seed))
    policy = df.Policy(check=df.Policy(overlap=3, speed=()), attempts=3, control_ratio=RATIO[errors], **FREE)
    labels, _ = finished(drawn, errors, seed, policy)
    right = [answer == drawn.said[clip] for clip, answer in zip(labels["clip"], labels["answer"], strict=True)]
    there = labels["confidence"].notna().to_numpy()
    return Claims(f"{errors:.0%} wrong words", labels["confidence"].to_numpy(float)[there], np.array(right)[there])


# --- the picture --------------------------------------------------------------------------------------------


def panel(title: str, of: Sequence[Claims]) -> str:
    """A square with its diagonal: to the right what is claimed, upwards what is right, points as large as many."""
    shapes = [
        f'<text x="0" y="-8" font-weight="600">{escape(title)}</text>',
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
        f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0" stroke="#333" stroke-dasharray="4 4"/>',
    ]
    for place, (claims, colour) in enumerate(zip(of, COLOURS, strict=False)):
        for claimed, right, count in claims.bins():
            size = 2 + 7 * np.sqrt(count / len(claims.claimed))
            note = f"{claims.name}: claimed {claimed:.2f}, right {right:.2f}, {count} items"
            shapes.append(
                f'<circle cx="{claimed * SIDE:.1f}" cy="{SIDE - right * SIDE:.1f}" r="{size:.1f}" fill="{colour}" '
                f'fill-opacity="0.75"><title>{escape(note)}</title></circle>'
            )
        at = f'x="{SIDE - 5}" y="{SIDE - 6 - 13 * (len(of) - 1 - place)}" text-anchor="end"'
        shapes.append(f'<text {at} fill="{colour}">{escape(claims.name)}</text>')
    for share in (0.0, 0.5, 1.0):
        shapes.append(f'<text x="{share * SIDE}" y="{SIDE + 14}" text-anchor="middle" fill="#555">{share:g}</text>')
        shapes.append(f'<text x="-5" y="{SIDE - share * SIDE + 4}" text-anchor="end" fill="#555">{share:g}</text>')
    return "".join(shapes)


def picture(panels: Sequence[tuple[str, Sequence[Claims]]]) -> str:
    """All panels."""
    rows = -(-len(panels) // COLUMNS)
    width, height = COLUMNS * (SIDE + GAP) + GAP // 2, rows * (SIDE + GAP) + GAP // 2
    placed = [
        f'<g transform="translate({GAP * 3 // 4 + place % COLUMNS * (SIDE + GAP)} '
        f'{GAP * 3 // 4 + place // COLUMNS * (SIDE + GAP)})">{panel(title, of)}</g>'
        for place, (title, of) in enumerate(panels)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="11" role="img" aria-label="Share of right answers over confidence">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(placed)}</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=600, help="items of each merger")
    parser.add_argument("--clips", type=int, default=300, help="clips that are transcribed and judged")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speech", metavar="FOLDER", type=Path, help="labels.csv and gold.csv")
    parser.add_argument("--save", metavar="FILE", type=Path, help="write the picture there, an SVG")
    asked = parser.parse_args()
    panels: list[tuple[str, list[Claims]]] = []
    print("what | claimed | right | gap | expected calibration error | items")
    for title, work in [
        *((name, [lambda n=name, e=each: merged(n, asked.items, e, asked.seed) for each in ANSWERS]) for name in TYPES),
        ("judged texts", [lambda e=errors: judged(e, asked.clips, asked.seed) for errors in RATIO]),
    ]:
        panels.append((title, [one() for one in work]))
        show(*panels[-1])
    if asked.speech:
        panels.append(("CrowdSpeech, 3 answers", list(speech(asked.speech))))
        show(*panels[-1])
    if asked.save:
        asked.save.write_text(picture(panels), encoding="utf-8")


def show(title: str, of: Sequence[Claims]) -> None:
    for one in of:
        means = f"{one.claimed.mean():.3f} | {one.right.mean():.3f} | {one.gap:+.3f} | {one.error:.3f}"
        print(f"{title}, {one.name} | {means} | {len(one.claimed):,}", flush=True)


if __name__ == "__main__":
    main()
