"""Pieces of texts: what formats of spans have in common."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from dataforge.errors import AnswerError, DataError
from dataforge.formats._labels import Question
from dataforge.objects.base import shorten

__all__ = ["UNNAMED", "marked", "refuse_overlaps"]

UNNAMED = "span"
"""What spans without labels are called where they must be called something."""

Span = Mapping[str, Any]


def marked(asked: Question, spans: Sequence[Span], text: str) -> Any:
    """The spans of a text as an answer; raises `DataError`.

    Offsets are code points. Where a span quotes what the text has at these offsets in units of UTF-16, as some tools
    count, they are taken for such.
    """
    found = [_in_code_points(span, text) for span in spans]
    try:
        return asked.output.type.check_answer(found, {asked.of.name: text})
    except AnswerError as error:
        raise DataError(str(error)) from None


def _in_code_points(span: Span, text: str) -> dict[str, Any]:
    start, end, quote = span.get("start"), span.get("end"), span.get("text")
    told = {name: value for name, value in span.items() if name != "text"}
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(quote, str):
        return told
    if _same(text[start:end], quote):
        return told
    units = text.encode("utf-16-le")
    if _same(units[2 * start : 2 * end].decode("utf-16-le", "replace"), quote):
        before, piece = units[: 2 * start].decode("utf-16-le"), units[2 * start : 2 * end].decode("utf-16-le")
        return {**told, "start": len(before), "end": len(before) + len(piece)}
    raise DataError(
        f"the span {start} to {end} quotes {shorten(quote)}, and the text has {shorten(text[start:end])} there"
    )


def _same(piece: str, quote: str) -> bool:
    """Whether two pieces differ in white space at most."""
    return piece.split() == quote.split()


def refuse_overlaps(spans: Sequence[Span], item: str, form: str) -> None:
    """Raise `DataError` if two spans share letters, for which a format has no room; they come by their starts."""
    for one, other in itertools.pairwise(spans):
        if other["start"] < one["end"]:
            raise DataError(
                f"item {item!r}: the spans {one['text']!r} and {other['text']!r} overlap, for which {form} "
                "has no room; label-studio has"
            )
