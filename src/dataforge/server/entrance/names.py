"""What people and their languages are called, as it comes in."""

from __future__ import annotations

import re
from unicodedata import category

from dataforge.errors import Refused
from dataforge.issue.written import BLANKS, is_seen

__all__ = ["checked_language", "checked_name", "on_one_line"]

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# RFC 5646 asks for room for 35 characters.
LONGEST_LANGUAGE = 35
LONGEST_NAME = 100
# Parts of letters in Persian and of signs such as families; the other invisible signs only deceive.
JOINERS = "\u200c\u200d"


def on_one_line(text: str) -> str:
    """The text on one line without invisible signs."""
    spaced = text.translate(BLANKS)
    visible = (sign for sign in spaced if sign.isspace() or sign in JOINERS or category(sign) not in ("Cc", "Cf", "Cs"))
    clean = " ".join("".join(visible).split()).strip(JOINERS)
    return clean if is_seen(clean) else ""


def checked_name(name: str, what: str = "name") -> str:
    """The name on one line without invisible signs; raises `Refused` 422 if nothing or too much is left."""
    clean = on_one_line(name)
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise Refused(
            f"{what}: expected 1 to {LONGEST_NAME} characters, got {len(clean)}", status=422, code="name_invalid"
        )
    return clean


def checked_language(language: str) -> str:
    """The language's code; raises `Refused` 422 if it is none."""
    if len(language) > LONGEST_LANGUAGE or not LANGUAGE.fullmatch(language):
        raise Refused(
            f"language: expected a code such as 'en', got {language[:20]!r}", status=422, code="language_invalid"
        )
    return language
