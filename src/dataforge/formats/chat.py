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


class Chat:
    """Writes the answers to turns into the messages of their dialogue."""

    types: ClassVar[Sequence[str]] = ("turns",)
    ending: ClassVar[str] = ".jsonl"
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """One line for each dialogue: `{"id", "messages": [{"role", "content", "label"}, …]}`."""
        with path.open("wb") as file:
            for row in labels.rows:
                given = {one["turn"]: {"label": one["label"]} for one in row.answer}
                turns = Dialogue().to_json(Dialogue().from_text(row.value) if isinstance(row.value, str) else row.value)
                messages = [_message(turn) | given.get(place, {}) for place, turn in enumerate(turns)]
                file.write(msgspec.json.encode({"id": row.id, "messages": messages}) + b"\n")


@entry
def read_chat(task: Task, path: str | Path) -> pd.DataFrame:
    """Dialogues of JSON lines as rows for `launch(task, …)`, with the known answers to their turns.

    Args:
        task: has answers to the turns of a dialogue as one of its outputs.
        path: the file, each line of which is `{"messages": [{"role": …, "content": …, "label": …}, …]}`. A dialogue
            without any label has no known answer.

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
    given = [{"turn": turn, "label": one["label"]} for turn, one in enumerate(messages) if "label" in one]
    try:
        answer = asked.output.type.check_answer(given, {asked.of.name: dialogue})
    except AnswerError as error:
        if given:
            raise DataError(str(error)) from None
        # Turns are asked about, and none has its label.
        answer = None
    return (str(told["id"]) if "id" in told else None), dialogue, answer


PLUGIN = Chat()
