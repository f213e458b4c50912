"""Items that some workers should answer rather than others: what comes on a page, and what nobody can tell from it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from dataforge.issue import levels, preferred
from dataforge.issue.rows import FIRST_TAIL


class Item(NamedTuple):
    id: int


def page(found: str, ahead: str, mine: str = "", others: str = "") -> str:
    """Which items of a queue, each named by a letter, come on a page."""
    as_items = [[Item(ord(name)) for name in names] for names in (found, ahead)]
    numbers = [set(map(ord, names)) for names in (mine, others)]
    return "".join(chr(item.id) for item in preferred.as_wished(*as_items, *numbers))


@pytest.mark.parametrize(
    ("found", "ahead", "mine", "others", "wanted"),
    [
        ("abcd", "abcdefgh", "", "", "abcd"),  # nothing is wished
        ("abcd", "abcdefgh", "g", "", "abcg"),  # what they should answer comes, for what came last
        ("abcd", "abcdefgh", "", "b", "aecd"),  # what waits for others leaves
        ("abcd", "abcdefgh", "g", "b", "agcd"),  # both at once
        ("abcd", "abcdefgh", "efgh", "", "abfe"),  # half of a page at most
        ("abcd", "abcdefgh", "", "abcd", "efcd"),  # half of a page at most
        ("abcd", "abcdef", "", "abcdef", "abcd"),  # nothing else is there: nobody goes without
        ("abcd", "abcd", "", "abcd", "abcd"),
        ("abcd", "abcdefgh", "abcd", "", "abcd"),
        ("a", "ab", "b", "a", "a"),  # a page of one item is given as it comes
        ("", "", "", "", ""),
    ],
)
def test_what_comes_on_a_page(found: str, ahead: str, mine: str, others: str, wanted: str) -> None:
    assert page(found, ahead, mine, others) == wanted


@pytest.mark.parametrize("level", [1, 2, 3])
def test_what_waits_for_somebody_waits_until_so_much_has_come_behind_it(level: int) -> None:
    position = levels.position_in(level, FIRST_TAIL + 7)
    assert preferred.still_waits(position, FIRST_TAIL + 7 + preferred.PATIENCE)
    assert not preferred.still_waits(position, FIRST_TAIL + 8 + preferred.PATIENCE)
