"""The levels of the queue of real items."""

from __future__ import annotations

import pytest

from dataforge.issue import levels
from dataforge.issue.rows import FIRST_TAIL, Counters, Member


@pytest.mark.parametrize(("worth", "level"), [(0.0, 1), (0.029, 1), (0.03, 2), (0.099, 2), (0.1, 3), (1.0, 3)])
def test_the_more_an_answer_is_worth_the_higher_is_the_level(worth: float, level: int) -> None:
    assert levels.level_of(worth) == level


def test_every_level_has_positions_of_its_own_and_first_answers_come_before_the_dearest() -> None:
    tail = FIRST_TAIL + 10**9
    positions = [levels.position_in(level, tail) for level in levels.LEVELS]
    assert [levels.level_at(position) for position in (0, FIRST_TAIL - 1, *positions)] == [0, 0, *levels.LEVELS]
    # SQLite's integers end here.
    assert max(positions) < 2**63
    assert levels.levels_in_turn(Counters()) == [0]
    assert levels.levels_in_turn(Counters(levels=3)) == [0, 3, 2, 1]


def test_what_is_left_of_a_level_begins_where_the_worker_is_and_ends_before_the_next() -> None:
    member = Member(position=70, position_2=levels.position_in(2, FIRST_TAIL + 5))
    left = [levels.stretch(member, level) for level in levels.LEVELS]
    assert [one.after for one in left] == [70, *(levels.position_in(level, FIRST_TAIL + at) for level, at in LEFT)]
    assert [one.until + 1 for one in left[:-1]] == [levels.position_in(level, FIRST_TAIL) for level in (1, 2, 3, 4)]


LEFT = [(1, -1), (2, 5), (3, -1), (4, -1)]
