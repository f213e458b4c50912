"""Dialogue: the turns of a conversation, of people, models and tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar, Self

import msgspec

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._drawn import written
from dataforge.objects._of_input import InJson
from dataforge.objects.base import setting, shorten
from dataforge.objects.image import Image
from dataforge.objects.text import CHARACTERS_A_SECOND, Text

__all__ = ["Dialogue"]

MOST_TURNS = 2_000
LONGEST = 1_000_000
LONGEST_NAME = 200
EXAMPLE = '[{"role": "user", "text": "Hello"}, {"role": "assistant", "text": "…"}]'
# How other tools call the same: the list of turns, who speaks, and what is said.
LISTS = ("turns", "messages", "conversations", "conversation", "dialogue")
SPEAKERS = ("role", "from", "speaker")
SAID = ("text", "content", "value")
ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant", "chatgpt": "assistant"}


@named_entry
@dataclass(frozen=True, eq=False)
class Dialogue(InJson):
    """A conversation: turns with a role, a text in Markdown, pictures, and calls of tools.

    A value is what chats store: a list of messages with `role` and `content`, `{"messages": […]}`, or pairs of a role
    and a text. In JSON form each turn is `{"role", "text"}`, with `name`, `images`, `calls` and `tool_call_id` where
    there are some.
    With `markdown=False` texts are shown as they are written.
    """

    name: ClassVar[str] = "dialogue"
    answerable: ClassVar[bool] = False
    reading_seconds: ClassVar[float] = 10.0

    markdown: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.markdown, bool):
            raise SpecError(f"dialogue: markdown must be True or False, got {self.markdown!r}")

    def settings(self) -> dict[str, Any]:
        """JSON settings: `markdown` where it is off."""
        return {} if self.markdown else {"markdown": False}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(markdown=setting(settings, "markdown", bool, True))

    def looking_seconds(self, value: Any) -> float:
        """As long as all turns are read, and each picture is looked at."""
        characters = sum(len(turn["text"]) for turn in value)
        pictures = sum(len(turn.get("images", ())) for turn in value)
        return max(self.reading_seconds, characters / CHARACTERS_A_SECOND + pictures * Image.reading_seconds)

    def to_json(self, value: Any) -> list[dict[str, Any]]:
        """The turns in their order."""
        turns = _list_of(value)
        if not turns:
            raise DataError(f"expected a dialogue of one turn or more, got none; a dialogue is {EXAMPLE}")
        if len(turns) > MOST_TURNS:
            raise DataError(f"expected at most {MOST_TURNS:,} turns, got {len(turns):,}; cut the dialogue")
        read = [_placed(place, turn) for place, turn in enumerate(turns)]
        if (length := sum(len(turn["text"]) for turn in read)) > LONGEST:
            raise DataError(f"expected at most {LONGEST:,} characters in all turns, got {length:,}; cut the dialogue")
        return read

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """Refuse: workers do not answer with dialogues."""
        raise AnswerError(f"workers cannot answer with a dialogue, got {shorten(value)}")

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The turns one below the other, each behind who speaks."""
        return "".join(f"<div><b>{escape(turn.get('name') or turn['role'])}</b> {_drawn(turn)}</div>" for turn in value)


def _list_of(value: Any) -> Sequence[Any]:
    """The list of turns in what chats and tables hold; raises `DataError`."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in LISTS if name in value), value)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        written = isinstance(value, str) and value.lstrip()[:1] in ("[", "{")
        advice = "; it looks like JSON: read it with json.loads" if written else f"; a dialogue is {EXAMPLE}"
        raise DataError(f"expected a list of turns, got {shorten(value)}{advice}")
    return value


def _placed(place: int, turn: Any) -> dict[str, Any]:
    try:
        return _turn(turn)
    except DataError as error:
        raise DataError(f"turn {place}: {error}") from None


def _turn(turn: Any) -> dict[str, Any]:
    """A turn in JSON form; turns are counted from 0, as everything that refers to them does."""
    if isinstance(turn, list | tuple) and len(turn) == 2:
        turn = {"role": turn[0], "text": turn[1]}
    if not isinstance(turn, Mapping):
        raise DataError(f"expected who speaks and what is said, got {shorten(turn)}")
    role = _short(next((turn[name] for name in SPEAKERS if name in turn), None), "role")
    text, images = _said(next((turn[name] for name in SAID if name in turn), None))
    images = [*images, *_pictures(turn.get("images"))]
    calls = [_call(call) for call in _listed(turn, "calls") or _listed(turn, "tool_calls")]
    name = turn.get("name")
    return (
        {"role": ROLES.get(role, role), "text": text}
        | ({} if name in (None, "") else {"name": _short(name, "name")})
        | ({"images": images} if images else {})
        | ({"calls": calls} if calls else {})
        | ({} if (answered := turn.get("tool_call_id")) is None else {"tool_call_id": _short(answered, "tool_call_id")})
    )


def _short(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME:
        wanted = f"{what}: expected a text of 1 to {LONGEST_NAME} characters"
        raise DataError(f"{wanted}, such as 'user' or 'assistant', got {shorten(value)}")
    return str(Text().to_json(value.strip()))


def _said(content: Any) -> tuple[str, list[dict[str, str]]]:
    """The text of a turn, and the pictures in it; None is what a model says that only calls tools."""
    if content is None:
        return "", []
    if isinstance(content, str):
        return Text().to_json(content), []
    if not isinstance(content, list | tuple):
        raise DataError(f"expected a text or a list of parts, got {shorten(content)}")
    texts: list[str] = []
    images: list[dict[str, str]] = []
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if isinstance(part, str) or (isinstance(kind, str) and kind.endswith("text")):
            texts.append(Text().to_json(part if isinstance(part, str) else part.get("text")))
        elif kind in ("image_url", "input_image"):
            images += _pictures([part.get("image_url")])
        else:
            raise DataError(f'expected parts {{"type": "text"}} and {{"type": "image_url"}}, got {shorten(part)}')
    return "\n\n".join(texts), images


def _pictures(images: Any) -> list[dict[str, str]]:
    """Addresses of pictures, as `{"url": …}` or by themselves."""
    found = []
    for image in _as_list(images, "images"):
        address = image.get("url") if isinstance(image, Mapping) else image
        try:
            found.append(Image().check_input({"url": address}))
        except DataError:
            raise DataError(
                f"a picture of a dialogue is an address (https://…), got {shorten(image)}; show files by an input of "
                "their own, df.Image"
            ) from None
    return found


def _call(call: Any) -> dict[str, str]:
    """A call of a tool, `{"name", "arguments"}` and its `id`; arguments are a text, of JSON as a rule."""
    number = call.get("id") if isinstance(call, Mapping) else None
    call = call.get("function", call) if isinstance(call, Mapping) else call
    if not isinstance(call, Mapping):
        raise DataError(f'calls: expected {{"name": …, "arguments": …}}, got {shorten(call)}')
    arguments = call.get("arguments", "")
    if not isinstance(arguments, str):
        arguments = msgspec.json.encode(arguments).decode()
    named = {"name": _short(call.get("name"), "the name of what is called"), "arguments": Text().to_json(arguments)}
    return named | ({} if number is None else {"id": _short(number, "id of a call")})


def _listed(turn: Mapping[str, Any], name: str) -> Sequence[Any]:
    return _as_list(turn.get(name), name)


def _as_list(value: Any, name: str) -> Sequence[Any]:
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise DataError(f"{name}: expected a list, got {shorten(value)}")
    return value


def _drawn(turn: Mapping[str, Any]) -> str:
    images = "".join(Image().drawn(image, {}) for image in turn.get("images", ()))
    calls = [written(f"{call['name']}({call['arguments']})") for call in turn.get("calls", ())]
    return written(turn["text"]) + images + "".join(f"<div>{call}</div>" for call in calls)


PLUGIN = Dialogue
