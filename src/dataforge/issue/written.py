"""Texts that people write to each other: bounded, and without what is invisible."""

from __future__ import annotations

from dataforge.errors import Refused

__all__ = ["LONGEST_TEXT", "written"]

LONGEST_TEXT = 2_000
"""So many characters may be written at once."""


def written(text: str, name: str, *, least: int = 1) -> str:
    """A text as it is kept; raises `Refused` 422 by its `name` if it is too short or too long.

    Line breaks stay; signs that nobody sees, such as those that turn the direction of a text, go.
    """
    kept = "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()
    if not least <= len(kept) <= LONGEST_TEXT:
        raise Refused(
            f"{name}: expected {least:,} to {LONGEST_TEXT:,} characters, got {len(kept):,}",
            status=422,
            code="text_invalid",
            details={"most": LONGEST_TEXT},
        )
    return kept
