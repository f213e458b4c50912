"""How a run has ended, read from the end of its log: for those who must know it and nothing else of the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import msgspec

from dataforge.errors import RunError

__all__ = ["LOG_FILE", "OVER", "Ending", "last_ending", "lines_from_end"]

Ending = Literal["done", "budget", "time", "stopped"]
OVER = frozenset(get_args(Ending))

LOG_FILE = "log.jsonl"
# What may follow the end of a run: marks that orders were sent, and that the end was shown.
AFTER_THE_END = (b'{"entry":"sent"', b'{"entry":"shown"')
FINISHED = b'{"entry":"finished"'
# No shorter than the lines that nearly every log of a run that is over ends with.
LAST_LINES = 1_000


class _Finished(msgspec.Struct):
    ending: Ending


def last_ending(log: Path) -> Ending | None:
    """How the run ended, read from the log's end only; None if it has not."""
    for line in lines_from_end(log):
        if line.startswith(FINISHED):
            try:
                return msgspec.json.decode(line, type=_Finished).ending
            except msgspec.MsgspecError as error:
                raise RunError(
                    f"the run log {str(log)!r} is damaged at its end: {error}; restore the folder from a copy"
                ) from error
        if not line.startswith(AFTER_THE_END):
            break
    return None


def lines_from_end(log: Path) -> Iterator[bytes]:
    """The log's whole lines, the last one first; reads little more than is asked for. Without a log there are none."""
    try:
        file = open(log, "rb")  # noqa: SIM115 - closed below
    except FileNotFoundError:
        return
    with file:
        start = file.seek(0, os.SEEK_END)
        step, rest, torn = LAST_LINES, b"", True
        while start > 0:
            start, end = max(0, start - step), start
            file.seek(start)
            lines = (file.read(end - start) + rest).split(b"\n")
            rest, whole = lines[0], lines[1:]
            if torn and whole:
                # What follows the last line end is still being written.
                whole.pop()
                torn = False
            yield from reversed(whole)
            step *= 2
        if rest and not torn:
            yield rest
