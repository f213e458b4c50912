"""Known answers have to be about the tasks that were answered, and to say one thing of each."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.tables.frames import Keyed, Kind, encode, pairs
from dataforge.aggregation.tables.values import Series, Values
from dataforge.errors import AggregationError

__all__ = ["known_pairs", "need_a_common_task"]


def need_a_common_task(tasks: Values, known: Series, what: str = "known answers") -> None:
    """An error if there are answers and known answers, but no task has both: then ids are likely of other types."""
    if len(tasks) == 0 or len(known) == 0 or (tasks.locate(known) >= 0).any():
        return
    answered = tasks.take(np.zeros(1, np.int64)).to_list()[0]
    raise AggregationError(
        f"{what} need ids of tasks that have answers, got none: they are for tasks such as {known.to_list()[0]!r}, "
        f"answers are to tasks such as {answered!r}; give ids as the answers have them, "
        "and what is known of tasks to come with partial_fit"
    )


def known_pairs(known: Keyed, what: str, like: Kind) -> tuple[Series, Series]:
    """Tasks and what is known of each, as `pairs` gives them; an error if two different things are known of one."""
    tasks, values = pairs(known, what, like)
    codes = encode(tasks).codes
    order = np.argsort(codes, kind="stable")
    again = order[1:][(codes[order[1:]] == codes[order[:-1]]) & (codes[order[1:]] >= 0)]
    if len(again):
        given, said = tasks.to_list(), values.to_list()
        first: dict[int, Any] = {}
        for place in order[codes[order] >= 0]:
            if not _alike(said[place], first.setdefault(int(codes[place]), said[place])):
                raise AggregationError(
                    f"{what} need one value each, got {first[int(codes[place])]!r} and {said[place]!r} "
                    f"for {given[place]!r}; keep one of them"
                )
    return tasks, values


def _alike(one: Any, other: Any) -> bool:
    return one is other or np.array_equal(one, other)
