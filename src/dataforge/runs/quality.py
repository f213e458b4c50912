"""What a run believes: each item's answer with its confidence, each worker's skill.

Between full fits only the items with new answers are looked at, under the workers' parameters of the last fit. A
full fit is due when accepted answers have grown by a tenth; it goes on from the parameters of the one before. When all
wanted answers are there, and once more before the run ends, a fit starts afresh: what a finished run says follows from
the accepted answers alone, not from when it looked at them.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus.base import Aggregator, Consensus, Responses, best
from dataforge.runs.pages import ACCEPTED, REJECTED
from dataforge.runs.responses import Places
from dataforge.runs.state import RunState

__all__ = ["CONFIDENCE_BINS", "Quality"]

CONFIDENCE_BINS = 20
GROWTH = 0.1
LEAST_GROWTH = 10
# A confidence that moves by less is not worth telling the requester's pages.
TELLING = 0.005


class Quality:
    """Answers and confidences of a run's items, one row per item, one aggregation per output.

    `top[o]` is the code of output o's best label (-1: no answers), `confidence[o]` its probability.
    """

    def __init__(self, state: RunState, aggregator: Aggregator) -> None:
        self._state = state
        self._aggregator = aggregator
        self._known = state.coding.known
        n_items = len(state.coding.keys)
        outputs = state.coding.outputs
        self.probabilities = [np.zeros((n_items, len(output.labels)), np.float32) for output in outputs]
        self.top = [np.full(n_items, -1, np.int16) for _ in outputs]
        self.confidence = [np.zeros(n_items, np.float32) for _ in outputs]
        self.fits: list[Consensus | None] = [None] * len(outputs)
        self.histogram = np.zeros(CONFIDENCE_BINS, np.int64)
        self.label_counts = [np.zeros(len(output.labels), np.int64) for output in outputs]
        self._sum = 0.0
        self._answered = 0
        self._told = [np.full(n_items, -1.0, np.float32) for _ in outputs]
        self._changed: deque[Places] = deque()
        self._is_changed = np.zeros(n_items, bool)

    # --- keeping up -------------------------------------------------------------------------------

    @property
    def mean_confidence(self) -> float | None:
        """Mean confidence over the answered items and their outputs."""
        return self._sum / (self._answered * len(self.top)) if self._answered else None

    def fit_due(self, *, afresh: bool) -> bool:
        """Whether the whole run should be aggregated again now; `afresh`: by a fit that starts from nothing."""
        now, then = self._state.responses.accepted_total, self._state.fitted_answers
        if now == 0:
            return False
        if afresh:
            return now != then or not self._state.fitted_afresh
        return now != then and (then < 1 or now >= max(then * (1 + GROWTH), then + LEAST_GROWTH))

    def fit(self, *, afresh: bool) -> None:
        """Aggregate the whole run, `afresh` or from the workers' parameters of the last fit on."""
        real, rows = self._accepted_items()
        for output in range(len(self.top)):
            answers = self._answers(output, real, rows, np.arange(len(self._state.workers)))
            start = None if afresh else self.fits[output]
            self.fits[output] = consensus = self._aggregator.fit(answers, start)
            self._take(output, real, consensus.probabilities[: len(real)])
        self._recount()

    def refresh(self, items: Places) -> None:
        """Look at these items again under the present parameters."""
        items = items[self._state.responses.accepted[items] > 0]
        if not len(items):
            return
        rows = self._state.responses.of(items)
        workers = np.unique(self._state.responses.workers(rows))
        self._count(items, -1)
        for output, fitted in enumerate(self.fits):
            answers = self._answers(output, items, rows, workers)
            consensus = self._aggregator.fit(answers) if fitted is None else fitted.for_workers(workers)
            self._take(output, items, self._aggregator.predict(answers, consensus))
        self._count(items, +1)

    def restore(self, folder: Path) -> None:
        """Go on from the workers' parameters that `save` wrote; without them, aggregate anew."""
        if self._state.responses.accepted_total == 0:
            return
        path = folder / self._state.parameters
        if self._state.parameters and path.exists():
            self.fits = _load(path, len(self.top))
            self.refresh(np.flatnonzero(self._state.responses.accepted > 0))
        else:
            self.fit(afresh=True)

    def save(self, folder: Path) -> str:
        """Write the workers' parameters to a file of their own, and give its name."""
        name = f"parameters-{self._state.responses.accepted_total}.npz"
        arrays: dict[str, NDArray[Any]] = {}
        for output, fitted in enumerate(self.fits):
            if fitted is None:
                continue
            arrays[f"skills{output}"] = fitted.skills
            if fitted.confusion is not None:
                arrays[f"confusion{output}"] = fitted.confusion
            if fitted.prior is not None:
                arrays[f"prior{output}"] = fitted.prior
        aside = folder / f"{name}.part"
        with open(aside, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        aside.replace(folder / name)
        for old in folder.glob("parameters-*.npz"):
            # The one before stays for readers that still have its name.
            if old.name not in (name, self._state.parameters):
                old.unlink(missing_ok=True)
        return name

    def skill(self, worker: int) -> float | None:
        """A worker's skill, mean over the outputs; None before the first fit."""
        found = [float(fit.skills[worker]) for fit in self.fits if fit is not None and worker < len(fit.skills)]
        return sum(found) / len(found) if found else None

    def changed(self, most: int) -> Places:
        """Up to `most` items whose answer or confidence has moved since they were last given here."""
        given: list[Places] = []
        while self._changed and most > 0:
            waiting = self._changed.popleft()
            if len(waiting) > most:
                self._changed.appendleft(waiting[most:])
                waiting = waiting[:most]
            most -= len(waiting)
            given.append(waiting)
        items = np.concatenate(given) if given else np.empty(0, np.int64)
        self._is_changed[items] = False
        for confidence, told in zip(self.confidence, self._told, strict=True):
            told[items] = confidence[items]
        return items

    # --- inside -----------------------------------------------------------------------------------

    def _accepted_items(self) -> tuple[Places, Places]:
        """Answered real items, and the answers that a fit uses.

        These are all accepted ones and, of rejected pages, those to control items: they tell how good a worker is.
        """
        state = self._state
        accepted = state.responses.on_pages(ACCEPTED)
        on_control = state.coding.control[state.responses.item.values]
        rows = np.flatnonzero(accepted | (on_control & state.responses.on_pages(REJECTED)))
        return np.flatnonzero(state.responses.accepted > 0), rows

    def _answers(self, output: int, items: Places, rows: Places, workers: NDArray[Any]) -> Responses:
        """Coded answers: `items` first, then the control items that `rows` name; `workers` in their order."""
        state = self._state
        labels = state.responses.labels[output].values[rows]
        rows, labels = rows[labels >= 0], labels[labels >= 0]
        named = state.responses.item.values[rows]
        controls = np.unique(named[state.coding.control[named]])
        everything = np.concatenate([items, controls])
        where = np.argsort(everything, kind="stable")
        local = where[np.searchsorted(everything, named, sorter=where)]
        known = np.full(len(everything), -1, np.int32)
        known[len(items) :] = [self._known[int(control)][output] for control in controls]
        allowed = state.coding.outputs[output].allowed
        skill: Floats | None = state.weights[output].values[workers] if state.control_total else None
        return Responses(
            item=local.astype(np.int32),
            worker=np.searchsorted(workers, state.responses.workers(rows)).astype(np.int32),
            label=labels.astype(np.int32),
            n_items=len(everything),
            n_workers=len(workers),
            n_labels=len(state.coding.outputs[output].labels),
            known=known,
            skill=skill,
            allowed=None if allowed is None else allowed[everything],
        )

    def _take(self, output: int, items: Places, probabilities: Floats) -> None:
        codes = best(probabilities)
        confidence = probabilities[np.arange(len(items)), codes].astype(np.float32)
        moved = np.abs(confidence - self._told[output][items]) > TELLING
        moved |= codes != self.top[output][items]
        moved &= ~self._is_changed[items]
        if moved.any():
            self._is_changed[items[moved]] = True
            self._changed.append(items[moved])
        self.probabilities[output][items] = probabilities
        self.top[output][items] = codes
        self.confidence[output][items] = confidence

    def _count(self, items: Places, sign: int) -> None:
        """Put items into the sums and histograms, or with the sign -1 take them out."""
        items = items[self.top[0][items] >= 0]
        self._answered += sign * len(items)
        for top, confidence, counts in zip(self.top, self.confidence, self.label_counts, strict=True):
            counts += sign * np.bincount(top[items], minlength=len(counts))
            bins = np.minimum((confidence[items] * CONFIDENCE_BINS).astype(np.int64), CONFIDENCE_BINS - 1)
            self.histogram += sign * np.bincount(bins, minlength=CONFIDENCE_BINS)
            self._sum += sign * float(confidence[items].sum(dtype=np.float64))

    def _recount(self) -> None:
        self._answered, self._sum = 0, 0.0
        self.histogram[:] = 0
        for counts in self.label_counts:
            counts[:] = 0
        self._count(np.flatnonzero(self.top[0] >= 0), +1)


def _load(path: Path, outputs: int) -> list[Consensus | None]:
    found: list[Consensus | None] = []
    with np.load(path) as arrays:
        for output in range(outputs):
            if f"skills{output}" not in arrays:
                found.append(None)
                continue
            found.append(
                Consensus(
                    probabilities=np.zeros((0, 0)),
                    skills=arrays[f"skills{output}"],
                    confusion=arrays.get(f"confusion{output}"),
                    prior=arrays.get(f"prior{output}"),
                )
            )
    return found
