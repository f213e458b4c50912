"""Conditions of SQL on what items show and are answered with."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from dataforge.objects.base import Label

__all__ = [
    "SHOWN",
    "SHOWN_AT_ALL",
    "WRITTEN",
    "Clause",
    "all_of",
    "answered",
    "any_of",
    "each_word",
    "has_piece",
    "in_json",
    "pattern",
    "piece",
    "spellings",
    "words",
]


class Clause(NamedTuple):
    """A condition with its parameters."""

    sql: str
    parameters: tuple[int | float | str | bytes, ...] = ()


# What a file is called on the server nobody sees.
SHOWN_AT_ALL = """NOT (
  key IS 'media' AND path <> '$' AND substr(atom, 65, 1) = '.' AND substr(atom, 1, 64) NOT GLOB '*[^0-9a-f]*'
)"""
# Of most items the JSON tells that no value shows the text.
IN_JSON = rf"""
  CAST({{0}} AS TEXT) LIKE ? ESCAPE '\' AND EXISTS (
    SELECT 1 FROM json_tree(CAST({{0}} AS TEXT)) WHERE atom LIKE ? ESCAPE '\' AND {{1}} AND {SHOWN_AT_ALL}
  )
"""
SHOWN = "type IN ('text', 'integer', 'real')"
# Numbers within an answer are places and sizes, which are drawn.
WRITTEN = "(type = 'text' OR path = '$' AND type IN ('integer', 'real'))"
AMONG = "instr(quality.answer, ?) AND EXISTS (SELECT 1 FROM json_tree(CAST(quality.answer AS TEXT), ?) WHERE atom = ?)"


def any_of(ways: Sequence[Clause]) -> Clause:
    """What holds where one of these conditions does."""
    return Clause(" OR ".join(f"({way.sql})" for way in ways), tuple(one for way in ways for one in way.parameters))


def all_of(ways: Sequence[Clause]) -> Clause:
    """What holds where each of these conditions does."""
    return Clause(" AND ".join(f"({way.sql})" for way in ways), tuple(one for way in ways for one in way.parameters))


def has_piece(piece: bytes) -> Clause:
    """A piece of JSON is followed by the next one, or by the end: 1 is not 12."""
    ends = "instr(quality.answer, ?) OR instr(quality.answer, ?)"
    return Clause(f"instr(quality.answer, ?) AND ({ends})", (piece, piece + b",", piece + b"}"))


def piece(output: str, value: object) -> bytes:
    """How an answer stands in the JSON of all that an item is answered with."""
    return msgspec.json.encode({output: value})[1:-1]


def answered(output: str, value: Label) -> Clause:
    """An answer is this value, or has it in it as one of several or as what something drawn is called."""
    whole = has_piece(piece(output, value))
    if not isinstance(value, str):
        return whole
    return any_of([whole, Clause(AMONG, (msgspec.json.encode(value), f'$."{output}"', value))])


def in_json(column: str, shown: str, search: str) -> Clause:
    """A column of JSON has a value of the kinds that are `shown` with this text in it."""
    within = pattern(msgspec.json.encode(search).decode()[1:-1])
    return Clause(IN_JSON.format(column, shown), (within, pattern(search)))


def each_word(search: str, shown: Callable[[str], Clause]) -> Clause:
    """What holds where each word that is searched for is shown, however it is spelled."""
    return all_of([any_of(list(map(shown, spellings(word)))) for word in words(search)])


def words(search: str) -> list[str]:
    """What is searched for: each of several words, wherever it stands; all together where they are in quotes."""
    quoted = len(search) > 2 and search[0] == search[-1] == '"' and '"' not in search[1:-1]
    return [search[1:-1]] if quoted else search.split() or [search]


def spellings(search: str) -> list[str]:
    """The text in small and capital letters, accents apart or not: LIKE ignores the case of Latin letters alone."""
    if search.isascii():
        return [search]
    cases = (search, search.lower(), search.upper(), search.capitalize())
    return list(dict.fromkeys(unicodedata.normalize(form, one) for form in ("NFC", "NFD") for one in cases))


def pattern(search: str) -> str:
    """The pattern of LIKE for a text that has this one in it."""
    for sign in ("\\", "%", "_"):
        search = search.replace(sign, f"\\{sign}")
    return f"%{search}%"
