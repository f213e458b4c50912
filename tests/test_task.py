"""Tasks read from typed functions."""

import dataclasses
import inspect
import pickle
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, TypedDict

import msgspec
import numpy as np
import pytest

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.boolean import Boolean
from dataforge.objects.choice import ChoiceType
from dataforge.objects.integer import Integer
from dataforge.objects.number import Number
from dataforge.objects.several import Several
from dataforge.records import TaskSpec
from dataforge.tasks.signature import task
from dataforge.tasks.task import Slot, Task
from dataforge.texts import pick, texts


class Animal(df.Choice):
    DOG = df.option("dog", ru="собака")
    CAT = df.option("cat", ru="кошка")


class Kind(df.Choice):
    COLOUR = "colour"
    SHAPE = "shape"


class Answer(df.Choice):
    RED = "red"
    BLUE = "blue"
    ROUND = "round"
    SQUARE = "square"


class Made(NamedTuple):
    said: df.Audio
    seen: df.Image | None
    filmed: df.Video


class Both(NamedTuple):
    animal: Animal
    sure: bool | None
    score: Annotated[int, df.Rating(1, 5)]


@dataclass
class Opinion:
    better: df.SideBySide
    why: df.Text | None


@task(
    name={"en": "Cat or dog", "ru": "Кошка или собака"}, duration="10s", titles={"photo": {"en": "Photo", "ru": "Фото"}}
)
def animal(photo: df.Image, note: df.Text | None) -> Animal:
    """Which animal is in the photo?

    Look **closely**.
    """
    return Animal.DOG


@task(options={"answer": {"question": {Kind.COLOUR: [Answer.RED, "blue"], "shape": ["round", "square"]}}})
def describe(question: Kind, thing: str) -> Answer:
    """Answer the question about the thing."""
    return Answer.RED


def test_a_signature_becomes_a_form() -> None:
    assert animal.id == "animal"
    assert animal.name == {"en": "Cat or dog", "ru": "Кошка или собака"}
    assert animal.instruction == {"en": "Which animal is in the photo?\n\nLook **closely**."}
    assert animal.duration == 10.0
    assert animal.inputs == (
        Slot("photo", df.Image(), {"en": "Photo", "ru": "Фото"}, required=True),
        Slot("note", df.Text(), {"en": "Note"}, required=False),
    )
    assert animal.outputs == (Slot("answer", ChoiceType.of(Animal), {"en": "Answer"}, required=True),)
    assert animal.kind == "classification"


def test_a_task_is_not_called_but_asked_of_people() -> None:
    with pytest.raises(TypeError, match=r"task 'animal' is not called.*df.preview\(task, items\).*df.launch\(task"):
        animal("photo")


def test_a_task_is_called_and_documented_as_its_function() -> None:
    assert animal.__name__ == "animal"
    assert inspect.getdoc(animal) == animal.instruction["en"]
    assert list(inspect.signature(animal).parameters) == [slot.name for slot in animal.inputs]
    assert repr(animal) == "Task('animal': photo: image, note: text | None -> answer: choice)"


def test_a_task_goes_through_a_pickle_to_another_process() -> None:
    there = pickle.loads(pickle.dumps(animal))
    assert there == animal
    assert there.spec() == animal.spec()


def test_the_bare_decorator_takes_everything_from_the_function() -> None:
    @task
    def is_it_true(claim: str) -> bool:
        """Is it true?"""
        return True

    assert is_it_true.name == {"en": "Is it true"}
    assert is_it_true.outputs[0].type == Boolean()


def test_python_types_and_instances_are_object_types() -> None:
    @task
    def mixed(a: int, b: float, c: bool, d: str, e: df.Text(markdown=True), f: Annotated[str, df.Image]) -> df.Rating(
        1, 5
    ):  # type: ignore[valid-type]
        """Rate."""

    assert [slot.type for slot in mixed.inputs] == [
        Integer(),
        Number(),
        Boolean(),
        df.Text(),
        df.Text(markdown=True),
        df.Image(),
    ]
    assert mixed.outputs[0].type == df.Rating(1, 5)


@pytest.mark.parametrize(
    "hint",
    [
        df.Text | None,
        Optional[df.Text],  # noqa: UP045 - this spelling is what is tried
        None | df.Text,
        Annotated[str, df.Text()] | None,
        Annotated[str | None, df.Text()],
        df.Text() | None,
    ],
)
def test_an_input_that_may_be_none_is_not_required(hint: Any) -> None:
    def read(x: hint, y: str) -> bool:
        """Read."""

    assert task(read).inputs[0] == Slot("x", df.Text(), {"en": "X"}, required=False)


def test_a_named_tuple_gives_several_outputs() -> None:
    @task
    def look(photo: df.Image) -> Both:
        """Look."""

    assert [(slot.name, slot.required) for slot in look.outputs] == [("animal", True), ("sure", False), ("score", True)]
    assert look.output("score").type == df.Rating(1, 5)


def test_a_dataclass_gives_several_outputs_and_text_makes_it_an_annotation() -> None:
    @task
    def compare(left: str, right: str) -> Opinion:
        """Compare."""

    assert [slot.name for slot in compare.outputs] == ["better", "why"]
    assert compare.kind == "annotation"


def test_durations_are_written_in_several_ways() -> None:
    def read(x: str) -> bool:
        """Read."""

    for duration in ("1m 30s", "1.5m", 90, 90.0, timedelta(seconds=90)):
        assert task(duration=duration)(read).duration == 90.0


def test_a_task_without_a_duration_estimates_it_from_its_types() -> None:
    @task
    def listen(clip: df.Audio, question: str) -> bool:
        """Listen."""

    assert listen.duration == 20 + 5 + 2


def test_instructions_may_be_given_in_several_languages() -> None:
    @task(instruction={"en": "Look", "ru": "Смотри"})
    def look(photo: df.Image) -> bool:
        """For programmers."""

    assert pick(look.instruction, "ru") == "Смотри"
    assert pick(look.instruction, "de") == "Look"


def test_texts_in_a_plain_form_are_english() -> None:
    assert texts("x") == {"en": "x"}


def test_a_task_survives_the_journey_as_json() -> None:
    for one in (animal, describe):
        travelled = msgspec.json.decode(msgspec.json.encode(one.spec()), type=TaskSpec)
        assert Task.from_spec(travelled) == one
        assert Task.from_spec(travelled).spec() == one.spec()


def test_options_depend_on_an_input() -> None:
    colour = {"question": "colour", "thing": "ball"}
    assert describe.output("answer").type.allowed(colour) == ("red", "blue")
    assert describe.check_answers({"answer": "red"}, colour) == {"answer": "red"}
    with pytest.raises(AnswerError, match="expected one of 'red', 'blue'"):
        describe.check_answers({"answer": "round"}, colour)


def test_a_class_local_to_a_function_is_found_behind_postponed_annotations() -> None:
    # Annotations as texts, as `from __future__ import annotations` leaves them.
    space: dict[str, Any] = {"df": df, "NamedTuple": NamedTuple}
    exec(
        "from __future__ import annotations\n"
        "def outer():\n"
        "    class Colour(df.Choice):\n"
        "        RED = 'red'\n"
        "        BLUE = 'blue'\n"
        "    class Seen(NamedTuple):\n"
        "        colour: Colour\n"
        "        back: Colour | None\n"
        "    def inner():\n"
        "        @df.task\n"
        "        def look(photo: df.Image | None, known: Colour) -> Seen:\n"
        "            'Look.'\n"
        "        return look\n"
        "    return inner()\n",
        space,
    )
    look = space["outer"]()
    assert [slot.name for slot in look.outputs] == ["colour", "back"]
    assert look.output("back").type.labels() == ("red", "blue")
    assert look.input("known").type.labels() == ("red", "blue")


def no_return(x: str):  # type: ignore[no-untyped-def]
    """Read."""


def returns_none(x: str) -> None:
    """Read."""


def untyped(x) -> bool:  # type: ignore[no-untyped-def]
    """Read."""


def unknown_type(x: dict) -> bool:  # type: ignore[type-arg]
    """Read."""


def unknown_output(x: str) -> complex:
    """Read."""


def star(*photos: df.Image) -> bool:
    """Read."""


def stars(**photos: df.Image) -> bool:
    """Read."""


def clash(answer: str, ok: str) -> bool:
    """Read."""


def default(x: str = "a") -> bool:
    """Read."""


def default_none(x: str = None) -> bool:  # type: ignore[assignment]  # noqa: RUF013
    """Read."""


def two_types(x: str | df.Image) -> bool:
    """Read."""


def silent(x: str) -> bool:
    return True


def blank(x: str) -> bool:
    """ """


def bare_rating(x: str) -> df.Rating:
    """Read."""


def unresolved(x: "Nowhere") -> bool:  # type: ignore[name-defined]  # noqa: F821
    """Read."""


def no_sides(x: str) -> df.SideBySide:
    """Read."""


def Capital(x: str) -> bool:  # noqa: N802
    """Read."""


def good(x: str, kind: Kind) -> Answer:
    """Read."""


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (no_return, "return: expected an annotation"),
        (returns_none, "return: expected an annotation"),
        (untyped, "argument 'x': expected an annotation, got none"),
        (unknown_type, "argument 'x': expected an object type"),
        (unknown_output, "return: expected an object type"),
        (star, r"argument 'photos': expected named arguments, got \*photos"),
        (stars, r"argument 'photos': expected named arguments, got \*\*photos"),
        (clash, "'ok' is the name of two inputs or outputs"),
        (default, "argument 'x': got the default 'a'"),
        (default_none, "argument 'x': got the default None"),
        (two_types, "argument 'x': expected one object type, got 2"),
        (silent, "instruction: expected a docstring"),
        (blank, "instruction: expected a docstring"),
        (bare_rating, "return: Rating needs its settings"),
        (unresolved, "argument 'x': the annotation 'Nowhere' cannot be resolved"),
        (no_sides, "output 'answer': it compares the input 'left', which does not exist"),
        (Capital, "id: expected small letters"),
    ],
)
def test_a_mistake_in_the_function_is_found_with_its_place(function: Any, message: str) -> None:
    with pytest.raises(SpecError, match=f"task '{function.__name__}': {message}"):
        task(function)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": {"ru": "Имя"}}, "name: English is required"),
        ({"name": {"en": "Name", "russian": "Имя"}}, "name: 'russian' is no language code"),
        ({"name": ""}, "name: the text in 'en' must not be empty"),
        ({"name": 5}, "name: expected a text"),
        ({"name": "fits\ud83d"}, "name: the text in 'en' has half a character at position 4: 'fits\\ud83d'; remove it"),
        ({"instruction": {"en": "?", "ru": "\ud83d"}}, "instruction: the text in 'ru' has half a character"),
        ({"instruction": "  "}, "instruction: expected"),
        ({"instruction": {"en": "Look", "ru": " "}}, "instruction: the text in 'ru' must not be empty"),
        ({"duration": 0}, "duration: expected more than 0"),
        ({"duration": "-5s"}, "duration: expected a duration"),
        ({"duration": "soon"}, "duration: expected a duration such as '10s'"),
        ({"duration": "2d"}, "duration: expected more than 0 and at most one day"),
        ({"id": "Good task"}, "id: expected small letters"),
        ({"id": "x" * 200}, "id: expected at most 100 characters"),
        ({"titles": {"y": "Why"}}, "titles: 'y' is not there"),
        ({"titles": {"x": {"ru": "Икс"}}}, "titles: 'x': English is required"),
        ({"options": {"x": {}}}, "options: 'x' is not there"),
        ({"options": {"answer": {}}}, "options: 'answer': expected one input"),
        ({"options": {"answer": {"kind": {"colour": ["green"]}}}}, "options: 'answer': 'green', offered for 'colour'"),
        ({"options": {"answer": {"what": {"colour": ["red"]}}}}, "output 'answer': its options depend on 'what'"),
        ({"options": {"answer": {"kind": {"size": ["red"]}}}}, "output 'answer': its options depend on 'kind' being"),
    ],
)
def test_a_mistake_in_the_decorator_is_found_with_its_place(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=re.escape(message)) as refusal:
        task(**settings)(good)
    assert str(refusal.value).startswith("task '")


def test_options_of_a_boolean_cannot_depend_on_an_input() -> None:
    def read(x: str) -> bool:
        """Read."""

    with pytest.raises(SpecError, match="only the options of a Choice"):
        task(options={"answer": {"x": {"a": [True]}}})(read)


def test_an_option_in_place_of_its_class_is_said_to_be_one() -> None:
    def which(photo: df.Image) -> Animal.DOG:  # type: ignore[valid-type]
        """Which?"""
        ...

    with pytest.raises(SpecError, match=r"expected a class of options, got its option Animal.DOG; write Animal"):
        task(which)


def test_only_functions_can_be_decorated() -> None:
    for other in (5, animal, Animal):
        with pytest.raises(SpecError, match="expected a function"):
            task(other)  # type: ignore[call-overload]


def test_a_setting_of_a_type_that_cannot_be_written_down_is_refused_with_its_place() -> None:
    slot = animal.outputs[0]
    options = [{**one, "value": f"{one['value']}\ud83d"} for one in slot.type.settings()["options"]]
    broken = dataclasses.replace(slot, type=type(slot.type).from_settings({"options": options}))
    with pytest.raises(SpecError, match="task 'animal': 'answer': the text has half a character at position 3"):
        dataclasses.replace(animal, outputs=(broken,))


def test_a_description_that_makes_no_sense_is_refused_with_its_place() -> None:
    spec = animal.spec()
    broken = msgspec.structs.replace(
        spec, outputs=(msgspec.structs.replace(spec.outputs[0], settings={"options": []}),)
    )
    with pytest.raises(SpecError, match="task 'animal': output 'answer': a choice needs at least 2 options"):
        Task.from_spec(broken)
    with pytest.raises(df.DataForgeError, match=r"no package installed here offers .* 'hologram' .*; known: audio"):
        Task.from_spec(
            msgspec.structs.replace(spec, inputs=(msgspec.structs.replace(spec.inputs[0], type="hologram"),))
        )


def test_inputs_are_checked_and_named_in_errors() -> None:
    assert animal.check_inputs({"photo": "https://h/a.png", "note": None}) == {"photo": {"url": "https://h/a.png"}}
    with pytest.raises(DataError, match="input 'photo': a value is required"):
        animal.check_inputs({"note": "x"})
    with pytest.raises(DataError, match="'picture' is no input; inputs are: 'photo', 'note'"):
        animal.check_inputs({"photo": "https://h/a.png", "picture": "x"})
    with pytest.raises(DataError, match="input 'note': expected text"):
        animal.check_inputs({"photo": "https://h/a.png", "note": 5})


def test_a_platform_checks_items_without_looking_at_files(tmp_path: Any) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 8)
    assert animal.check_inputs({"photo": path}) == {"photo": {"file": str(path)}}
    with pytest.raises(DataError, match="input 'photo'"):
        animal.check_item({"photo": str(path)})
    assert animal.check_item({"photo": {"url": "https://h/a.png"}}) == {"photo": {"url": "https://h/a.png"}}


def test_answers_are_cleaned_and_errors_know_their_output() -> None:
    @task
    def look(photo: df.Image) -> Both:
        """Look."""

    assert look.check_answers({"animal": "dog", "score": 3}, {}) == {"animal": "dog", "sure": None, "score": 3}
    for answers, output, message in [
        ({"score": 3}, "animal", "an answer is required"),
        ({"animal": "cow", "score": 3}, "animal", "expected one of 'dog', 'cat', got 'cow'"),
        ({"animal": "dog", "score": 9}, "score", "expected a whole number from 1 to 5"),
        ({"animal": "dog", "score": 3, "x": 1}, "x", "'x' is no output"),
    ]:
        with pytest.raises(AnswerError, match=message) as refusal:
            look.check_answers(answers, {})
        assert refusal.value.output == output
    with pytest.raises(AnswerError, match=r"expected \{output: value\}"):
        look.check_answers([1], {})  # type: ignore[arg-type]


def test_slots_are_found_by_name() -> None:
    assert animal.input("photo").type == df.Image()
    with pytest.raises(SpecError, match="has no output 'photo'; it has: 'answer'"):
        animal.output("photo")


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("hint", "advice"),
    [
        (Literal["a", "b"], r"class Answer\(df.Choice\): A = df.option\('a'\); B = df.option\('b'\)"),
        (Colour, r"derive it from df.Choice: class Colour\(df.Choice\)"),
        (list[str], "several of the options of a class are set"),
    ],
)
def test_a_fixed_set_of_answers_that_is_no_choice_is_refused_with_how_to_write_it(hint: Any, advice: str) -> None:
    def asked(text: df.Text) -> None:
        """Which?"""

    asked.__annotations__["return"] = hint
    with pytest.raises(SpecError, match=advice):
        df.task(asked)


@pytest.mark.parametrize("hint", [set[Answer], frozenset[Answer], list[Answer], tuple[Answer, ...], Sequence[Answer]])
def test_a_collection_of_a_choice_asks_for_several_of_its_options(hint: Any) -> None:
    def asked(text: df.Text) -> None:
        """Which of them?"""

    asked.__annotations__["return"] = hint
    assert df.task(asked).output("answer").type == Several(Answer)
    asked.__annotations__["return"] = hint | None
    assert not df.task(asked).output("answer").required


def test_a_number_behind_int_is_whole() -> None:
    class Person(NamedTuple):
        age: Annotated[int, df.Number(0, 120, unit="years")]
        height: Annotated[float, df.Number(0, 3, 0.01)] | None

    @df.task
    def person(photo: df.Image) -> Person:
        """How old, and how tall?"""

    assert person.output("age").type == Integer(0, 120, unit="years")
    assert person.output("age").type.settings() == {"low": 0, "high": 120, "unit": {"en": "years"}}
    assert person.output("height").type == Number(0, 3, 0.01)


def test_a_ranking_finds_what_it_ranks() -> None:
    @df.task
    def order(query: df.Text, one: df.Image, two: df.Image, three: df.Image) -> df.Ranking:
        """From the best picture to the worst."""

    assert order.spec().outputs[0].settings == {"inputs": ["one", "two", "three"]}
    assert df.Task.from_spec(order.spec()) == order
    with pytest.raises(SpecError, match=r"task 'lone': output 'answer': it ranks inputs of one type"):

        @df.task
        def lone(photo: df.Image) -> df.Ranking:
            """Order it."""


def test_a_file_as_an_answer_is_one_that_workers_make() -> None:
    def made(sentence: str) -> Made:
        """Read the sentence aloud."""

    outputs = {slot.name: (slot.type, slot.required) for slot in task(made).outputs}
    assert outputs == {
        "said": (df.Recording(), True),
        "seen": (df.Upload(df.Image), False),
        "filmed": (df.Upload(df.Video), True),
    }


@pytest.mark.parametrize(
    ("titles", "message"),
    [
        ({"clear": "Right?", "kind": "Right? "}, "outputs 'clear' and 'kind' both read 'Right? ' (en)"),
        (
            {"clear": {"en": "Clear", "ru": "Верно"}, "kind": {"en": "Kind", "ru": "Верно"}},
            "outputs 'clear' and 'kind' both read 'Верно' (ru)",
        ),
    ],
)
def test_two_questions_of_one_title_are_refused(titles: Any, message: str) -> None:
    class Answers(NamedTuple):
        clear: bool
        kind: bool

    def ask(text: df.Text) -> Answers:
        """Judge the text."""
        raise NotImplementedError

    with pytest.raises(SpecError, match=re.escape(message)):
        df.task(titles=titles)(ask)
    df.task(titles={"text": "Clear"})(ask)


def test_two_inputs_of_one_title_are_refused_where_they_are_put_in_order() -> None:
    def best(one: df.Text, two: df.Text) -> df.Ranking:
        """Which is better?"""
        raise NotImplementedError

    def same(one: df.Text, two: df.Text) -> bool:
        """Do they mean the same?"""
        raise NotImplementedError

    titles = {"one": "Text", "two": "Text"}
    with pytest.raises(SpecError, match=r"the ranked inputs 'one' and 'two' both read 'Text'.*another title"):
        df.task(titles=titles)(best)
    df.task(titles=titles)(same)


class _Fields(TypedDict):
    clear: bool


@pytest.mark.parametrize(
    ("hint", "advice"),
    [
        (Literal[1, "so so"], "OPTION_1 = df.option('1'); SO_SO = df.option('so so')"),
        (tuple[bool, int], "class Answers(NamedTuple)"),
        (dict[str, bool], "class Answers(NamedTuple)"),
        (_Fields, "class Answers(NamedTuple)"),
        (tuple[bool, bool], "set[Animal]"),
        (Path, "files are df.Image"),
        (np.ndarray, "files are df.Image"),
        (bytes, "files are df.Image"),
        (datetime, "(Audio, Boxes, "),
        (Callable[[int], str], "(Audio, Boxes, "),
        (np.zeros(3), "(Audio, Boxes, "),
    ],
)
def test_an_annotation_of_elsewhere_is_refused_with_what_is_meant_by_it_here(hint: Any, advice: str) -> None:
    def ask(text: df.Text) -> bool:
        """Judge the text."""
        raise NotImplementedError

    ask.__annotations__["return"] = hint
    with pytest.raises(SpecError, match=re.escape(advice)):
        df.task(ask)


def test_a_method_is_no_task() -> None:
    with pytest.raises(SpecError, match="expected a function, got a method; write the task outside of the class"):

        class _Tasks:
            @df.task
            def ask(self, text: df.Text) -> bool:
                """Judge the text."""
                raise NotImplementedError


def test_a_plain_class_of_texts_is_told_to_derive_from_choice() -> None:
    class Kind:
        GOOD = "good"
        BAD = "bad"

    with pytest.raises(SpecError, match=r"derive it from df\.Choice: class Kind\(df\.Choice\)"):

        @df.task
        def kind(text: df.Text) -> Kind:
            """Which?"""


def test_what_is_to_be_written_for_an_input_works_where_dataforge_is_df() -> None:
    with pytest.raises(SpecError, match=r"an optional input is annotated df\.Image \| None"):

        @df.task
        def seen(photo: df.Image = None) -> bool:
            """Seen?"""

    with pytest.raises(SpecError, match=r"write for example photo: df\.Image"):

        @df.task
        def bare(photo) -> bool:
            """Seen?"""
