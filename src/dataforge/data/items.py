"""Items: the user's rows, checked against a task, held as Arrow tables; `reading` makes them of data."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import structs

from dataforge import cards
from dataforge.arguments import entry, named_entry
from dataforge.data import arrow
from dataforge.data.frames import frame_of, set_apart
from dataforge.data.keys import Keys, KeyType, ids_of
from dataforge.data.notes import with_notes
from dataforge.data.places import Joined, Kept, counted, where_in
from dataforge.data.rows import (
    free_name,
    no_values,
    ordered,
    refuse_same_inputs,
    refuse_same_keys,
)
from dataforge.data.stored_items import columns_by_name, part_of, with_all
from dataforge.data.tables import CHUNK, cells, mark_of, stacked, table_of
from dataforge.errors import DataError
from dataforge.files.durable import put_in_place
from dataforge.files.textfiles import local_path
from dataforge.objects.base import Label
from dataforge.records import Item, Texts, Values
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Items"]

FORMAT = 1
SHOWN = 5


@named_entry
@dataclass(frozen=True, eq=False)
class Items:
    """Rows that fit a task: made by `read_items`, `Items.join` and `Items.load`.

    `control` marks the control items. `rows` are the user's columns as they came, `values` the inputs in JSON form,
    `answers` what is known about control items, `drafts` the answers that workers begin with, `notices` what there is
    to say of how the data were read, and `place` says where a row of them is.
    """

    _made_by: ClassVar[str] = "df.read_items(task, data)"

    task: Task
    name: str
    keys: Keys
    control: np.ndarray[Any, np.dtype[np.bool_]]
    rows: pa.Table = field(repr=False)
    values: pa.Table = field(repr=False)
    answers: pa.Table = field(repr=False)
    drafts: pa.Table = field(repr=False)
    key_column: str = "id"
    key_type: KeyType = "text"
    notices: tuple[Texts, ...] = field(default=(), repr=False)
    place: Callable[[int], str] = field(default=counted, repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        return f"Items({self.name}: {self.count - self.control_count} to ask, {self.control_count} control items)"

    def _repr_html_(self) -> str:
        about = f"{self.real_count:,} to ask, {self.control_count:,} control items"
        first = frame_of(self.part(0, SHOWN).rows).to_html(border=0, max_cols=12)
        rest = [cards.line(f"and {self.count - SHOWN:,} more")] if self.count > SHOWN else []
        return cards.card(self.name, about, first, *rest)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Each item's inputs in JSON form."""
        for start in range(0, self.count, CHUNK):
            for item in self.records(start, min(self.count, start + CHUNK)):
                yield item.inputs

    @property
    def count(self) -> int:
        """How many items there are, control items included."""
        return len(self.keys)

    @property
    def control_count(self) -> int:
        """How many of them are control items."""
        return int(self.control.sum())

    @property
    def real_count(self) -> int:
        """How many of them are to be asked."""
        return self.count - self.control_count

    def records(self, start: int = 0, stop: int | None = None, wanted: int = 1) -> list[Item]:
        """Items as a platform sees them, from row `start` to before `stop`; inputs that are absent are left out."""
        part = slice(start, self.count if stop is None else stop)
        return self._records(self.values[part], self.drafts[part], self.keys[part], self.control[part], wanted)

    def records_at(self, places: np.ndarray[Any, np.dtype[np.int64]], wanted: int = 1) -> list[Item]:
        """The items of these rows in this order, as a platform is sent them: `records` with their notes."""
        rows = arrow.numbers(places)
        keys = self.keys.array.take(rows).to_pylist()
        found = self._records(self.values.take(rows), self.drafts.take(rows), keys, self.control[places], wanted)
        return with_notes(found, self.rows.take(rows), self.task.inputs)

    def _records(
        self,
        values: pa.Table,
        drafts: pa.Table,
        keys: Sequence[str],
        control: np.ndarray[Any, np.dtype[np.bool_]],
        wanted: int,
    ) -> list[Item]:
        columns = {slot.name: cells(values, slot.name) for slot in self.task.inputs}
        names = tuple(columns)
        items = [
            Item(key, {n: v for n, v in zip(names, row, strict=True) if v is not None}, flag, wanted)
            for key, flag, *row in zip(keys, control.tolist(), *columns.values(), strict=True)
        ]
        if not self.drafted:
            return items
        return [structs.replace(item, draft=draft) for item, draft in zip(items, _told(drafts), strict=True)]

    @property
    def drafted(self) -> tuple[str, ...]:
        """The outputs to which any of the items may have a draft."""
        return tuple(f.name for f in self.drafts.schema if not pa.types.is_null(f.type))

    @property
    def draft_shares(self) -> dict[str, float]:
        """By output the share of the items to ask that have a draft to it; outputs without any are left out."""
        if not self.drafted or not self.real_count:
            return {}
        real = self.drafts.filter(arrow.truths(~self.control))
        shares = {name: 1 - real.column(name).null_count / self.real_count for name in self.drafted}
        return {name: share for name, share in shares.items() if share}

    def drafts_at(self, places: np.ndarray[Any, np.dtype[np.int64]]) -> list[Values]:
        """The draft of each of these rows, by output; nothing of outputs without one."""
        return list(_told(self.drafts.take(arrow.numbers(places))))

    @entry
    def inputs(self, index: int) -> dict[str, Any]:
        """One item's inputs in JSON form."""
        if not 0 <= index < self.count:
            raise IndexError(f"no item at {index}, there are {self.count}")
        return self.records(index, index + 1)[0].inputs

    def in_one_piece(self) -> Items:
        """The same with inputs in one piece of memory, where `records_at` costs what is asked for."""
        return replace(self, rows=self.rows.combine_chunks(), values=self.values.combine_chunks())

    @entry
    def known(self, output: str, start: int = 0) -> list[Label | None]:
        """The known answer per item from row `start` on; None where it is not known, so for every item to be asked."""
        self.task.output(output)
        return cells(self.answers, output, start)

    def known_of_controls(self, output: str) -> Iterator[tuple[int, Label | None]]:
        """Row and known answer of each control item."""
        rows = np.flatnonzero(self.control)
        return zip(rows.tolist(), cells(self.answers.take(arrow.numbers(rows)), output), strict=True)

    @entry
    def balance(self, output: str) -> dict[Label, float]:
        """The share of each possible answer among the known ones; empty if none is known.

        Of answers that are no options the share of each that is there, by its canonical form.
        """
        kind = self.task.output(output).type
        known = [answer for answer in self.known(output) if answer is not None]
        if not known:
            return {}
        labels = kind.labels()
        counts = Counter(known if labels is not None else map(kind.canonical, known))
        return {label: counts[label] / len(known) for label in (labels or counts)}

    def files(self) -> list[str]:
        """Sorted paths of the local files among the inputs, each once."""
        found: set[str] = set()
        for slot in self.task.inputs:
            if slot.type.media:
                for start in range(0, self.count, CHUNK):
                    values = cells(self.values, slot.name, start, start + CHUNK)
                    found.update(value["file"] for value in values if value is not None and "file" in value)
        return sorted(found)

    def frame(self) -> pd.DataFrame:
        """The key, the inputs as they came, the carried columns, and whether it is a control item.

        The key's column is named as in the data (`key_column`), its ids are of the type that they had there. A column
        of the data that is called like this one, or `control`, ends in `_given`.
        """
        frame = self.columns([self.key_column, "control"])
        frame.insert(0, self.key_column, self.ids())
        frame["control"] = self.control
        return frame

    def ids(self) -> pd.Series:
        """The ids, of the type that they had in the data."""
        import pandas as pd

        if self.key_type == "text":
            texts: pd.Series = self.keys.array.to_pandas()
            return texts
        return pd.Series(ids_of(self.keys, self.key_type))

    def columns(self, ours: Sequence[str]) -> pd.DataFrame:
        """The user's columns, with names that stand beside these of ours."""
        frame = frame_of(self.rows)
        if not self.rows.num_columns:
            # A table without columns has no rows.
            frame = frame.reindex(range(self.count))
        frame.columns = set_apart(list(frame.columns), ours)
        return frame

    @classmethod
    def empty(cls, task: Task, key_column: str | None = None) -> Items:
        """No items: what a run that is fed may begin with."""
        return cls(
            task=task,
            name="items",
            keys=Keys(pa.array([], pa.large_string())),
            control=np.zeros(0, np.bool_),
            rows=pa.table({}),
            values=no_values(task.inputs, 0),
            answers=no_values(task.outputs, 0),
            drafts=no_values(task.outputs, 0),
            key_column=free_name(key_column, [slot.name for slot in task.inputs]),
        )

    @classmethod
    @entry
    def join(cls, real: Items, control: Items) -> Items:
        """Items to ask and control items together; raises `DataError` if a key or an item is in both."""
        if control.control_count < control.count:
            raise DataError(
                f"{control.name}: expected control items, got items to ask; read them by read_items(…, control=True), "
                "or swap the two"
            )
        if real.control_count:
            raise DataError(f"{real.name}: expected items to ask, got control items, too; give those as control=…")
        places = Joined(real.count, (real.place, control.place), (real.name, control.name))
        joined = replace(cls.stacked([real, control]), place=places)
        refuse_same_keys(joined.keys.array, places)
        refuse_same_inputs(joined.values, places)
        return joined

    @classmethod
    def stacked(cls, parts: Sequence[Items]) -> Items:
        """Items one after the other, at least one part; named as the first part is."""
        first = parts[0]
        if len(parts) == 1:
            return first
        for part in parts:
            if part.task != first.task:
                raise DataError(f"items of the task {first.task.id!r} cannot be joined with those of {part.task.id!r}")
        return cls(
            task=first.task,
            name=first.name,
            keys=Keys(pa.concat_arrays([part.keys.array for part in parts])),
            control=np.concatenate([part.control for part in parts]),
            rows=ordered(stacked([part.rows for part in parts]), first.task),
            values=stacked([part.values for part in parts]),
            answers=stacked([part.answers for part in parts]),
            drafts=stacked([part.drafts for part in parts]),
            key_column=first.key_column,
            notices=tuple(notice for part in parts for notice in part.notices),
            key_type=next((part.key_type for part in parts if part.real_count), first.key_type),
        )

    def where(self, row: int) -> str:
        """Where a row came from, as messages begin: `captions.csv, line 7`."""
        return where_in(self.place, row, self.name)

    def part(self, start: int, stop: int) -> Items:
        """The items from row `start` to before `stop`, sharing memory with these."""
        return replace(
            self,
            keys=Keys(self.keys.array[start:stop]),
            control=self.control[start:stop],
            rows=self.rows[start:stop],
            place=counted,
            values=self.values[start:stop],
            answers=self.answers[start:stop],
            drafts=self.drafts[start:stop],
        )

    def chosen(self, places: Sequence[int]) -> Items:
        """The items of these rows, in this order."""
        if len(places) == self.count and all(place == row for row, place in enumerate(places)):
            return self
        rows = arrow.numbers(np.array(places, np.int64))
        return replace(
            self,
            keys=Keys(self.keys.array.take(rows)),
            control=self.control[rows.to_numpy()],
            rows=self.rows.take(rows),
            place=Kept(self.place, rows.to_numpy()),
            values=self.values.take(rows),
            answers=self.answers.take(rows),
            drafts=self.drafts.take(rows),
        )

    @entry
    def save(self, path: str | Path) -> None:
        """Write a Parquet file that `load` reads; the file appears whole or not at all."""
        from pyarrow import parquet

        path = local_path(path, DataError)
        aside = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            parquet.write_table(self.to_table(), aside, compression="zstd")
            put_in_place(aside, path)
        except pa.ArrowNotImplementedError as error:
            raise DataError(f"{self.name}: a column cannot be stored: {error}; convert it to text") from None
        finally:
            aside.unlink(missing_ok=True)

    def to_table(self) -> pa.Table:
        """One Arrow table with everything, from which `from_table` makes the items again."""
        columns = [(pa.field("key", pa.large_string()), self.keys.array)]
        columns.append((pa.field("control", pa.bool_()), arrow.truths(self.control)))
        drafts = self.drafts.select(list(self.drafted))
        parts = {"user.": self.rows, "input.": self._stored_values(), "known.": self.answers, "draft.": drafts}
        for prefix, table in parts.items():
            columns += [(f.with_name(prefix + f.name), table.column(f.name)) for f in table.schema]
        about: dict[str, Any] = {
            "format": FORMAT,
            "task": self.task.id,
            "name": self.name,
            "key_column": self.key_column,
        }
        if self.real_count:
            about["key_type"] = self.key_type
        if shares := self.draft_shares:
            about["drafts"] = shares
        return table_of(columns).replace_schema_metadata({"dataforge": msgspec.json.encode(about)})

    def _stored_values(self) -> pa.Table:
        """The inputs that differ from the user's columns of the same name."""
        same = [
            slot.name
            for slot in self.task.inputs
            if slot.name in self.rows.column_names
            and mark_of(self.values.schema.field(slot.name)) == mark_of(self.rows.schema.field(slot.name))
            and self.values.column(slot.name).equals(self.rows.column(slot.name))
        ]
        return self.values.drop_columns(same)

    @classmethod
    @entry
    def load(cls, path: str | Path, task: Task) -> Items:
        """The items that `save` wrote, for the same task; raises `DataError` if they are not."""
        from pyarrow import parquet

        path = Path(path)
        try:
            # `read_table` would load pandas, and all that reads folders of such files.
            with parquet.ParquetFile(path) as file:
                table = file.read()
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path") from None
        except pa.ArrowException as error:
            raise DataError(f"{path}: is no file of items: {error}") from None
        return cls.from_table(table, task, str(path))

    @classmethod
    def from_table(cls, table: pa.Table, task: Task, where: str) -> Items:
        """The items of a table that `to_table` made; `where` it was found is for messages."""
        try:
            about = msgspec.json.decode((table.schema.metadata or {})[b"dataforge"])
        except (KeyError, msgspec.DecodeError) as error:
            raise DataError(f"{where}: is no file of items: {error}") from None
        parts = {prefix: part_of(table, prefix) for prefix in ("user.", "input.", "known.", "draft.")}
        wanted = [slot.name for slot in task.inputs]
        found = {**columns_by_name(parts["user."]), **columns_by_name(parts["input."])}
        if [n for n in wanted if n not in found] or parts["known."].column_names != [s.name for s in task.outputs]:
            raise DataError(f"{where}: holds items of another task, {about.get('task')!r}, not of {task.id!r}")
        return cls(
            task=task,
            name=about["name"],
            keys=Keys(table.column("key").combine_chunks()),
            control=arrow.held_truths(table.column("control")),
            rows=parts["user."],
            values=table_of([found[name] for name in wanted]),
            answers=parts["known."],
            drafts=with_all(parts["draft."], task.outputs, table.num_rows),
            key_column=about["key_column"],
            key_type=about.get("key_type", "text"),
        )


def _told(drafts: pa.Table) -> Iterator[Values]:
    """By row what there is of a draft, by output."""
    columns = [cells(drafts, name) for name in drafts.column_names]
    for row in zip(*columns, strict=True):
        yield {name: value for name, value in zip(drafts.column_names, row, strict=True) if value is not None}
