"""Who sees which item, in memory: the rules of issue that the simulated platform keeps for one run.

Real items with free places stand in a queue; an item whose place comes back, or of which more is wanted, goes to
the tail. Each worker has a cursor in that queue, so that a page costs the same whatever the number of items.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dataforge.errors import Refused
from dataforge.records import (
    AddItems,
    Allow,
    Command,
    Event,
    Item,
    Judge,
    Money,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageSubmitted,
    PageTaken,
    Publication,
    Restrict,
    RunStateChanged,
    SetState,
    State,
    Texts,
    Want,
    WorkerAllowed,
    WorkerJoined,
    WorkerRestricted,
)

__all__ = ["Desk", "HeldPage", "Shut"]

PageState = Literal["taken", "submitted", "accepted", "rejected", "expired", "late", "skipped", "released"]
MOST_PAGES = 2


@dataclass(frozen=True)
class Shut:
    """Why a worker gets no page now; the names are those of the HTTP API."""

    reason: Literal["restricted", "all_done", "paused", "finished", "language", "budget", "busy"]
    until: float | None = None


@dataclass(slots=True)
class HeldPage:
    """A page given out; `items` are places in the desk's lists, in the order shown."""

    id: str
    worker: str
    items: Sequence[int]
    price: Money
    starts: float
    state: PageState = "taken"
    answers: Sequence[Mapping[str, Any]] = ()


@dataclass(slots=True)
class _Visitor:
    """What the desk remembers of a worker."""

    language: str
    random: random.Random
    cursor: int = 0
    seen: set[int] = field(default_factory=set)
    controls: list[int] = field(default_factory=list)
    controls_known: int = 0
    pages: list[HeldPage] = field(default_factory=list)
    until: float = 0.0
    reason: Texts = field(default_factory=dict)


class Desk:
    """Issue for one run: pages out, answers and verdicts in, every change an event."""

    def __init__(self, publication: Publication, seed: int, *, keep_events: bool = True) -> None:
        self.publication = publication
        self.state: State = "open"
        self.keys: list[str] = []
        self.inputs: list[dict[str, Any]] = []
        self.wanted: list[int] = []
        self.held: list[int] = []
        self.pages: dict[str, HeldPage] = {}
        self.paid: Money = 0
        self.committed: Money = 0
        self.changes = 0
        self._seed = seed
        self._page_size = publication.real_per_page + publication.control_per_page
        self._keep_events = keep_events
        self._index: dict[str, int] = {}
        self._control: list[int] = []
        self._is_control: list[bool] = []
        self._queue: list[int] = []
        self._head = 0
        self._visitors: dict[str, _Visitor] = {}
        self._done: set[str] = set()
        self._events: list[Event] = []
        self._dropped = 0

    # --- the requester's side ---------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """The cursor of the newest event."""
        return self._dropped + len(self._events)

    def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """Up to `limit` events after a cursor, oldest first."""
        if after < self._dropped:
            raise Refused(
                f"events before {self._dropped} are no longer kept, {after} was asked for; keep_events=True keeps all",
                status=410,
                code="events_gone",
            )
        start = after - self._dropped
        found = tuple(self._events[start : start + limit])
        if not self._keep_events and start > 10_000:
            del self._events[:start]
            self._dropped += start
        return found

    def execute(self, commands: Sequence[Command], at: float) -> None:
        """Carry out commands whose key is new."""
        for command in commands:
            if command.key in self._done:
                continue
            self._done.add(command.key)
            self.changes += 1
            match command:
                case AddItems():
                    self._add(command.items)
                case Want():
                    self._want(command.wanted)
                case Judge():
                    self._judge(command, at)
                case Restrict():
                    visitor = self._visitor(command.worker)
                    visitor.until, visitor.reason = command.until, command.reason
                    self._events.append(
                        WorkerRestricted(self.cursor + 1, at, command.worker, command.until, command.reason)
                    )
                case Allow():
                    self._visitor(command.worker).until = 0.0
                    self._events.append(WorkerAllowed(self.cursor + 1, at, command.worker))
                case SetState():
                    if command.state != self.state:
                        self.state = command.state
                        self._events.append(RunStateChanged(self.cursor + 1, at, command.state))

    def _add(self, items: Sequence[Item]) -> None:
        for item in items:
            if item.key in self._index:
                continue
            place = self._index[item.key] = len(self.keys)
            self.keys.append(item.key)
            self.inputs.append(item.inputs)
            self.wanted.append(item.wanted)
            self.held.append(0)
            self._is_control.append(item.control)
            if item.control:
                self._control.append(place)
            elif item.wanted > 0:
                self._queue.append(place)

    def _want(self, wanted: Mapping[str, int]) -> None:
        for key, number in wanted.items():
            place = self._index.get(key)
            if place is None:
                raise Refused(f"run {self.publication.name!r} has no item {key!r}", status=404, code="item_unknown")
            more = number > max(self.wanted[place], self.held[place])
            self.wanted[place] = number
            if more and not self._is_control[place]:
                self._queue.append(place)

    def _judge(self, command: Judge, at: float) -> None:
        for accepted, pages in ((True, command.accepted), (False, command.rejected)):
            for name in pages:
                page = self._page(name)
                if page.state != "submitted":
                    continue
                page.state = "accepted" if accepted else "rejected"
                amount = page.price if accepted else 0
                self.paid += amount
                self.committed += amount - page.price
                if not accepted:
                    self._give_back(page)
                page.items, page.answers = (), ()
                self._events.append(PageJudged(self.cursor + 1, at, name, page.worker, accepted, amount))

    # --- the worker's side ------------------------------------------------------------------------

    def take(self, worker: str, at: float, *, language: str = "en", name: str = "") -> HeldPage | Shut:
        """A new page for a worker, or why there is none."""
        visitor = self._visitors.get(worker)
        shut = self._shut(visitor, language, at)
        if shut is not None:
            return shut
        first = visitor is None
        visitor = visitor or self._visitor(worker, language)
        self._notice_controls(visitor)
        controls = min(self.publication.control_per_page, len(visitor.controls))
        real = self._free_items(visitor, self._page_size - controls)
        if not real:
            return Shut("busy") if self._may_come_back(visitor) else Shut("all_done")
        affordable, controls = self._affordable(len(real), controls)
        if affordable < len(real):
            # The items left out stay open to this worker, for when money comes back.
            visitor.cursor = min(visitor.cursor, self._head)
            del real[affordable:]
        if not real:
            return Shut("budget")
        shown = real + visitor.controls[len(visitor.controls) - controls :]
        price = self.publication.prices[len(shown) - 1]
        del visitor.controls[len(visitor.controls) - controls :]
        return self._give(worker, visitor, shown, price, at, first=first, name=name)

    def _controls_beside(self, real: int, most: int) -> int:
        """How many control items go with so many real ones: their usual share of a page that is not full."""
        full, controls = self.publication.real_per_page, self.publication.control_per_page
        return most if real >= full else min(most, max(1, math.ceil(controls * real / full)))

    def _affordable(self, real: int, most: int) -> tuple[int, int]:
        """How many of so many real items, and how many control items, the budget still pays for on one page."""
        budget, prices = self.publication.budget, self.publication.prices
        controls = self._controls_beside(real, most)
        while budget is not None and real and self.committed + prices[real + controls - 1] > budget:
            real -= 1
            controls = self._controls_beside(real, most)
        return real, controls

    def _give(
        self, worker: str, visitor: _Visitor, shown: list[int], price: Money, at: float, *, first: bool, name: str
    ) -> HeldPage:
        visitor.random.shuffle(shown)
        for place in shown:
            visitor.seen.add(place)
            self.held[place] += 1
        self.committed += price
        page = HeldPage(f"p{len(self.pages) + 1}", worker, tuple(shown), price, at)
        self.pages[page.id] = page
        visitor.pages.append(page)
        if first:
            self._events.append(WorkerJoined(self.cursor + 1, at, worker, visitor.language, name))
        self._events.append(
            PageTaken(self.cursor + 1, at, page.id, worker, tuple(self.keys[place] for place in page.items))
        )
        return page

    def submit(self, name: str, answers: Sequence[Mapping[str, Any]], at: float) -> PageState:
        """Take a page's answers; sending them again gives the same reply."""
        page = self._page(name)
        if page.state in ("submitted", "accepted", "rejected", "late"):
            return "late" if page.state == "late" else "submitted"
        if len(answers) != len(page.items):
            raise Refused(
                f"page {name!r} has {len(page.items)} items, got {len(answers)} answers",
                status=422,
                code="answer_invalid",
            )
        if page.state == "taken" and at > page.starts + self.publication.lease:
            self.expire(at)
        if page.state != "taken":
            page.state = "late"
            raise Refused(f"the time for page {name!r} ran out", status=409, code="lease_expired")
        page.state = "submitted"
        page.answers = tuple(answers)
        self._leave(page, at)
        self._events.append(
            PageSubmitted(
                self.cursor + 1,
                at,
                name,
                page.worker,
                tuple(self.keys[place] for place in page.items),
                tuple(dict(answer) for answer in answers),
                at - page.starts,
            )
        )
        return "submitted"

    def skip(self, name: str, at: float) -> None:
        """Decline a page; the worker will not see its items again."""
        page = self._page(name)
        if page.state == "taken":
            self._put_back(page, "skipped", at)
            self._events.append(PageSkipped(self.cursor + 1, at, name, page.worker))

    def release(self, name: str, at: float) -> None:
        """Hand back a page that was never shown; the worker may see its items later."""
        page = self._page(name)
        if page.state == "taken":
            visitor = self._visitor(page.worker)
            visitor.seen.difference_update(page.items)
            visitor.controls.extend(place for place in page.items if self._is_control[place])
            self._put_back(page, "released", at)
            self._events.append(PageReleased(self.cursor + 1, at, name, page.worker))

    def expire(self, at: float) -> None:
        """Take back the pages whose time has run out."""
        for worker, visitor in self._visitors.items():
            for page in list(visitor.pages):
                if page.state == "taken" and at > page.starts + self.publication.lease:
                    self._put_back(page, "expired", at)
                    self._events.append(PageExpired(self.cursor + 1, at, page.id, worker))

    # --- inside -----------------------------------------------------------------------------------

    def _visitor(self, worker: str, language: str = "en") -> _Visitor:
        visitor = self._visitors.get(worker)
        if visitor is None:
            visitor = self._visitors[worker] = _Visitor(language, random.Random(f"{self._seed}:{worker}"))
        return visitor

    def _page(self, name: str) -> HeldPage:
        try:
            return self.pages[name]
        except KeyError:
            raise Refused(f"there is no page {name!r}", status=404, code="page_unknown") from None

    def _shut(self, visitor: _Visitor | None, language: str, at: float) -> Shut | None:
        if self.state != "open":
            return Shut("paused" if self.state == "paused" else "finished")
        if self.publication.languages and language not in self.publication.languages:
            return Shut("language")
        if visitor is not None and at < visitor.until:
            return Shut("restricted", visitor.until)
        if visitor is not None and len(visitor.pages) >= MOST_PAGES:
            return Shut("busy")
        return None

    def _open(self, place: int) -> bool:
        return self.held[place] < self.wanted[place]

    def _free_items(self, visitor: _Visitor, number: int) -> list[int]:
        queue, held, wanted = self._queue, self.held, self.wanted
        while self._head < len(queue) and held[queue[self._head]] >= wanted[queue[self._head]]:
            self._head += 1
        found: list[int] = []
        at = max(visitor.cursor, self._head)
        while at < len(queue) and len(found) < number:
            place = queue[at]
            at += 1
            if held[place] < wanted[place] and place not in visitor.seen and place not in found:
                found.append(place)
        visitor.cursor = at
        return found

    def _notice_controls(self, visitor: _Visitor) -> None:
        """Put control items that came since the worker's last page into the worker's own order of them."""
        fresh = self._control[visitor.controls_known :]
        if fresh:
            visitor.controls_known = len(self._control)
            # Turned, not shuffled: as different between workers as need be, and much cheaper.
            turn = visitor.random.randrange(len(fresh))
            visitor.controls = fresh[turn:] + fresh[:turn] + visitor.controls

    def _may_come_back(self, visitor: _Visitor) -> bool:
        """Whether a page that is out holds an item this worker has not seen."""
        return any(
            place not in visitor.seen and not self._is_control[place]
            for other in self._visitors.values()
            if other is not visitor
            for page in other.pages
            for place in page.items
        )

    def _leave(self, page: HeldPage, at: float) -> None:
        """The worker is done with this page: the time of the one fetched ahead starts now."""
        visitor = self._visitor(page.worker)
        if page in visitor.pages:
            visitor.pages.remove(page)
            for other in visitor.pages:
                other.starts = at

    def _put_back(self, page: HeldPage, state: PageState, at: float) -> None:
        self._leave(page, at)
        self._give_back(page)
        self.committed -= page.price
        page.state = state
        self.changes += 1

    def _give_back(self, page: HeldPage) -> None:
        self.changes += 1
        for place in page.items:
            self.held[place] -= 1
            if not self._is_control[place] and self._open(place):
                self._queue.append(place)
