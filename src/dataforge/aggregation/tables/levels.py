"""The order of labels that has to be known: a scale of texts has none of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np

from dataforge.aggregation.arrays import Places
from dataforge.aggregation.tables.frames import Kind, as_column, encode
from dataforge.aggregation.tables.values import Series, Values
from dataforge.errors import AggregationError

__all__ = ["placed", "refuse_unordered"]


def refuse_unordered(labels: Values, column: Series, what: str) -> None:
    """Raise if the labels are texts that nobody put in order: their alphabetical one says nothing."""
    texts = [label for label in labels.to_list() if isinstance(label, str)]
    if len(texts) > 2 and not _is_ordered(column):
        raise AggregationError(
            f"{what} needs labels in an order, and the alphabet puts {texts[0]!r} before {texts[1]!r}; name them from "
            "the least to the greatest: levels=[...], or make the column an ordered categorical"
        )


def _is_ordered(column: Series) -> bool:
    """Whether a categorical of pandas has an order, or categories in another one than the alphabet's."""
    if not column.implementation.is_pandas() or column.dtype not in (nw.Categorical, nw.Enum):
        return False
    categories = column.to_native().cat
    return bool(categories.ordered) or list(categories.categories) != sorted(categories.categories)


def placed(labels: Values, levels: Sequence[Any], kind: Kind) -> tuple[Places, Values]:
    """The place of each label among the levels, and the levels."""
    scale = encode(as_column("label", list(levels), kind)).values
    if len(scale) != len(levels):
        raise AggregationError(f"levels need to differ from each other, got {list(levels)!r}")
    order = {level: place for place, level in enumerate(levels)}
    unknown = [label for label in labels.to_list() if label not in order]
    if unknown:
        raise AggregationError(f"labels {unknown!r} are not among the levels {list(levels)!r}")
    in_order = scale.take(np.array([scale.to_list().index(level) for level in levels], np.int64))
    return np.array([order[label] for label in labels.to_list()], np.int64), in_order
