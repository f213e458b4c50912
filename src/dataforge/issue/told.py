"""What workers tell of themselves, if they wish: what can be told, and how soon it may be told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta

from dataforge.errors import Refused, SpecError
from dataforge.records import AskedOfWorkers, Publication
from dataforge.regions import check_region
from dataforge.texts import check_language

__all__ = ["TOLD", "Told", "asked_by", "check_born", "check_region_told", "check_speaks", "told_until"]

Told = Annotated[
    Literal["speaks", "region", "born"],
    Meta(title="Told", description="What workers tell of themselves: languages, country, year of birth."),
]
TOLD: tuple[Told, ...] = ("speaks", "region", "born")

MONTH = 30 * 86_400.0
OLDEST = 120
MOST_LANGUAGES = 20


def asked_by(publication: Publication) -> tuple[Told, ...]:
    """What a run needs to know of workers that only they can tell."""
    asked = publication.workers or AskedOfWorkers()
    needs: dict[Told, bool] = {
        "speaks": bool(asked.speaks),
        "region": bool(asked.regions),
        "born": asked.age != (None, None),
    }
    return tuple(what for what in TOLD if needs[what])


def told_until(told: float | None, now: float) -> float | None:
    """Until when something stays as it was told; None: it may be told otherwise now.

    Who was refused for what they told should not simply tell something else: it holds for a month, whether it was taken
    back meanwhile or not.
    """
    return None if told is None or told + MONTH <= now else told + MONTH


def check_speaks(codes: Sequence[str]) -> tuple[str, ...]:
    """Languages by their codes, each once; raises `Refused` 422 if one is none, or there are too many."""
    if len(codes) > MOST_LANGUAGES:
        raise _invalid(f"speaks: expected {MOST_LANGUAGES} languages at most, got {len(codes)}")
    try:
        return tuple(dict.fromkeys(check_language(code, "speaks") for code in codes))
    except SpecError as error:
        raise _invalid(str(error)) from None


def check_region_told(code: str) -> str:
    """The code of a country, empty for none; raises `Refused` 422 if it is no such code."""
    try:
        return check_region(code, "region") if code else ""
    except SpecError as error:
        raise _invalid(str(error)) from None


def check_born(year: int, now: float) -> int:
    """A year of birth, 0 for none; raises `Refused` 422 if nobody alive was born then."""
    present = datetime.fromtimestamp(now, UTC).year
    if year and not present - OLDEST <= year <= present:
        raise _invalid(f"born: expected a year from {present - OLDEST} to {present}, got {year}")
    return year


def _invalid(what: str) -> Refused:
    return Refused(what, status=422, code="told_invalid")
