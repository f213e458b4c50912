"""Workers' parameters on the disk: what a fit found, without the probabilities, which follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.consensus.base import Consensus
from dataforge.durable import put_in_place
from dataforge.runs.core.columns import Arrays

__all__ = ["fit_arrays", "fit_of", "load_fits", "of_fit", "part_of", "save_fits"]

PARTS = ("skills", "confusion", "prior")


def save_fits(folder: Path, name: str, before: str, arrays: Arrays) -> None:
    """Write what a fit found into a file that appears whole or not at all; all older ones but `before` go."""
    aside = folder / f"{name}.part"
    with open(aside, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    # The log will say that it is there.
    put_in_place(aside, folder / name)
    for old in folder.glob("parameters-*.npz"):
        if old.name not in (name, before):
            old.unlink(missing_ok=True)


def load_fits(path: Path) -> Arrays | None:
    """What `save_fits` wrote; None if the file is not there or damaged."""
    try:
        with np.load(path) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, BadZipFile):
        return None


def fit_arrays(fit: Consensus | None) -> dict[str, NDArray[np.float64]]:
    """What a fit says of workers and labels; nothing of one that is not there."""
    if fit is None:
        return {}
    return {part: array for part in PARTS if (array := getattr(fit, part)) is not None}


def fit_of(arrays: Mapping[str, NDArray[Any]]) -> Consensus | None:
    """The fit of these arrays, without probabilities; None if there was none."""
    if "skills" not in arrays:
        return None
    return Consensus(np.zeros((0, 0)), arrays["skills"], confusion=arrays.get("confusion"), prior=arrays.get("prior"))


def part_of(arrays: Arrays, part: str | int) -> dict[str, NDArray[Any]]:
    """Those of the arrays that are of a part: of the workers, or of the output of that number."""
    start = f"{part}."
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}


def of_fit(found: NDArray[Any], numbers: NDArray[np.integer], new: float | bool) -> NDArray[Any]:
    """What the last fit found of these workers or pages; `new` of those that came later."""
    values = np.full(len(numbers), new, found.dtype)
    there = numbers < len(found)
    values[there] = found[numbers[there]]
    return values
