"""Distinct values of a column, in the order of their codes: as a pandas index or as an Arrow array."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import TYPE_CHECKING, Any, Protocol, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Places
from dataforge.errors import AggregationError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "ArrowValues",
    "PandasValues",
    "Places",
    "Series",
    "Values",
    "arrow_array",
    "as_series",
    "merged",
    "plain",
    "ranked",
    "type_names",
    "values_of",
]

Series = nw.Series[Any]


class Values(Protocol):
    """The distinct values of a column, in the order of their codes."""

    def __len__(self) -> int: ...

    def take(self, places: NDArray[Any]) -> Values:
        """The values at these places, which may repeat."""
        ...

    def order(self, *, mixed: bool = False) -> Places:
        """The places of the values in sorted order; a categorical column keeps the order of its categories.

        Where they may be `mixed`, numbers come before values of other types, and those type by type.
        """
        ...

    def locate(self, wanted: Series) -> Places:
        """The place of each wanted value, -1 where it is not among them."""
        ...

    def extended(self, more: Series) -> Values:
        """These values, followed by those of `more` that are not among them."""
        ...

    def to_list(self) -> list[Any]:
        """The values as Python objects."""
        ...


@dataclass(frozen=True, slots=True)
class PandasValues:
    """Distinct values as a pandas index, so that results keep the column's type."""

    index: pd.Index[Any]
    sorted: bool = False

    def __len__(self) -> int:
        return len(self.index)

    def take(self, places: NDArray[Any]) -> PandasValues:
        """The values at these places, which may repeat."""
        return PandasValues(self.index.take(places))

    def order(self, *, mixed: bool = False) -> Places:
        """The places of the values in sorted order."""
        if self.sorted:
            return np.arange(len(self.index))
        if _is_arrow(self.index.dtype):
            return _sorted_places(arrow_array(self.index))
        try:
            return np.asarray(self.index.argsort(), np.int64)
        except TypeError as error:
            if mixed:
                return _by_type(self.to_list())
            raise _not_comparable(self.to_list()) from error

    def locate(self, wanted: Series) -> Places:
        """The place of each wanted value, -1 where it is not among them."""
        import pandas as pd

        index = pd.Index(wanted.to_pandas())
        if isinstance(index.dtype, pd.CategoricalDtype):
            index = index.astype(index.dtype.categories.dtype)
        return np.asarray(self.index.get_indexer(index), np.int64)

    def extended(self, more: Series) -> PandasValues:
        """These values, followed by those of `more` that are not among them."""
        import pandas as pd

        other = pd.Index(more.to_pandas()).dropna().unique()
        if isinstance(other.dtype, pd.CategoricalDtype):
            other = other.astype(other.dtype.categories.dtype)
        new = other[self.index.get_indexer(other) < 0]
        return self if len(new) == 0 else PandasValues(self.index.append(new))

    def to_list(self) -> list[Any]:
        """The values as Python objects."""
        return list(self.index.tolist())


@dataclass(frozen=True, slots=True)
class ArrowValues:
    """Distinct values as an Arrow array: for every kind of table but pandas."""

    array: pa.Array
    sorted: bool = False

    def __len__(self) -> int:
        return len(self.array)

    def take(self, places: NDArray[Any]) -> ArrowValues:
        """The values at these places, which may repeat."""
        return ArrowValues(self.array.take(_positions(places)))

    def order(self, *, mixed: bool = False) -> Places:
        """The places of the values in sorted order; an Arrow array holds values of one type."""
        return np.arange(len(self.array)) if self.sorted else _sorted_places(self.array)

    def locate(self, wanted: Series) -> Places:
        """The place of each wanted value, -1 where it is not among them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        array = plain(wanted.to_arrow())
        try:
            found = pc.index_in(array.cast(self.array.type), value_set=self.array)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return np.full(len(array), -1, np.int64)
        return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)

    def extended(self, more: Series) -> ArrowValues:
        """These values, followed by those of `more` that are not among them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        other = pc.drop_null(pc.unique(plain(more.to_arrow())))
        new = other.filter(pc.invert(pc.is_in(other.cast(self.array.type), value_set=self.array)))
        return self if len(new) == 0 else ArrowValues(pa.concat_arrays([self.array, new.cast(self.array.type)]))

    def to_list(self) -> list[Any]:
        """The values as Python objects."""
        return list(self.array.to_pylist())


def values_of(values: Values) -> PandasValues:
    """The values as a pandas index, which they are when a pandas table came in."""
    if isinstance(values, PandasValues):
        return values
    import pandas as pd

    return PandasValues(pd.Index(values.to_list()))


def as_series(values: Values) -> Series:
    """Distinct values as a column, to look up in those of another table."""
    if isinstance(values, PandasValues):
        return nw.from_native(values.index.to_series(), series_only=True)
    import pyarrow as pa

    assert isinstance(values, ArrowValues)
    return cast(Series, nw.from_native(pa.chunked_array([values.array]), series_only=True))


def ranked(values: Values, *, mixed: bool = False) -> tuple[Places, Values]:
    """The place of each value in sorted order, and the values in that order: the same object if they are so already.

    Values of several types are an error unless they may be `mixed`, as ids may: the numbers of a crowd beside the names
    of models. Labels may not, as 1 and "1" are hardly meant to be two.
    """
    order = values.order(mixed=mixed)
    places = np.arange(len(order))
    if np.array_equal(order, places):
        return places, values
    rank = np.empty_like(places)
    rank[order] = places
    return rank, values.take(order)


def merged(one: Values, two: Values, *, mixed: bool = False) -> tuple[Values, Places, Places]:
    """The values of both in sorted order, and the new code of each value of the one and of the other."""
    whole = one.extended(as_series(two))
    rank, in_order = ranked(whole, mixed=mixed)
    return in_order, rank[: len(one)], rank[whole.locate(as_series(two))]


def _is_arrow(dtype: object) -> bool:
    import pandas as pd

    return isinstance(dtype, pd.StringDtype | pd.ArrowDtype)


def arrow_array(series: pd.Series[Any] | pd.Index[Any]) -> pa.Array:
    """A pandas Series or Index of text, or of an Arrow type, as an Arrow array."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(series.dtype, pd.StringDtype) or series.dtype == object:
        return pa.array(series.array, type=pa.large_string(), from_pandas=True)
    return pa.array(series.array, from_pandas=True)


def plain(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """An Arrow array in one piece and without a dictionary."""
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _positions(places: NDArray[Any]) -> pa.Array:
    import pyarrow as pa

    return pa.array(np.ascontiguousarray(places))


def _sorted_places(array: pa.Array) -> Places:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return np.asarray(pc.sort_indices(array).to_numpy(), np.int64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError) as error:
        raise _not_comparable(array.to_pylist()) from error


def _by_type(values: Sequence[Any]) -> Places:
    """The places of values of several types: numbers first, then type by type."""
    key = [("" if isinstance(value, Number) else type(value).__name__, value) for value in values]
    try:
        return np.array(sorted(range(len(key)), key=key.__getitem__), np.int64)
    except TypeError as error:
        raise _not_comparable(values) from error


def _not_comparable(values: Sequence[Any]) -> AggregationError:
    return AggregationError(
        f"values of one column need to be of one type, got {type_names(values)}; convert them, for example to str"
    )


def type_names(values: Iterable[Any]) -> str:
    """The types of some values, for an error."""
    return ", ".join(sorted({type(value).__name__ for value in values}))
