"""Training as it travels: items with their answers, what is asked of whoever takes it, and how it goes."""

from __future__ import annotations

from msgspec import field

from dataforge.records._words import Record, Texts, Values

__all__ = ["Training", "TrainingFigures", "TrainingItem", "TrainingItemFigures"]


class TrainingItem(Record, frozen=True):
    """An item with its right answer, which workers are told after they have answered.

    `answers` are by output, without those that nobody knows. `hint`: why that is right; shown to who was wrong.
    """

    inputs: Values
    answers: Values
    hint: Texts = field(default_factory=dict)


class Training(Record, frozen=True):
    """What workers learn on before they get pages. A try at it has `page` of the items, and is not paid.

    `score`: the share of right answers that is asked for, 0 to 100. `similarity`: an answer that is no option is right
    if it is this similar to the known one; None: as fits its type. Who has failed may try again after `again_after`
    seconds, and after twice as long each further time; who has passed need not for `holds` seconds. `name` tells it
    from one with other items; empty where that was not looked at.
    """

    items: tuple[TrainingItem, ...]
    page: int
    score: float
    similarity: float | None = None
    again_after: float = 600.0
    holds: float = 30 * 86_400.0
    name: str = ""


class TrainingItemFigures(Record, frozen=True):
    """How a training item goes: how many were `asked`, and how many of them answered it `right` at first."""

    asked: int
    right: int


class TrainingFigures(Record, frozen=True):
    """How a run's training goes: workers who came to the end of a try, those who `passed`, tries, and their mean score.

    `score` is what is asked for. `items`: each item of the training, in its order.
    """

    score: float
    workers: int = 0
    passed: int = 0
    tries: int = 0
    mean_score: float | None = None
    items: tuple[TrainingItemFigures, ...] = ()
