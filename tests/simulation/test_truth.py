"""How items look to simulated people, and what they answer to a whole item."""

from pathlib import Path
from typing import Any

import pytest

from dataforge.errors import DataError
from dataforge.records import Field, TaskSpec
from dataforge.registry import load
from dataforge.simulation.personas import Persona
from dataforge.simulation.truth import Questionnaire, answer_key, as_seen, content_hash, fingerprint


def field(name: str, kind: str, settings: dict[str, Any] | None = None, *, required: bool = True) -> Field:
    return Field(name, kind, {"en": name}, required=required, settings=settings or {})


def options(*values: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": {"en": value}} for value in values]


def task(*outputs: Field) -> TaskSpec:
    inputs = (field("photo", "image"), field("question", "text"))
    return TaskSpec("t", {"en": "T"}, {"en": "Look."}, 5.0, inputs, outputs)


ANIMAL = field("animal", "choice", {"options": options("cat", "dog")})
RATING = field("quality", "rating", {"low": 1, "high": 5}, required=False)


def test_a_file_is_known_by_its_bytes_wherever_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"a cat")
    seen = content_hash(b"a cat")
    assert as_seen({"photo": {"file": str(path)}, "question": "which?"}) == {"photo": seen, "question": "which?"}
    assert as_seen({"photo": {"media": seen.removeprefix("sha256:") + ".jpg"}})["photo"] == seen
    assert as_seen({"photo": {"url": "https://example.org/cat.jpg"}})["photo"] == "https://example.org/cat.jpg"


def test_items_are_looked_up_by_content_in_any_order() -> None:
    truth = answer_key([({"a": 1, "b": "x"}, "cat")])
    assert truth({"b": "x", "a": 1}) == "cat"
    # A table has an empty cell where an item on the wire has nothing.
    assert truth({"b": "x", "a": 1, "day": None}) == "cat"
    assert answer_key([({"a": 1, "day": None}, "dog")])({"a": 1}) == "dog"
    with pytest.raises(DataError, match="knows no right answer for the item"):
        truth({"a": 2, "b": "x"})


def test_inputs_that_are_files_are_told_from_others() -> None:
    assert Questionnaire.of(task(ANIMAL)).media == {"photo"}


def test_a_bare_value_answers_the_only_question() -> None:
    assert Questionnaire.of(task(ANIMAL)).right_answers("dog") == {"animal": "dog"}


def test_a_truth_that_leaves_out_a_required_question_is_refused() -> None:
    several = Questionnaire.of(task(ANIMAL, RATING))
    assert several.right_answers({"animal": "cat"}) == {"animal": "cat", "quality": None}
    with pytest.raises(DataError, match="no right answer to 'animal'"):
        several.right_answers({"quality": 3})
    with pytest.raises(DataError, match="no right answer to 'animal'"):
        several.right_answers("cat")


def test_all_questions_are_answered_and_those_without_truth_left_out() -> None:
    several = Questionnaire.of(task(ANIMAL, RATING))
    perfect = Persona("p", skill=1.0)
    asked = {"question": "which?"}
    assert several.answers(perfect, asked, {"animal": "dog", "quality": 4}, content="c", seed=1) == {
        "animal": "dog",
        "quality": 4,
    }
    assert several.answers(perfect, asked, {"animal": "dog", "quality": None}, content="c", seed=1) == {"animal": "dog"}


def test_an_answer_depends_on_seed_person_and_content_only() -> None:
    questions = Questionnaire.of(task(ANIMAL))
    contents = [fingerprint({"photo": str(number)}) for number in range(64)]

    def answers(name: str, seed: int) -> list[str]:
        persona = Persona(name, honesty="spammer")
        right = {"animal": "cat"}
        return [questions.answers(persona, {}, right, content=content, seed=seed)["animal"] for content in contents]

    assert answers("ann", 1) == answers("ann", 1)
    assert answers("ann", 1) != answers("bob", 1)
    assert answers("ann", 1) != answers("ann", 2)


SENTENCE = "the quick brown fox jumps over the lazy dog"
UNBOUNDED = {
    "text": ({}, SENTENCE),
    "integer": ({"low": 0, "high": 1000}, 100),
    "number": ({}, 20.5),
    "several": ({"options": options("cat", "dog", "cow", "hen")}, ["cat", "cow"]),
    "ranking": ({"inputs": ["a", "b", "c", "d"]}, ["b", "a", "d", "c"]),
}


def given_by(persona: Persona, kind: str, count: int = 200) -> list[Any]:
    settings, right = UNBOUNDED[kind]
    asked = Questionnaire.of(task(field("it", kind, settings)))
    return [asked.answers(persona, {}, {"it": right}, content=str(number), seed=1)["it"] for number in range(count)]


@pytest.mark.parametrize("kind", UNBOUNDED)
def test_answers_that_are_no_options_are_given_with_a_skill(kind: str) -> None:
    settings, right = UNBOUNDED[kind]
    checked = load("objects", kind).from_settings(settings)

    def alike(persona: Persona) -> float:
        given = given_by(persona, kind)
        assert [checked.check_answer(one, {}) for one in given] == given
        return sum(checked.similarity(one, right) for one in given) / len(given)

    assert alike(Persona("p", skill=1.0)) == 1.0
    good, careless = alike(Persona("p", skill=0.95)), alike(Persona("p", skill=0.6))
    assert 0.9 < good < 1.0
    assert alike(Persona("p", honesty="spammer")) < careless < good


def test_words_are_misheard_at_the_rate_that_the_skill_lacks() -> None:
    heard = [
        sum(word in SENTENCE.split() for word in text.split()) for text in given_by(Persona("p", skill=0.85), "text")
    ]
    assert sum(heard) / (len(heard) * len(SENTENCE.split())) == pytest.approx(0.85, abs=0.02)


def test_who_always_gives_the_same_gives_the_same_number() -> None:
    assert len(set(given_by(Persona("p", honesty="always"), "integer"))) == 1


def test_who_begins_with_a_draft_mends_it_as_well_as_they_see_or_waves_it_through() -> None:
    questions = Questionnaire.of(task(ANIMAL))

    def given(persona: Persona, draft: str) -> list[str]:
        contents = [str(number) for number in range(200)]
        return [
            questions.answers(persona, {}, {"animal": "dog"}, {"animal": draft}, content=content, seed=1)["animal"]
            for content in contents
        ]

    looks, waver = Persona("looks", skill=0.8), Persona("waver", honesty="waver", skill=0.8)
    assert 140 <= given(looks, "cat").count("dog") <= 180
    assert set(given(looks, "dog")) == {"dog"}
    assert set(given(waver, "cat")) == {"cat"}
    assert len(set(given(Persona("spammer", honesty="spammer"), "cat"))) > 1
