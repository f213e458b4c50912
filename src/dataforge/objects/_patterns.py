"""Regular expressions whose matching ends soon, whatever the text: each part is tried at each place once.

Python's own matching goes back and tries anew, in some patterns twice as often with each character, and an answer is
matched while all others wait. Here a pattern becomes steps, and a pair of a step and a place that led nowhere is not
tried again (as in RE2's BitState). That is all of Python's syntax but what depends on what was matched before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["MOST_TRIES", "Pattern", "TooLong", "Unsteady"]

MOST_STEPS = 50_000
# How many pairs of a step and a place are tried for one text: a fifth of a second.
MOST_TRIES = 500_000
PLACES = {
    "AT_BEGINNING": "^",
    "AT_BEGINNING_STRING": r"\A",
    "AT_BOUNDARY": r"\b",
    "AT_NON_BOUNDARY": r"\B",
    "AT_END": "$",
    "AT_END_STRING": r"\Z",
}
ELSEWHERE = {
    "GROUPREF": r"refers to what a group has matched, such as \1",
    "GROUPREF_EXISTS": "asks whether a group has matched",
    "ATOMIC_GROUP": "forbids to go back into what was matched: write (?:…) for (?>…)",
    "POSSESSIVE_REPEAT": "forbids to go back into what was matched: write one + less",
}


class Unsteady(ValueError):
    """The pattern has something that cannot be matched in bounded time; says what."""


class TooLong(ValueError):
    """The text is too long to be tried against the pattern."""


class _Characters(dict[str, bool]):
    """Which characters a part of one character matches; each is asked of Python once."""

    def __init__(self, source: str, flags: int) -> None:
        self.match = re.compile(source, flags).fullmatch

    def __missing__(self, character: str) -> bool:
        found = self[character] = self.match(character) is not None
        return found


# A step: what it does, and with what. "one" of these characters, then the next step; "go" on at either of two steps;
# "at" a place that is such a one; "look" whether other steps match from a distance behind; "end" of the match.
_Step = tuple[str, Any]


class Pattern:
    """A compiled pattern; raises `re.error` if it is none and `Unsteady` if it cannot be matched in bounded time."""

    def __init__(self, source: str) -> None:
        re.compile(source)  # says what is wrong with it
        tree = parser.parse(source)
        self._source, self._steps = source, _steps(tree, tree.state.flags)

    def __reduce__(self) -> tuple[type[Pattern], tuple[str]]:
        return Pattern, (self._source,)

    def __len__(self) -> int:
        """How many steps it has."""
        return len(self._steps)

    def fullmatch(self, text: str) -> bool:
        """Whether the pattern matches all of the text; raises `TooLong` if that takes too long to tell."""
        return _run(self._steps, text, 0, [MOST_TRIES], whole=True)


def _run(steps: list[_Step], text: str, begin: int, left: list[int], *, whole: bool) -> bool:
    """Whether the steps match from a place on, to the text's end if it is to be the `whole`; `left` counts down."""
    end, width = len(text), len(steps)
    tried: set[int] = set()
    waiting = [begin * width]
    while waiting:
        pair = waiting.pop()
        if pair in tried:
            continue
        tried.add(pair)
        left[0] -= 1
        if left[0] < 0:
            raise TooLong
        place, number = divmod(pair, width)
        what, argument = steps[number]
        if what == "one":
            if place < end and argument[text[place]]:
                waiting.append(pair + width + 1)
        elif what == "go":
            waiting += [place * width + other for other in argument]
        elif what == "end":
            if place == end or not whole:
                return True
        elif argument(text, place, left):
            waiting.append(pair + 1)
    return False


def _steps(tree: Any, flags: int) -> list[_Step]:
    steps: list[_Step] = []
    _write(steps, tree, flags)
    return [*steps, ("end", None)]


def _write(steps: list[_Step], tree: Any, flags: int) -> None:
    """Add the steps of a tree of Python's parser."""
    for code, argument in tree:
        name = str(code)
        if name in ELSEWHERE:
            raise Unsteady(ELSEWHERE[name])
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, inner = argument
            _write_repeat(steps, inner, flags, least=least, most=most)
        elif name == "SUBPATTERN":
            _, more, less, inner = argument
            _write(steps, inner, (flags | more) & ~less)
        elif name == "BRANCH":
            _write_branches(steps, argument[1], flags)
        elif name == "AT":
            steps.append(("at", _at(PLACES[str(argument)], flags)))
        elif name in ("ASSERT", "ASSERT_NOT"):
            steps.append(("look", _look(argument, flags, wanted=name == "ASSERT")))
        else:
            steps.append(("one", _Characters(_character(name, argument), flags & ~re.VERBOSE)))
        if len(steps) > MOST_STEPS:
            raise Unsteady(f"repeats too much, it has over {MOST_STEPS:,} steps: say it with shortest and longest")


def _write_repeat(steps: list[_Step], inner: Any, flags: int, *, least: int, most: int) -> None:
    for _ in range(least):
        _write(steps, inner, flags)
    if most == parser.MAXREPEAT:
        begin = len(steps)
        steps.append(("go", ()))
        _write(steps, inner, flags)
        steps.append(("go", (begin,)))
        steps[begin] = ("go", (len(steps), begin + 1))
        return
    leaving = []
    for _ in range(most - least):
        leaving.append(len(steps))
        steps.append(("go", ()))
        _write(steps, inner, flags)
    for place in leaving:
        steps[place] = ("go", (len(steps), place + 1))


def _write_branches(steps: list[_Step], branches: Any, flags: int) -> None:
    fork = len(steps)
    steps.append(("go", ()))
    begins, ends = [], []
    for branch in branches:
        begins.append(len(steps))
        _write(steps, branch, flags)
        ends.append(len(steps))
        steps.append(("go", ()))
    steps[fork] = ("go", tuple(reversed(begins)))
    for place in ends:
        steps[place] = ("go", (len(steps),))


def _at(source: str, flags: int) -> Callable[[str, int, list[int]], bool]:
    match = re.compile(source, flags & ~re.VERBOSE).match
    return lambda text, place, left: match(text, place) is not None


def _look(argument: Any, flags: int, *, wanted: bool) -> Callable[[str, int, list[int]], bool]:
    direction, inner = argument
    steps, back = _steps(inner, flags), inner.getwidth()[0] if direction < 0 else 0

    def found(text: str, place: int, left: list[int]) -> bool:
        there = place >= back and _run(steps, text, place - back, left, whole=False)
        return there == wanted

    return found


def _character(name: str, argument: Any) -> str:
    """A pattern of the one character that a leaf of the tree stands for."""
    if name == "ANY":
        return "."
    if name == "IN":
        return f"[{''.join(_member(str(code), inner) for code, inner in argument)}]"
    return f"[{'^' if name == 'NOT_LITERAL' else ''}{_escaped(argument)}]"


def _member(name: str, argument: Any) -> str:
    if name == "NEGATE":
        return "^"
    if name == "RANGE":
        return f"{_escaped(argument[0])}-{_escaped(argument[1])}"
    if name == "CATEGORY":
        category = str(argument).removeprefix("CATEGORY_")
        letter = category.removeprefix("NOT_")[0].lower()
        return rf"\{letter.upper() if category.startswith('NOT_') else letter}"
    return _escaped(argument)


def _escaped(code: int) -> str:
    return rf"\U{code:08x}"
