"""A feed as those hold it who feed a run and who drive it."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.corrections import AskMore, Correct, Correction, Withdraw
from dataforge.data.contents import Content, contents, differences
from dataforge.data.items import Items
from dataforge.data.keys import look_alike
from dataforge.endings import LOG_FILE, Ending, last_ending
from dataforge.errors import DataError, RunEnded, RunError
from dataforge.feed._answers import KnownKeys, authors_of, not_entered, note_entered, put_answers
from dataforge.feed._batches import put_items, read_items, read_items_at
from dataforge.feed._changes import changes_in, note_change, open_no_more, opens, put_back, terms_in, waiting_in
from dataforge.feed._corrections import checked_correction, corrections_in, known_at_first, not_said
from dataforge.feed._file import FeedFile
from dataforge.feed._known import enter, enter_launched, known, refuse_known_answers, repeated, withheld_from, withhold
from dataforge.records import Added, Publication, Terms, Values
from dataforge.tasks.task import Task

__all__ = ["FEED_FILE", "ITEMS_FILE", "Feed", "FeedState", "refuse_idle_controls"]

ITEMS_FILE = "items.parquet"
FEED_FILE = "feed.sqlite3"
ENTERED_AT_ONCE = 20_000

REASONS = {
    "budget": "its budget pays for no more pages; raise it by `dataforge change --budget …` or run.change(budget=…), "
    "or launch another run with them",
    "time": "its time is over; give it more by `dataforge change --time-limit …` or run.change(time_limit=…), or "
    "launch another run with them",
    "stopped": "it was stopped by hand; open it again, on its page, by `dataforge reopen` or run.reopen()",
}


class FeedState(NamedTuple):
    """How many items were fed so far, whether no more come, how many corrections there are, and how many changes."""

    fed: int
    finished: bool
    corrections: int = 0
    changes: int = 0


class Feed:
    """The feed of the run in a folder; the file is made by the first who adds or finishes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = FeedFile(folder / FEED_FILE)

    # --- who feeds --------------------------------------------------------------------------------

    def add(self, items: Items, withheld: Mapping[str, Sequence[str]] | None = None) -> Added:
        """Add items, all or none; those that the run knows already, with the same content, are left out.

        `withheld`: the workers who are never given them, by key; of those that are left out that stays as it is.

        Raises `DataError` if the run knows a key with other content, or if an item to ask and a control item have the
        same inputs; `RunEnded` if there are new items and it takes no more.
        """
        rows = list(contents(items))
        launched = self._launched(items.task)
        self._enter_answers(items.task, launched)
        with self._file.writing() as db:
            self._enter_batches(db, items.task, launched, not_entered(db))
            there = known(db, [row.key for row in rows])
            for row in rows:
                if row.key in there and there[row.key][0] != row.digest:
                    self._refuse(db, items, row, there[row.key][1] - launched)
            new = [row for row in rows if row.key not in there]
            again = 0
            if new:
                self._refuse_after_end(db)
                refuse_known_answers(db, items.name, new)
                again = repeated(db, new)
                fed = _state(db).fed
                enter(db, new, launched + fed)
                put_items(db, items.chosen([row.place for row in new]), fed)
                apart = withheld or {}
                withhold(db, {row.key: apart[row.key] for row in new if row.key in apart})
        return Added(len(new), len(rows) - len(new), again)

    def add_answers(self, items: Items, authors: Mapping[str, Sequence[str]], keys: KnownKeys) -> set[str]:
        """Add answers to be judged, which are never shown to their authors, by key; the keys that the run knew before.

        What has such a key need not read the same, and may have further authors. What is asked may be what a control
        item says. `keys` are those that the caller knew when it added last.

        Raises `RunEnded` if there are new ones and the run takes no more.
        """
        with self._file.writing() as db:
            self._learn(db, items.task, keys)
            before = keys.keys & authors.keys()
            new = items.chosen([place for place, key in enumerate(items.keys) if key not in before])
            if new.count:
                self._refuse_after_end(db)
                put_answers(db, new, keys.fed, [authors[key] for key in new.keys])
            withhold(db, {key: authors[key] for key in before})
        keys.note(list(new.keys))
        return before

    def keep_from(self, task: Task, authors: Mapping[str, Sequence[str]], keys: KnownKeys) -> set[str]:
        """Never show answers to be judged to these workers, by key, whether they are here or come later; those here."""
        with self._file.writing() as db:
            self._learn(db, task, keys)
            withhold(db, authors)
        return keys.keys & authors.keys()

    def finish(self) -> None:
        """Say that no more items come: the run ends when those it has are answered.

        Raises `RunEnded` if it has ended before they were.
        """
        with self._file.writing() as db:
            self._refuse_after_end(db)
            db.execute("UPDATE about SET finished = 1")

    def correct(self, task: Task, *corrections: Correction, after: int | None = None) -> None:
        """Correct something by hand, all or nothing, whether the run goes on or is over; it is on the disk afterwards.

        `after`: how many corrections the caller had seen. What was said since of the same items is not overwritten
        unseen; what says the same is not said again.

        Raises `DataError` if the run has no such item, or the answers do not fit it; `Overtaken` if somebody else said
        something else meanwhile; `RunEnded` if more answers are asked of a run that has no money or time for them.
        """
        find = self._finder(task)
        checked = [checked_correction(task, one, find, lambda: self.corrections(0)) for one in corrections]
        with self._file.writing() as db:
            if any(isinstance(one, AskMore) for one in checked):
                self._refuse_after_end(db, "answers")
            new = checked if after is None else not_said(checked, corrections_in(db, after))
            rows = [(msgspec.json.encode(one),) for one in new]
            db.executemany("INSERT INTO corrections (correction) VALUES (?)", rows)

    def known_answer(self, task: Task, key: str) -> tuple[Values, bool, bool]:
        """The known answers of a control item as they were corrected last, whether it was withdrawn, and corrected."""
        item = self._finder(task)(key)
        if not item.control[0]:
            raise DataError(f"item {key!r} is no control item: workers are to find its answer")
        launched = found = known_at_first(task, item)
        withdrawn = False
        for correction in self.corrections(0):
            if isinstance(correction, Correct) and correction.item == key and not withdrawn:
                found = correction.answer
            withdrawn |= correction == Withdraw(key)
        return found, withdrawn, found != launched

    def change(self, new: Callable[[Terms | None, Ending | None], Terms | None]) -> None:
        """Have the run ask something else, made by `new` of what it asked and of how it has ended, None: not yet.

        What it asked is None if that was never changed. With None nothing is noted. Of a run that has ended the terms
        let it go on: it takes items again; one that was stopped only if they open it.
        """
        with self._file.writing() as db:
            ending = self._ending(db)
            was = terms_in(db)
            now = new(was, ending)
            if now is not None and now != was:
                note_change(db, was, now)

    def stay_ended(self) -> None:
        """Have a run that has ended, and was opened again, stay as it is, unless its log has heard of that already."""
        with self._file.writing() as db:
            open_no_more(db)

    def ended_by_hand(self) -> bool:
        """Whether the run was stopped, and nobody has opened it again."""
        with self._file.reading() as db:
            return (last_ending(self._folder / LOG_FILE) if db is None else self._ending(db)) == "stopped"

    def terms(self) -> Terms | None:
        """What the run asks since it was changed last; None if it never was."""
        with self._file.reading() as db:
            return None if db is None else terms_in(db)

    def changes(self) -> list[Terms]:
        """What the run asked after each change, the oldest first."""
        with self._file.reading() as db:
            return [] if db is None else [terms for _, terms in changes_in(db)]

    # --- who drives -------------------------------------------------------------------------------

    def state(self) -> FeedState:
        """How much was fed; cheap, to be asked in each round."""
        with self._file.reading() as db:
            return FeedState(0, False) if db is None else _state(db)

    def read(self, task: Task, after: int, count: int) -> Items:
        """So many fed items of the run's task, after so many others."""
        with self._file.reading() as db:
            found = [] if db is None else list(self._read(db, task, after, after + count))
        items = Items.stacked(found) if found else Items.empty(task)
        if items.count != count:
            raise self._lacking(f"items {after + items.count + 1} to {after + count}")
        return items

    def read_at(self, task: Task, places: NDArray[np.int64]) -> Items:
        """The items that were fed after so many others, in this order; reads only what was added with them."""
        with self._file.reading() as db:
            found = None if db is None else read_items_at(db, task, places, str(self._file.path))
        if found is None:
            raise self._lacking(f"item {places.max() + 1}")
        return found

    def withheld(self, places: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
        """The workers from whom those of the items are withheld that are from anybody, by key.

        `places`: how many items were fed before each of them.
        """
        with self._file.reading() as db:
            if db is None or not places:
                return {}
            authors, further = authors_of(db, places.values()), withheld_from(db, list(places))
        found = {key: authors[place] for key, place in places.items() if place in authors}
        return found | {key: tuple(sorted({*workers, *found.get(key, ())})) for key, workers in further.items()}

    def corrections(self, after: int) -> tuple[Correction, ...]:
        """The corrections after so many others."""
        with self._file.reading() as db:
            return () if db is None else corrections_in(db, after)

    def changed(self, number: int) -> Terms:
        """What the run asks since it was changed for the so many-th time."""
        with self._file.reading() as db:
            row = None if db is None else db.execute("SELECT terms FROM changes WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise self._lacking(f"change {number}")
        return msgspec.json.decode(row[0], type=Terms)

    def took_change(self, number: int) -> None:
        """Note that the log has that change and those before: from then on it says whether the run has ended."""
        with self._file.writing() as db:
            db.execute("UPDATE changes SET taken = 1 WHERE number <= ? AND NOT taken", (number,))

    def take_back(self, refused: Publication, launched: Terms, number: int) -> Terms:
        """Put what was asked before in place of changes that cannot be published; what the so many-th asks then."""
        with self._file.writing() as db:
            return put_back(db, refused, launched, number)

    def end(self, ending: Ending) -> FeedState:
        """Take no more items, for the run ends in a way from which it does not go on; give what was fed till then."""
        with self._file.writing() as db:
            db.execute("UPDATE about SET ended = ?", (ending,))
            return _state(db)

    def reopen(self) -> None:
        """Take items again: the run has not ended after all."""
        if self._file.path.exists():
            with self._file.writing() as db:
                db.execute("UPDATE about SET ended = NULL")

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        self._file.close()

    # --- inside -----------------------------------------------------------------------------------

    def _lacking(self, what: str) -> RunError:
        return RunError(
            f"the feed of run {self._folder.name!r} lacks {what} that its log speaks of; restore "
            f"{str(self._file.path)!r} from the copy that the log is from"
        )

    def _launched(self, task: Task) -> int:
        """How many items the run was launched with; their keys are entered when it is first fed.

        What a large launch holds is looked at beforehand and entered in parts, so that whoever drives the run need not
        wait; it counts once all is entered.
        """
        with self._file.reading() as db:
            (launched,) = (None,) if db is None else db.execute("SELECT launched FROM about").fetchone()
        if launched is None:
            items = self._launch_items(task)
            rows = contents(items)
            while part := list(itertools.islice(rows, ENTERED_AT_ONCE)):
                with self._file.writing() as db:
                    enter_launched(db, part)
            launched = items.count
            with self._file.writing() as db:
                db.execute("UPDATE about SET launched = ?", (launched,))
        return int(launched)

    def _enter_answers(self, task: Task, launched: int) -> None:
        """Enter answers, which only who added them knew; in parts, as what a large launch holds."""
        with self._file.reading() as db:
            batches = [] if db is None else not_entered(db)
        for batch in batches:
            with self._file.writing() as db:
                self._enter_batches(db, task, launched, [batch])

    def _enter_batches(
        self, db: sqlite3.Connection, task: Task, launched: int, batches: Sequence[tuple[int, int]]
    ) -> None:
        for start, stop in batches:
            if note_entered(db, stop):
                for items in self._read(db, task, start, stop):
                    enter(db, contents(items), launched + start)

    def _learn(self, db: sqlite3.Connection, task: Task, known_keys: KnownKeys) -> None:
        """Learn the keys of the items that the run has got since."""
        if known_keys.fed < 0:
            known_keys.keys.update(self._launch_items(task).keys)
            known_keys.fed = 0
        for items in self._read(db, task, known_keys.fed, _state(db).fed):
            known_keys.note(list(items.keys))

    def _launch_items(self, task: Task) -> Items:
        try:
            return Items.load(self._folder / ITEMS_FILE, task)
        except DataError as error:
            raise RunError(
                f"the items that run {self._folder.name!r} was launched with cannot be read: {error}"
            ) from error

    def _refuse_after_end(self, db: sqlite3.Connection, what: str = "items") -> None:
        if (reason := self._ended_early(db)) is not None:
            raise RunEnded(f"run {self._folder.name!r} takes no more {what}: {reason}")

    def _ended_early(self, db: sqlite3.Connection) -> str | None:
        """Why the run takes no more items, with what to do: it was stopped, or is over; None if it does."""
        ending = self._ending(db)
        return None if ending in (None, "done") else REASONS[ending]

    def _ending(self, db: sqlite3.Connection) -> Ending | None:
        """How the run has ended, or is about to; None while it goes on, and when a change will let it go on.

        The log is asked as well: of a run that ended before its feed was made, or was restored, the feed knows nothing.
        """
        told: Ending | None = db.execute("SELECT ended FROM about").fetchone()[0]
        ended = last_ending(self._folder / LOG_FILE)
        if told is None and ended is not None and (waiting := waiting_in(db)):
            return None if ended != "stopped" or opens(*waiting) else ended
        return told or ended

    def _read(self, db: sqlite3.Connection, task: Task, start: int, stop: int) -> Iterator[Items]:
        return read_items(db, task, start, stop, str(self._file.path))

    def _finder(self, task: Task) -> Callable[[str], Items]:
        """What gives one item of the run, by its key; it raises `DataError` if there is none."""
        launched: list[Items] = []  # read once, and not at all where nobody asks

        def find(key: str) -> Items:
            if not launched:
                launched.append(self._launch_items(task))
            return self._item(task, key, launched[0])

        return find

    def _item(self, task: Task, key: str, launched: Items) -> Items:
        """One item of the run, which was launched with these; raises `DataError` if there is none."""
        place = launched.keys.find(key)
        if place >= 0:
            return launched.part(place, place + 1)
        with self._file.reading() as db:
            if db is not None and (found := self._fed_item(db, task, key, launched.count)) is not None:
                return found
            fed = [] if db is None else [one for (one,) in db.execute("SELECT key FROM known")]
        alike = look_alike(key, itertools.chain(launched.keys, fed))
        mend = (
            "give the id of one of its items" if alike is None else f"it has {alike!r}, which looks so; copy that one"
        )
        raise DataError(f"run {self._folder.name!r} has no item {key!r}; {mend}")

    def _fed_item(self, db: sqlite3.Connection, task: Task, key: str, launched: int) -> Items | None:
        if key in (there := known(db, [key])):
            number = there[key][1] - launched
            return next(self._read(db, task, number, number + 1))
        answers = (items for batch in not_entered(db) for items in self._read(db, task, *batch))
        with_it = ((items, place) for items in answers if (place := items.keys.find(key)) >= 0)
        return next((items.part(place, place + 1) for items, place in with_it), None)

    def _refuse(self, db: sqlite3.Connection, items: Items, row: Content, number: int) -> None:
        """Say what differs between an item that is added and the one that the run has under the same key."""
        if number < 0:
            launched = self._launch_items(items.task)
            number += launched.count
            there = launched.part(number, number + 1)
        else:
            there = next(self._read(db, items.task, number, number + 1))
        said = " and ".join(differences(there, items.part(row.place, row.place + 1)))
        raise DataError(
            f"{items.name}: the run has an item {row.key!r} already, and it differs: {said}; nothing of this was "
            "added; give the item an id of its own (rows without an id column are numbered), or leave it out"
        )


def refuse_idle_controls(items: Items, per_page: int, run: str) -> None:
    """Raise `DataError` for control items that no page of the run has room for."""
    if items.control_count and not per_page:
        raise DataError(
            f"{items.name}: run {run!r} has no control items on its pages, which are made up as the launch made them; "
            "nothing of this was added; launch a run with control items"
        )


def _state(db: sqlite3.Connection) -> FeedState:
    (finished,) = db.execute("SELECT finished FROM about").fetchone()
    (fed,) = db.execute("SELECT coalesce(max(last), 0) FROM batches").fetchone()
    (corrections,) = db.execute("SELECT coalesce(max(number), 0) FROM corrections").fetchone()
    (changes,) = db.execute("SELECT coalesce(max(number), 0) FROM changes").fetchone()
    return FeedState(int(fed), bool(finished), int(corrections), int(changes))
