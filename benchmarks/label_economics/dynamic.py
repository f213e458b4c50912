"""Dynamic overlap as it was first done: answers until a confidence is reached, by three ways to combine them.

The formulas are those that users of that implementation rely on: shares of votes; the likelihood of labels under
weights that control items give, (right + 1/2) / (all + 1); Dawid and Skene's confusion matrices by
expectation-maximisation from the shares of votes, over the accepted answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from replay import BY_PAGE, Answers, Codes, Dealing, Flags, Floats, Outcome, Recording, Replay

__all__ = ["Dynamic", "Method", "dawid_skene", "likelihoods", "shares_of_votes"]

Method = Literal["votes", "likelihood", "dawid-skene"]

STEPS = 100
CLOSE = 5e-4
TINY = 1e-10
# A worker who had so many control items, and not so many of them right, gets no more pages.
SCREENED_AFTER = 2
SCREENED_AT = Fraction(7, 10)


@dataclass(frozen=True)
class Dynamic:
    """From `least` answers an item to `most`, one more while the label is less sure than `confidence`.

    Nothing is decided before all answers that were asked for are there, as it was first done. `screens`: workers who
    fail 70 % of their control items get no more pages; what they did counts and is paid.
    """

    method: Method
    confidence: float
    least: int = 2
    most: int = 9
    screens: bool = False
    dealing: Dealing = BY_PAGE

    def __call__(self, replay: Replay) -> Outcome:
        """What the policy makes of a replay."""
        recording = Recording(replay, self.dealing)
        right, checks = np.zeros(replay.workers, np.int64), np.zeros(replay.workers, np.int64)
        count, sure = np.zeros(replay.items, np.int64), np.zeros(replay.items)
        answers = replay.real.of(np.empty(0, np.int64))
        found = np.full((replay.items, replay.labels), 1 / replay.labels)
        while True:
            wants = (count < self.least) | ((count < self.most) & (sure < self.confidence))
            pages = []
            for page in recording.wave(np.flatnonzero(wants), lambda: self._barred(right, checks)):
                pages.append(page)
                checks[page.worker] += len(page.checks)
                right[page.worker] += (page.checks.labels == replay.control_truth[page.checks.items]).sum()
            if not pages:
                return Outcome(found.argmax(axis=1), sure, len(answers), recording.controls)
            given = Answers.joined([page.real for page in pages])
            answers = Answers.joined([answers, given])
            count += np.bincount(given.items, minlength=replay.items)
            found = self._found(answers, replay, (right + 0.5) / (checks + 1))
            sure = np.where(count > 0, found.max(axis=1), 0.0)

    def _found(self, answers: Answers, replay: Replay, weights: Floats) -> Floats:
        if self.method == "votes":
            return shares_of_votes(answers, replay.items, replay.labels)
        if self.method == "likelihood":
            return likelihoods(answers, replay.items, replay.labels, weights)
        return dawid_skene(answers, replay.items, replay.labels, replay.workers)

    def _barred(self, right: Codes, checks: Codes) -> Flags:
        failed: Flags = right * SCREENED_AT.denominator < checks * SCREENED_AT.numerator
        return failed & (checks >= SCREENED_AFTER) & self.screens


def shares_of_votes(answers: Answers, items: int, labels: int) -> Floats:
    """Share of votes by item and label; even where there are none."""
    votes = np.bincount(answers.items * labels + answers.labels, minlength=items * labels).reshape(items, labels)
    total = votes.sum(axis=1, keepdims=True)
    return np.where(total > 0, votes / np.maximum(total, 1), 1 / labels)


def likelihoods(answers: Answers, items: int, labels: int, weights: Floats) -> Floats:
    """How probable each label is where a worker is right with the probability of their weight."""
    weight = weights[answers.workers]
    otherwise = np.log((1 - weight) / max(labels - 1, 1))
    log = np.bincount(answers.items, otherwise, items)[:, None] + np.bincount(
        answers.items * labels + answers.labels, np.log(weight) - otherwise, items * labels
    ).reshape(items, labels)
    return softmax(log)


def dawid_skene(answers: Answers, items: int, labels: int, workers: int) -> Floats:
    """How probable each label is under confusion matrices that are learnt along, from the shares of votes on."""
    found = shares_of_votes(answers, items, labels)
    cell = answers.workers * labels + answers.labels
    there = np.bincount(answers.items, minlength=items) > 0
    for _ in range(STEPS):
        share = found[there].mean(axis=0) + TINY
        log = np.empty((items, labels))
        for label in range(labels):
            counts = np.bincount(cell, found[answers.items, label], workers * labels).reshape(workers, labels) + TINY
            matrix = np.log(counts / counts.sum(axis=1, keepdims=True))
            log[:, label] = np.bincount(answers.items, matrix.ravel()[cell], items) + np.log(share[label])
        before, found = found, softmax(log)
        if np.abs(found - before).mean() < CLOSE:
            break
    return found


def softmax(log: Floats) -> Floats:
    found = np.exp(log - log.max(axis=1, keepdims=True))
    probabilities: Floats = found / found.sum(axis=1, keepdims=True)
    return probabilities
