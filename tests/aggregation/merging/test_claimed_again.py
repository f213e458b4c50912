"""What is claimed follows from the answers and from what was learnt, not from when an item is looked at."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation.merging.base import Answers, Merger
from dataforge.registry import load
from dataforge.runs.quality._fits import load_fits, of_fit, save_fits

SIZE = (160, 120)


class Animal(df.Choice):
    CAT = "cat"
    DOG = "dog"


KINDS = {"boxes": df.Boxes(Animal), "mask": df.Mask(Animal), "points": df.Points(Animal)}


def true(kind: str, rng: Random) -> Any:
    """Up to three things on a picture."""
    things = [(rng.uniform(0, 110), rng.uniform(0, 70), rng.choice(list(Animal))) for _ in range(rng.randint(0, 3))]
    if kind == "mask":
        codes = np.zeros(SIZE[::-1], np.uint8)
        for x, y, label in things:
            codes[int(y) : int(y) + 40, int(x) : int(x) + 40] = 1 + list(Animal).index(label)
        return KINDS[kind].of_array(codes)  # type: ignore[attr-defined]
    form = (lambda x, y: {"box": [x, y, x + 40, y + 40]}) if kind == "boxes" else (lambda x, y: {"point": [x, y]})
    shapes = [{"label": str(label.value), **form(x, y)} for x, y, label in things]
    return {"width": SIZE[0], "height": SIZE[1], "shapes": shapes}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_answers_are_claimed_alike_by_a_fit_and_after_it(kind: str, tmp_path: Path) -> None:
    rng, items, each = Random(4), 40, 2
    truth = [true(kind, rng) for _ in range(items)]
    of, by = np.repeat(np.arange(items), each), np.concatenate([rng.sample(range(9), each) for _ in range(items)])
    given = [KINDS[kind].attempt(truth[n], 0.75 + 0.02 * w, rng, {}) for n, w in zip(of, by, strict=True)]
    merger: Merger = load("merging", kind)(KINDS[kind].settings())
    fitted = merger.merge(Answers(given, of, by, items, 9))
    kept = load_fits(tmp_path, save_fits(tmp_path, 1, "", {"merged.answer": fitted.under}))
    assert kept is not None
    # Somebody who came after the fit has no part in these items.
    learnt = of_fit(kept["merged.answer"], np.arange(10), np.nan)
    again = merger.merge(Answers(given, of, by, items, 10), learnt)
    assert again.values == fitted.values
    assert again.confidence.tolist() == fitted.confidence.tolist()
    # One item alone, as a refresh has it.
    there = np.flatnonzero(of == 7)
    alone = merger.merge(Answers([given[n] for n in there], of[there] * 0, by[there], 1, 9), fitted.under)
    assert alone.values == fitted.values[7:8]
    assert alone.confidence[0] == pytest.approx(fitted.confidence[7], abs=1e-6)
    assert len(set(np.round(fitted.confidence, 3))) > 3, "or all are alike anyway"
