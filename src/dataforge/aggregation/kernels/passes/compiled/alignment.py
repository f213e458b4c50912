"""Alignment of token sequences and the vote over them, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.

from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels.passes.compiled.primitives import jit

__all__ = ["aligned_votes"]

EMPTY = 0


@jit
def _place(held, count, size, slot, token):
    """Index of a token in a slot, -1 if it is not there."""
    for k in range(size[slot]):
        if held[slot, k] == token:
            return k
    return -1


@jit
def _add(held, count, size, slot, token, votes):
    """Give a token votes in a slot."""
    k = _place(held, count, size, slot, token)
    if k < 0:
        k = size[slot]
        held[slot, k] = token
        count[slot, k] = 0
        size[slot] = k + 1
    count[slot, k] += votes


@jit
def _least_costs(cost, held, count, size, used, text, n):
    """Fill the table of least costs of aligning the first i tokens with the first j slots."""
    for j in range(used + 1):
        cost[0, j] = j
    for i in range(1, n + 1):
        cost[i, 0] = i
        token = text[i - 1]
        for j in range(1, used + 1):
            best = cost[i - 1, j - 1] + (_place(held, count, size, j - 1, token) < 0)
            skip = cost[i, j - 1] + (_place(held, count, size, j - 1, EMPTY) < 0)
            if skip < best:
                best = skip
            new = cost[i - 1, j] + 1
            if new < best:
                best = new
            cost[i, j] = best


@jit
def _vote_task(tokens, starts, ends, cost, held, count, size, next_held, next_count, next_size, out):
    """Winning tokens of one task, written to `out`; returns how many."""
    used = 0
    for seen in range(len(starts)):
        text = tokens[starts[seen] : ends[seen]]
        n = len(text)
        _least_costs(cost, held, count, size, used, text, n)
        # The way back gives the slots from the last to the first; they are written from the far end.
        i, j = n, used
        at = n + used
        while i > 0 or j > 0:
            at -= 1
            next_size[at] = 0
            kind = 2
            if (
                i > 0
                and j > 0
                and cost[i, j] == cost[i - 1, j - 1] + (_place(held, count, size, j - 1, text[i - 1]) < 0)
            ):
                kind = 0
            elif j > 0 and (i == 0 or cost[i, j] == cost[i, j - 1] + (_place(held, count, size, j - 1, EMPTY) < 0)):
                kind = 1
            if kind == 2:
                if seen > 0:
                    _add(next_held, next_count, next_size, at, EMPTY, seen)
            else:
                for k in range(size[j - 1]):
                    _add(next_held, next_count, next_size, at, held[j - 1, k], count[j - 1, k])
            _add(next_held, next_count, next_size, at, EMPTY if kind == 1 else text[i - 1], 1)
            if kind != 1:
                i -= 1
            if kind != 2:
                j -= 1
        length = n + used - at
        for slot in range(length):
            size[slot] = next_size[at + slot]
            for k in range(size[slot]):
                held[slot, k] = next_held[at + slot, k]
                count[slot, k] = next_count[at + slot, k]
        used = length
    written = 0
    for slot in range(used):
        best, votes = held[slot, 0], count[slot, 0]
        for k in range(1, size[slot]):
            if count[slot, k] > votes or (count[slot, k] == votes and held[slot, k] > best):
                best, votes = held[slot, k], count[slot, k]
        if best != EMPTY:
            out[written] = best
            written += 1
    return written


@jit
def aligned_votes(tokens, text_ends, task_ends):
    """Winning tokens of every task, and where each task's end."""
    n_tasks = len(task_ends)
    out = np.empty(len(tokens), np.int32)
    ends = np.empty(n_tasks, np.int32)
    written = 0
    text_starts = np.empty(len(text_ends), np.int64)
    for n in range(len(text_ends)):
        text_starts[n] = text_ends[n - 1] if n > 0 else 0
    for t in range(n_tasks):
        first = task_ends[t - 1] if t > 0 else 0
        last = task_ends[t]
        slots = 1
        longest = 0
        for n in range(first, last):
            length = text_ends[n] - text_starts[n]
            slots += length
            longest = max(longest, length)
        kinds = last - first + 2
        cost = np.empty((longest + 1, slots + 1), np.int32)
        held = np.empty((slots, kinds), np.int32)
        count = np.empty((slots, kinds), np.int32)
        size = np.zeros(slots, np.int32)
        next_held = np.empty((slots, kinds), np.int32)
        next_count = np.empty((slots, kinds), np.int32)
        next_size = np.zeros(slots, np.int32)
        written += _vote_task(
            tokens,
            text_starts[first:last],
            text_ends[first:last],
            cost,
            held,
            count,
            size,
            next_held,
            next_count,
            next_size,
            out[written:],
        )
        ends[t] = written
    return out[:written], ends
