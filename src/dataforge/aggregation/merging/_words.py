"""Rows of words compared: which words two texts share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

__all__ = ["Words", "shared", "shared_count"]

Words = tuple[str, ...]

# Words of one text times words of the other up to which their order counts: two of 5,000 words, in milliseconds.
MOST_CELLS = 25_000_000


def shared(one: Words, other: Words) -> tuple[list[int], list[int]]:
    """The places of the words that both texts have in the same order, as many as there can be, in each of the two.

    The work is bounded: beside what both begin and end with, texts of more than 25 million pairs of words are compared
    as bags of words, whatever their order.
    """
    start, end = _ends(one, other)
    first, second = one[start : len(one) - end], other[start : len(other) - end]
    inside = _in_order if len(first) * len(second) <= MOST_CELLS else _in_bags
    found, there = inside(first, second)
    return _around(found, start, len(one), end), _around(there, start, len(other), end)


def shared_count(one: Words, other: Words) -> int:
    """How many words `shared` gives the places of."""
    start, end = _ends(one, other)
    first, second = one[start : len(one) - end], other[start : len(other) - end]
    if not first or not second:
        return start + end
    if len(first) * len(second) > MOST_CELLS:
        return start + end + sum((Counter(first) & Counter(second)).values())
    *_, last = _columns(first, second)
    return start + end + len(first) - last.bit_count()


def _ends(one: Words, other: Words) -> tuple[int, int]:
    """How many words both texts have in common at the start, and how many of the rest at the end."""
    most = min(len(one), len(other))
    start = next((place for place in range(most) if one[place] != other[place]), most)
    most -= start
    return start, next((place for place in range(most) if one[-1 - place] != other[-1 - place]), most)


def _around(inside: Sequence[int], start: int, length: int, end: int) -> list[int]:
    return [*range(start), *(start + place for place in inside), *range(length - end, length)]


def _in_order(one: Words, other: Words) -> tuple[list[int], list[int]]:
    """A longest common subsequence, by bits of whole columns (Crochemore and others, 2001; Hyyrö, 2004)."""
    columns = list(_columns(one, other))
    found, there = [], []
    row, at = len(one), len(other)
    while row and at:
        bit = row - 1
        if columns[at] >> bit & 1:
            row -= 1
        else:
            at -= 1
            if columns[at] >> bit & 1:
                row -= 1
                found.append(row)
                there.append(at)
    return found[::-1], there[::-1]


def _columns(one: Words, other: Words) -> Iterator[int]:
    """A column of bits for no word of the other text, and for each more of them.

    A bit is 0 where the text up to that word has one word more in common with the other's words so far.
    """
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    everywhere = (1 << len(one)) - 1
    column = everywhere
    yield column
    for word in other:
        equal = column & places.get(word, 0)
        column = (column + equal | column - equal) & everywhere
        yield column


def _in_bags(one: Words, other: Words) -> tuple[list[int], list[int]]:
    """The places of words that both have, as often as both have them, the first ones of each."""
    both = Counter(one) & Counter(other)
    return _first_of(one, both), _first_of(other, both)


def _first_of(words: Words, wanted: Counter[str]) -> list[int]:
    left, places = Counter(wanted), []
    for place, word in enumerate(words):
        if left[word] > 0:
            left[word] -= 1
            places.append(place)
    return places
