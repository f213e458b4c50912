"""Names of runs: what can be a folder on every disk, a part of an address, and a word of a command line."""

from __future__ import annotations

import re
from unicodedata import category, normalize

from dataforge.errors import RunError, SpecError
from dataforge.objects.base import shorten

__all__ = ["check_name", "spelled"]

LONGEST = 100
# Folders have names of 255 bytes at most.
MOST_BYTES = 200
# What Windows keeps for its devices, whatever follows the first dot.
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
PUNCTUATION = "_-."
# What leads out of the folder of runs, or into the folder of one.
PATH = re.compile(r"\.{0,2}|.*[/\\\0].*", re.DOTALL)


def check_name(name: str) -> str:
    """The name as it is written everywhere; raises `SpecError` if no run can be called so."""
    clean = normalize("NFC", name) if isinstance(name, str) else ""
    if not _may_be(clean):
        small = "-".join(clean.lower().split())
        advice = f"; write {shorten(small)}" if _may_be(small) else ""
        raise SpecError(
            f"name: expected up to {LONGEST} small letters of any script, digits, _, - and ., not beginning with - or "
            f"., nor ending with ., and no name that Windows keeps for devices, such as con; "
            f"got {shorten(name)}{advice}"
        )
    return clean


def spelled(name: str) -> str:
    """The name as the run's folder has it, however its letters were typed; raises `RunError` for a path."""
    clean = normalize("NFC", name)
    if PATH.fullmatch(clean):
        raise RunError(f"expected a run's name and no path, got {shorten(name)}; `dataforge status` shows the names")
    if _is_too_long(clean):
        raise RunError(f"names of runs have up to {LONGEST} characters, got {len(clean)}: {shorten(name)}; shorten it")
    return clean


def _may_be(name: str) -> bool:
    return not (
        not name
        or _is_too_long(name)
        or name != name.lower()
        or not all(sign in PUNCTUATION or category(sign)[0] in "LMN" for sign in name)
        or name[0] in "-."
        or name[-1] == "."
        or RESERVED.fullmatch(name)
    )


def _is_too_long(name: str) -> bool:
    return len(name) > LONGEST or len(name.encode("utf-8", "replace")) > MOST_BYTES
