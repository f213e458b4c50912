"""What a consensus tells of items and workers, once it has looked at the answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.runs.core.columns import Flags, Places, any_of
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.quality import Chances, Checked, Measured, Outcome, Verdict
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.targets import Standing
from dataforge.runs.quality._figures import Figures
from dataforge.runs.quality._fits import of_fit
from dataforge.runs.quality._labels import labelled
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._untold import Untold
from dataforge.runs.quality._voters import Voters
from dataforge.runs.quality._whole import Whole
from dataforge.runs.quality._workers import Workers

__all__ = ["CameOut"]


class CameOut:
    """Answers, confidences and skills as they are now; what they rest on is kept up by who looks at the answers."""

    _responses: Responses
    _numbering: Numbering
    _outputs: tuple[Output, ...]
    _workers: Workers
    _figures: Figures
    _untold: Untold
    _whole: Whole
    _voters: Voters

    def unsure(self, items: Places) -> Flags:
        """Which of these items have an output without an answer or with one less sure than wanted."""
        return any_of(output.below(items, output.thresholds) for output in self._outputs)

    @property
    def mean_confidence(self) -> float | None:
        """Mean of the confidences there are, over all items and outputs."""
        return self._figures.mean

    @property
    def standing(self) -> Standing | None:
        """How the run stands to the target of its whole; None if it has none."""
        return self._whole.standing(self._outputs)

    @property
    def stated(self) -> tuple[float, int]:
        """The sum of the confidences there are, and their number."""
        return self._figures.sum, self._figures.stated

    def given(self, responses: Places) -> dict[str, NDArray[np.object_]]:
        """What workers answered, by output; an answer that is no label as it came."""
        return {output.slot.name: output.answers.given(responses) for output in self._outputs}

    def known(self, items: Places) -> dict[str, NDArray[np.object_]]:
        """The known labels of these items, by output."""
        return {
            output.slot.name: labelled(output.answers.labels, output.known.values[items]) for output in self._outputs
        }

    def outcomes(self, items: Places) -> list[Outcome]:
        """The most probable labels of these items."""
        return [output.outcome(items) for output in self._outputs]

    def verdicts(self, items: Places) -> list[Verdict]:
        """None: an answer's confidence says all."""
        return []

    def chances(self, items: Places) -> list[Chances]:
        """How probable each label is for these items."""
        return [chances for output in self._outputs for chances in output.chances(items)]

    def kinds(self, items: Places) -> NDArray[np.int64]:
        """Numbers from 0 on, the same for items whose labels are the same."""
        codes = np.stack([output.top.values[items] for output in self._outputs], axis=1)
        return np.unique(codes, axis=0, return_inverse=True)[1].ravel().astype(np.int64)

    def skills(self, workers: NDArray[np.int64]) -> Floats:
        """Skills of workers, mean over the outputs; NaN before the first fit, and where nothing shows them."""
        return self._workers.skills(workers, self._outputs, self._responses.discarded)

    def rings(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which of these workers answer as if they were one, as of the last fit that started afresh."""
        return of_fit(self._workers.ring, workers, -1)

    def strangers(self, workers: NDArray[np.int64]) -> Flags:
        """Which of these workers came for a few pages, whose answers are worth little, as of the last fit."""
        return of_fit(self._workers.strangers, workers, False)

    def camps(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Who is of which camp, as of the last fit that started afresh, where the larger one is not believed."""
        return of_fit(self._workers.camp, workers, -1) if self._workers.disputed else np.full(len(workers), -1)

    def voters(self) -> Sequence[Measured]:
        """What is known of the models whose labels join people's."""
        if not self._voters:
            return ()
        return self._voters.measured(np.where(self._numbering.control, self._outputs[0].known.values, -1))

    def unproven(self, workers: NDArray[np.int64]) -> Flags:
        """Whose grades of any output are not shown yet to be more of the right ones than one grade for all is."""
        return any_of(output.unproven(workers) for output in self._outputs)

    def held_to_sure(self, responses: Places) -> Checked:
        """Which of these answers are to items that are as sure as wanted, and which of those give the same labels."""
        items = self._responses.item.values[responses].astype(np.int64)
        same = [output.answers.codes[responses] == output.top.values[items] for output in self._outputs]
        sure = ~self.unsure(items)
        return Checked(sure, sure & np.all(same, axis=0))

    def worse_since(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """From which page on these workers answer worse than before, as of the last fit that started afresh."""
        return of_fit(self._workers.since, workers, -1)

    def histogram(self) -> list[int]:
        """How many confidences lie in each of 20 equal bins of 0..1, over all outputs."""
        return [int(number) for number in self._figures.histogram]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items have which label, by output."""
        return {output.slot.name: output.counts() for output in self._outputs}

    def changed(self, most: int) -> Places:
        """Up to `most` items whose answer or confidence has moved since they were last told."""
        return self._untold.first(most)

    def told(self, items: Places) -> None:
        """Note that the requester's pages have what there is now of the items that `changed` gave last."""
        self._untold.told(items)
        for output in self._outputs:
            output.told.values[items] = np.nan_to_num(output.confidence.values[items])
