"""What the requester should know of how sure consensus can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dataforge.records import Texts
from dataforge.runs.core import promise_texts, texts
from dataforge.runs.core.columns import Flags
from dataforge.runs.core.quality import Measured, Reach
from dataforge.runs.quality._figures import Figures
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._workers import Workers

__all__ = ["beyond_reach", "of_models", "of_rare_labels", "of_unverified", "of_workers", "reach_of"]


def of_unverified(outputs: Sequence[Output], figures: Figures) -> Iterator[Texts]:
    """Why there are items without a confidence, if there are."""
    few = figures.unverified
    if few and any(output.alike for output in outputs):
        yield texts.all_alike(few)
    elif few:
        yield (texts.by_chance if any(output.by_chance for output in outputs) else texts.unverified)(few)


def of_models(measured: Sequence[Measured], doubted: Sequence[tuple[str, float]]) -> Iterator[Texts]:
    """Models that are not measured, or err elsewhere than at control items."""
    yield from (texts.model_unmeasured(one.name) for one in measured if not one.control_total)
    yield from (texts.model_elsewhere(name, able) for name, able in doubted)


def of_workers(workers: Workers) -> Iterator[Texts]:
    """Workers who are not what they seem."""
    if together := int((workers.ring >= 0).sum()):
        yield texts.answer_as_one(together)
    if changed := int((workers.since >= 0).sum()):
        yield texts.worse_than_before(changed)


def reach_of(outputs: Sequence[Output], figures: Figures, shows: Flags) -> list[Reach]:
    """How sure answers can be at best, by output; nothing where all that there are have no confidence."""
    if figures.unverified and not figures.stated:
        return []
    return [output.reach(shows) for output in outputs]


def beyond_reach(reach: Sequence[Reach], histogram: Sequence[int]) -> list[Texts]:
    """What is wanted and cannot be reached, of the first output of which that is so."""
    found = (promise_texts.promised(one, histogram) for one in reach if one.beyond)
    return [told for told in found if told is not None][:1]


def of_rare_labels(reach: Sequence[Reach]) -> Iterator[Texts]:
    """Which label is shown least of all that cannot be as sure as wanted although others can."""
    rare = [label for one in reach for label in one.rare]
    if rare:
        yield promise_texts.of_rare(*min(rare, key=lambda label: label[1]))
