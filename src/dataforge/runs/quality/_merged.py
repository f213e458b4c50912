"""One output whose answers are merged: what is believed of each item, and the workers' skills of the last fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration, calibrated
from dataforge.aggregation.merging.base import Answers, Merged, Merger
from dataforge.data.items import Items
from dataforge.policy import Policy
from dataforge.registry import load
from dataforge.runs.core.columns import Arrays, Column, Flags, Places, load_columns, places_in, saved_columns
from dataforge.runs.core.log import FinalOutcome
from dataforge.runs.core.quality import Reach
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._copied import Copied
from dataforge.runs.quality._fits import of_fit
from dataforge.runs.quality._tries import tried
from dataforge.runs.quality._values import Values, objects
from dataforge.tasks.task import Slot

__all__ = ["BINS", "MergedOutput"]

BINS = 20
# A confidence that moves by less is not worth telling the requester's pages.
TELLING = 0.005
# Confidences are kept as 32-bit floats; one this close to the threshold has reached it.
CLOSE_ENOUGH = 1e-6
# Numbers of control items that may be told to be wanted.
SOME = (5, 10, 20, 50, 100, 200)
# What a checkpoint need not hold, or holds otherwise.
LEFT_OUT = ("slot", "_values", "_responses", "_merger", "_wanted", "_asked", "copied", "values")


class MergedOutput:
    """`values` and `confidence` by item; `there`: which items have anything.

    `learnt`: what the last fit learnt of workers, their skills or a row for each; empty before the first.

    `trust`: slope and shift of how far what the merger claims is believed, as control items showed at the last fit.
    """

    def __init__(self, slot: Slot, policy: Policy, values: Values, responses: Responses) -> None:
        self.slot = slot
        self._values = values
        self._responses = responses
        self._merger: Merger = load("merging", slot.type.name)(slot.type.settings())
        self.values: list[Any] = []
        self.copied = Copied(slot, values, responses)
        self.there: Column[np.bool_] = Column(np.bool_)
        self.confidence: Column[np.float32] = Column(np.float32, fill=np.nan)
        self.histogram = np.zeros(BINS, np.int64)
        self.sum, self.stated, self.unverified = 0.0, 0, 0
        self.learnt: Floats = np.empty(0)
        self._believing(self._merger.beforehand)
        self.revise(policy)

    def revise(self, policy: Policy) -> None:
        """Want the confidence of a policy."""
        self._wanted, self._asked = policy.min_confidence_for(None), max(policy.min_overlap, 1)

    def grow(self, items: Items) -> None:
        """Make room for further items."""
        self.copied.grow(len(self.values), items)
        self.values += [None] * items.count
        for column in (self.there, self.confidence):
            column.grow(len(self.values))

    # --- what is believed -------------------------------------------------------------------------

    def is_alike(self, one: Any, other: Any) -> bool:
        """Whether one of these answers is right if the other one is."""
        return self.slot.type.similarity(one, other) >= self._merger.right - CLOSE_ENOUGH

    def merge(self, items: Places, rows: Places, workers: int, *, fit: bool, held: Flags, most: Floats) -> Places:
        """Merge what these rows say of items, and of control items; give the items of which something has moved.

        No item is surer than its `most`.

        `fit`: learn skills from these answers. What is `held` of the items stays as it is.
        """
        given = self._values.columns[self.slot.name].given(rows)
        said = np.array([value is not None for value in given], bool)
        named = self._responses.item.values[rows]
        everything = np.concatenate([items, np.setdiff1d(named, items)])
        place = places_in(everything, named, len(self.values))
        who = self._responses.workers(rows).astype(np.int64)
        numbers = np.arange(workers) if fit else np.unique(who)
        known, refuted = self._known(everything), self._refuted(everything)
        answers = Answers(
            given[said].tolist(),
            place[said].astype(np.int64),
            places_in(numbers, who[said], workers).astype(np.int64),
            item_count=len(everything),
            worker_count=len(numbers),
            known={at: value for at, value in known.items() if at not in refuted},
        )
        skills = None if fit or not len(self.learnt) else of_fit(self.learnt, numbers, np.nan)
        merged = self._merger.merge(answers, skills)
        if fit:
            self.learnt = merged.under
            self._believing(self._tried(answers, known, refuted))
        asked = np.bincount(place, minlength=len(everything))[: len(items)]
        spoken = np.bincount(place[said], minlength=len(everything))[: len(items)]
        return self._believe(items, merged, asked, spoken, held, most)

    def _tried(self, answers: Answers, values: dict[int, Any], refuted: set[int]) -> Calibration:
        """How far the merger is right about items whose answers are known, which it is not told here.

        Where only a wrong one is known, it was wrong.
        """
        known = list(values)
        if not known:
            return self._merger.beforehand
        # Skills that were learnt from what is known would fit it better than anything else.
        blind = self._merger.merge(replace(answers, known={})).under
        tries, of, weight = tried(answers, known, self._asked)
        merged, alike = self._merger.merge(tries, blind), self.slot.type.similarity
        right = [
            0.0 if known[place] in refuted else alike(value, values[known[place]])
            for value, place in zip(merged.values, of.tolist(), strict=True)
        ]
        claims = ~np.isnan(merged.confidence)
        return calibrated(
            merged.confidence[claims].astype(np.float64),
            np.array(right)[claims] >= self._merger.right - CLOSE_ENOUGH,
            weight[claims],
            self._merger.beforehand,
        )

    @property
    def skills(self) -> Floats:
        """How good workers are, as the last fit learnt."""
        return self.learnt if self.learnt.ndim == 1 else self.learnt[:, 0]

    def _believing(self, calibration: Calibration) -> None:
        self.trust = np.array([calibration.slope, calibration.shift])

    @property
    def calibration(self) -> Calibration:
        """How far what the merger claims is believed."""
        return Calibration(*self.trust.tolist())

    def _known(self, items: Places) -> dict[int, Any]:
        """The known answers to those of these items that show how good answers are, by their place among them."""
        known = np.flatnonzero(self._values.is_known(items)).tolist()
        places = [at for at in known if self._values.shows(int(items[at]))]
        found = {place: self._values.known_to(int(items[place])).get(self.slot.name) for place in places}
        return {place: value for place, value in found.items() if value is not None}

    def _refuted(self, items: Places) -> set[int]:
        """The places of those of these items whose known answers are known to be wrong."""
        refuted = self._values.refuted
        return set(np.flatnonzero(np.isin(items, list(refuted))).tolist()) if refuted else set()

    def _believe(
        self, items: Places, merged: Merged, asked: NDArray[np.int64], spoken: NDArray[np.int64], held: Flags,
        most: Floats,
    ) -> Places:  # fmt: skip
        """Believe what came of these items, answered so many times, unless it is held; give those that moved.

        An optional answer that most left out is none; how sure that is follows from their share.
        """
        share = spoken / np.maximum(asked, 1)
        nothing = share < 0.5
        claimed = merged.confidence[: len(items)].astype(np.float64)
        # What is known is certain.
        believed = np.where(self._values.is_known(items), claimed, np.minimum(self.calibration.of(claimed), most))
        confidence = believed.astype(np.float32) * np.where(share < 1, share, 1.0)
        confidence[nothing] = np.where(asked > 1, 1 - share, np.nan)[nothing]
        moved = []
        self._count(items, -1)
        for place in np.flatnonzero((asked > 0) & ~held).tolist():
            item, value = int(items[place]), None if nothing[place] else merged.values[place]
            now, before = confidence[place], self.confidence.values[item]
            far = abs(np.nan_to_num(now) - np.nan_to_num(before)) > TELLING
            if far or not self.there.values[item] or self.values[item] != value:
                moved.append(item)
            self._put(item, value, now)
        self._count(items, +1)
        return np.array(moved, np.int64)

    def put(self, items: Places, outcome: FinalOutcome) -> None:
        """Hold these values and confidences of items."""
        self._count(items, -1)
        for item, value, sure in zip(items.tolist(), outcome.values, outcome.confidence, strict=True):
            self._put(item, value, np.nan if sure is None else sure, there=value is not None or sure is not None)
        self._count(items, +1)

    def _put(self, item: int, value: Any, sure: float, *, there: bool = True) -> None:
        self.values[item], self.confidence.values[item], self.there.values[item] = value, sure, there

    def forget(self, items: Places) -> None:
        """Believe nothing of these items."""
        self._count(items, -1)
        for item in items.tolist():
            self._put(item, None, np.nan, there=False)

    def _count(self, items: Places, sign: int) -> None:
        """Put items into the sums over all, or with the sign -1 take them out."""
        items = items[self.there.values[items]]
        sure = self.confidence.values[items]
        self.unverified += sign * int(np.isnan(sure).sum())
        sure = sure[~np.isnan(sure)]
        self.stated += sign * len(sure)
        self.sum += sign * float(sure.sum(dtype=np.float64))
        bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
        self.histogram += sign * np.bincount(bins, minlength=BINS)

    # --- questions --------------------------------------------------------------------------------

    def gains(self, items: Places) -> Flags:
        """Which of these items more answers may make as sure as wanted; where that is out of reach, as agreed upon."""
        return self._below(items, min(self._wanted, float(self.calibration.of(np.array(self._wanted)))))

    def unsure(self, items: Places) -> Flags:
        """Which of these items have no answer, or one less sure than is wanted; one that is not stated is."""
        return self._below(items, self._wanted)

    def _below(self, items: Places, wanted: float) -> Flags:
        found: Flags = ~(self.there.values[items] & (self.confidence.values[items] >= wanted - CLOSE_ENOUGH))
        return found

    def reach(self) -> Reach:
        """How sure answers can be at best, beside the confidence wanted."""
        most = float(self.calibration.of(np.array(1.0)))
        controls, answered = self._values.showing, bool(self.there.values.any())
        beyond = answered and most < self._wanted
        lacking = self._lacking() if beyond and not controls else None
        return Reach(self.slot.name, most, self._wanted, beyond, lacking, controls, answered)

    def _lacking(self) -> int | None:
        """About how many control items, all answered right, it takes until agreement reaches the confidence wanted."""
        for number in SOME:
            sure, right = np.ones((2, number))
            trust = calibrated(sure, right > 0, sure, self._merger.beforehand)
            if float(trust.of(np.array(1.0))) >= self._wanted:
                return number
        return None

    def not_stated(self, items: Places) -> Flags:
        """Which of these items have an answer and no confidence."""
        found: Flags = self.there.values[items] & np.isnan(self.confidence.values[items])
        return found

    def believed(self, items: Places) -> NDArray[np.object_]:
        """The merged values of these items."""
        return objects([self.values[item] for item in items.tolist()])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items and the answers."""
        found = saved_columns(self, {}, LEFT_OUT)
        return found | {"values": np.frombuffer(msgspec.json.encode(self.values), np.uint8)}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        load_columns(self, {name: array for name, array in arrays.items() if name != "values"}, {}, LEFT_OUT)
        self.values = msgspec.json.decode(arrays["values"].tobytes())
