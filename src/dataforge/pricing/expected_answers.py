"""What answers come to before anybody has answered: exact sums over what a few people may say. Pure functions.

All are right equally often, and who is wrong takes each of the other options equally often. Then an item's answers
are told by how many are right and how many times each wrong option was taken, and no simulation is needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from dataforge.pricing.page_sizes import needed_correct, pass_chance

__all__ = ["MOST_ANSWERS", "Accepted", "Expected", "accepted", "expected"]

MOST_ANSWERS = 15
"""Of more answers to an item there are too many cases to go through while somebody waits."""
GUESSERS = 0.1
"""The share of pages that are filled in by guessing, before any is rejected."""


@dataclass(frozen=True)
class Accepted:
    """Of pages that people and guessers hand in the share that is accepted, and how often answers on them are right."""

    share: float
    right: float


@dataclass(frozen=True)
class Expected:
    """How often an item's answer is right, and how many answers it takes."""

    right: float
    answers: float


def accepted(people: float, options: int, controls: int, ratio: float) -> Accepted:
    """Pages with so many control items, where people are right with the probability `people`.

    One page in ten is guessed. Who guessed before guesses on: restrictions make it better than this.
    """
    needed = needed_correct(controls, ratio)
    by_people = (1 - GUESSERS) * float(pass_chance(controls, needed, Fraction(people).limit_denominator(10_000)))
    by_guess = GUESSERS * float(pass_chance(controls, needed, Fraction(1, options)))
    share = by_people + by_guess
    return Accepted(share, (by_people * people + by_guess / options) / share if share else 1 / options)


@dataclass(frozen=True)
class _Said:
    """How many answers are right, and how often each wrong option was taken that was, by size."""

    right: int
    wrong: tuple[int, ...] = ()

    def evidence(self, weight: float) -> float:
        """The evidence for all options that somebody took, and for the right one."""
        return float(sum(weight**count for count in (self.right, *self.wrong)))

    def chance_right(self) -> float:
        """How probable it is that the option with most answers is right; of equal ones any is taken."""
        most = max(self.right, *self.wrong, 0)
        return 0.0 if self.right < most else 1 / (1 + self.wrong.count(most))


def expected(right: float, options: int, overlap: tuple[int, int], sure: float) -> Expected:
    """An item gets the least number of answers, then one more while doubts are left, up to the most.

    Args:
        right: how often an answer is right.
        options: how many there are to choose from.
        overlap: the least and the most answers, no more than `MOST_ANSWERS`.
        sure: the confidence at which no more are asked for.
    """
    least, most = overlap
    cases, correct, answers = {_Said(0): 1.0}, 0.0, 0.0
    for number in range(1, most + 1):
        answers += sum(cases.values())
        cases = _one_more(cases, right, options)
        for said, chance in list(cases.items()):
            if number == most or (number >= least and _confidence(said, right, options) >= sure):
                correct += chance * said.chance_right()
                del cases[said]
    return Expected(correct, answers)


def _confidence(said: _Said, right: float, options: int) -> float:
    """How sure the leading option is, of all that there are, by Bayes' rule."""
    if right >= 1:
        return 1.0
    weight = max(right * (options - 1) / (1 - right), 1e-9)
    untouched = options - 1 - len(said.wrong)
    return weight ** max(said.right, *said.wrong, 0) / (said.evidence(weight) + untouched)


def _one_more(cases: dict[_Said, float], right: float, options: int) -> dict[_Said, float]:
    """The cases after one more answer, with their probabilities."""
    found: dict[_Said, float] = {}

    def add(said: _Said, chance: float) -> None:
        if chance > 0:
            found[said] = found.get(said, 0.0) + chance

    each = (1 - right) / (options - 1)
    for said, chance in cases.items():
        add(_Said(said.right + 1, said.wrong), chance * right)
        for count, times in Counter(said.wrong).items():
            others = list(said.wrong)
            others.remove(count)
            add(_Said(said.right, tuple(sorted([*others, count + 1]))), chance * each * times)
        untouched = options - 1 - len(said.wrong)
        add(_Said(said.right, tuple(sorted([*said.wrong, 1]))), chance * each * untouched)
    return found
