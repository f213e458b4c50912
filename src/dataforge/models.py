"""Models that are asked when a run is launched: their labels join people's answers as those of `voters` do.

What a model says is on the disk before it counts, a batch at a time, in the run's folder: a launch of the same name
after one that was killed asks it again only about the batch that was under way. A model that fails has no label for the
items concerned; people answer these alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from filelock import FileLock

from dataforge.arguments import entry
from dataforge.catalogue import say
from dataforge.durable import sync
from dataforge.errors import SpecError
from dataforge.items import Items
from dataforge.objects.base import Label, listed, shorten
from dataforge.records import Texts, Values
from dataforge.tables import is_missing
from dataforge.voters import Given, code_of

__all__ = ["Model", "models_of", "with_answers"]

Answering = Callable[[list[Values]], Sequence[Any]]
TRIES = 2
GIVES_UP = 3
"""After so many batches in a row without an answer a model is asked no more."""
NOTHING = -1


@entry
class Model:
    """A model that answers items at launch and votes beside people, by what control items show of it.

    Args:
        name: what it is called in `run.voters()` and in notices; its labels are the column `model:NAME`.
        answers: a function that gets a list of items, each a dict of its inputs, and gives a list with a label for
            each, None where it has none; or an estimator with `predict`, such as one of scikit-learn, which gets the
            values of the input, of several inputs a DataFrame.
        batch: how many items it is asked about at once.
        timeout: seconds that it may take for them.
    """

    def __init__(self, name: str, answers: Any, batch: int = 32, timeout: float = 60.0) -> None:
        if not name.strip():
            raise SpecError("Model: expected a name, got an empty one")
        if not callable(answers) and not callable(getattr(answers, "predict", None)):
            raise SpecError(f"Model {name!r}: expected a function or an estimator with predict, got {shorten(answers)}")
        if batch < 1:
            raise SpecError(f"Model {name!r}: batch={batch}: expected at least 1 item at once")
        if not timeout > 0:
            raise SpecError(f"Model {name!r}: timeout={timeout}: expected seconds above 0")
        self.name, self.answers, self.batch, self.timeout = name, answers, batch, timeout

    def __repr__(self) -> str:
        return f"Model({self.name!r}, batch={self.batch}, timeout={self.timeout:g})"

    @property
    def column(self) -> str:
        """The column with its labels."""
        return f"model:{self.name}"

    def ask(self, items: Sequence[Values]) -> list[Any]:
        """What it says of each of these items; raises whatever it raises, `TimeoutError`, or of a wrong shape."""
        given = _in_time(lambda: self._called([dict(item) for item in items]), self.timeout)
        given = given.tolist() if callable(getattr(given, "tolist", None)) else given
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise TypeError(f"expected a list of {len(items)} labels, got {shorten(given)}")
        if len(given) != len(items):
            raise ValueError(f"expected {len(items)} labels, one for each item, got {len(given)}")
        return list(given)

    def _called(self, items: list[Values]) -> Any:
        predict = getattr(self.answers, "predict", None)
        if not callable(predict):
            return self.answers(items)
        if all(len(item) == 1 for item in items):
            return predict([value for item in items for value in item.values()])
        # Here, because who has no estimator needs no pandas.
        import pandas as pd

        return predict(pd.DataFrame(items))


def _in_time(call: Callable[[], Any], timeout: float) -> Any:
    """What the call gives; raises `TimeoutError` if it takes longer, and leaves it to itself."""
    given: list[Any] = []
    raised: list[Exception] = []

    def run() -> None:
        try:
            given.append(call())
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True, name="model")
    thread.start()
    thread.join(timeout)
    if raised:
        raise raised[0]
    if not given:
        raise TimeoutError(f"no answer within {timeout:g} seconds")
    return given[0]


def models_of(voters: Any) -> tuple[tuple[Model, ...], Mapping[str, Given] | None]:
    """The models among what a launch names as voters, and the columns of all; raises `SpecError`."""
    if voters is None or isinstance(voters, Mapping):
        return (), voters
    models = (voters,) if isinstance(voters, Model) else tuple(voters)
    columns: dict[str, Given] = {model.name: model.column for model in models}
    if len(columns) < len(models):
        raise SpecError(f"voters: expected models of different names, got {listed([model.name for model in models])}")
    return models, columns


@dataclass
class _Asked:
    """What a model said: by digest of the inputs the place of the label among the task's; and what went wrong."""

    codes: dict[str, int]
    wrong: str = ""
    in_a_row: int = 0

    def failed(self, what: str) -> None:
        self.wrong = self.wrong or what


def with_answers(items: Items, models: Sequence[Model], folder: Path, *, ask: bool) -> Items:
    """The items with a column of labels for each model, and a notice for each that left some without.

    What was recorded in the folder is asked no more; nothing at all is asked unless told to `ask`.
    """
    labels = items.task.outputs[0].type.labels() or ()
    for model in models:
        if model.column in items.rows.column_names:
            raise SpecError(f"{items.name}: the column {model.column!r} is that of the model {model.name!r}; rename it")
        said = _answered(items, model, labels, folder, ask=ask)
        codes = [said.codes.get(_digest(inputs), NOTHING) for inputs in items]
        given = pa.array([None if code < 0 else labels[code] for code in codes])
        given = given.cast(pa.large_string()) if given.type in (pa.null(), pa.string()) else given
        silent = sum(code < 0 for code in codes)
        notices = (
            (*items.notices, _silent(model, silent, len(codes), said.wrong)) if silent and said.wrong else items.notices
        )
        items = replace(items, rows=items.rows.append_column(model.column, given), notices=notices)
    return items


def _silent(model: Model, silent: int, count: int, wrong: str) -> Texts:
    return say("model_silent", name=model.name, silent=silent, items=count, wrong=wrong)


def _answered(items: Items, model: Model, labels: Sequence[Label | None], folder: Path, *, ask: bool) -> _Asked:
    """What a model says of the items, as recorded and, of those that are missing, as asked now."""
    path = folder / f"model-{blake2b(model.name.encode(), digest_size=6).hexdigest()}.jsonl"
    if not ask:
        return _Asked(_recorded(path, labels))
    with FileLock(path.with_suffix(".lock")):
        asked = _Asked(_recorded(path, labels))
        missing = {digest: inputs for inputs in items if (digest := _digest(inputs)) not in asked.codes}
        places = {digest: place for place, digest in reversed([*enumerate(map(_digest, items))])}
        left = list(missing.items())
        for start in range(0, len(left), model.batch):
            part = left[start : start + model.batch]
            where = f"{items.name}, {items.place(places[part[0][0]])}"
            given = _tried(model, [inputs for _, inputs in part], asked, where)
            codes = {}
            for (digest, _), value in zip(part, given, strict=False):
                codes[digest] = NOTHING if getattr(value, "ndim", 0) else code_of(labels, value)
                if codes[digest] < 0 and not is_missing(value):
                    at = f"{items.name}, {items.place(places[digest])}"
                    asked.failed(f"{at}: expected one of {listed(labels)} or None, got {shorten(value)}")
            _record(path, codes, labels)
            asked.codes.update(codes)
            if asked.in_a_row >= GIVES_UP:
                break
        return asked


def _tried(model: Model, items: Sequence[Values], asked: _Asked, where: str) -> list[Any]:
    """What the model says of these, at the second try if need be; nothing if it fails."""
    for _ in range(TRIES):
        try:
            given = model.ask(items)
        except TimeoutError as error:
            # What is still at work would be asked once more beside itself.
            asked.failed(f"{where}: {error}")
            break
        except Exception as error:
            asked.failed(f"{where}: {type(error).__name__}: {error}")
        else:
            asked.in_a_row = 0
            return given
    asked.in_a_row += 1
    return []


def _digest(inputs: Values) -> str:
    return blake2b(msgspec.json.encode(inputs, order="sorted"), digest_size=12).hexdigest()


def _recorded(path: Path, labels: Sequence[Label | None]) -> dict[str, int]:
    """What was recorded; a line that was cut off is passed over."""
    found: dict[str, int] = {}
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            said = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError:
            continue
        found |= {digest: code_of(labels, label) for digest, label in said.items()}
    return found


def _record(path: Path, codes: Mapping[str, int], labels: Sequence[Label | None]) -> None:
    """Have what a batch said on the disk, a line, before it counts."""
    if not codes:
        return
    said = {digest: None if code < 0 else labels[code] for digest, code in codes.items()}
    with open(path, "ab") as file:
        # The line break comes first, for a killed launch may have left half a line.
        file.write(b"\n" + msgspec.json.encode(said) + b"\n")
        file.flush()
        sync(file.fileno())
