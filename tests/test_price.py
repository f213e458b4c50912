"""Prices, pages and forecasts; the numbers are those of the reference behaviour."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pytest
from PIL import Image

import dataforge as df
from dataforge.catalogue import languages
from dataforge.data.items import Items
from dataforge.data.reading import read_items
from dataforge.errors import DataError, SpecError
from dataforge.guessing import guessed_options, passing_shares
from dataforge.policy import Policy
from dataforge.pricing.page_sizes import (
    PageOption,
    best_constant_guess,
    broken_limits,
    careful_rejected,
    default_option,
    needed_correct,
    options,
    page_price,
    pass_chance,
    preferred_option,
    robustness,
    round_price,
)
from dataforge.pricing.price import Plan, plan, run_price_clear, run_price_precise
from dataforge.tasks.signature import task
from dataforge.tasks.task import Task


@task(duration="10s")
def claim(text: df.Text) -> bool:
    """Is it true?"""


@task(duration="10s")
def sharp(photo: df.Image) -> bool:
    """Is the photo sharp?"""


class Animal(df.Choice):
    DOG = "dog"
    CAT = "cat"
    CROW = "crow"


@task(duration="9s")
def animal(text: df.Text) -> Animal:
    """Which animal?"""


class TwoAnimals(NamedTuple):
    in_front: Animal
    behind: Animal


@task(duration="9s")
def two_animals(text: df.Text) -> TwoAnimals:
    """Which animals?"""


@task(duration="9s")
def grade(text: df.Text) -> Annotated[int, df.Rating(1, 5)]:
    """How good is it?"""


def items(of: Task, real: int, known: list[object]) -> Items:
    rows = read_items(of, [{"text": f"real {n}"} for n in range(real)])
    if not known:
        return rows
    controls = [{"text": f"control {n}", "answer": answer} for n, answer in enumerate(known)]
    return Items.join(rows, read_items(of, controls, control=True))


@pytest.mark.parametrize(
    ("controls", "needed", "classes", "chance"),
    [
        (1, 1, 2, 0.5),
        (2, 2, 2, 0.25),
        (3, 2, 2, 0.5),
        (4, 3, 2, 0.3125),
        (4, 3, 3, 0.111111),
        (5, 3, 3, 0.209877),
        (10, 8, 3, 0.00340395),
    ],
)
def test_the_chance_of_guessing_right(controls: int, needed: int, classes: int, chance: float) -> None:
    assert float(pass_chance(controls, needed, Fraction(1, classes))) == pytest.approx(chance, rel=5e-6)


def test_the_chance_agrees_with_counting_all_guesses() -> None:
    rng = np.random.default_rng(7)
    for _ in range(20):
        controls, classes = int(rng.integers(1, 6)), int(rng.integers(2, 4))
        needed = int(rng.integers(0, controls + 1))
        # The first option is right: count the ways of guessing it often enough.
        ways = np.stack(np.meshgrid(*[range(classes)] * controls)).reshape(controls, -1)
        passed = int(((ways == 0).sum(axis=0) >= needed).sum())
        assert pass_chance(controls, needed, Fraction(1, classes)) == Fraction(passed, classes**controls)


def test_impossible_and_trivial_demands_have_a_chance() -> None:
    assert pass_chance(3, 4, Fraction(1, 2)) == 0
    assert pass_chance(0, 0, Fraction(1, 2)) == 1
    assert pass_chance(3, 3, Fraction(1)) == 1
    assert robustness(0, 0.7, 2) == 0.0
    assert robustness(3, 1, 1) == 0.0


def test_needed_controls_are_exact() -> None:
    assert needed_correct(25, 0.28) == 7
    assert needed_correct(4, 0.7) == 3


@pytest.mark.parametrize(("raw", "rounded"), [(0.0527, 0.053), (0.0234, 0.023), (1.2345, 1.23), (1.0, 1.0)])
def test_prices_are_rounded(raw: float, rounded: float) -> None:
    assert round_price(raw) == rounded


def test_a_page_costs_half_a_cent_at_least_unless_work_is_free() -> None:
    assert page_price(1, 1, 1.0) == 0.005
    assert page_price(16, 9, 0.6) == 0.024
    assert page_price(19, 10, 1.0) == 0.053
    assert page_price(19, 10, 0) == 0.0


def test_the_default_page_in_russian_with_three_classes() -> None:
    page = default_option(options(9, 0.6, 1, 3))
    assert (page.real, page.control, page.price, page.seconds) == (14, 2, 0.024, 144)
    assert page.robustness == pytest.approx(0.888889, abs=1e-6)


def test_the_default_page_in_english_with_two_classes() -> None:
    page = default_option(options(10, 1.0, 1, 2))
    assert (page.real, page.control, page.price) == (15, 4, 0.053)
    assert page.robustness == 0.9375


def test_a_page_price_set_by_hand_has_its_robustness_and_price_per_hour() -> None:
    assert robustness(4, 0.6, 3) == pytest.approx(0.888889, abs=1e-6)
    assert pytest.approx(0.228166, abs=1e-6) == 0.02 * 3600 / (34 * 9.28115)


def test_run_prices() -> None:
    clear = run_price_clear(160, 0.02, 30, 0.3, (2, 3))
    precise = run_price_precise(160, 0.02, 30, 0.3, (2, 3))
    assert clear == pytest.approx((0.27733, 0.416), abs=1e-5)
    assert tuple(round(price, 2) for price in precise) == (0.31, 0.47)


def test_the_least_commission_is_taken_per_page_and_only_where_there_is_one() -> None:
    assert run_price_precise(10, 0.001, 1, 0.3, (1, 1)) == pytest.approx((0.02, 0.02))
    assert run_price_precise(10, 0.001, 1, 0.0, (1, 1)) == pytest.approx((0.01, 0.01))


def test_suitable_pages_keep_the_limits() -> None:
    for classes, ratio, duration in [(2, 0.7, 10.0), (3, 1, 9.0), (5, 0.5, 100.0)]:
        pages = options(duration, 1.0, ratio, classes)
        assert pages
        for page in pages:
            assert 2 <= page.total <= 29
            assert page.real >= 1
            assert 1 <= page.control <= min(math.ceil(page.total / 3), page.total - 1)
            assert float(pass_chance(page.control, needed_correct(page.control, ratio), Fraction(1, classes))) <= 1 / 3
            assert 30 <= page.total * duration <= 1200


def test_a_chance_of_exactly_a_third_is_suitable() -> None:
    assert any(page.control == 1 for page in options(10, 1.0, 1, 3))


def test_there_may_be_no_suitable_page() -> None:
    assert options(1800, 1.0, 0.7, 2) == []
    assert options(0.1, 1.0, 0.7, 2) == []
    assert options(10, 1.0, 0.0, 2) == []


def test_a_policy_prefers_robust_pages_with_its_share_of_controls() -> None:
    page = preferred_option(options(10, 1.0, 0.7, 2), share=0.2, aim=0.75, ratio=0.7)
    assert page.control / page.total == 0.2
    assert page.robustness >= 0.75


def test_of_pages_that_are_as_near_it_prefers_those_that_seldom_reject_the_careful() -> None:
    # Who is right in .95 is rejected on a tenth of the pages with two control items, and on 1.4 % of those with four.
    pages = options(60, 1.0, 0.7, 5)
    assert {(8, 2), (16, 4)} <= {(page.real, page.control) for page in pages}
    page = preferred_option(pages, share=0.2, aim=0.75, ratio=0.7)
    assert careful_rejected(page.control, 0.7) <= 0.05 < careful_rejected(2, 0.7)
    # Where none does, the one that does so most seldom.
    few = [page for page in pages if page.control <= 3 and page.total == 10]
    assert preferred_option(few, share=0.2, aim=0, ratio=0.7).control == 2


def test_how_often_the_careful_are_rejected_is_told_exactly() -> None:
    assert careful_rejected(0, 0.7) == 0
    assert careful_rejected(1, 0.7) == pytest.approx(0.05)
    assert careful_rejected(3, 0.7) == pytest.approx(1 - 0.95**3)
    assert careful_rejected(3, 0.7, questions=2) == pytest.approx(1 - 0.95**6)
    assert careful_rejected(4, 0.7, questions=2) == pytest.approx(1 - 0.9025**4 - 4 * 0.9025**3 * 0.0975)


def test_a_plan_says_how_often_the_careful_are_rejected_and_what_helps() -> None:
    def told(of: Task, page: tuple[int, int] | None, outputs: Sequence[str], ratio: float = 0.7) -> Plan:
        known = [{"text": f"{n}", **dict.fromkeys(outputs, ("dog", "cat", "crow")[n % 3])} for n in range(60)]
        rows = read_items(of, [{"text": f"real {n}"} for n in range(200)])
        given = Items.join(rows, read_items(of, known, control=True))
        return plan(of, Policy(page=page, control_ratio=ratio), given)

    both = ("in_front", "behind")
    strict = told(two_animals, (6, 3), both)
    assert strict.careful_rejected == pytest.approx(1 - 0.95**6)
    assert "a careful worker is rejected: 26.5%" in repr(strict)
    said = " ".join(notice["en"] for notice in strict.notices)
    assert "26% of the pages rejected: 3 of 3 control items" in said
    assert "with 4 on a page, of which 3 must be right, it is 5%" in said
    assert "26\xa0%" in " ".join(notice["ru"] for notice in strict.notices)
    all_of_them = told(two_animals, (6, 3), both, ratio=1)
    assert "a lower control_ratio rejects fewer" in " ".join(notice["en"] for notice in all_of_them.notices)
    # What is chosen by itself is fair, whatever the task.
    for chosen in (told(animal, None, ["answer"]), told(two_animals, None, both)):
        assert chosen.careful_rejected <= 0.05
        assert "careful" not in " ".join(notice["en"] for notice in chosen.notices)


def test_limits_are_named_when_they_are_broken() -> None:
    def broken(page: PageOption) -> str:
        texts = broken_limits(page)
        assert all(set(text) == {*languages()} for text in texts)
        return " ".join(text["en"] for text in texts)

    assert broken(PageOption(8, 2, 0.75, 100, 0.01)) == ""
    assert "less than half a minute" in broken(PageOption(8, 2, 0.75, 20, 0.01))
    assert "40 minutes, more than 20" in broken(PageOption(8, 2, 0.75, 2400, 0.01))
    assert "31 items, more than 30" in broken(PageOption(29, 2, 0.75, 100, 0.01))
    assert "50%, more than a third" in broken(PageOption(8, 1, 0.5, 100, 0.01))


def test_the_best_constant_guess_knows_that_controls_are_unbalanced() -> None:
    guess = best_constant_guess({"dog": 0.9, "cat": 0.1}, 3, 0.6)
    assert guess.label == "dog"
    assert guess.chance == pytest.approx(0.972)
    assert best_constant_guess({True: 0.5, False: 0.5}, 2, 1).chance == 0.25
    assert best_constant_guess({}, 3, 0.6).label is None
    assert best_constant_guess({"dog": 1.0}, 3, 1).chance == 1.0


def test_a_plan_has_a_price_for_every_size_of_page() -> None:
    made = plan(animal, Policy(page=(14, 2), languages=("ru",)), items(animal, 100, ["dog", "cat", "crow"] * 5))
    assert (made.real_per_page, made.control_per_page, made.seconds) == (14, 2, 144)
    assert made.prices == tuple(round(page_price(size, 9, 0.6) * 1_000_000) for size in range(1, 17))
    assert made.prices[-1] == 24_000
    assert made.prices[0] == 5_000
    assert made.price == 0.024
    assert made.lease == 720.0
    assert made.notices == ()
    assert made.clear == pytest.approx((100 * 0.024 / 14, 100 * 0.024 / 14 * 5))


def test_a_page_price_set_by_hand_is_the_price_of_the_whole_page() -> None:
    made = plan(animal, Policy(page=(30, 4), page_price=0.02), items(animal, 100, ["dog", "cat", "crow"] * 5))
    assert made.prices[33] == 20_000
    assert made.prices[16] == 10_000
    assert any("34 items" in notice["en"] for notice in made.notices)


def test_without_controls_pages_are_accepted_unverified_and_that_is_said() -> None:
    for policy in (Policy(), Policy(page=(10, 2)), Policy.preset("strict")):
        made = plan(claim, policy, items(claim, 100, []))
        assert made.control_per_page == 0
        assert made.real_per_page >= 1
        assert made.robustness == 0.0
        assert len(made.prices) == made.real_per_page
        [notice] = made.notices
        assert "unverified" in notice["en"]
        assert "без проверки" in notice["ru"]


def test_the_preset_without_control_leaves_control_items_out() -> None:
    made = plan(claim, Policy.preset("no-control"), items(claim, 100, [True, False]))
    assert made.control_per_page == 0


def test_fewer_items_than_a_page_make_a_smaller_page() -> None:
    made = plan(claim, Policy(page=(20, 2)), items(claim, 3, [True, False] * 3))
    assert (made.real_per_page, made.control_per_page, len(made.prices)) == (3, 2, 5)
    assert any("fewer items than a page should have (3 of 20)" in notice["en"] for notice in made.notices)


def test_fewer_control_items_than_a_page_should_have_are_all_shown() -> None:
    made = plan(claim, Policy(page=(20, 5)), items(claim, 100, [True, False]))
    assert made.control_per_page == 2
    assert any("fewer control items" in notice["en"] for notice in made.notices)


def test_unbalanced_controls_are_reported_with_the_best_constant_guess() -> None:
    made = plan(claim, Policy(page=(10, 3), control_ratio=0.6), items(claim, 100, [True] * 9 + [False]))
    [notice] = [notice for notice in made.notices if "unbalanced" in notice["en"]]
    assert "True" not in notice["en"]
    assert "97%" in notice["en"]
    assert "97\N{NO-BREAK SPACE}%" in notice["ru"]
    assert "%97" in notice["tr"]


@pytest.mark.parametrize(
    ("known", "blamed"),
    [([True, False] * 20, False), ([True] * 21 + [False] * 19, False), ([True] * 30 + [False], True)],
)
def test_controls_are_blamed_only_where_others_would_help(known: list[bool], blamed: bool) -> None:
    # One control item of two options lets half of those who guess through, however the others are.
    made = plan(claim, Policy(page=(1, 1)), items(claim, 100, known))
    assert any("passes it with a probability of 50%" in notice["en"] for notice in made.notices)
    assert any("unbalanced" in notice["en"] for notice in made.notices) == blamed


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ([[(0.2, 9.0)], [(0.5, 8.0)], [(0.0, 3.0)]], True),
        ([[(0.2, 9.0)], [], [(4.0, 5.0), (6.0, 9.0)], [(8.0, 9.0)]], False),
    ],
)
def test_that_one_piece_of_all_of_a_sound_passes_is_said(known: list[list[tuple[float, float]]], told: bool) -> None:
    @task(duration="10s")
    def speech(sound: df.Audio) -> df.Segments():  # type: ignore[valid-type]
        """Mark where somebody speaks."""

    sounds = [{"sound": f"https://example.org/{number}.wav"} for number in range(40)]
    controls = [{"sound": f"https://example.org/c{number}.wav", "answer": one} for number, one in enumerate(known)]
    both = Items.join(read_items(speech, sounds), read_items(speech, controls, control=True))
    notices = [notice["en"] for notice in plan(speech, Policy(page=(3, 2)), both).notices]
    assert any("as one piece in 'answer' has 100% of the pages accepted" in notice for notice in notices) == told


@pytest.mark.parametrize(("end", "told"), [(9, True), (4, False)])
def test_that_all_of_a_text_as_one_span_passes_is_said(end: int, told: bool) -> None:
    @task(duration="10s")
    def names(text: df.Text) -> df.Spans():  # type: ignore[valid-type]
        """Mark the names."""

    made = plan(names, Policy(page=(3, 2)), items(names, 40, [[(0, end)] for _ in range(4)]))
    assert any("as one piece" in notice["en"] for notice in made.notices) == told


def test_a_page_that_is_too_long_says_so_and_has_a_real_item() -> None:
    @task(duration="40m")
    def report(text: df.Text) -> bool:
        """Read the report."""

    made = plan(report, Policy(), items(report, 10, [True, False] * 5))
    assert made.real_per_page == 1
    assert any("80 minutes, more than 20" in notice["en"] for notice in made.notices)
    assert made.lease == 5 * 80 * 60


def test_a_short_page_has_a_lease_of_ten_minutes() -> None:
    made = plan(claim, Policy(page=(3, 1)), items(claim, 100, [True, False] * 3))
    assert made.lease == 600.0
    assert plan(claim, Policy(page=(3, 1), lease="3m"), items(claim, 100, [])).lease == 180.0


def test_a_budget_that_cannot_do_is_reported() -> None:
    made = plan(claim, Policy(page=(8, 2), budget=0.01), items(claim, 100, [True, False] * 5))
    assert any("the budget of $0.01 does not cover the run" in notice["en"] for notice in made.notices)


def photos(real: list[str], control: list[str]) -> Items:
    known = [{"photo": photo, "answer": number % 2 == 0} for number, photo in enumerate(control)]
    rows = read_items(sharp, [{"photo": photo} for photo in real])
    return Items.join(rows, read_items(sharp, known, control=True))


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], str]:
    def draw(name: str) -> str:
        Image.new("RGB", (2, 2)).save(tmp_path / name)
        return str(tmp_path / name)

    return draw


def given_away(*, real: list[str], control: list[str]) -> list[str]:
    notices = plan(sharp, Policy(page=(2, 2)), photos(real, control)).notices
    return [notice["en"].rpartition(": ")[2] for notice in notices if "give themselves away" in notice["en"]]


def test_control_items_whose_pictures_lie_elsewhere_are_named(picture: Callable[[str], str]) -> None:
    web = [f"https://photos.example/{n}.png" for n in range(4)]
    local = [picture(f"{n}.png") for n in range(4)]
    assert given_away(real=web, control=local) == ["control-0, control-1, control-2, control-3"]
    assert given_away(real=local, control=web) == ["control-0, control-1, control-2, control-3"]
    assert given_away(real=web, control=["https://Photos.example/a.png", "https://known.example/b.png"]) == [
        "control-1"
    ]


def test_control_items_whose_pictures_lie_where_others_do_are_no_news(picture: Callable[[str], str]) -> None:
    web = [f"https://photos.example/{n}.png" for n in range(8)]
    local = [picture(f"{n}.png") for n in range(8)]
    assert given_away(real=web[:4], control=web[4:]) == []
    assert given_away(real=local[:4], control=local[4:]) == []
    assert given_away(real=[*web[:4], *local[:4]], control=[*web[4:], *local[4:]]) == []


def test_of_many_control_items_that_give_themselves_away_some_are_named(picture: Callable[[str], str]) -> None:
    [named] = given_away(real=[picture("1.png")], control=[f"https://known.example/{n}.png" for n in range(12)])
    assert named == ", ".join(f"control-{n}" for n in range(10)) + ", …"


def test_free_work_costs_nothing() -> None:
    made = plan(claim, Policy(price_per_hour=0), items(claim, 100, []))
    assert set(made.prices) == {0}


def test_control_items_alone_are_nothing_to_ask() -> None:
    control = read_items(claim, [{"text": "a", "answer": True}], control=True)
    with pytest.raises(DataError, match="add items to ask"):
        plan(claim, Policy(), control)


def test_an_answer_that_is_no_option_is_not_guessed() -> None:
    @task
    def write(text: df.Text) -> df.Text:
        """Write."""

    real = read_items(write, [{"text": f"t{n}"} for n in range(100)])
    known = read_items(write, [{"text": f"c{n}", "answer": f"a{n}"} for n in range(20)], control=True)
    page = plan(write, Policy(quality="collect"), Items.join(real, known))
    assert page.control_per_page > 0
    assert page.robustness > 0.99


@pytest.mark.parametrize("duration", [0.01, 1, 9, 30, 300, 4000])
@pytest.mark.parametrize("preset", ["no-control", "mild", "moderate", "strict"])
def test_every_number_of_items_and_controls_has_a_plan(duration: float, preset: str) -> None:
    def read(text: df.Text) -> bool:
        """Read."""

    asked = task(duration=duration)(read)
    for real in (1, 2, 5, 40):
        for known in ([], [True], [True, False], [True, False] * 10):
            made = plan(asked, Policy.preset(preset), items(asked, real, list(known)))
            assert 1 <= made.real_per_page <= real
            assert 0 <= made.control_per_page <= len(known)
            assert len(made.prices) == made.real_per_page + made.control_per_page
            assert list(made.prices) == sorted(made.prices)
            assert made.clear.low <= made.clear.high


def test_options_that_depend_on_an_input_count_as_the_smallest_group() -> None:
    def read(text: df.Text) -> Animal:
        """Read."""

    free: Callable[..., Task] = task(duration=10)
    narrow = task(duration=10, options={"answer": {"text": {"pet": ["dog", "cat"]}}})
    policy = Policy(page=(10, 2), control_ratio=1)
    known: list[object] = ["dog", "cat", "crow"] * 4
    assert plan(free(read), policy, items(free(read), 50, known)).robustness == pytest.approx(8 / 9)
    assert plan(narrow(read), policy, items(narrow(read), 50, known)).robustness == 0.75


# --- the wage floor -------------------------------------------------------------------------------


def test_a_price_that_nobody_chose_is_the_floor_at_least_and_stays_so_when_it_is_rounded() -> None:
    made = plan(animal, Policy(page=(3, 0), wage_floor=4.9), items(animal, 100, []))
    # 27 seconds at 4.90 an hour are 0.03675.
    assert (made.price, made.seconds) == (0.037, 27)
    assert not any("wage floor" in notice["en"] for notice in made.notices)


def test_a_price_below_the_floor_is_said_before_the_launch_with_what_to_write() -> None:
    below = plan(animal, Policy(page=(3, 0), wage_floor=5, price_per_hour=4), items(animal, 100, []))
    [notice] = [one["en"] for one in below.notices if "wage floor" in one["en"]]
    assert "27 s of work by the hint bring $0.03, $4.00 an hour, and $5.00 is the floor" in notice
    assert "topped up by $0.008 or more" in notice
    assert "price_per_hour=5," in notice
    [turkish] = [one["tr"] for one in below.notices if "wage floor" in one["en"]]
    assert "27 saniyelik iş $0,03 getiriyor, saatte $4,00, en düşük ücret ise $5,00" in turkish
    kept = plan(animal, Policy(page=(3, 0), wage_floor=5, price_per_hour=5), items(animal, 100, []))
    assert not any("wage floor" in one["en"] for one in kept.notices)


def test_a_price_of_a_page_below_the_floor_names_a_price_a_page_and_a_hint_that_keep_it() -> None:
    policy = Policy(page=(6, 0), wage_floor=6, page_price=0.05)
    below = plan(animal, policy, items(animal, 100, []))
    [notice] = [one["en"] for one in below.notices if "wage floor" in one["en"]]
    # 54 seconds are worth 0.09; 0.05 pays for 30 of them, three items, or six of five seconds.
    assert "write page_price=0.09, or a page of 3 items at most" in notice
    assert '@df.task(duration="5s")' in notice
    single = plan(animal, policy.changed(page=(2, 0), page_price=0.016), items(animal, 100, []))
    assert any("or a page of 1 item, or" in one["en"] for one in single.notices)
    for kept in (policy.changed(page_price=0.09), policy.changed(page=(3, 0))):
        made = plan(animal, kept, items(animal, 100, []))
        assert not any("wage floor" in one["en"] for one in made.notices)


@pytest.mark.parametrize("unpaid", [{"page_price": 0}, {"price_per_hour": 0}, {}])
def test_a_floor_is_for_work_that_is_paid(unpaid: dict[str, float]) -> None:
    with pytest.raises(SpecError, match="wage_floor"):
        Policy(wage_floor=5 if unpaid else 0, **unpaid)


def test_who_guesses_a_grade_passes_by_those_near_it_and_pages_have_control_items_for_that() -> None:
    five = df.Rating(1, 5)
    # A 3 passes for 2, 3 and 4: nobody guesses better than one of one and two thirds.
    assert (guessed_options(five, None), guessed_options(five, 1), guessed_options(df.Rating(1, 10), None)) == (1, 5, 2)
    assert guessed_options(df.Rating(1, 3), None) == 3
    shares = passing_shares({1: 0.1, 2: 0.2, 3: 0.2, 4: 0.2, 5: 0.3}, five, None)
    assert shares == pytest.approx({1: 0.3, 2: 0.5, 3: 0.6, 4: 0.7, 5: 0.5})
    assert passing_shares({2: 0.5, 4: 0.5}, five, None)[3] == 1, "though no known answer is a 3"

    near, exact = (
        plan(grade, Policy(control_similarity=alike), items(grade, 100, [n % 5 + 1 for n in range(40)]))
        for alike in (None, 1)
    )
    assert near.control_per_page > exact.control_per_page
