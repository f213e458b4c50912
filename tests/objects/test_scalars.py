"""Text, booleans, numbers, ratings and comparisons."""

import re
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._words import same_words
from dataforge.objects.boolean import Boolean
from dataforge.objects.image import Image
from dataforge.objects.integer import Integer
from dataforge.objects.number import Number
from dataforge.objects.rating import Rating
from dataforge.objects.side_by_side import SideBySide
from dataforge.objects.text import Text


def test_a_text_of_ten_megabytes_is_refused_with_its_length() -> None:
    with pytest.raises(DataError, match=r"at most 1,000,000 characters, got 10,000,000"):
        Text().to_json("x" * 10_000_000)


def test_a_zero_byte_is_no_answer_as_no_table_of_results_can_hold_it() -> None:
    with pytest.raises(AnswerError, match="zero byte at position 3"):
        Text().check_answer("dog\0", {})


def test_half_a_character_is_refused() -> None:
    with pytest.raises(DataError, match="half a character"):
        Text().to_json("ab\ud800")
    with pytest.raises(AnswerError, match="half a character"):
        Text().check_answer("ab\ud800", {})


def test_a_pattern_binds_the_whole_answer_and_its_hint_is_what_the_worker_reads() -> None:
    kind = Text(pattern=r"\d+", hint="digits only")
    assert kind.check_answer("123", {}) == "123"
    with pytest.raises(AnswerError, match="expected digits only, got '12a'"):
        kind.check_answer("12a", {})


@pytest.mark.parametrize(
    "settings",
    [
        {"pattern": "("},
        {"longest": 0},
        {"longest": True},
        {"markdown": "yes"},
        {"lines": 0},
        {"shortest": 5, "longest": 4},
    ],
)
def test_text_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="text"):
        Text(**settings)


@pytest.mark.parametrize("text", [" ", "\n\t", "\u200b\ufeff", "\u3164", "\x01", ""])
def test_a_text_in_which_nothing_is_to_be_seen_is_no_answer(text: str) -> None:
    with pytest.raises(AnswerError, match="a text that can be seen"):
        Text().check_answer(text, {})


def test_that_there_is_nothing_to_write_is_said_by_the_empty_text_where_it_may_be() -> None:
    assert Text(shortest=0).check_answer("", {}) == ""
    with pytest.raises(AnswerError, match="a text that can be seen"):
        Text(shortest=0).check_answer("  ", {})


@pytest.mark.parametrize(
    "text", ["a\r\nb\rc\n", "bell \x07 inside", "e\u0301 é", "  around  ", "شكرا \u200f!", "🙂" * 100]
)
def test_a_text_is_kept_as_it_was_written(text: str) -> None:
    assert Text().check_answer(text, {}) == text


def test_lengths_are_counted_in_characters_and_lines_by_any_way_of_ending_one() -> None:
    assert Text(longest=2).check_answer("🙂🙂", {}) == "🙂🙂"
    with pytest.raises(AnswerError, match="at least 5 characters, got 4"):
        Text(shortest=5).check_answer("abcd", {})
    assert Text(lines=2).check_answer("a\r\nb", {}) == "a\r\nb"
    with pytest.raises(AnswerError, match="at most 2 lines, got 3"):
        Text(lines=2).check_answer("a\rb\u2028c", {})


def test_texts_are_the_same_whatever_their_spaces_and_their_way_of_writing_accents() -> None:
    assert Text().canonical(" cafe\u0301\n au  lait") == Text().canonical("café au lait") == "café au lait"
    assert Text().canonical("Café") != Text().canonical("café")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("she sells sea shells", "She sells the sea shells", 4 / 5),
        ("she sells sea shells", "she sells shells", 3 / 4),
        ("one two three", "four five six", 0.0),
        ("", "", 1.0),
        ("", "word", 0.0),
        ("今日は雨", "今日は雪", 3 / 4),
    ],
)
def test_texts_are_the_more_alike_the_fewer_words_are_wrong(one: str, other: str, alike: float) -> None:
    assert Text().similarity(one, other) == Text().similarity(other, one) == alike


@given(st.text("ab ", max_size=40), st.text("abc ", max_size=40))
def test_wrong_words_are_counted_as_by_the_table_of_the_textbook(one: str, other: str) -> None:
    rows, columns = one.split(), other.split()
    above = list(range(len(columns) + 1))
    for place, word in enumerate(rows, 1):
        row = [place]
        for at, (diagonal, over) in enumerate(pairwise(above)):
            row.append(min(diagonal + (word != columns[at]), over + 1, row[-1] + 1))
        above = row
    assert same_words(one, other) == 1 - above[-1] / max(len(rows), len(columns), 1)


def test_texts_of_a_hundred_thousand_characters_are_compared() -> None:
    words = " ".join(f"word{number % 97}" for number in range(17_000))
    assert 0.9999 < Text().similarity(words, words[:50_000] + words[50_007:]) < 1


def test_spoilt_texts_lack_words_or_have_them_in_another_order() -> None:
    text = "Peter Piper picked a peck\nof pickled peppers today"
    spoilt = {Text().spoil(text, Random(seed), {}) for seed in range(20)}
    assert all(set(one.lower().split()) <= set(text.lower().split()) for one in spoilt)
    assert {len(one.split()) for one in spoilt} == {6, 9}
    assert Text().spoil("word", Random(1), {}) in ("ordw", "rdwo", "dwor")
    assert Text(pattern=r"\d\d").spoil("11", Random(1), {}) is None


@pytest.mark.parametrize("text", ["Then came he, with tea and (old) bread.", "«Да, — сказал он, — иду!»", "Yes, go."])
def test_a_spoilt_text_is_not_told_by_its_capitals_and_marks(text: str) -> None:
    """Who never saw what is right finds one capital, where the text begins, and marks nowhere but where they were."""
    for seed in range(20):
        spoilt = Text().spoil(text, Random(seed), {})
        assert spoilt.lower() != text.lower()
        assert [mark for mark in spoilt if mark.isupper()] == [spoilt.lstrip("«")[0]]
        assert spoilt[-1] == text[-1]
        if len(spoilt.split()) == len(text.split()):
            assert re.sub(r"\w+", "", spoilt) == re.sub(r"\w+", "", text)
    assert Text().spoil("- … -", Random(1), {}) is None, "of marks alone nobody sees that they are spoilt"


@pytest.mark.parametrize("text", ["True", "YES", "1", "1.0", "y", "t", "Да ", "ИСТИНА", "WAHR", "DOĞRU"])
def test_a_csv_cell_says_yes_in_several_ways(text: str) -> None:
    assert Boolean().from_text(text) is True


@pytest.mark.parametrize("text", ["False", "no", "0", "0.0", "N", "f", "нет", "ЛОЖЬ", "FAUX", "YANLIŞ"])
def test_a_csv_cell_says_no_in_several_ways(text: str) -> None:
    assert Boolean().from_text(text) is False


@pytest.mark.parametrize("value", [0, 1, "true", "yes", 1.0])
def test_only_true_and_false_are_answers_of_yes_and_no(value: Any) -> None:
    with pytest.raises(AnswerError):
        Boolean().check_answer(value, {})


@pytest.mark.parametrize("value", [2, -1, 0.5, "true", float("nan"), None])
def test_one_and_zero_in_data_are_yes_and_no_and_nothing_else_is(value: Any) -> None:
    assert [Boolean().to_json(one) for one in (1, 0.0, np.int8(1), Decimal(0))] == [True, False, True, False]
    with pytest.raises(DataError):
        Boolean().to_json(value)


def test_numpy_scalars_and_decimals_are_taken_as_the_values_they_are() -> None:
    assert (Integer().to_json(Decimal("5.0")), Number().to_json(Decimal("1.5"))) == (5, 1.5)
    assert Boolean().to_json(np.bool_(True)) is True
    assert Integer().to_json(np.int64(5)) == 5
    assert Number().to_json(np.float32(0.5)) == 0.5
    assert Rating(1, 5).to_json(np.int8(5)) == 5
    assert type(Integer().to_json(np.int64(5))) is int


def test_yes_and_no_are_labelled_in_six_languages() -> None:
    for written in Boolean().settings()["options"]:
        assert set(written["label"]) == {"en", "ru", "tr", "kk", "uz", "es"}


@pytest.mark.parametrize("value", [True, "5", 2.5, 2**60, -1, 11, 1e300])
def test_a_whole_number_is_within_its_limits(value: Any) -> None:
    with pytest.raises(DataError, match="from 0 to 10"):
        Integer(0, 10).to_json(value)
    with pytest.raises(AnswerError, match="from 0 to 10"):
        Integer(0, 10).check_answer(value, {})


def test_a_whole_number_written_with_a_point_is_whole() -> None:
    assert Integer().to_json(3.0) == 3
    assert Rating(1, 5).to_json(3.0) == 3


@pytest.mark.parametrize("value", [True, "0.5", 10**400])
def test_a_number_is_finite_and_no_text(value: Any) -> None:
    with pytest.raises(DataError, match="expected a number"):
        Number().to_json(value)


@pytest.mark.parametrize("kind", [Integer, Number])
def test_limits_leave_something_between_them(kind: Any) -> None:
    with pytest.raises(SpecError, match="must be below"):
        kind(5, 5)
    with pytest.raises(SpecError, match=r"low must be a (whole )?number"):
        kind("a")
    with pytest.raises(SpecError, match="step must be above 0"):
        kind(step=0)
    with pytest.raises(SpecError, match="step 9 leaves one number from 0 to 8"):
        kind(0, 8, 9)


def test_a_step_is_counted_from_the_lower_limit_and_forgives_the_last_digit() -> None:
    assert Number(0.1, 1, step=0.1).check_answer(0.1 + 0.2, {}) == 0.1 + 0.2
    assert Number(step=0.01).check_answer(12_345_678_901.23, {}) == 12_345_678_901.23
    assert Integer(3, step=5).check_answer(13, {}) == 13
    with pytest.raises(AnswerError, match="a whole number from 3 in steps of 5, got 10"):
        Integer(3, step=5).check_answer(10, {})
    with pytest.raises(AnswerError, match=r"a number from 0 to 1 in steps of 0.25, got 0.3"):
        Number(0, 1, 0.25).check_answer(0.3, {})


def test_zero_is_an_answer_and_minus_zero_is_the_same() -> None:
    assert Number().check_answer(0, {}) == 0.0
    assert Number().canonical(0.0) == Number().canonical(-0.0) == Number().canonical(0) == Integer().canonical(0)


def test_numbers_are_the_more_alike_the_closer_they_are() -> None:
    assert Number(0, 10).similarity(2.5, 5.0) == 0.75
    assert Integer().similarity(80, 100) == pytest.approx(0.8)
    assert Integer().similarity(-1, 1) == 0.0
    assert Number().similarity(-1.7e308, 1.7e308) == 0.0


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Number(0, 1), 0.5), (Number(0, 1, 0.25), 1.0), (Integer(), 1999), (Integer(1, 2), 1), (Number(low=0), 0.0)],
)
def test_a_spoilt_number_is_far_off_and_written_like_the_right_one(kind: Any, value: float) -> None:
    for seed in range(20):
        wrong = kind.check_answer(kind.spoil(value, Random(seed), {}), {})
        assert kind.similarity(wrong, value) <= 0.81
        assert kind.step or len(str(wrong)) <= len(str(value)) + 1


@pytest.mark.parametrize("ends", [(5, 5), (5, 1), (1.0, 5), (True, 5), (0, 1_000_000), ("a", "b")])
def test_a_scale_has_a_low_and_a_high_end(ends: Any) -> None:
    with pytest.raises(SpecError, match="rating"):
        Rating(*ends)


def test_a_meaning_must_be_on_the_scale() -> None:
    with pytest.raises(SpecError, match="6, which is not on the scale from 1 to 5"):
        Rating(1, 5, points={6: "great"})


def test_a_rating_by_which_answers_are_judged_says_from_where_on_they_are_right() -> None:
    assert Rating(1, 5).rights() is None
    assert Rating(1, 5, right=4).rights() == (4, 5)
    for nothing_or_all in (1, 6, True):
        with pytest.raises(SpecError, match="right must be a whole number from 2 to 5"):
            Rating(1, 5, right=nothing_or_all)


@pytest.mark.parametrize("value", [0, 6, True, "3", 2.5])
def test_an_answer_off_the_scale_is_refused(value: Any) -> None:
    with pytest.raises(AnswerError, match="from 1 to 5"):
        Rating(1, 5).check_answer(value, {})


def test_ratings_are_the_more_alike_the_closer_they_are() -> None:
    assert Rating(1, 5).similarity(1, 5) == 0.0
    assert Rating(1, 5).similarity(2, 3) == 0.75


def test_a_tie_is_an_answer_only_where_it_is_allowed() -> None:
    assert SideBySide(tie=True).check_answer("same", {}) == "same"
    with pytest.raises(AnswerError, match="expected one of 'left', 'right', got 'same'"):
        SideBySide().check_answer("same", {})


def test_a_comparison_needs_two_inputs_of_one_type() -> None:
    SideBySide().check_place({"left": Text(), "right": Text()})
    with pytest.raises(SpecError, match="input 'right', which does not exist"):
        SideBySide().check_place({"left": Text()})
    with pytest.raises(SpecError, match="must be of the same type"):
        SideBySide().check_place({"left": Text(), "right": Image()})
    with pytest.raises(SpecError, match="the same input"):
        SideBySide(left="a", right="a")
