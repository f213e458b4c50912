"""Workers' parameters on the disk: what a fit found, without the probabilities, which follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.consensus.base import Consensus
from dataforge.durable import put_in_place

__all__ = ["fit_arrays", "fit_of", "load_fits", "save_fits"]

PARTS = ("skills", "confusion", "prior")


def save_fits(folder: Path, name: str, before: str, fits: Sequence[Consensus | None]) -> None:
    """Write one fit per output into a file that appears whole or not at all; all older ones but `before` go."""
    arrays: dict[str, NDArray[np.float64]] = {}
    for output, fit in enumerate(fits):
        arrays |= {f"{part}{output}": array for part, array in fit_arrays(fit).items()}
    aside = folder / f"{name}.part"
    with open(aside, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    # The log will say that it is there.
    put_in_place(aside, folder / name)
    for old in folder.glob("parameters-*.npz"):
        if old.name not in (name, before):
            old.unlink(missing_ok=True)


def load_fits(path: Path, outputs: int) -> list[Consensus | None] | None:
    """The fits of a file, None for an output that had none; None if the file is not there or damaged."""
    try:
        with np.load(path) as arrays:
            return [
                fit_of({part: arrays[f"{part}{output}"] for part in PARTS if f"{part}{output}" in arrays})
                for output in range(outputs)
            ]
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
