"""What the user holds of items that are compared."""

from __future__ import annotations

from dataforge.arguments import entries
from dataforge.comparing.asking import Answers, Asker, Choose, Comparison
from dataforge.runs.handle.fed import Fed

__all__ = ["Comparing", "reports_told"]


def reports_told(answers: Answers) -> list[str]:
    """What is to be known of pairs that workers reported."""
    if not answers.reported:
        return []
    return [f"workers reported {len(answers.reported)} of {len(answers.asked)} pairs, which nobody else is asked"]


@entries
class Comparing(Fed):
    """Items that workers compare by pairs in the run `run`."""

    def __init__(self, comparison: Comparison, choose: Choose) -> None:
        super().__init__(comparison.run, Asker(comparison, choose), "no more pairs can be chosen")
        self._comparison = comparison
