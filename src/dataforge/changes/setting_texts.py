"""Settings of a policy, and texts of a task, as somebody would write them: to say what differs between two of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from dataforge.durations import written

__all__ = ["in_words"]

MOST_SHOWN = 40
BEFORE = 12
LENGTHS = ("time_limit", "lease", "stall_after", "restrict", "soft_restrict", "hard_restrict")
SPANS = {"overlap": " to ", "page": "+"}
RULES = ("speed", "control", "skips", "reports")
WORKERS = "workers"


def in_words(name: str, was: Any, now: Any) -> tuple[str, str]:
    """Two values of a setting in words; of long ones the part where they begin to differ."""
    one, other = _in_words(name, was), _in_words(name, now)
    if _may_be_long(name, was) or _may_be_long(name, now):
        return _apart(one, other)
    return one, other


def _in_words(name: str, value: Any) -> str:
    """A value of a setting as somebody would write it."""
    if name == WORKERS or name.startswith(f"{WORKERS}."):
        return _asked_in_words(name.removeprefix(WORKERS).removeprefix("."), value)
    last = name.rpartition(".")[2]
    if value is None and last == "overlap":
        return "as by default"
    if value is None or value == []:
        return "none"
    if last in LENGTHS and isinstance(value, float | int):
        return written(value)
    if last in SPANS and isinstance(value, list):
        return SPANS[last].join(map(str, value))
    if last in RULES:
        rules = value if isinstance(value, list) else [value]
        return "; ".join(", ".join(f"{part} {_in_words(part, of)}" for part, of in rule.items()) for rule in rules)
    if isinstance(value, dict):
        return _thing_in_words(value)
    if isinstance(value, list):
        return ", ".join(_in_words("", one) for one in value)
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)


def _thing_in_words(thing: dict[str, Any]) -> str:
    """An input or an output by its type and its settings, an option by its value, a text in English, else each part."""
    if "type" in thing:
        settings = _in_words("", thing.get("settings") or {})
        return f"{thing['type']} ({settings})" if settings else str(thing["type"])
    if "value" in thing:
        return repr(thing["value"])
    if "en" in thing:
        return repr(thing["en"])
    return "; ".join(f"{name} {_in_words(name, value)}" for name, value in thing.items())


def _asked_in_words(part: str, value: Any) -> str:
    """What is asked of workers, or a part of it: only what is asked at all."""
    if not part:
        asked = {name: _asked_in_words(name, of) for name, of in (value or {}).items() if _asks(of)}
        return "; ".join(f"{name} {said}" for name, said in asked.items()) or "anybody"
    if not _asks(value):
        return "any"
    filtered, _, which = part.partition(".")
    if filtered == "skills" and not which:
        return ", ".join(f"{name} {_skill(least)}" for name, least in value.items())
    return FILTERS.get(filtered, _listed)(value)


def _asks(value: Any) -> bool:
    return bool(value) and value != [None, None]


def _skill(least: list[float]) -> str:
    points, valid = least
    return f"{points:g} or more" if valid is None else f"{points:g} or more in the last {written(valid)}"


def _ages(ages: list[int | None]) -> str:
    least, most = ages
    return f"up to {most}" if least is None else f"from {least}" if most is None else f"{least} to {most}"


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _named(_: bool) -> str:
    return "only people whom you invited by name"


FILTERS: dict[str, Callable[[Any], str]] = {"age": _ages, "skills": _skill, "named": _named}


def _may_be_long(name: str, value: Any) -> bool:
    if name.partition(".")[0] == WORKERS:
        return False
    return isinstance(value, str | list | dict) and name.rpartition(".")[2] not in (*RULES, *LENGTHS)


def _apart(one: str, other: str) -> tuple[str, str]:
    """Two texts, of long ones the part where they begin to differ."""
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    start = max(0, same - BEFORE) if max(len(one), len(other)) > MOST_SHOWN else 0
    return _cut(one, start), _cut(other, start)


def _cut(text: str, start: int) -> str:
    part = text[start : start + MOST_SHOWN]
    return f"{'…' * (start > 0)}{part}{'…' * (start + MOST_SHOWN < len(text))}"
