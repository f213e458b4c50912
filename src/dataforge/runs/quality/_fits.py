"""Workers' parameters on the disk: what a fit found, without the probabilities, which follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.consensus.base import Consensus

__all__ = ["load_fits", "save_fits"]


def save_fits(folder: Path, name: str, before: str, fits: Sequence[Consensus | None]) -> None:
    """Write one fit per output into a file that appears whole or not at all; all older ones but `before` go."""
    arrays: dict[str, NDArray[np.float64]] = {}
    for output, fit in enumerate(fits):
        if fit is not None:
            parts = {"skills": fit.skills, "confusion": fit.confusion, "prior": fit.prior}
            arrays |= {f"{part}{output}": array for part, array in parts.items() if array is not None}
    aside = folder / f"{name}.part"
    with open(aside, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    aside.replace(folder / name)
    for old in folder.glob("parameters-*.npz"):
        if old.name not in (name, before):
            old.unlink(missing_ok=True)


def load_fits(path: Path, outputs: int) -> list[Consensus | None]:
    """The fits of a file; None for an output that had none."""
    with np.load(path) as arrays:
        return [
            Consensus(
                probabilities=np.zeros((0, 0)),
                skills=arrays[f"skills{output}"],
                confusion=arrays.get(f"confusion{output}"),
                prior=arrays.get(f"prior{output}"),
            )
            if f"skills{output}" in arrays
            else None
            for output in range(outputs)
        ]
