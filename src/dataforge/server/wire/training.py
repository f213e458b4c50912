"""Bodies and replies of the routes of a run's training; see docs/http-api.md."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from dataforge.records import Texts, Time, Values
from dataforge.server.wire.worker import Closed

__all__ = ["TrainingAnswer", "TrainingAnswered", "TrainingBegin", "TrainingShown", "TrainingStanding"]


class TrainingBegin(Struct, frozen=True):
    """The number of the try after which the next one is to begin; 0 before the first."""

    after: Annotated[int, Meta(ge=0)]


class TrainingAnswer(Struct, frozen=True):
    """The answer to an item of a try, by the item's place among those of the try."""

    number: int
    place: int
    answer: Values


class TrainingShown(Struct, frozen=True):
    """An item of a training as a worker gets it."""

    inputs: Annotated[msgspec.Raw, Meta(extra_json_schema=msgspec.json.schema(Values))]


class TrainingAnswered(Struct, frozen=True):
    """What a worker answered at first, whether that was right, and what is; `hint` says why, to who was wrong."""

    answer: Values
    right: bool
    known: Values
    hint: Texts


class TrainingStanding(Struct, frozen=True):
    """How a worker stands in a run's training: at the try of that `number`, 0 before the first.

    `items` are those of the try, `answered` what there is of it; `score`, 0 to 100, and `passed` once all are. A try
    has `page` items, and `needed` of a hundred are to be right. `trained`: they get pages. `until` then they wait for
    another try; after one in another run of the task its `score`, and `elsewhere` if one goes on there. `closed` says
    why there is no page for them, if there is none.
    """

    run: str
    number: int
    needed: float
    items: list[TrainingShown]
    answered: list[TrainingAnswered]
    score: float | None
    passed: bool
    trained: bool
    until: Time | None
    page: int
    closed: Closed | None
    elsewhere: bool = False
