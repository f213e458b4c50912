"""Consensus of bounded answers: several workers choose labels, an aggregator says how probable each label is.

Between full fits only the items with new answers are looked at, under the workers' parameters of the last fit. A
full fit is due when accepted answers have grown by a tenth; it goes on from the parameters of the one before. When all
wanted answers are there, and once more before the run ends, a fit starts afresh: what a finished run says follows from
the accepted answers alone, not from when it looked at them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.consensus import base
from dataforge.items import Items
from dataforge.policy import Policy
from dataforge.registry import load
from dataforge.runs.core.columns import Arrays, Column, Flags, Places, load_columns, saved_columns
from dataforge.runs.core.log import FinalOutcome, Fitted
from dataforge.runs.core.pages import ACCEPTED, REJECTED
from dataforge.runs.core.quality import Answer, Chances, Checked, Outcome, Way
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._fits import fit_arrays, fit_of, load_fits, save_fits
from dataforge.runs.quality._labels import LabelColumn, labelled
from dataforge.task import Slot

__all__ = ["PLUGIN", "ConsensusQuality"]

CONFIDENCE_BINS = 20
# All is aggregated again when there is one answer more to so many: as whole numbers, or 220 were not a tenth over 200.
GROWN_BY = 10
LEAST_GROWTH = 10
CHUNK = 10_000
NOTHING = np.empty(0, np.int64)
# What a checkpoint need not hold: it is made of the task and the policy, or stored in parts.
LEFT_OUT = ("_responses", "_numbering", "_aggregator", "_outputs", "_controls", "_changed")
LEFT_OUT_OF_OUTPUTS = ("slot", "answers", "thresholds", "allowed", "known", "fit")
# Beside columns there are counts of each worker.
PLAIN = {"_checks": list[int]}
PLAIN_OF_OUTPUTS = {"right": list[int]}
# A confidence that moves by less is not worth telling the requester's pages.
TELLING = 0.005
# More than one item in so many: all of them are looked at in the order of the platform.
MANY = 100
# Confidences are kept as 32-bit floats; one this close to the threshold has reached it.
CLOSE_ENOUGH = 1e-6


class _Output:
    """One output: its answers, what is known and open of each item, what is believed, and each worker's record.

    `top` is the code of an item's best label (-1: no answers), `confidence` its probability; `right` counts a worker's
    right answers to control items; `allowed` is None if all labels are always open.
    """

    def __init__(self, slot: Slot, policy: Policy) -> None:
        labels = [*(slot.type.labels() or ())] + ([] if slot.required else [None])
        self.slot = slot
        self.answers = LabelColumn(slot.name, labels)
        self.thresholds = np.array([policy.min_confidence_for(label) for label in labels])
        # Only an output whose options depend on an input needs a look at every item.
        depends = getattr(slot.type, "depends", None) is not None
        self.allowed: Column[np.bool_] | None = Column(np.bool_, shape=(len(labels),)) if depends else None
        self.known: Column[np.int16] = Column(np.int16, fill=-1)
        self.probabilities: Column[np.float32] = Column(np.float32, shape=(len(labels),))
        self.top: Column[np.int16] = Column(np.int16, fill=-1)
        self.confidence: Column[np.float32] = Column(np.float32)
        self.told: Column[np.float32] = Column(np.float32, fill=-1.0)
        self.label_counts = np.zeros(len(labels), np.int64)
        # Numbers of each worker are counted one by one, which lists do faster than columns.
        self.right: list[int] = []
        self.fit: base.Consensus | None = None

    def grow(self, items: Items) -> None:
        """Make room for further items, and note what is known and open of them."""
        start = len(self.top)
        stop = start + items.count
        for column in (self.known, self.probabilities, self.top, self.confidence, self.told):
            column.grow(stop)
        known = self.known.values
        for place, answer in items.known_of_controls(self.slot.name):
            if answer is not None:
                known[start + place] = self.answers.code(answer)
        if self.allowed is not None:
            self.allowed.grow(stop)
            self._note_allowed(self.allowed.values, items, start)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items."""
        found = saved_columns(self, PLAIN_OF_OUTPUTS, LEFT_OUT_OF_OUTPUTS)
        found |= {f"answers.{name}": array for name, array in self.answers.arrays().items()}
        return found | {f"fit.{name}": array for name, array in fit_arrays(self.fit).items()}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        own = {name: array for name, array in arrays.items() if "." not in name}
        load_columns(self, own, PLAIN_OF_OUTPUTS)
        answers, fit = ({n[len(p) :]: a for n, a in arrays.items() if n.startswith(p)} for p in ("answers.", "fit."))
        self.answers.load(answers)
        self.fit = fit_of(fit)

    def _note_allowed(self, allowed: Flags, items: Items, start: int) -> None:
        for first in range(0, items.count, CHUNK):
            for place, item in enumerate(items.records(first, min(first + CHUNK, items.count)), start + first):
                open_labels = self.slot.type.allowed(item.inputs) or ()
                allowed[place, [self.answers.code(label) for label in open_labels]] = True
        if not self.slot.required:
            allowed[start:, -1] = True


class ConsensusQuality:
    """Answers and confidences of a run's items, and skills of its workers: one aggregation per output."""

    def __init__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> None:
        self._responses = responses
        self._numbering = responses.numbering
        self._aggregator: base.Aggregator = load("aggregation", policy.aggregation)
        self._outputs = tuple(_Output(slot, policy) for slot in outputs)
        self._checks: list[int] = []
        self._checked = False
        self._controls: set[int] = set()
        self._histogram = np.zeros(CONFIDENCE_BINS, np.int64)
        self._sum = 0.0
        self._answered = 0
        self._changed: deque[Places] = deque()
        self._is_changed: Column[np.bool_] = Column(np.bool_)
        self._is_final: Column[np.bool_] = Column(np.bool_)
        self._file = ""

    # --- taking in --------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Make room for further items, numbered after those there."""
        first = len(self._is_final)
        for output in self._outputs:
            output.grow(items)
        for column in (self._is_changed, self._is_final):
            column.grow(first + items.count)
        # A page has few of them, and a set is asked faster than a column.
        self._controls.update((first + np.flatnonzero(items.control)).tolist())

    def add_worker(self) -> None:
        """Make room for one worker more."""
        for counts in (self._checks, *(output.right for output in self._outputs)):
            counts.append(0)

    def take(self, worker: int, items: Sequence[int], answers: Sequence[Answer]) -> Checked:
        """Keep a page's answers; a control item that was answered is right if each output whose answer is known is."""
        codes = [output.answers.take(answers) for output in self._outputs]
        controls = correct = 0
        for row, item in enumerate(items):
            if item not in self._controls or isinstance(answers[row], str):
                continue
            all_right = True
            for output, given in zip(self._outputs, codes, strict=True):
                known = output.known.values[item]
                if known < 0 or given[row] == known:
                    output.right[worker] += 1
                else:
                    all_right = False
            controls += 1
            correct += all_right
        self._checks[worker] += controls
        self._checked |= controls > 0
        return Checked(controls, correct)

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """Hold these items' labels and confidences; how probable the other labels are may still move."""
        self._is_final.values[items] = True
        self._count(items, -1)
        for output, outcome in zip(self._outputs, outcomes, strict=True):
            there = np.array([confidence is not None for confidence in outcome.confidence], bool)
            output.top.values[items] = np.where(there, output.answers.codes_of(outcome.values), -1)
            output.confidence.values[items] = [confidence or 0.0 for confidence in outcome.confidence]
        self._count(items, +1)

    # --- keeping up -------------------------------------------------------------------------------

    def unsure(self, items: Places) -> Flags:
        """Which of these items have an output without an answer or with one less sure than wanted."""
        found = np.zeros(len(items), bool)
        for output in self._outputs:
            top = output.top.values[items]
            wanted = output.thresholds[top] - CLOSE_ENOUGH
            found |= (top < 0) | (output.confidence.values[items] < wanted)
        return found

    def fit_due(self, last: Fitted | None, *, afresh: bool) -> bool:
        """Whether the whole run should be aggregated again now; `afresh`: by a fit that starts from nothing."""
        now, then = self._responses.accepted_total, -1 if last is None else last.answers
        if now == 0:
            return False
        if afresh:
            return now != then or not (last is not None and last.afresh)
        return now != then and (then < 1 or now - then >= max(then / GROWN_BY, LEAST_GROWTH))

    def fit(self, *, afresh: bool) -> None:
        """Aggregate the whole run, `afresh` or from the workers' parameters of the last fit on."""
        real, rows = self._accepted_items()
        workers = np.arange(len(self._checks))
        for output in self._outputs:
            answers = self._coded(output, real, rows, workers)
            output.fit = self._aggregator.fit(answers, None if afresh else output.fit)
            self._believe(output, real, output.fit.probabilities[: len(real)])
        self._recount()

    def refresh(self, items: Places) -> None:
        """Look at these items again under the present parameters."""
        items = items[self._responses.answered(items) > 0]
        if not len(items):
            return
        rows = self._responses.of(items)
        workers = np.unique(self._responses.workers(rows))
        self._count(items, -1)
        for output in self._outputs:
            answers = self._coded(output, items, rows, workers)
            consensus = self._aggregator.fit(answers) if output.fit is None else output.fit.for_workers(workers)
            self._believe(output, items, self._aggregator.predict(answers, consensus))
        self._count(items, +1)

    def restore(self, folder: Path, file: str) -> None:
        """Go on from the workers' parameters of a file that `save` wrote; where they cannot be read, aggregate anew."""
        self._file = file
        if self._responses.accepted_total == 0:
            return
        fits = load_fits(folder / file, len(self._outputs)) if file else None
        if fits is not None:
            for output, fit in zip(self._outputs, fits, strict=True):
                output.fit = fit
            self.refresh(self._answered_items())
        else:
            self.fit(afresh=True)

    def save(self, folder: Path) -> str:
        """Write the workers' parameters; the file before stays for readers that still have its name."""
        before, self._file = self._file, f"parameters-{self._responses.accepted_total}.npz"
        save_fits(folder, self._file, before, [output.fit for output in self._outputs])
        return self._file

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items, for a checkpoint."""
        found = saved_columns(self, PLAIN, LEFT_OUT) | {"changed": np.concatenate([NOTHING, *self._changed])}
        for number, output in enumerate(self._outputs):
            found |= {f"{number}.{name}": array for name, array in output.arrays().items()}
        return found

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        own = {name: array for name, array in arrays.items() if "." not in name and name != "changed"}
        load_columns(self, own, PLAIN)
        self._changed = deque([arrays["changed"]])
        for number, output in enumerate(self._outputs):
            start = f"{number}."
            output.load({name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)})

    # --- what came out ----------------------------------------------------------------------------

    @property
    def mean_confidence(self) -> float | None:
        """Mean confidence over the answered items and their outputs."""
        return self._sum / (self._answered * len(self._outputs)) if self._answered else None

    def given(self, responses: Places) -> dict[str, NDArray[np.object_]]:
        """What workers answered, by output; an answer that is no label as it came."""
        return {output.slot.name: output.answers.given(responses) for output in self._outputs}

    def outcomes(self, items: Places) -> list[Outcome]:
        """The most probable labels of these items."""
        found = []
        for output in self._outputs:
            top = output.top.values[items]
            confidence = np.where(top >= 0, output.confidence.values[items], np.float32("nan"))
            found.append(Outcome(output.slot.name, labelled(output.answers.labels, top), confidence))
        return found

    def chances(self, items: Places) -> list[Chances]:
        """How probable each label is for these items."""
        return [
            Chances(output.slot.name, label, output.probabilities.values[items, code])
            for output in self._outputs
            for code, label in enumerate(output.answers.labels)
        ]

    def kinds(self, items: Places) -> NDArray[np.int64]:
        """Numbers from 0 on, the same for items whose labels are the same."""
        codes = np.stack([output.top.values[items] for output in self._outputs], axis=1)
        return np.unique(codes, axis=0, return_inverse=True)[1].ravel().astype(np.int64)

    def skill(self, worker: int) -> float | None:
        """A worker's skill, mean over the outputs; None before the first fit."""
        fits = [output.fit for output in self._outputs]
        found = [float(fit.skills[worker]) for fit in fits if fit is not None and worker < len(fit.skills)]
        return sum(found) / len(found) if found else None

    def histogram(self) -> list[int]:
        """How many confidences lie in each of 20 equal bins of 0..1, over all outputs."""
        return [int(number) for number in self._histogram]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items have which label, by output."""
        return {
            output.slot.name: {
                str(label): int(count)
                for label, count in zip(output.answers.labels, output.label_counts, strict=True)
                if label is not None
            }
            for output in self._outputs
        }

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
        self._is_changed.values[items] = False
        for output in self._outputs:
            output.told.values[items] = output.confidence.values[items]
        return items

    # --- inside -----------------------------------------------------------------------------------

    def _accepted_items(self) -> tuple[Places, Places]:
        """Answered real items, and the answers that a fit uses.

        These are all accepted ones and, of rejected pages, those to control items: they tell how good a worker is.
        """
        responses = self._responses
        on_control = self._numbering.control[responses.item.values]
        rows = np.flatnonzero(responses.on_pages(ACCEPTED) | (on_control & responses.on_pages(REJECTED)))
        return self._answered_items(), rows

    def _answered_items(self) -> Places:
        """The real items that have accepted answers."""
        return np.flatnonzero(self._responses.answered(np.arange(len(self._numbering))) > 0)

    def _coded(self, output: _Output, items: Places, rows: Places, workers: NDArray[np.integer]) -> base.Responses:
        """Coded answers: `items` first, then the control items that `rows` name; `workers` in their order."""
        labels = output.answers.codes[rows]
        rows, labels = rows[labels >= 0], labels[labels >= 0]
        named = self._responses.item.values[rows]
        controls = np.unique(named[self._numbering.control[named]])
        everything = np.concatenate([items, controls])
        where = np.argsort(everything, kind="stable")
        local = where[np.searchsorted(everything, named, sorter=where)]
        known = np.full(len(everything), -1, np.int32)
        known[len(items) :] = output.known.values[controls]
        return base.Responses(
            item=local.astype(np.int32),
            worker=np.searchsorted(workers, self._responses.workers(rows)).astype(np.int32),
            label=labels.astype(np.int32),
            n_items=len(everything),
            n_workers=len(workers),
            n_labels=len(output.answers.labels),
            known=known,
            skill=self._weights(output, workers) if self._checked else None,
            allowed=None if output.allowed is None else output.allowed.values[everything],
        )

    def _weights(self, output: _Output, workers: NDArray[np.integer]) -> Floats:
        """What control items say of these workers: the share of right answers, half a right one of one put in."""
        right, checks = (
            np.fromiter(map(counts.__getitem__, workers.tolist()), float, len(workers))
            for counts in (output.right, self._checks)
        )
        weights: Floats = (right + 0.5) / (checks + 1)
        return weights

    def _believe(self, output: _Output, items: Places, probabilities: Floats) -> None:
        codes: Codes = base.best(probabilities)
        confidence = probabilities[np.arange(len(items)), codes].astype(np.float32)
        final = self._is_final.values[items]
        if final.any():
            codes = np.where(final, output.top.values[items], codes)
            confidence = np.where(final, output.confidence.values[items], confidence)
        moved = np.abs(confidence - output.told.values[items]) > TELLING
        moved |= codes != output.top.values[items]
        moved &= ~self._is_changed.values[items]
        if moved.any():
            self._is_changed.values[items[moved]] = True
            self._changed.append(self._as_they_lie(items[moved]))
        output.probabilities.values[items] = probabilities
        output.top.values[items] = codes
        output.confidence.values[items] = confidence

    def _as_they_lie(self, items: Places) -> Places:
        """Many items in the order in which a platform has them, so that those told at once lie together there."""
        return self._numbering.in_order(items) if len(items) > len(self._numbering) / MANY else items

    def _count(self, items: Places, sign: int) -> None:
        """Put items into the sums and histograms, or with the sign -1 take them out."""
        items = items[self._outputs[0].top.values[items] >= 0]
        self._answered += sign * len(items)
        for output in self._outputs:
            confidence, counts = output.confidence.values[items], output.label_counts
            counts += sign * np.bincount(output.top.values[items], minlength=len(counts))
            bins = np.minimum((confidence * CONFIDENCE_BINS).astype(np.int64), CONFIDENCE_BINS - 1)
            self._histogram += sign * np.bincount(bins, minlength=CONFIDENCE_BINS)
            self._sum += sign * float(confidence.sum(dtype=np.float64))

    def _recount(self) -> None:
        self._answered, self._sum = 0, 0.0
        self._histogram[:] = 0
        for output in self._outputs:
            output.label_counts[:] = 0
        self._count(np.flatnonzero(self._outputs[0].top.values >= 0), +1)


PLUGIN: Way = ConsensusQuality
