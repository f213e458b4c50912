"""What classification estimators find, in codes and as tables, and the answers that they find it in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.kernels.ties import winners
from dataforge.aggregation.memory import refuse_beyond_memory
from dataforge.aggregation.tables.frames import Keyed, Table, pairs
from dataforge.aggregation.tables.known import known_pairs, need_a_common_task
from dataforge.aggregation.tables.labels import Duplicates, LabelAnswers, read_labels

__all__ = ["Judge", "Verdict", "read_answers", "verdict_of"]

# Tables of all tasks and labels that a method has in memory at once: votes, and what is made of them.
TABLES = 2


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is believed of each task: a row of numbers, one for each label."""

    answers: LabelAnswers
    matrix: Floats
    codes: Codes | None = None

    @cached_property
    def best(self) -> Codes:
        """The code of the label with the greatest number; the least of equals."""
        if self.codes is not None:
            return self.codes
        return winners(self.matrix)

    @cached_property
    def labels(self) -> Any:
        """The label of each task."""
        return self.answers.chosen(self.best)

    @cached_property
    def table(self) -> Any:
        """The numbers, a row for each task and a column for each label."""
        return self.answers.probabilities(self.matrix)


class Judge(Protocol):
    """A classification estimator, fitted."""

    @property
    def _verdict(self) -> Verdict: ...


def verdict_of(estimator: Judge) -> Verdict:
    """What a fitted classification estimator believes, in codes."""
    return estimator._verdict


def read_answers(
    data: Table,
    duplicates: Duplicates,
    true_labels: Keyed | None = None,
    *,
    early: bool = False,
    several: bool = False,
) -> LabelAnswers:
    """Answers with what is known of their tasks, and if `early` maybe of tasks to come alone.

    `several` says that a task may have several right labels, as rows of their own.

    `duplicates` says what happens when a worker answered a task more than once: every answer counts ("all"), the last
    row does ("last"), or it is an error ("error").
    """
    answers = read_labels(data, duplicates=duplicates, true_labels=true_labels)
    n_tasks, _, n_labels = answers.shape
    refuse_beyond_memory(
        TABLES * 8.0 * n_tasks * n_labels,
        f"numbers for each of {n_labels:,} labels of {n_tasks:,} tasks",
        "aggregate some tasks at a time, or drop labels that hardly anybody gave",
    )
    if true_labels is not None:
        taken = pairs if several else known_pairs
        tasks, _ = taken(true_labels, "known answers", answers.kind)
        if not early:
            need_a_common_task(answers.tasks, tasks)
    return answers
