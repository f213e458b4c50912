"""Dialogues come in as chats store them, and are answered turn by turn."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pytest

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.dialogue import LONGEST, MOST_TURNS

HELLO = [{"role": "user", "text": "Hello"}, {"role": "assistant", "text": "Good day"}]


class Tone(df.Choice):
    FINE = "fine"
    RUDE = "rude"
    OFF = "off the subject"


@pytest.mark.parametrize(
    "written",
    [
        HELLO,
        [("user", "Hello"), ("assistant", "Good day")],
        {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day"}]},
        {"conversations": [{"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Good day"}]},
        [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}, {"role": "bot", "content": "Good day"}],
        np.array(HELLO, dtype=object),
    ],
    ids=["own form", "pairs", "chat", "ShareGPT", "parts", "table"],
)
def test_a_dialogue_is_read_as_tools_store_it(written: Any) -> None:
    assert df.Dialogue().to_json(written) == HELLO
    assert df.Dialogue().to_json(df.Dialogue().to_json(written)) == HELLO


@df.task
def better(left: df.Dialogue, right: df.Dialogue) -> Annotated[str, df.SideBySide(tie=True)]:
    """Which one is better?"""
    raise NotImplementedError


SAID = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day", "name": "Bo"}]}
NAMED = [HELLO[0], {**HELLO[1], "name": "Bo"}]


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "parquet", "text.parquet", "frame"])
def test_the_json_text_of_a_dialogue_is_read_from_whatever_holds_it(form: str, tmp_path: Path) -> None:
    whole, path = {"left": SAID, "right": SAID["messages"]}, tmp_path / f"chats.{form}"
    texts = pd.DataFrame([{side: json.dumps(chat) for side, chat in whole.items()}])
    given: Any = path
    if form == "frame":
        given = pd.DataFrame([whole])
    elif form in ("json", "jsonl"):
        path.write_text(json.dumps(whole if form == "jsonl" else [whole]))
    elif form.endswith("parquet"):
        (pd.DataFrame([whole]) if form == "parquet" else texts).to_parquet(path)
    else:
        texts.to_csv(path, index=False, sep="," if form == "csv" else "\t")
    [item] = df.read_items(better, given).records()
    assert item.inputs == {"left": NAMED, "right": NAMED}


def test_pictures_and_calls_of_tools_stay_with_their_turn() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": '{"for": "cats"}'}}
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/cat.jpg"}}
    chat = [
        {"role": "user", "name": "Anna", "content": [{"type": "text", "text": "What is it?"}, picture]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "", "tool_call_id": "1"},
    ]
    assert df.Dialogue().to_json(chat) == [
        {"role": "user", "text": "What is it?", "name": "Anna", "images": [{"url": "https://example.org/cat.jpg"}]},
        {"role": "assistant", "text": "", "calls": [{"name": "search", "arguments": '{"for": "cats"}', "id": "1"}]},
        {"role": "tool", "text": "", "tool_call_id": "1"},
    ]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ([], "one turn or more"),
        ("Hello", "list of turns"),
        ('[{"role": "user", "content": "Hello"}]', "json.loads"),
        ([{"text": "Hello"}], "turn 0: role"),
        ([*HELLO, {"role": "user", "content": 5}], "turn 2: expected a text"),
        ([{"role": "user", "content": [{"type": "input_audio"}]}], "turn 0: expected parts"),
        ([{"role": "user", "text": "x", "images": ["cat.jpg"]}], "turn 0: a picture of a dialogue is an address"),
        ([{"role": "user", "text": "x", "images": [{"url": "javascript:alert(1)"}]}], "turn 0: a picture"),
        ([{"role": "user", "text": "x", "calls": {"name": "f"}}], "turn 0: calls: expected a list"),
        ([{"role": "x" * 500, "text": "x"}], "turn 0: role: expected a text of 1 to 200"),
        ([("user", "x")] * (MOST_TURNS + 1), "at most 2,000 turns"),
        ([("user", "x" * LONGEST), ("user", "x")], "at most 1,000,000 characters"),
        ([("user", "half \ud83d")], "turn 0"),
    ],
)
def test_what_is_no_dialogue_is_refused_with_the_turn_that_is_wrong(written: Any, why: str) -> None:
    with pytest.raises(DataError, match=why):
        df.Dialogue().to_json(written)


def test_a_longer_dialogue_is_looked_at_for_longer() -> None:
    long = [{"role": "user", "text": "word " * 480}]
    assert df.Dialogue().looking_seconds(HELLO) == df.Dialogue.reading_seconds
    assert df.Dialogue().looking_seconds(long) == pytest.approx(100)
    assert df.Dialogue().looking_seconds([{**long[0], "images": [{"url": "https://a.b/c"}]}]) == pytest.approx(105)


def test_texts_of_a_dialogue_cannot_become_markup_in_a_notebook() -> None:
    shown = df.Dialogue().drawn([{"role": "<b>", "name": "<i>", "text": "<script>", "calls": []}], {})
    assert "<script>" not in shown
    assert "<i>" not in shown


@df.task
def tone(chat: df.Dialogue) -> Annotated[list[dict[str, Any]], df.Turns(Tone)]:
    """Is the assistant polite?"""
    ...


CHAT = [*HELLO, ("user", "Go away"), ("assistant", "No, you go away")]


def test_each_turn_of_the_assistant_gets_a_label() -> None:
    inputs = {"chat": df.Dialogue().to_json(CHAT)}
    answer = [{"turn": 1, "label": "fine"}, {"turn": 3, "label": "rude"}]
    assert tone.check_answers({"answer": answer[::-1]}, inputs) == {"answer": answer}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([{"turn": 1, "label": "fine"}], r"each of 2 turns, got none for 3"),
        ([(1, "fine"), (2, "fine"), (3, "rude")], "turns of 'assistant', 1, 3, got 2"),
        ([(1, "fine"), (1, "fine"), (3, "rude")], "turn 1 is there twice"),
        ([(1, "fine"), (3, "angry")], "answer 2: expected one of"),
        ([(True, "fine"), (3, "rude")], "turn: expected a whole number"),
        ([(10**9, "fine")], "turn: expected a whole number"),
        ("fine", "expected a list of answers"),
    ],
)
def test_an_answer_that_leaves_a_turn_out_or_answers_another_is_refused(answer: Any, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        df.Turns(Tone, of="chat").check_answer(answer, {"chat": df.Dialogue().to_json(CHAT)})


def test_turns_are_alike_as_far_as_their_labels_are() -> None:
    grades = df.Turns(df.Rating(1, 5), of="chat")
    one = [{"turn": 1, "label": 5}, {"turn": 3, "label": 1}]
    assert grades.similarity(one, one) == 1
    assert grades.similarity(one, [{"turn": 1, "label": 4}, {"turn": 3, "label": 1}]) == pytest.approx(0.875)
    assert grades.similarity(one, one[:1]) == pytest.approx(0.5)
    assert grades.similarity([], []) == 1


def test_a_spoilt_answer_is_told_from_the_right_one_by_the_usual_bound() -> None:
    kind, rng = df.Turns(Tone, of="chat"), Random(1)
    for turns in (1, 2, 3, 8):
        right = [{"turn": turn, "label": "fine"} for turn in range(turns)]
        assert kind.similarity(kind.spoil(right, rng, {}), right) < 0.75


def test_a_task_needs_the_dialogue_that_its_turns_are_of() -> None:
    with pytest.raises(SpecError, match="one input of the type dialogue"):

        @df.task
        def nothing(text: df.Text) -> Annotated[list[dict[str, Any]], df.Turns(Tone)]:
            """What is it?"""
            ...


def test_turns_need_options_or_grades() -> None:
    with pytest.raises(SpecError, match="a class of options"):
        df.Turns(str)  # type: ignore[arg-type]
