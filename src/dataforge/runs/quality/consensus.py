"""Consensus of bounded answers: several workers choose labels, an aggregator says how probable each label is.

Between full fits only the items with new answers are looked at, under the workers' parameters of the last fit. A
full fit is due when accepted answers have grown by a tenth; it goes on from the parameters of the one before. When all
wanted answers are there, and once more before the run ends, a fit starts afresh: what a finished run says follows from
the accepted answers alone, not from when it looked at them.

What shows nothing is not claimed: an item has a confidence if one of its workers met control items, or answered some
item together with another worker, and if not all of them give one and the same answer, nor agree as people do who
guess. The others have NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus import base
from dataforge.data.items import Items
from dataforge.policy import Policy
from dataforge.records import Texts
from dataforge.registry import load
from dataforge.runs.core.columns import Arrays, Column, Flags, Places, any_of, distinct
from dataforge.runs.core.log import FinalOutcome, Fitted
from dataforge.runs.core.quality import Answer, Checked, Reach, Tries, Way
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._came_out import CameOut
from dataforge.runs.quality._camps import believed_of_camps, divide
from dataforge.runs.quality._checking import Checking
from dataforge.runs.quality._claims import asks_of
from dataforge.runs.quality._coding import Coding
from dataforge.runs.quality._doubt import Coded, fitted, probabilities_of
from dataforge.runs.quality._figures import Figures
from dataforge.runs.quality._fits import answers_of_a_fit, fit_due, load_fits, of_fit, save_fits
from dataforge.runs.quality._forecast import Forecast
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._parts import Part, load_parts, part_of, saved_parts
from dataforge.runs.quality._routing import yet_to_answer
from dataforge.runs.quality._said import beyond_reach, of_models, of_rare_labels, of_unverified, of_workers, reach_of
from dataforge.runs.quality._unseen import with_unseen
from dataforge.runs.quality._untold import Untold
from dataforge.runs.quality._voters import Elsewhere, Voters, as_few
from dataforge.runs.quality._watched import forget, watch
from dataforge.runs.quality._whole import Whole
from dataforge.runs.quality._workers import Workers
from dataforge.tasks.task import Slot

__all__ = ["PLUGIN", "ConsensusQuality"]


class ConsensusQuality(CameOut):
    """Answers and confidences of a run's items, and skills of its workers: one aggregation per output."""

    with_verdicts: ClassVar[bool] = False
    # What a checkpoint need not hold: it is made of the task and the policy, or stored in parts.
    left_out: ClassVar[tuple[str, ...]] = (
        *("_responses", "_numbering", "_aggregator", "_asks", "_coding", "_checking"),
        *("_outputs", "_workers", "_figures", "_untold", "_whole", "_voters", "_needed"),
    )

    def __init__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> None:
        self._responses = responses
        self._numbering = responses.numbering
        self._aggregator: base.Aggregator = load("aggregation", policy.aggregation)
        self._outputs = tuple(Output(slot, policy) for slot in outputs)
        self._asks = asks_of(policy)
        self._needed = policy.needed_correct
        self._workers = Workers()
        self._coding = Coding(responses, self._workers)
        self._checking = Checking(self._numbering, self._outputs, self._workers)
        self._figures = Figures()
        self._untold = Untold(self._numbering)
        self._whole = Whole(policy)
        self._voters = Voters(policy, self._outputs[0].answers.labels)
        self._is_final, self._drawn = Column[np.bool_](np.bool_), Column[np.bool_](np.bool_)
        self._file = ""

    # --- taking in --------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Make room for further items, numbered after those there."""
        for output in self._outputs:
            output.grow(items)
        self._voters.grow(items)
        self._untold.grow(items.count)
        for column in (self._is_final, self._drawn):
            column.grow(len(column) + items.count)

    def add_worker(self) -> None:
        """Make room for one worker more."""
        self._workers.checks.grow(len(self._workers) + 1)
        for output in self._outputs:
            output.add_worker()

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers; a control item that was answered is right if each output whose answer is known is."""
        return self._checking.take(workers, items, answers)

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Hold an item to these answers, None: to none; of one that is no control item it is certain how right."""
        place, workers = np.array([item]), self._responses.workers(rows).astype(np.int64)
        self._checking.tally(place, rows, workers, -1)
        self._figures.count(self._outputs, place, -1)
        control = bool(self._numbering.control[item])
        for output in self._outputs:
            value = None if answer is None else answer.get(output.slot.name)
            # What is known of a control item says nothing of an output that it leaves out.
            nothing = answer is None or (value is None and control)
            code = -1 if nothing else output.answers.code(value)
            output.know(item, code, hold=not (control or nothing), right=right)
        self._figures.count(self._outputs, place, +1)
        if not control:
            self._untold.note(place)
        return self._checking.tally(place, rows, workers, +1)

    def sample(self, items: Places) -> None:
        """Let these real items, which are known, count like control items from the next fit on, and no others."""
        self._drawn.values[:] = False
        self._drawn.values[items] = True

    def release(self, items: Places) -> None:
        """Believe nothing of these items, but for those whose answers are known."""
        items = items[~self._checking.is_known(items)]
        self._figures.count(self._outputs, items, -1)
        self._is_final.values[items] = False
        for output in self._outputs:
            output.forget(items)
        self._untold.note(items)

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """Hold these items' labels and confidences; how probable the other labels are may still move."""
        self._is_final.values[items] = True
        self._figures.count(self._outputs, items, -1)
        for output, outcome in zip(self._outputs, outcomes, strict=True):
            output.declare(items, outcome)
        self._figures.count(self._outputs, items, +1)

    def revise(self, policy: Policy) -> None:
        """Want the confidence of another policy."""
        self._asks = asks_of(policy)
        self._needed = policy.needed_correct
        for output in self._outputs:
            output.revise(policy)
        self._whole.revise(policy)
        self._look_at_whole()

    # --- keeping up -------------------------------------------------------------------------------

    def gains(self, items: Places) -> Flags:
        """Which of these items have an output that more answers may make as sure as wanted."""
        return any_of(output.below(items, output.aims()) for output in self._outputs)

    def worth(self, items: Places) -> NDArray[np.floating]:
        """What one more answer is worth to the output of each item to which it is worth most."""
        found: Floats = np.fmax.reduce([output.worth(items) for output in self._outputs])
        return found

    def prefers(self, items: Places) -> list[tuple[int, ...]]:
        """Who tells most of the first output of each item that somebody is shown to tell more of."""
        named = zip(*(output.prefers(items) for output in self._outputs), strict=True)
        return yet_to_answer(self._responses, items, [next(filter(None, each), ()) for each in named])

    def tell_little(self, workers: NDArray[np.int64]) -> Flags:
        """Which of these workers tell little of each output, beside the others."""
        found: Flags = np.all([output.tell_little(workers) for output in self._outputs], axis=0)
        return found

    def unverified(self, items: Places) -> Flags:
        """Which of these items have an output with an answer and without a confidence."""
        return any_of(output.unverified(items) for output in self._outputs)

    def notices(self) -> tuple[Texts, ...]:
        """Why there are items without a confidence, if there are, and where more is wanted than can be shown."""
        found = [*of_unverified(self._outputs, self._figures), *of_models(self.voters(), self._voters.doubted())]
        reach = self.reach()
        found += [*of_workers(self._workers), *beyond_reach(reach, self.histogram()), *of_rare_labels(reach)]
        too_far = self._whole.notice(self._outputs)
        return tuple(found if too_far is None else [*found, too_far])

    def reach(self) -> list[Reach]:
        """How sure answers can be at best, by output; nothing where all that there are have no confidence."""
        return reach_of(self._outputs, self._figures, self._numbering.control | self._drawn.values)

    def fit_due(self, last: Fitted | None, *, afresh: bool) -> bool:
        """Whether the whole run should be aggregated again now; `afresh`: by a fit that starts from nothing."""
        return fit_due(self._responses, last, afresh=afresh)

    def fit(self, *, afresh: bool) -> None:
        """Aggregate the whole run, `afresh` or from the workers' parameters of the last fit on."""
        real, rows = self._answered_items(), answers_of_a_fit(self._responses, self._checking.is_known)
        reported, workers = self._responses.reported, np.arange(len(self._workers))
        self._untold.note_reports(np.flatnonzero((reported > 0) & ~self._numbering.control), reported)
        rows = self._workers.look(self._responses, self._outputs, rows, self._drawn.values)
        fits = self._look_around(real, rows, workers) if afresh else None
        for place, output in enumerate(self._outputs):
            coded = self._coded(output, real, rows, workers)
            start = self._start(output, afresh=afresh)
            found = fitted(self._aggregator, coded, start) if fits is None else fits[place]
            coded = self._with_unseen(output, coded)
            fit = output.learn(found, coded, self._aggregator, self._drawn.values, self._asks, afresh=afresh)
            probabilities = probabilities_of(self._aggregator, coded, fit, fit.probabilities)
            if self._voters:
                known = np.where(self._numbering.control, output.known.values, -1)
                tries = as_few(self._aggregator, coded, fit, self._asks[0], output.ceiling)
                claimed = output.ceiling.under(probabilities, coded.answers)[: len(real)]
                self._voters.look(known, tries, Elsewhere(real, claimed))
            self._believe(output, real, coded, probabilities, workers)
            output.note_able(coded.answers, self._workers.as_good(output))
        self._figures.recount(self._outputs)
        self._look_at_whole()

    def _look_at_whole(self) -> None:
        everything = np.arange(len(self._numbering))
        self._whole.look(self._outputs, self._responses, self._is_final.values | self._checking.is_known(everything))

    def afford(self, answers: float) -> None:
        """Know how many more answers can be paid, when all are looked at together next."""
        self._whole.paid_for = answers

    def _start(self, output: Output, *, afresh: bool) -> base.Consensus | None:
        """The parameters that a fit goes on from; None: it starts from the shares of votes.

        Without known answers only the votes tell which label is which. Parameters of the first few answers may have it
        the wrong way round, in a crowd where some always say the same, and what goes on from them keeps it so.
        """
        return None if afresh or not self._workers.checked else output.fit

    def _look_around(self, real: Places, rows: Places, workers: NDArray[np.integer]) -> list[base.Consensus] | None:
        """Note workers who are not what they seem.

        Gives what was fitted by output, from nothing; None if there are some, of whose answers fewer count then.
        """
        forget(self._workers)
        coded = [self._coded(output, real, rows, workers) for output in self._outputs]
        if divide(self._workers, self._outputs, coded, self._numbering.control):
            coded = [self._coded(output, real, rows, workers) for output in self._outputs]
        fits = [fitted(self._aggregator, one) for one in coded]
        return None if watch(self._workers, self._responses, list(zip(coded, fits, strict=True))) else fits

    def refresh(self, items: Places) -> None:
        """Look at these items again under the present parameters."""
        self._untold.note_reports(items, self._responses.reported)
        items = items[self._responses.answered(items) > 0]
        if not len(items):
            return
        rows = self._responses.of(items)
        workers = distinct(self._responses.workers(rows))
        if self._outputs[0].fit is None:
            self._workers.look(self._responses, self._outputs, rows, self._drawn.values)
        self._figures.count(self._outputs, items, -1)
        for output in self._outputs:
            coded = self._coded(output, items, rows, workers)
            consensus = self._aggregator.fit(coded.answers) if output.fit is None else output.fit.for_workers(workers)
            probabilities = probabilities_of(self._aggregator, coded, consensus)
            self._believe(output, items, coded, probabilities, workers)
        self._figures.count(self._outputs, items, +1)

    def restore(self, folder: Path, file: str) -> None:
        """Go on from the workers' parameters of a file that `save` wrote; where they cannot be read, aggregate anew."""
        self._file = file
        if self._responses.accepted_total == 0:
            return
        found = load_fits(folder, file)
        if found is None:
            self.fit(afresh=True)
        else:
            self.go_on_from(found)

    def go_on_from(self, found: Arrays) -> None:
        """Know the workers' parameters that `of_fit` gave."""
        self._workers.go_on_from(found)
        moved = [output.go_on_from(part_of(found, str(number))) for number, output in enumerate(self._outputs)]
        self._voters.load(part_of(found, "voters"))
        self.refresh(np.flatnonzero(self._responses.accepted > 0))
        if any(moved):
            self._look_at_whole()

    def save(self, folder: Path) -> str:
        """Write the workers' parameters; the file before stays for readers that still have its name."""
        self._file = save_fits(folder, self._responses.accepted_total, self._file, self.of_fit())
        return self._file

    def of_fit(self) -> dict[str, NDArray[Any]]:
        """What the last fit found of the workers."""
        arrays = self._workers.of_fit()
        for number, output in enumerate(self._outputs):
            arrays |= {f"{number}.{name}": array for name, array in output.of_fit().items()}
        return arrays | {f"voters.{name}": array for name, array in self._voters.arrays().items()}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items, for a checkpoint."""
        return saved_parts(self, self.parts(), self.left_out)

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        load_parts(self, self.parts(), arrays, self.left_out)

    def parts(self) -> dict[str, Part]:
        """What a checkpoint holds under names of its own."""
        outputs = {str(number): output for number, output in enumerate(self._outputs)}
        own: dict[str, Part] = {"workers": self._workers, "figures": self._figures}
        return {**own, "untold": self._untold, "voters": self._voters, **outputs}

    # --- as if it were otherwise ------------------------------------------------------------------

    def tries(self) -> dict[str, Tries]:
        """Items with known answers, as if nobody knew them, by output; none of one that was never fitted."""
        real, rows = self._answered_items(), answers_of_a_fit(self._responses, self._checking.is_known)
        found, workers = {}, np.arange(len(self._workers))
        for output in self._outputs:
            coded = self._with_unseen(output, self._coded(output, real, rows, workers))
            if (tries := output.tries(self._aggregator, coded, self._drawn.values, self._asks)) is not None:
                found[output.slot.name] = tries
        return found

    def forecast(self, items: Places, most: Places) -> dict[str, Forecast]:
        """What will be claimed of these items once they have their answers, `most` at most; none without a fit."""
        rows, workers = self._responses.of(items), np.arange(len(self._workers))
        waiting = self._responses.wanted[items] > self._responses.accepted[items]
        most = np.where(waiting, np.minimum(most, self._asks[1]), self._responses.accepted[items])
        found = {}
        for output in self._outputs:
            coded = self._coded(output, items, rows, workers)
            if (forecast := output.forecast(self._aggregator, coded, most, len(rows))) is not None:
                found[output.slot.name] = forecast
        return found

    # --- inside -----------------------------------------------------------------------------------

    def _answered_items(self) -> Places:
        """The real items that have accepted answers."""
        return np.flatnonzero(self._responses.answered(np.arange(len(self._numbering))) > 0)

    def _coded(self, output: Output, items: Places, rows: Places, workers: NDArray[np.integer]) -> Coded:
        return self._coding.of(output, items, rows, workers, self._drawn.values)

    def _with_unseen(self, output: Output, coded: Coded) -> Coded:
        return with_unseen(coded, output, self._outputs, self._responses, self._workers, self._needed)

    def _believe(
        self, output: Output, items: Places, coded: Coded, probabilities: Floats, workers: NDArray[np.integer]
    ) -> None:
        verified = self._workers.verify(coded.answers, workers)
        lower = output.ceiling.under(probabilities, coded.answers)
        if (limit := self._workers.disputed) is not None:
            lower = believed_of_camps(lower, coded.answers, of_fit(self._workers.camp, workers, -1), limit)
        lower = lower[: len(items)]
        if self._voters:
            # What control items show of people, common errors among it, is in their claims, and lowers them once: what
            # a model tells beside them was measured by itself.
            lower = self._voters.join(lower, items)
        final = self._is_final.values[items]
        self._untold.note(output.believe(items, lower, verified[: len(items)], final))


PLUGIN: Way = ConsensusQuality
