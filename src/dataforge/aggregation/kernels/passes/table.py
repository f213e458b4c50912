"""The table of passes, of which there is one in numpy and one that is compiled."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats, Integers, Places
from dataforge.aggregation.kernels.exact import Grid
from dataforge.aggregation.kernels.parts import AgreementSums, ConfusionSums, Hits, Part

__all__ = ["Edges", "Passes"]

Balance = tuple[Floats, Floats, float]
# The left, top, right and bottom edges of frames, each as an array.
Edges = tuple[Floats, Floats, Floats, Floats]


class Passes(Protocol):
    """What algorithms ask of the answers; a module that has these functions is a table."""

    # Answers of tasks, workers and labels.
    def group(
        self, task: Integers, worker: Integers, label: Integers, n_tasks: int, n_labels: int, dtype: Any
    ) -> tuple[Places, NDArray[Any]]:
        """Offsets of the tasks, and the rows of pairs in their order."""
        ...

    def confusion_sums(self, part: Part, log_errors: Floats, log_prior: Floats) -> ConfusionSums:
        """One E-step under confusion matrices, and the sums for the M-step after it."""
        ...

    def confusion_posteriors(self, part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
        """Posteriors under confusion matrices, shape (n_tasks, n_labels)."""
        ...

    def graded_posteriors(self, part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
        """Posteriors of each difficulty with each label, the labels of one difficulty side by side."""
        ...

    def row_sums(self, part: Part, posteriors: Floats) -> Floats:
        """Posteriors added up by pair of worker and label, a row for each pair, as many columns as there are."""
        ...

    def agreement_sums(self, part: Part, gain: Floats, log_prior: Floats) -> AgreementSums:
        """One E-step under one number for each pair, and the sums for the M-step after it."""
        ...

    def agreement_posteriors(self, part: Part, gain: Floats, log_prior: Floats) -> Floats:
        """Posteriors under one number for each pair, shape (n_tasks, n_labels)."""
        ...

    def vote_sums(self, part: Part, weight: Floats | None) -> Floats:
        """Votes by task and label, weighted by worker if weights are given."""
        ...

    def counted_once(self, part: Part) -> Flags | None:
        """Which answers are not repetitions of the same worker's same answer; None if all are."""
        ...

    def hits(self, part: Part, truth: Codes) -> Hits:
        """Right and counted answers by worker."""
        ...

    def vote_hits(self, part: Part, weight: Floats) -> Hits:
        """Answers by worker that agree with the weighted vote, and answers that count."""
        ...

    def in_order(self, part: Part) -> Part:
        """The same answers, those to each task sorted by worker and label."""
        ...

    def passed_messages(self, part: Part, messages: Floats) -> tuple[Floats, float]:
        """What workers tell tasks next, and the greatest message, less its sign."""
        ...

    def beliefs(self, part: Part, messages: Floats) -> Floats:
        """What the messages say for label 0 against label 1, by task."""
        ...

    def difficulty_gradient(
        self, part: Part, alpha: Floats, exp_beta: Floats, posteriors: Floats, log_others: float, steps: Grid
    ) -> tuple[Floats, Floats, Floats]:
        """The expected log likelihood by task, and its gradients by tasks and by workers."""
        ...

    def difficulty_posteriors(
        self, part: Part, abilities: tuple[Floats, Floats], exp_beta: Floats, log_others: float, log_prior: Floats
    ) -> Floats:
        """Posteriors under abilities and difficulties, shape (n_tasks, n_labels)."""
        ...

    def exact_sums(self, *columns: Floats) -> Places:
        """The sum of each column as a long integer."""
        ...

    # Pairs of workers with common tasks.
    def trimmed_means(
        self,
        starts: Places,
        neighbour: Codes,
        shared: Floats,
        covariance: Floats,
        scale: Floats,
        current: Floats,
        share: float,
    ) -> Floats:
        """Mean ratio over each worker's pairs without this share of them at either end."""
        ...

    def trusted_means(
        self,
        starts: Places,
        neighbour: Codes,
        shared: Floats,
        covariance: Floats,
        scale: Floats,
        current: Floats,
        width: float,
    ) -> Floats:
        """Mean ratio over each worker's pairs near what is expected of them."""
        ...

    # Comparisons and texts.
    def balance(
        self,
        first: Codes,
        second: Codes,
        first_points: Floats,
        second_points: Floats,
        strength: Floats,
        tie_rate: float,
    ) -> Balance:
        """What pulls each item up and down, and the sum for the rate of ties."""
        ...

    def roots(self, first: Codes, second: Codes, n_items: int) -> Integers:
        """A number for each item, the same for all of a connected part."""
        ...

    def elo_ratings(
        self, left: Codes, right: Codes, outcome: Floats, ratings: Floats, step: float, scale: float
    ) -> Floats:
        """Ratings after the comparisons in the order given."""
        ...

    def aligned_votes(self, tokens: Codes, text_ends: Codes, task_ends: Codes) -> tuple[Codes, Codes]:
        """Winning tokens of every task, one after another, and where each task's end."""
        ...

    # Shapes.
    def overlaps(self, edges: Edges, answer: Places, last: Places, least: float) -> tuple[Places, Places, Floats]:
        """Pairs of frames of different answers, and their intersection over union where that is enough."""
        ...

    def joined(self, first: Places, second: Places, answer: Places) -> Places:
        """The lowest shape of each shape's cluster, after the pairs were joined in turn."""
        ...
