"""Texts that people write to each other: bounded, and without what is invisible."""

from __future__ import annotations

from unicodedata import category

from dataforge.errors import Refused

__all__ = ["BLANKS", "LONGEST_TEXT", "is_seen", "written"]

LONGEST_TEXT = 2_000
"""So many characters may be written at once."""
BLANKS = dict.fromkeys(map(ord, "\u115f\u1160\u2800\u3164\uffa0"), " ")
"""Letters and signs that look like a space, by which who writes nothing would seem to write: to be put in its place."""

# Parts of words in Persian and Hindi and of signs such as families; the other invisible signs only deceive.
JOINERS = "\u200c\u200d"


def written(text: str, name: str, *, least: int = 1) -> str:
    """A text as it is kept; raises `Refused` 422 by its `name` if it is too short or too long.

    Line breaks stay; any other space is a plain one, as tabs and no-break spaces part words too.
    Signs that nobody sees, such as those that turn the direction of a text, go.
    """
    plain = text.replace("\r\n", "\n").translate(BLANKS)
    spaced = "".join(" " if sign.isspace() and sign != "\n" else sign for sign in plain)
    kept = "".join(sign for sign in spaced if sign.isprintable() or sign == "\n" or sign in JOINERS)
    kept = kept.strip("\n " + JOINERS) if is_seen(kept) else ""
    if not least <= len(kept) <= LONGEST_TEXT:
        raise Refused(
            f"{name}: expected {least:,} to {LONGEST_TEXT:,} characters, got {len(kept):,}",
            status=422,
            code="text_invalid",
            details={"most": LONGEST_TEXT},
        )
    return kept


def is_seen(text: str) -> bool:
    """Whether any sign of a text is seen by itself: marks, such as accents, choose or change another sign's form."""
    return any(sign.isprintable() and not sign.isspace() and category(sign)[0] != "M" for sign in text)
