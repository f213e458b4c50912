"""Boolean: yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dataforge.errors import AnswerError, DataError
from dataforge.objects._options import Option, option_to_json
from dataforge.objects.base import ObjectType, plain, shorten

__all__ = ["Boolean"]

YES = {"en": "Yes", "ru": "Да", "tr": "Evet", "kk": "Иә", "uz": "Ha", "es": "Sí"}
NO = {"en": "No", "ru": "Нет", "tr": "Hayır", "kk": "Жоқ", "uz": "Yoʻq", "es": "No"}
# 1.0 is what pandas writes of such a column in which values are missing, t what PostgreSQL does, and what spreadsheets
# write in Russian, German, French, Spanish, Turkish (whose capital I is small without a dot), Ukrainian.
TRUE = "true yes y t 1 1.0 да истина wahr vrai verdadero doğru істина"
FALSE = "false no n f 0 0.0 нет ложь falsch faux falso yanlış yanliş хибність"
WRITTEN = dict.fromkeys(TRUE.split(), True) | dict.fromkeys(FALSE.split(), False)


@dataclass(frozen=True, eq=False)
class Boolean(ObjectType):
    """Yes or no; annotations write it `bool`."""

    name: ClassVar[str] = "boolean"

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options`, so that the widget is that of a choice."""
        return {"options": [option_to_json(Option(True, YES)), option_to_json(Option(False, NO))]}

    def to_json(self, value: Any) -> bool:
        """True or False, for which databases and columns with gaps have 1 and 0."""
        value = plain(value)
        if not isinstance(value, int | float) or value not in (0, 1):
            raise DataError(f"expected True or False, got {shorten(value)} of type {type(value).__name__}")
        return bool(value)

    def from_text(self, text: str) -> Any:
        """True for true, yes, y, t, 1, да, истина, False for their opposites; capitals do not matter."""
        return WRITTEN.get(text.strip().lower(), text)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> bool:
        """True or False."""
        if value is True or value is False:
            return bool(value)
        raise AnswerError(f"expected true or false, got {shorten(value)}")

    def labels(self) -> tuple[bool, ...]:
        """True, then False."""
        return (True, False)

    def rights(self) -> tuple[bool, ...]:
        """Yes."""
        return (True,)


PLUGIN = Boolean
