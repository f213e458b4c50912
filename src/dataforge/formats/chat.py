"""Chats: JSON lines of messages, as fine-tuning takes them, each with the label of its turn.

https://platform.openai.com/docs/guides/supervised-fine-tuning
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from dataforge.arguments import entry
from dataforge.errors import AnswerError, DataError
from dataforge.formats._files import text_of
from dataforge.formats._labels import Question, frame_of_rows, question
from dataforge.formats.base import Labels
from dataforge.objects.base import shorten
from dataforge.objects.dialogue import Dialogue
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Chat", "read_chat"]

SPANS = "turn_spans"


class Chat:
    """Writes the answers to turns, and what is marked in them, into the messages of their dialogue."""

    types: ClassVar[Sequence[str]] = ("turns", SPANS)
    ending: ClassVar[str] = ".jsonl"
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """One line for each dialogue: `{"id", "messages": [{"role", "content", "label"}, …]}`; of spans `"spans"`."""
        told = _spans if labels.output.type.name == SPANS else _label
        with path.open("wb") as file:
            for row in labels.rows:
                turns = Dialogue().to_json(Dialogue().from_text(row.value) if isinstance(row.value, str) else row.value)
                messages = [_message(turn) | told(row.answer, place) for place, turn in enumerate(turns)]
                file.write(msgspec.json.encode({"id": row.id, "messages": messages}) + b"\n")


def _label(answer: Any, turn: int) -> dict[str, Any]:
    """The label of a turn, if it has one."""
    return next(({"label": one["label"]} for one in answer if one["turn"] == turn), {})


def _spans(answer: Any, turn: int) -> dict[str, Any]:
    """What is marked in a turn; nothing of all turns is an answer, too."""
    here = [{name: value for name, value in one.items() if name != "turn"} for one in answer if one["turn"] == turn]
    return {"spans": here}


def _given(messages: Sequence[Mapping[str, Any]], kind: str) -> tuple[bool, list[dict[str, Any]]]:
    """Whether a dialogue has a known answer, and that answer as its messages have it."""
    name = "spans" if kind == SPANS else "label"
    there = [(turn, one[name]) for turn, one in enumerate(messages) if name in one]
    if kind != SPANS:
        return bool(there), [{"turn": turn, "label": label} for turn, label in there]
    for turn, spans in there:
        if not isinstance(spans, list) or not all(isinstance(one, dict) for one in spans):
            raise DataError(f"turn {turn}: spans: expected a list of objects, got {shorten(spans)}")
    return bool(there), [{**span, "turn": turn} for turn, spans in there for span in spans]


@entry
def read_chat(task: Task, path: str | Path) -> pd.DataFrame:
    """Dialogues of JSON lines as rows for `launch(task, …)`, with the known answers to their turns.

    Args:
        task: has answers to the turns of a dialogue, or spans of them, as one of its outputs.
        path: the file, each line of which is `{"messages": [{"role": …, "content": …, "label": …}, …]}`, of spans with
            `"spans": [{"start", "end", "label"}, …]`. A dialogue without any label, or spans, has no known answer.

    Raises `DataError` with the line and the turn that is wrong.
    """
    asked = question(task, Chat.types, "chat", ("dialogue",))
    path = Path(path).expanduser()
    rows = []
    for number, line in enumerate(text_of(path).split("\n"), 1):
        try:
            if line.strip():
                rows.append(_row(line, asked))
        except DataError as error:
            raise DataError(f"{path.name}, line {number}: {error}") from None
    return frame_of_rows(asked, rows)


def _message(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A turn as chats store it."""
    content: Any = turn["text"]
    if images := turn.get("images"):
        content = [{"type": "text", "text": content}, *({"type": "image_url", "image_url": one} for one in images)]
    told = {key: turn[key] for key in ("name", "tool_call_id") if key in turn}
    calls = {"tool_calls": [_call(call) for call in turn["calls"]]} if "calls" in turn else {}
    return {"role": turn["role"], **told, "content": content, **calls}


def _call(call: Mapping[str, str]) -> dict[str, Any]:
    number = {"id": call["id"]} if "id" in call else {}
    return {**number, "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}


def _row(line: str, asked: Question) -> tuple[str | None, Any, Any]:
    try:
        told = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise DataError(f"expected one JSON object ({error})") from None
    messages = told.get("messages") if isinstance(told, dict) else None
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        raise DataError(f'expected {{"messages": [{{"role": …, "content": …}}, …]}}, got {shorten(told)}')
    dialogue = Dialogue().to_json(messages)
    known, given = _given(messages, asked.output.type.name)
    if not known and asked.output.type.name == SPANS:
        return (str(told["id"]) if "id" in told else None), dialogue, None
    try:
        answer = asked.output.type.check_answer(given, {asked.of.name: dialogue})
    except AnswerError as error:
        if given:
            raise DataError(str(error)) from None
        # Turns are asked about, and none has its label.
        answer = None
    return (str(told["id"]) if "id" in told else None), dialogue, answer


PLUGIN = Chat()
