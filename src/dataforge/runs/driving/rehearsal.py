"""A run gone through to its end in memory, from where it stands: nothing is written down and nobody is asked.

The run's own rules, fits and decisions, and issue as it is on a platform, go round with simulated people.
What the right answers are is drawn from what is believed of the items, and how able people are from what control items
showed of them. Where many items are open a sample of them stands for all.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Mapping, Sequence, Set
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from dataforge.aggregation.arrays import Floats
from dataforge.issue.memory.resumed import Resumed, StoodItem, resume
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Batch, Command, Event, Field, PageSubmitted, Publication, SetState, TaskSpec
from dataforge.runs.core.columns import Places
from dataforge.runs.core.crowd import Able, drawn_abilities, drawn_crowd
from dataforge.runs.core.decide import decide
from dataforge.runs.core.fold import fold
from dataforge.runs.core.log import AddRange, Check, Close, Decided, Finished, Open, Order, Ordered, Received, Sent
from dataforge.runs.core.outlook import Course
from dataforge.runs.core.state import NOT_FINAL
from dataforge.runs.driving.looking import looked
from dataforge.runs.driving.standing import (
    Standing,
    copied,
    drawn_arrivals,
    let_go_of_pages,
    members_of,
    met_in,
    seen_in,
)
from dataforge.tasks.task import Slot

__all__ = ["TooLong", "rehearse"]

BATCH = 25
WAIT = 10.0
NEWCOMERS = 60
# Where nothing happens each look waits twice as long as the last one, up to so many times; after so many looks, which
# is a day, nobody comes any more.
DOUBLED, QUIET = 10, 20


class TooLong(Exception):
    """A rehearsal took more of a processor's time than it may."""


def rehearse(standing: Standing, seed: int, longest: float = math.inf) -> Course:
    """Let the run go on to its end once; raises `TooLong` after so many seconds of a processor."""
    return _Rehearsal(standing, seed).course(time.thread_time() + longest)


class _Rehearsal:
    def __init__(self, standing: Standing, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.rules, self.outputs = standing.rules, standing.outputs
        self.publication = _plain(standing.publication, standing.outputs)
        self.name = self.publication.name
        self.state, self.quality = copied(standing.state, standing.quality, standing.outputs, standing.state.numbering)
        holding = let_go_of_pages(self.state)
        self.before = self.state.responses.accepted_total, self.state.paid
        self.started = self.state.now
        self.items, self.stands_for = self._sampled(standing.most)
        self._bound_budget()
        met = met_in(self.state)
        abilities = drawn_abilities(met, self.rng, standing.presumed)
        self.truth = self._drawn_truth(abilities.each)
        crowd = drawn_crowd(met, abilities, self.state.hint, drawn_arrivals(self.state, self.rng), NEWCOMERS, self.rng)
        workers = [self._worker(one) for one in crowd]
        self.platform = SimulatedPlatform(
            workers, self._truth_of, seed=seed, start=self.state.now, events_per_poll=BATCH, keep_events=False
        )
        self.platform.publish(self.publication)
        number = self.platform.store.runs.number(self.name)
        assert number is not None, "it was just published"
        for record in self.state.workers:
            # Who is away may still be restricted, or told of a bonus.
            self.platform.store.accounts.enter(record.id, record.id, "en")
        resume(self.platform.store, number, self._stood())
        self._go_on_with_pages(number, holding)
        self.state.cursor = 0

    # --- where it begins --------------------------------------------------------------------------

    def _sampled(self, most: int) -> tuple[Places, float]:
        """The open items that are gone through, and how many each of them stands for; the others want nothing."""
        state = self.state
        real = ~state.numbering.control
        new = np.flatnonzero(real & ~state.ordered.values)
        state.responses.want(new, self.rules.policy.min_overlap)
        waiting = np.flatnonzero(~state.ordered.values & ~real).tolist()
        keys = state.numbering.keys
        state.responses.showings.add([keys[item] for item in waiting], waiting, self.rules.policy.min_overlap)
        state.ordered.values[:] = True
        state.to_add.clear()
        open_ = np.flatnonzero(real & (state.finals.values == NOT_FINAL))
        if len(open_) <= most:
            return open_, 1.0
        chosen = np.sort(self.rng.choice(open_, most, replace=False))
        rest = np.setdiff1d(open_, chosen, assume_unique=True)
        state.finals.values[rest] = 0
        state.responses.want(rest, state.responses.accepted[rest])
        return chosen, len(open_) / len(chosen)

    def _bound_budget(self) -> None:
        """Have no more money than is there for the items that are gone through."""
        budget = self.rules.budget
        if budget is not None:
            left = self.state.paid + round((budget - self.state.paid) / self.stands_for)
            self.rules = dataclasses.replace(self.rules, budget=left)
            self.publication = replace(self.publication, budget=left)

    def _drawn_truth(self, able: Floats) -> dict[str, dict[str, str]]:
        """The right answers, by item and output, as codes of labels."""
        state, keys = self.state, self.state.numbering.keys
        controls = np.flatnonzero(state.numbering.control)
        found: dict[str, dict[str, str]] = {keys[item]: {} for item in (*self.items.tolist(), *controls.tolist())}
        known = self.quality.known(controls)
        for slot in self.outputs:
            labels = _labels(slot)
            chances = self._chances(slot, labels, known[slot.name], able)
            drawn = (self.rng.random(len(self.items))[:, None] > chances.cumsum(axis=1)).sum(axis=1)
            for item, code in zip(self.items.tolist(), drawn.clip(0, len(labels) - 1).tolist(), strict=True):
                found[keys[item]][slot.name] = str(code)
            places = {label: str(place) for place, label in enumerate(labels)}
            for item, label in zip(controls.tolist(), known[slot.name].tolist(), strict=True):
                found[keys[item]][slot.name] = places.get(label, "0")
        return found

    def _chances(self, slot: Slot, labels: Sequence[Any], known: Any, able: Floats) -> Floats:
        """How probable each label is for each item: as frequent as among known answers, and as its answers have it.

        What is claimed of them is not asked, for it is held down by all that control items do not show yet.
        """
        counts = np.array([1 + sum(one == label for one in known) for label in labels], float)
        chances = np.tile(np.log(counts / counts.sum()), (len(self.items), 1))
        rows = self.state.responses.of(self.items)
        codes = {label: code for code, label in enumerate(labels)}
        given = [codes.get(label, -1) for label in self.quality.given(rows)[slot.name].tolist()]
        place = np.searchsorted(self.items, self.state.responses.item.values[rows])
        right = able[self.state.responses.workers(rows)] ** (1 / len(self.outputs))
        for at, code, share in zip(place.tolist(), given, right.tolist(), strict=True):
            if code >= 0:
                wrong = math.log((1 - share) / max(len(labels) - 1, 1))
                chances[at] += wrong
                chances[at, code] += math.log(share) - wrong
        chances = np.exp(chances - chances.max(axis=1, keepdims=True))
        found: Floats = chances / chances.sum(axis=1, keepdims=True)
        return found

    def _worker(self, one: Able) -> SimulatedWorker:
        share = one.right ** (1 / len(self.outputs))
        options = {slot.name: [str(code) for code in range(len(_labels(slot)))] for slot in self.outputs}
        return SimulatedWorker(one.name, right_with(share, options), seconds=one.seconds, arrives=one.arrives)

    def _truth_of(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.truth[inputs["item"]]

    def _go_on_with_pages(self, number: int, holding: Set[int]) -> None:
        """Have those who are here take a page, and who held one already take it as they took that one.

        A page that is taken before the verdict on a stranger's first one has as many control items as that one.
        """
        store, members = self.platform.store, {}
        for worker in holding:
            account = store.accounts.rows[self.state.workers[worker].id].id
            members[account] = store.members.load(number, account)
            store.members.save(number, account, replace(members[account], checked=0, control_wish=None))
        self.platform.forward(0.0)
        for account, before in members.items():
            now = store.members.load(number, account)
            store.members.save(number, account, replace(now, checked=before.checked, control_wish=before.control_wish))

    def _stood(self) -> Resumed:
        """The run as a store in memory has it."""
        state, keys = self.state, self.state.numbering.keys
        accepted, wanted, spent = (getattr(state.responses, name) for name in ("accepted", "wanted", "spent"))
        taken = set(self.items.tolist())
        items = [item for item in state.numbering.order.tolist() if item in taken or state.numbering.control[item]]
        given = np.bincount(state.responses.item.values, minlength=len(state.numbering))
        least = self.rules.policy.min_overlap
        stood = []
        for item in items:
            control = bool(state.numbering.control[item])
            withdrawn = control and item in state.control_reports.withdrawn
            stood.append(
                StoodItem(
                    keys[item],
                    control,
                    0 if withdrawn else least if control else int(wanted[item] + spent[item]),
                    int(given[item]) if control else int(accepted[item] + spent[item]),
                    msgspec.json.encode({"item": keys[item]}),
                    asked_again=not control and 0 < accepted[item] < wanted[item],
                )
            )
        return Resumed(stood, members_of(state), seen_in(state), state.paid)

    # --- how it goes on ---------------------------------------------------------------------------

    def course(self, until: float) -> Course:
        """Go round until the run is over, or nobody does anything any more."""
        quiet = 0
        while self.state.ending is None and quiet < QUIET:
            if time.thread_time() > until:
                raise TooLong
            quiet = 0 if self._round(WAIT * 2 ** min(quiet, DOUBLED)) else quiet + 1
        answers, paid = self.before
        more = self.state.responses.accepted_total - answers
        return Course(
            cost=paid + (self.state.paid - paid) * self.stands_for,
            answers=answers + more * self.stands_for,
            seconds=(self.state.last_event - self.started) * self.stands_for,
            right=self._right(),
            ended=self.state.ending is not None,
        )

    def _round(self, wait: float) -> bool:
        """Take in what happened, decide, and have it carried out; whether anything happened."""
        batch = self.platform.poll(self.name, self.state.cursor, 0.0 if self.state.unsettled else wait)
        if batch.events:
            fold(self.state, self._received(batch))
        elif not (self.state.unsettled or self.state.over):
            return False
        fitted = looked(self.state, self.quality, self.rules, str)
        if fitted is not None:
            fold(self.state, fitted)
        decision = decide(self.state, self.quality, self.rules)
        for order in decision.orders:
            fold(self.state, Ordered(order))
        fold(self.state, Decided(decision.settled, None))
        for order in decision.orders:
            self.platform.execute(self.name, self._commands(order))
            fold(self.state, Sent((order.key,)))
        if decision.ending is not None and not batch.more:
            fold(self.state, Finished(self.state.now, decision.ending))
        return bool(batch.events)

    def _received(self, batch: Batch) -> Received:
        """What came, with the answers as labels."""
        labels = {slot.name: _labels(slot) for slot in self.outputs}

        def told(event: Event) -> Event:
            if not isinstance(event, PageSubmitted):
                return event
            answers = [
                {name: labels[name][int(code)] for name, code in answer.items()}
                for answer in event.answers
                if not isinstance(answer, str)
            ]
            return replace(event, answers=tuple(answers))

        return Received(batch.cursor, tuple(map(told, batch.events)))

    def _commands(self, order: Order) -> list[Command]:
        match order:
            case Close(key):
                return [SetState(key, "closed")]
            case Open(key):
                return [SetState(key, "open")]
            case AddRange() | Check():
                # All items are there from the start, and where answers are judged nothing is rehearsed.
                return []
        return [order]

    def _right(self) -> float:
        """Which share of the answers to the items gone through is right; an item that got none has no wrong one."""
        keys = self.state.numbering.keys
        items = self.items[self.state.responses.accepted[self.items] > 0]
        right = np.ones(len(items), bool)
        for outcome, slot in zip(self.quality.outcomes(items), self.outputs, strict=True):
            places = {label: str(place) for place, label in enumerate(_labels(slot))}
            given = [places.get(value) for value in outcome.values.tolist()]
            asked = zip(items.tolist(), given, strict=True)
            right &= np.array([code == self.truth[keys[item]][slot.name] for item, code in asked], bool)
        return float(right.mean()) if len(right) else 1.0


def _labels(slot: Slot) -> list[Any]:
    return [*(slot.type.labels() or ()), *([] if slot.required else [None])]


def _plain(publication: Publication, outputs: Sequence[Slot]) -> Publication:
    """The same pages and prices, with a task whose items are their keys and whose answers are codes; for anybody."""

    def options(slot: Slot) -> dict[str, Any]:
        return {"options": [{"value": str(code), "label": {"en": str(code)}} for code in range(len(_labels(slot)))]}

    task = TaskSpec(
        id="rehearsed",
        name={"en": "Rehearsed"},
        instruction={"en": "Rehearsed."},
        duration=publication.task.duration,
        inputs=(Field("item", "text", {"en": "item"}),),
        outputs=tuple(Field(slot.name, "choice", slot.title, settings=options(slot)) for slot in outputs),
    )
    return replace(publication, task=task, languages=(), workers=None, training=None, checks="")
