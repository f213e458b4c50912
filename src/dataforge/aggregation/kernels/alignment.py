"""Alignment of token sequences and the vote over them: integer codes only.

Codes are ranks: among tokens with the same number of votes the highest code wins, and 0 is the empty token. The
caller ranks tokens by (length, token), so that ties go to the longest and then to the last in the alphabet.
"""

from __future__ import annotations

from dataforge.aggregation.arrays import Codes
from dataforge.aggregation.kernels.passes.choice import Work, compiled_pays, passes

__all__ = ["vote_all"]

# A token is compared with those of the texts before it, in some ten slots, each in plain Python if not compiled.
SLOTS = 10
SLOT_TERMS = 1_000.0


def vote_all(tokens: Codes, text_ends: Codes, task_ends: Codes) -> tuple[Codes, Codes]:
    """Winning tokens of every task, one after another, and where each task's end, shape (n_tasks,).

    Text n is `tokens[text_ends[n - 1]:text_ends[n]]`; task t has the texts `task_ends[t - 1]` to `task_ends[t] - 1`.
    """
    return passes(compiled_pays(Work(len(tokens) * SLOTS, SLOT_TERMS))).aligned_votes(tokens, text_ends, task_ends)
