"""What images, audio and video share: a value is an address on the web or a file on this machine.

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
from typing import Any, ClassVar
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from dataforge.errors import AnswerError, DataError
from dataforge.objects._drawn import Kind, shown_file
from dataforge.objects.base import ObjectType, shorten

__all__ = ["Media"]

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

    def to_json(self, value: Any) -> dict[str, str]:
        """`{"url"}` for an address, `{"file"}` for a file that can be read, `{"media"}` as it is."""
        if isinstance(value, Mapping) and "bytes" not in value:
            return self.check_input(value)
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
        if isinstance(value, Path):
            return folder / _at_home(value)
        if not isinstance(value, str) or not value.strip():
            return value
        scheme = _scheme(value)
        if scheme is None:
            return folder / _at_home(Path(value))
        return folder / _path_of(value) if scheme == "file" else value

    def check_input(self, value: Any) -> dict[str, str]:
        """`{"url"}` or `{"media"}` as it came, checked; a path of somebody else's machine means nothing here."""
        if isinstance(value, Mapping) and len(value) == 1:
            url, stored = value.get("url"), value.get("media")
            if isinstance(url, str) and _scheme(url) in ("http", "https"):
                return {"url": _address(url)}
            if isinstance(stored, str) and STORED.fullmatch(stored):
                return {"media": stored}
        raise DataError(f'expected {{"url": "https://…"}} or {{"media": "<sha256>.<extension>"}}, got {shorten(value)}')

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """Refuse: workers cannot answer with files."""
        raise AnswerError(f"workers cannot answer with {self.name}, got {shorten(value)}")

    def looking_seconds(self, value: Any) -> float:
        """As long as a file of this machine plays, and a moment to start it; of others what is usual."""
        path = value.get("file") if isinstance(value, Mapping) else None
        if path is None or self.kind == "image":
            return self.reading_seconds
        # Here, because files are looked at for nothing else when a task is written.
        from dataforge.media_files import played_seconds

        plays = played_seconds(Path(path))
        return self.reading_seconds if plays is None else plays + STARTING

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The file, shown or in a player."""
        return shown_file(self.kind, value)

    def _file(self, path: Path) -> dict[str, str]:
        path = _at_home(path).absolute()
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
