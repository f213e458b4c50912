"""What people read of the server and of runs, in their languages: a language is a file beside the English one.

`worker.en.json` holds what workers read, `requester.en.json` what requesters do, `launch.en.json` what they are told
of a launch, `status.en.json` how a terminal or a notebook says that a run stands: a text with `{places}` by its name,
or the plural forms of one, chosen by the place `count`. What a language's file lacks is left out of what `say` gives,
and readers fall back to English.
"""

from __future__ import annotations

import json
import locale
import os
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Self, SupportsIndex

from dataforge.records import Texts
from dataforge.texts import pick

__all__ = [
    "Read",
    "Said",
    "as_written",
    "here",
    "joined",
    "languages",
    "listed",
    "messages",
    "own_language",
    "percent",
    "say",
]

Message = str | dict[str, str]

FOLDER = Path(__file__).parent
PLACE = re.compile(r"\{(\w+)\}")
# By which a locale is named, the first that is set (POSIX 8.2); a language ends before its country, letters or variant.
VARIABLES, LANGUAGE = ("LC_ALL", "LC_MESSAGES", "LANG"), re.compile("[_.@-]")
# What a language puts between thousands and before decimals.
SIGNS = {"en": (",", "."), "es": (".", ","), "tr": (".", ",")}
OTHERS = ("\N{NO-BREAK SPACE}", ",")
# How a language writes per cent beside a number.
PERCENT = {"en": "{}%", "tr": "%{}", "uz": "{}%"}
SPACED = "{}\N{NO-BREAK SPACE}%"


def say(name: str, /, **values: str | float | Decimal | Texts) -> Texts:
    """The message of that name in all languages that have it.

    `values` stand in its places: a number as each language writes it, a
    `Decimal` with all its digits, texts in the reader's language. Raises `KeyError`
    for a name that no file has.
    """
    found = Read()
    for language in languages():
        message = messages(language).get(name)
        if message is not None:
            found[language] = _filled(message, values, language)
    if "en" not in found:
        raise KeyError(name)
    return found


def percent(share: float, digits: int = 0) -> Texts:
    """A share 0..1 in per cent, as each language writes it."""
    number = Decimal(f"{share:.{digits}%}".rstrip("%"))
    return {one: PERCENT.get(one, SPACED).format(as_written(number, one)) for one in languages()}


def joined(one: Texts, other: Texts, between: str = " ") -> Texts:
    """One text and then another, in all languages of either."""
    return {language: f"{pick(one, language)}{between}{pick(other, language)}" for language in {**one, **other}}


def listed(parts: Sequence[Texts], between: str) -> Texts:
    """Texts one after another, in all languages that one of them has."""
    return {language: between.join(pick(part, language) for part in parts) for language in dict.fromkeys(chain(*parts))}


def own_language() -> str:
    """The language of whoever sits at this machine, as its locale has it; English where there is no file for that.

    What the variables name need not be installed here: the texts are ours. Where none is set the system is asked.
    """
    named = next(filter(None, map(os.environ.get, VARIABLES)), None) or locale.getlocale()[0] or ""
    code = LANGUAGE.split(named, maxsplit=1)[0].lower()
    return code if code in languages() else "en"


def here(texts: Texts) -> str:
    """The text as whoever sits at this machine reads it."""
    return pick(texts, own_language())


class Read(dict[str, str]):
    """Texts by language that print in that of whoever sits at this machine, instead of in all."""

    def __str__(self) -> str:
        return here(self)

    def __repr__(self) -> str:
        return repr(here(self))


class Said(str):
    """What somebody reads: a text in the language of whoever sits at this machine that has the others as well.

    `said["ru"]` is the Russian one, in English where there is none, and `said.texts` has all by language.
    """

    __slots__ = ("texts",)
    texts: Texts

    def __new__(cls, texts: Texts) -> Self:
        """The texts as one."""
        said = super().__new__(cls, here(texts))
        said.texts = texts
        return said

    def __getnewargs__(self) -> Any:
        # A copy is made of all texts, and not of the one that is read here.
        return (self.texts,)

    def __getitem__(self, key: SupportsIndex | slice | str) -> str:
        return pick(self.texts, key) if isinstance(key, str) else super().__getitem__(key)


@cache
def languages() -> tuple[str, ...]:
    """The languages that there is a file for, English first."""
    codes = {path.suffixes[0][1:] for path in FOLDER.glob("*.*.json")}
    return ("en", *sorted(codes - {"en"}))


@cache
def messages(language: str) -> dict[str, Message]:
    """All messages that are written in a language, by their names."""
    files = sorted(FOLDER.glob(f"*.{language}.json"))
    return {name: message for file in files for name, message in json.loads(file.read_text("utf-8")).items()}


def _filled(message: Message, values: Mapping[str, str | float | Decimal | Texts], language: str) -> str:
    if not isinstance(message, str):
        count = values["count"]
        form = FORMS.get(language, _one_or_other)(count) if isinstance(count, int) else "other"
        message = message.get(form, message["other"])
    return PLACE.sub(lambda place: as_written(values[place[1]], language), message)


def as_written(value: str | float | Decimal | Texts, language: str) -> str:
    """What stands in a place of a message: a number as the language writes it, texts in that language."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return pick(dict(value), language)
    thousands, point = SIGNS.get(language, OTHERS)
    number = f"{value:,.12g}" if isinstance(value, float) else f"{value:,}"
    return number.translate({ord(","): thousands, ord("."): point})


def _one_or_other(count: int) -> str:
    return "one" if count == 1 else "other"


def _russian(count: int) -> str:
    tens, ones = count % 100, count % 10
    if ones == 1 and tens != 11:
        return "one"
    return "few" if ones in (2, 3, 4) and tens not in (12, 13, 14) else "many"


# Plural rules of CLDR for whole numbers; languages without an entry have two forms, of which the first is for one.
FORMS: dict[str, Callable[[int], str]] = {"ru": _russian}
