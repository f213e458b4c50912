"""What is said of a task whose texts are in different languages."""

from __future__ import annotations

from typing import Annotated

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.tasks.languages import language_notices


class Animal(df.Choice):
    DOG = df.option("dog", ru="собака")
    CAT = df.option("cat", ru="кошка")


@df.task(name={"en": "Cat or dog", "ru": "Кошка или собака"})
def half(photo: df.Image, place: df.Text) -> Animal:
    """Which animal is in the photo?"""


@df.task(
    name={"en": "Cat or dog", "ru": "Кошка или собака"},
    instruction={"en": "Which animal is in the photo?", "ru": "Какое животное на фото?"},
)
def whole(photo: df.Image) -> Animal: ...


@df.task
def english(query: df.Text, left: df.Text, right: df.Text) -> df.SideBySide:
    """Which is better?"""


def test_a_task_in_two_languages_is_told_which_texts_have_only_one():
    [notice] = language_notices(half.spec(), None)
    assert notice["en"].startswith(
        "Workers who read 'ru' see these in English: the instruction, the title of 'photo', the title of 'place'."
    )


@pytest.mark.parametrize(("task", "languages"), [(whole, None), (english, None), (half, ("en",)), (whole, ("ru",))])
def test_a_task_whose_workers_read_everything_in_one_language_is_told_nothing(task, languages):
    assert language_notices(task.spec(), languages) == ()


def test_a_task_in_english_for_workers_who_read_something_else_is_told_so():
    [notice] = language_notices(english.spec(), ("tr",))
    assert "see these in English: the name, the instruction, the title of 'query'" in notice["en"]


def test_who_lacks_the_same_texts_is_told_of_at_once():
    # The points of a scale bring their texts in six languages; the task has them in one.
    @df.task
    def natural(clip: df.Text) -> Annotated[int, df.Mos()]:
        """How natural does it sound?"""

    [notice] = language_notices(natural.spec(), None)
    assert notice["en"].startswith("Workers who read 'es', 'kk', 'ru', 'tr', 'uz' see these in English: the name, ")
    both, russian = language_notices(half.spec(), ("ru", "tr", "uz"))
    assert "read 'ru' see" in both["en"] + russian["en"]
    assert "read 'tr', 'uz' see" in both["en"] + russian["en"]


def test_a_launch_says_which_texts_some_workers_read_in_english(tmp_path):
    @df.task(duration="5s", name={"en": "Kind", "ru": "Вид"})
    def kind(text: df.Text) -> bool:
        """Is it kind?"""

    with df.launch(
        kind, ["a"], workspace=tmp_path, progress=False, platform=SimulatedPlatform([], lambda _: {})
    ) as run:
        assert any("Workers who read 'ru' see these in English" in notice["en"] for notice in run.notices)


def test_of_what_is_asked_about_answers_a_launch_says_nothing_of_languages(tmp_path):
    on = SimulatedPlatform([], lambda _: {})

    @df.task(duration="5s")
    def said(sound: df.Text) -> df.Text:
        """Write it down."""

    with df.launch(
        said, ["a"], policy=df.Policy(check=df.Policy()), workspace=tmp_path, progress=False, platform=on
    ) as run:
        told = [notice["en"] for one in (run, run.check) for notice in one.notices]
    assert [line for line in told if "see these in English" in line] == []
