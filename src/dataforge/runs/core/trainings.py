"""How the training of a run goes: who passed it, and how often each of its items was answered right at first."""

from __future__ import annotations

import msgspec

from dataforge.records import Training, TrainingFigures, TrainingItemFigures, WorkerTrained

__all__ = ["Trainings"]


class Trainings(msgspec.Struct):
    """What is known of a run's training: each worker's last score, who has passed, and by item how it went."""

    scores: dict[str, float] = msgspec.field(default_factory=dict)
    passed: set[str] = msgspec.field(default_factory=set)
    tries: int = 0
    asked: dict[int, int] = msgspec.field(default_factory=dict)
    right: dict[int, int] = msgspec.field(default_factory=dict)

    def take(self, event: WorkerTrained) -> None:
        """Take in the end of a try."""
        self.tries += 1
        self.scores[event.worker] = event.score
        if event.passed:
            self.passed.add(event.worker)
        for place, right in zip(event.items, event.right, strict=True):
            self.asked[place] = self.asked.get(place, 0) + 1
            self.right[place] = self.right.get(place, 0) + right

    def figures(self, training: Training) -> TrainingFigures:
        """How the training goes, as the requester is shown it."""
        places = range(len(training.items))
        items = tuple(TrainingItemFigures(self.asked.get(place, 0), self.right.get(place, 0)) for place in places)
        workers = len(self.scores)
        mean = sum(self.scores.values()) / workers if workers else None
        return TrainingFigures(training.score, workers, len(self.passed), self.tries, mean, items)
