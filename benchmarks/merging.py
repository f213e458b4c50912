# ruff: noqa: E402 - the import path is mended first
"""How good, how sure, how fast merged answers are.

    python benchmarks/merging.py                       quality of each merger, and time and memory at two sizes
    python benchmarks/merging.py --types mask          quality of one of them
    python benchmarks/merging.py --wbf PYTHON          beside weighted box fusion, in an environment with ensemble-boxes
    python benchmarks/merging.py --speech FOLDER       on transcripts of speech: labels.csv and gold.csv

Simulated workers answer as the types say (`ObjectType.attempt`), and the types judge how alike two answers are. Times
are CPU seconds; each size runs in a process of its own, whose peak of memory is given with the answers and without.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
import csv
import json
import re
import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import dataforge as df
from dataforge.aggregation import ROVER
from dataforge.aggregation.merging.base import Answers, Merged, Merger
from dataforge.objects.base import ObjectType
from dataforge.registry import load

WIDTH, HEIGHT = 1920, 1080
SIZES = (10_000, 100_000)
MIB = 1 << 20
TEXT = " ".join(f"word{number}" for number in range(40))
SKILLS = [0.7 if worker % 5 == 0 else 0.92 for worker in range(25)]


class Kind(df.Choice):
    CAT = "cat"
    DOG = "dog"
    COW = "cow"


# --- quality of each merger ---------------------------------------------------------------------------------


class World(NamedTuple):
    """A type, right answers of it, and how alike to the right one an answer is that counts as right."""

    type: ObjectType
    draw: Callable[[Random], Any]
    right: float


def shapes(form: str) -> Callable[[Random], Any]:
    def draw(rng: Random) -> Any:
        found = []
        for _ in range(rng.randint(1, 8)):
            x, y, size = rng.uniform(0, WIDTH - 250), rng.uniform(0, HEIGHT - 250), rng.uniform(60, 240)
            corners = [[x, y], [x + size, y + size / 4], [x + size, y + size], [x, y + size]]
            written = {"box": [x, y, x + size, y + size], "point": [x, y], "points": corners}
            found.append({"label": rng.choice(["cat", "dog", "cow"]), form: written[form]})
        return {"width": WIDTH, "height": HEIGHT, "shapes": found}

    return draw


def spans(rng: Random) -> Any:
    starts = sorted(rng.sample(range(0, 40, 4), rng.randint(0, 5)))
    ends = [(TEXT.index(f"word{start}"), TEXT.index(f" word{start + 2}")) for start in starts]
    return [{"start": a, "end": b, "label": rng.choice(["cat", "dog", "cow"]), "text": TEXT[a:b]} for a, b in ends]


def painted(rng: Random) -> Any:
    """Up to three ellipses on a picture of 160 × 120."""
    codes = np.zeros((120, 160), np.uint8)
    y, x = np.mgrid[:120, :160]
    for _ in range(rng.randint(0, 3)):
        across, down = rng.uniform(20, 140), rng.uniform(20, 100)
        codes[((x - across) / rng.uniform(8, 35)) ** 2 + ((y - down) / rng.uniform(8, 35)) ** 2 < 1] = rng.randint(1, 3)
    return df.Mask(Kind).of_array(codes)


def words(rng: Random) -> str:
    return " ".join(f"w{rng.randrange(500)}" for _ in range(rng.randint(4, 12)))


WORLDS = {
    "text": World(df.Text(), words, 0.9),
    "boxes": World(df.Boxes(Kind), shapes("box"), 0.75),
    "points": World(df.Points(Kind), shapes("point"), 0.75),
    "polygons": World(df.Polygons(Kind), shapes("points"), 0.75),
    "lines": World(df.Lines(Kind), shapes("points"), 0.75),
    "mask": World(df.Mask(Kind), painted, 0.75),
    "spans": World(df.Spans(Kind, of="text"), spans, 0.75),
}


def quality(kinds: Sequence[str], items: int, each: int, seed: int) -> Iterator[str]:
    """Lines of the table: how good and how sure merged answers are, beside single ones and the most agreed with."""
    yield "type, answers | right | confidence | alike | good worker: right | alike | most like others: right | alike"
    for kind in kinds:
        world = WORLDS[kind]
        rng = Random(f"{kind} {seed}")
        truth = [world.draw(rng) for _ in range(items)]
        of = np.repeat(np.arange(items), each)
        by = np.concatenate([rng.sample(range(len(SKILLS)), each) for _ in range(items)])
        inputs = {"text": TEXT}
        given = [world.type.attempt(truth[i], SKILLS[w], rng, inputs) for i, w in zip(of, by, strict=True)]
        merged = merger(kind, world.type.settings()).merge(Answers(given, of, by, items, len(SKILLS)))
        like = world.type.similarity
        alike = [like(one, other) for one, other in zip(merged.values, truth, strict=True)]
        good = [like(given[n], truth[of[n]]) for n in range(len(given)) if SKILLS[by[n]] > 0.9]
        agreed = [like(most_agreed(given[i * each : (i + 1) * each], like), truth[i]) for i in range(items)]
        columns = (shares(one, world.right) for one in (good, agreed))
        right, mean = shares(alike, world.right)
        cells = [f"{right:.3f}", f"{np.nanmean(merged.confidence):.3f}", f"{mean:.3f}"]
        yield " | ".join([f"{kind}, {each}", *cells, *(f"{cell:.3f}" for pair in columns for cell in pair)])


def merger(kind: str, settings: dict[str, Any]) -> Merger:
    made: Merger = load("merging", kind)(settings)
    return made


def shares(alike: Sequence[float], least: float) -> tuple[float, float]:
    return float(np.mean(np.array(alike) >= least)), float(np.mean(alike))


def most_agreed(values: Sequence[Any], like: Callable[[Any, Any], float]) -> Any:
    """The answer that is most like the others."""
    return max(values, key=lambda one: sum(like(one, other) for other in values if other is not one))


# --- boxes beside weighted box fusion -----------------------------------------------------------------------


def pictures(images: int, seed: int = 0, workers: int = 30) -> tuple[Answers, list[Any]]:
    """Images with 10 objects and 3 answers: edges off by 5 % of the size, 10 % missed, 5 % invented; the true boxes."""
    rng = np.random.default_rng(seed)
    values, truth = [], []
    for _ in range(images):
        there = boxes(rng, 10)
        truth.append(there)
        for _ in range(3):
            off = rng.normal(0, 0.05, there.shape) * np.tile(there[:, 2:] - there[:, :2], 2)
            drawn = np.vstack([(there + off)[rng.random(10) >= 0.1], boxes(rng, rng.binomial(10, 0.05))])
            drawn = drawn.clip(0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
            found = [{"label": "cat", "box": box} for box in drawn.tolist()]
            values.append({"width": WIDTH, "height": HEIGHT, "shapes": found})
    by = np.concatenate([rng.choice(workers, 3, replace=False) for _ in range(images)])
    return Answers(values, np.repeat(np.arange(images), 3), by, images, workers), truth


def boxes(rng: np.random.Generator, count: int) -> Any:
    size = rng.uniform(40, 250, (count, 2))
    corner = rng.random((count, 2)) * ([WIDTH, HEIGHT] - size)
    return np.hstack([corner, corner + size])


def found_boxes(found: Sequence[Any], truth: Sequence[Any]) -> tuple[float, float]:
    """F1 of boxes that have half in common with a true one, over all images, and what those have in common."""
    from scipy.optimize import linear_sum_assignment

    hits, shared, drawn, there = 0, 0.0, 0, 0
    for mine, real in zip(found, truth, strict=True):
        one, other = np.array(mine, float).reshape(-1, 1, 4), np.asarray(real)
        sides = np.minimum(one[..., 2:], other[:, 2:]) - np.maximum(one[..., :2], other[:, :2])
        common = sides.clip(0).prod(-1)
        areas = [(each[..., 2:] - each[..., :2]).prod(-1) for each in (one, other)]
        overlap = common / (areas[0] + areas[1] - common)
        best = overlap[linear_sum_assignment(-overlap)]
        hits, shared = hits + int((best >= 0.5).sum()), shared + float(best[best >= 0.5].sum())
        drawn, there = drawn + len(one), there + len(other)
    return 2 * hits / (drawn + there), shared / hits


# Runs where ensemble-boxes is installed: boxes of each image from 0 to 1 in, fused ones and CPU seconds out.
FUSION = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from ensemble_boxes import weighted_boxes_fusion as fuse
images = json.load(sys.stdin)
seconds = []
for _ in range(4):
    start, found = time.process_time(), []
    for lists in images:
        ones = [[1.0] * len(one) for one in lists]
        fused, scores, _ = fuse(lists, ones, [[0] * len(one) for one in lists], iou_thr=0.55)
        found.append(fused[scores > 0.34].tolist())
    seconds.append(time.process_time() - start)
json.dump({"found": found, "seconds": min(seconds)}, sys.stdout)
"""


def beside_fusion(python: str) -> Iterator[str]:
    """Lines of the table: 1,000 images merged here and by weighted box fusion, of which two of three must see a box."""
    task, truth = pictures(1_000)
    size = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])
    lists = [[(np.array(shape["box"]) / size).tolist() for shape in value["shapes"]] for value in task.values]
    images = [lists[start : start + 3] for start in range(0, len(lists), 3)]
    reply = subprocess.run(
        [python, "-c", FUSION], input=json.dumps(images), stdout=subprocess.PIPE, text=True, check=True
    )
    fused = json.loads(reply.stdout)
    seconds, merged = timed(lambda: merger("boxes", {}).merge(task), times=8)
    mine = [[shape["box"] for shape in value["shapes"]] for value in merged.values]
    theirs = [np.array(found).reshape(-1, 4) * size for found in fused["found"]]
    yield "1,000 images x 3 x 10 boxes | F1 | IoU | CPU s | times as fast"
    for name, found, spent in (("merged", mine, seconds), ("weighted box fusion", theirs, fused["seconds"])):
        f1, overlap = found_boxes(found, truth)
        yield f"{name} | {f1:.3f} | {overlap:.3f} | {spent:.3f} | {fused['seconds'] / spent:.1f}"


def timed(work: Callable[[], Merged], times: int) -> tuple[float, Merged]:
    """The least CPU seconds that it took, and what came out."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        merged = work()
        seconds.append(time.process_time() - start)
    return min(seconds), merged


# --- time and memory ----------------------------------------------------------------------------------------


def texts(items: int, seed: int = 0) -> Answers:
    """Texts of 8 words, each of 5 workers with one word of ten wrong."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(rng.integers(5_000, size=(items, 8)), 5, axis=0)
    said = np.where(rng.random(truth.shape) < 0.1, rng.integers(5_000, size=truth.shape), truth)
    values = [" ".join([f"w{number}" for number in row]) for row in said.tolist()]
    return Answers(values, np.repeat(np.arange(items), 5), rng.integers(500, size=5 * items), items, 500)


def one_size(kind: str, items: int) -> str:
    """The line of one size, as a process of its own prints it."""
    task = texts(items) if kind == "text" else pictures(items, workers=500)[0]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    seconds, merged = timed(lambda: merger(kind, {}).merge(task), times=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    memory = f"{peak / MIB:,.0f} | {(peak - before) / items / 1024:.1f}"
    return f"{kind} | {items:,} | {seconds:.1f} | {memory} | {np.nanmean(merged.confidence):.3f}"


def scale(sizes: Sequence[int]) -> Iterator[str]:
    """Lines of the table: CPU seconds and memory by the number of items."""
    yield "type | items | CPU s | peak MB | KB/item of merging | confidence"
    for kind in ("boxes", "text"):
        for items in sizes:
            asked = [sys.executable, __file__, "--one", kind, str(items)]
            yield subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


# --- transcripts --------------------------------------------------------------------------------------------


def speech(folder: Path) -> Iterator[str]:
    """Lines of two tables: word error rates by the number of answers, and right shares by confidence."""
    truth = {row["task"]: plain(row["label"]) for row in table(folder / "gold.csv")}
    rows = [
        (row["task"], row["worker"], plain(row["text"])) for row in table(folder / "labels.csv") if row["task"] in truth
    ]
    tasks, workers = sorted(truth), sorted({worker for _, worker, _ in rows})
    order = np.random.default_rng(0).permutation(len(rows)).tolist()
    yield f"answers | merged: word error rate | ROVER | single | right | confidence, {len(tasks):,} texts"
    tables = []
    for each in (2, 3, 5, 7):
        taken: dict[str, list[int]] = {}
        for number in order:
            taken.setdefault(rows[number][0], []).append(number)
        chosen = [rows[number] for numbers in taken.values() for number in numbers[:each]]
        answers = Answers(
            [text for _, _, text in chosen],
            np.array([tasks.index(task) for task, _, _ in chosen]),
            np.array([workers.index(worker) for _, worker, _ in chosen]),
            len(tasks),
            len(workers),
        )
        merged = merger("text", {}).merge(answers)
        given = pd.DataFrame(chosen, columns=["task", "worker", "text"])
        rover = ROVER(tokenizer=str.split, detokenizer=" ".join).fit_predict(given)
        errors = np.array([word_errors(value, truth[task]) for value, task in zip(merged.values, tasks, strict=True)])
        length = np.array([len(truth[task].split()) for task in tasks])
        right = errors <= 0.1 * length
        others = [
            sum(word_errors(text, truth[task]) for task, text in pairs)
            / sum(len(truth[task].split()) for task, _ in pairs)
            for pairs in (list(dict(rover).items()), [(task, text) for task, _, text in chosen])
        ]
        rates = [errors.sum() / length.sum(), *others, right.mean(), merged.confidence.mean()]
        yield " | ".join([str(each), *(f"{rate:.3f}" for rate in rates)])
        tables.append((each, merged.confidence, right))
    yield "\nanswers | confidence, right, texts of each part"
    for each, confidence, right in tables:
        part = np.digitize(confidence, [0.2, 0.4, 0.6, 0.8, 0.95])
        cells = [(confidence[part == n], right[part == n]) for n in range(6) if (part == n).any()]
        yield " | ".join([str(each), *(f"{sure.mean():.2f}, {so.mean():.2f}, {len(so)}" for sure, so in cells)])


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    """Words in small letters, without signs: what transcripts are compared by."""
    return " ".join(re.sub(r"[^\w' ]+", " ", text.casefold()).split())


def word_errors(text: str, truth: str) -> int:
    one, other = text.split(), truth.split()
    row = list(range(len(other) + 1))
    for place, word in enumerate(one, 1):
        above, row = row, [place]
        for column, against in enumerate(other, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (word != against)))
    return row[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wbf", metavar="PYTHON", help="an interpreter that has ensemble-boxes")
    parser.add_argument("--speech", metavar="FOLDER", type=Path, help="labels.csv and gold.csv")
    parser.add_argument("--types", nargs="+", choices=WORLDS, help="only how good merged answers of these types are")
    parser.add_argument("--items", type=int, default=300, help="items of each merger's quality")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="items of the second table")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(one_size(asked.one[0], int(asked.one[1])))
        return
    tables = [quality(asked.types or list(WORLDS), asked.items, each, seed=1) for each in (2, 3, 5)]
    tables += [beside_fusion(asked.wbf)] if asked.wbf else []
    tables += [speech(asked.speech)] if asked.speech else []
    tables += [] if asked.types else [scale([int(size) for size in asked.sizes.split(",")])]
    for lines in tables:
        for line in lines:
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
