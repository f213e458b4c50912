"""What models make of answers as these come: whether they are right, each asked once, until it fails too often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from dataforge.data.items import Items
from dataforge.errors import SpecError
from dataforge.models._asking import GIVES_UP, Asked, answered, as_column, digest_of, label_of
from dataforge.models._model import Model
from dataforge.models._records import record_of
from dataforge.objects.base import listed

__all__ = ["Checkers", "checkers_of"]


def checkers_of(given: Model | Sequence[Model] | None) -> tuple[Model, ...]:
    """The models that a launch names as checkers; raises `SpecError`."""
    models = () if given is None else (given,) if isinstance(given, Model) else tuple(given)
    if odd := [one for one in models if not isinstance(one, Model)]:
        raise SpecError(f"checkers: expected df.Model(…), one or a list, got {odd[0]!r}")
    if len({one.name for one in models}) < len(models):
        raise SpecError(f"checkers: expected models of different names, got {listed([one.name for one in models])}")
    return models


class Checkers:
    """Models that are asked whether answers are right, beside the people of the run with this folder.

    `most`: about so many answers each is asked at most, for that is what was set aside; None: about all. One that fails
    `GIVES_UP` times in a row is asked no more by this process, which does not wait for it again.
    """

    def __init__(self, models: Sequence[Model], folder: Path, most: int | None = None) -> None:
        self._models, self._folder, self._most = tuple(models), folder, most
        self._failed = dict.fromkeys((model.name for model in models), 0)
        self._records = {model.name: record_of(folder, model) for model in models}

    def columns(self, answers: Items) -> Iterator[tuple[pa.Field, pa.Array]]:
        """A column for each model: what it says of these answers, as items of the check; none for who has no label."""
        labels = answers.task.outputs[0].type.labels() or ()
        for model in self._models:
            places, record = self._asked(model, answers), self._records[model.name]
            read = partial(label_of, labels)
            try:
                asked = answered(answers, model, read, self._folder, places, record, within=model.timeout)
            except SpecError as error:  # at a launch it is told whoever launches; by now people are at work
                asked = Asked(record.read_on(), str(error), useless=True)
            if asked.wrong and not record.wrong:
                asked.note(self._folder, model)
            self._failed[model.name] = GIVES_UP if asked.useless else asked.row_of_failures(self._failed[model.name])
            column = as_column([asked.said.get(digest_of(inputs)) for inputs in answers])
            yield pa.field(model.column, column.type), column

    def _asked(self, model: Model, answers: Items) -> list[int]:
        """The places of the answers that it is asked about."""
        if self._failed[model.name] >= GIVES_UP:
            return []
        if self._most is None or not model.price:
            return list(range(answers.count))
        said = self._records[model.name].read_on()
        new = [place for place, inputs in enumerate(answers) if digest_of(inputs) not in said]
        return new[: max(self._most - len(said), 0)]
