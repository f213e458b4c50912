"""What becomes of a run, as it is foreseen now."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge import cards
from dataforge.catalogue import here, listed, own_language, say
from dataforge.errors import RunEnded, RunError
from dataforge.pricing.amounts import money
from dataforge.records import MICRO, Span, Texts
from dataforge.runs.core.outlook import REHEARSALS, forecast
from dataforge.runs.driving.foresight import foresee
from dataforge.runs.driving.telling import answers_to_target
from dataforge.runs.driving.view import RunView
from dataforge.texts import pick

__all__ = ["RunForecast", "foretold"]

HOUR = 3_600.0


@dataclass(frozen=True)
class RunForecast:
    """What becomes of a run: each number as expected, and between which two it lies with eight chances in ten.

    `cost` in `currency`, `most` if every item gets as many answers as it may; `overlap`: answers an item; `accuracy`:
    the share of answers that will be right; `hours` from now on. Those three are None where the run is not rehearsed:
    where every item gets one and the same number of answers, or models vote.
    """

    cost: tuple[float, float, float]
    most: float
    currency: str
    overlap: tuple[float, float, float] | None = None
    accuracy: tuple[float, float, float] | None = None
    hours: tuple[float, float, float] | None = None

    def __str__(self) -> str:
        return self.told_in(own_language())

    def told_in(self, language: str) -> str:
        """The forecast as who reads a language reads it."""
        return pick(listed(self._parts(), "; "), language)

    def _parts(self) -> list[Texts]:
        cost, low, high, most = (money(one, self.currency) for one in (*self.cost, self.most))
        parts = [say("told_foretold", cost=cost, low=low, high=high, most=most)]
        for name, span, form in (
            ("told_overlap", self.overlap, ".2f"),
            ("told_right", self.accuracy, ".1%"),
            ("told_hours", self.hours, ".1f"),
        ):
            if span is not None:
                mean, least, top = (format(one, form) for one in span)
                parts.append(say(name, mean=mean, low=least, high=top))
        return parts

    def __repr__(self) -> str:
        return f"RunForecast({self})"

    def _repr_html_(self) -> str:
        return cards.card("Forecast", "", *map(cards.line, map(here, self._parts())))


def foretold(view: RunView, runs: int = REHEARSALS, seed: int = 0) -> RunForecast:
    """Rehearse a run so many times from where it stands; raises `RunEnded` once it has ended."""
    name = view.description.name
    _refuse_ended(view)
    if runs < 2:
        raise RunError(f"runs: expected 2 or more rehearsals, of which an interval can be made, got {runs}")
    foreseen = foresee(view, runs, seed)
    with view.lock:
        found = forecast(view.state, view.rules, answers_to_target(view), foreseen)
        if found is None:
            # Who works does not wait for a rehearsal: the run may have ended meanwhile.
            _refuse_ended(view)
    if found is None:
        raise RunError(
            f"run {name!r}: other workers judge its answers, and how many attempts items take shows only then; "
            "what it costs at least and at most is in run.about"
        )
    return RunForecast(
        (found.cost / MICRO, found.low / MICRO, found.high / MICRO),
        found.most / MICRO,
        view.policy.currency,
        _three(found.overlap),
        _three(found.right),
        None if foreseen is None else _three(foreseen.seconds, HOUR),
    )


def _refuse_ended(view: RunView) -> None:
    if view.state.ending is not None:
        raise RunEnded(f"run {view.description.name!r} has ended: what it cost is in run.status().cost")


def _three(span: Span | None, unit: float = 1.0) -> tuple[float, float, float] | None:
    return None if span is None else (span.expected / unit, span.low / unit, span.high / unit)
