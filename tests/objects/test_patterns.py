"""Patterns of texts: with Python's meaning, and matched in bounded time whatever the text."""

import json
import pickle
import random
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import dataforge as df
from dataforge.errors import AnswerError, SpecError
from dataforge.objects._patterns import Pattern, TooLong
from dataforge.objects.text import Text
from dataforge.tasks.task import Task

CASES = json.loads((Path(__file__).parents[1] / "data/patterns.json").read_text("utf-8"))
# What the browser does not read, and the server does.
MORE = [r"(?i)straße|ab", r"(?<=a)b|ab(?<!x)", r"(?s:.)*x", r"(?m)^a$\n^b$", r"(?x) a b # c", r"(?-i:A)b|(?<!\d)\d"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["pattern"])
def test_a_pattern_means_what_python_means_by_it(case: dict[str, Any]) -> None:
    pattern, python = Pattern(case["pattern"]), re.compile(case["pattern"])
    for text in case["matches"]:
        assert python.fullmatch(text)
        assert pattern.fullmatch(text)
    for text in case["others"]:
        assert not python.fullmatch(text)
        assert not pattern.fullmatch(text)


@pytest.mark.parametrize("source", [*(case["pattern"] for case in CASES), *MORE])
def test_a_pattern_tells_random_texts_apart_as_python_does(source: str) -> None:
    pattern, python, rng = Pattern(source), re.compile(source), random.Random(source)
    for _ in range(60):
        text = "".join(rng.choices("abAB12 -_x\nßfo.жд", k=rng.randint(0, 7)))
        assert pattern.fullmatch(text) == (python.fullmatch(text) is not None), text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"(\w+\s?)+", "many words " * 500 + "!"),
        (r"(a|a)*", "a" * 5_000 + "!"),
        (r"\w*\w*\w*!", "a" * 5_000),
        (r"(\d{1,3}){20}", "1" * 61),
    ],
)
def test_a_text_that_python_would_try_for_ever_is_told_by_as_many_tries_as_it_has_characters(
    source: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataforge.objects._patterns.MOST_TRIES", 100 * len(text))
    assert not Pattern(source).fullmatch(text)


def test_what_takes_too_long_all_the_same_is_refused_as_too_long() -> None:
    looks_ahead = r"(?:(?=.*x).)*y"
    with pytest.raises(TooLong):
        Pattern(looks_ahead).fullmatch("a" * 3_000 + "x")
    with pytest.raises(AnswerError, match="too long to be tried against the pattern"):
        Text(pattern=looks_ahead).check_answer("a" * 3_000 + "x", {})


def test_a_text_says_how_many_steps_its_check_takes_a_character() -> None:
    """So that answers of a few characters are looked at at once, and those to a pattern of a thousand steps aside."""
    assert Text(longest=100).checking_steps() == 1
    assert Text(pattern=r"\d+").checking_steps() < 10
    assert Text(pattern="(a|b){0,500}").checking_steps() > 1_000


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (r"(a+)\1", "refers to what a group has matched"),
        (r"(a)?(?(1)b|c)", "asks whether a group has matched"),
        (r"(?>\w+\s?)+", r"write \(\?:…\) for \(\?>…\)"),
        (r"\w++", "write one \\+ less"),
        (r"((a{100}){100}){100}", "say it with shortest and longest"),
    ],
)
def test_what_cannot_be_matched_in_bounded_time_is_refused_where_it_is_written_and_opens_where_it_is_saved(
    source: str, why: str
) -> None:
    with pytest.raises(SpecError, match=why):
        asking(source)
    spec = asking("a").spec()
    field = replace(spec.outputs[0], settings={"pattern": source})
    assert Task.from_spec(replace(spec, outputs=(field,))).output("answer").type.settings() == {"pattern": source}


def asking(pattern: str) -> Task:
    """A task of one text."""

    def write(photo: df.Image) -> Any:
        """Write it down."""

    write.__annotations__["return"] = Text(pattern=pattern)
    return df.task(write)


def test_an_answer_to_a_saved_question_is_matched_as_it_always_was() -> None:
    saved = Text.from_settings({"pattern": r"(a+)b\1"})
    assert saved.check_answer("aabaa", {}) == "aabaa"
    with pytest.raises(AnswerError):
        saved.check_answer("aaba", {})


def test_a_pattern_goes_through_a_pickle() -> None:
    assert pickle.loads(pickle.dumps(Text(pattern=r"\d+"))).check_answer("12", {}) == "12"
