"""Texts as rows of words: how many of them differ, and how a text is made wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

from dataforge.texts import UNSPACED, edits

__all__ = ["distractors", "misheard_words", "same_words", "spoilt_words"]

SHELL = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
DIGIT = re.compile(r"[0-9]")
# So many of the words of a text are others in a wrong one that reads as well.
WRONG_WORDS = 0.25
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


def distractors(text: str, others: Sequence[str], rng: Random) -> Iterator[str]:
    """Texts that read as well as this one and say something else, made of others of the same kind, by chance.

    The first of the others whole; this one up to a word and another from the same word on; this one
    with words in place of some that stand between the same words elsewhere; this one with other digits. Nobody who
    knows which words follow each other can tell them from right ones.
    """
    ways = [iter(others), _crossed(text, others, rng), _replaced(text, others, rng), _renumbered(text, rng)]
    for way in rng.sample(ways, len(ways)):
        yield from islice(way, 1)


def _crossed(text: str, others: Sequence[str], rng: Random) -> Iterator[str]:
    """The text up to a word in its middle, and another from the same word on, about as long."""
    mine = list(WORD.finditer(text))
    for other in others:
        theirs = list(WORD.finditer(other))
        places = [
            (here, there)
            for here, word in enumerate(mine[:-1])
            for there, same in enumerate(theirs[:-1])
            if word[0] == same[0] and _far_apart(mine, theirs, here, there)
        ]
        if places:
            here, there = rng.choice(places)
            yield text[: mine[here].end()] + other[theirs[there].end() :]


def _far_apart(mine: Sequence[re.Match[str]], theirs: Sequence[re.Match[str]], here: int, there: int) -> bool:
    """Whether what follows a word in one text and in another is a good part of the one, differs, and is as long."""
    rest, instead = len(mine) - here, len(theirs) - there
    part = WRONG_WORDS * len(mine)
    return rest > part and abs(rest - instead) <= part and mine[here + 1][0] != theirs[there + 1][0]


def _replaced(text: str, others: Sequence[str], rng: Random) -> Iterator[str]:
    """The text with other words for some, which stand between the same words in the others."""
    between: dict[tuple[str, str], set[str]] = {}
    for other in others:
        words = WORD.findall(other)
        for before, word, after in zip(words, words[1:], words[2:], strict=False):
            between.setdefault((before, after), set()).add(word)
    mine = list(WORD.finditer(text))
    few = max(1, round(WRONG_WORDS * len(mine)))
    found: dict[int, str] = {}
    for place in rng.sample(range(1, len(mine) - 1), max(0, len(mine) - 2)):
        fitting = between.get((mine[place - 1][0], mine[place + 1][0]), set()) - {mine[place][0]}
        if fitting and not found.keys() & {place - 1, place + 1} and len(found) < few:
            found[place] = rng.choice(sorted(fitting))
    if len(found) == few:
        pieces = [text[: mine[0].start()]]
        for place, word in enumerate(mine):
            stop = mine[place + 1].start() if place + 1 < len(mine) else len(text)
            pieces.append(found.get(place, word[0]) + text[word.end() : stop])
        yield "".join(pieces)


def _renumbered(text: str, rng: Random) -> Iterator[str]:
    """The text with other digits in each of its numbers."""
    if DIGIT.search(text):
        yield DIGIT.sub(lambda digit: str((int(digit[0]) + rng.randrange(1, 9)) % 10 or 1), text)


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
