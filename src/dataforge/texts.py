"""Texts in several languages, `{language: text}` with English always present, and texts as rows of words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dataforge.errors import SpecError
from dataforge.records import Texts

__all__ = [
    "LANGUAGES",
    "UNSPACED",
    "VISIBLE",
    "check_language",
    "edits",
    "half_character",
    "option_texts",
    "pick",
    "texts",
]

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka
kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng
nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su
sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""

LANGUAGES = frozenset(_CODES.split())
"""The two-letter language codes of ISO 639-1."""

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Ranges of scripts that put no spaces between words: Thai, Lao, Myanmar, Khmer, kana and Chinese characters."""

SHOWN_BEFORE = 30

# Beside spaces the characters that join, part and direct others, of which nothing is seen.
VISIBLE = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)


def texts(value: str | Mapping[str, str], what: str = "text") -> Texts:
    """`{"en": value}` for a plain text, a checked copy for a mapping; `what` names it in errors."""
    if isinstance(value, str):
        value = {"en": value}
    if not isinstance(value, Mapping):
        raise SpecError(f"{what}: expected a text or {{language: text}}, got {value!r}")
    for language, text in value.items():
        check_language(language, what)
        if not isinstance(text, str) or not text.strip():
            raise SpecError(f"{what}: the text in {language!r} must not be empty, got {text!r}")
        if broken := half_character(text):
            raise SpecError(f"{what}: the text in {language!r} {broken}; remove it")
    if "en" not in value:
        came = ", ".join(map(repr, value)) or "none"
        raise SpecError(f"{what}: English is required, other languages fall back to it; languages given: {came}")
    return dict(value)


def option_texts(value: object, given: str | Mapping[str, str] | None, what: str) -> Texts:
    """Texts of a label whose English falls back to the value itself."""
    if isinstance(given, str):
        given = {"en": given}
    if given is not None and not isinstance(given, Mapping):
        raise SpecError(f"{what}: expected a text or {{language: text}}, got {given!r}")
    return texts({"en": str(value)} | dict(given or {}), what)


def half_character(text: str) -> str:
    """What is wrong with a text that cannot be written as UTF-8, so neither stored nor sent; empty if nothing is.

    Such texts come from the middle of an emoji, and from names of files that are no UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        start = error.start
        return f"has half a character at position {start}: {text[max(start - SHOWN_BEFORE, 0) : start + 1]!r}"
    return ""


def check_language(language: object, what: str) -> str:
    """The language code itself if it is one of ISO 639-1; raises `SpecError` with `what` as the place."""
    if not isinstance(language, str) or language not in LANGUAGES:
        meant = re.split("[-_]", language)[0].lower() if isinstance(language, str) else ""
        advice = f"write {meant!r}" if meant in LANGUAGES else "use the two letters of ISO 639-1, such as 'en' or 'ru'"
        raise SpecError(f"{what}: {language!r} is no language code; {advice}")
    return language


def pick(texts: Texts, language: str) -> str:
    """The text in a language, in English where there is none, empty where there is neither."""
    return texts.get(language) or texts.get("en", "")


def edits(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words to put in, leave out or replace make one row of words the other.

    By bits of whole columns (Myers, 1999; Hyyrö, 2003).
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    everywhere, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = everywhere, 0, len(one)
    for word in other:
        equal = places.get(word, 0)
        across = (((equal & up) + up) ^ up) | equal
        more, less = down | (everywhere & ~(across | up)), up & across
        distance += bool(more & last) - bool(less & last)
        more, less = (more << 1 | 1) & everywhere, less << 1 & everywhere
        vertical = equal | down
        up, down = less | (everywhere & ~(vertical | more)), more & vertical
    return distance
