"""Choice: classes of options, and options that depend on an input."""

from typing import Any

import pytest

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.base import ObjectType
from dataforge.objects.choice import Choice, ChoiceType, option
from dataforge.objects.integer import Integer
from dataforge.objects.rating import Rating
from dataforge.objects.side_by_side import SideBySide
from dataforge.objects.text import Text


class Animal(Choice):
    DOG = option("dog", ru="собака")
    CAT = option("cat", "Cat", ru="кошка", hint="also kittens")
    OTHER = "other"


def test_a_member_is_its_value() -> None:
    assert Animal.DOG == "dog"
    assert hash(Animal.DOG) == hash("dog")
    assert {"dog": 1}[Animal.DOG] == 1
    assert f"{Animal.DOG} {Animal.DOG!s}" == "dog dog"
    assert Animal("cat") is Animal.CAT


def test_a_class_can_be_walked_in_order() -> None:
    assert [member.value for member in Animal] == ["dog", "cat", "other"]


def test_labels_fall_back_to_the_value() -> None:
    assert Animal.DOG.label == {"en": "dog", "ru": "собака"}
    assert Animal.CAT.label == {"en": "Cat", "ru": "кошка"}
    assert Animal.OTHER.label == {"en": "other"}
    assert Animal.CAT.hint == {"en": "also kittens"}


def test_an_option_by_which_answers_are_judged_says_that_they_are_right_and_the_others_in_what_they_are_not() -> None:
    class Fault(Choice):
        NOTHING = option("nothing", "Nothing is wrong", right=True)
        NOISE = option("noise", "There is noise")

    kind = ChoiceType.of(Fault)
    assert kind.rights() == ["nothing"]
    assert kind.reasons() == {"noise": {"en": "There is noise"}}
    assert ChoiceType.from_settings(kind.settings()) == kind
    assert ChoiceType.of(Animal).rights() is None
    with pytest.raises(SpecError, match="option: right: expected True or False, got 'yes'"):
        option("x", right="yes")  # type: ignore[arg-type]


def test_options_travel_with_labels_and_hints() -> None:
    assert ChoiceType.of(Animal).settings() == {
        "options": [
            {"value": "dog", "label": {"en": "dog", "ru": "собака"}},
            {"value": "cat", "label": {"en": "Cat", "ru": "кошка"}, "hint": {"en": "also kittens"}},
            {"value": "other", "label": {"en": "other"}},
        ]
    }


def test_two_options_of_one_value_are_refused_with_both_names() -> None:
    with pytest.raises(SpecError, match="choice Twice: TWO and ONE both have the value 'a'"):

        class Twice(Choice):
            ONE = option("a")
            TWO = option("a", ru="б")


@pytest.mark.parametrize("value", ["", "  ", 5, None, "x" * 2_000])
def test_a_value_that_is_no_short_text_is_refused(value: Any) -> None:
    with pytest.raises(SpecError, match="option"):
        option(value)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SpecError, match="'xx' is no language code"):
        option("dog", xx="hund")


def test_an_empty_label_is_refused() -> None:
    with pytest.raises(SpecError, match="must not be empty"):
        option("dog", ru="")


def test_two_english_labels_are_refused() -> None:
    with pytest.raises(SpecError, match="given twice"):
        option("dog", "Dog", en="Hound")


def test_one_option_is_no_choice() -> None:
    class Lonely(Choice):
        ONLY = "only"

    with pytest.raises(SpecError, match="at least 2 options, got 1"):
        ChoiceType.of(Lonely)


def test_data_may_hold_members_and_values() -> None:
    kind = ChoiceType.of(Animal)
    for value in (Animal.DOG, "dog"):
        assert kind.to_json(value) == "dog"
        assert type(kind.to_json(value)) is str


def test_an_accent_may_be_a_character_of_its_own() -> None:
    class Place(Choice):
        CAFE = "caf\u00e9"
        BAR = "bar"

    assert ChoiceType.of(Place).to_json("cafe\u0301") == "caf\u00e9"


def test_a_value_outside_the_options_is_refused_with_the_options() -> None:
    with pytest.raises(DataError, match=r"expected one of 'dog', 'cat', 'other', got 'DOG'; write 'dog'$"):
        ChoiceType.of(Animal).to_json("DOG")


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (ChoiceType((option("dress", en="Gown", ru="Платье"), option("hat", en="Hat"))), "платье", "dress"),
        (ChoiceType((option("dress", en="Gown", ru="Платье"), option("hat", en="Hat"))), "Gown ", "dress"),
        (SideBySide(), "Слева", "left"),
        (Rating(1, 5, points={1: "bad", 5: {"en": "excellent", "ru": "отлично"}}), "Отлично", 5),
    ],
)
def test_what_workers_read_in_place_of_an_answer_is_told_with_the_answer(
    kind: ObjectType, written: str, value: object
) -> None:
    with pytest.raises(DataError, match=f"got '{written}', which is the label of {value!r}; write {value!r}$"):
        kind.to_json(written)


def test_only_the_options_that_an_item_offers_are_taken() -> None:
    kind = ChoiceType.of(Animal).depending("place", {"kennel": [Animal.DOG], "house": ["cat", "dog"]})
    assert kind.allowed({"place": "kennel"}) == ("dog",)
    assert kind.allowed({"place": "house"}) == ("dog", "cat")
    assert kind.allowed({"place": "zoo"}) == ("dog", "cat", "other")
    assert kind.check_answer("cat", {"place": "house"}) == "cat"
    with pytest.raises(
        AnswerError, match=r"expected one of 'dog', which an item with place 'kennel' offers, got 'cat'"
    ):
        kind.check_answer("cat", {"place": "kennel"})
    assert kind.labels() == ("dog", "cat", "other")
    assert kind.fewest_options() == 1
    assert kind.settings()["depends"] == {
        "input": "place",
        "allowed": {"kennel": ["dog"], "house": ["cat", "dog"]},
    }


@pytest.mark.parametrize(
    ("allowed", "message"),
    [
        ({"a": ["cow"]}, "'cow', offered for 'a', is no option"),
        ({"a": []}, "no options are offered for 'a'"),
        ({"a": "dog"}, "expected a list of options"),
        ({5: ["dog"]}, "expected a text"),
        ({}, "expected"),
    ],
)
def test_a_dependency_that_cannot_hold_is_refused(allowed: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        ChoiceType.of(Animal).depending("place", allowed)


def test_a_dependency_is_checked_against_the_inputs() -> None:
    kind = ChoiceType.of(Animal).depending("place", {"dog": ["dog"]})
    kind.check_place({"place": Text()})
    kind.check_place({"place": ChoiceType.of(Animal)})
    with pytest.raises(SpecError, match="which is no input"):
        kind.check_place({"other": Text()})
    with pytest.raises(SpecError, match="of the type integer"):
        kind.check_place({"place": Integer()})
    with pytest.raises(SpecError, match="which it cannot be"):
        ChoiceType.of(Animal).depending("place", {"cow": ["dog"]}).check_place({"place": ChoiceType.of(Animal)})


def of_labels(first: Any, other: Any) -> type[Choice]:
    class Answer(Choice):
        A = first
        B = other

    return Answer


@pytest.mark.parametrize(
    ("first", "other", "read"),
    [
        (option("a", "Yes"), option("b", "Yes"), "both read 'Yes' (en)"),
        (option("a", "Yes"), option("b", "Yes "), "both read 'Yes ' (en)"),
        (option("a"), option("a "), "'a' and 'a ' both read"),
        (option("a"), option("a\u200b"), "both read"),
        (option("é"), option("e\u0301"), "both read"),
        (option("a", "Yes", ru="Да"), option("b", "No", ru="Да"), "both read 'Да' (ru)"),
        (option("a", "Oui", ru="Да"), option("Да"), "both read 'Да' (ru)"),
    ],
)
def test_options_that_read_the_same_are_refused_where_a_task_is_written(first: Any, other: Any, read: str) -> None:
    answer = of_labels(first, other)
    for kind in (answer, set[answer], df.Boxes(answer), df.Spans(answer)):  # type: ignore[valid-type]

        def asked(given: df.Image, text: df.Text) -> None:
            """Which?"""

        asked.__annotations__["return"] = kind
        with pytest.raises(SpecError) as refusal:
            df.task(asked)
        assert str(refusal.value).startswith("task 'asked': output 'answer': the options ")
        assert read in str(refusal.value)


def test_options_that_are_never_offered_together_may_read_the_same() -> None:
    answer = of_labels(option("a", "Other"), option("b", "Other"))

    def asked(kind: df.Text) -> None:
        """Which?"""

    asked.__annotations__["return"] = answer
    allowed = {"shoes": ["a"], "hats": ["b"]}
    assert df.task(options={"answer": {"kind": allowed}})(asked).outputs[0].type.labels() == ("a", "b")
