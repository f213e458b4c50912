"""How many questions a pipeline will have asked when it ends, and what it will have cost, from how it went so far.

Items that are done first are those that were asked least, so that what they cost says too little of the others. What is
counted here is, of the items that had the answers from which a question may follow, how many did ask it: by then that
is decided, however long the item takes after it. Those that wait for such an answer, or have not come to it, go on
as these did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge import cards
from dataforge.pipelines.journal import Call
from dataforge.pipelines.places import order
from dataforge.pricing.amounts import money

__all__ = ["Course", "Node", "PipelineForecast", "Priced", "Question", "forecast_of", "questions_of"]

Question = tuple[str, str]
"""A place in the function, and what is asked there."""
Drawn = NDArray[np.int64]
ENOUGH = 20
"""Before so many items have an answer nothing is told."""
KNOWN, MOST_UNKNOWN = 10, 0.1
"""What follows from a question is known after so many answers; at most this share of the items may hang on others."""
DRAWS = 400
SURE = 1.2816
"""Eight in ten of a normal distribution lie within so many standard deviations."""


class Node(NamedTuple):
    """A question at its place, and those whose answers led to it."""

    place: str
    asked: str
    after: tuple[Question, ...]

    @property
    def question(self) -> Question:
        """The question alone."""
        return self.place, self.asked


class Course(NamedTuple):
    """How an item went so far: what it asked, what of that is answered, whether it has its result."""

    asked: frozenset[Node]
    answered: frozenset[Question]
    done: bool

    @classmethod
    def of(cls, calls: Sequence[Call], answered: Callable[[Call], bool], *, done: bool) -> Course:
        """The course of an item by what was written down of it."""
        asked = {call.place: call.asked for call in calls}
        nodes = (
            Node(call.place, call.asked, tuple((place, asked.get(place, "")) for place in call.after)) for call in calls
        )
        return cls(frozenset(nodes), frozenset((call.place, call.asked) for call in calls if answered(call)), done)

    @property
    def waits(self) -> bool:
        """Whether a question of it has no answer yet: else it is on its way to the next."""
        return len(self.answered) < len(self.asked)

    def has_led_to(self, node: Node) -> bool:
        """Whether it had the answers from which this question may follow, so that whether it does is decided."""
        begun = self.done or bool(self.asked)
        return begun and self.answered.issuperset(node.after) and (self.done or self.waits or node in self.asked)


class Priced(NamedTuple):
    """What a task will have cost for the questions `asked` by now: expected, and with eight chances in ten."""

    asked: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class PipelineForecast:
    """What a pipeline will have cost, and how many questions it will have asked of each task, when it ends.

    Each as expected, and between which two numbers it lies with eight chances in ten.
    """

    cost: tuple[float, float, float]
    currency: str
    questions: Mapping[str, tuple[float, float, float]]

    def __str__(self) -> str:
        expected, low, high = (money(one, self.currency)["en"] for one in self.cost)
        asked = ", ".join(f"{one[0]:,.0f} of {name}" for name, one in self.questions.items())
        return f"about {expected} ({low} to {high}); questions: {asked}"

    def _repr_html_(self) -> str:
        return cards.card("Forecast", "", *map(cards.line, str(self).split("; ")))


def forecast_of(
    courses: Counter[Course], priced: Mapping[str, Priced], currency: str, budget: float | None = None
) -> PipelineForecast | None:
    """What becomes of a pipeline; None where too little is known. `courses`: how many items went so."""
    chance = np.random.default_rng(0)
    asked = questions_of(courses, chance)
    if asked is None or not priced or not all(one.asked for one in priced.values()):
        return None
    cost = np.zeros(DRAWS)
    for name, one in priced.items():
        doubt = chance.standard_normal(DRAWS) * (one.high - one.low) / (2 * SURE)
        cost += asked.get(name, one.asked) / one.asked * (one.expected + doubt)
    if budget is not None:
        cost = np.minimum(cost, budget)
    return PipelineForecast(_three(cost), currency, {name: _three(asked[name]) for name in priced if name in asked})


def _three(drawn: NDArray[np.generic]) -> tuple[float, float, float]:
    low, high = np.quantile(drawn.astype(float), [0.1, 0.9])
    return float(drawn.astype(float).mean()), float(low), float(high)


def questions_of(courses: Counter[Course], chance: np.random.Generator) -> dict[str, Drawn] | None:
    """How many questions of each task and step there will have been, drawn many times; None while too few are answered.

    Of each question that may follow the chance is drawn as what was counted lets it be, then which items ask it.
    """
    answers = Counter[Question]()
    for course, items in courses.items():
        for question in course.answered:
            answers[question] += items
    if sum(items for course, items in courses.items() if course.answered) < ENOUGH:
        return None
    nodes = sorted({node for course in courses for node in course.asked}, key=lambda node: order(node.place))
    chances = {node: _chances(node, courses, chance) for node in nodes}
    asked: dict[str, Drawn] = {node.asked: np.zeros(DRAWS, np.int64) for node in nodes}
    unknown = 0.0
    for course, items in courses.items():
        for node in course.asked:
            asked[node.asked] += items
            waits = node.question not in course.answered
            unknown += items * (waits and answers[node.question] < KNOWN)
        for node, more in _to_come(course, items, chances, chance):
            asked[node.asked] += more
            unknown += more.mean() * (answers[node.question] < KNOWN)
    return None if unknown > MOST_UNKNOWN * courses.total() else asked


def _chances(node: Node, courses: Counter[Course], chance: np.random.Generator) -> NDArray[np.float64]:
    """How probable it is that a question follows from the answers that may lead to it."""
    led = sum(items for course, items in courses.items() if course.has_led_to(node))
    did = sum(items for course, items in courses.items() if node in course.asked)
    return chance.beta(did + 0.5, max(led - did, 0) + 0.5, DRAWS)


def _to_come(
    course: Course, items: int, chances: Mapping[Node, NDArray[np.float64]], chance: np.random.Generator
) -> list[tuple[Node, Drawn]]:
    """What so many items that went so far will ask yet, in the order of places."""
    if course.done:
        return []
    come: list[tuple[Node, Drawn]] = []
    will: dict[Question, Drawn] = {node.question: np.full(DRAWS, items) for node in course.asked}
    none, places = np.zeros(DRAWS, np.int64), {node.place for node in course.asked}
    for node, follows in chances.items():
        if node.place in places or course.has_led_to(node):
            continue
        may = np.min([will.get(before, none) for before in node.after] or [np.full(DRAWS, items)], axis=0)
        more = chance.binomial(may, follows)
        will[node.question] = np.minimum(will.get(node.question, none) + more, items)
        come.append((node, more))
    return come
