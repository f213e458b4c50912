"""A third store, as plain as can be: lists that every question walks through.

It shows that the protocol is enough, and what a store has to know: nothing of pages' make-up, of money or of who may do
what. docs/write-your-own-store.md leads through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec

from dataforge.issue.ledger import Balance, Entry, Sums, totals
from dataforge.issue.rows import (
    Appeal,
    CountedTime,
    Counters,
    ItemContent,
    Lot,
    Member,
    MiddlePaces,
    NewItem,
    NewPage,
    Pace,
    PageRow,
    PageState,
    RunRow,
    Skill,
    Span,
    StoredItem,
    Stretch,
    Trainee,
    WantedItem,
    Worker,
)
from dataforge.records import Answer, Event, Publication, Texts


@dataclass(frozen=True)
class Place:
    """An item and how many of its places are taken."""

    run: int
    id: int
    item: NewItem
    held: int = 0
    mirrored: int | None = None

    @property
    def open(self) -> bool:
        return not self.item.control and self.has_place

    @property
    def has_place(self) -> bool:
        return self.held < self.item.wanted

    def stored(self) -> StoredItem:
        item = self.item
        return StoredItem(
            self.id,
            item.key,
            item.control,
            item.position,
            self.mirrored,
            item.inputs,
            self.held,
            item.wanted,
            item.draft,
        )

    def moved(self, **changes: Any) -> Place:
        return replace(self, item=msgspec.structs.replace(self.item, **changes))


@dataclass
class Tables:
    """Everything there is."""

    runs: list[RunRow] = field(default_factory=list)
    counters: list[Counters] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)
    commands: list[tuple[int, str]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    pages: list[PageRow] = field(default_factory=list)
    seen: list[tuple[int, int]] = field(default_factory=list)
    withheld: list[tuple[int, int]] = field(default_factory=list)
    preferred: dict[int, set[int]] = field(default_factory=dict)
    members: list[tuple[int, int, Member]] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    skills: list[tuple[int, str, Skill]] = field(default_factory=list)
    learnt: list[tuple[int, str, int, int, int]] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    hours: list[tuple[PageRow, CountedTime]] = field(default_factory=list)
    appeals: list[tuple[int, Appeal]] = field(default_factory=list)
    trainees: list[tuple[int, int, Trainee]] = field(default_factory=list)


class Runs:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def add(self, publication: Publication, now: float) -> int:
        number = len(self.tables.runs) + 100
        self.tables.runs.append(RunRow(number, publication.name, publication, now))
        self.tables.counters.append(Counters())
        return number

    def by_name(self, name: str) -> RunRow | None:
        return next((row for row in self.tables.runs if row.name == name), None)

    def number(self, name: str) -> int | None:
        return next((row.id for row in self.tables.runs if row.name == name), None)

    def by_id(self, run: int) -> RunRow:
        return self.tables.runs[run - 100]

    def revision(self, run: int) -> int:
        return self.by_id(run).revision

    def republish(self, run: int, publication: Publication) -> None:
        row = self.by_id(run)
        row = msgspec.structs.replace(row, publication=publication, revision=row.revision + 1)
        self.tables.runs[run - 100] = row

    def rename(self, run: int, publication: Publication) -> None:
        row = msgspec.structs.replace(self.by_id(run), name=publication.name, publication=publication)
        self.tables.runs[run - 100] = row

    def counters(self, run: int) -> Counters:
        return msgspec.structs.replace(self.tables.counters[run - 100])

    def save(self, run: int, counters: Counters, events: Sequence[Event]) -> None:
        self.tables.counters[run - 100] = msgspec.structs.replace(counters)
        self.tables.events += [(run, event) for event in events]

    def events_after(self, run: int, after: int, limit: int) -> list[Event]:
        return [event for number, event in self.tables.events if number == run and event.cursor > after][:limit]

    def known_commands(self, run: int, keys: Sequence[str]) -> set[str]:
        return {key for key in keys if (run, key) in self.tables.commands}

    def remember_commands(self, run: int, keys: Sequence[str]) -> None:
        self.tables.commands += [(run, key) for key in keys]


def in_lot(places: Sequence[Place], lot: Lot) -> list[Place]:
    return [place for place in places if place.item.position % lot.one_in == lot.remainder]


class Items:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def add(self, run: int, items: Sequence[NewItem]) -> None:
        start = len(self.tables.places)
        self.tables.places += [Place(run, start + index, item) for index, item in enumerate(items)]

    def known(self, run: int, keys: Sequence[str]) -> set[str]:
        return {place.item.key for place in self.tables.places if place.run == run and place.item.key in keys}

    def contents(self, run: int, keys: Sequence[str]) -> dict[str, ItemContent]:
        there = [place.item for place in self.tables.places if place.run == run and place.item.key in keys]
        return {item.key: ItemContent(item.control, item.inputs, item.draft) for item in there}

    def queue(self, run: int, stretch: Stretch) -> list[Place]:
        there = [place for place in self.tables.places if place.run == run and place.open]
        found = [place for place in there if stretch.after < place.item.position <= stretch.until]
        return sorted(found, key=lambda place: place.item.position)

    def open_in(
        self, run: int, worker: int, stretch: Stretch, limit: int, lot: Lot, group: str = ""
    ) -> list[StoredItem]:
        queue = [place for place in in_lot(self.queue(run, stretch), lot) if (worker, place.id) not in self.tables.seen]
        return [place.stored() for place in queue if not self.withheld([place.id], worker, group)][:limit]

    def has_open(self, run: int, stretch: Stretch, worker: int | None = None, group: str = "") -> bool:
        return any(not self.withheld([place.id], worker, group) for place in self.queue(run, stretch))

    def controls_after(
        self, run: int, worker: int, position: int, limit: int, lot: Lot, *, fresh: bool
    ) -> list[StoredItem]:
        behind = [place for place in self.tables.places if place.run == run and place.item.position > position]
        seen = {item for one, item in self.tables.seen if one == worker}
        looks = [place.item.inputs for place in self.tables.places if place.id in seen and place.item.control]
        queue = in_lot(sorted(behind, key=lambda place: place.item.position), lot)
        wanted = [place for place in queue if place.item.control and place.item.wanted > 0]
        unseen = [place for place in wanted if place.item.inputs not in looks]
        unseen = [place for place in unseen if (worker, place.id) not in self.tables.withheld]
        return [place.stored() for place in unseen if place.has_place is fresh][:limit]

    def of_page(self, page: PageRow) -> list[StoredItem]:
        return [self.tables.places[item].stored() for item in page.items]

    def wanted(self, run: int, key: str) -> WantedItem | None:
        for place in self.tables.places:
            if place.run == run and place.item.key == key:
                return WantedItem(place.id, place.item.control, place.item.wanted, place.held, place.item.position)
        return None

    def want(self, item: int, wanted: int, position: int | None) -> None:
        place = self.tables.places[item].moved(wanted=wanted)
        self.tables.places[item] = place if position is None else place.moved(position=position)

    def withhold(self, item: int, worker: Worker) -> None:
        self.tables.withheld.append((worker.id, item))

    def withheld(self, items: Sequence[int], worker: int | None, group: str = "") -> bool:
        people = {worker, *(one.id for one in self.tables.workers if group and one.invitation == group)}
        return any((one, item) in self.tables.withheld for one in people for item in items)

    def prefer(self, item: int, workers: Sequence[int]) -> None:
        self.tables.preferred[item] = set(workers)

    def preferring(self, run: int, items: Sequence[int]) -> dict[int, set[int]]:
        there = self.tables.preferred
        return {item: there[item] for item in items if there.get(item) and self.tables.places[item].run == run}

    def any_preferring(self, run: int) -> bool:
        everything = [place.id for place in self.tables.places if place.run == run]
        return bool(self.preferring(run, everything))

    def take_places(self, items: Sequence[int]) -> None:
        for item in items:
            place = self.tables.places[item]
            self.tables.places[item] = replace(place, held=place.held + 1)

    def free_places(self, items: Sequence[int]) -> bool:
        return all(place.open or place.item.control for place in (self.tables.places[item] for item in items))

    def count_submitted(self, items: Sequence[int], more: int = 1) -> None:
        pass

    def give_back(self, places: Sequence[tuple[int, int]], *, submitted: bool) -> None:
        for item, position in places:
            place = self.tables.places[item]
            self.tables.places[item] = replace(place, held=place.held - (not place.item.control)).moved(
                position=position
            )

    def set_mirrored(self, items: Iterable[tuple[int, int]]) -> None:
        for item, side in items:
            self.tables.places[item] = replace(self.tables.places[item], mirrored=side)


class Pages:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def add(self, page: NewPage) -> PageRow:
        seen = [(page.worker.id, item) for item in page.items]
        if set(seen) & set(self.tables.seen):
            raise RuntimeError("nobody is shown an item twice")
        self.tables.seen += seen
        row = PageRow(
            id=len(self.tables.pages),
            page=page.page,
            run=page.run,
            worker_id=page.worker.id,
            worker=page.worker.worker,
            state="held",
            price=page.price,
            items=page.items,
            mirrored=page.mirrored,
            taken=page.taken,
            lease=page.lease,
            deadline=page.deadline,
            controls=page.controls,
            newcomer=page.newcomer,
            revision=page.revision,
        )
        self.tables.pages.append(row)
        return row

    def change(self, page: int, **changes: Any) -> None:
        self.tables.pages[page] = msgspec.structs.replace(self.tables.pages[page], **changes)

    def by_page(self, page: bytes) -> PageRow | None:
        return next((row for row in self.tables.pages if row.page == page), None)

    def held(self, run: int, worker: int) -> list[PageRow]:
        held = [row for row in self.tables.pages if (row.run, row.worker_id, row.state) == (run, worker, "held")]
        return sorted(held, key=lambda row: row.deadline is None)

    def with_deadline(self) -> list[tuple[float, int]]:
        held = [row for row in self.tables.pages if row.state == "held"]
        return sorted((row.deadline, row.id) for row in held if row.deadline is not None)

    def due(self, now: float, limit: int) -> list[PageRow]:
        return [self.tables.pages[number] for deadline, number in self.with_deadline() if deadline <= now][:limit]

    def next_deadline(self) -> float | None:
        return next((deadline for deadline, _ in self.with_deadline()), None)

    def finish(
        self,
        page: PageRow,
        state: PageState,
        at: float,
        *,
        seconds: float | None = None,
        answers: Sequence[Answer] | None = None,
    ) -> None:
        self.change(page.id, state=state, finished=at)
        if seconds is not None:
            self.change(page.id, seconds=seconds)

    def judge(
        self, page: PageRow, verdict: Literal["accepted", "rejected"], reason: Texts | None, counted: int = 0
    ) -> None:
        if self.tables.pages[page.id].state not in {"submitted", "accepted", "rejected"} - {verdict}:
            raise RuntimeError("no page is paid twice")
        self.change(page.id, state=verdict, counted=counted)

    def counted(self, run: int, worker: int) -> list[PageRow]:
        whose = run, worker, "accepted"
        found = [row for row in self.tables.pages if (row.run, row.worker_id, row.state) == whose]
        return [row for row in reversed(found) if row.counted]

    def count(self, page: PageRow, counted: int) -> None:
        self.change(page.id, counted=counted)

    def give_reason(self, page: PageRow, reason: Texts) -> None:
        pass

    def start_waiting(self, run: int, worker: int, now: float) -> None:
        for row in self.held(run, worker):
            if row.deadline is None:
                self.change(row.id, deadline=now + row.lease)

    def released(self, run: int, worker: int) -> PageRow | None:
        back = [row for row in self.tables.pages if (row.run, row.worker_id, row.state) == (run, worker, "released")]
        return back[-1] if back else None

    def newcomers_hold(self, run: int, origin: str, invitation: str) -> tuple[int, int]:
        held = [page for page in self.tables.pages if page.newcomer and (page.run, page.state) == (run, "held")]
        workers = {worker.id: worker for worker in self.tables.workers}
        by_origin = sum(page.reals for page in held if workers[page.worker_id].origin == origin)
        return by_origin, sum(page.reals for page in held if workers[page.worker_id].invitation == invitation)

    def give_again(self, page: PageRow, taken: float, deadline: float | None) -> PageRow:
        self.change(page.id, state="held", taken=taken, deadline=deadline)
        return self.tables.pages[page.id]


class Members:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def load(self, run: int, worker: int) -> Member:
        found = [member for *key, member in self.tables.members if key == [run, worker]]
        return found[-1] if found else Member()

    def save(self, run: int, worker: int, member: Member) -> None:
        self.tables.members.append((run, worker, member))

    def worked_elsewhere(self, run: int, worker: int, after: float) -> list[Span]:
        runs = {other for other, who, _ in self.tables.members if who == worker and other != run}
        spans = [Span(one.worked_from, one.worked_until) for one in (self.load(other, worker) for other in runs)]
        return [span for span in spans if span.ended > after]

    def middle_paces(self, run: int) -> MiddlePaces:
        found = sorted(pace.milliseconds / pace.items for pace in self.paces(run))
        return MiddlePaces(len(found), 0, found)

    def paces(self, run: int) -> list[Pace]:
        found = [(one, self.load(run, one.id)) for one in self.tables.workers]
        return [Pace(one.id, one.worker, member.paced, member.timed) for one, member in found if member.timed]

    def runs_of(self, worker: int) -> list[int]:
        runs = {run for run, who, _ in self.tables.members if who == worker}
        return sorted(run for run in runs if self.load(run, worker).joined is not None)


class Accounts:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def worker_by_name(self, worker: str) -> Worker | None:
        return next((row for row in self.tables.workers if row.worker == worker), None)

    def set_shut_out(self, worker: int, since: float | None) -> None:
        self.tables.workers = [
            msgspec.structs.replace(row, shut_out=since) if row.id == worker else row for row in self.tables.workers
        ]

    def set_known(self, worker: int) -> None:
        self.tables.workers = [
            msgspec.structs.replace(row, known=1) if row.id == worker else row for row in self.tables.workers
        ]

    def set_first_run(self, worker: int, run: int) -> None:
        self.tables.workers = [
            msgspec.structs.replace(row, first_run=run) if row.id == worker else row for row in self.tables.workers
        ]


class Skills:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def give(self, worker: int, name: str, value: float, by: str, now: float) -> None:
        self.take(worker, name)
        self.tables.skills.append((worker, name, Skill(value, by, now)))

    def take(self, worker: int, name: str) -> None:
        self.tables.skills = [row for row in self.tables.skills if row[:2] != (worker, name)]

    def learn(self, worker: int, name: str, run: int, right: int, total: int) -> tuple[int, int]:
        others = [row for row in self.tables.learnt if row[:3] != (worker, name, run)]
        self.tables.learnt = [*others, (worker, name, run, right, total)]
        same = [row for row in self.tables.learnt if row[:2] == (worker, name)]
        return sum(row[3] for row in same), sum(row[4] for row in same)

    def of(self, worker: int) -> dict[str, Skill]:
        return dict(sorted((name, skill) for who, name, skill in self.tables.skills if who == worker))


class Ledger:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def enter(self, entry: Entry) -> None:
        if entry.key is not None and self.by_key(entry.key) is not None:
            raise RuntimeError("nothing is paid twice")
        self.tables.ledger.append(entry)

    def summed(self, entries: Sequence[Entry]) -> Sums:
        return {kind: sum(one.amount for one in entries if one.kind == kind) for kind in {one.kind for one in entries}}

    def balance(self, worker: int, currency: str) -> Balance:
        theirs = [one for one in self.tables.ledger if (one.worker, one.currency) == (worker, currency)]
        accounts = totals(self.summed(theirs))
        return Balance(accounts["due"], accounts["paid"])

    def by_key(self, key: str) -> Entry | None:
        return next((one for one in self.tables.ledger if one.key == key), None)

    def was_rejected(self, page: int) -> bool:
        return any(one.page == page and one.kind in ("rejected", "taken_back") for one in self.tables.ledger)

    def topped_up(self, page: int) -> int:
        sums = self.summed([one for one in self.tables.ledger if one.page == page])
        return sums.get("top_up", 0) - sums.get("top_up_back", 0)

    def sums(self, run: int | None, worker: int, currency: str) -> Sums:
        whose = run, worker, currency
        return self.summed([one for one in self.tables.ledger if (one.run, one.worker, one.currency) == whose])


class Hours:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def within(self, worker: int, stretch: CountedTime) -> list[CountedTime]:
        found = [one for page, one in self.tables.hours if page.worker_id == worker]
        return [one for one in found if max(one.begun, stretch.begun) < min(one.ended, stretch.ended)]

    def count(self, page: PageRow, times: Sequence[CountedTime]) -> None:
        self.tables.hours += [(page, one) for one in times]

    def give_up(self, page: PageRow) -> int:
        found = [one for other, one in self.tables.hours if other.id == page.id]
        self.tables.hours = [(other, one) for other, one in self.tables.hours if other.id != page.id]
        return sum(ended - begun for begun, ended in found)


class Appeals:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def of(self, page: PageRow) -> Appeal | None:
        found = [appeal for number, appeal in self.tables.appeals if number == page.id]
        return found[-1] if found else None

    def save(self, page: PageRow, appeal: Appeal) -> None:
        self.tables.appeals.append((page.id, appeal))


class Trainees:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def load(self, run: int, worker: int) -> Trainee:
        found = [trainee for *key, trainee in self.tables.trainees if key == [run, worker]]
        return found[-1] if found else Trainee()

    def save(self, run: int, worker: int, trainee: Trainee) -> None:
        self.tables.trainees.append((run, worker, trainee))

    def of_worker(self, worker: int) -> list[tuple[int, Trainee]]:
        return list({run: trainee for run, of, trainee in self.tables.trainees if of == worker}.items())


class ListStore:
    """A `Store` of lists."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.runs = Runs(self.tables)
        self.items = Items(self.tables)
        self.pages = Pages(self.tables)
        self.members = Members(self.tables)
        self.accounts = Accounts(self.tables)
        self.skills = Skills(self.tables)
        self.ledger = Ledger(self.tables)
        self.hours = Hours(self.tables)
        self.appeals = Appeals(self.tables)
        self.trainees = Trainees(self.tables)
