"""What a run is decided by, made of its policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dataforge.objects.base import Label
from dataforge.policy import Policy
from dataforge.records import Money, Texts

__all__ = ["Rules"]


@dataclass(frozen=True)
class Rules:
    """A policy made ready for a run: how many control items a page has, and what may be paid to workers in all.

    `streams`: the run was launched open, so that an answer is final as soon as no more are asked for. `reasons`: what
    those may say who judge its answers and find one wrong, as workers read it. `ration`: how many control items a page
    of a known worker has on average, None: as many as the platform deals. `task`: its id, by which the
    skill is called that control items show; empty: none is told of.
    """

    policy: Policy
    control_per_page: int
    budget: Money | None
    extra: tuple[Texts, ...] = ()
    streams: bool = False
    reasons: Mapping[Label, Texts] = field(default_factory=dict)
    ration: float | None = None
    task: str = ""
