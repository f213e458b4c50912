"""Tables of masks, one task at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw
import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.masks import MaskConsensus
from dataforge.aggregation.tables.frames import Keyed, Kind, Table, read
from dataforge.aggregation.tables.labels import numbers_by
from dataforge.aggregation.tables.sorting import by_task, sorted_codes
from dataforge.aggregation.tables.values import PandasValues, Values
from dataforge.errors import AggregationError

__all__ = ["MaskAnswers", "MissingSkill", "Solved", "read_masks", "skills_of_rows", "solve"]

MissingSkill = Literal["error", "ignore", "value"]


@dataclass(frozen=True, slots=True, eq=False)
class MaskAnswers:
    """Masks in the order of their tasks: `row[n]` is the row of answer n, `starts[t]` the first answer of task t."""

    masks: list[Any]
    kind: Kind
    row: Places
    worker: Places
    starts: Places
    tasks: Values
    workers: Values

    def by_task(self) -> Iterator[tuple[int, int, tuple[int, ...], Flags]]:
        """First and last answer of each task, the shape of its masks, and the masks as rows of pixels."""
        ends = np.append(self.starts, len(self.row))[1:]
        for number, (start, end) in enumerate(zip(self.starts.tolist(), ends.tolist(), strict=True)):
            masks = [_as_mask(self.masks[n]) for n in self.row[start:end]]
            shapes = {mask.shape for mask in masks}
            if len(shapes) > 1:
                name = self.tasks.take(np.array([number])).to_list()[0]
                shown = ", ".join(map(str, sorted(shapes)))
                raise AggregationError(f"task {name!r}: masks need to have one shape, got {shown}")
            yield start, end, masks[0].shape, np.stack(masks).reshape(len(masks), -1)


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The consensus of each task, tasks sorted, with the shapes of the masks; skills are by answer."""

    answers: MaskAnswers
    found: tuple[MaskConsensus, ...]
    shapes: tuple[tuple[int, ...], ...]

    def segmentations(self) -> Any:
        """The mask of each task."""
        masks = [one.mask.reshape(shape) for one, shape in zip(self.found, self.shapes, strict=True)]
        return self._series(masks, "agg_segmentation")

    def probabilities(self) -> Any:
        """The probability of each pixel of each task."""
        maps = [one.probability.reshape(shape) for one, shape in zip(self.found, self.shapes, strict=True)]
        return self._series(maps, "agg_probability")

    def skills(self) -> Any:
        """Mean skill of each worker over the tasks."""
        total = np.concatenate([one.skills for one in self.found]) if self.found else np.zeros(0)
        n = len(self.answers.workers)
        mean = np.bincount(self.answers.worker, total, n) / np.maximum(np.bincount(self.answers.worker, minlength=n), 1)
        return self.answers.kind.series(self.answers.workers, "worker", mean, "skill")

    def history(self) -> list[float]:
        """What the last task's iterations were stopped by."""
        return list(self.found[-1].history) if self.found else []

    def n_iter(self) -> int:
        """The most iterations that a task took."""
        return max((one.n_iter for one in self.found), default=0)

    def converged(self) -> bool:
        """Whether every task's iterations reached the tolerance."""
        return all(one.converged for one in self.found)

    def _series(self, arrays: list[Any], name: str) -> Any:
        tasks = self.answers.tasks
        if isinstance(tasks, PandasValues):
            column = np.empty(len(arrays), object)
            for n, array in enumerate(arrays):
                column[n] = array
            return self.answers.kind.series(tasks, "task", column, name)
        import pyarrow as pa

        table = pa.table({"task": tasks.array, name: pa.array([array.tolist() for array in arrays])})  # type: ignore[attr-defined]
        if self.answers.kind.implementation.is_pyarrow():
            return table
        return nw.from_arrow(table, backend=self.answers.kind.implementation).to_native()  # type: ignore[arg-type]


def read_masks(data: Table) -> MaskAnswers:
    """Answers of a table with the columns `task`, `worker` and `segmentation`."""
    frame, kind = read(data, ["task", "worker", "segmentation"])
    task, tasks = sorted_codes(frame["task"])
    worker, workers = sorted_codes(frame["worker"])
    row, starts = by_task(task, len(tasks))
    return MaskAnswers(
        masks=frame["segmentation"].to_list(),
        kind=kind,
        row=row,
        worker=worker[row],
        starts=starts,
        tasks=tasks,
        workers=workers,
    )


def _as_mask(given: Keyed | None) -> Flags:
    """A mask of booleans; zeros and ones of any type are taken for them."""
    if given is None:
        raise AggregationError("column 'segmentation' needs a mask in every row, got None")
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise AggregationError(f"column 'segmentation' needs rectangular masks: {error}") from error
    if array.ndim == 0:
        raise AggregationError(f"column 'segmentation' needs a mask in every row, got {given!r}")
    if array.dtype == np.bool_:
        return array
    if array.dtype.kind not in "iuf" or not ((array == 0) | (array == 1)).all():
        raise AggregationError(
            f"column 'segmentation' needs masks of booleans, or of zeros and ones, got others of type {array.dtype}"
        )
    return array.astype(np.bool_)


def skills_of_rows(
    answers: MaskAnswers, skills: Keyed, on_missing: MissingSkill, default: float | None
) -> tuple[Floats, Flags]:
    """The skill of each answer's worker, and whether the answer is kept."""
    if on_missing not in ("error", "ignore", "value"):
        raise AggregationError(f"on_missing_skill needs to be 'error', 'ignore' or 'value', got {on_missing!r}")
    if (default is not None) != (on_missing == "value"):
        raise AggregationError(
            f"default_skill goes with on_missing_skill='value', and only with it; got {default!r} with {on_missing!r}"
        )
    found = numbers_by(answers.workers, skills, "skills", answers.kind)[answers.worker]
    wrong = found[(found < 0) | np.isinf(found)]
    if len(wrong):
        raise AggregationError(f"skills need to be finite and 0 or more, got {float(wrong[0])!r}")
    missing = np.isnan(found)
    if default is not None:
        return np.where(missing, default, found), np.ones(len(found), np.bool_)
    if on_missing == "error" and missing.any():
        raise AggregationError(
            f"skills need every worker, {int(missing.sum())} answers have none; choose another on_missing_skill"
        )
    emptied = np.add.reduceat((~missing).astype(np.int64), answers.starts) == 0 if len(answers.starts) else missing
    if emptied.any():
        raise AggregationError(f"skills need one worker of every task at least, {int(emptied.sum())} tasks have none")
    return found, ~missing


def solve(
    answers: MaskAnswers,
    method: Callable[[Flags, int, int], MaskConsensus],
    on_task: Callable[[int, float], None] | None = None,
) -> Solved:
    """The consensus of each task by a method of (masks, first answer, last answer).

    `on_task` is called with the number of finished tasks and their share of all.
    """
    found, shapes = [], []
    for start, end, shape, masks in answers.by_task():
        found.append(method(masks, start, end))
        shapes.append(shape)
        if on_task is not None:
            on_task(len(found), len(found) / len(answers.starts))
    return Solved(answers, tuple(found), tuple(shapes))
