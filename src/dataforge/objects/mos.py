"""Mos: an opinion score, of which each system gets the mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import SpecError
from dataforge.objects.base import ObjectType, setting
from dataforge.objects.rating import Rating

__all__ = ["Mos"]

# ITU-T P.800, table B.1: the absolute category rating.
CATEGORIES: Mapping[int, Mapping[str, str]] = {
    1: {"en": "Bad", "ru": "Плохо", "tr": "Çok kötü", "kk": "Өте нашар", "uz": "Juda yomon", "es": "Mala"},
    2: {"en": "Poor", "ru": "Неважно", "tr": "Kötü", "kk": "Нашар", "uz": "Yomon", "es": "Mediocre"},
    3: {"en": "Fair", "ru": "Сносно", "tr": "Orta", "kk": "Орташа", "uz": "Oʻrtacha", "es": "Regular"},
    4: {"en": "Good", "ru": "Хорошо", "tr": "İyi", "kk": "Жақсы", "uz": "Yaxshi", "es": "Buena"},
    5: {"en": "Excellent", "ru": "Отлично", "tr": "Mükemmel", "kk": "Өте жақсы", "uz": "Aʼlo", "es": "Excelente"},
}


@named_entry
@dataclass(frozen=True, eq=False)
class Mos(ObjectType):
    """An opinion score, 1 to 5 unless said otherwise; all answers are kept, and `run.mos()` has the mean by system.

    Args:
        low, high: the ends of the scale; `Mos(0, 100, reference=…)` is MUSHRA's.
        points: what points mean, `{1: "bad"}`; of 1 to 5 they are bad, poor, fair, good and excellent.
        system: the column of the items that says which system made what is scored; workers never see it.
        item: the column that says what it was made of, such as the sentence: systems are compared on the same ones.
            None: each row is of its own.
        reference: the system that is the hidden reference: who gives it less than 90 of 100 too often is not heard.
        anchor: the system that is worse on purpose: who gives it more than 90 of 100 too often is not heard.
    """

    name: ClassVar[str] = "mos"
    ordered: ClassVar[bool] = True
    quality: ClassVar[str] = "collect"
    control_similarity: ClassVar[float | None] = Rating.control_similarity

    low: int = 1
    high: int = 5
    points: Mapping[int, str | Mapping[str, str]] | None = None
    system: str = "system"
    item: str | None = None
    reference: str | None = None
    anchor: str | None = None
    _scale: Rating = field(init=False, repr=False)

    def __post_init__(self) -> None:
        usual = CATEGORIES if (self.low, self.high) == (1, 5) else None
        try:
            scale = Rating(self.low, self.high, usual if self.points is None else self.points)
        except SpecError as error:
            raise SpecError(str(error).replace("rating:", "mos:", 1)) from None
        object.__setattr__(self, "_scale", scale)
        for what in ("system", "item", "reference", "anchor"):
            named = getattr(self, what)
            if not (isinstance(named, str) and named) and (named is not None or what == "system"):
                meant = "of a column" if what in ("system", "item") else "of a system"
                raise SpecError(f"mos: {what} must be the name {meant}, got {named!r}")
        if self.reference is not None and self.reference == self.anchor:
            raise SpecError(f"mos: {self.reference!r} cannot be both the reference and the anchor; name two systems")
        if (self.reference or self.anchor) and (self.low, self.high) != (0, 100):
            raise SpecError(
                f"mos: a reference or an anchor is heard on a scale from 0 to 100, got {self.low} to {self.high}; "
                "write Mos(0, 100, …)"
            )

    def settings(self) -> dict[str, Any]:
        """JSON settings: those of a rating, and what the study is of."""
        study = {name: getattr(self, name) for name in ("system", "item", "reference", "anchor")}
        return self._scale.settings() | {name: value for name, value in study.items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        scale = Rating.from_settings(settings)
        return cls(
            scale.low,
            scale.high,
            scale.points or None,
            system=setting(settings, "system", str, "system"),
            item=setting(settings, "item", str, None),
            reference=setting(settings, "reference", str, None),
            anchor=setting(settings, "anchor", str, None),
        )

    def to_json(self, value: Any) -> int:
        """The point."""
        return self._scale.to_json(value)

    def from_text(self, text: str) -> Any:
        """The number that the text spells."""
        return self._scale.from_text(text)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> int:
        """The point."""
        return self._scale.check_answer(value, inputs)

    def labels(self) -> tuple[int, ...]:
        """The points from low to high."""
        return self._scale.labels()

    def similarity(self, one: Any, other: Any) -> float:
        """1 for the same point, falling evenly to 0 for opposite ends."""
        return self._scale.similarity(one, other)


PLUGIN = Mos
