"""Texts that people write to each other: bounded, and without what is invisible."""

from __future__ import annotations

from dataforge.errors import Refused

__all__ = ["LONGEST_TEXT", "written"]

LONGEST_TEXT = 2_000
"""So many characters may be written at once."""

# Parts of words in Persian and Hindi and of signs such as families; the other invisible signs only deceive.
JOINERS = "\u200c\u200d"


def written(text: str, name: str, *, least: int = 1) -> str:
    """A text as it is kept; raises `Refused` 422 by its `name` if it is too short or too long.

    Line breaks stay; any other space is a plain one, as tabs and no-break spaces part words too.
    Signs that nobody sees, such as those that turn the direction of a text, go.
    """
    spaced = "".join(" " if sign.isspace() and sign != "\n" else sign for sign in text.replace("\r\n", "\n"))
    kept = "".join(sign for sign in spaced if sign.isprintable() or sign == "\n" or sign in JOINERS)
    kept = kept.strip("\n " + JOINERS)
    if not least <= len(kept) <= LONGEST_TEXT:
        raise Refused(
            f"{name}: expected {least:,} to {LONGEST_TEXT:,} characters, got {len(kept):,}",
            status=422,
            code="text_invalid",
            details={"most": LONGEST_TEXT},
        )
    return kept
