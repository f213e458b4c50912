"""Texts that a spreadsheet would take for formulas, kept from being such by an apostrophe before them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["all_protected", "all_unprotected", "protected"]

# By these a spreadsheet knows a formula, some of them after it has taken away what is before.
FORMULA = "[=+\\-@\t\r\n＝＋－＠]"
WOULD_BE_FORMULA = f"^'*{FORMULA}"
PROTECTED = f"^'+{FORMULA}"
# A number with a sign is to a spreadsheet what it is to us.
HARMLESS = r"^[+-](([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)?$"


def protected(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{text}" if re.match(WOULD_BE_FORMULA, text) and not re.match(HARMLESS, text) else text


def all_protected(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts, with an apostrophe before each that a spreadsheet would take for a formula."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.match_substring_regex(texts, WOULD_BE_FORMULA)
    if not pc.any(found).as_py():
        return texts
    found = pc.and_not(found, pc.match_substring_regex(texts, HARMLESS))
    return pc.if_else(
        found, pc.binary_join_element_wise(pa.scalar("'", texts.type), texts, pa.scalar("", texts.type)), texts
    )


def all_unprotected(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts without the apostrophes that keep them from being formulas."""
    import pyarrow.compute as pc

    found = pc.match_substring_regex(texts, PROTECTED)
    if not pc.any(found).as_py():
        return texts
    return pc.if_else(found, pc.replace_substring_regex(texts, "^'", "", max_replacements=1), texts)
