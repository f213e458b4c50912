"""Tables of texts as arrays sorted by task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.tables.frames import Keyed, Kind, Table, encode, present, read
from dataforge.aggregation.tables.known import known_pairs
from dataforge.aggregation.tables.sorting import by_task, sorted_codes
from dataforge.aggregation.tables.values import ArrowValues, Values
from dataforge.errors import AggregationError

__all__ = ["TextAnswers", "embedded", "encoded_truths", "read_texts"]

Encoder = Callable[[str], Any]


@dataclass(frozen=True, slots=True, eq=False)
class TextAnswers:
    """Texts in the order of their tasks, and of the rows inside a task.

    `row[n]` is the row of answer n in the table, `text[n]` its place in `distinct`, `starts[t]` the first answer of
    task t. Tasks are sorted.
    """

    frame: nw.DataFrame[Any]
    kind: Kind
    row: Places
    text: Places
    starts: Places
    distinct: list[str]
    tasks: Values

    def by_task(self, texts: list[str]) -> Any:
        """One text per task."""
        if self.kind.is_pandas:
            import pandas as pd

            # A list would give an object column on pandas 2 and an empty one would be of floats.
            values: Any = (
                pd.array(texts, dtype=self.frame.to_native()["text"].dtype) if texts else pd.array([], dtype=str)
            )
            return self.kind.series(self.tasks, "task", values, "agg_text")
        import pyarrow as pa

        return self.kind.series(self.tasks, "task", ArrowValues(pa.array(texts, pa.large_string())), "agg_text")


def read_texts(data: Table, with_workers: bool = True) -> TextAnswers:
    """Answers of a table with the columns `task`, `worker` and `text`."""
    frame, kind = read(data, ["task", "worker", "text"] if with_workers else ["task", "text"])
    codes, tasks = sorted_codes(frame["task"])
    text = present(encode(frame["text"]), "text")
    distinct = text.values.to_list()
    others = {type(value).__name__ for value in distinct if not isinstance(value, str)}
    if others:
        raise AggregationError(f"column 'text' needs texts, got {', '.join(sorted(others))}")
    row, starts = by_task(codes, len(tasks))
    return TextAnswers(
        frame=frame,
        kind=kind,
        row=row,
        text=text.codes[row].astype(np.int64),
        starts=starts,
        distinct=distinct,
        tasks=tasks,
    )


def embedded(data: Table, encoder: Encoder) -> Any:
    """The answers with the columns `task`, `worker`, `output` and `embedding`; equal texts are encoded once."""
    answers = read_texts(data)
    vectors = [_encoded(text, encoder) for text in answers.distinct]
    unlike = [
        (text, vector) for text, vector in zip(answers.distinct, vectors, strict=True) if len(vector) != len(vectors[0])
    ]
    if unlike:
        text, vector = unlike[0]
        raise AggregationError(
            f"encoder needs to return vectors of one length, it returned {len(vectors[0])} numbers for "
            f"{_shortened(answers.distinct[0])} and {len(vector)} for {_shortened(text)}"
        )
    by_row = np.empty(len(answers.row), np.int64)
    by_row[answers.row] = answers.text
    frame = answers.frame.rename({"text": "output"})
    if answers.kind.is_pandas:
        column = np.empty(len(by_row), object)
        column[:] = [vectors[n] for n in by_row]
        return frame.to_native().assign(embedding=column)
    import pyarrow as pa

    embeddings = pa.array([vectors[n].tolist() for n in by_row], pa.list_(pa.float64()))
    native = pa.table({"embedding": embeddings})
    column_of = nw.from_native(native)["embedding"]
    if answers.kind.implementation.is_pyarrow():
        return frame.with_columns(column_of).to_native()
    other = nw.from_arrow(native, backend=answers.kind.implementation)  # type: ignore[arg-type]
    return nw.concat([frame, other], how="horizontal").to_native()


def encoded_truths(true_objects: Keyed | None, encoder: Encoder, data: Table) -> dict[Any, Any] | None:
    """The embedding of each task's true text."""
    if true_objects is None:
        return None
    _, kind = read(data, ["task"])
    keys, values = known_pairs(true_objects, "true_objects", kind)
    tasks, texts = keys.to_list(), values.to_list()
    for task, text in zip(tasks, texts, strict=True):
        if not isinstance(text, str):
            raise AggregationError(f"true_objects need texts, got {text!r} for the task {task!r}")
    return {task: _encoded(text, encoder) for task, text in zip(tasks, texts, strict=True)}


def _encoded(text: str, encoder: Encoder) -> Floats:
    """The embedding of a text."""
    given = encoder(text)
    try:
        vector = np.asarray(given, np.float64)
    except (TypeError, ValueError) as error:
        raise AggregationError(
            f"encoder needs to return a vector of numbers, it returned {type(given).__name__} for {_shortened(text)}"
        ) from error
    if vector.ndim != 1 or len(vector) == 0 or not np.isfinite(vector).all():
        what = f"the shape {vector.shape}" if vector.ndim != 1 or len(vector) == 0 else "NaN or infinity"
        raise AggregationError(
            f"encoder needs to return a vector of finite numbers, it returned {what} for {_shortened(text)}"
        )
    return vector


def _shortened(text: str) -> str:
    """The text, or its beginning, in quotes."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
