"""Tables of outputs with embeddings as arrays sorted by task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.embeddings import closest
from dataforge.aggregation.tables.frames import Keyed, Kind, Table, read
from dataforge.aggregation.tables.known import known_pairs, need_a_common_task
from dataforge.aggregation.tables.sorting import by_task, sorted_codes
from dataforge.aggregation.tables.values import ArrowValues, Values
from dataforge.errors import AggregationError

__all__ = ["EmbeddedAnswers", "as_number", "known_embeddings", "matrix_of", "read_embeddings"]


# Products of two squared lengths are formed, which need to stay finite.
LARGEST = 1e70


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedAnswers:
    """Answers in the order of their tasks, and of the rows inside a task.

    `row[n]` is the row of answer n in the table, `starts[t]` the first answer of task t. Tasks and workers are sorted.
    """

    frame: nw.DataFrame[Any]
    kind: Kind
    row: Places
    task: Places
    worker: Places
    starts: Places
    embeddings: Floats
    tasks: Values
    workers: Values

    def outputs(self) -> list[Any]:
        """The outputs in the order of the answers."""
        rows = self.frame["output"].to_list()
        return [rows[n] for n in self.row]

    def vectors(self, matrix: Floats) -> Any:
        """Rows of a matrix as a column of embeddings."""
        if not self.kind.is_pandas:
            import pyarrow as pa

            flat = pa.array(np.ascontiguousarray(matrix).ravel())
            return ArrowValues(pa.FixedSizeListArray.from_arrays(flat, matrix.shape[1]))
        column = np.empty(len(matrix), object)
        column[:] = list(matrix)
        return column

    def by_task(self, matrix: Floats, name: str) -> Any:
        """One embedding per task."""
        return self.kind.series(self.tasks, "task", self.vectors(matrix), name)

    def by_worker(self, values: Floats, name: str) -> Any:
        """One number per worker."""
        return self.kind.series(self.workers, "worker", values, name)

    def best(self, scores: Floats) -> Any:
        """The output with the least score of each task and its embedding, tasks sorted."""
        rows = self.row[closest(scores, self.starts)]
        return self._indexed(self.frame[rows.tolist()].select("task", "output", "embedding"))

    def scored(self, scores: Floats) -> Any:
        """Every answer's output, score and embedding, in the order of the table."""
        by_row = np.empty(len(scores))
        by_row[self.row] = scores
        column = nw.new_series("score", by_row, backend=self.kind.implementation)  # type: ignore[arg-type]
        frame = self.frame.select("task", "output", "embedding")
        if self.kind.is_pandas:
            native = frame.to_native().assign(score=by_row)[["task", "output", "score", "embedding"]]
            return native.set_index("task")
        return frame.with_columns(column).select("task", "output", "score", "embedding").to_native()

    def _indexed(self, frame: nw.DataFrame[Any]) -> Any:
        native = frame.to_native()
        return native.set_index("task") if self.kind.is_pandas else native


def read_embeddings(data: Table) -> EmbeddedAnswers:
    """Answers of a table with the columns `task`, `worker`, `output` and `embedding`."""
    frame, kind = read(data, ["task", "worker", "output", "embedding"])
    task, tasks = sorted_codes(frame["task"])
    worker, workers = sorted_codes(frame["worker"])
    row, starts = by_task(task, len(tasks))
    matrix = matrix_of(frame["embedding"], "column 'embedding'")
    return EmbeddedAnswers(
        frame=frame,
        kind=kind,
        row=row,
        task=task[row],
        worker=worker[row],
        starts=starts,
        embeddings=matrix[row],
        tasks=tasks,
        workers=workers,
    )


def matrix_of(series: nw.Series[Any], what: str) -> Floats:
    """Embeddings of one length as a matrix, shape (n_rows, width)."""
    if len(series) == 0:
        return np.zeros((0, 0))
    if not series.implementation.is_pandas():
        flat = _flat_lists(series.to_arrow())
        if flat is not None and flat.size % len(series) == 0:
            return _check_finite(flat.reshape(len(series), -1), what)
    rows = series.to_list()
    try:
        shapes = {np.shape(row) for row in rows}
        matrix = np.array(rows) if len(shapes) == 1 else None
        if matrix is not None and not np.iscomplexobj(matrix):
            matrix = matrix.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise AggregationError(f"{what} needs vectors of numbers in every row: {error}") from error
    if matrix is None or matrix.ndim != 2 or matrix.shape[1] == 0:
        came = ", ".join(map(str, sorted(shapes)[:5]))
        raise AggregationError(f"{what} needs vectors of one length in every row, got the shapes {came}")
    if np.iscomplexobj(matrix):
        raise AggregationError(f"{what} needs vectors of real numbers in every row, got complex ones")
    return _check_finite(matrix, what)


def _flat_lists(column: Any) -> Floats | None:
    """The numbers of an Arrow column of lists of one length, one after another; None if it is something else."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nested = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if column.null_count or not any(is_kind(column.type) for is_kind in nested):
        return None
    lengths = pc.min_max(pc.list_value_length(column)).as_py()
    if lengths["min"] != lengths["max"]:
        return None
    numbers = pc.list_flatten(column)
    if numbers.null_count or len(numbers) == 0:
        return None
    return np.asarray(numbers.cast(pa.float64()).to_numpy(), np.float64)


def _check_finite(matrix: Floats, what: str) -> Floats:
    """The matrix, if it has no NaN, no infinity and nothing near it."""
    fits = np.abs(matrix) <= LARGEST
    if not fits.all():
        rows = np.flatnonzero(~fits.all(axis=1))
        raise AggregationError(
            f"{what} needs finite numbers, up to {LARGEST:g}; row {int(rows[0])} has others ({len(rows)} in all)"
        )
    return matrix


def as_number(value: Any, what: str) -> float:
    """What a function of the caller's returned, if it is a number."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise AggregationError(f"{what} needs to return a number, it returned {type(value).__name__}") from error
    if np.isnan(number):
        raise AggregationError(f"{what} needs to return a number, it returned NaN")
    return number


def known_embeddings(
    given: Keyed | None, answers: EmbeddedAnswers, what: str = "true_embeddings", *, early: bool = False
) -> tuple[Places, Floats] | None:
    """Places of the tasks that have a given embedding, and those embeddings; tasks without answers are left out.

    All of them may be without answers if they are `early`, of tasks to come.
    """
    if given is None:
        return None
    keys, values = known_pairs(given, what, answers.kind)
    if len(keys) == 0:
        return None
    matrix = matrix_of(values, what)
    width = answers.embeddings.shape[1]
    if len(answers.row) and matrix.shape[1] != width:
        raise AggregationError(f"{what} need the length of the answers' embeddings, {width}, got {matrix.shape[1]}")
    if not early:
        need_a_common_task(answers.tasks, keys, what)
    places = answers.tasks.locate(keys)
    there = places >= 0
    return (places[there], matrix[there]) if there.any() else None
