"""What is shown of the objects that users hold: one short line, and in a notebook a card whose texts are escaped."""

import pickle
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

import dataforge as df
from dataforge import cards
from dataforge.aggregation import DawidSkene
from dataforge.cards import Address
from dataforge.data.items import Items
from dataforge.pricing import price
from dataforge.runs.driving.status import RunStatus
from dataforge.simulation import SimulationReport
from dataforge.simulation.simulation import WorkerReport

EVIL = "<script>alert(1)</script>"


class Mood(df.Choice):
    GOOD = df.option("good", f"{EVIL} good")
    BAD = EVIL


@df.task(name=EVIL, instruction=f"Look at it. {EVIL}", titles={"text": EVIL}, duration="10s")
def mood(text: df.Text) -> Mood:
    """How does it sound?"""
    raise NotImplementedError


def items() -> Items:
    return df.read_items(mood, [{"text": f"{EVIL} {number}", EVIL: EVIL} for number in range(30)])


def status(**figures: Any) -> RunStatus:
    usual: dict[str, Any] = {
        "name": "moods",
        "stage": "running",
        "ended": False,
        "items_final": 33,
        "items_flagged": 0,
        "items_total": 60,
        "responses": 99,
        "workers": 6,
        "pages_accepted": 20,
        "pages_rejected": 0,
        "pages_pending": 0,
        "mean_confidence": 0.91,
        "control_accuracy": None,
        "cost": 1.5,
        "promised": 0.0,
        "currency": "USD",
        "notices": ({"en": EVIL},),
    }
    return RunStatus(**usual | figures)


def report() -> SimulationReport:
    one = WorkerReport("ann", "good", EVIL, 4, 40, 40, 36, 0, 0, 4, 0, 0, "")
    return SimulationReport((one,) * 20, 2.5)


SHOWN = {
    "task": (lambda: mood, "Task('mood': text: text -> answer: choice)", "classification, about 10 s an item"),
    "items": (items, "Items(items: 30 to ask, 0 control items)", "and 25 more"),
    "policy": (
        lambda: df.Policy(overlap=(2, 5), currency=EVIL[:9]),
        "Policy(overlap=(2, 5), currency='<script>a')",
        "lease",
    ),
    "plan": (
        lambda: price.plan(mood, df.Policy(page=(10, 0)), items()),
        "Plan(page: 10 + 0 control items; time: 100 s; price of a page: 0.028; a guesser is rejected: 0%; "
        "a careful worker is rejected: 0.0%; "
        "cost of the run: 0.084 to 0.420)",
        "cost of the run",
    ),
    "status": (
        status,
        "RunStatus(moods: running, 33 of 60 items, 99 responses of 6 workers, $1.50, confidence 0.910, "
        "nobody has a page)",
        "33 of 60 items",
    ),
    "report": (report, "SimulationReport(20 people, 80 pages, 800 answers in 2.5 s)", "right: 90% of 800 answers"),
    "estimator": (lambda: DawidSkene(n_iter=5), None, "n_iter"),
}


@pytest.mark.parametrize(("made", "line", "card"), SHOWN.values(), ids=SHOWN)
def test_an_object_is_shown_in_one_line_and_as_a_card(made: Any, line: str | None, card: str) -> None:
    shown = made()
    assert line is None or repr(shown) == line
    assert len(repr(shown)) < 200
    assert card in shown._repr_html_()
    assert "<script" not in shown._repr_html_()


def test_a_policy_shows_what_differs_from_the_preset_and_the_rest_when_it_is_asked_for() -> None:
    shown, folded = df.Policy(overlap=(2, 5))._repr_html_().split("<details")
    assert "overlap" in shown
    assert "lease" not in shown
    assert "lease" in folded
    assert "the preset Moderate" in df.Policy()._repr_html_()


def test_who_waits_for_people_that_may_have_gone_is_told_what_they_hold_and_until_when() -> None:
    until = datetime.now().replace(hour=13, minute=31)
    held: dict[str, Any] = {"pages_out": 6, "items_out": 27, "lease": 600.0, "out_until": until.timestamp()}
    said = "27 items are on 6 pages until 13:31"
    assert said in str(status(**held, quiet=50.0))
    assert "nothing new" not in str(status(**held, quiet=50.0))
    assert f"nothing new for 2 min, {said}" in status(**held, quiet=121.0)._repr_html_()
    assert "nothing new" not in str(status(**held, quiet=121.0, ended=True))
    assert said not in str(status(**held, ended=True))
    tomorrow = until + timedelta(days=1)
    later = status(**{**held, "items_out": 1, "pages_out": 1, "out_until": tomorrow.timestamp()})
    assert later.waits_for == f"1 item is on 1 page until {tomorrow:%Y-%m-%d} 13:31"


def test_a_run_on_whose_pages_nobody_is_says_what_it_waits_for() -> None:
    assert status(pages_pending=3).waits_for == "3 pages wait for a verdict"
    assert "nobody has a page" in str(status())
    assert "run.resume()" in status(stage="paused").waits_for
    assert "run.finish()" in status(stage="waiting").waits_for
    assert status(stage="done", ended=True).waits_for == ""


def brightness(colour: str) -> float:
    """The relative luminance of WCAG 2, of 0 to 1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_cards_have_no_ground_and_no_ink_of_their_own_so_that_they_are_read_in_light_and_dark() -> None:
    for made, _, _ in SHOWN.values():
        drawn = made()._repr_html_()
        colours = set(re.findall(r"(?:color|background):(#[0-9a-f]{6})", drawn))
        assert colours <= {cards.GREEN}
        assert "var(--jp-content-font-color1,var(--vscode-editor-foreground,inherit))" in drawn
    for ground in ("#ffffff", "#111111"):
        darker, lighter = sorted((brightness(cards.GREEN), brightness(ground)))
        assert (lighter + 0.05) / (darker + 0.05) >= 3.0


def test_an_address_is_a_text_and_in_a_notebook_a_link() -> None:
    address = Address("http://127.0.0.1:8000/preview/x?a=1&b=2")
    assert address.startswith("http://")
    assert '<a href="http://127.0.0.1:8000/preview/x?a=1&amp;b=2" target="_blank"' in address._repr_html_()


def test_a_page_that_does_nothing_is_shown_in_a_frame_which_leads_nowhere() -> None:
    drawn = cards.Framed("http://127.0.0.1:8000/preview/<x>")._repr_html_()
    assert '<iframe src="http://127.0.0.1:8000/preview/&lt;x&gt;?frame"' in drawn
    assert "allow-top-navigation" not in drawn
    assert 'target="_blank"' in drawn


def test_items_are_gone_through_one_by_one_and_go_through_a_pickle() -> None:
    given = items()
    there = pickle.loads(pickle.dumps(given))
    assert [item["text"] for item in there] == [item["text"] for item in given] == [f"{EVIL} {n}" for n in range(30)]
    assert (there.task, list(there.keys)) == (mood, list(given.keys))
