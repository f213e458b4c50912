"""What answers share that are files of the worker: `{"media": "<sha256>.<extension>"}`, once the platform has them."""

from __future__ import annotations

import hashlib
import re
from abc import abstractmethod
from collections.abc import Mapping
from random import Random
from typing import Any, ClassVar

from dataforge.errors import AnswerError, DataError
from dataforge.objects._drawn import Kind, shown_file
from dataforge.objects.base import MadeFile, ObjectType, shorten

__all__ = ["EXTENSIONS", "LONGEST_NAME", "FileAnswer", "Kind", "made"]

# How files are named by what they hold, as `media_files` finds it.
EXTENSIONS: dict[Kind, tuple[str, ...]] = {
    "image": ("jpg", "png", "webp", "gif", "avif"),
    "audio": ("wav", "mp3", "m4a", "ogg", "flac", "weba"),
    "video": ("mp4", "webm", "mov", "ogv"),
}

STORED = re.compile(r"[0-9a-f]{64}\.([a-z0-9]{1,8})")
LONGEST_NAME = 80


class FileAnswer(ObjectType):
    """The base of types whose answers are files that workers send."""

    media: ClassVar[bool] = True
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float | None] = None
    more: ClassVar[frozenset[str]] = frozenset()
    """What an answer may say beside its file."""

    def to_json(self, value: Any) -> dict[str, Any]:
        """The JSON form of a file that the platform has; a known answer cannot be a file of yours."""
        try:
            return self.check_answer(value, {})
        except AnswerError as error:
            raise DataError(str(error)) from None

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, if it names a file of a kind that is asked for; that the worker has sent it is told elsewhere."""
        if not isinstance(value, Mapping) or not {"media"} <= value.keys() <= {"media"} | self.more:
            raise AnswerError(f'expected {{"media": "<sha256>.<extension>"}}, got {shorten(value)}')
        name = value["media"]
        found = STORED.fullmatch(name) if isinstance(name, str) else None
        rules = self.file_rules()
        assert rules is not None, "it is a type of files"
        if found is None or found[1] not in rules.extensions:
            raise AnswerError(f"expected a file that ends in {', '.join(rules.extensions)}, got {shorten(name)}")
        return dict(value)

    def longest_answer(self) -> int:
        """As long as the name of a file."""
        return LONGEST_NAME

    def files_of(self, value: Any) -> tuple[str, ...]:
        """The file that the answer is."""
        return (str(value["media"]),)

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The file, shown or in a player."""
        ending = str(value["media"]).partition(".")[2]
        return shown_file(next(kind for kind, endings in EXTENSIONS.items() if ending in endings), value)

    def canonical(self, value: Any) -> str:
        """The name of the file, which is that of its content."""
        return str(value["media"])

    @abstractmethod
    def make_file(self, rng: Random, *, good: bool = True) -> MadeFile:
        """A small file within the rules; a bad one is silent or black."""

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> None:
        """None: a file is not made worse here."""


def made(content: bytes, extension: str, **more: Any) -> MadeFile:
    """A file by its name, with the answer that it is and what this says beside it."""
    name = f"{hashlib.sha256(content).hexdigest()}.{extension}"
    return MadeFile(name, content, {"media": name, **more})
