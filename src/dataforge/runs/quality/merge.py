"""Merged answers: of several answers to an item one is made, as surely as the skills of its workers show.

Skills are learnt from all answers on the schedule of consensus, and from known answers to control items; in between
only items with new answers are merged, under the skills of the last fit. Options beside such answers go the way of
consensus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.data.items import Items
from dataforge.policy import Policy
from dataforge.records import Texts
from dataforge.runs.core import promise_texts, texts
from dataforge.runs.core.columns import Arrays, Column, Flags, Places
from dataforge.runs.core.log import FinalOutcome, Fitted
from dataforge.runs.core.quality import Answer, Chances, Checked, Outcome, Reach, Tries, Verdict, Way
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._fits import answers_of_a_fit, fit_due, load_fits, of_fit, save_fits
from dataforge.runs.quality._merged import BINS, MergedOutput
from dataforge.runs.quality._opposed import Opposed
from dataforge.runs.quality._parts import Part, load_parts, part_of, saved_parts
from dataforge.runs.quality._untold import Untold
from dataforge.runs.quality._values import Values
from dataforge.runs.quality._watched import numbered
from dataforge.runs.quality._without_options import WithoutOptions
from dataforge.runs.quality._workers import first_of_rings
from dataforge.runs.quality.consensus import ConsensusQuality
from dataforge.tasks.task import Slot

__all__ = ["PLUGIN", "MergeQuality"]

# What a checkpoint need not hold, or holds in parts.
LEFT_OUT = ("_slots", "_responses", "_values", "_untold", "_merged", "_options", "_given", "_given_beside", "_opposed")


class MergeQuality(WithoutOptions):
    """Merged answers and confidences of a run's items; `_options` has what consensus knows of outputs with options."""

    with_verdicts: ClassVar[bool] = True

    def __init__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> None:
        self._slots = tuple(outputs)
        self._responses = responses
        merged = [slot for slot in outputs if slot.type.labels() is None]
        options = [slot for slot in outputs if slot.type.labels() is not None]
        self._values = Values(merged, policy, responses)
        self._merged = tuple(MergedOutput(slot, policy, self._values, responses) for slot in merged)
        self._options = ConsensusQuality(options, policy, responses) if options else None
        self._untold = Untold(responses.numbering)
        self._is_final: Column[np.bool_] = Column(np.bool_)
        self._workers = 0
        # As of the last fit that started afresh: whose texts are like whose, -1 of those who write by themselves.
        self._rings = np.empty(0, np.int64)
        self._opposed = Opposed()
        self._file = ""
        # What `changed` gave last, by where it waits.
        self._given: Places = np.empty(0, np.int64)
        self._given_beside: list[Places] = [self._given for _ in options[:1]]

    # --- taking in --------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Make room for further items, numbered after those there."""
        self._values.grow(items)
        for output in self._merged:
            output.grow(items)
        for options in self._beside():
            options.grow(items)
        self._untold.grow(items.count)
        self._opposed.shared.grow(len(self._opposed.shared) + items.count)
        self._is_final.grow(len(self._is_final) + items.count)

    def add_worker(self) -> None:
        """Make room for one worker more."""
        self._workers += 1
        for options in self._beside():
            options.add_worker()

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers; a control item that was answered is right if each output whose answer is known is."""
        parts = [options.take(workers, items, answers) for options in self._beside()]
        return _together([self._values.take(items, answers), *parts])

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Hold an item to these answers, None: to none; of one that is no control item it is certain how right."""
        beside = [options.know(item, rows, answer, right=right) for options in self._beside()]
        found = _together([self._values.know(item, rows, answer, right=right), *beside])
        if answer is None:
            self._untold.note(np.array([item]))
        elif not self._responses.numbering.control[item]:
            known = self._values.known_to(item)
            for output in self._merged:
                outcome = FinalOutcome(output.slot.name, (known.get(output.slot.name),), (float(right),))
                output.put(np.array([item]), outcome)
            self._is_final.values[item] = True
            self._untold.note(np.array([item]))
        return found

    def sample(self, items: Places) -> None:
        """Let these real items, which are known, count like control items from the next fit on, and no others."""
        self._values.sample(items)
        for options in self._beside():
            options.sample(items)

    def release(self, items: Places) -> None:
        """Believe nothing of these items, but for those whose answers are known."""
        for options in self._beside():
            options.release(items)
        items = items[~self._values.is_known(items)]
        self._is_final.values[items] = False
        for output in self._merged:
            output.forget(items)
        self._untold.note(items)

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """Hold these items' answers and confidences."""
        of = {outcome.output: outcome for outcome in outcomes}
        self._is_final.values[items] = True
        for output in self._merged:
            output.put(items, of[output.slot.name])
        for options in self._beside():
            options.declare(items, [of[slot.name] for slot in self._slots if slot.type.labels() is not None])

    def revise(self, policy: Policy) -> None:
        """Want the confidence of another policy."""
        for output in self._merged:
            output.revise(policy)
        for options in self._beside():
            options.revise(policy)

    # --- keeping up -------------------------------------------------------------------------------

    def gains(self, items: Places) -> Flags:
        """Which of these items have an output that more answers may make as sure as wanted."""
        return _any([output.gains(items) for output in self._merged], [one.gains(items) for one in self._beside()])

    def unsure(self, items: Places) -> Flags:
        """Which of these items have an output without an answer or with one less sure than wanted."""
        return _any([output.unsure(items) for output in self._merged], [one.unsure(items) for one in self._beside()])

    def unverified(self, items: Places) -> Flags:
        """Which of these items have an output with an answer and without a confidence."""
        found = [output.not_stated(items) for output in self._merged]
        return _any(found, [one.unverified(items) for one in self._beside()])

    def notices(self) -> tuple[Texts, ...]:
        """Why there are items without a confidence, if there are, and where more is wanted than can be shown."""
        unverified = max((output.unverified for output in self._merged), default=0)
        found = [texts.unverified(unverified)] if unverified else []
        if together := int((self._rings >= 0).sum()):
            found.append(texts.write_as_one(together))
        found += [promise_texts.promised(one, self.histogram()) for one in self._reach() if one.beyond][:1]
        return (*found, *(told for options in self._beside() for told in options.notices() if not unverified))

    def _reach(self) -> list[Reach]:
        return [output.reach() for output in self._merged]

    def reach(self) -> list[Reach]:
        """How sure answers can be at best, by output, as control items show."""
        return [*self._reach(), *(one for options in self._beside() for one in options.reach())]

    def tries(self) -> dict[str, Tries]:
        """Control items as if nobody knew them, of outputs that have options."""
        return {name: tried for options in self._beside() for name, tried in options.tries().items()}

    def fit_due(self, last: Fitted | None, *, afresh: bool) -> bool:
        """Whether all answers should be merged again now; `afresh`: from nothing."""
        return fit_due(self._responses, last, afresh=afresh)

    def fit(self, *, afresh: bool) -> None:
        """Learn skills from all answers, and merge those of all items."""
        for options in self._beside():
            options.fit(afresh=afresh)
        items = np.flatnonzero(self._responses.answered(np.arange(len(self._is_final))) > 0)
        rows = answers_of_a_fit(self._responses, self._values.is_known)
        if afresh:
            found = [ring for output in self._merged for ring in output.copied.found(rows)]
            self._rings = numbered(found, self._workers)
            self._look_for_camps(rows)
        self._merge(items, rows, fit=True)

    def _look_for_camps(self, rows: Places) -> None:
        """Note who draws otherwise than most, by these answers; of copies one voice each, whose are known."""
        self._opposed.forget(self._workers)
        alone = first_of_rings(self._rings, self._responses, rows[self._responses.report.values[rows] == 0])
        self._opposed.look(self._merged, self._values, self._responses, alone)
        if self._opposed.limit is None:
            self._rings[self._opposed.camp == 1] = self._rings.max(initial=-1) + 1

    def afford(self, answers: float) -> None:
        """What is asked does not follow from what is left to pay."""

    def refresh(self, items: Places) -> None:
        """Merge the answers to these items again under the present skills."""
        for options in self._beside():
            options.refresh(items)
        self._untold.note_reports(items, self._responses.reported)
        items = items[self._responses.answered(items) > 0]
        if len(items):
            self._merge(items, self._responses.of(items), fit=False)

    def _merge(self, items: Places, rows: Places, *, fit: bool) -> None:
        # A report says nothing of what the item is.
        rows = first_of_rings(self._rings, self._responses, rows[self._responses.report.values[rows] == 0])
        held = self._is_final.values[items]
        for output in self._merged:
            most = self._opposed.under(items)
            self._untold.note(output.merge(items, rows, self._workers, fit=fit, held=held, most=most))

    def save(self, folder: Path) -> str:
        """Write what was learnt of workers; the file before stays for readers that still have its name."""
        arrays: dict[str, NDArray[Any]] = {"rings": self._rings}
        arrays |= {f"merged.{output.slot.name}": output.learnt for output in self._merged}
        arrays |= {f"trust.{output.slot.name}": output.trust for output in self._merged}
        arrays |= {f"opposed.{name}": array for name, array in self._opposed.of_fit().items()}
        for options in self._beside():
            arrays |= {f"options.{name}": array for name, array in options.of_fit().items()}
        self._file = save_fits(folder, self._responses.accepted_total, self._file, arrays)
        return self._file

    def restore(self, folder: Path, file: str) -> None:
        """Go on from the skills of a file that `save` wrote; where they cannot be read, learn them anew."""
        self._file = file
        if self._responses.accepted_total == 0:
            return
        found = load_fits(folder, file)
        if found is None:
            self.fit(afresh=True)
            return
        learnt, trust, self._rings = part_of(found, "merged"), part_of(found, "trust"), found["rings"]
        self._opposed.go_on_from(part_of(found, "opposed"))
        for output in self._merged:
            output.learnt, output.trust = learnt[output.slot.name], trust[output.slot.name]
        for options in self._beside():
            options.go_on_from(part_of(found, "options"))
        self.refresh(np.flatnonzero(self._responses.accepted > 0))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items, for a checkpoint."""
        return saved_parts(self, self._parts(), LEFT_OUT)

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        load_parts(self, self._parts(), arrays, LEFT_OUT)

    def _parts(self) -> dict[str, Part]:
        merged = {str(number): output for number, output in enumerate(self._merged)}
        beside = {} if self._options is None else {"options": self._options}
        return {"values": self._values, "opposed": self._opposed, "untold": self._untold, **merged, **beside}

    # --- what came out ----------------------------------------------------------------------------

    @property
    def mean_confidence(self) -> float | None:
        """Mean of the confidences there are, over all items and outputs."""
        sums = [(output.sum, output.stated) for output in self._merged]
        sums += [one.stated for one in self._beside()]
        stated = sum(count for _, count in sums)
        return sum(value for value, _ in sums) / stated if stated else None

    def given(self, responses: Places) -> dict[str, NDArray[np.object_]]:
        """What workers answered, by output."""
        return self._by_output([self._values.given(responses), *(one.given(responses) for one in self._beside())])

    def known(self, items: Places) -> dict[str, NDArray[np.object_]]:
        """The known answers to these items, by output."""
        return self._by_output([self._values.known(items), *(one.known(items) for one in self._beside())])

    def outcomes(self, items: Places) -> list[Outcome]:
        """The merged answers to these items, and the most probable options."""
        found = {outcome.output: outcome for one in self._beside() for outcome in one.outcomes(items)}
        for output in self._merged:
            sure = output.confidence.values[items]
            found[output.slot.name] = Outcome(output.slot.name, output.believed(items), sure)
        return [found[slot.name] for slot in self._slots]

    def verdicts(self, items: Places) -> list[Verdict]:
        """That answers were merged."""
        return ["merged"] * len(items)

    def chances(self, items: Places) -> list[Chances]:
        """How probable each option is, of outputs that have options."""
        return [chance for one in self._beside() for chance in one.chances(items)]

    def kinds(self, items: Places) -> NDArray[np.int64]:
        """Numbers from 0 on, the same for items whose options are the same; merged answers are of one kind."""
        return next((one.kinds(items) for one in self._beside()), np.zeros(len(items), np.int64))

    def skills(self, workers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Skills of workers, mean over the outputs; NaN before the first fit, and where nothing shows them."""
        found = []
        for output in self._merged:
            of_all = np.full(self._workers, np.nan)
            of_all[: len(output.skills)] = output.skills
            found.append(of_all[workers])
        found += [one.skills(workers) for one in self._beside()]
        mean: NDArray[np.float64] = np.mean(found, axis=0)
        return np.where(np.isin(workers, list(self._responses.discarded)), np.nan, mean)

    def rings(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Whose texts or drawings are like whose, as of the last fit that started afresh."""
        return of_fit(self._rings, workers, -1)

    def strangers(self, workers: NDArray[np.int64]) -> Flags:
        """Who came for a few pages, as the grades or options beside what is merged show."""
        return _any([np.zeros(len(workers), bool)], [options.strangers(workers) for options in self._beside()])

    def camps(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Who contradicts each other, in what is drawn or in the first of the options beside it that show it."""
        if self._opposed.limit is not None:
            return of_fit(self._opposed.camp, workers, -1)
        found = (options.camps(workers) for options in self._beside())
        return next((one for one in found if (one >= 0).any()), np.full(len(workers), -1))

    def unproven(self, workers: NDArray[np.int64]) -> Flags:
        """Whose grades beside what is merged are not shown yet to be more than one grade for all is."""
        found = np.zeros(len(workers), bool)
        for options in self._beside():
            found |= options.unproven(workers)
        return found

    def histogram(self) -> list[int]:
        """How many confidences lie in each of 20 equal bins of 0..1, over all outputs."""
        beside = [np.array(one.histogram()) for one in self._beside()]
        bins = np.sum([np.zeros(BINS, np.int64), *(one.histogram for one in self._merged), *beside], axis=0)
        return [int(number) for number in bins]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items have which option, by output."""
        return next((one.counts() for one in self._beside()), {})

    def changed(self, most: int) -> Places:
        """Up to `most` items whose answer or confidence has moved since they were last told."""
        self._given = self._untold.first(most)
        self._given_beside = [one.changed(most - len(self._given)) for one in self._beside()]
        others = [items[~np.isin(items, self._given)] for items in self._given_beside]
        return np.concatenate([self._given, *others])

    def told(self, items: Places) -> None:
        """Note that the requester's pages have what there is now of the items that `changed` gave last."""
        self._untold.told(self._given)
        for one, given in zip(self._beside(), self._given_beside, strict=True):
            one.told(given)

    # --- inside -----------------------------------------------------------------------------------

    def _beside(self) -> tuple[ConsensusQuality, ...]:
        return () if self._options is None else (self._options,)

    def _by_output(self, parts: Sequence[dict[str, NDArray[np.object_]]]) -> dict[str, NDArray[np.object_]]:
        found = {name: values for part in parts for name, values in part.items()}
        return {slot.name: found[slot.name] for slot in self._slots}


def _together(parts: Sequence[Checked]) -> Checked:
    """What is checked in any part, and right in all in which it is checked."""
    controls: Flags = np.any([part.controls for part in parts], axis=0)
    right: Flags = np.all([part.correct | ~part.controls for part in parts], axis=0)
    return Checked(controls, controls & right)


def _any(merged: Sequence[Flags], beside: Sequence[Flags]) -> Flags:
    found: Flags = np.any([*merged, *beside], axis=0)
    return found


PLUGIN: Way = MergeQuality
