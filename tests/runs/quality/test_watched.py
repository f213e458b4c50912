"""Who shares mistakes is of a ring, but where nobody knows what a mistake is."""

from __future__ import annotations

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.hierarchical_dawid_skene import PLUGIN as BY_DEFAULT
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.pages import Pages
from dataforge.runs.core.responses import Responses as OfRun
from dataforge.runs.quality._doubt import Coded
from dataforge.runs.quality._watched import forget, watch
from dataforge.runs.quality._workers import Workers


@pytest.mark.parametrize(
    ("camps", "ring"),
    [
        (False, [0, 0, 0]),
        # Three voices against four: nobody knows which of them are mistaken.
        (True, [-1, -1, -1]),
    ],
)
def test_of_two_camps_in_dispute_nobody_is_said_to_share_mistakes(camps: bool, ring: list[int]) -> None:
    rng = np.random.default_rng(1)
    right, guess = rng.integers(3, size=(2, 90))
    item, worker = np.divmod(np.arange(90 * 15), 15)
    label = np.where(rng.random(len(item)) < 0.9, right[item], rng.integers(3, size=len(item)))
    label = np.where(worker >= 12, guess[item], label)
    codes = (column.astype(np.int32) for column in (item, worker, label))
    coded = Coded(Responses(*codes, 90, 15, 3), np.arange(90))
    workers = Workers()
    workers.checks.grow(15)
    forget(workers)
    if camps:
        workers.camp[12:], workers.camp[:4], workers.voices = 1, 0, np.array([4.0, 3.0])
    watch(workers, OfRun(Numbering("salt"), Pages()), [(coded, BY_DEFAULT.fit(coded.answers))])
    assert workers.ring.tolist() == [*[-1] * 12, *ring]
