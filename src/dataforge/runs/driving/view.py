"""A run as one process knows it: its task, items, state and quality, kept up by whoever drives or follows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from dataforge.data.items import Items
from dataforge.data.tables import stacked
from dataforge.models import Spending
from dataforge.objects.base import Label
from dataforge.policy import Policy
from dataforge.records import Item, Publication, SystemScore, Terms, Texts, Values
from dataforge.runs.core.columns import Places
from dataforge.runs.core.dealing import ration_of
from dataforge.runs.core.decide import affordable
from dataforge.runs.core.fold import fold
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.core.log import Changed, Decided, Entry, Fed, Fitted, read_entries
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.outlook import Foreseen
from dataforge.runs.core.pages import Pages
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.settings import in_words
from dataforge.runs.core.state import RunState
from dataforge.runs.driving.checkpoint import read_checkpoint
from dataforge.runs.driving.ways import policy_of, way_name, way_of
from dataforge.tasks.task import Task

__all__ = ["RunView"]

# Fed items are read so many at once even where the log says that they came one by one.
READ_AHEAD = 2_000


class RunView:
    """Everything that is known of a run. Hold `lock` while reading or writing; `progressed` tells of news.

    `fed_here` is set when this process has fed the run.
    """

    def __init__(self, folder: RunFolder, description: Description, task: Task, items: Items) -> None:
        self.folder = folder
        self.description = description
        self.task = task
        self.feed = folder.feed()
        self.fed_here = threading.Event()
        self.lock = threading.RLock()
        self.progressed = threading.Condition(self.lock)
        self._written_here = False
        self.trouble: Texts | None = None
        self.spending = Spending()
        self._policy_in_words: tuple[Texts, ...] | None = None
        # What the requester's page shows of systems, and of how many answers.
        self.scores: tuple[int, tuple[SystemScore, ...]] = (0, ())
        self.of_scores: tuple[Texts, ...] = ()
        # Its platform's time, which a simulated one has of its own; who only looks knows that of this machine.
        self.clock: Callable[[], float] = time.time
        # What the run is foreseen to become, where its driver is in this process and has had the time.
        self.foreseen: Foreseen | None = None
        self._launched = self._items = items
        # Fed items that were read last, and how many come before them: they are first numbered and then sent.
        self._window, self._window_start = items.part(0, 0), 0
        # The items of the launch in one piece of memory, while they are sent.
        self._to_send: Items | None = None
        self._begin()

    def _begin(self) -> None:
        """Know of the run what its launch says, and nothing of its log."""
        task, description = self.task, self.description
        self._ask(description.terms())
        responses = Responses(Numbering(description.first_name), Pages())
        self.quality = way_of(task, self.policy)(task.outputs, self.policy, responses)
        self.state = RunState(
            responses, self.quality, description.publication.prices, task.duration, feed_open=description.open
        )
        self.way = way_name(task, self.policy)
        self._offset = 0
        self._grow(self._launched)

    def _ask(self, terms: Terms) -> None:
        """Take a policy and a publication for those of the run."""
        self.policy = policy_of(self.task, Policy.from_json(terms.policy))
        # Whoever changed it may have done so before the run was renamed.
        self.publication = replace(terms.publication, name=self.description.publication.name)
        self._policy_in_words = None
        self.rules = Rules(
            policy=self.policy,
            control_per_page=terms.publication.control_per_page,
            budget=terms.publication.budget,
            extra=(*self.description.notices, *self._passing(terms.publication), *terms.notices),
            streams=self.description.open,
            reasons=self._reasons(),
            ration=ration_of(self.policy, terms.publication),
            task=terms.publication.task.id,
        )

    def _passing(self, asked: Publication) -> tuple[Texts, ...]:
        """How many workers passed what was asked at the launch, while that is still asked."""
        launched = self.description.publication
        same = (asked.workers, asked.languages) == (launched.workers, launched.languages)
        return self.description.passing if same else ()

    def _reasons(self) -> Mapping[Label, Texts]:
        """In what an answer may be wrong, as those say who judge it."""
        check = self.folder.check() if self.description.check else None
        return {} if check is None else check.describe().task().outputs[0].type.reasons()

    @classmethod
    def open(cls, folder: RunFolder, task: Task | None = None, items: Items | None = None) -> RunView:
        """The run of a folder; what its log says is taken in by `catch_up`."""
        description = folder.describe()
        task = task or description.task()
        return cls(folder, description, task, items if items is not None else folder.load_items(task))

    def catch_up(self) -> bool:
        """Take in what the log has got since the last time; whether there was anything.

        Nothing while this process writes it: somebody may have asked who had seen it just before that nobody did.
        """
        if not self.folder.log.exists():
            return False
        with self.lock:
            if self._written_here:
                return False
            before = self._offset
            if not before:
                self._load_checkpoint()
            self._replay(self._new_entries())
            if self._offset != before:
                self.progressed.notify_all()
            return self._offset != before

    def fold(self, entries: Iterable[Entry]) -> None:
        """Take in entries that this process has just written."""
        for entry in entries:
            self._take_in(entry)

    def begin_writing(self) -> None:
        """Note that from now on this process writes the log, and takes in by `fold` what it writes."""
        with self.lock:
            self._written_here = True

    def sync_offset(self) -> None:
        """Note that everything in the log has been taken in: this process has just stopped writing it."""
        with self.lock:
            self._written_here = False
            self._offset = self.folder.log.stat().st_size if self.folder.log.exists() else 0

    @property
    def items(self) -> Items:
        """All items of the run, those that were fed behind those of the launch."""
        there = self._items.count
        if there < len(self.state.numbering):
            fed = self.feed.read(self.task, there - self._launched.count, len(self.state.numbering) - there)
            self._items = Items.stacked([self._items, fed])
        return self._items

    def records(self, places: Places, wanted: int) -> list[Item]:
        """Items by their numbers, as a platform sees them: those of the launch before those that were fed."""
        return [item for part, rows in self._parts(places) for item in part.records_at(rows, wanted)]

    def inputs(self, places: Places) -> pa.Table:
        """Inputs in JSON form by the numbers of items, ascending."""
        return stacked([part.values.take(pa.array(rows)) for part, rows in self._parts(places)])

    def withheld(self, places: Places) -> dict[str, tuple[str, ...]]:
        """The workers from whom those of the items are withheld that are from anybody, by key."""
        launched, names = self._launched.count, self.state.numbering.keys
        return self.feed.withheld({names[place]: place - launched for place in places[places >= launched].tolist()})

    def drafts(self, places: Places) -> list[Values]:
        """What workers begin with by the numbers of items, ascending; by output."""
        return [draft for part, rows in self._parts(places) for draft in part.drafts_at(rows)]

    def all_sent(self) -> None:
        """Let go of what is there for sending items alone."""
        # Answers to be judged are sent with what they are to, as long as the run goes on.
        if not self.description.check:
            self._to_send = None

    @property
    def items_waiting(self) -> int:
        """How many fed items the run has not yet taken in, though it will."""
        with self.lock:
            return self.feed.state().fed - self.state.fed if self.state.ending in (None, "done") else 0

    @property
    def waiting(self) -> bool:
        """Whether the run has still to take in items, corrections or changes, though it may have ended."""
        with self.lock:
            there = self.feed.state()
            taken = (self.state.corrections.taken, self.state.changes)
            return self.items_waiting > 0 or (there.corrections, there.changes) > taken

    def policy_in_words(self) -> tuple[Texts, ...]:
        """What the policy asks for; put into words once, until something else is asked."""
        with self.lock:
            if self._policy_in_words is None:
                self._policy_in_words = in_words(self.policy, self.way, self.rules.control_per_page)
            return self._policy_in_words

    def _load_checkpoint(self) -> None:
        """Know what the run's checkpoint says, if it has one."""
        found = read_checkpoint(self.folder)
        if found is None:
            return
        try:
            if found.fed:
                self._grow(self.feed.read(self.task, 0, found.fed))
            found.load_state(self.state)
            if self.state.changed is not None:
                self._revise(self.state.changed.terms)
            # Last, for what is known was found under these terms, and what they ask is not to be looked at anew.
            found.load_quality(self.quality)
        except Exception:  # it is of another version, or of a way that has changed: the log tells all
            self._begin()
        else:
            self._offset = found.log

    def _take_in(self, entry: Entry) -> None:
        if isinstance(entry, Fed):
            self._grow(self._fed_part(self.state.fed, entry.items))
        elif isinstance(entry, Changed):
            self._revise(entry.terms)
        fold(self.state, entry)

    def _revise(self, terms: Terms) -> None:
        """Ask something else from now on."""
        self._ask(terms)
        self.quality.afford(affordable(self.state, self.rules))
        self.quality.revise(self.policy)

    def _grow(self, items: Items) -> None:
        """Make room for further items."""
        self.state.grow(items)
        self.quality.grow(items)

    def _parts(self, places: Places) -> Iterator[tuple[Items, Places]]:
        """Where items lie, by their numbers: those of the launch before those that were fed."""
        launched = self._launched.count
        if self._to_send is None:
            self._to_send = self._launched.in_one_piece()
        yield self._to_send, places[places < launched]
        fed = places[places >= launched] - launched
        if not len(fed):
            return
        start = self._window_start
        if start <= fed.min() and fed.max() < start + self._window.count:
            yield self._window, fed - start
        else:
            yield self.feed.read_at(self.task, fed), np.arange(len(fed))

    def _fed_part(self, after: int, count: int) -> Items:
        """So many fed items after so many others."""
        if not self._window_start <= after <= after + count <= self._window_start + self._window.count:
            most = min(READ_AHEAD, self.feed.state().fed - after)
            self._window, self._window_start = self.feed.read(self.task, after, max(count, most)), after
        return self._window.part(after - self._window_start, after - self._window_start + count)

    def _new_entries(self) -> Iterable[Entry]:
        for entry, offset in read_entries(self.folder.log, self._offset):
            yield entry
            self._offset = offset

    def _replay(self, entries: Iterable[Entry]) -> None:
        touched: list[Places] = []
        first, refitted = self._offset == 0, False
        for entry in entries:
            if isinstance(entry, Decided):
                touched.append(self.state.responses.new_items)
            refitted |= isinstance(entry, Fitted)
            self._take_in(entry)
        if first or refitted:
            fitted = self.state.fitted
            self.quality.restore(self.folder.path, "" if fitted is None else fitted.file)
        else:
            self.quality.refresh(np.unique(np.concatenate([*touched, self.state.responses.new_items])))
