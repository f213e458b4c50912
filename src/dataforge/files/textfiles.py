"""Files of text as UTF-8, whatever they are packed in and written with.

UTF-8 is what a file is unless it says otherwise: the marks of UTF-16 and UTF-32 at its beginning do so beyond doubt,
all other encodings have to be named. A wrong guess would show workers texts that nobody wrote.
"""

from __future__ import annotations

import codecs
import gzip
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from dataforge.errors import DataError, DataForgeError

__all__ = [
    "TextFile",
    "ending_of",
    "is_address",
    "line_of",
    "local_path",
    "read_text",
    "refuse_other_encodings",
    "refuse_text",
]

PIECE = 16 << 20
# A drive of Windows has one letter.
ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:/")
LOOK = 1_000
# What stands in no text, whatever its encoding: NUL and its like, but tab and line breaks.
CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
UTF8 = "name no encoding, and save as UTF-8 what else is given with it"
GZIP = b"\x1f\x8b"
# The mark of UTF-32 begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# How files begin that are no text, and web pages, which come in place of a download that was refused.
OTHERS = {
    b"PK\x03\x04": "a spreadsheet or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet or another document",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"%PDF": "a PDF document",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"<!doctype": "a web page",
    b"<html": "a web page",
}


@dataclass(frozen=True)
class TextFile:
    """A file's name and its text as UTF-8, without the mark; `marked`: it began with the mark of UTF-8."""

    name: str
    data: bytes
    marked: bool = False


def is_address(path: str | os.PathLike[str]) -> bool:
    """Whether a path is an address on the web, also one that became a path by mistake."""
    return ADDRESS.match(os.fspath(path)) is not None


def local_path(path: str | os.PathLike[str], error: type[DataForgeError]) -> Path:
    """The path of a file or folder to be written on this machine; raises `error` for an address on the web."""
    if is_address(path):
        raise error(f"expected a path of this machine, got the address {os.fspath(path)[:200]!r}")
    return Path(path).expanduser()


def ending_of(path: Path) -> str:
    """The ending of a name that says what is in the file, in small letters: `.csv` of `data.CSV.gz`."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def read_text(path: Path, encoding: str | None = None) -> TextFile:
    """A file of text, unpacked if it is packed by gzip, from its own encoding or from the one that is named.

    What is to be UTF-8 is not looked at: `refuse_other_encodings` does so. Raises `DataError` if the file is no text,
    is cut, or has another encoding than the one that is named, and `OSError`.
    """
    # The whole file at once: somebody may be writing it anew.
    data = path.read_bytes()
    if data.startswith(GZIP):
        data = _unpacked(path.name, data)
    what = next((what for start, what in OTHERS.items() if data[:64].lstrip().lower().startswith(start.lower())), None)
    if what is not None:
        raise DataError(f"{path.name}: expected text, got {what}; give the file a name that says so, or another file")
    mark = next((mark for mark in MARKS if data.startswith(mark)), b"")
    wanted = MARKS[mark] if mark else _checked(path.name, encoding)
    if mark and encoding is not None and codecs.lookup(_checked(path.name, encoding)).name.partition("-")[0] != "utf":
        raise DataError(f"{path.name}: begins with the mark of {wanted.upper()}, so it is not {encoding}; {UTF8}")
    if wanted == "utf-8":
        return TextFile(path.name, data.removeprefix(mark), bool(mark))
    return TextFile(path.name, _converted(path.name, data, wanted))


def refuse_text(path: Path, expected: str) -> None:
    """Raise `DataError` if a file that is expected to be something else is one of text; raises `OSError`."""
    with path.open("rb") as file:
        start = file.read(LOOK)
    if start.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise DataError(f"{path.name}: expected {expected}, got a web page; get the file itself")
    if start.strip() and (CONTROL.isdisjoint(start) or any(map(start.startswith, MARKS))):
        raise DataError(f"{path.name}: expected {expected}, got text; give the file a name that says so, such as .csv")


def _unpacked(name: str, data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(f"{name}: cannot be unpacked, it is cut or damaged ({error}); get it anew") from None


def _checked(name: str, encoding: str | None) -> str:
    """The name of an encoding as Python has it; UTF-8 if none is named."""
    try:
        found = codecs.lookup(encoding or "utf-8").name
    except (LookupError, TypeError):
        raise DataError(
            f"{name}: no encoding is named {encoding!r}; some are 'utf-8', 'cp1251' (Russian Windows), 'cp1252' "
            "(Western Windows), 'utf-16'"
        ) from None
    return "utf-8" if found == "utf-8-sig" else found


def _converted(name: str, data: bytes, encoding: str) -> bytes:
    """The text as UTF-8; the mark of its encoding is gone."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = 1 + data[: error.start].decode(encoding, "replace").count("\n")
        raise DataError(
            f"{name}, line {line}: holds the byte 0x{data[error.start]:02x}, which is no {encoding}; "
            "name the encoding that it has, or save it as UTF-8"
        ) from None
    except LookupError as error:
        raise DataError(f"{name}: {error}") from None
    if not encoding.startswith("utf") and not data.isascii() and _is_utf8(data):
        raise DataError(f"{name}: is UTF-8, so it is not {encoding}; {UTF8}")
    return text.encode()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def refuse_other_encodings(name: str, data: bytes) -> None:
    """Raise `DataError` with the line of the first byte that is no UTF-8, if there is one."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + PIECE], final=start + PIECE >= len(data))
        except UnicodeDecodeError as error:
            place = start - held + error.start
            raise DataError(
                f"{name}, line {line_of(data, place)}: holds the byte 0x{data[place]:02x}, which is no UTF-8; "
                "name its encoding, such as encoding='cp1251' or --encoding cp1251, or save it as UTF-8"
            ) from None


def line_of(data: bytes, place: int) -> int:
    """The number of the line of a place, from 1."""
    before = data[:place]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
