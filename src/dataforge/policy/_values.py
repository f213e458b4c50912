"""What the settings of a policy may be, each by itself: checked, and put into its normal form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from fractions import Fraction
from typing import Any

from dataforge.durations import seconds
from dataforge.errors import SpecError
from dataforge.objects.base import Label, is_number, plain
from dataforge.registry import names
from dataforge.texts import LANGUAGES, check_language

__all__ = [
    "LARGEST_PAGE",
    "Duration",
    "aggregation_of",
    "check_count",
    "check_flag",
    "check_score",
    "check_share",
    "confidences",
    "exact",
    "languages_of",
    "overlap_for",
    "overlap_of",
    "page_of",
    "plain_of",
    "positive",
    "put",
    "quality_of",
    "voters_of",
]

Duration = str | float | timedelta
"""`"10s"`, `"5m"`, `"1h 30m"`, `"1d"`, a number of seconds or a timedelta."""

MOST_OPINIONS = 1_000
NUMBERS, FRACTION = re.compile(r"\d+"), re.compile(r"\d\.\d|^\s*-|\d[^\W\d]|[^\W\d]\d")
LARGEST_PAGE = 100
WITH_TARGET = (1, 9)
"""How many opinions an item gets at least and at most where the whole has a target."""
INITIALS = {"ds": "dawid-skene", "mv": "majority-vote", "ml": "max-likelihood"}
"""How some write the names of methods."""


OF_ITSELF = ("judge",)
"""Ways to quality that a run takes by itself: judging in words of the requester."""


def put(frozen: object, /, **values: Any) -> None:
    """Put normal forms into a frozen object that is being made."""
    for name, value in values.items():
        object.__setattr__(frozen, name, value)


def exact(ratio: float) -> Fraction:
    """The share as it is written: 0.28 is 28 of 100."""
    return Fraction(str(ratio))


def plain_of(value: Any) -> Any:
    """A setting with Python's own numbers in place of those of numpy and decimal ones, also in a pair or a list."""
    return type(value)(map(plain, value)) if type(value) in (tuple, list) else plain(value)


def check_share(what: str, value: object) -> None:
    """Raise `SpecError` unless it is a number from 0 to 1."""
    if not is_number(value) or not 0 <= value <= 1:  # type: ignore[operator]
        percent = f"; write {value / 100:g}" if is_number(value) and 5 <= value <= 100 else ""  # type: ignore[operator]
        raise SpecError(f"policy: {what} must be a number from 0 to 1, got {value!r}{percent}")


def check_score(what: str, value: object) -> None:
    """Raise `SpecError` unless it is a number from 0 to 100, or None."""
    if value is not None and (not is_number(value) or not 0 <= value <= 100):  # type: ignore[operator]
        raise SpecError(f"policy: {what} must be a score from 0 to 100, such as 80, got {value!r}")


def check_flag(what: str, value: object) -> None:
    """Raise `SpecError` unless it is True or False."""
    if not isinstance(value, bool):
        raise SpecError(f"policy: {what} must be True or False, got {value!r}")


def check_count(what: str, value: object, least: int, most: int = MOST_OPINIONS) -> None:
    """Raise `SpecError` unless it is a whole number within these."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SpecError(f"policy: {what} must be a whole number from {least} to {most}, got {value!r}")


def positive(what: str, value: Duration) -> float:
    """The seconds of a duration above 0."""
    found = seconds(value, f"policy: {what}")
    if found <= 0:
        raise SpecError(f"policy: {what} must be longer than 0, got {value!r}")
    return found


def confidences(value: Any) -> float | dict[Label, float]:
    """One confidence for all answers, or one by label."""
    if not isinstance(value, Mapping):
        check_share("min_confidence", value)
        return float(value)
    if not value:
        raise SpecError("policy: min_confidence must be a number or {label: number}, got an empty mapping")
    for label, confidence in value.items():
        if not isinstance(label, str | int):
            raise SpecError(f"policy: min_confidence is given for {label!r}, which is no answer")
        check_share(f"min_confidence of {label!r}", confidence)
    return {label.value if isinstance(label, Enum) else label: float(value[label]) for label in value}


def overlap_of(value: Any) -> int | tuple[int, int] | None:
    """One number of opinions, or the least and the most; None: as fits how answers get their quality."""
    if value is None:
        return None
    if isinstance(value, str):
        whole = NUMBERS.findall(value) if not FRACTION.search(value) else []
        advice = f"({', '.join(whole)})" if len(whole) > 1 else "".join(whole) or "(2, 5) or 3"
        raise SpecError(f"policy: overlap must be a number or a pair (minimum, maximum), got {value!r}; write {advice}")
    if not isinstance(value, tuple | list):
        check_count("overlap", value, 1)
        return int(value)
    if len(value) != 2:
        raise SpecError(f"policy: overlap must be a number or (minimum, maximum), got {value!r}")
    for one in value:
        check_count("overlap", one, 1)
    if value[0] > value[1]:
        raise SpecError(f"policy: overlap must be (minimum, maximum), got {tuple(value)!r}; swap them")
    return (value[0], value[1])


def overlap_for(target: float | None, overlap: int | tuple[int, int] | None) -> int | tuple[int, int] | None:
    """The overlap with a target of the whole, for which it has to be one that can grow."""
    if target is None:
        return overlap
    if not is_number(target) or not 0.5 <= target <= 1:
        percent = f"; write {target / 100:g}" if is_number(target) and 50 <= target <= 100 else ""
        raise SpecError(
            "policy: target is how many of all answers are to be right, a number from 0.5 to 1, got "
            f"{target!r}{percent}"
        )
    if overlap is None:
        return WITH_TARGET
    least, most = (overlap, overlap) if isinstance(overlap, int) else overlap
    if least == most:
        raise SpecError(
            f"policy: target={target!r} asks more opinions where doubts are deepest, and overlap={overlap!r} leaves no "
            f"choice; leave overlap out, or write (1, {max(most, 2)})"
        )
    return overlap


def aggregation_of(value: Any) -> str:
    """The name of an aggregator, as its file is called."""
    spelt = value.strip().lower().replace("_", "-").replace(" ", "-") if isinstance(value, str) else ""
    known = names("aggregation")
    if spelt not in known:
        made = value if isinstance(value, type) else type(value)
        named = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", made.__name__).lower()
        meant = INITIALS.get(spelt, named if named in known else None)
        advice = f"write {meant!r}" if meant else f"known: {', '.join(known)}"
        raise SpecError(f"policy: no aggregation is named {value!r}; {advice}")
    return spelt


def quality_of(value: Any, overlap: int | tuple[int, int] | None) -> str | None:
    """The name of a way to quality; None: as fits the types of the answers."""
    if value is None:
        return None
    spelt = value.strip().lower() if isinstance(value, str) else ""
    if spelt not in names("quality"):
        known = ", ".join(name for name in names("quality") if name not in OF_ITSELF)
        raise SpecError(f"policy: no way to quality is named {value!r}; known: {known}, or None for what fits the task")
    if spelt == "collect" and isinstance(overlap, tuple):
        raise SpecError(
            f"policy: overlap={overlap!r}: of collected answers nothing shows where more would help; name one number, "
            f"such as overlap={overlap[1]}"
        )
    return spelt


def voters_of(value: Any) -> dict[str, str | dict[Label, str]] | None:
    """By model the column with its labels, or by label the column with its probability; None where there is none."""
    if value is None or value == {}:
        return None
    expected = 'a mapping such as {"my-model": "column"}, or {"my-model": {label: column}}'
    if not isinstance(value, Mapping):
        raise SpecError(f"policy: voters must be {expected}, got {value!r}")
    found: dict[str, str | dict[Label, str]] = {}
    for name, given in value.items():
        # In JSON the labels stand beside their columns, for a JSON object would turn True and 5 into texts.
        columns = given if isinstance(given, str) else dict(given) if isinstance(given, Mapping | list) else None
        named = [columns] if isinstance(columns, str) else [*(columns or {}).values()]
        if not isinstance(name, str) or not name.strip() or not named or not all(isinstance(one, str) for one in named):
            raise SpecError(f"policy: voters must be {expected}, got {name!r}: {given!r}")
        if not isinstance(columns, str):
            columns = {label.value if isinstance(label, Enum) else label: of for label, of in (columns or {}).items()}
        found[name] = columns
    return found


def page_of(value: Any) -> tuple[int, int] | None:
    """Real and control items of a page; None: to be chosen."""
    if value is None:
        return None
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise SpecError(f"policy: page must be (real items, control items), got {value!r}")
    check_count("the real items of a page", value[0], 1, LARGEST_PAGE)
    check_count("the control items of a page", value[1], 0, LARGEST_PAGE - 1)
    if sum(value) > LARGEST_PAGE:
        raise SpecError(f"policy: a page has at most {LARGEST_PAGE} items, got {value[0]} + {value[1]}")
    return (value[0], value[1])


def languages_of(value: Any) -> tuple[str, ...]:
    """Codes of languages."""
    if isinstance(value, str) or not isinstance(value, tuple | list | set | frozenset):
        advice = f"; write {(value,)!r}" if value in LANGUAGES else ""
        raise SpecError(f"policy: languages must be a tuple of codes such as ('en', 'ru'), got {value!r}{advice}")
    listing = sorted(value) if isinstance(value, set | frozenset) else value
    return tuple(check_language(language, "policy: languages") for language in listing)
