"""Files that may be `-`: what another program gives on standard input, what the next one reads from standard output."""

from __future__ import annotations

import shutil
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dataforge.errors import SpecError

__all__ = ["PIPE", "FormatOption", "check_pipe", "given_on", "read_in"]

PIPE = Path("-")

FormatOption = Annotated[
    str, typer.Option("--format", help="What `-` is, in place of a name's ending: csv, tsv, jsonl, parquet.")
]


def check_pipe(out: Path | None, *, as_json: bool) -> None:
    """Raise where two things are to be written to standard output at once."""
    if out == PIPE and as_json:
        raise SpecError("--json and --out - both write to standard output; choose one")


@contextmanager
def read_in(path: Path, form: str) -> Iterator[Path]:
    """The file itself; for `-`, a file with all that comes on standard input, for as long as it is needed."""
    if path != PIPE:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        taken = _named(folder, "standard-input", form)
        with taken.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield taken


@contextmanager
def given_on(path: Path | None, form: str) -> Iterator[Path | None]:
    """Where to write; what was written for `-` goes to standard output once it is whole."""
    if path != PIPE:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        written = _named(folder, "standard-output", form)
        yield written
        with written.open("rb") as file:
            # The mark is for spreadsheets, which open files; other programs take it for a part of the first name.
            file.seek(len(BOM_UTF8) if file.read(len(BOM_UTF8)) == BOM_UTF8 else 0)
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _named(folder: str, name: str, form: str) -> Path:
    return Path(folder) / f"{name}.{form.lower().removeprefix('.')}"
