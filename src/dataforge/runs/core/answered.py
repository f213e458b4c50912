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
from dataforge.runs.core.control_reports import ControlReports
from dataforge.runs.core.quality import AnswerStore
from dataforge.runs.core.responses import NO_REPORT, Responses
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["Entered", "enter_answers"]


class Entered(NamedTuple):
    """What a batch had: answers to control items, those of them that were right, and reports by their reason."""

    controls: int
    correct: int
    reports: Mapping[ReportReason, int]


def enter_answers(
    submitted: Mapping[int, PageSubmitted],
    responses: Responses,
    answers: AnswerStore,
    workers: Sequence[WorkerRecord],
    control_reports: ControlReports,
) -> Entered:
    """Enter what these pages, by number, say of their items and of those who answered them."""
    pages, index, numbers = responses.pages, responses.numbering.index, list(submitted)
    given = list(chain.from_iterable([event.answers for event in submitted.values()]))
    keys = chain.from_iterable([event.items for event in submitted.values()])
    items = np.fromiter(map(index.__getitem__, keys), np.int64, len(given))
    sizes = [len(event.items) for event in submitted.values()]
    reports = _reports(given)
    first = len(responses)
    responses.take(numbers, sizes, items, reports)
    checked = answers.take(np.repeat([pages.worker[number] for number in numbers], sizes), items, given)
    failed = checked.controls & ~checked.correct
    responses.failed.extend(first + np.flatnonzero(failed))
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
            record.reported += reported[number]
            pages.reported[number] = len(reported[number])
            on_control = [item for item in reported[number] if responses.numbering.control[item]]
            # It counts for the page, and not for the record.
            pages.controls[number] += control_reports.note(number, record, on_control)
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
