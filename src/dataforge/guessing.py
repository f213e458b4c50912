"""How far who only guesses passes for right, where answers near the known one do: grades of a scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dataforge.objects.base import Label, ObjectType

__all__ = ["fewest_guessed", "guessed_options", "passes", "passing_shares"]


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
