"""The product's own state, quality and `decide`, driven by the answers of a replay.

The loop looks at what there is after each page, or after as many answers to different items. All pages are accepted
unless the policy says otherwise.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from replay import BY_PAGE, PAGE, Answers, Codes, Dealing, Flags, Outcome, Page, Recording, Replay

import dataforge as df
from dataforge.data.items import Items
from dataforge.issue import levels
from dataforge.records import Event, Judge, PageJudged, PageSubmitted, PageTaken, Want
from dataforge.runs.core.decide import decide
from dataforge.runs.core.fold import fold
from dataforge.runs.core.log import Decided, Entry, Fitted, Ordered, Received, Sent, Started
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.pages import Pages
from dataforge.runs.core.quality import Quality
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState
from dataforge.runs.driving.ways import way_of
from dataforge.tasks.task import Task

__all__ = ["BY_DEFAULT", "Loop", "Run"]

BY_DEFAULT = df.Policy().aggregation
# More than there are answers: what waits in one level of a platform's queue comes after all that waits in another.
BEHIND = 1 << 40
# The label of an item that nobody has answered, who was let go on: it is never right.
NOBODY = -1


@dataclass(frozen=True)
class Loop:
    """The product's loop with a policy that accepts and pays everybody, from `least` answers an item to `most`.

    With a `target` of the whole, until that is reached; else until each answer is sure enough. A `voter` is a model
    that labels the items and the control items. `routed`: the run's wishes who should answer what are heeded.
    """

    confidence: float
    least: int = 1
    most: int = 9
    dealing: Dealing = BY_PAGE
    aggregation: str = BY_DEFAULT
    target: float | None = None
    voter: Callable[[Replay], tuple[Codes, Codes]] | None = None
    routed: bool = True

    def __call__(self, replay: Replay, watch: Callable[[Run], None] | None = None) -> Outcome:
        """What the loop makes of a replay; `watch` sees the run after each step."""
        policy = df.Policy(
            min_confidence=self.confidence,
            target=self.target,
            voters=None if self.voter is None else {"model": "model"},
            overlap=(self.least, self.most),
            page=(PAGE, 2),
            control_ratio=0.0,
            control=None,
            speed=(),
            aggregation=self.aggregation,
        )
        run = Run(replay, policy, None if self.voter is None else self.voter(replay), routed=self.routed)
        recording = Recording(replay, self.dealing)
        run.decide()
        while run.more_from(recording):
            if watch is not None:
                watch(run)
        return run.outcome(recording)


class Run:
    """A run without log and platform: entries go into the state at once."""

    def __init__(
        self, replay: Replay, policy: df.Policy, says: tuple[Codes, Codes] | None = None, *, routed: bool = True
    ) -> None:
        self._replay, self._routed = replay, routed
        task = task_of(replay.labels)
        items = items_of(task, replay, says)
        responses = Responses(Numbering(f"{replay.name}-{replay.seed}"), Pages())
        self._rules = Rules(policy, control_per_page=2, budget=None)
        self._quality = way_of(task, policy)(task.outputs, policy, responses)
        self._state = RunState(responses, self._quality, (0,), task.duration)
        self._state.grow(items)
        self._quality.grow(items)
        self._places, self._tail = np.argsort(responses.numbering.order), replay.items
        self._answers = [{"answer": str(label)} for label in range(replay.labels)]
        self._cursor, self._looked_at = 0, -1
        self._wishes: dict[int, frozenset[int]] = {}
        self._fold(Started(0.0, "replay"))

    @property
    def quality(self) -> Quality:
        """What is known of the answers."""
        return self._quality

    @property
    def answers(self) -> int:
        """How many answers there are to real items."""
        return int(self._state.responses.accepted[: self._replay.items].sum())

    def _fold(self, *entries: Entry) -> None:
        for entry in entries:
            fold(self._state, entry)

    def decide(self) -> None:
        """Look at what is new as the run's loop does, and carry out what follows."""
        state, quality = self._state, self._quality
        fresh = len(state.responses.new_items) > 0
        afresh = state.unsettled or state.over
        if quality.fit_due(state.fitted, afresh=afresh):
            quality.fit(afresh=afresh)
            self._fold(Fitted(state.responses.accepted_total, "", afresh))
        elif fresh:
            quality.refresh(state.responses.new_items)
        decision = decide(state, quality, self._rules)
        self._fold(
            *(Ordered(order) for order in decision.orders),
            Sent(tuple(order.key for order in decision.orders)),
            Decided(decision.settled, quality.mean_confidence),
        )
        for order in decision.orders:
            if isinstance(order, Want):
                self._move_to_tail(order)
        judged = [event for order in decision.orders if isinstance(order, Judge) for event in self._verdicts(order)]
        if judged:
            self._receive(judged)
            self.decide()

    def _move_to_tail(self, order: Want) -> None:
        """Items that want a further answer come after all others, the dearest first, as on a platform."""
        for key in order.wanted:
            level = levels.level_of(order.worth[key]) if key in order.worth else 0
            behind = BEHIND * (len(levels.LEVELS) - level) if level else 0
            item = self._state.numbering.index[key]
            self._places[item] = self._tail + behind
            self._wishes.pop(item, None)
            if self._routed and key in order.prefers:
                self._wishes[item] = frozenset(map(int, order.prefers[key]))
            self._tail += 1

    def more_from(self, recording: Recording) -> bool:
        """Have some items that want an answer get one; whether there was any, or something to decide without."""
        state = self._state
        wanted = state.responses.wanted[: self._replay.items] > state.responses.accepted[: self._replay.items]
        waiting = np.flatnonzero(wanted)
        pages = recording.next(waiting[np.argsort(self._places[waiting])], self._barred(), self._wishes)
        if pages:
            self._receive([*self._events(pages)])
            self.decide()
            return True
        if wanted.any():
            # Nobody is left who could answer these: the run ends with what there is.
            out = np.flatnonzero(wanted)
            state.responses.want(out, state.responses.accepted[out])
        # A look at the whole may ask for more, of which nobody is left to give any: one at as many answers is enough.
        looked = self._looked_at == state.responses.accepted_total
        self._looked_at = state.responses.accepted_total
        self.decide()
        return not looked

    def _barred(self) -> Flags:
        """Which workers get no more pages."""
        barred = np.zeros(self._replay.workers, bool)
        for record in self._state.workers:
            barred[int(record.id)] = record.restricted_until > self._state.now
        return barred

    def _receive(self, events: Sequence[Event]) -> None:
        self._cursor += len(events)
        self._fold(Received(self._cursor, tuple(events)))

    def _events(self, pages: Sequence[Page]) -> Iterator[Event]:
        """What a platform tells of pages."""
        keys = self._state.numbering.keys
        for number, page in enumerate(pages):
            answers = Answers.joined([page.real, replace(page.checks, items=self._replay.items + page.checks.items)])
            named = tuple(keys[item] for item in answers.items.tolist())
            given = tuple(self._answers[label] for label in answers.labels.tolist())
            name = f"{self._cursor}-{page.worker}-{number}"
            yield PageTaken(0, 0.0, name, str(page.worker), named)
            yield PageSubmitted(0, 0.0, name, str(page.worker), named, given)

    def _verdicts(self, order: Judge) -> Iterator[Event]:
        for pages, accepted in ((order.accepted, True), (order.rejected, False)):
            for page in pages:
                yield PageJudged(0, 0.0, page, page.split("-")[1], accepted, 0)

    def outcome(self, recording: Recording) -> Outcome:
        """What there is now."""
        (found,) = self._quality.outcomes(np.arange(self._replay.items))
        labels = np.array([NOBODY if value is None else int(value) for value in found.values], np.int64)
        answers = int(self._state.responses.accepted[: self._replay.items].sum())
        return Outcome(labels, found.confidence.astype(np.float64), answers, recording.controls)


def task_of(labels: int) -> Task:
    """A task whose answers are the texts "0", "1", … ."""

    def options(names: dict[str, object]) -> None:
        for code in range(labels):
            names[f"LABEL_{code}"] = df.option(str(code))

    label = types.new_class("Label", (df.Choice,), {}, options)

    def question(number: df.Text) -> None:
        """Which label is it?"""

    question.__annotations__ = {"number": df.Text, "return": label}
    return df.task(duration="10s")(question)


def items_of(task: Task, replay: Replay, says: tuple[Codes, Codes] | None = None) -> Items:
    """The items of a replay, those to be asked before the control items, with what a model `says` of both."""
    real = pd.DataFrame({"id": [f"i{n}" for n in range(replay.items)]})
    control = pd.DataFrame({"id": [f"c{n}" for n in range(len(replay.control_truth))]})
    control["answer"] = replay.control_truth.astype(str)
    if says is not None:
        real["model"], control["model"] = (labels.astype(str) for labels in says)
    return Items.join(
        df.read_items(task, real.assign(number=real["id"])),
        df.read_items(task, control.assign(number=control["id"]), control=True),
    )
