"""Answers of any kind, as JSON: kept a row a response, and compared with known ones by the similarity of their type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.data.items import Items
from dataforge.policy import Policy
from dataforge.runs.core.columns import Arrays, Column, Flags, Places, load_columns, saved_columns
from dataforge.runs.core.quality import Answer, Checked
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._labels import LabelColumn
from dataforge.runs.quality._parts import part_of
from dataforge.tasks.task import Slot

__all__ = ["ValueColumn", "Values", "objects"]

# What a checkpoint need not hold, or holds in parts.
LEFT_OUT = ("_outputs", "_responses", "_least", "columns", "_known", "refuted", "_drawn")
# As it is stored, and as it is called here.
STORED = {"known": "_known", "refuted": "refuted", "drawn": "_drawn"}
# The label of an optional output that was not answered.
NOTHING: dict[bool, list[None]] = {True: [], False: [None]}


class ValueColumn:
    """The answers to one output in the order they came, each as JSON text; None where nothing was answered."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._text: Column[np.uint8] = Column(np.uint8)
        self._ends: Column[np.int64] = Column(np.int64)

    def __len__(self) -> int:
        return len(self._ends)

    def take(self, answers: Sequence[Answer]) -> None:
        """Take in answers."""
        values = (None if isinstance(answer, str) else answer.get(self.name) for answer in answers)
        texts = [b"" if value is None else msgspec.json.encode(value) for value in values]
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64) + len(self._text)
        self._text.extend(np.frombuffer(b"".join(texts), np.uint8))
        self._ends.extend(ends)

    def given(self, rows: Places) -> NDArray[np.object_]:
        """What was answered."""
        text, ends = self._text.values.data, self._ends.values
        starts = np.where(rows > 0, ends[rows - 1], 0)
        pairs = zip(starts.tolist(), ends[rows].tolist(), strict=True)
        return objects([msgspec.json.decode(text[start:stop]) if stop > start else None for start, stop in pairs])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All answers as arrays."""
        return saved_columns(self, {}, ("name",))

    def load(self, arrays: Arrays) -> None:
        """Have the answers that `arrays` gave, and no others."""
        load_columns(self, arrays, {}, ("name",))


class Values:
    """The answers to all outputs of a task, and the known answers to some of its items.

    `refuted` are the items whose known answers are known to be wrong. `columns` has the answers, by output: labels as
    codes, all others as JSON. An answer is right if each output whose answer is known is so similar to that as the
    policy or its type asks; files are not compared.
    """

    def __init__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> None:
        self._outputs = {slot.name: slot for slot in outputs}
        self._responses = responses
        asked = policy.control_similarity
        of_types = {slot.name: slot.type.control_similarity for slot in outputs}
        self._least = {n: least if asked is None else asked for n, least in of_types.items() if least is not None}
        self.columns = {slot.name: _column_of(slot) for slot in outputs}
        self._known: dict[int, dict[str, Any]] = {}
        self.refuted: set[int] = set()
        self._drawn: set[int] = set()
        self._items = 0

    def grow(self, items: Items) -> None:
        """Note the known answers to further items, numbered after those there."""
        for name in self._outputs:
            for place, value in items.known_of_controls(name):
                if value is not None:
                    self._known.setdefault(self._items + place, {})[name] = value
        self._items += items.count

    def take(self, items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers; say which were to control items whose answers are known, and which of those are right."""
        for column in self.columns.values():
            column.take(answers)
        controls, correct = np.zeros(len(items), bool), np.zeros(len(items), bool)
        for row in np.flatnonzero(self._responses.numbering.control[items] & self.is_known(items)).tolist():
            answer = answers[row]
            if not isinstance(answer, str) and self._is_compared(int(items[row])):
                controls[row], correct[row] = True, self._is_right(int(items[row]), answer)
        return Checked(controls, correct)

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Know these answers to an item from now on, None: none; say how the answers `rows` go beside them.

        They may be known not to be `right`.
        """
        control = bool(self._responses.numbering.control[item])
        self._known.pop(item, None)
        self.refuted.discard(item)
        said = {} if answer is None else {name: answer.get(name) for name in self._outputs}
        # What is known of a control item says nothing of an output that it leaves out.
        said = {name: value for name, value in said.items() if value is not None or not control}
        if not said:
            return Checked(*np.zeros((2, len(rows)), bool))
        self._known[item] = said
        if not right:
            self.refuted.add(item)
        given = self.given(rows)
        correct = [
            self._is_right(item, {name: values[row] for name, values in given.items()}) for row in range(len(rows))
        ]
        return Checked(np.full(len(rows), self._is_compared(item)), np.array(correct, bool))

    def is_known(self, items: Places) -> Flags:
        """Of which of these items an answer is known: of control items, and of those that were corrected by hand."""
        found: Flags = np.isin(items, np.fromiter(self._known, np.int64, len(self._known)))
        return found

    def sample(self, items: Places) -> None:
        """Let these real items, which are known, show how good answers are, and no others."""
        self._drawn = set(items.tolist())

    def shows(self, item: int) -> bool:
        """Whether the known answer to an item shows how good answers are: it is a control item, or of the sample.

        What the requester has picked by hand shows nothing of that.
        """
        return bool(self._responses.numbering.control[item]) or item in self._drawn

    @property
    def showing(self) -> int:
        """How many items have known answers that show how good answers are."""
        return sum(map(self.shows, self._known))

    def label_counts(self, rows: Places) -> dict[str, dict[str, int]]:
        """How many of these answers are which label, for outputs that have labels."""
        return {name: column.counts(rows) for name, column in self.columns.items() if isinstance(column, LabelColumn)}

    def known_to(self, item: int) -> Mapping[str, Any]:
        """The known answers to an item, by output."""
        return self._known.get(item, {})

    def known(self, items: Places) -> dict[str, NDArray[np.object_]]:
        """The known answers to these items, by output; None where none is known."""
        return {name: objects([self.known_to(item).get(name) for item in items.tolist()]) for name in self._outputs}

    def given(self, rows: Places) -> dict[str, NDArray[np.object_]]:
        """What was answered, by output."""
        return {name: column.given(rows) for name, column in self.columns.items()}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items."""
        found = saved_columns(self, {}, LEFT_OUT)
        for name in ("known", "refuted", "drawn"):
            found[name] = np.frombuffer(msgspec.json.encode(getattr(self, STORED[name])), np.uint8)
        for number, column in enumerate(self.columns.values()):
            found |= {f"{number}.{name}": array for name, array in column.arrays().items()}
        return found

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        own = {name: array for name, array in arrays.items() if "." not in name and name not in STORED}
        load_columns(self, own, {}, LEFT_OUT)
        self._known = msgspec.json.decode(arrays["known"].tobytes(), type=dict[int, dict[str, Any]])
        self.refuted = msgspec.json.decode(arrays["refuted"].tobytes(), type=set[int])
        self._drawn = msgspec.json.decode(arrays["drawn"].tobytes(), type=set[int])
        for number, column in enumerate(self.columns.values()):
            column.load(part_of(arrays, str(number)))

    @property
    def comparable(self) -> bool:
        """Whether any of the outputs can be compared."""
        return bool(self._least)

    def same(self, one: Places, other: Places) -> Flags:
        """Which of these answers are as similar, pair by pair, as an answer is to a known one that is right."""
        found = np.ones(len(one), bool)
        for name in self._least:
            values = zip(self.columns[name].given(one), self.columns[name].given(other), strict=True)
            found &= np.fromiter((self._alike(name, *pair) for pair in values), bool, len(one))
        return found

    def _is_compared(self, item: int) -> bool:
        """Whether any of the known answers to an item can be compared with what is answered."""
        return any(name in self._least for name in self._known[item])

    def _is_right(self, item: int, answer: Mapping[str, Any]) -> bool:
        known = self._known[item]
        return all(self._alike(name, answer.get(name), known[name]) for name in known if name in self._least)

    def _alike(self, output: str, one: Any, known: Any) -> bool:
        if one is None or known is None:
            return one is known
        return self._outputs[output].type.similarity(one, known) >= self._least[output]


def _column_of(slot: Slot) -> LabelColumn | ValueColumn:
    labels = slot.type.labels()
    return ValueColumn(slot.name) if labels is None else LabelColumn(slot.name, [*labels, *NOTHING[slot.required]])


def objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """Values as an array of so many objects, lists among them."""
    found = np.empty(len(values), object)
    for place, value in enumerate(values):  # assigned at once, lists of one length would be rows of a matrix
        found[place] = value
    return found
