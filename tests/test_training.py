"""Training items as they are read: tables with known answers and hints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest

import dataforge as df
from dataforge.data.reading import read_items
from dataforge.data.training import read_training, try_size, worth_telling
from dataforge.errors import DataError, SpecError


class Animal(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")


@df.task(duration="5s")
def animal(name: df.Text) -> Animal:
    """Which animal?"""
    raise NotImplementedError


def rows(count: int = 4, **more: Any) -> list[dict[str, Any]]:
    return [{"name": f"animal {n}", "answer": "cat" if n % 2 else "dog", **more} for n in range(count)]


@df.task(duration="5s")
def grade(name: df.Text) -> Annotated[int, df.Rating(1, 5)]:
    """How good is it?"""
    raise NotImplementedError


def of(data: Any, task: df.Task = animal, **policy: Any) -> Any:
    return read_training(task, data).of(df.Policy(**policy))


def told(items: Any, languages: Sequence[str] = (), **policy: Any) -> tuple[dict[str, str], ...]:
    return worth_telling(animal, items.of(df.Policy(**policy)), languages)


def test_a_training_is_read_as_control_items_are(tmp_path: Path) -> None:
    table = tmp_path / "training.csv"
    table.write_text("name,answer,hint\nRex,dog,It barks.\nTom,cat,\n")
    training = of(table)
    assert [item.inputs for item in training.items] == [{"name": "Rex"}, {"name": "Tom"}]
    assert [item.answers for item in training.items] == [{"answer": "dog"}, {"answer": "cat"}]
    assert [item.hint for item in training.items] == [{"en": "It barks."}, {}]
    assert (training.page, training.score, training.similarity) == (2, 80.0, None)


def test_hints_are_in_as_many_languages_as_they_are_given_in() -> None:
    first, *_ = of(rows(2, hint="look", **{"hint:ru": "смотрите", "hint_tr": "bak"})).items
    assert first.hint == {"en": "look", "ru": "смотрите", "tr": "bak"}


def test_where_there_is_no_english_others_read_the_hint_that_there_is() -> None:
    first, *_ = of(rows(2, **{"hint:ru": "смотрите"})).items
    assert first.hint == {"en": "смотрите", "ru": "смотрите"}


def test_a_column_called_hint_that_is_an_input_is_no_hint() -> None:
    @df.task(duration="5s")
    def guess(hint: df.Text) -> Animal:
        """Which animal?"""
        raise NotImplementedError

    training = of([{"hint": f"it {n}", "hint:en": "look", "answer": "dog"} for n in range(2)], guess)
    assert [item.inputs["hint"] for item in training.items] == ["it 0", "it 1"]
    assert [item.hint for item in training.items] == [{"en": "look"}] * 2


@pytest.mark.parametrize(("count", "page"), [(2, 2), (10, 10), (11, 10), (20, 10), (30, 15), (60, 30), (500, 30)])
def test_a_try_has_all_items_up_to_ten_and_half_of_more(count: int, page: int) -> None:
    assert try_size(count) == page


def test_the_score_is_that_of_the_policy() -> None:
    assert of(rows(), training=65).score == 65


def test_a_score_that_forgives_no_mistake_is_told_with_how_many_items_would() -> None:
    few = read_training(animal, rows(4))
    [notice] = told(few, training=80)
    assert "a try has 4 items, so that one mistake is too many for 80 %; give 5 items or more" in notice["en"]
    assert "нельзя ошибиться ни разу; дайте не меньше 5" in notice["ru"]
    assert told(few, training=75) == ()
    assert told(few, training=100) == (), "who asks for all knows it"
    five = read_training(animal, rows(5))
    assert told(five, training=80) == ()


def test_more_items_than_ten_are_said_where_half_of_them_are_on_a_try() -> None:
    ten = read_training(animal, rows(10))
    [notice] = told(ten, training=95)
    assert "a try has 10 items, so that one mistake is too many for 95 %; give 40 items or more" in notice["en"]
    assert read_training(animal, rows(40)).of(df.Policy()).page == 20
    [notice] = told(ten, training=98)
    assert notice["en"].endswith("98 %; ask for less"), "no try has more than 30 items"
    assert notice["ru"].endswith("ни разу; требуйте меньше")


def test_hints_that_are_missing_in_a_language_of_the_workers_are_counted() -> None:
    said = [{**row, "hint": "look", "hint:ru": "смотрите" if n < 7 else None} for n, row in enumerate(rows(10))]
    some = read_training(animal, said)
    [notice] = told(some)
    assert "3 hints are not there in 'ru'" in notice["en"]
    assert "подсказок нет на языке 'ru': 3" in notice["ru"]
    assert told(some, ["en"]) == (), "nobody reads it"
    [turkish, russian] = sorted((one["en"] for one in told(some, ["ru", "tr"])), key=lambda text: "'ru'" in text)
    assert "10 hints are not there in 'tr'" in turkish
    assert "3 hints are not there in 'ru'" in russian


def test_items_without_a_hint_are_counted_where_others_have_one() -> None:
    some = read_training(animal, [{**row, "hint": "look" if n else None} for n, row in enumerate(rows(10))])
    [notice] = told(some)
    assert "1 of 10 items have no hint" in notice["en"]
    none = read_training(animal, rows(10))
    assert told(none) == ()


def test_fewer_items_than_teach_anything_are_refused() -> None:
    with pytest.raises(DataError, match=r"training: training items: expected 2 items or more, got 1; ten teach well"):
        of(rows(1))


def test_an_item_without_a_known_answer_teaches_nothing() -> None:
    @df.task(duration="5s")
    def maybe(name: df.Text) -> Animal | None:
        """Which animal, if any?"""
        raise NotImplementedError

    with pytest.raises(DataError, match="training items, row 2, column 'answer': expected a known answer, got none"):
        of([{"name": "Rex", "answer": "dog"}, {"name": "Tom", "answer": None}], maybe)


def test_answers_that_nobody_can_judge_at_once_cannot_be_trained() -> None:
    @df.task(duration="5s")
    def spoken(text: df.Text) -> df.Recording:
        """Read it."""
        raise NotImplementedError

    with pytest.raises(SpecError, match=r"training: answers to .* are files, which nobody can judge at once"):
        read_training(spoken, [{"text": "one"}, {"text": "two"}])


def test_a_wrong_known_answer_is_refused_with_its_place() -> None:
    with pytest.raises(DataError, match="row 2"):
        of([{"name": "Rex", "answer": "dog"}, {"name": "Tom", "answer": "horse"}])


def test_items_of_the_run_and_its_control_items_are_not_among_those_whose_answers_are_told() -> None:
    training = read_training(animal, rows())
    known = read_items(animal, [{"name": "animal 1", "answer": "cat"}], control=True)
    with pytest.raises(DataError, match=r"workers are told the answers of these items: .* have the same inputs"):
        training.refuse_shared(known)
    with pytest.raises(DataError, match="have the same inputs"):
        training.refuse_shared(read_items(animal, ["animal 9", "animal 3"]))
    training.refuse_shared(read_items(animal, ["animal 9"]))


def test_a_training_that_one_answer_passes_is_told() -> None:
    data = read_training(animal, [{"name": f"animal {n}", "answer": "dog" if n else "cat"} for n in range(10)])
    [notice] = told(data)
    assert 'who always answers "dog" has 90 % right, and 80 are asked for' in notice["en"]
    assert "90\N{NO-BREAK SPACE}%" in notice["ru"]
    balanced = read_training(animal, rows(10))
    assert told(balanced) == ()


@df.task(duration="5s")
def polite(chat: df.Dialogue) -> Annotated[Any, df.Turns(df.Rating(1, 5))]:
    """How polite is each turn?"""
    raise NotImplementedError


def test_a_grade_that_passes_for_all_turns_is_told() -> None:
    said = [(2, 4), (4, 2), (3, 4), (2, 2)]
    chats = [[{"role": "assistant", "text": f"{n} {part}"} for part in "ab"] for n in range(4)]
    taught = read_training(
        polite, [{"chat": chat, "answer": list(enumerate(one))} for chat, one in zip(chats, said, strict=True)]
    )
    told = [notice["en"] for notice in worth_telling(polite, taught.of(df.Policy()))]
    assert any("who always answers 3 has 100 % right, and 80 are asked for" in one for one in told)
    exact = [notice["en"] for notice in worth_telling(polite, taught.of(df.Policy(control_similarity=1)))]
    assert not any("who always answers" in one for one in exact)


@pytest.mark.parametrize("known", [[2, 3, 4, 3, 2, 4], [2, 4, 2, 4, 2, 4]], ids=["in the middle", "beside it"])
def test_a_grade_that_passes_beside_all_known_ones_is_told(known: list[int]) -> None:
    taught = read_training(grade, [{"name": f"n{n}", "answer": one} for n, one in enumerate(known)])
    said = [notice["en"] for notice in worth_telling(grade, taught.of(df.Policy()))]
    assert any("who always answers 3 has 100 % right, and 80 are asked for" in one for one in said)
    exact = [notice["en"] for notice in worth_telling(grade, taught.of(df.Policy(control_similarity=1)))]
    assert not any("who always answers" in one for one in exact)


@pytest.mark.parametrize(("count", "said"), [(5, True), (9, True), (10, False), (24, False)])
def test_a_training_of_few_near_grades_says_how_many_items_would_do(count: int, said: bool) -> None:
    graded = [{"name": f"photo {n}", "answer": 1 + n % 5} for n in range(count)]
    told = [text["en"] for text in worth_telling(grade, of(graded, grade)) if "near the known" in text["en"]]
    assert len(told) == said
    assert not said or f"a try of {count} items" in told[0]
    assert not said or told[0].endswith("give 10 items or more")
    # Where only the very grade counts nobody is doubted, and other answers have no grades.
    exact = worth_telling(grade, of(graded, grade, control_similarity=1.0))
    assert not [text for text in (*exact, *worth_telling(animal, of(rows(count)))) if "near the known" in text["en"]]
