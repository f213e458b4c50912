"""What came out of a pipeline, and where it is from: results by item, questions, arrows, what is outdated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import count
from math import prod
from typing import TYPE_CHECKING, Any

import msgspec

from dataforge.data.frames import set_apart
from dataforge.data.items import Items
from dataforge.pipelines.forecast import Course
from dataforge.pipelines.journal import Call, Entry, Outcome
from dataforge.pipelines.places import order
from dataforge.pipelines.player import Player
from dataforge.pipelines.questions import Answered
from dataforge.pipelines.stages import Stages
from dataforge.records import PipelineResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Calls", "Outcomes", "ends"]

LINEAGE = ("id", "place", "asked", "question", "answer", "confidence", "flag", "corrected", "now")
OUTDATED = "outdated"
"""The flag of a result that rests on an answer which was corrected since."""
INCOMPLETE = "incomplete"
SURE = ("", "corrected", "verified")
"""Flags of answers that are as sure as they can be."""
FLOW = ("from", "to", "items")
BEGIN, END = "items", "results"


def ends(asked: Collection[str]) -> tuple[str, str]:
    """What the beginning and the end of the picture are called: `_` is put behind what a question is called."""
    begin, end = (next(name for n in count() if (name := of + "_" * n) not in asked) for of in (BEGIN, END))
    return begin, end


LONGEST_RESULT = 300


class Calls:
    """What was asked of each item by now, and of each task or step how often."""

    def __init__(self) -> None:
        self.of: dict[int, dict[str, Call]] = {}
        self.asked: Counter[str] = Counter()

    def note(self, entry: Entry) -> Entry:
        """Take in what was written down."""
        if isinstance(entry, Call):
            calls = self.of.setdefault(entry.item, {})
            self.asked[entry.asked] += entry.place not in calls
            calls[entry.place] = entry
        return entry


class Outcomes:
    """Results of a pipeline's items as they stand."""

    def __init__(self, items: Items, stages: Stages, player: Player, calls: Calls) -> None:
        self._items, self._stages, self._player, self._calls = items, stages, player, calls

    def labels(self) -> pd.DataFrame:
        """One row per item; see `PipelineRun.labels`."""
        import pandas as pd

        outcomes = {item: self._player.outcomes.get(item) for item in range(self._items.count)}
        values = [None if outcome is None else msgspec.json.decode(outcome.value) for outcome in outcomes.values()]
        given = [value for value in values if value is not None]
        named = bool(given) and all(isinstance(value, dict) for value in given)
        names = list(dict.fromkeys(name for value in given for name in value)) if named else ["result"]
        key, ours = self._items.key_column, ["confidence", "flag", "error"]
        shown = dict(zip(names, set_apart(names, [key, *ours]), strict=True))
        frame = self._items.columns([key, *shown.values(), *ours])
        frame.insert(0, key, self._items.ids())
        for name, shown_as in shown.items():
            column = [(value or {}).get(name) for value in values] if named else values
            frame[shown_as] = pd.Series(column, frame.index, dtype=object)
        outdated = set(self.outdated())
        sure = [None if item in outdated else self._confidence(one) for item, one in outcomes.items()]
        frame["confidence"] = pd.Series(sure, frame.index, dtype=float)
        frame["flag"] = [OUTDATED if item in outdated else self._flag(one) for item, one in outcomes.items()]
        frame["error"] = [None if outcome is None else outcome.error for outcome in outcomes.values()]
        return frame

    def last(self, count: int) -> tuple[PipelineResult, ...]:
        """The results that came last, the newest first."""
        found, ids = list(self._player.outcomes.values())[-count:][::-1], self._items.keys
        return tuple(
            PipelineResult(
                str(ids[one.item]),
                bytes(one.value).decode()[:LONGEST_RESULT],
                self._confidence(one),
                self._flag(one),
                one.error[:LONGEST_RESULT],
            )
            for one in found
        )

    def lineage(self) -> pd.DataFrame:
        """One row per question; see `PipelineRun.lineage`."""
        import pandas as pd

        ids, rows = self._items.ids().tolist(), []
        for item in sorted(self._calls.of):
            for call in sorted(self._calls_of(item), key=lambda call: order(call.place)):
                found, now = self._player.given(call), self._corrected(call)
                told = (None, None, "") if found is None else (found.answer, found.confidence, found.flag)
                changed = (now is not None, None if now is None else now.answer)
                rows.append((ids[item], call.place, call.asked, call.shown, *told, *changed))
        return pd.DataFrame(rows, columns=list(LINEAGE))

    def arrows(self) -> list[tuple[str, str, int]]:
        """How many items went from which question to which."""
        arrows: Counter[tuple[str, str]] = Counter()
        begin, end = ends(self._calls.asked)
        for item in list(self._calls.of):  # to which the player adds
            calls = self._calls_of(item)
            asked = {call.place: call.asked for call in calls}
            way = {(asked.get(before, begin), call.asked) for call in calls for before in call.after or ("",)}
            if (outcome := self._player.outcomes.get(item)) is not None:
                way |= {(asked.get(before, begin), end) for before in outcome.after or ("",)}
            arrows.update(way)
        return [(*arrow, count) for arrow, count in arrows.items()]

    def flow(self) -> pd.DataFrame:
        """The arrows as a table; see `PipelineRun.flow`."""
        import pandas as pd

        return pd.DataFrame(self.arrows(), columns=list(FLOW))

    def courses(self) -> Counter[Course]:
        """How many items went which way."""
        return Counter(self._course(item) for item in range(self._items.count))

    def outdated(self) -> list[int]:
        """The items with a result that rests on an answer which was corrected since."""
        if not self._stages.any_corrected:
            return []
        done = [item for item in list(self._player.outcomes) if item in self._calls.of]
        return [item for item in done if any(self._corrected(call) is not None for call in self._calls_of(item))]

    def _course(self, item: int) -> Course:
        calls: Sequence[Call] = self._calls_of(item) if item in self._calls.of else []
        return Course.of(calls, self._player.has, done=item in self._player.outcomes)

    def _flag(self, outcome: Outcome | None) -> str:
        if outcome is None:
            return INCOMPLETE
        return next((found.flag for found in self._rests_on(outcome) if found.flag not in SURE), "")

    def _rests_on(self, outcome: Outcome) -> list[Answered]:
        """The answers that the function was given for a result."""
        calls = [self._player.call(outcome.item, place) for place in sorted(outcome.of, key=order)]
        return [found for call in calls if (found := self._player.given(call)) is not None]

    def _confidence(self, outcome: Outcome | None) -> float | None:
        if outcome is None or outcome.error:
            return None
        sure: list[Any] = [found.confidence for found in self._rests_on(outcome)]
        return None if not sure or None in sure else prod(sure)

    def _calls_of(self, item: int) -> list[Call]:
        """What was asked of an item; of one that has a result what that rests on: played anew it may ask less."""
        calls, outcome = list(self._calls.of[item].values()), self._player.outcomes.get(item)
        return calls if outcome is None or not outcome.of else [call for call in calls if call.place in outcome.of]

    def _corrected(self, call: Call) -> Answered | None:
        """What is answered to a question now, if it is something else than what the function was given."""
        given = self._player.given(call)
        return None if given is None else self._stages.corrected(call.asked, self._player.key_of(call), given)
