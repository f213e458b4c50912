"""The policy's settings as options of a command."""

from __future__ import annotations

import re
from typing import Any

from dataforge.errors import SpecError
from dataforge.policy import Policy

__all__ = ["policy_of"]


def policy_of(preset: str, *, overlap: str | None, page: str | None, **settings: Any) -> Policy:
    """A preset with the settings that were given; those that are None stay as the preset has them."""
    given = {name: value for name, value in settings.items() if value is not None}
    if overlap is not None:
        given["overlap"] = _numbers("--overlap", overlap, "3 or 2-5")
    if page is not None:
        numbers = _numbers("--page", page, "15+4: fifteen real items and four control items")
        given["page"] = numbers if isinstance(numbers, tuple) else (numbers, 0)
    return Policy.preset(preset, **given)


def _numbers(name: str, text: str, example: str) -> int | tuple[int, int]:
    found = re.fullmatch(r"\s*(\d+)\s*(?:[-+,:]\s*(\d+)\s*)?", text)
    if found is None:
        raise SpecError(f"{name}: expected {example}, got {text!r}")
    first, second = found.groups()
    return int(first) if second is None else (int(first), int(second))
