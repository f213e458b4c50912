"""How the training of a run goes: who passed it, and how often each of its items was answered right at first."""

from __future__ import annotations

import msgspec

from dataforge.records import Training, TrainingFigures, TrainingItemFigures, WorkerTrained

__all__ = ["Counted", "Trainings"]


class Counted(msgspec.Struct):
    """By item of a training how many were asked, and how many of them were right at first."""

    asked: dict[int, int] = msgspec.field(default_factory=dict)
    right: dict[int, int] = msgspec.field(default_factory=dict)

    def take(self, event: WorkerTrained) -> None:
        """Count the answers of a try."""
        for place, right in zip(event.items, event.right, strict=True):
            self.asked[place] = self.asked.get(place, 0) + 1
            self.right[place] = self.right.get(place, 0) + right


class Trainings(msgspec.Struct):
    """What is known of a run's training: each worker's last score, who has passed, and by item how it went.

    `asked` and `right` are of tries that do not say which items the training had, `by_training` of the others.
    """

    scores: dict[str, float] = msgspec.field(default_factory=dict)
    passed: set[str] = msgspec.field(default_factory=set)
    tries: int = 0
    asked: dict[int, int] = msgspec.field(default_factory=dict)
    right: dict[int, int] = msgspec.field(default_factory=dict)
    by_training: dict[str, Counted] = msgspec.field(default_factory=dict)

    def take(self, event: WorkerTrained) -> None:
        """Take in the end of a try."""
        self.tries += 1
        self.scores[event.worker] = event.score
        if event.passed:
            self.passed.add(event.worker)
        counted = Counted(self.asked, self.right)
        if event.training:
            counted = self.by_training.setdefault(event.training, Counted())
        counted.take(event)

    def counted(self, training: Training) -> Counted:
        """How the items that the training has now go; tries that do not say of which they were began with the first."""
        found = self.by_training.get(training.name, Counted())
        if next(iter(self.by_training), training.name) != training.name:
            return found
        return Counted(_added(found.asked, self.asked), _added(found.right, self.right))

    def figures(self, training: Training) -> TrainingFigures:
        """How the training goes, as the requester is shown it."""
        counted = self.counted(training)
        places = range(len(training.items))
        items = tuple(TrainingItemFigures(counted.asked.get(place, 0), counted.right.get(place, 0)) for place in places)
        workers = len(self.scores)
        mean = sum(self.scores.values()) / workers if workers else None
        return TrainingFigures(training.score, workers, len(self.passed), self.tries, mean, items)


def _added(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    return {place: one.get(place, 0) + other.get(place, 0) for place in one | other}
