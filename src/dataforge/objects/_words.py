"""Texts as rows of words: how many of them differ, and how a text is made wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from dataforge.texts import UNSPACED, edits

__all__ = ["misheard_words", "same_words", "spoilt_words"]

SHELL = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
WORD = re.compile(f"[{UNSPACED}]|[^\\s{UNSPACED}]+")


def same_words(one: str, other: str) -> float:
    """1 less the words to put in, leave out or replace, divided by the words of the longer text; 1 if none has any.

    Where a script has no spaces between words, each of its characters counts as one.
    """
    first, second = WORD.findall(one), WORD.findall(other)
    return 1.0 - edits(first, second) / max(len(first), len(second), 1)


def spoilt_words(text: str, rng: Random) -> str:
    """The text without a third of its words, or with them in another order; a lone word with its letters so.

    It begins and ends as it did, and marks and the first capital stay in their places: that it was spoilt is to be told
    from the words alone, by who compares them with what is right. Of marks without words nothing is spoilt.
    """
    pieces = re.split(r"(\s+)", text.strip())
    shells = [list(match.groups()) for piece in pieces[::2] if (match := SHELL.fullmatch(piece))]
    named = [place for place, (_, word, _) in enumerate(shells) if word]
    few = max(1, len(named) // 3)
    if not named:
        return text
    if len(named) == 1:
        shells[named[0]][1] = _turned_word(shells[named[0]][1], rng)
    elif len(named) == 2 or rng.random() < 0.5:
        for place, word in zip(named, _turned([shells[place][1] for place in named], few), strict=True):
            shells[place][1] = word
    else:
        first = rng.randrange(1, len(named) - few)
        gone = slice(named[first], named[first + few - 1] + 1)
        del pieces[2 * gone.start : 2 * gone.stop], shells[gone]
    pieces[::2] = ["".join(shell) for shell in shells]
    return "".join(pieces)


def _turned(words: Sequence[str], few: int) -> list[str]:
    """The words from one of them on, then those before it; a capital that the first one begins with stays in front."""
    first, *others = words
    if first[1:] != first[1:].lower() or not first[0].isupper():
        return [*words[few:], *words[:few]]
    lower = first if first == "I" else first[0].lower() + first[1:]
    turned = [*others[few - 1 :], lower, *others[: few - 1]]
    return [turned[0][0].upper() + turned[0][1:], *turned[1:]]


def misheard_words(text: str, rate: float, rng: Random) -> str:
    """The text with each word by itself wrong at a rate: mostly another in its place, now and then none."""

    def heard(word: re.Match[str]) -> str:
        if rng.random() >= rate:
            return word[0]
        return "" if rng.random() < 0.25 else _turned_word(word[0], rng)

    return WORD.sub(heard, text)


def _turned_word(word: str, rng: Random) -> str:
    if len(word) < 2:
        return word * 2
    at = rng.randrange(1, len(word))
    turned = word[at:] + word[:at]
    return turned if turned != word else word[:-1]
