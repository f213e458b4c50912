"""Items that need not be asked, for the answers to them are known: they are left out of those that are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from dataforge.catalogue import say
from dataforge.data.items import Items
from dataforge.data.rows import same_as_first
from dataforge.data.tables import stacked
from dataforge.errors import DataError
from dataforge.records import Texts

__all__ = ["looks_of", "without", "without_known"]


def looks_of(inputs: Mapping[str, Any]) -> bytes:
    """What workers see of an item; an input that is null looks like one left out."""
    return msgspec.json.encode({name: value for name, value in inputs.items() if value is not None}, order="sorted")


def without_known(real: Items, control: Items | None, training: Iterable[Items | None] = ()) -> Items:
    """The items to ask that are neither control nor training items, with a notice of how many were left out.

    Raises `DataError` if there is nothing to ask then.
    """
    known = set(_same(real, control))
    taught = {row for items in training for row in _same(real, items)}
    if not known | taught:
        return real
    left = without(real, known | taught)
    if not left.real_count:
        count = real.real_count
        raise DataError(f"{real.name}: nothing is left to ask, for the answers to all items ({count}) are known")
    return replace(left, notices=(*left.notices, _left_out(real.name, len(known), len(taught - known))))


def without(items: Items, rows: Iterable[int]) -> Items:
    """The items without those of these rows; messages go on to say where the others came from."""
    kept = np.setdiff1d(np.arange(items.count), np.array(sorted(rows), np.int64)).tolist()
    return items.chosen(kept)


def _same(real: Items, known: Items | None) -> Iterator[int]:
    """The rows of items to ask that are among the known ones."""
    if known is None or not known.count:
        return iter(())
    rows = same_as_first(stacked([known.values, real.values]), known.count)
    return (row - known.count for row in rows if not real.control[row - known.count])


def _left_out(name: str, known: int, taught: int) -> Texts:
    return say("known_not_asked", name=name, number=known + taught, known=known, taught=taught)
