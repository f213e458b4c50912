"""Answers that are files: they may name what their worker has sent for this page and output, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from dataforge.errors import Refused
from dataforge.issue.rows import PageRow
from dataforge.issue.rules import COUNTED
from dataforge.issue.run import Run
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.worker_files import SentFile
from dataforge.records import Answer

__all__ = ["settle", "with_lengths"]

Sent = Mapping[tuple[str, str], SentFile]


def with_lengths(store: SqliteStore, run: Run, page: PageRow, answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """The answers, with how long each file really plays; raises `Refused` 422 where one was not sent.

    Of a page whose answers are kept already nothing is refused: these count no more, whatever they name.
    """
    if not run.takes_files:
        return tuple(answers)
    sent, present = store.worker_files.of_page(page), store.pages.by_page(page.page)
    kept = present is not None and present.state in COUNTED
    for item, output, media in _named(run, answers):
        if (output, media) not in sent and not kept:
            raise Refused(
                f"item {item + 1}: the file {media!r} was not sent for this page: send it first",
                status=422,
                code="file_not_sent",
                details={"item": item, "output": output, "media": media},
            )
    return tuple(_measured(answer, sent) for answer in answers)


def _measured(answer: Answer, sent: Sent) -> Answer:
    if isinstance(answer, str):
        return answer
    return {output: _with_length(output, value, sent) for output, value in answer.items()}


def _with_length(output: str, value: Any, sent: Sent) -> Any:
    if not isinstance(value, dict) or "seconds" not in value or "media" not in value:
        return value
    file = sent.get((output, value["media"]))
    return value if file is None or file.seconds is None else value | {"seconds": round(file.seconds, 3)}


def settle(store: SqliteStore, run: Run, page: PageRow) -> None:
    """Keep the files that the page's kept answers name, and let go of the others."""
    kept = store.pages.answers(page.page) if run.takes_files else None
    if kept is not None:
        answers = msgspec.json.decode(kept, type=list[Answer])
        store.worker_files.settle(page, {(output, media) for _, output, media in _named(run, answers)})


def _named(run: Run, answers: Sequence[Answer]) -> Iterator[tuple[int, str, str]]:
    """Item, output and name of each file in the answers."""
    kinds = [(slot.name, slot.type) for slot in run.task.outputs if slot.type.file_rules() is not None]
    for item, answer in enumerate(answers):
        if isinstance(answer, str):
            continue
        for output, kind in kinds:
            if answer.get(output) is not None:
                yield from ((item, output, media) for media in kind.files_of(answer[output]))
