"""Where workers disagree, as a square for each question whose answers are options."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Annotated, Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

import dataforge as df
from dataforge.simulation import simulate

pytestmark = pytest.mark.browser


class Mood(df.Choice):
    GLAD = df.option("glad", en="Glad or merry", ru="Радостный или весёлый")
    SAD = df.option("sad", en="Sad", ru="Грустный")
    NONE = df.option("none", en="None of these", ru="Никакой")


class Said(NamedTuple):
    mood: Mood
    polite: bool
    clear: Annotated[int, df.Rating(1, 5)]
    topics: set[Mood]
    words: Annotated[str, df.Text]


@df.task(duration="5s", titles={"mood": {"en": "Mood", "ru": "Настроение"}})
def review(text: df.Text) -> Said:
    """What is it like?"""
    raise NotImplementedError


@pytest.fixture(scope="module")
def run(live_server: Any) -> str:
    """The name of a run with questions of several kinds, answered by people who err."""
    moods = [mood.value for mood in Mood]
    rows = [
        {
            "id": f"text-{number}",
            "text": f"Text {number}",
            "mood": moods[number % 3],
            "polite": number % 2 == 0,
            "clear": 1 + number % 5,
            "topics": [moods[number % 2]],
            "words": f"word {number}",
        }
        for number in range(30)
    ]
    items = [{"id": row["id"], "text": row["text"]} for row in rows]
    policy = df.Policy(overlap=3, page=(5, 0), speed=())
    options: dict[str, Any] = {"workspace": live_server.workspace, "progress": False}
    with closing(df.launch(review, items, policy=policy, name="kinds", **options)) as launched:
        simulate("kinds", truth=rows, workers=6, mix="mixed", seed=1, workspace=live_server.workspace)
        launched.wait(120, progress=False)
    return "kinds"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_question_of_options_has_its_square_with_options_as_people_read_them(
    run: str,
    live_server: Any,
    new_page: Callable[..., Page],
    axe_violations: Callable[[Page], list[str]],
    language: str,
) -> None:
    page = new_page(bypass_csp=True, reduced_motion="reduce", base_url=live_server.url)
    page.add_init_script(f"localStorage.setItem('dataforge:language', '{language}')")
    page.goto(f"/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    page.goto(f"/runs/{run}")
    name = {"en": "Where workers disagree", "ru": "Где исполнители расходятся"}[language]
    shown = page.get_by_role("region", name=name)
    shown.get_by_role("button").click()
    expect(shown.get_by_role("table")).to_have_count(3)
    for color in ("light", "dark"):
        page.emulate_media(color_scheme=color, reduced_motion="reduce")
        assert axe_violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
