"""What is said where people take another time for an item than the task says; nothing is changed by itself."""

import pytest
from tests.runs.core.story import HINT, Story

import dataforge as df
from dataforge.runs.core.notices import notices
from dataforge.runs.core.rules import Rules

RULES = Rules(df.Policy(), 0, None)


def said(seconds: float, *, pages: int = 24, people: int = 4) -> list[str]:
    """Notices of a run whose items took people so long, two on a page."""
    story = Story(2 * pages)
    for number in range(people):
        story.joined(f"w{number}")
    for page in range(pages):
        worker, items = f"w{page % people}", (f"r{2 * page}", f"r{2 * page + 1}")
        story.answered(f"p{page}", worker, *items, seconds=2 * seconds)
        story.judged(f"p{page}", worker)
    return [notice["en"] for notice in notices(story.state, RULES) if "duration=" in notice["en"]]


def test_a_duration_that_people_do_not_keep_is_told_with_what_to_write() -> None:
    [slow], [quick] = said(2.5 * HINT), said(0.5 * HINT)
    assert "An item takes people 25 s, and the task says 10 s: an hour of work brings 0.4 of what it should" in slow
    assert "write duration='25s'" in slow
    assert "write duration='5s'" in quick


@pytest.mark.parametrize(
    ("seconds", "pages", "people"),
    [(1.2 * HINT, 24, 4), (0.8 * HINT, 24, 4), (2.5 * HINT, 19, 4), (2.5 * HINT, 24, 2), (0.01 * HINT, 24, 4)],
    ids=["a little slower", "a little quicker", "few pages", "two people", "haste"],
)
def test_what_tells_little_is_not_told(seconds: float, pages: int, people: int) -> None:
    assert said(seconds, pages=pages, people=people) == []
