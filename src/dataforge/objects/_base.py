"""What every object type is: a kind of value with a JSON form, a check and a widget.

One file per type, one class per file, named by `PLUGIN` at the file's end. A type's instance is a *configured* type:
`Text()` or `Text(markdown=True)`; a field's settings travel as JSON through `settings()` and `from_settings()`.
The widget of the type `image` is `ui/src/widgets/image.svelte`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

__all__ = ["Label", "ObjectType"]

Label = str | int | bool


class ObjectType:
    """The base of all object types; override what differs."""

    name: ClassVar[str]
    media: ClassVar[bool] = False
    """Whether values are files or addresses of files (served by the platform)."""

    def settings(self) -> dict[str, Any]:
        """JSON settings that rebuild this type and tell the widget how to draw it."""
        return {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The configured type that `settings` describes; raises `SpecError` if they make no sense."""
        return cls()

    def to_json(self, value: Any) -> Any:
        """Check a value of the user's data and give its JSON form; raises `DataError` without a place.

        The caller adds the row and the column. Called for inputs and for known answers.
        """
        raise NotImplementedError

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """Check a JSON value from a worker and give its clean form; raises `AnswerError` without a place.

        `inputs` are the item's inputs in JSON form, for types whose options depend on one of them.
        """
        raise NotImplementedError

    def labels(self) -> Sequence[Label] | None:
        """All possible answers in a fixed order if the type is bounded, else None."""
        return None

    def allowed(self, inputs: Mapping[str, Any]) -> Sequence[Label] | None:
        """The labels open for an item with these inputs; the same as `labels()` unless they depend on one."""
        return self.labels()

    def similarity(self, one: Any, other: Any) -> float:
        """How alike two JSON values are, 0..1; used to compare an answer with a known one."""
        return float(one == other)
