"""What is said of a run's training: items whose known answers look wrong, and a score that nobody reaches."""

from __future__ import annotations

from collections.abc import Iterator

from dataforge.catalogue import say
from dataforge.objects.base import shorten
from dataforge.records import Texts, Training
from dataforge.runs.core.trainings import Trainings

__all__ = ["training_notices"]

ENOUGH = 5
"""So many people say something."""
MOST_NAMED = 3


def training_notices(training: Training, found: Trainings) -> tuple[Texts, ...]:
    """What is worth a look: an item that most people answer otherwise, and that of many nobody has passed."""
    return tuple(_notices(training, found))


def _notices(training: Training, found: Trainings) -> Iterator[Texts]:
    counted = found.counted(training)
    missed = {place: asked - counted.right.get(place, 0) for place, asked in counted.asked.items() if asked >= ENOUGH}
    wrong = [place for place, count in missed.items() if count > counted.asked[place] / 2]
    wrong.sort(key=lambda place: -missed[place] / counted.asked[place])
    if wrong:
        named = "; ".join(
            f"{shorten(training.items[place].inputs)} ({missed[place]}/{counted.asked[place]})"
            for place in wrong[:MOST_NAMED]
        )
        yield say("training_missed", named=named)
    if len(found.scores) >= ENOUGH and not found.passed:
        yield say("training_unpassed", people=len(found.scores), score=training.score)
