"""Pieces of the turns of dialogues merged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf
from dataforge.aggregation.merging.spans import SpansMerger

__all__ = ["PLUGIN", "TurnSpansMerger"]


class TurnSpansMerger:
    """Spans of turns, merged as spans of one text in which the turns stand behind one another."""

    right = SpansMerger.right
    beforehand = SpansMerger.beforehand

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._merger = SpansMerger(settings)

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The spans of each item."""
        starts = _starts([*answers.values, *answers.known.values()])
        joined = replace(
            answers,
            values=[_joined(value, starts) for value in answers.values],
            known={item: _joined(value, starts) for item, value in answers.known.items()},
        )
        merged = self._merger.merge(joined, skills)
        return replace(merged, values=[None if value is None else _apart(value, starts) for value in merged.values])


def _starts(values: Iterable[Any]) -> list[int]:
    """Where each turn begins in a text of all turns: a sign behind the last end that anybody marked in the one before.

    So no two spans of different turns touch.
    """
    ends: dict[int, int] = {}
    for span in (span for value in values for span in value or ()):
        ends[span["turn"]] = max(ends.get(span["turn"], 0), span["end"])
    return list(accumulate((ends.get(turn, 0) + 1 for turn in range(max(ends, default=0))), initial=0))


def _joined(value: Any, starts: Sequence[int]) -> list[dict[str, Any]] | None:
    """Spans by their places in the text of all turns."""
    return None if value is None else [_moved(span, starts[span["turn"]]) for span in value]


def _apart(value: list[dict[str, Any]], starts: Sequence[int]) -> list[dict[str, Any]]:
    """Spans by their places in their turns."""
    turns = [bisect_right(starts, span["start"]) - 1 for span in value]
    return [{"turn": turn, **_moved(span, -starts[turn])} for turn, span in zip(turns, value, strict=True)]


def _moved(span: Mapping[str, Any], by: int) -> dict[str, Any]:
    return {name: one + by if name in ("start", "end") else one for name, one in span.items() if name != "turn"}


PLUGIN: MergerOf = TurnSpansMerger
