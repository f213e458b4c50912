"""What control items show of workers, told to the platform for runs to come. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dataforge.records import Learn
from dataforge.runs.core.log import Order
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["learnt"]

CONTROLLED = "control:"
"""What the id of a task is prefixed by in the name of the skill that its control items show."""
FIRST = 10
"""The platform hears of a worker from so many control items on."""
MORE = 2
"""And again when they are so many times those that it was told of: a few times of each, however many there are."""


def learnt(state: RunState, task: str) -> Iterator[Order]:
    """What is to be told of workers with new pages; once the run closes, of all of whom something else was told."""
    records: Iterable[WorkerRecord] = state.workers
    if state.closing is None:
        numbers = sorted({state.pages.worker[page] for page in state.to_judge})
        several = map(state.workers.__getitem__, numbers)
        records = [record for record in several if record.control_total >= max(FIRST, MORE * record.learnt[1])]
    shown = {record.id: (record.control_correct, record.control_total) for record in records if _differs(record)}
    if shown and task:
        # The same may be told again, after something else was.
        yield Learn(f"{state.cursor}-{state.corrections.taken}", f"{CONTROLLED}{task}", shown)


def _differs(record: WorkerRecord) -> bool:
    return record.learnt != (record.control_correct, record.control_total)
