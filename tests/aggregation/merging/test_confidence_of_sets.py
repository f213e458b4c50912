"""How sure merged shapes and spans are, judged by how alike they are to the truth in the eyes of their types."""

from random import Random
from typing import Any

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation.merging.base import Answers
from dataforge.registry import load

ITEMS, WORKERS, EACH = 150, 15, 3
TEXT = " ".join(f"word{number}" for number in range(40))


class Kind(df.Choice):
    CAT = "cat"
    DOG = "dog"


def shapes(form: str, rng: Random) -> Any:
    """A picture with one to six shapes."""
    found = []
    for _ in range(rng.randint(1, 6)):
        x, y, size = rng.uniform(20, 1000), rng.uniform(20, 800), rng.uniform(60, 160)
        corners = [[x, y], [x + size, y + size / 4], [x + size, y + size], [x, y + size]]
        written = {"box": [x, y, x + size, y + size], "point": [x, y], "points": corners}
        found.append({"label": rng.choice(["cat", "dog"]), form: written[form]})
    return {"width": 1280, "height": 1000, "shapes": found}


def spans(form: str, rng: Random) -> Any:
    starts = sorted(rng.sample(range(0, 40, 4), rng.randint(0, 4)))
    ends = [(TEXT.index(f"word{start}"), TEXT.index(f" word{start + 2}")) for start in starts]
    return [{"start": a, "end": b, "label": rng.choice(["cat", "dog"]), "text": TEXT[a:b]} for a, b in ends]


WORLDS = {
    "boxes": (df.Boxes(Kind), "box", shapes),
    "points": (df.Points(Kind), "point", shapes),
    "polygons": (df.Polygons(Kind), "points", shapes),
    "lines": (df.Lines(Kind), "points", shapes),
    "spans": (df.Spans(Kind, of="text"), "", spans),
}


@pytest.mark.parametrize("kind", WORLDS)
def test_merged_sets_are_better_than_a_good_workers_and_right_as_often_as_they_claim(kind: str) -> None:
    type_, form, draw = WORLDS[kind]
    rng = Random(11)
    skills = [0.7 if worker % 5 == 0 else 0.92 for worker in range(WORKERS)]
    truth = [draw(form, rng) for _ in range(ITEMS)]
    items = np.repeat(np.arange(ITEMS), EACH)
    workers = np.concatenate([rng.sample(range(WORKERS), EACH) for _ in range(ITEMS)])
    given = [
        type_.attempt(truth[item], skills[worker], rng, {"text": TEXT})
        for item, worker in zip(items.tolist(), workers.tolist(), strict=True)
    ]
    merged = load("merging", kind)(type_.settings()).merge(Answers(given, items, workers, ITEMS, WORKERS))
    alike = np.array([type_.similarity(one, other) for one, other in zip(merged.values, truth, strict=True)])
    good = [
        type_.similarity(value, truth[item])
        for value, item, worker in zip(given, items.tolist(), workers.tolist(), strict=True)
        if skills[worker] > 0.9
    ]
    assert alike.mean() > np.mean(good)
    assert merged.confidence.mean() == pytest.approx((alike >= 0.75).mean(), abs=0.06)
    assert merged.skills[::5].max() < np.median(merged.skills)
