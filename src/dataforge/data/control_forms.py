"""What in their form tells control items from the others: whoever sees it can answer those well and the rest anyhow.

Files of known answers are often made elsewhere and otherwise: with a space at the end, in another case, with a column
left empty. Looked for is what nearly all items of one kind have and nearly none of the other.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa

from dataforge.catalogue import say
from dataforge.data import arrow
from dataforge.data.items import Items
from dataforge.data.tables import cells
from dataforge.records import Texts

__all__ = ["FormDifference", "draft_notices", "form_differences", "form_notices"]

MOST, LEAST = 0.9, 0.1
"""At least such a share of one kind and at most such a share of the other: that is hardly chance."""
WRITTEN = ("text", "integer", "number")
"""Types of answers whose form can be told."""
FEWEST_CONTROLS, FEWEST_OTHERS = 5, 10
MOST_LOOKED_AT = 2_000
LONGEST_SHAPE = 40
LONGEST_SHOWN = 40
KILOBYTE = 1024
LETTERS, DIGITS = re.compile(r"[^\W\d_]+"), re.compile("[0-9]+")

Feature = tuple[str, str | float]
"""What a value has: one of the words `form_…` of the catalogue, and what is put into it."""


class FormDifference(NamedTuple):
    """How the values of an input differ: so many of the control items have it, and so many of the others."""

    column: str
    what: Texts
    controls: int
    of_controls: int
    others: int
    of_others: int


def form_notices(items: Items) -> tuple[Texts, ...]:
    """Word of how the form of control items gives them away, if it does."""
    return tuple(_notice(one, repr(one.column)) for one in form_differences(items))


def draft_notices(items: Items, drafts: pa.Table) -> tuple[Texts, ...]:
    """Word of how the form of these drafts gives control items away, if it does: a row for each of the items."""
    controls, others = _looked_at(items)
    written = [slot.name for slot in items.task.outputs if slot.type.name in WRITTEN]
    written = [name for name in written if not pa.types.is_null(drafts.schema.field(name).type)]
    found = [_difference(drafts, name, controls, others) for name in written] if len(controls) else []
    return tuple(_notice(one, say("draft_of", column=repr(one.column))) for one in found if one is not None)


def _notice(one: FormDifference, column: str | Texts) -> Texts:
    return say(
        "forms_differ",
        column=column,
        what=one.what,
        controls=one.controls,
        of_controls=one.of_controls,
        others=one.others,
        of_others=one.of_others,
    )


def form_differences(items: Items) -> list[FormDifference]:
    """The clearest difference in the form of each input, if there is one; of very many items some are looked at."""
    controls, others = _looked_at(items)
    if not len(controls):
        return []
    found = (_difference(items.values, slot.name, controls, others) for slot in items.task.inputs)
    return [difference for difference in found if difference is not None]


def _looked_at(items: Items) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]:
    """The control items and the others that are compared; none where there are too few."""
    controls = _some(np.flatnonzero(items.control))
    others = _some(np.flatnonzero(~items.control))
    if len(controls) < FEWEST_CONTROLS or len(others) < FEWEST_OTHERS:
        return controls[:0], others[:0]
    return controls, others


def _some(rows: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """All of the rows, or as many as are looked at, from first to last."""
    if len(rows) <= MOST_LOOKED_AT:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MOST_LOOKED_AT).astype(np.int64)]


def _difference(
    values: pa.Table, column: str, controls: np.ndarray[Any, Any], others: np.ndarray[Any, Any]
) -> FormDifference | None:
    known, asked = (cells(values.take(arrow.numbers(rows)), column) for rows in (controls, others))
    candidates = [*_by_features(known, asked), *_by_measures(known, asked)]
    if not candidates:
        return None
    shares = [(feature, a / len(known), b / len(asked), a, b) for feature, a, b in candidates]
    clear = [one for one in shares if max(one[1:3]) >= MOST and min(one[1:3]) <= LEAST]
    if not clear:
        return None
    feature, _, _, have, also = max(clear, key=lambda one: abs(one[1] - one[2]))
    return FormDifference(column, _said(feature), have, len(known), also, len(asked))


def _said(feature: Feature) -> Texts:
    word, value = feature
    return say(f"form_{word}", value=value)


# --- what values have or have not -----------------------------------------------------------------


def _by_features(known: Sequence[Any], asked: Sequence[Any]) -> Iterator[tuple[Feature, int, int]]:
    """Per feature how many of the known and of the other values have it."""
    of_known, of_asked = _counted(known), _counted(asked)
    for feature in dict.fromkeys([*of_known, *(one for one in of_asked if of_asked[one] >= MOST * len(asked))]):
        yield feature, of_known[feature], of_asked[feature]


def _counted(values: Iterable[Any]) -> Counter[Feature]:
    return Counter(feature for value in values for feature in _features(value))


def _features(value: Any) -> Iterator[Feature]:
    if value is None:
        yield "missing", ""
    elif isinstance(value, str):
        yield from _features_of_text(value)
    elif isinstance(value, dict):
        yield from _features_of_address(urlsplit(value.get("url", "")).path)
    elif isinstance(value, bool | int | float):
        yield "same", str(value)
        if isinstance(value, float):
            yield "point", ""


def _features_of_text(text: str) -> Iterator[Feature]:
    if len(text) <= LONGEST_SHOWN:
        yield "same", repr(text)
    if text.strip(" ") == text != "":
        yield "first", repr(text[0])
        yield "last", repr(text[-1])
    for word, has in TEXT_FEATURES.items():
        if has(text):
            yield word, ""
    if len(text) <= LONGEST_SHAPE:
        yield "shape", repr(DIGITS.sub("9", LETTERS.sub("a", text)))


def _features_of_address(path: str) -> Iterator[Feature]:
    """What the address of a file shows; where files of this machine lie no worker sees."""
    folder, slash, name = path.rpartition("/")
    if slash:
        yield "folder", repr(folder or slash)
    if (letters := LETTERS.match(name)) is not None:
        yield "named", repr(letters[0])


def _has_digits(text: str) -> bool:
    if DIGITS.search(text) is not None:
        return True
    return not text.isascii() and any(sign.isdigit() for sign in text)


TEXT_FEATURES: Mapping[str, Callable[[str], bool]] = {
    "before": lambda text: text.startswith(" "),
    "behind": lambda text: text.endswith(" "),
    "lines": lambda text: "\n" in text,
    "spaces": lambda text: "  " in text,
    "small": lambda text: text == text.lower() != text.upper(),
    "capital": lambda text: text == text.upper() != text.lower(),
    "digits": _has_digits,
    "foreign": lambda text: not text.isascii(),
}


# --- how long, how many, how large ----------------------------------------------------------------


def _by_measures(known: Sequence[Any], asked: Sequence[Any]) -> Iterator[tuple[Feature, int, int]]:
    """Per measure the bound that parts the known values from the others most clearly."""
    for words, measure, shown in MEASURES:
        known_, asked_ = (
            sorted(size for value in values if (size := measure(value)) is not None) for values in (known, asked)
        )
        if len(known_) < MOST * len(known) or len(asked_) < MOST * len(asked):
            continue
        bound = max({*known_, *asked_}, key=lambda bound: abs(_above(known_, bound) - _above(asked_, bound)))
        above = len(known_) - bisect_right(known_, bound), len(asked_) - bisect_right(asked_, bound)
        if above[0] >= above[1] * len(known_) / len(asked_):
            yield (words[0], shown(bound)), *above
        else:
            yield (words[1], shown(bound)), len(known_) - above[0], len(asked_) - above[1]


def _above(values: Sequence[float], bound: float) -> float:
    return 1 - bisect_right(values, bound) / len(values)


def _length(value: Any) -> float | None:
    return len(value) if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _kilobytes(value: Any) -> float | None:
    if not isinstance(value, dict) or "file" not in value:
        return None
    try:
        return os.path.getsize(value["file"]) / KILOBYTE
    except OSError:
        # Launching says what cannot be read; here nothing is said of it.
        return None


MEASURES: Sequence[tuple[tuple[str, str], Callable[[Any], float | None], Callable[[float], float]]] = (
    (("longer", "shorter"), _length, int),
    (("more", "less"), _number, float),
    (("larger", "smaller"), _kilobytes, lambda size: round(size, 1)),
)
