"""The price form: what follows from how its knobs stand, in Python and in the widget of a notebook."""

import json
import random
from collections import Counter
from typing import Annotated, Any

import msgspec
import pytest

import dataforge as df
from dataforge.cli._policy import PolicyOptions
from dataforge.data.reading import gather_items
from dataforge.errors import SpecError
from dataforge.policy import Policy
from dataforge.pricing.expected_answers import accepted, expected
from dataforge.pricing.page_form import policy_of_knobs, worked_out
from dataforge.pricing.page_widget import PriceForm
from dataforge.pricing.price import plan
from dataforge.records import PriceFigures, PriceKnobs, PricePreset

PRESETS = ["no-control", "mild", "moderate", "strict"]


class Animal(df.Choice):
    DOG = "dog"
    CAT = "cat"
    CROW = "crow"


@df.task(duration="9s")
def animal(text: df.Text) -> Animal:
    """Which animal?"""


@df.task(duration="1m")
def written(text: df.Text) -> df.Text:
    """Say it in other words."""


@df.task(duration="12s")
def graded(text: df.Text) -> Annotated[int, df.Rating(1, 5)]:
    """How good is it?"""


def rows(count: int, **known: Any) -> list[dict[str, Any]]:
    return [{"text": f"{known} {number}"} | known for number in range(count)]


# --- what answers come to -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "options", "overlap", "correct"),
    [
        (0.8, 2, (1, 1), 0.8),
        (0.8, 2, (3, 3), 0.8**3 + 3 * 0.8**2 * 0.2),
        # All three differ with 6 · .7 · .15 · .15; then each of the three is taken as often.
        (0.7, 3, (3, 3), 0.7**3 + 3 * 0.7**2 * 0.3 + 6 * 0.7 * 0.15**2 / 3),
        (1.0, 2, (1, 5), 1.0),
        (0.5, 2, (5, 5), 0.5),
    ],
)
def test_a_fixed_number_of_answers_comes_to_what_a_vote_does(
    right: float, options: int, overlap: tuple[int, int], correct: float
) -> None:
    assert expected(right, options, overlap, 0.85).right == pytest.approx(correct)


def test_more_answers_are_asked_for_only_where_doubts_are_left() -> None:
    # Two who agree are sure enough at .8 (16/17), one is not; of three with one against it is .8 again.
    found = expected(0.8, 2, (1, 3), 0.85)
    assert found.answers == pytest.approx(2 + 2 * 0.8 * 0.2)
    assert found.right == pytest.approx(0.8**2 + 2 * 0.8 * 0.2 * 0.8)
    assert expected(0.9, 2, (1, 3), 0.85).answers == 1


def simulated(right: float, options: int, overlap: tuple[int, int], rng: random.Random) -> tuple[bool, int]:
    """One item, answered by people one after another until one option is sure enough."""
    counts: Counter[int] = Counter()
    weight = right * (options - 1) / (1 - right)
    for number in range(1, overlap[1] + 1):
        counts[0 if rng.random() < right else rng.randrange(1, options)] += 1
        most = max(counts.values())
        sums = sum(weight ** counts[option] for option in range(options))
        if number >= overlap[0] and weight**most / sums >= 0.85:
            break
    leaders = [option for option, count in counts.items() if count == most]
    return rng.choice(leaders) == 0, number


@pytest.mark.parametrize(("right", "options", "overlap"), [(0.75, 2, (1, 7)), (0.6, 3, (2, 6)), (0.55, 8, (1, 9))])
def test_the_sums_are_what_a_simulation_finds(right: float, options: int, overlap: tuple[int, int]) -> None:
    rng, count = random.Random(7), 20_000
    runs = [simulated(right, options, overlap, rng) for _ in range(count)]
    found = expected(right, options, overlap, 0.85)
    error = 4 * 0.5 / count**0.5
    assert found.right == pytest.approx(sum(correct for correct, _ in runs) / count, abs=error)
    assert found.answers == pytest.approx(sum(number for _, number in runs) / count, abs=error * overlap[1])


def test_control_items_keep_guesses_out() -> None:
    without, some, many = (accepted(0.85, 3, controls, 0.7).right for controls in (0, 2, 6))
    assert without == pytest.approx(0.9 * 0.85 + 0.1 / 3)
    assert without < some < many <= 0.85


# --- what follows from the knobs ----------------------------------------------------------------------


def test_a_page_by_hand_has_the_numbers_of_the_reference() -> None:
    knobs = PriceKnobs("custom", 9, 3, "ru", real=14, control=2, control_ratio=1.0, overlap=(2, 2))
    figures = worked_out(knobs)
    page = figures.page
    assert (page.price, page.seconds, page.real, page.control) == (0.024, 144, 14, 2)
    assert page.robustness == pytest.approx(8 / 9)
    assert page.control_share == 2 / 16
    assert figures.outcome.cost == figures.outcome.highest == pytest.approx(1_000 * 2 * 0.024 / 14)
    assert len(figures.pages) == 152


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("asked", "options", "known"), [(animal, 3, "cat"), (written, None, "so"), (graded, 2, 3)])
def test_a_preset_takes_the_page_that_a_launch_takes(
    asked: df.Task, options: int | None, known: Any, preset: PricePreset
) -> None:
    # Of the grades 1 to 5 two in a row and more pass for right, so that guessing is as easy as of two options.
    form = df.price_form(asked, items=500, preset=preset)
    assert form.knobs.options == options
    figures = form.figures
    made = plan(asked, Policy.preset(preset), gather_items(asked, rows(500), rows(300, answer=known)))
    assert (made.real_per_page, made.control_per_page) == (figures.page.real, figures.page.control)
    assert (made.price, made.seconds) == (figures.page.price, figures.page.seconds)
    assert made.robustness == figures.page.robustness


def test_quality_costs_money_and_time() -> None:
    outcomes = {one.preset: one.outcome for one in worked_out(PriceKnobs(duration=9, options=3)).presets}
    assert list(outcomes) == PRESETS
    costs, rights, hours = (
        [getattr(outcomes[preset], name) for preset in PRESETS] for name in ("cost", "accuracy", "hours")
    )
    assert costs == sorted(costs)
    assert rights == sorted(rights)
    assert hours == sorted(hours)


def test_how_often_free_answers_are_right_is_not_told() -> None:
    figures = worked_out(PriceKnobs(options=None))
    assert figures.outcome.accuracy is None
    assert figures.outcome.answers == 1


@pytest.mark.parametrize("preset", [*PRESETS, "custom"])
@pytest.mark.parametrize("language", ["", "ru"])
def test_what_is_written_makes_the_policy_that_is_meant(preset: PricePreset, language: str) -> None:
    by_hand: Any = {"real": 7, "control": 3, "control_ratio": 0.6, "overlap": (2, 4)} if preset == "custom" else {}
    knobs = PriceKnobs(preset, 9, 3, language, 1.5, **by_hand)
    figures, policy = worked_out(knobs), policy_of_knobs(knobs)
    assert eval(figures.policy, {"df": df}) == policy
    words = figures.launch.split()
    given: dict[str, Any] = {
        name.removeprefix("--").replace("-", "_"): value for name, value in zip(words[::2], words[1::2], strict=True)
    }
    assert given.pop("languages", "") == language
    typed = PolicyOptions(given.pop("preset"), languages=language or None, **given).policy()
    # The overlap of a preset is named there, too.
    assert typed.changed(overlap=policy.overlap) == policy
    assert typed.opinions == policy.opinions


@pytest.mark.parametrize("hint", [0.1, 1, 9, 400, 3_600, 86_400])
@pytest.mark.parametrize("preset", PRESETS)
def test_whatever_the_hint_there_is_a_page_with_an_item_to_ask(hint: float, preset: PricePreset) -> None:
    figures = worked_out(PriceKnobs(preset, hint, 3, price_per_hour=0))
    assert figures.page.real >= 1
    assert (figures.page.price, figures.outcome.cost) == (0, 0)
    limits = [notice["en"] for notice in figures.notices if "control items" not in notice["en"]]
    assert bool(limits) == (not 30 <= figures.page.seconds <= 1200)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (PriceKnobs(duration=0), "duration: expected from 0.1"),
        (PriceKnobs(duration=float("nan")), "duration: expected from 0.1"),
        (PriceKnobs(options=1), "options: expected from 2"),
        (PriceKnobs(items=0), "items: expected from 1"),
        (PriceKnobs(people=1.5), "people: expected from 0.01 to 1"),
        (PriceKnobs("custom", overlap=(1, 99)), "overlap: expected from 1 to 15, got 99"),
        (PriceKnobs("custom", overlap=(3, 2)), "swap them"),
        (PriceKnobs("custom", real=0), "page"),
        (PriceKnobs(price_per_hour=-1), "price_per_hour"),
        (PriceKnobs("custom", real=5, control=2, control_ratio=7), "control_ratio"),
    ],
)
def test_knobs_that_stand_as_no_launch_can_be_are_refused(knobs: PriceKnobs, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        worked_out(knobs)


# --- the form in Python -------------------------------------------------------------------------------


def test_the_form_of_a_task_makes_pages_as_it_shows_them() -> None:
    form = df.price_form(animal, items=500, language="ru").turn(real=14, control=2, control_ratio=1)
    assert form.knobs.preset == "custom"
    items = gather_items(animal, rows(500), rows(30, answer="cat"))
    made = plan(animal, form.policy, items)
    assert (made.price, made.seconds, made.real_per_page, made.control_per_page) == (0.024, 144, 14, 2)
    assert "14 + 2 control items in 2m 24s for $0.024" in repr(form)


def test_another_duration_than_the_task_has_changes_what_a_page_is_paid() -> None:
    form = df.price_form(animal, items=500).turn(real=14, control=2, duration="18s")
    made = plan(animal, form.policy, gather_items(animal, rows(500), rows(30, answer="cat")))
    assert made.price == form.figures.page.price == 0.08
    # So do the lines that are there to be copied.
    assert eval(form.figures.policy, {"df": df}) == form.policy
    assert form.figures.launch.endswith("--page-price 0.08")


def test_items_say_how_many_they_are_and_how_long_they_take() -> None:
    @df.task
    def claim(text: df.Text) -> bool:
        """Is it true?"""

    form = df.price_form(claim, [{"text": f"{'word ' * 2_000}{number}"} for number in range(30)])
    assert (form.knobs.items, form.knobs.duration) == (30, 419)
    # The launch pays the same: the duration that it writes down is that one.
    assert form.policy.page_price is None
    with pytest.raises(SpecError, match="items are read for a task"):
        df.price_form(items=[{"text": "word"}])


def test_a_preset_takes_back_what_was_turned_by_hand() -> None:
    form = df.price_form(animal)
    before = form.knobs
    assert form.turn(real=3, control=1).policy.page == (3, 1)
    assert form.turn(preset="moderate").knobs == before


def test_a_knob_that_cannot_stand_so_leaves_the_form_as_it_was() -> None:
    form = df.price_form(animal)
    before = form.figures
    for knobs, words in [
        ({"beast": 1}, "has no knob 'beast'"),
        ({"real": "many"}, "the form: real: expected how many items"),
        ({"items": 0}, "items"),
    ]:
        with pytest.raises(SpecError, match=words):
            form.turn(**knobs)
        assert form.figures is before
    with pytest.raises(SpecError, match="price_form"):
        df.price_form(animal, preset="odd")


def test_without_widgets_the_form_is_a_card_that_says_how_to_turn_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "anywidget", None)
    form = df.price_form(animal)
    shown = form._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/html"}
    assert "dataforge-labeling[notebook]" in shown["text/html"]
    assert form.turn(preset="strict").policy.opinions == (2, 7)
    assert "chosen one" in form.plot().name


# --- the widget, as a notebook speaks to it -------------------------------------------------------------


class Notebook:
    """A notebook's side of the protocol: what the kernel sends, and messages as a page sends them."""

    def __init__(self, form: PriceForm) -> None:
        pytest.importorskip("anywidget")
        self.bundle, _ = form._repr_mimebundle_()
        self.widget = form._shown()
        self.sent: list[dict[str, Any]] = []
        self.widget.send = lambda content, buffers=None: self.sent.append(content)

    def ask(self, **content: Any) -> dict[str, Any]:
        self.widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        return self.sent.pop()


def test_a_notebook_is_given_the_form_as_one_module_and_its_figures() -> None:
    form = df.price_form(animal)
    notebook = Notebook(form)
    assert "application/vnd.jupyter.widget-view+json" in notebook.bundle
    state = notebook.widget.get_state()
    assert "export" in state["_esm"]
    assert "import " not in state["_esm"].replace("import.meta", "")
    assert ".price-form" in state["_css"]
    assert msgspec.convert(state["figures"], PriceFigures) == form.figures


def test_a_knob_that_is_turned_in_the_notebook_turns_the_policy() -> None:
    form = df.price_form(animal)
    notebook = Notebook(form)
    knobs = msgspec.to_builtins(form.knobs) | {"preset": "custom", "real": 12, "control": 3, "overlap": [2, 4]}
    told = notebook.ask(number=3, knobs=json.loads(json.dumps(knobs)))
    assert told["number"] == 3
    assert told["figures"]["page"]["real"] == 12
    assert (form.policy.page, form.policy.overlap) == ((12, 3), (2, 4))
    assert notebook.widget.figures == told["figures"]


@pytest.mark.parametrize("knobs", [{"duration": 0}, {"odd": 1}, "all", None, {"overlap": [5]}, {"real": 1e300}])
def test_what_no_form_sends_is_answered_in_words_and_changes_nothing(knobs: Any) -> None:
    form = df.price_form(animal)
    before = form.figures
    told = Notebook(form).ask(number=1, knobs=knobs)
    assert told["number"] == 1
    if knobs is None:
        assert told["figures"]["page"]
    else:
        assert told["wrong"]
        assert form.figures is before


def test_a_knob_that_is_turned_in_python_moves_the_form_that_is_shown() -> None:
    form = df.price_form(animal)
    notebook = Notebook(form)
    form.turn(preset="strict")
    assert notebook.widget.figures["knobs"]["preset"] == "strict"
    # Every view is of the same form.
    assert form._shown() is notebook.widget


@pytest.mark.parametrize(
    ("knobs", "told"),
    [
        ({"preset": "strickt"}, "preset: expected one of 'no-control', 'mild', .*, got 'strickt'"),
        ({"real": "many"}, "real: expected how many items a page has, or None, got 'many'"),
        (
            {"overlap": 3},
            r"overlap: expected the fewest and the most answers an item gets, as \(2, 5\), or None, got 3",
        ),
        ({"colour": "red"}, "the form has no knob 'colour'; it has: preset, duration"),
    ],
)
def test_a_knob_that_stands_as_none_can_is_told_with_what_it_takes(knobs: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError, match=told):
        df.price_form().turn(**knobs)
    if "colour" not in knobs and "overlap" not in knobs and "real" not in knobs:
        with pytest.raises(SpecError, match=f"price_form: {told}"):
            df.price_form(**knobs)
