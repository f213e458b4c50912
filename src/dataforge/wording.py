"""Which part of a task answers depend on, and which is its wording, that may be put better while people work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataforge.records import Field, TaskSpec

__all__ = ["meaning_of"]

TEXTS = frozenset(("label", "hint"))
"""What the settings of object types call the texts in them."""


def meaning_of(spec: TaskSpec) -> Any:
    """All of a task that answers depend on, in JSON."""
    fields = {"inputs": list(map(_meaning, spec.inputs)), "outputs": list(map(_meaning, spec.outputs))}
    return {"id": spec.id, "duration": spec.duration, **fields}


def _meaning(field: Field) -> Any:
    return {"name": field.name, "type": field.type, "required": field.required, "settings": _wordless(field.settings)}


def _wordless(settings: Any) -> Any:
    """Settings without the texts that workers read."""
    if isinstance(settings, Mapping):
        return {name: _wordless(value) for name, value in settings.items() if name not in TEXTS}
    if isinstance(settings, list | tuple):
        return [_wordless(value) for value in settings]
    return settings
