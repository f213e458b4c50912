"""Pages that were answered, entered a batch at a time: a run may have millions of answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.records import REPORT_REASONS, Answer, PageSubmitted, ReportReason
from dataforge.runs.core.columns import Places
from dataforge.runs.core.quality import AnswerStore
from dataforge.runs.core.responses import NO_REPORT, SEVERAL, Responses
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["Entered", "enter_answers"]

PASSED_FOR_A_REPORT = 5
"""For so many control items that a worker has passed, one that nobody else reports may be reported freely."""


class Entered(NamedTuple):
    """What a batch had: answers to control items, those of them that were right, and reports by their reason."""

    controls: int
    correct: int
    reports: Mapping[ReportReason, int]


def enter_answers(
    submitted: Mapping[int, PageSubmitted], responses: Responses, answers: AnswerStore, workers: Sequence[WorkerRecord]
) -> Entered:
    """Enter what these pages, by number, say of their items and of those who answered them."""
    pages, index, numbers = responses.pages, responses.numbering.index, list(submitted)
    given = list(chain.from_iterable([event.answers for event in submitted.values()]))
    keys = chain.from_iterable([event.items for event in submitted.values()])
    items = np.fromiter(map(index.__getitem__, keys), np.int64, len(given))
    sizes = [len(event.items) for event in submitted.values()]
    reports = _reports(given)
    responses.take(numbers, sizes, items, reports)
    checked = answers.take(np.repeat([pages.worker[number] for number in numbers], sizes), items, given)
    reported = _reported(np.repeat(numbers, sizes), items, reports)
    turn = np.repeat(np.arange(len(sizes)), sizes)
    controls, correct = (
        np.bincount(turn[flags], minlength=len(sizes)).tolist() for flags in (checked.controls, checked.correct)
    )
    for number, many, right in zip(numbers, controls, correct, strict=True):
        record = workers[pages.worker[number]]
        pages.vouching.answered(number, record.number)
        record.control_total += many
        record.control_correct += right
        pages.controls[number], pages.correct[number] = many, right
        if number in reported:
            _note_reports(responses, number, record, reported[number])
    reasons = Counter(REPORT_REASONS[report - 1] for report in reports[reports != NO_REPORT].tolist())
    return Entered(sum(controls), sum(correct), reasons)


def _reports(answers: Sequence[Answer]) -> NDArray[np.int8]:
    """For each answer `NO_REPORT`, or the number of the reason for which the item was reported instead."""
    reports = np.zeros(len(answers), np.int8)
    # Nearly always there is none, and one look at all types costs less than one at each.
    for row, answer in enumerate(answers) if str in map(type, answers) else ():
        if isinstance(answer, str):
            reports[row] = REPORT_REASONS.index(answer) + 1
    return reports


def _reported(page: Places, items: Places, reports: NDArray[np.int8]) -> dict[int, list[int]]:
    """The items that were reported, by the number of the page."""
    found: dict[int, list[int]] = {}
    rows = np.flatnonzero(reports != NO_REPORT)
    for number, item in zip(page[rows].tolist(), items[rows].tolist(), strict=True):
        found.setdefault(number, []).append(item)
    return found


def _note_reports(responses: Responses, page: int, record: WorkerRecord, reported: Sequence[int]) -> None:
    """Note what was reported on a page: it counts for the page, and not for the record."""
    record.reported += reported
    responses.pages.reported[page] = len(reported)
    responses.pages.controls[page] += _unexcused(responses, record, reported)


def _unexcused(responses: Responses, record: WorkerRecord, reported: Sequence[int]) -> int:
    """How many of the control items that a worker reported on a page count as wrong.

    Those do not that several others have reported, nor one for every few that the worker has passed: who reports
    everything would otherwise meet no control item.
    """
    is_control, told = responses.numbering.control, responses.reported
    alone: int = sum(bool(is_control[place]) and told[place] < SEVERAL for place in reported)
    excused: int = min(alone, max(0, record.control_correct // PASSED_FOR_A_REPORT - record.excused))
    record.excused += excused
    return alone - excused
