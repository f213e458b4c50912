"""Alignment of token sequences and the vote over them.

Codes are ranks: among tokens with the same number of votes the highest code wins, and 0 is the empty token.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dataforge.aggregation.arrays import Codes

__all__ = ["aligned_votes"]

EMPTY = 0


def aligned_votes(tokens: Codes, text_ends: Codes, task_ends: Codes) -> tuple[Codes, Codes]:
    """Winning tokens of every task, one after another, and where each task's end, shape (n_tasks,)."""
    flat = tokens.tolist()
    bounds = [0, *text_ends.tolist()]
    texts = [flat[start:end] for start, end in pairwise(bounds)]
    tasks = [0, *task_ends.tolist()]
    results = [_vote(texts[start:end]) for start, end in pairwise(tasks)]
    ends = np.cumsum([len(result) for result in results], dtype=np.int32)
    return np.array([code for result in results for code in result], np.int32), ends


def _vote(texts: list[list[int]]) -> list[int]:
    """Tokens that most texts have at the same place, empty ones left out (ROVER: Fiscus, 1997).

    Texts are aligned one after another with a row of slots; a slot counts the tokens that the texts so far put there.
    """
    slots: list[dict[int, int]] = []
    for seen, text in enumerate(texts):
        slots = _align(slots, text, seen)
    winners = [max((count, token) for token, count in slot.items())[1] for slot in slots]
    return [token for token in winners if token != EMPTY]


def _align(slots: list[dict[int, int]], text: list[int], seen: int) -> list[dict[int, int]]:
    """Slots after one more text was aligned with them at the least cost.

    A token costs nothing in a slot that has it and 1 in one that has not; leaving a slot out costs 1 unless some text
    left it out before; a new slot costs 1. Of equal costs a token in the slot is preferred, then leaving out.
    """
    if seen == 0:
        return [{token: 1} for token in text]
    n, m = len(text), len(slots)
    cost = [list(range(m + 1))] + [[row] + [0] * m for row in range(1, n + 1)]
    for i, token in enumerate(text, start=1):
        above, here = cost[i - 1], cost[i]
        for j, slot in enumerate(slots, start=1):
            here[j] = min(above[j - 1] + (token not in slot), here[j - 1] + (EMPTY not in slot), above[j] + 1)
    aligned = []
    i, j = n, m
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (text[i - 1] not in slots[j - 1]):
            i, j = i - 1, j - 1
            slot, token = slots[j], text[i]
        # The first row and column count every step as 1, whatever the slots hold.
        elif j and (i == 0 or cost[i][j] == cost[i][j - 1] + (EMPTY not in slots[j - 1])):
            j -= 1
            slot, token = slots[j], EMPTY
        else:
            i -= 1
            slot, token = {EMPTY: seen}, text[i]
        aligned.append({**slot, token: slot.get(token, 0) + 1})
    aligned.reverse()
    return aligned
