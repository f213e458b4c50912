"""How far who only guesses passes for right, where answers near the known one do, and what such an answer is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dataforge.objects.base import Label, ObjectType

__all__ = ["beats_any_constant", "credit", "fewest_guessed", "guessed_options", "passes", "passing_shares"]


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


def beats_any_constant(kind: ObjectType, given: Sequence[Label | None], known: Sequence[Label]) -> bool:
    """Whether answers are more of the right ones, near ones in part, than one and the same answer to all would be."""

    def worth(answers: Sequence[Label | None]) -> float:
        both = zip(answers, known, strict=True)
        return sum(credit(kind.similarity(one, right)) for one, right in both if one is not None)

    best = max((worth([label] * len(known)) for label in kind.labels() or ()), default=0.0)
    return worth(given) > best + 1e-9
