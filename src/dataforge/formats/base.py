"""What every format is: it writes the answers to one question of a run.

A file of this folder is a format and has the name by which it is asked for, `coco` or `label-studio`; its `PLUGIN`
writes, and a function `read_…` beside it reads what is written so as rows for `launch`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dataforge.tasks.task import Slot

__all__ = ["Format", "Labelled", "Labels"]


@dataclass(frozen=True)
class Labelled:
    """An item with its answer: `value` is the input that the answer is about, as it was given.

    `answer` is in JSON form, `confidence` None where nothing shows it, `worker` whose it is where all answers are kept.
    `file` is where the input lies, or the answer if it is a file; None if it is not on this machine. `more` has the
    other columns of the item; `inputs` its inputs in JSON form, and `files` those of them that lie on this machine.
    """

    id: str
    value: Any
    answer: Any
    confidence: float | None = None
    worker: str | None = None
    file: Path | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Labels:
    """Answers to one question: what it is, the input that they are about, None without inputs, and the items.

    `inputs` are all inputs of the task.
    """

    name: str
    output: Slot
    of: Slot | None
    rows: Sequence[Labelled]
    inputs: Sequence[Slot] = ()

    def values(self) -> list[str]:
        """The values of the type's options in their order; none where its parts have no label."""
        return [str(option["value"]) for option in self.output.type.settings().get("options", ())]


class Format(Protocol):
    """What writes answers."""

    @property
    def types(self) -> Sequence[str]:
        """The names of the object types whose answers can be written so."""
        ...

    @property
    def ending(self) -> str:
        """How the name of the file ends; empty: it is a folder of files."""
        ...

    @property
    def several(self) -> bool:
        """Whether an item may have several answers, where all are kept."""
        ...

    def write(self, labels: Labels, path: Path) -> None:
        """Write the file, or fill the folder, which is there and empty; raises `DataError` with the item's id."""
        ...
