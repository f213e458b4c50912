"""Pages to choose from before there is a task; the numbers are those of the reference behaviour."""

import json
import math

import pandas as pd
import pytest
from typer.testing import CliRunner

import dataforge as df
from dataforge.cli import app
from dataforge.errors import SpecError
from dataforge.page_options import PriceOptions

COLUMNS = [
    "assignment_price",
    "real_items",
    "control_items",
    "price_per_hour",
    "robustness",
    "control_ratio",
    "page_seconds",
]


def chosen(found: PriceOptions) -> tuple[int, int, float, float]:
    page = found.chosen
    return page.real, page.control, page.seconds, page.price


def test_the_page_in_the_middle_is_chosen() -> None:
    russian = df.price_options("9s", options=3, language="ru", accept_ratio=1)
    assert chosen(russian) == (14, 2, 144, 0.024)
    assert russian.chosen.robustness == pytest.approx(8 / 9)
    english = df.price_options("10s", options=2, accept_ratio=1)
    assert chosen(english) == (15, 4, 190, 0.053)
    assert english.chosen.robustness == 15 / 16


def test_the_table_has_a_row_for_each_page() -> None:
    found = df.price_options("9s", options=3, language="ru", accept_ratio=1)
    table = found.table
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == COLUMNS
    row = table.iloc[found.pages.index(found.chosen)]
    assert row.price_per_hour == pytest.approx(0.6)  # 0.024 for 144 seconds
    assert row.control_ratio == 2 / 16
    assert (table.page_seconds.between(30, 1200)).all()
    assert (table.robustness >= 2 / 3 - 1e-12).all()


def test_the_policy_makes_pages_as_they_were_shown() -> None:
    policy = df.price_options("9s", options=3, language="ru", accept_ratio=0.6, preset="strict").policy()
    assert policy.page is not None
    assert policy.page[1] >= 1
    assert (policy.languages, policy.control_ratio, policy.price_per_hour) == (("ru",), 0.6, 0.6)


def test_known_answers_tell_of_guesses_that_know_how_often_each_comes() -> None:
    table = df.price_options("9s", accept_ratio=1, known=[True] * 9 + [False]).table
    one = table[table.control_items == 2].iloc[0]
    assert one.robustness == 0.75
    assert one.robustness_known == pytest.approx(1 - 0.82**2)  # right with .9² + .1²
    assert one.constant_guess == pytest.approx(0.81)  # always True


@pytest.mark.parametrize("seconds", [1, 2, 29, 400, 601, 3600])
@pytest.mark.parametrize("preset", ["no-control", "mild", "moderate", "strict", None])
def test_every_page_has_a_real_item_whatever_the_hint(seconds: float, preset: str | None) -> None:
    found = df.price_options(seconds, options=3, accept_ratio=1, preset=preset)
    assert all(page.real >= 1 for page in found.pages)
    assert bool(found.notices) == (not 30 <= found.chosen.seconds <= 1200)


def test_where_no_page_is_suitable_the_nearest_says_which_limit_it_breaks() -> None:
    short, long = (df.price_options(hint, options=3, accept_ratio=1) for hint in ("1s", "1h"))
    assert "less than half a minute" in repr(short)
    assert (long.chosen.real, long.chosen.control) == (1, 1)
    assert "more than 20" in long._repr_html_()


def test_unpaid_work_costs_nothing() -> None:
    found = df.price_options("9s", price_per_hour=0)
    assert set(found.table.assignment_price) == {0}
    assert set(found.table.price_per_hour) == {0}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"duration": "soon"}, "duration: expected a duration"),
        ({"duration": 0}, "more than no time"),
        ({"duration": math.nan}, "duration: expected a duration"),
        ({"options": 1}, "2 or more answers"),
        ({"accept_ratio": 2}, "control_ratio"),
        ({"preset": "odd"}, "no preset is named 'odd'"),
        ({"price_per_hour": -1}, "price_per_hour"),
    ],
)
def test_what_does_not_fit_is_said(settings: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        df.price_options(**{"duration": "9s", **settings})  # type: ignore[arg-type]


def test_the_command_prints_the_chosen_page_and_those_around_it() -> None:
    arguments = ["price", "--duration", "9s", "--language", "ru", "--options", "3", "--accept-ratio", "1"]
    said = CliRunner().invoke(app, arguments).stdout
    assert "14 + 2 control items in 2m 24s for 0.024 USD, of 152 pages" in said
    assert "all of them: --json" in said
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert list(told["chosen"]) == COLUMNS
    assert (told["chosen"]["real_items"], told["chosen"]["control_items"], len(told["options"])) == (14, 2, 152)
