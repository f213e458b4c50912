"""Who draws what others drew, to the last digit, is one voice; who only draws well is not."""

from random import Random

import numpy as np
import pytest

from dataforge.aggregation.radar.copies import copied_drawings
from dataforge.aggregation.radar.rings import Ring

ITEMS = 12


def found(honest: int, copying: int, *, items: int = ITEMS, grid: float = 0.0, seed: int = 1) -> list[Ring]:
    """What is found where so many draw two shapes of each item by themselves, and so many send the same two.

    On a `grid` those who draw by themselves hit on the same with this probability.
    """
    rng = Random(seed)
    item, worker, drawn = [], [], []
    for place in range(items):
        sent = frozenset(f"{place} sent {number}".encode() for number in range(2))
        for who in range(honest + copying):
            own = (b"%d seen" % place if rng.random() < grid else rng.randbytes(8) for _ in range(2))
            item.append(place)
            worker.append(who)
            drawn.append(frozenset(own) if who < honest else sent)
    return copied_drawings(np.array(item), np.array(worker), drawn)


@pytest.mark.parametrize("honest", [1, 2, 4])
def test_two_who_send_the_same_shapes_are_one_voice_beside_others(honest: int) -> None:
    [ring] = found(honest, 2)
    assert ring.workers == (honest, honest + 1)


def test_more_accounts_than_there_are_others_are_one_voice_as_well() -> None:
    [ring] = found(2, 4)
    assert ring.workers == (2, 3, 4, 5)


@pytest.mark.parametrize("grid", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_people_who_draw_by_themselves_are_nobodys_copy_however_coarse_the_grid(grid: float) -> None:
    assert not any(found(5, 0, items=200, grid=grid, seed=seed) for seed in range(5))


def test_a_few_items_show_nothing() -> None:
    assert found(3, 2, items=2) == []


def test_who_draws_nothing_copies_nobody() -> None:
    nothing = [frozenset[bytes]()] * 60
    assert copied_drawings(np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20), nothing) == []
