"""What a way does not say whose answers are no options: nothing is likelier by how often it was chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.quality import Chances, Checked, Measured, Reach, Tries
from dataforge.runs.core.targets import Standing
from dataforge.runs.quality._untold import Untold
from dataforge.runs.quality._values import Values

__all__ = ["WithoutOptions"]


class WithoutOptions:
    """The questions to a way that only options answer, answered by nothing; a way that knows more says more.

    What was given and known is what `Values` keeps.
    """

    _values: Values
    _untold: Untold

    def given(self, responses: Places) -> dict[str, NDArray[np.object_]]:
        """What workers answered, by output."""
        return self._values.given(responses)

    def known(self, items: Places) -> dict[str, NDArray[np.object_]]:
        """The known answers to these items, by output."""
        return self._values.known(items)

    def changed(self, most: int) -> Places:
        """Up to `most` items of which something else is to be told than was told last."""
        return self._untold.first(most)

    def told(self, items: Places) -> None:
        """Note that the requester's pages have what there is now of the items that `changed` gave last."""
        self._untold.told(items)

    def sample(self, items: Places) -> None:
        """Nothing follows for other answers."""

    def afford(self, answers: float) -> None:
        """What is asked does not follow from what is left to pay."""

    def worth(self, items: Places) -> NDArray[np.floating]:
        """Not known: how much an answer adds depends on what it is."""
        return np.full(len(items), np.nan)

    def prefers(self, items: Places) -> list[tuple[int, ...]]:
        """Nobody: answers are not compared with what others chose."""
        return [()] * len(items)

    def tell_little(self, workers: NDArray[np.int64]) -> Flags:
        """None: answers are not compared with what others chose."""
        return np.zeros(len(workers), bool)

    def unproven(self, workers: NDArray[np.int64]) -> Flags:
        """None: answers are no grades."""
        return np.zeros(len(workers), bool)

    def held_to_sure(self, responses: Places) -> Checked:
        """Nothing: answers differ though they are right."""
        return Checked(np.zeros(len(responses), bool), np.zeros(len(responses), bool))

    def worse_since(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Nothing: who is right shows only roughly, or of each answer by itself."""
        return np.full(len(workers), -1)

    def reach(self) -> list[Reach]:
        """Nothing: known answers do not show how sure others can be."""
        return []

    def tries(self) -> dict[str, Tries]:
        """Nothing: known answers do not show how sure others are."""
        return {}

    @property
    def standing(self) -> Standing | None:
        """None: there is no target of the whole."""
        return None

    def chances(self, items: Places) -> list[Chances]:
        """Nothing: there are no labels to be likelier than others."""
        return []

    def kinds(self, items: Places) -> NDArray[np.int64]:
        """All items are of one kind."""
        return np.zeros(len(items), np.int64)

    def skills(self, workers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Nothing but what each worker's record tells of control items and of what was judged."""
        return np.full(len(workers), np.nan)

    def rings(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Nothing: nobody's answers are looked at for being the same as another's."""
        return np.full(len(workers), -1)

    def strangers(self, workers: NDArray[np.int64]) -> Flags:
        """Nobody: only where there are options are answers of people who come and go held to those of who stays."""
        return np.zeros(len(workers), bool)

    def camps(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Nobody: only where there are options is looked for people who contradict each other."""
        return np.full(len(workers), -1)

    def voters(self) -> Sequence[Measured]:
        """Nobody: a model's labels are options."""
        return ()
