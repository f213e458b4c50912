"""One output of a task as consensus keeps it."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.consensus import base
from dataforge.aggregation.kernels.ability import LEAST_SHOWN
from dataforge.aggregation.kernels.ceiling import ERRORS
from dataforge.aggregation.kernels.information import information
from dataforge.data.items import Items
from dataforge.policy import Policy
from dataforge.runs.core.columns import Arrays, Column, Flags, Places, load_columns, saved_columns
from dataforge.runs.core.log import FinalOutcome
from dataforge.runs.core.quality import Chances, Outcome, Reach, Tries
from dataforge.runs.core.targets import Standing
from dataforge.runs.quality._ceiling import UNTRIED, Ceiling, highest
from dataforge.runs.quality._claims import ceiling_now, tries_of
from dataforge.runs.quality._doubt import Coded, with_what_shows
from dataforge.runs.quality._fits import fit_arrays, fit_of
from dataforge.runs.quality._forecast import Forecast, forecast_of
from dataforge.runs.quality._labels import LabelColumn, labelled
from dataforge.runs.quality._parts import part_of
from dataforge.runs.quality._routing import able, latest, named_for, settled
from dataforge.runs.quality._scale import Constants, Said, scale_of
from dataforge.runs.quality._worth import worth_of
from dataforge.tasks.task import Slot

__all__ = ["Output"]

CHUNK = 10_000
# A confidence that moves by less is not worth telling the requester's pages.
TELLING = 0.005
# Confidences are kept as 32-bit floats; one this close to the threshold has reached it.
CLOSE_ENOUGH = 1e-6
# Doubts are brought to no more than this, but for a target above it: what is left then takes answers without end.
FAR_ENOUGH = 0.99
SUREST = 0.999
# Of what an answer of the crowd tells, one of a worker whose answers are still wanted tells so much at least.
LEAST_TOLD = 0.5
# What a checkpoint need not hold: it is made of the task and the policy, or stored in parts.
LEFT_OUT = ("slot", "answers", "scale", "constants", "thresholds", "target", "allowed", "fit")
PLAIN = {"ceiling": Ceiling, "standing": Standing | None}


class Output:
    """One output: its answers, what is known and open of each item, what is believed, and each worker's record.

    `top` is the code of an item's best label (-1: no answers), `confidence` its probability, NaN where nothing shows
    it; `refuted`: whether the known answer is known to be wrong; `right` counts a worker's right answers to control
    items, of grades near the right one a part; `scale` is None if answers are no grades, `allowed` if all labels are
    always open.
    Since the last fit: `shares` are each worker's shares of right answers to control items, `alike` tells that all
    answers are one and the same, so that who looks cannot be told from who does not, `ceiling` is how sure an answer
    can be, `standing` how the output stands to the run's target, where it has one, and `able` are the workers who are
    shown to be better than the others.
    """

    def __init__(self, slot: Slot, policy: Policy) -> None:
        labels = [*(slot.type.labels() or ())] + ([] if slot.required else [None])
        self.slot = slot
        self.answers = LabelColumn(slot.name, labels)
        self.revise(policy)
        self.constants = Constants(len(slot.type.labels() or ())) if self.scale is not None else None
        # Only an output whose options depend on an input needs a look at every item.
        depends = getattr(slot.type, "depends", None) is not None
        self.allowed: Column[np.bool_] | None = Column(np.bool_, shape=(len(labels),)) if depends else None
        self.known: Column[np.int16] = Column(np.int16, fill=-1)
        self.refuted: Column[np.bool_] = Column(np.bool_)
        self.probabilities: Column[np.float32] = Column(np.float32, shape=(len(labels),))
        self.top: Column[np.int16] = Column(np.int16, fill=-1)
        self.confidence: Column[np.float32] = Column(np.float32)
        self.told: Column[np.float32] = Column(np.float32, fill=-1.0)
        self.label_counts = np.zeros(len(labels), np.int64)
        self.shares: Floats = np.empty(0)
        self.alike = True
        self.ceiling = UNTRIED
        self.standing: Standing | None = None
        self.right: Column[np.float64] = Column(np.float64)
        self.fit: base.Consensus | None = None
        self.able = np.empty(0, np.int64)

    def revise(self, policy: Policy) -> None:
        """Want the confidence of a policy."""
        self.scale = scale_of(self.slot, policy.control_similarity)
        self.thresholds = np.array([policy.min_confidence_for(label) for label in self.answers.labels])
        self.target = policy.target

    def grow(self, items: Items) -> None:
        """Make room for further items, and note what is known and open of them."""
        start = len(self.top)
        stop = start + items.count
        for column in (self.known, self.refuted, self.probabilities, self.top, self.confidence, self.told):
            column.grow(stop)
        known = self.known.values
        for place, answer in items.known_of_controls(self.slot.name):
            if answer is not None:
                known[start + place] = self.answers.code(answer)
        if self.allowed is not None:
            self.allowed.grow(stop)
            self._note_allowed(self.allowed.values, items, start)

    def add_worker(self) -> None:
        """Make room for one worker more."""
        self.right.grow(len(self.right) + 1)
        if self.constants is not None:
            self.constants.add_worker()

    def is_right(self, rows: NDArray[np.integer], known: NDArray[np.integer]) -> Flags:
        """Which of these answers, by response, pass for right beside the known ones; where none is known each does."""
        given = self.answers.codes[rows]
        right = given == known
        if self.scale is not None and self.constants is not None:
            right |= (given >= 0) & self.scale.near[known, given] & ~self.constants.strict.values[rows]
        found: Flags = (known < 0) | right
        return found

    def credit(self, rows: NDArray[np.integer], known: NDArray[np.integer]) -> Floats:
        """How much of a right answer each of these is, by response."""
        given = self.answers.codes[rows]
        found: Floats = ((known < 0) | (given == known)).astype(np.float64)
        if self.scale is not None and self.constants is not None:
            near = (known >= 0) & (given >= 0) & ~self.constants.strict.values[rows]
            found[near] = self.scale.credit[known[near], given[near]]
        return found

    def check(self, rows: Places, workers: NDArray[np.int64], known: NDArray[np.integer], sign: int = 1) -> None:
        """Count these responses of workers to control items, new ones in their order; with the sign -1 no more."""
        if self.scale is not None and self.constants is not None:
            graded = (known >= 0) & (known < len(self.scale.points))
            given = self.answers.codes[rows][graded]
            of = np.where(given >= 0, self.scale.credit[known[graded], given], 0.0)
            worths = of[:, None] - self.scale.credit[known[graded], : len(self.scale.points)]
            said = Said(given, known[graded])
            self.constants.take(worths, rows[graded], workers[graded], len(self.answers.codes), sign, said)
        np.add.at(self.right.values, workers, sign * self.credit(rows, known))

    def know(self, item: int, code: int, *, hold: bool, right: bool = True) -> None:
        """Have this known answer to an item, -1: none; `hold`: and believe that it is right, or that it is not."""
        self.known.values[item] = code
        self.refuted.values[item] = code >= 0 and not right
        if hold:
            self.top.values[item], self.confidence.values[item] = code, right
            self.probabilities.values[item] = _certainly(np.array([code]), np.array([right]), len(self.thresholds))

    def known_to_be(self, items: Places, shows: Flags) -> Codes:
        """The labels that are known to be those of these items, of those whose known answers `shows` lets count."""
        found: Codes = np.where(shows & ~self.refuted.values[items], self.known.values[items], -1).astype(np.int32)
        return found

    def with_refuted(self, coded: Coded, drawn: Flags) -> Coded:
        """The same answers, items of which only a wrong label is known having the next best for known.

        `drawn`: which items of the run may show how good answers are.
        """
        known, items = coded.answers.known, coded.items
        wrong = np.flatnonzero(self.refuted.values[items] & drawn[items])
        if known is None or not len(wrong):
            return coded
        known, likely = known.copy(), self.probabilities.values[items[wrong]].copy()
        likely[np.arange(len(wrong)), self.known.values[items[wrong]]] = -1
        known[wrong] = likely.argmax(axis=1)
        return coded._replace(answers=replace(coded.answers, known=known))

    def declare(self, items: Places, outcome: FinalOutcome) -> None:
        """Hold these items' labels and confidences."""
        stated = np.array([np.nan if one is None else one for one in outcome.confidence], np.float32)
        there = ~np.isnan(stated) | np.array([value is not None for value in outcome.values], bool)
        self.top.values[items] = np.where(there, self.answers.codes_of(outcome.values), -1)
        self.confidence.values[items] = stated

    def believe(self, items: Places, probabilities: Floats, verified: Flags, final: Flags) -> Places:
        """Believe these probabilities of these items, where their answers are not known or `final`; give what moved.

        What is not `verified` gets no confidence.
        """
        codes: Codes = base.best(probabilities) if self.scale is None else self.scale.answers(probabilities)
        confidence = probabilities[np.arange(len(items)), codes].astype(np.float32)
        confidence[~verified | self.alike | self.by_chance] = np.nan
        known = self.known.values[items]
        if (corrected := known >= 0).any():
            probabilities = probabilities.copy()
            right = ~self.refuted.values[items]
            probabilities[corrected] = _certainly(known[corrected], right[corrected], probabilities.shape[1])
            codes = np.where(corrected, known, codes)
            confidence = np.where(corrected, right.astype(np.float32), confidence)
        if final.any():
            codes = np.where(final, self.top.values[items], codes)
            confidence = np.where(final, self.confidence.values[items], confidence)
        moved = np.abs(np.where(np.isnan(confidence), 0, confidence) - self.told.values[items]) > TELLING
        moved |= codes != self.top.values[items]
        self.probabilities.values[items] = probabilities
        self.top.values[items] = codes
        self.confidence.values[items] = confidence
        changed: Places = items[moved]
        return changed

    def forget(self, items: Places) -> None:
        """Believe nothing of these items."""
        self.top.values[items], self.confidence.values[items], self.probabilities.values[items] = -1, 0, 0

    @property
    def by_chance(self) -> bool:
        """Whether chance explains better than ability how far workers agree, as of the last fit."""
        shown = None if self.fit is None else self.fit.shown
        return shown is not None and shown < LEAST_SHOWN

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items."""
        found = saved_columns(self, PLAIN, LEFT_OUT)
        found |= {f"answers.{name}": array for name, array in self.answers.arrays().items()}
        if self.constants is not None:
            found |= {f"constants.{name}": array for name, array in saved_columns(self.constants, {}).items()}
        return found | {f"fit.{name}": array for name, array in fit_arrays(self.fit).items()}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        own = {name: array for name, array in arrays.items() if "." not in name}
        load_columns(self, own, PLAIN, LEFT_OUT)
        answers, fit, constants = (part_of(arrays, name) for name in ("answers", "fit", "constants"))
        self.answers.load(answers)
        if self.constants is not None:
            load_columns(self.constants, constants, {})
        self.fit = fit_of(fit)

    def of_fit(self) -> dict[str, NDArray[Any]]:
        """What the last fit found."""
        rest = {"shares": self.shares, "alike": np.array(self.alike), "able": self.able}
        *plain, own = astuple(self.ceiling)
        rest["ceiling"], rest["ceiling_of_each"] = np.array(plain), np.array(own).reshape(-1, 3)
        rest["standing"] = np.array([] if self.standing is None else astuple(self.standing))
        rest["target"] = np.array(np.nan if self.target is None else self.target)
        return fit_arrays(self.fit) | rest

    def go_on_from(self, found: Arrays) -> bool:
        """Know what `of_fit` gave; whether the standing is one to another target than today's."""
        self.fit, self.shares, self.able = fit_of(found), found["shares"], found["able"]
        error, tried, slope, shift, shown, several = found["ceiling"].tolist()
        own = tuple([(int(label), *of_label) for label, *of_label in found["ceiling_of_each"].tolist()])
        self.alike, self.ceiling = bool(found["alike"]), Ceiling(error, tried, slope, shift, shown, several, own)
        standing = found["standing"].tolist()
        self.standing = Standing(*standing) if standing else None
        wanted = np.nan if self.target is None else self.target
        return not np.array_equal(found["target"], np.array(wanted), equal_nan=True)

    def below(self, items: Places, wanted: Floats) -> Flags:
        """Which of these items have no answer, or one less sure than is wanted of its label."""
        top = self.top.values[items]
        # A confidence that is not stated reaches nothing.
        found: Flags = (top < 0) | ~(self.confidence.values[items] >= wanted[top] - CLOSE_ENOUGH)
        return found

    @property
    def skills(self) -> Floats:
        """How much of a right answer each worker's are expected to be, as of the last fit, which there was."""
        assert self.fit is not None
        confusion, prior = self.fit.confusion, self.fit.prior
        if self.scale is None or self.constants is None or confusion is None or prior is None:
            return self.fit.skills
        return self.scale.skills(confusion, prior, self.constants.doubted(slice(len(confusion))))

    def unproven(self, workers: NDArray[np.int64]) -> Flags:
        """Whose grades of control items are not beyond luck more of the right ones than one grade for all would be, or
        are one grade for all by now.
        """
        if self.constants is None:
            return np.zeros(len(workers), bool)
        return ~self.constants.ahead_of_all(workers) | self.constants.asleep(workers)

    def tell_little(self, workers: NDArray[np.int64]) -> Flags:
        """Which of these workers told less than half as much as the crowd's answers do, as of the last fit."""
        fit = self.fit
        if fit is None or fit.confusion is None or fit.prior is None or self.alike:
            return np.zeros(len(workers), bool)
        met = workers < len(fit.confusion)
        found = np.zeros(len(workers), bool)
        crowd = information(fit.confusion.mean(axis=0, keepdims=True), fit.prior)
        found[met] = information(fit.confusion[workers[met]], fit.prior) < LEAST_TOLD * crowd
        return found

    def worth(self, items: Places) -> Floats:
        """What one more answer of the crowd is worth to each of these items, by the last fit; NaN before one."""
        fit = self.fit
        if fit is None or fit.confusion is None or fit.prior is None or self.alike:
            return np.full(len(items), np.nan)
        accuracy = float(fit.prior @ fit.confusion.mean(axis=0).diagonal())
        worth = worth_of(self.probabilities.values[items].max(axis=1).astype(np.float64), accuracy)
        return np.where(self.top.values[items] >= 0, worth, np.nan)

    def prefers(self, items: Places) -> list[tuple[int, ...]]:
        """The able whose answer tells most of each of these items, by the last fit."""
        if self.fit is None or self.fit.confusion is None or not len(self.able):
            return [()] * len(items)
        return named_for(self.probabilities.values[items].astype(np.float64), self.fit.confusion, self.able)

    def note_able(self, answers: base.Responses, as_good: Flags) -> None:
        """Note who is shown to be better than the others, of those who are `as_good` at control items."""
        assert self.fit is not None
        shown = able(*settled(answers, self.fit)) if as_good.any() else np.zeros(answers.n_workers, bool)
        self.able = latest(np.flatnonzero(shown & as_good), answers)

    def unverified(self, items: Places) -> Flags:
        """Which of these items have an answer and no confidence."""
        return (self.top.values[items] >= 0) & np.isnan(self.confidence.values[items])

    def outcome(self, items: Places) -> Outcome:
        """The most probable labels of these items, or the middle of the grades that are probable."""
        top = self.top.values[items]
        confidence = np.where(top >= 0, self.confidence.values[items], np.float32("nan"))
        grades = None
        if self.scale is not None:
            grades = self.scale.grades(self.probabilities.values[items], top, ~np.isnan(confidence))
        return Outcome(self.slot.name, labelled(self.answers.labels, top), confidence, grades)

    def chances(self, items: Places) -> list[Chances]:
        """How probable each label is for these items."""
        shown = (self.top.values[items] < 0) | ~np.isnan(self.confidence.values[items])
        return [
            Chances(self.slot.name, label, np.where(shown, self.probabilities.values[items, code], np.float32("nan")))
            for code, label in enumerate(self.answers.labels)
        ]

    def counts(self) -> dict[str, int]:
        """How many items have which label."""
        counts = zip(self.answers.labels, self.label_counts, strict=True)
        return {str(label): int(count) for label, count in counts if label is not None}

    def aims(self) -> Floats:
        """The confidence at which each label gets no further answers.

        It is the one wanted, or the level that the target of the whole takes; or, where common errors leave no room for
        that, the one left of it, for what answers can do is done then.
        """
        if self.target is None:
            return self.ceiling.aims(self.thresholds)
        level = self.reachable(self.target) if self.standing is None else self.standing.level
        return np.minimum(level, self.highest_for(self.target))

    def reachable(self, wanted: float) -> float:
        """A mean confidence that is wanted, or what common errors leave of it."""
        if self.ceiling.allows(np.array(wanted)):
            return wanted
        return float(self.ceiling.left_of(np.array(wanted), len(self.thresholds)))

    def highest_for(self, target: float) -> Floats:
        """How sure answers to each label are made at most for a target of the whole: more takes them without end."""
        alone = min(max(FAR_ENOUGH, target), SUREST)
        return self.ceiling.left_of_each(np.full(len(self.thresholds), alone))

    def alone(self, claimed: Floats) -> Floats:
        """How sure answers by themselves are where this is claimed."""
        return self.ceiling.alone(claimed, len(self.thresholds))

    def reach(self, shows: Flags) -> Reach:
        """How sure answers can be at best, beside the highest confidence wanted, or the highest out of reach.

        `shows`: which items may show how good answers are.
        """
        controls = int((self.known.values[shows] >= 0).sum())
        # Until there are answers it is out of reach only if even the best ones would not do.
        answered = bool(self.label_counts.any())
        best = highest(controls)
        ceiling = self.ceiling if answered else best
        whole = self.target is not None
        asked = np.array([self.target] * (self.target < 1)) if self.target is not None else self.thresholds
        beyond = asked[~ceiling.allows(asked)]
        wanted = float((beyond if len(beyond) else asked).max(initial=0))
        lacking = ceiling.lacking(wanted) if len(beyond) else 0
        erring = ceiling.error * ceiling.tries - ERRORS >= 0.5
        known = (controls, answered, erring)
        out = len(beyond) > 0
        rare = self._rare() if answered and not whole else ()
        plain = Reach(self.slot.name, ceiling.most, wanted, out, lacking, *known, of_all=whole, at_best=best.most)
        return plain._replace(rare=rare)

    def _rare(self) -> tuple[tuple[str, float], ...]:
        """Labels that cannot be as sure as is wanted of them although others can, and how sure each can be."""
        short = self.ceiling.allows(self.thresholds) & ~self.ceiling.allows_each(self.thresholds)
        most = self.ceiling.most_of_each(len(self.thresholds))
        there = np.flatnonzero(short & (self.label_counts > 0))
        return tuple([(str(self.answers.labels[code]), float(most[code])) for code in there])

    # --- what a fit found -------------------------------------------------------------------------

    def learn(
        self, found: base.Consensus, coded: Coded, aggregator: base.Aggregator, drawn: Flags, asks: tuple[int, int],
        *, afresh: bool,
    ) -> base.Consensus:  # fmt: skip
        """Go by what was fitted, with what it shows of how sure answers can be; gives it.

        `drawn`: which items of the run may show how good answers are.
        """
        self.fit = fit = with_what_shows(found, coded, None if afresh else self.fit)
        before = None if afresh else self.ceiling
        self.ceiling = ceiling_now(aggregator, self.with_refuted(coded, drawn), fit, self.thresholds, asks, before)
        return fit

    def tries(self, aggregator: base.Aggregator, coded: Coded, drawn: Flags, asks: tuple[int, int]) -> Tries | None:
        """Items with known answers, as if nobody knew them; None before the first fit."""
        if self.fit is None:
            return None
        of = tries_of(aggregator, self.with_refuted(coded, drawn), self.fit, self.thresholds, asks, self.ceiling)
        assert of.label is not None
        calibration, shown = self.ceiling.calibration, self.ceiling.shown_of(of.claimed, of.label)
        claimed = np.minimum(calibration.of(of.claimed), shown)
        return of._replace(item=coded.items[of.item], claimed=claimed, calibration=calibration)

    def forecast(self, aggregator: base.Aggregator, coded: Coded, most: Places, seed: int) -> Forecast | None:
        """What will be claimed of these items once they have their answers, `most` at most; None before a fit."""
        if self.fit is None:
            return None
        return forecast_of(aggregator, coded.answers, self.fit, self.ceiling, self.thresholds, most, seed)

    def _note_allowed(self, allowed: Flags, items: Items, start: int) -> None:
        for first in range(0, items.count, CHUNK):
            for place, item in enumerate(items.records(first, min(first + CHUNK, items.count)), start + first):
                open_labels = self.slot.type.allowed(item.inputs) or ()
                allowed[place, [self.answers.code(label) for label in open_labels]] = True
        if not self.slot.required:
            allowed[start:, -1] = True


def _certainly(codes: NDArray[np.integer], right: Flags, labels: int) -> Floats:
    """Certainty that these labels are right, or that they are not: any other may be then; shape (codes, labels)."""
    named = np.eye(labels)[codes]
    found: Floats = np.where(right[:, None], named, (1 - named) / max(labels - 1, 1))
    return found
