"""Simulated people answer as they are described, and the same way each time."""

from collections import Counter
from random import Random

import pytest

from dataforge.errors import DataError, SpecError, UnknownName
from dataforge.objects.boxes import Boxes
from dataforge.objects.segments import Segments
from dataforge.simulation.personas import MIXES, Persona, crowd, draw

LABELS = ("cat", "dog", "bird", "other")


def shares(persona: Persona, right: str = "cat", trials: int = 4000) -> dict[str, float]:
    given = Counter(persona.answer(LABELS, right, draw("trial", number)) for number in range(trials))
    return {label: given[label] / trials for label in LABELS}


def test_skill_is_the_share_of_right_answers_and_the_wrong_ones_are_spread_evenly() -> None:
    given = shares(Persona("p", skill=0.7))
    assert given["cat"] == pytest.approx(0.7, abs=0.03)
    assert all(given[label] == pytest.approx(0.1, abs=0.02) for label in LABELS[1:])


def test_a_spammer_gives_an_answer_where_none_can_be_invented() -> None:
    # Nobody knows how long the sound is, and how large the picture: there is nowhere to put anything.
    rng, spammer = Random(1), Persona("p", honesty="spammer", skill=1.0)
    assert spammer.attempt(Segments(of="call"), [], {"call": {"url": "https://host/a.wav"}}, rng) == []
    assert spammer.attempt(Boxes(of="photo"), {"shapes": []}, {"photo": {"url": "https://host/a.png"}}, rng) == {
        "shapes": []
    }


def test_a_spammer_answers_without_looking() -> None:
    given = shares(Persona("p", honesty="spammer", skill=1.0))
    assert all(share == pytest.approx(0.25, abs=0.03) for share in given.values())


def test_a_person_who_always_gives_one_option_gives_it_or_the_first_one() -> None:
    assert shares(Persona("p", honesty="always", option="bird"), trials=20)["bird"] == 1
    assert shares(Persona("p", honesty="always"), right="dog", trials=20)["cat"] == 1


def test_an_option_that_an_item_does_not_offer_is_never_given() -> None:
    persona = Persona("p", honesty="always", option="bird")
    assert persona.answer(("yes", "no"), "no", draw(1)) == "yes"


def test_a_confusion_matrix_replaces_the_skill_for_the_answers_it_lists() -> None:
    persona = Persona("p", skill=1.0, confusion={"cat": {"cat": 1, "dog": 3}})
    given = shares(persona)
    assert given["dog"] == pytest.approx(0.75, abs=0.03)
    assert given["bird"] == given["other"] == 0
    assert shares(persona, right="bird", trials=50)["bird"] == 1


def test_a_bias_pulls_answers_to_one_option() -> None:
    given = shares(Persona("p", skill=1.0, bias="other", bias_rate=0.4))
    assert given["other"] == pytest.approx(0.4, abs=0.03)
    assert given["cat"] == pytest.approx(0.6, abs=0.03)


def test_the_seconds_of_a_page_grow_with_its_items() -> None:
    persona = Persona("p", seconds=4.0, spread=0.0)
    assert persona.page_seconds(10, draw(1)) == pytest.approx(40.0)


def test_a_truth_outside_the_options_is_refused() -> None:
    with pytest.raises(DataError, match=r"'horse' is not among the options"):
        Persona("p").answer(LABELS, "horse", draw(1))


def test_impossible_probabilities_are_refused_by_name() -> None:
    with pytest.raises(SpecError, match=r"persona 'ann': skill needs a number from 0 to 1, got 1.5"):
        Persona("ann", skill=1.5)


def test_draws_depend_on_their_parts_alone() -> None:
    assert draw(1, "ann", "page").random() == draw(1, "ann", "page").random()
    assert draw(1, "ann").random() != draw(1, "bob").random()
    assert draw(1, "ab", "c").random() != draw(1, "a", "bc").random()


@pytest.mark.parametrize("mix", MIXES)
def test_a_crowd_has_the_shares_of_its_mix(mix: str) -> None:
    people = crowd(40, mix, seed=3)
    kinds = Counter(person.honesty for person in people)
    assert {kind: 40 * share for kind, share in MIXES[mix].items()} == pytest.approx(dict(kinds))
    assert len({person.name for person in people}) == 40


def test_shares_that_do_not_divide_the_crowd_still_fill_it() -> None:
    assert len(crowd(7, "mixed")) == 7
    assert Counter(person.honesty for person in crowd(3, {"good": 1, "spammer": 1})).total() == 3


def test_a_crowd_is_the_same_for_the_same_seed_only() -> None:
    assert crowd(20, seed=5) == crowd(20, seed=5)
    assert crowd(20, seed=5) != crowd(20, seed=6)


def test_unknown_mixes_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="known: honest, mixed, hostile"):
        crowd(5, "angelic")
    with pytest.raises(SpecError, match="a mix needs a share"):
        crowd(5, {"good": 0.0})
    with pytest.raises(SpecError, match="at least one person"):
        crowd(0)
