"""Answers that are labels: a number of 16 bits each, and beside them, as it came, what is no label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.objects.base import Label
from dataforge.runs.core.columns import Arrays, Column, Places
from dataforge.runs.core.quality import Answer

__all__ = ["LabelColumn", "labelled"]

REPORTED: Any = object()
"""Stands for the answer to an item that was reported: no label, and not the lack of an optional answer either."""


class LabelColumn:
    """The answers to one output in the order they came. An optional output has the label None: nothing was answered.

    The code of an answer is its label's place, or -1 if it is none.
    """

    def __init__(self, name: str, labels: Sequence[Label | None]) -> None:
        self.name = name
        self.labels = tuple(labels)
        self._code = {label: code for code, label in enumerate(labels)}
        self._types = frozenset(map(type, labels))
        self._codes: Column[np.int16] = Column(np.int16)
        self._no_labels: dict[int, Any] = {}

    @property
    def codes(self) -> NDArray[np.int16]:
        """The codes of all answers."""
        return self._codes.values

    def code(self, value: Any) -> int:
        """The code of one value. Python holds 1 for True, but who asks for yes or no has not asked for a number."""
        try:
            code = self._code.get(value, -1)
        except TypeError:  # a list or an object
            return -1
        return code if code < 0 or isinstance(value, bool) is isinstance(self.labels[code], bool) else -1

    def codes_of(self, values: Sequence[Any]) -> list[int]:
        """The codes of values. A look at the types of all saves one at each: nearly always they are the labels'."""
        if self._types.issuperset(map(type, values)):
            find = self._code.get
            return [find(value, -1) for value in values]
        return [self.code(value) for value in values]

    def take(self, answers: Sequence[Answer]) -> NDArray[np.int16]:
        """Take in answers, and give their codes."""
        values = self._values(answers)
        codes = self.codes_of(values)
        if -1 in codes:
            first = len(self._codes)
            odd = ((row, value) for row, (code, value) in enumerate(zip(codes, values, strict=True), first) if code < 0)
            self._no_labels.update((row, value) for row, value in odd if value not in (None, REPORTED))
        self._codes.extend(codes)
        return self.codes[len(self._codes) - len(codes) :]

    def _values(self, answers: Sequence[Answer]) -> list[Any]:
        name = self.name
        try:
            return [answer[name] for answer in answers]  # type: ignore[index]
        except (KeyError, TypeError):  # one of them is a report, or leaves the output out
            return [REPORTED if isinstance(answer, str) else answer.get(name) for answer in answers]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All answers as arrays."""
        odd = np.frombuffer(msgspec.json.encode(self._no_labels), np.uint8)
        return {"codes": self.codes, "no_labels": odd}

    def load(self, arrays: Arrays) -> None:
        """Have the answers that `arrays` gave, and no others."""
        self._codes.replace(arrays["codes"])
        self._no_labels = msgspec.json.decode(arrays["no_labels"].tobytes(), type=dict[int, Any])

    def counts(self, rows: Places) -> dict[str, int]:
        """How many of these answers are which label."""
        codes = self.codes[rows]
        found = np.bincount(codes[codes >= 0], minlength=len(self.labels)).tolist()
        return {str(label): count for label, count in zip(self.labels, found, strict=True) if label is not None}

    def given(self, rows: Places) -> NDArray[np.object_]:
        """What was answered, label or not; None for nothing."""
        codes = self.codes[rows]
        found = labelled(self.labels, codes)
        for place in np.flatnonzero(codes < 0).tolist():
            found[place] = self._no_labels.get(int(rows[place]))
        return found


def labelled(labels: Sequence[Label | None], codes: NDArray[np.int16]) -> NDArray[np.object_]:
    """The labels of codes; None for -1."""
    every = np.empty(len(labels) + 1, object)
    every[:-1] = labels
    found: NDArray[np.object_] = every[codes]
    return found
