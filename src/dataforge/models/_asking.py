"""What models say of items, when a run is launched or fed: labels that vote, and drafts that workers mend.

What a model says is on the disk before it counts, a batch at a time, in the run's folder, with what it cost: a launch
of the same name after one that was killed asks it again only about the batches that were under way. A model that fails
has nothing for the items concerned; people answer these alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
from filelock import FileLock

from dataforge.catalogue import say
from dataforge.data.drafts import as_draft, with_made
from dataforge.data.items import Items
from dataforge.data.tables import is_missing
from dataforge.data.voters import code_of
from dataforge.errors import DataError, SpecError
from dataforge.models._model import Model, in_thread, in_time
from dataforge.models._records import Recorded, Said, path_of, record_of, write_down
from dataforge.models._remote import Turned, Waits
from dataforge.objects.base import Label, listed, shorten
from dataforge.records import Texts, Values, unit_price
from dataforge.tasks.task import Task

__all__ = [
    "GIVES_UP",
    "Asked",
    "answered",
    "as_column",
    "cost_of_asking",
    "digest_of",
    "draft_of",
    "item_of",
    "label_of",
    "patience",
    "tried",
    "with_answers",
    "with_drafts",
]

TRIES = 2
# Who asks to be asked later, or cannot be reached, is asked more often, after twice as long each time.
LATER, PAUSE = 5, 0.5
PATIENCE = 60.0
"""So many seconds without any answer, and nobody waits any more because of what it says: the launch is held up."""
GIVES_UP = 3
"""After so many batches in a row without an answer a model is asked no more."""


class _Item(NamedTuple):
    """An item that a model is asked about: the digest of its inputs, these, and where it stands."""

    digest: str
    inputs: Values
    place: str


class _Tried(NamedTuple):
    """What came of asking about a batch: an answer for each item, or what is wrong; `useless`: with all others too."""

    given: list[Any] | None
    wrong: str = ""
    useless: bool = False


@dataclass
class _Patience:
    """Until when a model is waited for that asks to be asked later; begun anew with each answer.

    `whole`: what it takes itself counts too, so that nobody waits longer than `seconds` without any answer.
    """

    seconds: float
    whole: bool = False
    until: float = 0.0

    def renew(self) -> None:
        self.until = time.monotonic() + self.seconds

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.until

    def wait(self, seconds: float) -> bool:
        """Whether it waited, no longer than there is patience."""
        left = self.until - time.monotonic()
        time.sleep(max(min(seconds, left), 0.0))
        return left > 0


def patience(seconds: float | None = None) -> _Patience:
    """Patience that begins now; with `seconds` it is that long, with all that the model takes itself."""
    found = _Patience(PATIENCE) if seconds is None else _Patience(seconds, whole=True)
    found.renew()
    return found


@dataclass
class Asked:
    """What a model said, by digest of the inputs; and what went wrong first.

    `in_a_row`: so many batches at the end were without an answer; `useless`: with all others it would be so, too.
    """

    said: dict[str, Any]
    wrong: str = ""
    in_a_row: int = 0
    useless: bool = False
    heard: bool = False

    def failed(self, what: str) -> None:
        """Note what is wrong, unless something was before."""
        self.wrong = self.wrong or what

    def row_of_failures(self, before: int) -> int:
        """How many batches in a row are without an answer by now, so many before."""
        return self.in_a_row if self.heard else before + self.in_a_row

    def note(self, folder: Path, model: Model) -> None:
        """Have what was wrong on the disk, for who looks at the run elsewhere."""
        write_down(path_of(folder, model), Said(model.name, 0, {}, self.wrong))


Reading = Callable[[_Item, Any], Any]
"""What is kept of what a model said of an item, in JSON form; None: nothing. Raises `DataError`."""


def with_answers(items: Items, models: Sequence[Model], folder: Path, ask: Iterable[int]) -> Items:
    """The items with a column of labels for each model, and a notice for each that left some without.

    What was recorded in the folder is asked no more, and only those are asked about that stand at the places `ask`.
    """
    labels, places = items.task.outputs[0].type.labels() or (), list(ask)
    for model in models:
        if model.column in items.rows.column_names:
            raise SpecError(f"{items.name}: the column {model.column!r} is that of the model {model.name!r}; rename it")
        asked = answered(items, model, partial(label_of, labels), folder, places)
        given = as_column([asked.said.get(digest_of(inputs)) for inputs in items])
        notices = (*items.notices, *_silent("model_silent", model, asked, given.null_count, items.count))
        items = replace(items, rows=items.rows.append_column(model.column, given), notices=notices)
    return items


def as_column(labels: Sequence[Label | None]) -> pa.Array:
    """Labels of a model as the column with them."""
    given = pa.array(labels)
    return given.cast(pa.large_string()) if given.type in (pa.null(), pa.string()) else given


def with_drafts(items: Items, model: Model, folder: Path, ask: Iterable[int]) -> Items:
    """The items with what a model makes of them as drafts, and a notice if it left some without; as `with_answers`."""
    asked = answered(items, model, partial(draft_of, items.task), folder, list(ask))
    made = [_by_output(items.task, asked.said.get(digest_of(inputs))) for inputs in items]
    silent = sum(not one for one in made)
    notices = (*items.notices, *_silent("model_no_draft", model, asked, silent, items.count))
    return replace(with_made(items, made), notices=notices)


def _silent(message: str, model: Model, asked: Asked, silent: int, count: int) -> Iterator[Texts]:
    if silent and asked.wrong:
        yield say(message, name=model.name, silent=silent, items=count, wrong=asked.wrong)


def cost_of_asking(items: Items, models: Iterable[Model], folder: Path | None = None) -> float:
    """What it costs to ask models about all these items once; with a folder, about what is not recorded there."""
    cost = 0.0
    for model in models:
        if model.price:
            recorded = record_of(folder, model).read_on() if folder is not None else {}
            cost += model.price * len({digest_of(inputs) for inputs in items} - recorded.keys())
    return cost


def answered(
    items: Items,
    model: Model,
    reading: Reading,
    folder: Path,
    ask: Sequence[int],
    record: Recorded | None = None,
    within: float | None = None,
) -> Asked:
    """What a model says of the items, as recorded and, of those that are missing among `ask`, as asked now.

    `record`: what was read of it before; `within`: after so many seconds without any answer nobody waits any more.
    """
    path, record = path_of(folder, model), record or record_of(folder, model)
    if not ask:
        return Asked(record.read_on())
    wanted = set(ask)
    # Who launches under the same name at the same time waits, and finds what was said.
    with FileLock(path.with_suffix(".lock")):
        asked = Asked(record.read_on())
        missing: dict[str, _Item] = {}
        for place, inputs in enumerate(items):
            if place in wanted and (digest := digest_of(inputs)) not in asked.said and digest not in missing:
                missing[digest] = _Item(digest, inputs, items.where(place))
        waits = patience(within)
        for part, tried in _side_by_side(model, items, _parts(list(missing.values()), model.batch), waits):
            if tried.given is None:
                asked.failed(f"{part[0].place}: {tried.wrong}")
                asked.in_a_row, asked.useless = asked.in_a_row + 1, tried.useless
                if tried.useless or asked.in_a_row >= GIVES_UP or (waits.whole and waits.over):
                    break
                continue
            asked.in_a_row, asked.heard = 0, True
            said = {one.digest: _read(reading, one, value, asked) for one, value in zip(part, tried.given, strict=True)}
            write_down(path, Said(model.name, unit_price(model.price), said))
            asked.said.update(said)
        return asked


def _read(reading: Reading, item: _Item, value: Any, asked: Asked) -> Any:
    """What is kept of what a model said; what is none is noted."""
    try:
        return reading(item, value)
    except DataError as error:
        asked.failed(str(error))
        return None


def label_of(labels: Sequence[Label | None], item: _Item, value: Any) -> Label | None:
    """The label that a model means."""
    if not getattr(value, "ndim", 0):
        if (code := code_of(labels, value)) >= 0:
            return labels[code]
        if is_missing(value):
            return None
    raise DataError(f"{item.place}: expected one of {listed(labels)} or None, got {shorten(value)}")


def draft_of(task: Task, item: _Item, value: Any) -> Any:
    """The draft that a model made: of several outputs by output, else an answer, as a label is."""
    if not getattr(value, "ndim", 0) and not isinstance(value, Sequence | Mapping) and is_missing(value):
        return None
    draft = as_draft(task, value, item.inputs, item.place)
    return draft.get(task.outputs[0].name) if len(task.outputs) == 1 else draft or None


def _by_output(task: Task, said: Any) -> Values:
    if said is None:
        return {}
    return {task.outputs[0].name: said} if len(task.outputs) == 1 else said


def _parts(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _side_by_side(
    model: Model, items: Items, parts: Sequence[Sequence[_Item]], waits: _Patience
) -> Iterator[tuple[Sequence[_Item], _Tried]]:
    """Each batch with what came of it, as many at work at the same time as the model takes.

    Threads of their own, for nobody waits for a model that never answers, nor for one that is given up.
    """
    done: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    begun = at_work = 0
    while begun < len(parts) or at_work:
        while begun < len(parts) and at_work < model.parallel:
            tell = partial(_tell, done, begun)
            in_thread(partial(tried, model, items.task, parts[begun], waits), tell, tell)
            begun, at_work = begun + 1, at_work + 1
        number, found = done.get()
        at_work -= 1
        if isinstance(found, BaseException):
            raise found
        yield parts[number], found


def _tell(done: SimpleQueue[tuple[int, Any]], number: int, found: Any) -> None:
    done.put((number, found))


def tried(model: Model, task: Task, part: Sequence[_Item], waits: _Patience) -> _Tried:
    """What the model says of these, at a further try if need be."""
    wrong, tries, turn = "", TRIES, 0
    while turn < tries:
        turn += 1
        try:
            given = _asked(model, task, part, waits)
            waits.renew()
            return _Tried(given)
        except SpecError:
            raise  # it is a mistake of whoever launches, and nothing was started
        except TimeoutError as error:
            # What is still at work would be asked once more beside itself.
            return _Tried(None, wrong or str(error))
        except Turned as error:
            return _Tried(None, str(error), useless=True)
        except Waits as error:
            wrong, tries = str(error), LATER
            pause = PAUSE * 2 ** (turn - 1) if error.after is None else error.after
            if turn < tries and not waits.wait(pause):
                break
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        if waits.whole and waits.over:
            break
    return _Tried(None, wrong)


def _asked(model: Model, task: Task, part: Sequence[_Item], waits: _Patience) -> list[Any]:
    """What the model says of these, within what is left of the patience where all that it takes counts."""
    inputs = [one.inputs for one in part]
    left = waits.until - time.monotonic()
    if not waits.whole or left >= model.timeout:
        return model.ask(inputs, task)
    found: list[Any] = in_time(lambda: model.ask(inputs, task), max(left, 0.0), of=model.timeout)
    return found


def item_of(items: Items, place: int) -> _Item:
    """One of the items, as a model is asked about it."""
    [inputs] = items.part(place, place + 1)
    return _Item(digest_of(inputs), inputs, items.where(place))


def digest_of(inputs: Values) -> str:
    return blake2b(msgspec.json.encode(inputs, order="sorted"), digest_size=12).hexdigest()
