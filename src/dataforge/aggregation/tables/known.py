"""Known answers have to be about the tasks that were answered."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.tables.values import Series, Values
from dataforge.errors import AggregationError

__all__ = ["need_a_common_task"]


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
