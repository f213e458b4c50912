"""What the classification estimators share: reading answers, and results as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dataforge.aggregation._frames import Codes, Floats, pairs
from dataforge.aggregation._known import need_a_common_task
from dataforge.aggregation._responses import Duplicates, Responses, read_responses
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.kernels.ties import winners

__all__ = ["Classifier", "ProbableClassifier", "Verdict"]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is believed of each task: a row of numbers, one for each label."""

    responses: Responses
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
        return self.responses.chosen(self.best)

    @cached_property
    def table(self) -> Any:
        """The numbers, a row for each task and a column for each label."""
        return self.responses.probabilities(self.matrix)


@dataclass(eq=False)
class Classifier(BaseClassificationAggregator):
    """An estimator over the columns `task`, `worker`, `label`.

    `duplicates` says what happens when a worker answered a task more than once: every answer counts ("all"), the
    last row does ("last"), or it is an error ("error").
    """

    duplicates: Duplicates = field(default="all", kw_only=True)

    def _read(self, data: Any, true_labels: Any = None, *, early: bool = False) -> Responses:
        """Answers with what is known of their tasks, and if `early` maybe of tasks to come alone."""
        responses = read_responses(data, duplicates=self.duplicates, true_labels=true_labels)
        if true_labels is not None and not early:
            need_a_common_task(responses.tasks, pairs(true_labels, "known answers", responses.kind)[0])
        return responses

    @property
    def labels_(self) -> Any:
        """The aggregated label of each task, named `agg_label`."""
        return self._need("_verdict").labels


@dataclass(eq=False)
class ProbableClassifier(Classifier):
    """A classifier whose numbers are probabilities."""

    @property
    def probas_(self) -> Any:
        """The probability of each label (columns) for each task (rows)."""
        return self._need("_verdict").table
