"""What an aggregation of a file found, and how well, as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Known", "Summary", "WorkerBelow"]


@dataclass(frozen=True, slots=True)
class WorkerBelow:
    """A worker whose agreement with the others is below the crowd's, beyond what chance explains."""

    worker: Any
    answers: int
    agreement: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Known:
    """How known answers compare with what was found.

    `n` are of tasks with answers, `unanswered` of tasks without; `unheard` are the known labels that no worker gave,
    `heard` some labels that workers gave. `learnt` tells that the method learnt from the known answers.
    """

    n: int = 0
    unanswered: int = 0
    accuracy: float | None = None
    error: float | None = None
    correlation: float | None = None
    unheard: tuple[Any, ...] = ()
    heard: tuple[Any, ...] = ()
    learnt: bool = False

    def lines(self) -> list[str]:
        """The comparison as a person reads it."""
        lines = [self._quality()]
        if self.unanswered and self.n:
            lines.append(
                f"{self.unanswered:,} of {self.n + self.unanswered:,} known answers name tasks without answers"
            )
        if self.unheard and self.accuracy is not None:
            lines.append(f"known labels that no worker gave: {_some(self.unheard)}; workers gave {_some(self.heard)}")
        return lines

    def _quality(self) -> str:
        if not self.n:
            return f"accuracy unknown: none of the tasks of {self.unanswered:,} known answers has an answer"
        if self.accuracy is not None:
            also = ", from which the method learnt" if self.learnt else ""
            return f"accuracy {self.accuracy:.2%} on {self.n:,} known answers{also}"
        if self.error is not None:
            return f"mean absolute error {self.error:.4g} on {self.n:,} known answers"
        if self.correlation is not None:
            return f"rank correlation {self.correlation:.3f} with {self.n:,} known scores"
        if self.unheard:
            return (
                f"accuracy unknown: no worker gave a known label: {_some(self.unheard)}, they gave {_some(self.heard)}"
            )
        return f"accuracy unknown: {self.n} known answers do not suffice"


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What was found, and what is known of its quality; what cannot be measured is None or NaN.

    `labels` is an Arrow table: `task`, `label`, `probability` (where the method has one) and `answers`; elsewhere
    `value`, `text`, `output`, `segmentation` in place of the label, and of comparisons `item`, `score` and
    `comparisons`. `n_tasks` counts its rows. `agreement` is the share of pairs of answers to one task that are equal;
    `alpha` is Krippendorff's for nominal labels; both are None of what is no label, NaN without a pair. `known` is
    there if known answers were given: `accuracy` is the share of right labels, `error` the mean absolute error of
    numbers, `correlation` Spearman's rank correlation of scores. `unskilled` counts the workers who met no known
    answer, to whom gold-majority-vote gives the mean skill. `ceiling`: what no probability exceeds, where the method
    limits them, and `taught` whether it learnt from known answers. `warnings` say why a result is not to be trusted.
    """

    method: str
    labels: pa.Table
    n_answers: int
    n_tasks: int
    n_workers: int | None
    agreement: float | None = None
    alpha: float | None = None
    known: Known | None = None
    unskilled: int = 0
    below: tuple[WorkerBelow, ...] = ()
    ceiling: float | None = None
    taught: bool = False
    warnings: tuple[str, ...] = ()
    n_iter: int | None = None
    converged: bool | None = None

    def lines(self) -> list[str]:
        """The summary as a person reads it."""
        workers = "" if self.n_workers is None else f" of {self.n_workers:,} workers"
        compared = "item" in self.labels.column_names
        what, of = (
            ("comparisons", f"of {self.n_tasks:,} items") if compared else ("answers", f"to {self.n_tasks:,} tasks")
        )
        lines = [f"{self.n_answers:,} {what}{workers} {of}, by {self.method}"]
        if self.alpha is not None:
            lines.append(
                "agreement unknown: no task has two answers"
                if np.isnan(self.alpha)
                else f"agreement of two answers {self.agreement:.1%}, Krippendorff's alpha {self.alpha:.3f}"
            )
        if self.n_iter is not None:
            lines.append(f"{self.n_iter} iterations, {'converged' if self.converged else 'not converged'}")
        if self.ceiling is not None:
            shown = ", as known answers show" if self.taught else "; known answers (--known) tell it better"
            lines.append(f"these workers can be trusted no further than {self.ceiling:.3f}{shown}")
        lines += [f"warning: {warning}" for warning in self.warnings]
        if self.known is not None:
            lines += self.known.lines()
        if self.unskilled:
            lines.append(f"{self.unskilled} workers met no known answer: they count with the mean skill")
        if self.below:
            lines.append(f"{len(self.below)} worker{'s' * (len(self.below) > 1)} far below the crowd:")
            lines += [
                f"  {worker.worker}: {worker.agreement:.0%} agreement with the others over {worker.answers} answers"
                for worker in self.below[:10]
            ]
        return lines


def _some(labels: tuple[Any, ...]) -> str:
    return ", ".join(map(repr, labels[:5])) + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
