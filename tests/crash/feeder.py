"""The processes that feed and follow the crash test's run, and that it kills; each remembers in a file how far it is.

python feeder.py feed WORKSPACE FILE FIRST BATCHES    adds batches of items one by one, then says that it is all
python feeder.py follow WORKSPACE FILE                writes down the final answers as they come
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import launcher

import dataforge as df
from dataforge.errors import RunError

BATCH = 7
# Each batch has items of the one before it.
AGAIN = 2


class Notes:
    """Lines that outlive the process; one that a kill has torn is cut off."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        self.lines: list[Any] = [json.loads(line) for line in whole.splitlines()]
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - kept open while the process lives
        self._file.truncate(len(whole))

    def add(self, value: Any) -> None:
        self._file.write(json.dumps(value).encode() + b"\n")
        os.fsync(self._file.fileno())


def batch(first: int, number: int) -> list[dict[str, str]]:
    start = first + number * BATCH
    return launcher.rows(start - (AGAIN if number else 0), BATCH + (AGAIN if number else 0))


def opened(workspace: Path) -> df.Run:
    while True:
        try:
            return df.open_run("crash", workspace=workspace)
        except RunError:
            time.sleep(0.05)


def feed(workspace: Path, notes: Notes, first: int, batches: int) -> None:
    run = opened(workspace)
    for number in range(len(notes.lines), batches):
        added = run.add(batch(first, number))
        notes.add([added.new, added.known])
        time.sleep(0.05)
    run.finish()


def follow(workspace: Path, notes: Notes) -> None:
    cursor = notes.lines[-1][0] if notes.lines else 0
    for answer in opened(workspace).follow(after=cursor):
        notes.add([answer.cursor, answer.key, answer.answers, answer.confidence, answer.overlap, answer.flag])


if __name__ == "__main__":
    what, workspace, file, *numbers = sys.argv[1:]
    if what == "feed":
        feed(Path(workspace), Notes(Path(file)), int(numbers[0]), int(numbers[1]))
    else:
        follow(Path(workspace), Notes(Path(file)))
