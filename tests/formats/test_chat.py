"""Dialogues with the labels of their turns, as JSON lines of messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from tests.formats.drawn import save

import dataforge as df
from dataforge.errors import DataError


class Tone(df.Choice):
    FINE = "fine"
    RUDE = "rude"


@df.task
def tone(chat: df.Dialogue) -> Annotated[list[Any], df.Turns(Tone)]:
    """Is it polite?"""


CHAT = [
    {"role": "user", "text": "Look", "images": [{"url": "https://example.org/a.jpg"}], "name": "Anna"},
    {"role": "assistant", "text": "", "calls": [{"name": "see", "arguments": "{}", "id": "call_7"}]},
    {"role": "tool", "text": "a cat", "tool_call_id": "call_7"},
    {"role": "assistant", "text": "نعم"},
]
ANSWER = [{"turn": 1, "label": "fine"}, {"turn": 3, "label": "rude"}]


def test_what_is_written_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = save("chat", tone, [(CHAT, ANSWER)], tmp_path / "chats.jsonl")
    frame = df.read_chat(tone, path)
    assert frame["chat"].tolist() == [CHAT]
    assert frame["answer"].tolist() == [ANSWER]


def test_messages_are_those_of_chats_each_with_its_label(tmp_path: Path) -> None:
    path = save("chat", tone, [(CHAT, ANSWER)], tmp_path / "chats.jsonl")
    [line] = path.read_text("utf-8").splitlines()
    user, call, tool, said = json.loads(line)["messages"]
    assert user["content"][1] == {"type": "image_url", "image_url": {"url": "https://example.org/a.jpg"}}
    # Without these ids nobody takes the messages of tools.
    seen = {"name": "see", "arguments": "{}"}
    assert call["tool_calls"] == [{"id": "call_7", "type": "function", "function": seen}]
    assert tool == {"role": "tool", "tool_call_id": "call_7", "content": "a cat"}
    assert said == {"role": "assistant", "content": "نعم", "label": "rude"}
    assert "label" not in user


def test_a_dialogue_without_labels_has_no_known_answer(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]}\n\n')
    assert df.read_chat(tone, path)["answer"].tolist() == [None]


def test_a_dialogue_of_which_nothing_is_asked_has_the_empty_answer(tmp_path: Path) -> None:
    path = save("chat", tone, [([{"role": "user", "text": "Hi"}], [])], tmp_path / "chats.jsonl")
    assert df.read_chat(tone, path)["answer"].tolist() == [[]]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 1: expected one JSON object"),
        ('{"text": 1}', 'line 1: expected {"messages"'),
        ('{"messages": [5]}', 'line 1: expected {"messages"'),
        ('{"messages": [{"role": "user", "content": 5}]}', "line 1: turn 0: expected a text"),
    ],
)
def test_a_line_that_is_wrong_is_named(line: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "chats.jsonl").write_text(line)
    with pytest.raises(DataError, match=why):
        df.read_chat(tone, tmp_path / "chats.jsonl")


def test_a_label_on_a_turn_that_is_not_asked_about_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chats.jsonl").write_text('{"messages": [{"role": "user", "content": "Hi", "label": "fine"}]}')
    with pytest.raises(DataError, match="line 1: expected answers for the turns of 'assistant'"):
        df.read_chat(tone, tmp_path / "chats.jsonl")


@df.task
def claims(chat: df.Dialogue) -> Annotated[list[Any], df.TurnSpans(Tone, role=None)]:
    """Mark what is rude."""


def test_what_is_marked_in_turns_comes_back_as_it_was_and_so_does_nothing(tmp_path: Path) -> None:
    marked = [{"turn": 2, "start": 2, "end": 5, "label": "rude", "text": "cat"}]
    path = save("chat", claims, [(CHAT, marked), (CHAT, [])], tmp_path / "chats.jsonl")
    assert df.read_chat(claims, path)["answer"].tolist() == [marked, []]
    message = json.loads(path.read_text("utf-8").splitlines()[0])["messages"][2]
    assert message["spans"] == [{"start": 2, "end": 5, "label": "rude", "text": "cat"}]
    path.write_text('{"messages": [{"role": "user", "content": "Hi"}]}')
    assert df.read_chat(claims, path)["answer"].tolist() == [None]
    path.write_text(
        '{"messages": [{"role": "user", "content": "Hi", "spans": [{"start": 0, "end": 9, "label": "rude"}]}]}'
    )
    with pytest.raises(DataError, match=r"line 1: turn 0: .* ends behind the text"):
        df.read_chat(claims, path)
    path.write_text('{"messages": [{"role": "user", "content": "Hi", "spans": 3}]}')
    with pytest.raises(DataError, match="line 1: turn 0: spans: expected a list of objects, got 3"):
        df.read_chat(claims, path)
