"""Codes of many short texts, where that pays."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Places
from dataforge.aggregation.kernels.passes.choice import Work, compiled_pays, loads

__all__ = ["sorted_codes"]

# What the dictionary encoding of a table's library costs above the compiled one, in numbers added up.
TEXT_TERMS = 15.0


def sorted_codes(offsets: NDArray[Any], data: NDArray[Any]) -> tuple[Codes, Places, NDArray[Any]] | None:
    """Code of each text in sorted order; the distinct texts in that order: their offsets, from 0 on, and their bytes.

    Text i is `data[offsets[i]:offsets[i + 1]]`, of at most 15 bytes. None where others encode the texts as well.
    """
    if not compiled_pays(Work(len(offsets) - 1, TEXT_TERMS)) or not loads():
        return None
    from dataforge.aggregation.kernels.passes.compiled import short_texts

    found: tuple[Codes, Places, NDArray[Any]] = short_texts.sorted_codes(offsets, data)
    return found
