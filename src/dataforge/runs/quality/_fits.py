"""Workers' parameters on the disk: what a fit found, without the probabilities, which follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.consensus.base import Consensus
from dataforge.files.durable import put_in_place
from dataforge.runs.core.columns import Arrays, Flags, Places
from dataforge.runs.core.log import Fitted
from dataforge.runs.core.pages import ACCEPTED, REJECTED
from dataforge.runs.core.responses import Responses

__all__ = ["answers_of_a_fit", "fit_arrays", "fit_due", "fit_of", "load_fits", "of_fit", "save_fits"]

FORM = 2
"""The form of the file, a number more with each change: one of another form is not read, but learnt anew."""
PARTS = ("skills", "confusion", "prior", "difficulties")
# All is aggregated again when there is one answer more to so many: as whole numbers, or 220 were not a tenth over 200.
GROWN_BY = 10
LEAST_GROWTH = 10


def fit_due(responses: Responses, last: Fitted | None, *, afresh: bool) -> bool:
    """Whether all answers should be looked at together now; `afresh`: by a fit that starts from nothing."""
    now, then = responses.accepted_total, -1 if last is None else last.answers
    if now == 0:
        return False
    if afresh:
        return now != then or not (last is not None and last.afresh)
    return now != then and (then < 1 or now - then >= max(then / GROWN_BY, LEAST_GROWTH))


def answers_of_a_fit(responses: Responses, is_known: Callable[[NDArray[Any]], Flags]) -> Places:
    """The answers that a fit uses.

    These are all accepted ones and, of rejected pages, those to control items: they tell how good a worker is.
    """
    on_control = responses.numbering.control[responses.item.values]
    used = responses.on_pages(ACCEPTED) | (on_control & responses.on_pages(REJECTED))
    # A control item that was withdrawn says nothing, nor does a worker whose answers are discarded.
    checks = np.flatnonzero(used & on_control)
    used[checks] = is_known(responses.item.values[checks])
    if responses.discarded:
        used &= responses.counting()
    return np.flatnonzero(used)


def save_fits(folder: Path, answers: int, before: str, arrays: Arrays) -> str:
    """Write what a fit of so many answers found into a file that appears whole or not at all; give the file's name.

    All older ones but `before` go, which stays as it is: the log has its name until it has this one's.
    """
    name = f"parameters-{answers}.npz"
    if name == before:
        name = f"parameters-{answers}-again.npz"
    aside = folder / f"{name}.part"
    with open(aside, "wb") as file:
        np.savez(file, form=np.array(FORM), **arrays)  # type: ignore[arg-type]
    # The log will say that it is there.
    put_in_place(aside, folder / name)
    for old in folder.glob("parameters-*.npz"):
        if old.name not in (name, before):
            old.unlink(missing_ok=True)
    return name


def load_fits(folder: Path, name: str) -> Arrays | None:
    """What `save_fits` wrote; None if it never did, or if the file is not there, damaged, or of another form."""
    if not name:
        return None
    try:
        with np.load(folder / name) as arrays:
            return dict(arrays) if "form" in arrays and int(arrays["form"]) == FORM else None
    except (OSError, ValueError, EOFError, BadZipFile):
        return None


def fit_arrays(fit: Consensus | None) -> dict[str, NDArray[np.float64]]:
    """What a fit says of workers and labels; nothing of one that is not there."""
    if fit is None:
        return {}
    shown = {"shown": np.array(np.nan if fit.shown is None else fit.shown), "shown_by": np.array(fit.shown_by)}
    return shown | {part: array for part in PARTS if (array := getattr(fit, part)) is not None}


def fit_of(arrays: Mapping[str, NDArray[Any]]) -> Consensus | None:
    """The fit of these arrays, without probabilities; None if there was none."""
    if "skills" not in arrays:
        return None
    confusion, prior, difficulties = (arrays.get(part) for part in PARTS[1:])
    shown, by = float(arrays["shown"]), int(arrays["shown_by"])
    return Consensus(
        probabilities=np.zeros((0, 0)),
        skills=arrays["skills"],
        confusion=confusion,
        prior=prior,
        difficulties=difficulties,
        shown=None if np.isnan(shown) else shown,
        shown_by=by,
    )


def of_fit(found: NDArray[Any], numbers: NDArray[np.integer], new: float | bool) -> NDArray[Any]:
    """What the last fit found of these workers or pages; `new` of those that came later."""
    there = numbers < len(found)
    if there.all():
        values: NDArray[Any] = found[numbers]
        return values
    values = np.full((len(numbers), *found.shape[1:]), new, found.dtype)
    values[there] = found[numbers[there]]
    return values
