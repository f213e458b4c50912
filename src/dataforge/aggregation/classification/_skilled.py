"""What estimators share that learn one skill per worker and then take a weighted vote."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.classification._votes import WorkerSkills, summed_vote, weighted_vote, with_skills
from dataforge.aggregation.classification.verdict import Verdict, read_answers
from dataforge.aggregation.kernels.parts import Hits
from dataforge.aggregation.progress import Course
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import Duplicates, LabelAnswers
from dataforge.arguments import named_entries

__all__ = ["Agreement", "SkilledVote"]


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """A skill for each worker, NaN where nothing is known of one, and the answers that it is the share of."""

    skills: Floats
    hits: Hits
    course: Course | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Learnt:
    """What a fit leaves behind: the answers, and how far their workers agree."""

    answers: LabelAnswers
    agreement: Agreement

    @property
    def skills(self) -> WorkerSkills:
        """The skills with the names of the workers."""
        return WorkerSkills(self.answers.workers, self.agreement.skills, self.answers.kind)


@named_entries
@dataclass(eq=False)
class SkilledVote(BaseClassificationAggregator):
    """Skills first, then a vote weighted by them; `predict` votes on any answers of workers seen in `fit`.

    Known answers stand in for the vote of their tasks, and skills are measured against them.
    """

    several_right: ClassVar[bool] = False
    """Whether a task may have several right labels, as rows of their own."""

    duplicates: Duplicates = field(default="all", kw_only=True)
    _learnt: _Learnt | None = field(default=None, init=False, repr=False)
    _voted: Verdict | None = field(default=None, init=False, repr=False)

    @abstractmethod
    def _agreement(self, answers: LabelAnswers, start: Floats | None) -> Agreement:
        """The skills; `start` holds skills learnt from fewer answers."""

    def fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself, with `skills_` learnt; `true_labels` holds the known answer of some tasks."""
        return self._learn(read_answers(data, self.duplicates, true_labels, several=self.several_right))

    def partial_fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself with more answers; `skills_` and `labels_` are those of all answers so far."""
        answers = read_answers(data, self.duplicates, true_labels, early=True, several=self.several_right)
        if self._learnt is None:
            return self._learn(answers)
        joined, _ = self._learnt.answers.joined(answers, self.duplicates)
        return self._learn(joined, self._learnt.skills.of(joined))

    def predict(self, data: Table) -> Any:
        """The label of each task by the weighted vote."""
        return self._vote(read_answers(data, self.duplicates)).labels

    def predict_proba(self, data: Table) -> Any:
        """The share of the weighted vote for each label."""
        return self._vote(read_answers(data, self.duplicates)).table

    def predict_scores(self, data: Table) -> Any:
        """The sum of the skills of those who chose each label, a row for each task."""
        skills = self._last.skills
        answers = read_answers(data, self.duplicates)
        return summed_vote(*with_skills(answers, skills.of(answers), "error", None)).table

    def fit_predict(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The label of each task by the vote weighted with skills learnt from the same answers."""
        return self.fit(data, true_labels).labels_

    def fit_predict_proba(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The share of the vote weighted with skills learnt from the same answers."""
        return self.fit(data, true_labels).probas_

    @property
    def labels_(self) -> Any:
        """The aggregated label of each task, named `agg_label`: of the last `predict`, or of the answers fitted."""
        return self._verdict.labels

    @property
    def probas_(self) -> Any:
        """The share of the weighted vote for each label (columns) by task (rows)."""
        return self._verdict.table

    @property
    def skills_(self) -> Any:
        """The skill of each worker."""
        return self._last.skills.table()

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers` that count, `skill`, and its interval `low`, `high`.

        The interval is that of a Beta posterior with a flat prior over the answers that agree and those that do not;
        where the vote errs, agreement with it is not the share of right answers.
        """
        agreement = self._last.agreement
        right, given = agreement.hits
        return beta_intervals(self._last.answers, given, agreement.skills, right + 1, given - right + 1, level)

    @property
    def _last(self) -> _Learnt:
        return self._after_fit(self._learnt)

    @property
    def _verdict(self) -> Verdict:
        return self._vote(self._last.answers) if self._voted is None else self._voted

    def _learn(self, answers: LabelAnswers, start: Floats | None = None) -> Self:
        self._learnt, self._voted = _Learnt(answers, self._agreement(answers, start)), None
        return self

    def _vote(self, answers: LabelAnswers) -> Verdict:
        self._voted = weighted_vote(*with_skills(answers, self._last.skills.of(answers), "error", None))
        return self._voted
