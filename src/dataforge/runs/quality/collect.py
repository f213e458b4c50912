"""Collected answers: all are kept as they came, none is made the answer, and nothing is said of how sure they are.

An item's answers are a list for each output. It has all it wants with the least number of answers asked for. Who writes
or draws what others did is named; of options nothing is said, for people of one mind choose alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.data.items import Items
from dataforge.policy import Policy
from dataforge.records import Texts
from dataforge.runs.core import texts
from dataforge.runs.core.columns import Arrays, Column, Flags, Places
from dataforge.runs.core.log import FinalOutcome, Fitted
from dataforge.runs.core.pages import ACCEPTED
from dataforge.runs.core.quality import Answer, Checked, Outcome, Verdict, Way
from dataforge.runs.core.responses import NO_REPORT, Responses
from dataforge.runs.quality._copied import Copied
from dataforge.runs.quality._fits import answers_of_a_fit, fit_due, load_fits, of_fit, save_fits
from dataforge.runs.quality._parts import Part, load_parts, saved_parts
from dataforge.runs.quality._untold import Untold
from dataforge.runs.quality._values import Values, objects
from dataforge.runs.quality._watched import numbered
from dataforge.runs.quality._without_options import WithoutOptions
from dataforge.tasks.task import Slot

__all__ = ["PLUGIN", "CollectQuality"]

BINS = 20
# What a checkpoint need not hold, or holds in parts.
LEFT_OUT = ("_outputs", "_responses", "_values", "_untold", "_asked", "_copied")


class CollectQuality(WithoutOptions):
    """The answers to a run's items, of whatever types."""

    with_verdicts: ClassVar[bool] = True

    def __init__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> None:
        self._outputs = tuple(outputs)
        self._responses = responses
        self._asked = policy.min_overlap
        self._values = Values(outputs, policy, responses)
        self._untold = Untold(responses.numbering)
        self._is_final: Column[np.bool_] = Column(np.bool_)
        # The responses that the lists of final items have: others may be accepted later.
        self._listed: Column[np.bool_] = Column(np.bool_)
        self._told: Column[np.int32] = Column(np.int32)
        self._copied = tuple(Copied(slot, self._values, responses) for slot in outputs)
        # As of the last look at all answers: whose are like whose, -1 of those who answer by themselves.
        self._rings = np.empty(0, np.int64)
        self._file = ""

    # --- taking in --------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Make room for further items, numbered after those there."""
        for copied in self._copied:
            copied.grow(len(self._is_final), items)
        self._values.grow(items)
        self._untold.grow(items.count)
        for column in (self._is_final, self._told):
            column.grow(len(column) + items.count)

    def add_worker(self) -> None:
        """Nothing is kept by worker."""

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers, and compare those to control items."""
        self._listed.grow(len(self._listed) + len(items))
        return self._values.take(items, answers)

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Hold an item to these answers; one that is no control item has them and no others from now on."""
        self._untold.note(np.array([item]))
        return self._values.know(item, rows, answer)

    def release(self, items: Places) -> None:
        """Have all accepted answers to these items again."""
        self._is_final.values[items] = False
        self._listed.values[self._responses.of(items)] = False
        self._untold.note(items)

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """Keep the lists of these items as they are."""
        self._is_final.values[items] = True
        self._listed.values[self._responses.of(items)] = True

    def revise(self, policy: Policy) -> None:
        """Want as many answers as another policy."""
        self._asked = policy.min_overlap

    # --- keeping up -------------------------------------------------------------------------------

    def gains(self, items: Places) -> Flags:
        """None: an item needs as many answers as were asked for, and no more."""
        return np.zeros(len(items), bool)

    unsure = gains
    unverified = gains

    def notices(self) -> tuple[Texts, ...]:
        """Whose answers are copies; nothing is said of how sure the answers are."""
        together = int((self._rings >= 0).sum())
        return (texts.copied_answers(together),) if together else ()

    def fit_due(self, last: Fitted | None, *, afresh: bool) -> bool:
        """When all that is wanted is there, and before the end: whose answers are copies shows in all of them."""
        return afresh and fit_due(self._responses, last, afresh=True)

    def fit(self, *, afresh: bool) -> None:
        """Look whose answers are copies."""
        rows = answers_of_a_fit(self._responses, self._values.is_known)
        rings = [ring for copied in self._copied for ring in copied.found(rows)]
        self._rings = numbered(rings, int(self._responses.workers(rows).max(initial=-1)) + 1)

    def refresh(self, items: Places) -> None:
        """Have these items told, unless they have few more answers than were told and wait for others."""
        now, told = self._responses.answered(items), self._told.values[items]
        reported = self._responses.reported[items] > 0
        # Lists are told whole: once they have doubled, and when they have all that was asked for.
        self._untold.note(items[(now >= np.minimum(2 * told, self._asked)) | reported])

    def save(self, folder: Path) -> str:
        """Write whose answers are copies; the file before stays for readers that still have its name."""
        self._file = save_fits(folder, self._responses.accepted_total, self._file, {"rings": self._rings})
        return self._file

    def restore(self, folder: Path, file: str) -> None:
        """Know whose answers are copies from a file that `save` wrote; where it cannot be read, look again."""
        self._file = file
        found = load_fits(folder, file)
        if found is not None:
            self._rings = found["rings"]
        elif file:
            self.fit(afresh=True)
        self.refresh(np.flatnonzero(self._responses.accepted > 0))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items, for a checkpoint."""
        return saved_parts(self, self._parts(), LEFT_OUT)

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        load_parts(self, self._parts(), arrays, LEFT_OUT)

    def _parts(self) -> dict[str, Part]:
        return {"values": self._values, "untold": self._untold}

    # --- what came out ----------------------------------------------------------------------------

    @property
    def mean_confidence(self) -> float | None:
        """None: there are no confidences."""
        return None

    def outcomes(self, items: Places) -> list[Outcome]:
        """The answers to these items, a list for each; of one that was corrected the right answer alone."""
        rows = self._responses.of(items)
        named = self._responses.item.values[rows]
        counts = self._listed.values[rows] | ~self._is_final.values[named]
        rows, named = rows[counts], named[counts]
        nowhere = np.full(len(items), np.nan, np.float32)
        return [
            Outcome(name, objects(self._lists(items, name, named, values)), nowhere)
            for name, values in self._values.given(rows).items()
        ]

    def _lists(self, items: Places, name: str, named: NDArray[Any], values: NDArray[np.object_]) -> list[Any]:
        lists: dict[int, list[Any]] = {}
        for item, value in zip(named.tolist(), values.tolist(), strict=True):
            if value is not None:
                lists.setdefault(item, []).append(value)
        if not self._responses.numbering.control[items].all():
            corrected = items[self._values.is_known(items) & ~self._responses.numbering.control[items]]
            lists |= {item: [self._values.known_to(item)[name]] for item in corrected.tolist()}
        return [lists.get(item) for item in items.tolist()]

    def rings(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Whose texts or drawings are like whose, as of the last look at all of them."""
        return of_fit(self._rings, workers, -1)

    def verdicts(self, items: Places) -> list[Verdict]:
        """That answers were collected."""
        return ["collected"] * len(items)

    def histogram(self) -> list[int]:
        """There are no confidences."""
        return [0] * BINS

    def counts(self) -> dict[str, dict[str, int]]:
        """How many answers are which label, for outputs that have labels."""
        responses = self._responses
        counting = responses.on_pages(ACCEPTED) & (responses.report.values == NO_REPORT)
        counting &= responses.counting() & ~responses.numbering.control[responses.item.values]
        return self._values.label_counts(np.flatnonzero(counting))

    def told(self, items: Places) -> None:
        """Note that the requester's pages have what there is now of the items that `changed` gave last."""
        super().told(items)
        self._told.values[items] = self._responses.answered(items)


PLUGIN: Way = CollectQuality
