"""The order in which items go to workers."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import numpy as np

from dataforge.runs.core.numbering import Numbering, shuffled

MASK = 2**64 - 1


def split_mix(seed: int, count: int) -> list[int]:
    """SplitMix64 as its authors wrote it down, one number after another."""
    found = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        mixed = seed
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        found.append(mixed ^ (mixed >> 31))
    return found


def test_the_order_is_that_of_a_generator_written_down_here_so_that_old_logs_name_the_same_items_for_ever() -> None:
    # The first output for the seed 0 is the one of the reference implementation.
    assert split_mix(0, 1) == [0xE220A8397B1DCDAF]
    ranks = split_mix(int.from_bytes(blake2b(b"salt", digest_size=8).digest(), "big"), 9)
    control = np.array([False, True, False, False, True, False, False, False, True])
    assert shuffled(control, "salt").tolist() == sorted(range(9), key=lambda item: (not control[item], ranks[item]))


def test_rows_that_came_sorted_are_mixed_over_the_whole() -> None:
    order = shuffled(np.zeros(10_000, bool), "salt")
    assert sorted(order.tolist()) == list(range(10_000))
    first_pages = np.bincount(order[:200] // 1_000, minlength=10)
    # Each tenth of the rows gives 20 of the first 200 items, give or take 4.2 (hypergeometric).
    assert 4 <= first_pages.min() <= first_pages.max() <= 36


class Keys:
    """Keys that are made as they are read, as those of a table are."""

    def __init__(self, start: int, count: int) -> None:
        self.numbers = range(start, start + count)

    def __iter__(self) -> Iterator[str]:
        return (f"r{number}" for number in self.numbers)


def part(start: int, count: int) -> Any:
    """Items of a run that are fed."""
    return SimpleNamespace(
        keys=Keys(start, count),
        count=count,
        control=np.zeros(count, bool),
        control_count=0,
    )


def test_whoever_asks_for_keys_at_once_with_others_finds_each_once() -> None:
    """Keys that were read twice gave all later ones a wrong number, in the thread that drives the run, too."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(20):
                numbering, ready = Numbering("salt"), Barrier(4)
                for start in range(0, 2_000, 20):
                    numbering.grow(part(start, 20))

                def look(numbering: Numbering = numbering, ready: Barrier = ready) -> int:
                    ready.wait()
                    return len(numbering.keys)

                list(threads.map(lambda look: look(), [look] * 4))
                assert numbering.keys == [f"r{number}" for number in range(2_000)]
                assert numbering.index["r1999"] == 1_999
    finally:
        sys.setswitchinterval(before)
