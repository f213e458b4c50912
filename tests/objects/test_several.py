"""Several options at once, and the order of inputs."""

from random import Random
from typing import Any

import numpy as np
import pytest

from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.choice import Choice, ChoiceType
from dataforge.objects.image import Image
from dataforge.objects.ranking import Ranking
from dataforge.objects.several import Several
from dataforge.objects.text import Text


class Animal(Choice):
    DOG = "dog"
    CAT = "cat"
    COW = "cow"


@pytest.mark.parametrize(
    "given",
    [{Animal.COW, Animal.DOG}, ("cow", "dog"), np.array(["cow", "dog"]), frozenset({"dog", "cow"})],
    ids=["set", "tuple", "array", "frozenset"],
)
def test_known_options_in_any_order_are_a_list_in_the_order_of_the_class(given: Any) -> None:
    assert Several(Animal).to_json(given) == ["dog", "cow"]
    assert all(type(value) is str for value in Several(Animal).to_json(given))


@pytest.mark.parametrize("text", ['["cow", "dog"]', "cow; dog", "cow|dog", " cow , dog "])
def test_a_cell_lists_options_as_json_or_parted(text: str) -> None:
    kind = Several(Animal)
    assert kind.to_json(kind.from_text(text)) == ["dog", "cow"]
    assert kind.to_json(kind.from_text("cat")) == ["cat"]
    assert kind.to_json(kind.from_text("[]")) == []
    with pytest.raises(DataError, match="expected one of 'dog', 'cat', 'cow', got 'bird'"):
        kind.to_json(kind.from_text("cow; bird"))


def test_none_of_the_options_is_an_answer_unless_one_is_needed() -> None:
    assert Several(Animal).check_answer([], {}) == []
    with pytest.raises(AnswerError, match="at least 1 options, got 0: none"):
        Several(Animal, least=1).check_answer([], {})
    with pytest.raises(AnswerError, match="at most 2 options, got 3"):
        Several(Animal, most=2).check_answer(["dog", "cat", "cow"], {})
    with pytest.raises(AnswerError, match="'dog' more than once"):
        Several(Animal).check_answer(["dog", "dog"], {})


def test_options_may_depend_on_an_input() -> None:
    kind = Several(Animal, least=1).depending("place", {"flat": ["dog", "cat"]})
    assert kind.check_answer(["cat"], {"place": "flat"}) == ["cat"]
    with pytest.raises(AnswerError, match="which an item with place 'flat' offers, got 'cow'"):
        kind.check_answer(["cow"], {"place": "flat"})
    with pytest.raises(SpecError, match="some items offer 1 options, fewer than least=2"):
        Several(Animal, least=2).depending("place", {"flat": ["dog"]}).check_place({"place": Text()})


def test_sets_are_alike_by_the_share_that_they_have_in_common() -> None:
    kind = Several(Animal)
    assert kind.similarity(["dog", "cat"], ["cat", "cow"]) == pytest.approx(1 / 3)
    assert kind.similarity([], []) == 1.0
    assert kind.similarity([], ["dog"]) == 0.0


def test_a_spoilt_set_differs_by_one_option_and_keeps_to_the_limits() -> None:
    kind = Several(Animal, least=1, most=2)
    found = {tuple(kind.spoil(["dog"], Random(seed), {})) for seed in range(50)}
    assert found == {("dog", "cat"), ("dog", "cow"), ("cat",), ("cow",)}
    assert Several(Animal, least=3).spoil(["dog", "cat", "cow"], Random(1), {}) is None


@pytest.mark.parametrize(
    "settings", [{"least": 4}, {"least": -1}, {"most": 0}, {"least": 2, "most": 1}, {"most": True}]
)
def test_limits_that_no_answer_can_keep_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"several: (least|most) must be"):
        Several(Animal, **settings)
    with pytest.raises(SpecError, match="expected a class of options"):
        Several(["dog", "cat"])  # type: ignore[arg-type]
    assert Several(ChoiceType.of(Animal)) == Several(Animal)


def test_a_ranking_has_all_inputs_that_the_item_has_each_once() -> None:
    kind = Ranking("one", "two", "three")
    assert kind.check_answer(["three", "one"], {"one": "a", "three": "c"}) == ["three", "one"]
    with pytest.raises(AnswerError, match="expected all of 'one', 'two', 'three' in order"):
        kind.check_answer(["three", "one"], {"one": "a", "two": "b", "three": "c"})
    with pytest.raises(AnswerError, match="expected each input once"):
        kind.check_answer(["one", "one", "two"], {})
    with pytest.raises(AnswerError, match="expected names of inputs, 'one', 'three', got 'two'"):
        kind.check_answer(["two", "one"], {"one": "a", "three": "c"})


@pytest.mark.parametrize("text", ["two > one > three", '["two", "one", "three"]', "two;one;three", "two one three"])
def test_a_cell_has_the_best_first(text: str) -> None:
    kind = Ranking("one", "two", "three")
    assert kind.to_json(kind.from_text(text)) == ["two", "one", "three"]
    with pytest.raises(DataError, match="got 'four'"):
        kind.to_json(kind.from_text("one > four"))
    with pytest.raises(DataError, match="expected a list of the names of inputs, the best first"):
        kind.to_json({"one", "two"})


def test_rankings_are_alike_by_the_share_of_pairs_in_the_same_order() -> None:
    kind = Ranking("a", "b", "c", "d")
    # Kendall's τ of these is 1/3: four pairs of six are in the same order.
    assert kind.similarity(["a", "b", "c", "d"], ["b", "a", "d", "c"]) == pytest.approx((1 + 1 / 3) / 2)
    assert kind.similarity(["a", "b", "c", "d"], ["d", "c", "b", "a"]) == 0.0


def test_a_ranking_without_names_is_of_the_first_type_that_several_inputs_have() -> None:
    inputs = {"query": Text(), "one": Image(), "two": Image()}
    assert Ranking().as_output(inputs) == Ranking("one", "two")
    with pytest.raises(SpecError, match=r"no two are of the same; inputs are: 'query'"):
        Ranking().as_output({"query": Text()})


def test_a_ranking_needs_two_inputs_of_one_type() -> None:
    Ranking("one", "two").check_place({"one": Text(), "two": Text()})
    with pytest.raises(SpecError, match="ranks the input 'two', which does not exist"):
        Ranking("one", "two").check_place({"one": Text()})
    with pytest.raises(SpecError, match="must be of the same type"):
        Ranking("one", "two").check_place({"one": Text(), "two": Image()})
    with pytest.raises(SpecError, match="at least two inputs"):
        Ranking("one").check_place({"one": Text()})
    with pytest.raises(SpecError, match="named more than once"):
        Ranking("one", "one")
