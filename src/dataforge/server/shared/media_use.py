"""Files that somebody counts on though no item is shown with them yet: they must not go with a run that is deleted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from dataforge.changes.gone import gone

__all__ = ["AskedMedia", "noted_media"]

# How long, in seconds, the items of a launch may take to come after the first of their files.
LONGEST_LAUNCH = 86_400.0


class AskedMedia:
    """Files that a client was told are here, until items with them have come."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}
        self._came: dict[str, float] = {}

    def asked(self, media: str, now: float) -> None:
        """Note that somebody has been told that the file is here."""
        self._asked[media] = now

    def came(self, media: Iterable[str], now: float) -> None:
        """Note that items with these files have come."""
        for name in media:
            if self._asked.pop(name, None) is not None:
                self._came[name] = now

    def waited_for(self, media: str, since: float, now: float) -> bool:
        """Whether items with the file are still to come, or have come since a time."""
        asked = self._asked.get(media)
        return (asked is not None and asked > now - LONGEST_LAUNCH) or self._came.get(media, since - 1) >= since


def noted_media(runs: Path, media: set[str]) -> set[str]:
    """Those of the files that runs have uploaded, whose items may still be on their way."""
    found: set[str] = set()
    for path in runs.glob("*/media.json"):
        mark = gone(path.parent)
        if mark is None or mark.what != "deleted":
            try:
                noted = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, object]])
            except FileNotFoundError:
                continue
            found |= media & {str(one.get("media")) for one in noted.values()}
    return found
