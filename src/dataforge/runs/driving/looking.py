"""Before a run decides: all answers are looked at together when that is due, else the items with new ones."""

from __future__ import annotations

from collections.abc import Callable

from dataforge.runs.core.decide import affordable
from dataforge.runs.core.log import Fitted
from dataforge.runs.core.quality import Quality
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState

__all__ = ["looked"]


def looked(state: RunState, quality: Quality, rules: Rules, save: Callable[[], str]) -> Fitted | None:
    """Look at what is new; what to write down if that was at all answers together, which `save` keeps under a name."""
    afresh = state.unsettled or state.over
    if not quality.fit_due(state.fitted, afresh=afresh):
        if len(state.responses.new_items):
            quality.refresh(state.responses.new_items)
        return None
    quality.afford(affordable(state, rules))
    quality.fit(afresh=afresh)
    return Fitted(state.responses.accepted_total, save(), afresh)
