"""What a run asks of the way by which its answers get their quality; the ways are the files of `runs.quality`.

Pages, workers, overlap and money are the same for every kind of answer, so they stay in this folder. What an answer
is, whether it is the known one, what follows from several and how sure that is: these are questions to the way. A way
is for all outputs of a task at once, because overlap, verdict and the end are decided for an item or a page as a
whole: outputs that go different ways would be one `Quality` over several, unsure where one of them is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.data.items import Items
from dataforge.objects.base import Label
from dataforge.policy import Policy
from dataforge.records import ReportReason, Texts
from dataforge.runs.core.columns import Arrays, Flags, Places
from dataforge.runs.core.log import FinalOutcome, Fitted
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.targets import Standing
from dataforge.tasks.task import Slot

__all__ = [
    "Answer",
    "AnswerStore",
    "Certainty",
    "Chances",
    "Checked",
    "Grades",
    "Outcome",
    "Quality",
    "Reach",
    "Tries",
    "Verdict",
    "Way",
]

Answer = Mapping[str, Any] | ReportReason
"""What a worker said of one item: output names to JSON values, or why it was reported instead of answered."""


Verdict = Literal["right", "unchecked", "wrong", "merged", "collected"]
"""What became of an item's answers: what checks say of the best one, that one was made of all, or that all are kept."""


class Checked(NamedTuple):
    """Which of some answers were to control items, and which of those were right in every output."""

    controls: Flags
    correct: Flags


class Chances(NamedTuple):
    """How probable a label of an output is for each of some items."""

    output: str
    label: Label | None
    values: NDArray[np.float32]


class Reach(NamedTuple):
    """How sure answers to an output can be at best, as known answers show, `most`, and how sure they are `wanted`.

    `beyond`: that is out of reach; `of_all`: it is wanted of all answers together. `lacking`: how many known answers
    more, found right, would let them be so sure; None where no number would. `controls`: how many answers are known;
    `erring`: workers who agreed were wrong about one. `answered`: there are answers; before, `most` is what could be
    shown. `at_best`: how sure answers can be once all known ones are found right. `rare`: of which labels known answers
    show less than of others, so that they cannot be as sure as is wanted of them, and how sure each can be.
    """

    output: str
    most: float
    wanted: float
    beyond: bool
    lacking: int | None
    controls: int
    answered: bool
    erring: bool = False
    of_all: bool = False
    at_best: float = 1.0
    rare: tuple[tuple[str, float], ...] = ()


class Tries(NamedTuple):
    """Items whose answers are known, as if they were not: how sure answers made one of them, whether it is right, and
    what it counts, and which `label` is claimed. All tries of an item count once. What is claimed has had the
    `calibration`, and of a rare label is no more than known items show of that.
    """

    item: Places
    claimed: Floats
    right: Flags
    weight: Floats
    calibration: Calibration = Calibration()
    label: Places | None = None


class Grades(NamedTuple):
    """Of each of some items the mean grade, and between which grades the true one lies; NaN where it is not known."""

    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Outcome:
    """One output's answers to some items and their confidences.

    None and NaN where nothing was answered; NaN beside an answer of which nothing shows how sure it is. `grades`: what
    is told beside answers that are grades of a scale.
    """

    output: str
    values: NDArray[np.object_]
    confidence: NDArray[np.float32]
    grades: Grades | None = None

    @property
    def there(self) -> Flags:
        """Which items have an answer; nothing is one, too, to an optional output, if something is claimed of it."""
        given = np.array([value is not None for value in self.values.tolist()], bool)
        return given | ~np.isnan(self.confidence)


class Measured(NamedTuple):
    """A model that votes: how many items it labels, of how many control items, how many of these rightly (by how
    probable it held the known answer), and how much of what it tells counts beside people, 0 to 1.
    """

    name: str
    labelled: int
    control_total: int
    control_right: float
    weight: float


class AnswerStore(Protocol):
    """What the fold asks: keep the answers, one row a response, and compare those to control items."""

    def add_worker(self) -> None:
        """Make room for one worker more, numbered after those there."""
        ...

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers, who gave each and to which item; say which were to control items, and how those went.

        One that was reported counts neither as right nor as wrong.
        """
        ...

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Hold an item to these answers from now on, None: it is no control item any more.

        Compare the answers there are to a control item, `rows`, and say which are checked now and which are right.
        Of another item they may be known not to be `right`, and what is right instead is not known.
        """
        ...

    def sample(self, items: Places) -> None:
        """Let these real items, drawn by chance and known, show how good answers are, as control items do; no others.

        Known answers to other real items show nothing of that: somebody picked those.
        """
        ...

    def release(self, items: Places) -> None:
        """Believe nothing of these items before they are looked at again; what was declared of them is not final."""
        ...

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """Hold these items' answers and confidences to what was declared final, whatever is learnt later."""
        ...


class Certainty(Protocol):
    """What `decide` asks."""

    def gains(self, items: Places) -> Flags:
        """Which of these items one more answer may make as sure as wanted; those that have none are among them."""
        ...

    def worth(self, items: Places) -> NDArray[np.floating]:
        """How much one more answer is expected to raise the probability of each item's answer; NaN: nobody knows."""
        ...

    def prefers(self, items: Places) -> Sequence[tuple[int, ...]]:
        """The workers whose answers to each item are shown to tell more than others' do, the best first; mostly none.

        None of them has answered it.
        """
        ...

    def tell_little(self, workers: NDArray[np.int64]) -> Flags:
        """Which of these workers' answers tell so little, beside the others', that more are not worth their pay."""
        ...

    def unproven(self, workers: NDArray[np.int64]) -> Flags:
        """Which of these workers have not shown at control items that they say more than one and the same of all."""
        ...

    def held_to_sure(self, responses: Places) -> Checked:
        """Which of these answers are to items whose answer is as sure as is wanted, and which of those say the same."""
        ...

    def worse_since(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """From which of the run's pages on these workers answer worse than before, -1 where nothing shows it."""
        ...


class Quality(AnswerStore, Certainty, Protocol):
    """A way's knowledge of one run. Costs of all but `fit`, `save` and `restore` follow from what is asked about."""

    def grow(self, items: Items) -> None:
        """Make room for further items, numbered after those there."""
        ...

    def revise(self, policy: Policy) -> None:
        """Want from now on what a changed policy wants; all answers are looked at together next."""
        ...

    # --- keeping up -------------------------------------------------------------------------------

    def fit_due(self, last: Fitted | None, *, afresh: bool) -> bool:
        """Whether all answers should be looked at together now; `last` is when they were, None: never."""
        ...

    def fit(self, *, afresh: bool) -> None:
        """Look at all accepted answers together, `afresh` or on from what the last time found."""
        ...

    def afford(self, answers: float) -> None:
        """Know how many more answers can be paid, when all are looked at together next; infinitely many: no budget."""
        ...

    def refresh(self, items: Places) -> None:
        """Look at these items again, in the light of the last fit."""
        ...

    def save(self, folder: Path) -> str:
        """Write what the last fit found to a file of its own, and give its name; the file before that stays."""
        ...

    def restore(self, folder: Path, file: str) -> None:
        """Go on from a file that `save` wrote; without it, from the answers alone."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items, for a checkpoint."""
        ...

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items, and nothing else."""
        ...

    # --- what came out ----------------------------------------------------------------------------

    def unsure(self, items: Places) -> Flags:
        """Which of these items are less sure than wanted, whether or not answers would help."""
        ...

    def unverified(self, items: Places) -> Flags:
        """Which of these items have an answer of which nothing shows how sure it is; they are unsure, too."""
        ...

    def notices(self) -> tuple[Texts, ...]:
        """What the requester should know of how sure the answers can be."""
        ...

    def reach(self) -> Sequence[Reach]:
        """How sure answers can be at best, by output; nothing where known answers show nothing of that."""
        ...

    def tries(self) -> Mapping[str, Tries]:
        """Items whose answers are known as if they were not, by output; costs a look at all answers."""
        ...

    @property
    def mean_confidence(self) -> float | None:
        """Mean of the confidences there are; None while there is none."""
        ...

    @property
    def standing(self) -> Standing | None:
        """How the run stands to the target of its whole; None if it has none, or no answers yet."""
        ...

    def given(self, responses: Places) -> dict[str, NDArray[np.object_]]:
        """What workers answered, by output, as they answered it."""
        ...

    def known(self, items: Places) -> dict[str, NDArray[np.object_]]:
        """The known answers to these items, by output; None where none is known."""
        ...

    def outcomes(self, items: Places) -> list[Outcome]:
        """The answers to these items, one outcome for each output."""
        ...

    def verdicts(self, items: Places) -> Sequence[Verdict]:
        """What became of the answers to these items; nothing if the way has no verdicts."""
        ...

    def chances(self, items: Places) -> list[Chances]:
        """How probable each label is for these items; nothing where answers are not labels."""
        ...

    def kinds(self, items: Places) -> NDArray[np.int64]:
        """Numbers from 0 on, the same for items whose answers are the same."""
        ...

    def skills(self, workers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Skills of these workers, mean over the outputs; NaN while nothing shows them."""
        ...

    def rings(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which of these workers answer as if they were one: a number for each such ring, -1 where nothing shows it."""
        ...

    def strangers(self, workers: NDArray[np.int64]) -> Flags:
        """Which of these workers came for a few pages, with answers that are worth little beside those of who stays."""
        ...

    def camps(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of which of two camps that contradict each other these workers are: 0 of the larger, 1 of the smaller, -1 of
        none, or where the larger is believed.
        """
        ...

    def voters(self) -> Sequence[Measured]:
        """What is known of the models whose labels join people's."""
        ...

    def histogram(self) -> list[int]:
        """How many confidences lie in each of 20 equal bins of 0..1, over all outputs."""
        ...

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items have which answer, by output."""
        ...

    def changed(self, most: int) -> Places:
        """Up to `most` items whose answer or confidence has moved since they were last told."""
        ...

    def told(self, items: Places) -> None:
        """Note that the requester's pages have what there is now of the items that `changed` gave last."""
        ...


class Way(Protocol):
    """How a way begins: with a run's outputs, its policy, and the record of who answered what."""

    @property
    def with_verdicts(self) -> bool:
        """Whether results tell what became of each item's answers."""
        ...

    def __call__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> Quality:
        """The way's knowledge of a run that has no items yet."""
        ...
