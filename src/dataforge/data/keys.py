"""Ids of items: texts inside, by which a run knows its items; in results again of the type that the data had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal, overload
from unicodedata import normalize
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dataforge.data import arrow
from dataforge.data.places import Rows
from dataforge.data.sources import Source
from dataforge.data.tables import CHUNK, cells
from dataforge.errors import DataError
from dataforge.objects.base import listed, plain, shorten

__all__ = ["Id", "KeyType", "Keys", "id_of", "ids_of", "keys_of", "look_alike"]

Id = str | int | UUID | date
KeyType = Literal["text", "integer", "uuid", "date", "datetime"]
"""What ids were before they became texts."""

LONGEST_KEY = 500
# Cyrillic letters and the Latin ones that look the same.
ALIKE = str.maketrans("АВЕКМНОРСТХУаеорсхуіјѕ", "ABEKMHOPCTXYaeopcxyijs")
# Up to here a whole number is the same as a float.
EXACT = 2**53
READERS: dict[KeyType, Callable[[str], Id]] = {
    "integer": int,
    "uuid": UUID,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
TYPES: tuple[tuple[type, KeyType], ...] = ((int, "integer"), (UUID, "uuid"), (datetime, "datetime"), (date, "date"))


class Keys(Sequence[str]):
    """Item keys in order; a sequence over Arrow memory, because a list of a million texts takes ten times as much."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return self.array.slice(start, max(0, stop - start)).to_pylist()  # type: ignore[no-any-return]
            return [self[i] for i in range(start, stop, step)]
        if not -len(self) <= index < len(self):
            raise IndexError(f"no key at {index}, there are {len(self)}")
        return str(self.array[index % len(self)].as_py())

    def find(self, key: str) -> int:
        """Where a key stands; -1 if it is not there."""
        return int(pc.index(self.array, pa.scalar(key, self.array.type)).as_py())

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), CHUNK):
            yield from self.array.slice(start, CHUNK).to_pylist()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sequence) and not isinstance(other, str):
            return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Keys({listed(self[:11])})"


# --- from the data --------------------------------------------------------------------------------


def keys_of(source: Source, column: str | None, control: bool) -> tuple[pa.Array, KeyType]:
    """Keys and what they were; without a column row numbers from 0, of control items with a prefix."""
    if column is None:
        numbers = arrow.numbers(np.arange(source.table.num_rows)).cast(pa.large_string())
        if not control:
            return numbers, "text"
        prefix, dash = arrow.texts(["control", "-"])
        return pc.binary_join_element_wise(prefix, numbers, dash), "text"
    pieces, types = [], set()
    for start in range(0, source.table.num_rows, CHUNK):
        values = [plain(value) for value in cells(source.table, column, start, start + CHUNK)]
        types |= set(map(type, values))
        found = [_key(value, source.rows, index, column) for index, value in enumerate(values, start)]
        pieces.append(arrow.texts(found))
    keys = pa.concat_arrays(pieces)
    if source.holds == "texts" and pc.all(pc.match_substring_regex(keys, r"^-?[0-9]+\.0$")).as_py():
        # So pandas writes a column of whole numbers in which one was missing once.
        keys = pc.utf8_slice_codeunits(keys, 0, -2)
    return keys, "integer" if source.holds == "texts" and _are_integers(keys) else _type_of(types)


def _type_of(types: set[type]) -> KeyType:
    """The type of all ids; whole numbers with texts among them stay whole numbers, so that each is found again."""
    if types <= {int, float, str} and types & {int, float}:
        return "integer"
    return next((name for kind, name in TYPES if all(issubclass(one, kind) for one in types)), "text")


def _are_integers(keys: pa.Array) -> bool:
    """Whether all are written as whole numbers, which is what every program makes of such a column of a CSV file."""
    try:
        numbers = keys.cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    return bool(pc.all(pc.equal(numbers.cast(pa.large_string()), keys)).as_py())


def _key(value: Any, rows: Rows, index: int, column: str) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT:
        # A column of whole numbers in which one was missing.
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | UUID | date) or not str(value).strip():
        came = "none" if value is None or value != value else shorten(value)
        raise DataError(
            f"{rows.place(index, column)}: expected a text or a whole number, got {came}; give each row its id"
        )
    key = str(value)
    if len(key) > LONGEST_KEY:
        raise DataError(f"{rows.place(index, column)}: expected at most {LONGEST_KEY} characters, got {len(key):,}")
    return key


# --- for results ----------------------------------------------------------------------------------


def id_of(key: str, kind: KeyType) -> Id:
    """The id that became this key; a key that is not written like ids of its type was a text."""
    if kind == "text":
        return key
    try:
        found = READERS[kind](key)
    except ValueError:
        return key
    return found if str(found) == key else key


def ids_of(keys: Keys, kind: KeyType) -> NDArray[np.int64] | list[Id]:
    """The ids of all items, of which the data had other types than texts."""
    if kind == "integer" and _are_integers(keys.array):
        numbers: NDArray[np.int64] = keys.array.cast(pa.int64()).to_numpy(zero_copy_only=False)
        return numbers
    return [id_of(key, kind) for key in keys]


def look_alike(key: str, keys: Iterable[str]) -> str | None:
    """The first key that looks like this one: in letters of another alphabet, in capitals, with spaces around it."""
    wanted = _looks(key)
    return next((one for one in keys if _looks(one) == wanted), None)


def _looks(key: str) -> str:
    return normalize("NFKC", key).translate(ALIKE).strip().casefold()
