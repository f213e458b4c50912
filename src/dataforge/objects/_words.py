"""Texts as rows of words: how many of them differ, and how a text is made wrong."""

from __future__ import annotations

import re
from random import Random

from dataforge.texts import UNSPACED, edits

__all__ = ["misheard_words", "same_words", "spoilt_words"]

WORD = re.compile(f"[{UNSPACED}]|[^\\s{UNSPACED}]+")


def same_words(one: str, other: str) -> float:
    """1 less the words to put in, leave out or replace, divided by the words of the longer text; 1 if none has any.

    Where a script has no spaces between words, each of its characters counts as one.
    """
    first, second = WORD.findall(one), WORD.findall(other)
    return 1.0 - edits(first, second) / max(len(first), len(second), 1)


def spoilt_words(text: str, rng: Random) -> str:
    """The text without a third of its words, or with them in another order; a lone word with its letters so."""
    pieces = re.split(r"(\s+)", text.strip())
    words, spaces = pieces[::2], pieces[1::2]
    if len(words) == 1:
        return _turned_word(words[0], rng)
    few = max(1, len(words) // 3)
    if rng.random() < 0.5:
        words = words[few:] + words[:few]
    else:
        start = rng.randrange(len(words) - few + 1)
        del words[start : start + few]
        del spaces[max(0, start - 1) : max(0, start - 1) + few]
    return "".join(word + space for word, space in zip(words, [*spaces, ""], strict=False))


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
