"""How a run stands, in a few figures."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.records import MICRO, Stage, Texts
from dataforge.runs.driving.snapshot import items_final, stage
from dataforge.runs.driving.view import RunView

__all__ = ["RunStatus", "status_of"]


@dataclass(frozen=True)
class RunStatus:
    """How a run stands. `cost` is what was paid, in `currency`; `responses` counts accepted answers."""

    name: str
    stage: Stage
    ended: bool
    items_final: int
    items_total: int
    responses: int
    workers: int
    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    mean_confidence: float | None
    control_accuracy: float | None
    cost: float
    currency: str
    notices: tuple[Texts, ...] = ()


def status_of(view: RunView) -> RunStatus:
    """How the run stands now."""
    with view.lock:
        state = view.state
        return RunStatus(
            name=view.description.name,
            stage=stage(view),
            ended=state.ending is not None and not view.waiting_in_feed,
            items_final=items_final(view),
            items_total=state.numbering.real_total,
            responses=state.responses.accepted_total,
            workers=len(state.workers),
            pages_accepted=state.pages_accepted,
            pages_rejected=state.pages_rejected,
            pages_pending=state.pages_pending,
            mean_confidence=view.quality.mean_confidence,
            control_accuracy=state.control_correct / state.control_total if state.control_total else None,
            cost=state.paid / MICRO,
            currency=view.policy.currency,
            notices=view.notices(),
        )
