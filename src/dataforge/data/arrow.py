"""Arrow arrays made without `pa.array`, and read without `to_numpy`: both load pandas, which takes half a second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["held_truths", "numbers", "texts", "truths"]


def texts(values: Sequence[str | None]) -> pa.LargeStringArray:
    """The array of texts, absent where None. Raises `UnicodeEncodeError` for half of a surrogate pair."""
    pieces = [b"" if value is None else value.encode() for value in values]
    ends = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)), out=ends[1:])
    there = None
    if None in values:
        there = _bits(np.fromiter((value is not None for value in values), np.bool_, len(pieces)))
    buffers = [there, pa.py_buffer(ends), pa.py_buffer(b"".join(pieces))]
    return pa.Array.from_buffers(pa.large_string(), len(pieces), buffers)


def numbers(values: NDArray[np.int64]) -> pa.Int64Array:
    """The array of whole numbers; shares their memory if that is in one piece."""
    content = pa.py_buffer(np.ascontiguousarray(values, np.int64))
    return pa.Array.from_buffers(pa.int64(), len(values), [None, content])


def truths(values: NDArray[np.bool_]) -> pa.BooleanArray:
    """The array of truth values."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])


def held_truths(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """The truth values of a column that lacks none."""
    bytes_ = np.from_dlpack(column.cast(pa.uint8()).combine_chunks())
    return bytes_.astype(np.bool_)


def _bits(values: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(values, bitorder="little"))
