"""What a run asks of its workers, as options of a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from dataforge.errors import SpecError
from dataforge.policy import Workers

__all__ = ["WorkersOption", "asked_in"]

WorkersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--workers",
        metavar="ASKED",
        help="Who may work: age=18-, speaks=en,tr, regions=KZ, device=phone, 'medical>=70', named, allowed=…, "
        "barred=…; may be repeated.",
        rich_help_panel="Workers",
    ),
]

SKILL = re.compile(r"(?P<name>.+?)\s*>=\s*(?P<least>\d+(?:[.,]\d+)?)\s*(?:/\s*(?P<valid>\S+))?")
AGES = re.compile(r"(?P<least>\d+)?\s*-\s*(?P<most>\d+)?")
LISTS = ("speaks", "regions", "allowed", "barred")
FORMS = (
    "age=18-65, speaks=en,tr, regions=KZ,RU, device=phone, named, 'medical>=70', 'medical>=70/90d', allowed=…, barred=…"
)


def asked_in(given: Sequence[str]) -> Workers:
    """What is asked by these, each one filter; raises `SpecError` where one is none or stands there twice."""
    asked: dict[str, Any] = {}
    skills: dict[str, float | tuple[float, str]] = {}
    for one in map(str.strip, given):
        skill = SKILL.fullmatch(one)
        name, _, value = (part.strip() for part in (skill["name"] if skill else one).partition("="))
        if name in (skills if skill else asked):
            raise SpecError(f"--workers: {name!r} stands there twice; give it once")
        if skill:
            least = float(skill["least"].replace(",", "."))
            skills[name] = (least, skill["valid"]) if skill["valid"] else least
        else:
            asked[name] = _filter(one, name, value)
    return Workers(**asked, skills=skills or None)


def _filter(given: str, name: str, value: str) -> Any:
    if name == "named" and not value:
        return True
    if name in LISTS and value:
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if name == "device" and value:
        return value
    ages = AGES.fullmatch(value) if name == "age" else None
    if ages is None or not (ages["least"] or ages["most"]):
        raise SpecError(f"--workers: expected one of {FORMS}; got {given!r}")
    return tuple(None if bound is None else int(bound) for bound in ages.groups())
