"""Labels in files and those of a task: which are the same, and which question of the task is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataforge.errors import DataError, SpecError
from dataforge.objects.base import listed
from dataforge.tasks.task import Slot, Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelNames", "Question", "frame_of_rows", "question"]


@dataclass(frozen=True)
class Question:
    """The output of a task whose answers are read, and the input that they are about."""

    task: Task
    output: Slot
    of: Slot

    def labels(self, given: Mapping[str, str] | None, name: str) -> LabelNames:
        """What labels in the file `name` mean here."""
        return LabelNames(self.output, given, name)


def question(task: Task, types: Sequence[str], form: str, kinds: Sequence[str] = ("image",)) -> Question:
    """The one output whose type is among these, about the one input of these kinds; raises `SpecError`."""
    outputs = [slot for slot in task.outputs if slot.type.name in types]
    if len(outputs) != 1:
        found = f"outputs are: {', '.join(map(str, task.outputs))}"
        raise SpecError(f"{form} holds answers of the types {', '.join(types)}, one in a task; {found}")
    [output] = outputs
    of = getattr(output.type, "of", None)
    inputs = [task.input(of)] if of else [slot for slot in task.inputs if slot.type.name in kinds]
    if len(inputs) != 1:
        there = ", ".join(map(str, task.inputs)) or "none"
        raise SpecError(f"{form} is about one input of the type {' or '.join(kinds)}; inputs are: {there}")
    return Question(task, output, inputs[0])


def frame_of_rows(asked: Question, rows: Sequence[tuple[str | None, Any, Any]]) -> pd.DataFrame:
    """Names of items, what they are about, and their known answers, as columns for `launch`."""
    import pandas as pd

    frame = pd.DataFrame({"id": [name for name, _, _ in rows]}, dtype=object)
    if asked.of.name == "id" or frame["id"].isna().any():
        # Rows without names are numbered, and an input that is called `id` names none.
        frame = frame.drop(columns="id")
    frame[asked.of.name] = pd.Series([value for _, value, _ in rows], dtype=object)
    frame[asked.output.name] = pd.Series([answer for _, _, answer in rows], dtype=object)
    return frame


class LabelNames:
    """The labels of a task by the names that a file has for them.

    `given` maps names in the file to labels of the task, and what it does not name is left out; without it they are
    the same.
    """

    def __init__(self, output: Slot, given: Mapping[str, str] | None, file: str) -> None:
        known = [str(option["value"]) for option in output.type.settings().get("options", ())]
        unknown = [label for label in (given or {}).values() if label not in known]
        if unknown:
            raise SpecError(
                f"labels: expected names in the file with labels of the task, {listed(known)}, got {listed(unknown)}"
            )
        self._known = known
        self._given = given
        self._file = file
        self._seen: set[str] = set()

    def __call__(self, name: str) -> dict[str, str] | None:
        """`{"label": …}`, empty where parts have no label here, None where the part is left out; or `DataError`."""
        if not self._known:
            return {}
        self._seen.add(name)
        label = name if self._given is None else self._given.get(name)
        if label is None:
            return None
        if label not in self._known:
            raise DataError(
                f"expected a label, one of {listed(self._known)}, got {name!r}; say which of the file's labels are "
                f"which of yours, and leave others out: labels={{{self._known[0]!r}: {self._known[0]!r}, …}}"
            )
        return {"label": label}

    @property
    def same(self) -> Sequence[str]:
        """The labels that files call as the task does."""
        return self._known if self._given is None else ()

    def knows(self, name: str) -> bool:
        """Whether a name means a label here."""
        return name in (self._known if self._given is None else self._given)

    def check_used(self) -> None:
        """Raise `DataError` if there were labels, and none of those that were named."""
        if self._given is not None and self._seen and not self._seen & self._given.keys():
            raise DataError(
                f"{self._file}: none of its labels is among labels={listed(self._given)}; they are: "
                f"{listed(sorted(self._seen))}"
            )
