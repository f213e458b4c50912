"""Models that are asked when a run is launched: their labels join people's answers as those of `voters` do.

What a model says is on the disk before it counts, a batch at a time, in the run's folder: a launch of the same name
after one that was killed asks it again only about the batches that were under way. A model that fails has no label for
the items concerned; people answer these alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
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
from dataforge.durable import sync, sync_folder
from dataforge.errors import SpecError
from dataforge.items import Items
from dataforge.models._model import Model, in_thread
from dataforge.models._remote import Turned, Waits
from dataforge.objects.base import Label, listed, shorten
from dataforge.records import Texts, Values
from dataforge.tables import is_missing
from dataforge.voters import code_of

__all__ = ["with_answers"]

TRIES = 2
# Who asks to be asked later, or cannot be reached, is asked more often, after twice as long each time.
LATER, PAUSE = 5, 0.5
GIVES_UP = 3
"""After so many batches in a row without an answer a model is asked no more."""
NOTHING = -1


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
    # Who launches under the same name at the same time waits, and finds what was said.
    with FileLock(path.with_suffix(".lock")):
        asked = _Asked(_recorded(path, labels))
        missing: dict[str, _Item] = {}
        for place, inputs in enumerate(items):
            if (digest := _digest(inputs)) not in asked.codes and digest not in missing:
                missing[digest] = _Item(digest, inputs, f"{items.name}, {items.place(place)}")
        for part, tried in _side_by_side(model, items, _parts(list(missing.values()), model.batch)):
            if tried.given is None:
                asked.failed(f"{part[0].place}: {tried.wrong}")
                asked.in_a_row += 1
                if tried.useless or asked.in_a_row >= GIVES_UP:
                    break
                continue
            asked.in_a_row = 0
            codes = {one.digest: _code(one, value, labels, asked) for one, value in zip(part, tried.given, strict=True)}
            _record(path, codes, labels)
            asked.codes.update(codes)
        return asked


def _parts(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _code(item: _Item, value: Any, labels: Sequence[Label | None], asked: _Asked) -> int:
    """The place of what a model says among the labels; what is none is noted."""
    code = NOTHING if getattr(value, "ndim", 0) else code_of(labels, value)
    if code < 0 and not is_missing(value):
        asked.failed(f"{item.place}: expected one of {listed(labels)} or None, got {shorten(value)}")
    return code


def _side_by_side(
    model: Model, items: Items, parts: Sequence[Sequence[_Item]]
) -> Iterator[tuple[Sequence[_Item], _Tried]]:
    """Each batch with what came of it, as many at work at the same time as the model takes.

    Threads of their own, for nobody waits for a model that never answers, nor for one that is given up.
    """
    done: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    begun = at_work = 0
    while begun < len(parts) or at_work:
        while begun < len(parts) and at_work < model.parallel:
            tell = partial(_tell, done, begun)
            in_thread(partial(_tried, model, items, parts[begun]), tell, tell)
            begun, at_work = begun + 1, at_work + 1
        number, found = done.get()
        at_work -= 1
        if isinstance(found, BaseException):
            raise found
        yield parts[number], found


def _tell(done: SimpleQueue[tuple[int, Any]], number: int, found: Any) -> None:
    done.put((number, found))


def _tried(model: Model, items: Items, part: Sequence[_Item]) -> _Tried:
    """What the model says of these, at a further try if need be."""
    wrong, tries, turn = "", TRIES, 0
    while turn < tries:
        turn += 1
        try:
            return _Tried(model.ask([one.inputs for one in part], items.task))
        except SpecError:
            raise  # it is a mistake of whoever launches, and nothing was started
        except TimeoutError as error:
            # What is still at work would be asked once more beside itself.
            return _Tried(None, str(error))
        except Turned as error:
            return _Tried(None, str(error), useless=True)
        except Waits as error:
            wrong, tries = str(error), LATER
            if turn < tries:
                time.sleep(PAUSE * 2 ** (turn - 1) if error.after is None else error.after)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
    return _Tried(None, wrong)


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
    said = {digest: None if code < 0 else labels[code] for digest, code in codes.items()}
    new = not path.exists()
    with open(path, "ab") as file:
        # The line break comes first, for a killed launch may have left half a line.
        file.write(b"\n" + msgspec.json.encode(said) + b"\n")
        file.flush()
        sync(file.fileno())
    if new:
        # That of the run is new as well, perhaps.
        sync_folder(path.parent)
        sync_folder(path.parent.parent)
