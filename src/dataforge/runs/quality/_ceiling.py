"""No answer is surer than workers were right at control items where they agreed.

People err together: they read a question otherwise than it is meant, or are one person with several accounts. How well
they agree shows nothing of that, only answers that are known do. So control items are looked at as if nobody knew their
answers, as many answers at a time as a real item has, and what comes out is compared with what is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.kernels.calibration import HEEDED, Calibration, calibrated, calibrated_by, recalibrated
from dataforge.aggregation.kernels.ceiling import (
    ERRORS,
    MOST_OF_DOUBT,
    NEARLY_EVEN,
    ROUNDING,
    TRIES,
    lacking,
    lowered,
    trusted_to,
)
from dataforge.runs.core.quality import Tries
from dataforge.runs.quality._doubt import no_surer

__all__ = ["UNTRIED", "Ceiling", "ceiling_of", "highest"]

# Beforehand: that all answers are one person's, whose mistakes are unknown; and how often that one slips.
ONE_PERSON = 0.01
SLIPS = 0.02
# The mean of all workers counts as so many answers of each to control items.
DRAWN = 2.0
LEAST = 0.01
MOST_STEPS = 100
# A label that is claimed less than so often, of how often labels are on average, is judged by its own claims alone.
RARE = 0.5
# How far slope and shift of a run's claims usually are from 1 and 0.
DEVIATIONS = (0.3, 0.5)
CLOSE = 1e-7
MOST_EVIDENCE = 100.0


@dataclass(frozen=True)
class Ceiling:
    """How often workers who agree err together, as so many control items show beside what is thought beforehand.

    `slope` and `shift` are those of a calibration: how claims under that ceiling went at control items, as so many
    answers to them, `shown`, tell; `several`: what share of those items had several answers. `own`: label, slope and
    shift of those that were claimed there, of rare ones by what came of their own claims.
    """

    error: float
    tries: float
    slope: float = 1.0
    shift: float = 0.0
    shown: float = 0.0
    several: float = 0.0
    own: tuple[tuple[int, float, float], ...] = ()

    @property
    def calibration(self) -> Calibration:
        """How far claims that common errors leave can be believed."""
        return Calibration(self.slope, self.shift)

    @property
    def most(self) -> float:
        """How sure an answer can be."""
        return float(self.calibration.of(np.array(1 - self.error)))

    @property
    def trusted(self) -> float:
        """The highest confidence that answers can honestly reach."""
        return float(trusted_to(np.array(1 - self.most)))

    def most_of_each(self, labels: int) -> Floats:
        """How sure an answer can be, by label."""
        return self._of_each(np.full(labels, 1 - self.error))

    def allows(self, wanted: Floats) -> Flags:
        """Which of these confidences answers can reach."""
        return wanted <= self.trusted + ROUNDING

    def allows_each(self, wanted: Floats) -> Flags:
        """Of which labels answers can reach the confidence that is wanted of each."""
        found: Flags = wanted <= trusted_to(1 - self.most_of_each(len(wanted))) + ROUNDING
        return found

    def aims(self, wanted: Floats) -> Floats:
        """The confidence wanted of each label, or what is left of it where answers cannot reach that."""
        return np.where(self.allows_each(wanted), wanted, self.left_of_each(wanted))

    def left_of(self, confidence: Floats, labels: int) -> Floats:
        """What is claimed where answers to one of so many labels alone would make it so sure."""
        return self.calibration.of(self._lowered(confidence, labels))

    def left_of_each(self, confidence: Floats) -> Floats:
        """The same where they would make each of all labels so sure."""
        return self._of_each(self._lowered(confidence, len(confidence)))

    def _lowered(self, confidence: Floats, labels: int) -> Floats:
        error, others = self._error_among(labels)
        return confidence + error * ((1 - confidence) / others - confidence)

    def _of_each(self, plain: Floats) -> Floats:
        """What is claimed of each label where common errors leave so much."""
        return np.minimum(self.calibration.of(plain), self.shown_of(plain, np.arange(len(plain))))

    def shown_of(self, plain: Floats, labels: NDArray[np.integer]) -> Floats:
        """What known items show of claims of these labels that common errors leave so much of; of rare ones by
        themselves, and 1 where nothing is known by label.

        Where nearly all are a no, that all claims were right shows nothing of a yes: a label that none was claimed of
        is no surer than it was.
        """
        if not self.own:
            return np.ones(len(plain))
        label, slope, shift = np.array(self.own).T
        of_each = np.zeros((2, 1 + int(max(label.max(initial=0), labels.max(initial=0)))))
        of_each[0] = 1
        of_each[:, label.astype(np.int64)] = slope, shift
        slopes, shifts = of_each[:, labels]
        return calibrated_by(plain, slopes, shifts)

    def alone(self, claimed: Floats, labels: int) -> Floats:
        """How sure answers to one of so many labels make it by themselves where this is claimed: `left_of` undone."""
        error, others = self._error_among(labels)
        share = error / others
        plain = (self.calibration.inverse.of(claimed) - share) / (1 - error - share)
        return np.clip(plain, 1 / (others + 1), 1.0)

    def _error_among(self, labels: int) -> tuple[float, int]:
        """The error as `lowered` takes it among so many labels, and how many others each has."""
        others = max(labels - 1, 1)
        return min(self.error, NEARLY_EVEN * others / (others + 1)), others

    def under(self, probabilities: Floats, answers: Responses) -> Floats:
        """What is claimed where these answers alone would make labels so probable.

        What several answers to an item show of each other lifts no claim that rests on one.
        """
        plain = lowered(probabilities, self.error, answers.allowed, ordered=answers.ordered)
        found = recalibrated(plain, self.calibration)
        if self.several:
            alone = np.bincount(answers.item, minlength=answers.n_items) == 1
            lifted = alone & (found.max(axis=1, initial=0) > plain.max(axis=1, initial=0))
            found = np.where(lifted[:, None], plain, found)
        return no_surer(found, self.shown_of(plain.max(axis=1), plain.argmax(axis=1))) if self.own else found

    def held_to(self, tries: Tries, shown: float, *, several: float) -> Ceiling:
        """The same with the calibration that claims need which only common errors have lowered."""
        found, own = _calibration(tries, slice(None)), self.own
        if tries.label is not None:
            often = np.bincount(tries.label, tries.weight, 1)
            there = np.flatnonzero(often)
            rare = often < RARE * often.sum() / max(len(there), 1)
            each = [(label, _calibration(tries, tries.label == label) if rare[label] else found) for label in there]
            own = tuple((int(label), one.slope, one.shift) for label, one in each)
        return replace(self, slope=found.slope, shift=found.shift, shown=shown, several=several, own=own)

    def uncalibrated(self) -> Ceiling:
        """The same without the calibration."""
        return Ceiling(self.error, self.tries)

    def lacking(self, wanted: float) -> int | None:
        """How many control items more, all answered right, it takes until answers can reach a confidence.

        What they would show of claims beside that may bring it into reach sooner.
        """
        needed = self.calibration.inverse.of(np.array(1 - MOST_OF_DOUBT * (1 - wanted)))
        return None if wanted >= 1 else lacking(self.error, self.tries, float(trusted_to(1 - needed)))


def _calibration(tries: Tries, some: Flags | slice) -> Calibration:
    weight = HEEDED * tries.weight[some]
    return calibrated(tries.claimed[some], tries.right[some], weight, Calibration(), deviations=DEVIATIONS)


UNTRIED = Ceiling(ERRORS / TRIES, TRIES)


@cache
def highest(controls: int) -> Ceiling:
    """The ceiling once so many control items are answered, all of them right: claims are believed the more for that."""
    plain = Ceiling(ERRORS / (TRIES + controls), TRIES + controls)
    each = np.arange(controls)
    tries = Tries(each, np.full(controls, 1 - plain.error), np.ones(controls, bool), np.ones(controls))
    return plain.held_to(tries, controls, several=0.0)


@dataclass(frozen=True, eq=False)
class _Tries:
    """Control items, as if nobody knew them, with as many answers at a time as a real item has.

    Of each try: how probable its answers are if workers answer by themselves, whether all are right, whether all are
    one wrong label, how many wrong labels there are, and what the try counts: each control item counts once in all,
    and where there is one answer nothing is `compared`.
    """

    alone: Floats
    right: Flags
    wrong: Flags
    others: Codes
    weight: Floats
    compared: Floats


def ceiling_of(answers: Responses, asked: int) -> Ceiling:
    """How often workers who agree err together, as their answers to control items show, `asked` at a time.

    Either they answer by themselves, and err together with a probability that has a Beta distribution beforehand; or
    all are one person, who nearly never disagrees with themselves and errs as often as one does.
    """
    known = answers.known
    if known is None or not (known[answers.item] >= 0).any():
        return UNTRIED
    tries = _tries(answers, known, asked)
    together = tries.wrong / tries.others
    error, total = UNTRIED.error, TRIES + float(tries.weight.sum())
    for _ in range(MOST_STEPS):
        by_all = error * together
        found = by_all + (1 - error) * tries.alone
        before, error = error, (ERRORS + float(tries.weight @ (by_all / found))) / total
        if abs(error - before) < CLOSE:
            break
    one, of_one = _one_person(tries, np.log(found))
    return Ceiling((1 - one) * error + one * of_one, total)


def _one_person(tries: _Tries, by_themselves: Floats) -> tuple[float, float]:
    """How probably all answers are one person's, and how often that one errs."""
    right, wrong = float(tries.compared @ tries.right), float(tries.compared @ tries.wrong)
    slips = float(tries.compared.sum()) - right - wrong
    evidence = math.lgamma(1 + right) + math.lgamma(1 + wrong) - math.lgamma(2 + right + wrong)
    evidence += slips * math.log(SLIPS) - float((tries.compared * tries.wrong) @ np.log(tries.others))
    evidence -= float(tries.compared @ by_themselves)
    one = 1 / (1 + (1 - ONE_PERSON) / ONE_PERSON * math.exp(-min(evidence, MOST_EVIDENCE)))
    return one, (1 + wrong) / (2 + right + wrong)


def _tries(answers: Responses, known: Codes, asked: int) -> _Tries:
    """The answers to each control item, `asked` at a time, in the order in which they came."""
    rows = np.flatnonzero(known[answers.item] >= 0)
    rows = rows[np.argsort(answers.item[rows], kind="stable")]
    item, label = answers.item[rows], answers.label[rows]
    begins = (np.arange(len(item)) - np.searchsorted(item, item)) % asked == 0
    of, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    size = np.bincount(of)
    others = answers.n_labels - 1 if answers.allowed is None else answers.allowed[item].sum(axis=1) - 1
    others = np.maximum(np.broadcast_to(others, item.shape), 1).astype(np.int32)
    right = label == known[item]
    accuracy = _accuracy(answers.worker[rows], right, answers.n_workers)
    alone = np.bincount(of, np.log(np.where(right, accuracy, (1 - accuracy) / others)))
    alike = np.bincount(of, label == label[first][of]) == size
    weight = size / np.bincount(item, minlength=answers.n_items)[item[first]]
    return _Tries(
        alone=np.exp(alone),
        right=alike & right[first],
        wrong=alike & ~right[first],
        others=others[first],
        weight=weight,
        compared=np.where(size > 1, weight, 0.0),
    )


def _accuracy(worker: Codes, right: Flags, n_workers: int) -> Floats:
    """For each answer how often its worker is right elsewhere: what it is itself shows nothing of how sure it is."""
    good, all_ = (np.bincount(worker, weights, n_workers)[worker] for weights in (right, None))
    mean = (right.sum() + 0.5) / (len(right) + 1)
    accuracy: Floats = np.clip((good - right + DRAWN * mean) / (all_ - 1 + DRAWN), LEAST, 1 - LEAST)
    return accuracy
