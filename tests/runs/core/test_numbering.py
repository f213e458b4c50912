"""The order in which items go to workers."""

from hashlib import blake2b

import numpy as np

from dataforge.runs.core.numbering import shuffled

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
