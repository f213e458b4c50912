"""The passes compiled by numba, which is imported here and nowhere else."""

from dataforge.aggregation.kernels.passes.compiled.agreement import agreement_posteriors, agreement_sums
from dataforge.aggregation.kernels.passes.compiled.alignment import aligned_votes
from dataforge.aggregation.kernels.passes.compiled.clusters import joined, overlaps
from dataforge.aggregation.kernels.passes.compiled.common_tasks import trimmed_means, trusted_means
from dataforge.aggregation.kernels.passes.compiled.comparisons import balance, elo_ratings, roots
from dataforge.aggregation.kernels.passes.compiled.confusion import (
    confusion_posteriors,
    confusion_sums,
    graded_posteriors,
    row_sums,
)
from dataforge.aggregation.kernels.passes.compiled.difficulty import difficulty_gradient, difficulty_posteriors
from dataforge.aggregation.kernels.passes.compiled.exact import exact_sums
from dataforge.aggregation.kernels.passes.compiled.grouping import group
from dataforge.aggregation.kernels.passes.compiled.messages import beliefs, in_order, passed_messages
from dataforge.aggregation.kernels.passes.compiled.votes import counted_once, hits, vote_hits, vote_sums

__all__ = [
    "agreement_posteriors",
    "agreement_sums",
    "aligned_votes",
    "balance",
    "beliefs",
    "confusion_posteriors",
    "confusion_sums",
    "counted_once",
    "difficulty_gradient",
    "difficulty_posteriors",
    "elo_ratings",
    "exact_sums",
    "graded_posteriors",
    "group",
    "hits",
    "in_order",
    "joined",
    "overlaps",
    "passed_messages",
    "roots",
    "row_sums",
    "trimmed_means",
    "trusted_means",
    "vote_hits",
    "vote_sums",
]
