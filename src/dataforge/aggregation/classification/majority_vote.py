"""Majority vote, plain or weighted by skills that come from outside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.classification._votes import MissingSkill, summed_vote, weighted_vote, with_skills
from dataforge.aggregation.classification.verdict import Verdict, read_answers
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.kernels.parts import Hits, Part
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import Duplicates, LabelAnswers, numbers_by
from dataforge.aggregation.tables.values import as_series
from dataforge.arguments import named_entries

__all__ = ["MajorityVote"]


@dataclass(frozen=True, slots=True, eq=False)
class _Vote:
    """A vote over answers, with the weights that were given; `part` holds those answers that count."""

    answers: LabelAnswers
    weights: Floats | None
    part: Part
    verdict: Verdict

    def hits(self) -> Hits:
        """Answers that agree with the vote, and answers that count, by worker."""
        return steps.hits(steps.marked(self.part), self.verdict.best)


@named_entries
@dataclass(eq=False)
class MajorityVote(BaseClassificationAggregator):
    """The label that most workers chose, each worker counting as much as their skill if skills are given.

    `on_missing_skill` says what happens to answers of workers whose skill is unknown: an error ("error"), they are
    left out ("ignore"), or `default_skill` counts ("value"). Of labels with equal votes the least one wins.
    """

    default_skill: float | None = None
    on_missing_skill: MissingSkill = "error"
    duplicates: Duplicates = field(default="all", kw_only=True)
    _vote: _Vote | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table, skills: Keyed | None = None, true_labels: Keyed | None = None) -> Self:
        """The estimator itself; `skills` holds a weight for each worker: a Series, a mapping or a table.

        `true_labels` holds the known answer of some tasks, which stands in for their vote.
        """
        answers = read_answers(data, self.duplicates, true_labels)
        return self._accept(answers, _weights(answers, skills))

    def partial_fit(self, data: Table, skills: Keyed | None = None, true_labels: Keyed | None = None) -> Self:
        """The estimator itself with more answers; `skills` adds to the weights given so far, the later ones count."""
        answers = read_answers(data, self.duplicates, true_labels, early=True)
        earlier = self._vote
        if earlier is None:
            return self._accept(answers, _weights(answers, skills))
        joined, moves = earlier.answers.joined(answers, self.duplicates)
        weights = _weights(joined, skills)
        if earlier.weights is not None:
            before = moves.by_worker(earlier.weights, np.nan)
            weights = before if weights is None else np.where(np.isnan(weights), before, weights)
        return self._accept(joined, weights)

    def _accept(self, answers: LabelAnswers, weights: Floats | None) -> Self:
        counted, numbers = answers, weights
        if weights is not None:
            counted, numbers = with_skills(answers, weights, self.on_missing_skill, self.default_skill)
        part = counted.part()
        self._vote = _Vote(answers, weights, part, Verdict(counted, votes.shares(part, numbers)))
        return self

    def fit_predict(self, data: Table, skills: Keyed | None = None, true_labels: Keyed | None = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, skills, true_labels).labels_

    def fit_predict_proba(self, data: Table, skills: Keyed | None = None, true_labels: Keyed | None = None) -> Any:
        """The share of votes of each label, a row for each task."""
        return self.fit(data, skills, true_labels).probas_

    def predict(self, data: Table) -> Any:
        """The label of each task in other answers, by the vote with the skills that were given."""
        return weighted_vote(*self._others(data)).labels

    def predict_proba(self, data: Table) -> Any:
        """The share of votes of each label in other answers, with the skills that were given."""
        return weighted_vote(*self._others(data)).table

    def predict_scores(self, data: Table) -> Any:
        """The sum of votes for each label in other answers, with the skills that were given."""
        return summed_vote(*self._others(data)).table

    def _others(self, data: Table) -> tuple[LabelAnswers, Floats | None]:
        fitted = self._last
        answers = read_answers(data, self.duplicates)
        if fitted.weights is None:
            return answers, None
        places = fitted.answers.workers.locate(as_series(answers.workers))
        known = np.append(fitted.weights, np.nan)[places]
        return with_skills(answers, known, self.on_missing_skill, self.default_skill)

    @property
    def labels_(self) -> Any:
        """The aggregated label of each task, named `agg_label`."""
        return self._verdict.labels

    @property
    def probas_(self) -> Any:
        """The share of votes of each label (columns) for each task (rows)."""
        return self._verdict.table

    @property
    def skills_(self) -> Any:
        """The share of each worker's answers that agree with the vote."""
        hits = self._last.hits()
        return self._counted(hits).by_worker(votes.share_right(hits)[hits.given > 0], "skill")

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers` that count, `skill`, and its interval `low`, `high`.

        The interval is that of a Beta posterior with a flat prior over the answers that agree and those that do not;
        where the vote errs, agreement with it is not the share of right answers.
        """
        hits = self._last.hits()
        right, wrong = hits.right + 1, hits.given - hits.right + 1
        counted, there = self._counted(hits), hits.given > 0
        shares = votes.share_right(hits)[there]
        return beta_intervals(counted, hits.given[there], shares, right[there], wrong[there], level)

    def _counted(self, hits: Hits) -> LabelAnswers:
        """The answers under the names of those workers only of whom some count."""
        answers = self._verdict.answers
        return replace(answers, workers=answers.workers.take(np.flatnonzero(hits.given > 0)))

    @property
    def _last(self) -> _Vote:
        return self._after_fit(self._vote)

    @property
    def _verdict(self) -> Verdict:
        return self._last.verdict


def _weights(answers: LabelAnswers, skills: Keyed | None) -> Floats | None:
    return None if skills is None else numbers_by(answers.workers, skills, "skills", answers.kind)
