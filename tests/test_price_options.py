"""Pages to choose from before there is a task; the numbers are those of the reference behaviour."""

import json
import math
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from typer.testing import CliRunner

import dataforge as df
from dataforge.cli import app
from dataforge.errors import DataError, SpecError
from dataforge.pricing.page_options import PriceOptions

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
    said = CliRunner().invoke(app(), arguments).stdout
    assert "14 + 2 control items in 2m 24s for $0.024, of 152 pages" in said
    assert "all of them: --json" in said
    told = json.loads(CliRunner().invoke(app(), [*arguments, "--json"]).stdout)
    assert list(told["chosen"]) == COLUMNS
    assert (told["chosen"]["real_items"], told["chosen"]["control_items"], len(told["options"])) == (14, 2, 152)


def refused(*arguments: str) -> str:
    """What the command says, on one line, when it does not fit."""
    ended = CliRunner().invoke(app(), ["price", "--duration", "9s", *arguments])
    assert ended.exit_code == 2
    return " ".join(ended.output.split())


def test_known_answers_of_a_file_tell_of_the_best_guesses(tmp_path: Path) -> None:
    file = tmp_path / "control.csv"
    file.write_text("text,animal\n" + "a,cat\n" * 8 + "b,dog\nc,crow\nd,\n")
    arguments = ["price", "--duration", "9s", "--language", "ru", "--accept-ratio", "1", "--known", str(file)]
    named = CliRunner().invoke(app(), [*arguments, "--column", "animal"]).stdout
    # Right with 0.8² + 0.1² + 0.1², twice; always "cat" is right with 0.8.
    assert f"rejected with a probability of {1 - 0.66**2:.3f}, who always says 'cat' with {1 - 0.8**2:.3f}" in named
    told = json.loads(CliRunner().invoke(app(), [*arguments, "--column", "animal", "--json"]).stdout)
    assert told["chosen"]["robustness_known"] == pytest.approx(1 - 0.66**2)
    assert told["chosen"]["robustness"] == pytest.approx(8 / 9)  # three answers to choose from: as many as are known


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        ("text,animal\na,cat\n", [], "has several columns; it has: 'text', 'animal'; name that of the answers"),
        ("text,animal\na,cat\n", ["--column", "beast"], "no column 'beast'"),
        ("text,animal\na,\n", ["--column", "animal"], "expected known answers, got none"),
        ('{"box": [1, 2]}\n', [], "answers of other kinds are not guessed"),
        ("animal\ncat\ndog\ncrow\n", ["--options", "2"], "have 3 different values, 'cat', 'dog', 'crow'"),
    ],
)
def test_what_known_answers_lack_is_said(tmp_path: Path, content: str, more: list[str], words: str) -> None:
    file = tmp_path / ("known.jsonl" if content.startswith("{") else "known.csv")
    file.write_text(content)
    assert words in refused("--known", str(file), *more)


def test_a_column_without_a_file_is_refused() -> None:
    assert "are of the file of --known" in refused("--column", "animal")


def test_the_pages_are_drawn_with_the_chosen_one_marked(tmp_path: Path) -> None:
    found = df.price_options("9s", options=3, language="ru", accept_ratio=1)
    picture = found.plot()
    drawn = ElementTree.fromstring(picture.save(tmp_path / "pages.svg").read_text())
    dots = drawn.findall(".//{http://www.w3.org/2000/svg}circle")
    assert len(dots) == 3 * (len(found.pages) + 1)
    assert "guessers rejected 89%, share of control items 12%, minutes a page takes 2.4" in drawn.attrib["aria-label"]
    assert "14 + 2: guessers rejected 89%" in picture._repr_html_()
    with pytest.raises(DataError, match=r"ends in \.svg"):
        picture.save(tmp_path / "pages.png")


@pytest.mark.parametrize("hint", ["9s", "1h"])
def test_pages_without_control_items_and_the_nearest_ones_are_drawn_too(hint: str) -> None:
    for preset in ("no-control", "strict"):
        assert ElementTree.fromstring(df.price_options(hint, preset=preset).plot().svg).tag.endswith("svg")
