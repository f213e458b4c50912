"""What images, audio and video share: a value is an address on the web or a file on this machine.

A piece has beside that what is meant of it, as `_pieces` says.

"https://host/cat.jpg"            ->  {"url": "https://host/cat.jpg"}
"photos/cat.jpg", Path(…), file:  ->  {"file": "/absolute/photos/cat.jpg"}, until the platform has stored it as
                                      {"media": "<sha256>.<extension>"}
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

import msgspec

from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._drawn import Kind, shown_file
from dataforge.objects._pieces import Clip, checked_cut, taken_apart
from dataforge.objects.base import ObjectType, shorten
from dataforge.texts import half_character

__all__ = ["Media", "Played"]

LONGEST_URL = 8_000
LONGEST_SHOWN = 200
# How long it takes, in seconds, to start a sound or a film.
STARTING = 1.0
STORED = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,8}")
# What no file is called; "C:\\photos" and "scan-10:22.jpg" are paths.
SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://|(https?|file|data|javascript|vbscript|blob|about|mailto):", re.I)
UNSAFE = re.compile(r"[\x00-\x20\x7f]")


class Media(ObjectType):
    """The base of types whose values are files; `extensions` are those that browsers can show."""

    media: ClassVar[bool] = True
    answerable: ClassVar[bool] = False
    kind: ClassVar[Kind]
    extensions: ClassVar[tuple[str, ...]]
    signatures: ClassVar[tuple[bytes, ...]] = ()
    """How such files begin (`?` stands for any byte); empty: not looked at."""
    part: ClassVar[str]
    """By this name stands what is meant of a whole."""

    def to_json(self, value: Any) -> dict[str, Any]:
        """`{"url"}` for an address, `{"file"}` for a file that can be read, `{"media"}` as it is; with its part."""
        if isinstance(value, Mapping) and "bytes" not in value:
            whole, part = taken_apart(value, self.part)
            if part is None or whole.keys() != {"file"}:
                return self.check_input(value)
            file = self._file(Path(str(whole["file"])))
            return {**file, self.part: self._part(part, Path(file["file"]))}
        if isinstance(value, Path):
            return self._file(value)
        if not isinstance(value, str) or not value.strip():
            raise DataError(
                f"expected an address (https://…) or the path of a file, got {shorten(value)} "
                f"of type {type(value).__name__}; save what it shows as a file, and give its path"
            )
        scheme = _scheme(value)
        if scheme in ("http", "https"):
            return {"url": _address(value)}
        if scheme == "file":
            return self._file(_path_of(value))
        if scheme is not None:
            raise DataError(
                f"expected an address that starts with https:// or http://, or the path of a file, "
                f"got {shorten(value)}; addresses with {scheme}: cannot be shown to workers"
            )
        return self._file(Path(value))

    def located(self, value: Any, folder: Path) -> Any:
        """A relative path set against `folder`; everything else as it is."""
        value = self.from_text(value) if isinstance(value, str) else value
        if isinstance(value, Mapping) and isinstance(value.get("file"), str):
            return {**value, "file": str(self.located(value["file"], folder))}
        if isinstance(value, Path):
            return folder / _at_home(value)
        if not isinstance(value, str) or not value.strip():
            return value
        scheme = _scheme(value)
        if scheme is None:
            return folder / _at_home(Path(value))
        return folder / _path_of(value) if scheme == "file" else value

    def from_text(self, text: str) -> Any:
        """A piece as JSON; everything else is a path or an address."""
        if text.lstrip().startswith("{"):
            with suppress(msgspec.DecodeError):
                return msgspec.json.decode(text)
        return text

    def check_input(self, value: Any) -> dict[str, Any]:
        """`{"url"}` or `{"media"}` as it came, checked; a path of somebody else's machine means nothing here."""
        whole, part = taken_apart(value, self.part) if isinstance(value, Mapping) else ({}, None)
        beside = {} if part is None else {self.part: self._part(part, None)}
        if len(whole) == 1:
            url, stored = whole.get("url"), whole.get("media")
            if isinstance(url, str) and _scheme(url) in ("http", "https"):
                return {"url": _address(url), **beside}
            if isinstance(stored, str) and STORED.fullmatch(stored):
                return {"media": stored, **beside}
        raise DataError(f'expected {{"url": "https://…"}} or {{"media": "<sha256>.<extension>"}}, got {shorten(value)}')

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """Refuse: workers cannot answer with files."""
        raise AnswerError(f"workers cannot answer with {self.name}, got {shorten(value)}")

    def _part(self, part: Any, path: Path | None) -> list[float]:
        """What is meant of a whole, checked; against the file where it is here. Raises `DataError`."""
        raise NotImplementedError

    def looking_seconds(self, value: Any) -> float:
        """As long as a file of this machine plays, and a moment to start it; of others what is usual."""
        if isinstance(value, Mapping) and (cut := value.get("cut")) is not None:
            return float(cut[1] - cut[0]) + STARTING
        path = value.get("file") if isinstance(value, Mapping) else None
        if path is None or self.kind == "image":
            return self.reading_seconds
        plays = _playing_time(Path(path))
        return self.reading_seconds if plays is None else plays + STARTING

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The file, shown or in a player."""
        return shown_file(self.kind, value)

    def _file(self, path: Path) -> dict[str, str]:
        path = _at_home(path).absolute()
        if broken := half_character(str(path)):
            raise DataError(f"the path {broken}; rename the file, or the folder that it is in")
        shown = repr(str(path)[-LONGEST_SHOWN:])
        if os.path.isdir(path):
            raise DataError(f"expected a file, got the folder {shown}; give the paths of the files in it")
        extension = path.suffix.lower().lstrip(".")
        if extension not in self.extensions:
            raise DataError(
                f"expected a file of the type {self.name}, one of {', '.join(self.extensions)}, got {shown}; "
                "convert it, or rename it if only its extension is wrong"
            )
        try:
            path = _as_spelt(path)
            with path.open("rb") as file:
                start = file.read(16)
        except OSError as error:
            raise DataError(f"cannot read the file {shown}: {error.strerror}; check the path") from None
        except ValueError:
            raise DataError(f"{shown} is not a path") from None
        if not start:
            raise DataError(f"the file {shown} is empty")
        if self.signatures and not any(_begins(start, signature) for signature in self.signatures):
            raise DataError(f"the file {shown} is no {self.name}, although its extension says so")
        return {"file": str(path)}


class Played(Media):
    """The base of what plays: sounds and films, of which a time may be meant."""

    part = "cut"

    def cut(self, start: float, end: float) -> Self:
        """What plays from `start` to `end`, in seconds, of an item's recording in a pipeline's function.

        People hear it, and see where in the whole it is.
        """
        raise SpecError(f"{self.name}: cut(start, end) is asked of what an item has, in the function of a pipeline")

    def of_item(self, value: Any) -> Any:
        """The recording as a pipeline's function has it."""
        return Clip(value.get("file") or value["url"]) if value.keys() <= {"file", "url"} else value

    def _part(self, part: Any, path: Path | None) -> list[float]:
        return checked_cut(part, None if path is None else _playing_time(path))


def _playing_time(path: Path) -> float | None:
    """How long a file of this machine plays, as far as it tells."""
    # Here, because files are looked at for nothing else when a task is written.
    from dataforge.media.files import played_seconds

    return played_seconds(path)


def _at_home(path: Path) -> Path:
    """The path, `~` and `~name` read as homes; where nobody is called so it is the name of a file."""
    with suppress(RuntimeError):
        return path.expanduser()
    return path


def _as_spelt(path: Path) -> Path:
    """The path as the file system spells it, where letters with accents are written in one character or two."""
    if path.exists() or str(path).isascii():
        return path
    spelt = (Path(normalize(form, str(path))) for form in ("NFC", "NFD"))
    return next((other for other in spelt if other.exists()), path)


def _scheme(value: str) -> str | None:
    found = SCHEME.match(value.lstrip())
    return found[found.lastindex or 1].lower() if found else None


def _address(url: str) -> str:
    """The address, without space around it, if it has a host and no characters that hide another."""
    url = url.strip()
    if len(url) > LONGEST_URL:
        raise DataError(f"the address has {len(url):,} characters, at most {LONGEST_URL:,}: {shorten(url)}")
    if broken := half_character(url):
        raise DataError(f"the address {broken}; remove it")
    if UNSAFE.search(url):
        raise DataError(f"the address has a space or a control character: {shorten(url)}; write a space as %20")
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise DataError(f"the address has no host: {shorten(url)}")
    return url


def _path_of(url: str) -> Path:
    """The path of a `file:` address."""
    rest = unquote(url.lstrip()[len("file:") :])
    if rest.startswith("//"):
        host, _, path = rest[2:].partition("/")
        if host not in ("", "localhost"):
            raise DataError(f"the address {shorten(url)} is on another machine, {host!r}")
        rest = "/" + path
    return Path(rest)


def _begins(start: bytes, signature: bytes) -> bool:
    return len(start) >= len(signature) and all(
        wanted in (byte, ord("?")) for byte, wanted in zip(start, signature, strict=False)
    )
