"""Text, booleans, numbers, ratings and comparisons."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from dataforge.errors import AnswerError, DataError, SpecError
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


@pytest.mark.parametrize("settings", [{"pattern": "("}, {"max_length": 0}, {"max_length": True}, {"markdown": "yes"}])
def test_text_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="text"):
        Text(**settings)


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
    with pytest.raises(SpecError, match="must be a number"):
        kind("a")


@pytest.mark.parametrize("ends", [(5, 5), (5, 1), (1.0, 5), (True, 5), (0, 1_000_000), ("a", "b")])
def test_a_scale_has_a_low_and_a_high_end(ends: Any) -> None:
    with pytest.raises(SpecError, match="rating"):
        Rating(*ends)


def test_a_meaning_must_be_on_the_scale() -> None:
    with pytest.raises(SpecError, match="6, which is not on the scale from 1 to 5"):
        Rating(1, 5, points={6: "great"})


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
