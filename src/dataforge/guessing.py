"""How far who only guesses passes for right, where answers near the known one do, and what such an answer is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dataforge.objects.base import Label, ObjectType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LUCK = 1.2816
"""Standard deviations that luck exceeds once in ten times."""
FEWEST = 3

__all__ = [
    "always_passes",
    "beats_any_constant",
    "beyond_luck",
    "credit",
    "fewest_guessed",
    "guessed_options",
    "passes",
    "passing_shares",
    "passing_unseen",
    "very_same",
]


def guessed_options(kind: ObjectType, alike: float | None) -> int | None:
    """Of how many options one passes for right, at the most cautious guess; None if there is no fixed set.

    `alike`: as a policy says what is right. Of the grades 1 to 5 three pass for a 3 where one point off does.
    """
    labels = kind.labels()
    if labels is None or not kind.graded:
        return kind.fewest_options()
    return len(labels) // max(sum(passes(kind, alike, one, other) for other in labels) for one in labels)


def fewest_guessed(kinds: Iterable[ObjectType], alike: float | None) -> int | None:
    """The same of the question that is guessed most easily, 2 at least; None if none has a fixed set of options."""
    return min((max(2, among) for kind in kinds if (among := guessed_options(kind, alike))), default=None)


def passing_shares(balance: Mapping[Label, float], kind: ObjectType, alike: float | None) -> dict[Label, float]:
    """How often each label passes for right, by the share of each among the known answers.

    Of grades also one that is nowhere known: where all are 2 or 4, who always says 3 passes everywhere.
    """
    labels = kind.labels()
    if not kind.graded or labels is None:
        return dict(balance)
    return {one: sum(share for other, share in balance.items() if passes(kind, alike, one, other)) for one in labels}


def passing_unseen(kind: ObjectType, alike: float | None, items: Iterable[tuple[Any, Mapping[str, Any]]]) -> Fraction:
    """Which share of the known answers passes, at best, for whoever answers all items without a look.

    `items` are the known answers and the inputs of each.
    """
    passed, total = Counter[int](), 0
    for known, inputs in items:
        total += 1
        unseen = enumerate(kind.without_looking(known, inputs))
        passed.update(place for place, value in unseen if passes(kind, alike, value, known))
    return Fraction(max(passed.values(), default=0), max(total, 1))


def passes(kind: ObjectType, alike: float | None, one: Label, other: Label) -> bool:
    """Whether one answer passes for right where another is known."""
    least = kind.control_similarity if alike is None else alike
    return one == other if least is None else kind.similarity(one, other) >= least


def credit(likeness: float) -> float:
    """How much of a right answer is in one that is so much like it.

    The square of how far it is off, as in a weighted kappa; half the scale off, as far as who always says the middle is
    at most, is no better than no answer: 4 for 5 of 1 to 5 is three quarters of a right answer.
    """
    return max(0.0, 1.0 - (2.0 * (1.0 - likeness)) ** 2)


def always_passes(kind: ObjectType, alike: float | None, label: Label, known: Any) -> bool:
    """Whether one and the same grade for all that is graded in an answer passes for right where this one is known."""
    grade, least = kind.grade, kind.control_similarity if alike is None else alike
    both = [] if grade is None else [grade.similarity(label, right) for right in kind.grades(known).values()]
    return bool(both) and sum(both) / len(both) >= (1.0 if least is None else least)


def very_same(kind: ObjectType, alike: float | None, given: Any, known: Any) -> bool:
    """Whether so many of the grades in an answer are the very ones as are asked to be alike."""
    least = kind.control_similarity if alike is None else alike
    ours, right = kind.grades(given), kind.grades(known)
    same = sum(ours.get(place) == one for place, one in right.items())
    return same >= (1.0 if least is None else least) * len(right)


def beyond_luck(total: Floats, squares: Floats, steps: Floats) -> Flags:
    """Where differences sum up to more than luck brings once in ten times; `squares` is the sum of their squares.

    `steps` counts those that are not 0: two items that were looked at are no proof, which luck has once in four.
    """
    found: Flags = (total > LUCK * squares**0.5 + 1e-9) & (steps >= FEWEST)
    return found


def beats_any_constant(kind: ObjectType, given: Sequence[Label | None], known: Sequence[Label]) -> bool:
    """Whether answers are more of the right ones, near ones in part, than one and the same answer to all would be.

    More beyond luck: who says one thing nearly always is now and then nearer the right one.
    """

    # Loaded where it is needed: a server on which nobody is trained does without.
    import numpy as np

    def worth(answers: Sequence[Label | None]) -> list[float]:
        both = zip(answers, known, strict=True)
        return [0.0 if one is None else credit(kind.similarity(one, right)) for one, right in both]

    ours = worth(given)
    for label in kind.labels() or ():
        more = np.subtract(ours, worth([label] * len(known)))
        if not beyond_luck(more.sum(), (more**2).sum(), (more != 0).sum()):
            return False
    return True
