"""Whether answers are right, said by those who judge them in words of the requester's own: points, or what is wrong.

What they say is one of two things, right or wrong, and so it is combined, compared with what is known and counted: how
sure it is that an answer is wrong does not depend on whether people agree about why. The result is what most of them
said who are on the side that is found so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from msgspec.structs import replace as replaced
from numpy.typing import NDArray

from dataforge.data.items import Items
from dataforge.data.places import Rows
from dataforge.data.tables import cells, column_of, table_of
from dataforge.objects.boolean import Boolean
from dataforge.policy import Policy
from dataforge.runs.core.columns import Column, Places, places_in
from dataforge.runs.core.log import FinalOutcome
from dataforge.runs.core.quality import Answer, Checked, Outcome, Way
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._labels import LabelColumn, labelled
from dataforge.runs.quality._parts import Part
from dataforge.runs.quality.consensus import ConsensusQuality
from dataforge.tasks.task import Slot

__all__ = ["PLUGIN", "JudgeQuality"]

ROWS = Rows("known answers")


class JudgeQuality(ConsensusQuality):
    """Consensus on right or wrong of one output whose labels say either; what was said is kept beside."""

    left_out: ClassVar[tuple[str, ...]] = (*ConsensusQuality.left_out, "_slot", "_rights", "_said")

    def __init__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> None:
        [self._slot] = outputs
        self._rights = frozenset(self._slot.type.rights() or ())
        self._said = LabelColumn(self._slot.name, self._slot.type.labels() or ())
        self._told: Column[np.int16] = Column(np.int16, fill=-1)
        super().__init__([replace(self._slot, type=Boolean())], policy, responses)

    # --- taking in --------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Make room for further items, whose known answers are right or wrong."""
        known = cells(items.answers, self._slot.name)
        self._told.extend(self._said.codes_of(known))
        means = column_of(list(map(self._means, known)), self._slot.name, ROWS)
        super().grow(replace(items, answers=table_of([means]), rows=self._voted(items.rows)))

    def _voted(self, rows: pa.Table) -> pa.Table:
        """The rows with what models mean by what they say."""
        for name in self._voters.columns:
            if (place := rows.schema.get_field_index(name)) >= 0:
                rows = rows.set_column(place, *column_of(list(map(self._means, cells(rows, name))), name, ROWS))
        return rows

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers, and what they mean."""
        self._said.take(answers)
        return super().take(workers, items, [one if isinstance(one, str) else self._meaning(one) for one in answers])

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Hold an item to what an answer means."""
        self._told.values[item] = -1 if answer is None else self._said.code(answer[self._slot.name])
        return super().know(item, rows, None if answer is None else self._meaning(answer), right=right)

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """Hold these items to what was declared of them."""
        [outcome] = outcomes
        super().declare(items, [replaced(outcome, values=tuple(map(self._means, outcome.values)))])

    # --- what came out ----------------------------------------------------------------------------

    def given(self, responses: Places) -> dict[str, NDArray[np.object_]]:
        """What was said."""
        return {self._slot.name: self._said.given(responses)}

    def known(self, items: Places) -> dict[str, NDArray[np.object_]]:
        """What is known to be said of these items."""
        return {self._slot.name: labelled(self._said.labels, self._told.values[items])}

    def outcomes(self, items: Places) -> list[Outcome]:
        """What most said of these items who said that they are right, or wrong, whichever they are found to be."""
        [outcome] = super().outcomes(items)
        means = np.array([label in self._rights for label in self._said.labels])
        found = np.array([-1 if value is None else int(value) for value in outcome.values.tolist()])
        votes = self._votes(items)
        votes[found[:, None] != means] = 0
        codes = np.where(votes.any(axis=1), votes.argmax(axis=1), -1)
        codes = np.where((self._told.values[items] >= 0) & (found >= 0), self._told.values[items], codes)
        return [Outcome(outcome.output, labelled(self._said.labels, codes.astype(np.int16)), outcome.confidence)]

    def _votes(self, items: Places) -> NDArray[np.int64]:
        """How many said what of these items, shape (items, labels)."""
        rows = self._responses.of(items)
        codes, of = self._said.codes[rows], self._responses.item.values[rows]
        votes = np.zeros((len(items), len(self._said.labels)), np.int64)
        np.add.at(votes, (places_in(items, of[codes >= 0], len(self._numbering)), codes[codes >= 0]), 1)
        return votes

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items are found what."""
        answered = np.flatnonzero(self._responses.answered(np.arange(len(self._numbering))) > 0)
        [found] = self.outcomes(answered)
        said = Counter(found.values.tolist())
        return {found.output: {str(label): said[label] for label in self._said.labels}}

    def parts(self) -> dict[str, Part]:
        """What a checkpoint holds under names of its own."""
        return {**super().parts(), "said": self._said}

    # --- inside -----------------------------------------------------------------------------------

    def _means(self, value: Any) -> bool | None:
        return None if value is None else value in self._rights

    def _meaning(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: self._means(value) for name, value in answer.items()}


PLUGIN: Way = JudgeQuality
