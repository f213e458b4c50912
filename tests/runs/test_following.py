"""What it costs to follow a run: its log is read once, however often one looks."""

import builtins
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dataforge.runs.core import log as run_log
from dataforge.runs.core.log import Final, FinalOutcome, RunLog, Ticked
from dataforge.runs.handle.follow import FinalAnswers

# More than is read at once, so that reading a part again would show.
ENTRIES = 3_000


class Counted:
    """Counts the bytes that are read from files it opens."""

    def __init__(self) -> None:
        self.read = 0

    def open(self, *arguments: Any, **more: Any) -> Any:
        file = builtins.open(*arguments, **more)  # noqa: SIM115 - its reader closes it
        if "r" in file.mode and "b" in file.mode and "+" not in file.mode:
            return _Reader(file, self)
        return file


class _Reader:
    def __init__(self, file: Any, counted: Counted) -> None:
        self._file, self._counted = file, counted

    def read(self, size: int) -> bytes:
        content: bytes = self._file.read(size)
        self._counted.read += len(content)
        return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(run_log, "open", counted.open, raising=False)
    return counted


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RunLog]:
    log = RunLog(tmp_path / "log.jsonl")
    yield log
    log.close()


def final(number: int) -> Final:
    return Final((f"i{number}",), (FinalOutcome("answer", ("dog",), (0.9,)),), (2,), ("",))


def test_following_reads_the_log_once(log: RunLog, tmp_path: Path, counted: Counted) -> None:
    path = tmp_path / "log.jsonl"
    log.append([entry for n in range(ENTRIES) for entry in (*[Ticked(1.0)] * 20, final(n))])
    answers = FinalAnswers(path)
    assert [answer.cursor for answer in answers.after(0)] == list(range(1, ENTRIES + 1))
    assert counted.read <= path.stat().st_size
    counted.read = 0
    log.append([final(ENTRIES)])
    assert [answer.key for answer in answers.after(ENTRIES)] == [f"i{ENTRIES}"]
    assert counted.read < 1_000


def test_looking_again_at_a_run_without_final_answers_reads_what_is_new(
    log: RunLog, tmp_path: Path, counted: Counted
) -> None:
    path = tmp_path / "log.jsonl"
    log.append([Ticked(1.0)] * ENTRIES)
    answers = FinalAnswers(path)
    for _ in range(3):
        assert list(answers.after(0)) == []
    assert counted.read <= path.stat().st_size
    log.append([Ticked(2.0), final(0)])
    assert [answer.key for answer in answers.after(0)] == ["i0"]
    assert [answer.key for answer in answers.after(0)] == ["i0"]
    assert counted.read <= path.stat().st_size + 1_000


def test_followers_at_different_cursors_do_not_disturb_each_other(log: RunLog, tmp_path: Path) -> None:
    log.append([entry for n in range(20) for entry in (Ticked(1.0), final(n))])
    answers = FinalAnswers(tmp_path / "log.jsonl")
    slow, fast = answers.after(0), answers.after(10)
    assert [answer.cursor for answer in itertools.islice(slow, 3)] == [1, 2, 3]
    assert [answer.cursor for answer in fast] == list(range(11, 21))
    assert [answer.cursor for answer in slow] == list(range(4, 21))
    for cursor in range(22):
        assert [answer.cursor for answer in answers.after(cursor)] == list(range(cursor + 1, 21))
