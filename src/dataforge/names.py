"""Names of runs: what can be a folder on every disk, a part of an address, and a word of a command line."""

from __future__ import annotations

import re
from unicodedata import category, normalize

from dataforge.errors import SpecError
from dataforge.objects.base import shorten

__all__ = ["check_name"]

LONGEST = 100
# Folders have names of 255 bytes at most.
MOST_BYTES = 200
# What Windows keeps for its devices, whatever follows the first dot.
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
PUNCTUATION = "_-."


def check_name(name: str) -> str:
    """The name as it is written everywhere; raises `SpecError` if no run can be called so."""
    clean = normalize("NFC", name) if isinstance(name, str) else ""
    if (
        not clean
        or len(clean) > LONGEST
        or len(clean.encode("utf-8", "replace")) > MOST_BYTES
        or clean != clean.lower()
        or not all(sign in PUNCTUATION or category(sign)[0] in "LMN" for sign in clean)
        or clean[0] in "-."
        or clean[-1] == "."
        or RESERVED.fullmatch(clean)
    ):
        raise SpecError(
            f"name: expected up to {LONGEST} small letters of any script, digits, _, - and ., not beginning with - or "
            f"., got {shorten(name)}"
        )
    return clean
