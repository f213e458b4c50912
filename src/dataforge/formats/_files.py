"""Files of formats, read with a word of where they are wrong."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

import msgspec

from dataforge.errors import DataError
from dataforge.files.textfiles import line_of, read_text

__all__ = ["child", "decoded", "files_in", "found_in", "number", "number_of", "text_in", "text_of", "within", "xml_of"]

T = TypeVar("T")


def text_of(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark; raises `DataError`."""
    try:
        data = read_text(path).data
        return data.decode()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name}, line {line_of(data, error.start)}: holds the byte 0x{data[error.start]:02x}, which is no "
            "UTF-8; save it as UTF-8"
        ) from None


def decoded(path: Path, kind: type[T]) -> T:
    """The JSON of a file as such a thing; raises `DataError` with the place."""
    try:
        return msgspec.json.decode(text_of(path), type=kind)
    except msgspec.MsgspecError as error:
        what = str(error)
        raise DataError(f"{path.name}: {what[:1].lower()}{what[1:]}; mend it there") from None


def xml_of(path: Path, root: str) -> ElementTree.Element:
    """The root of an XML file, which has that name; raises `DataError` with the line."""
    data = _bytes_of(path)
    if b"<!ENTITY" in data:
        raise DataError(f"{path.name}: declares entities, which no label needs; write out what they stand for")
    try:
        found = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise DataError(f"{path.name}, line {line}, column {column + 1}: is no XML ({error}); mend it there") from None
    if found.tag != root:
        raise DataError(f"{path.name}: expected XML with the root <{root}>, got <{found.tag}>; give another file")
    return found


def text_in(parent: ElementTree.Element, tag: str, value: object) -> None:
    """Add an element with a text."""
    ElementTree.SubElement(parent, tag).text = str(value)


def child(parent: ElementTree.Element, tag: str) -> ElementTree.Element:
    """The element of that name in another one; raises `DataError`."""
    found = parent.find(tag)
    if found is None:
        raise DataError(f"expected <{tag}> in <{parent.tag}>, got none")
    return found


def number_of(parent: ElementTree.Element, tag: str) -> float:
    """The number in the element of that name; raises `DataError`."""
    written = child(parent, tag).text or ""
    return number(written, f"<{tag}>")


def number(written: str | None, what: str) -> float:
    """A number as it is written; raises `DataError` with what it is."""
    try:
        found = float(written or "")
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise DataError(f"{what}: expected a number, got {written!r}")
    return found


def files_in(folder: Path, *endings: str, named: Collection[Path] = ()) -> Iterator[tuple[str, Path]]:
    """The files in a folder and those in it whose names end so, each with its path from there without the ending.

    `named`: as `found_in` has it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: expected a folder; check the path")
    there = [path for path in found_in(folder, endings, named) if not _is_hidden(path)]
    if not there:
        raise DataError(f"{folder}: there is no file that ends in {' or '.join(endings)}; name their folder")
    for path in there:
        yield path.relative_to(folder).with_suffix("").as_posix(), path


def found_in(folder: Path, endings: Collection[str], named: Collection[Path] = ()) -> list[Path]:
    """The files in a folder and those in it whose names end so, in order; raises `DataError` if a link leads one out.

    `named`: the folders that the user named, one of which each file has to lie in; by default this one.
    """
    tops = [top.resolve() for top in named or (folder,)]
    there = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings)
    for path in there:
        real = _real(path)
        if not any(real.is_relative_to(top) for top in tops):
            raise _led_out(path, next(iter(named), folder))
    return there


def within(folder: Path, name: str | Path) -> Path:
    """Where a file lies that another file names; raises `DataError` if that leads out of the folder, by a link too.

    Who got the file from somebody else gives no more to workers than lies in the folder that was named.
    """
    path = folder / name
    if not _real(path, name).is_relative_to(folder.resolve()):
        raise _led_out(name, folder)
    return path


def _real(path: Path, name: str | Path | None = None) -> Path:
    """Where a path leads in the end; raises `DataError` with the name it was given by."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"{str(name or path)!r} is no name of a file ({error}); mend it there") from None


def _led_out(name: str | Path, folder: Path) -> DataError:
    return DataError(
        f"{str(name)!r} leads out of the folder {str(folder)!r}; put it there, or name a folder that has all, folder=…"
    )


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path") from None
