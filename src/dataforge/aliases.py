"""Names of settings that users know from elsewhere, and how to write here what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from dataforge.errors import SpecError

__all__ = ["refuse_unknown"]

WRITTEN_HERE = {
    "aggregation_algorithm": "aggregation=…",
    "min_overlap": "overlap=(least, most)",
    "max_overlap": "overlap=(least, most)",
    "correct_control_task_ratio_for_acceptance": "control_ratio=…",
    "assignment_price": "page_price=…",
    "real_tasks_count": "page=(real items, control items)",
    "control_tasks_count": "page=(real items, control items)",
    "task_duration_hint": '@df.task(duration="10s")',
    "duration": '@df.task(duration="10s")',
}


def refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    """Raise `SpecError` if a setting of a policy has a name that there is not; it says what to write instead."""
    names = list(known)
    unknown = min(set(given) - set(names), default=None)
    if unknown is not None:
        here = WRITTEN_HERE.get(unknown)
        advice = f"write {here}" if here is not None else f"known: {', '.join(names)}"
        raise SpecError(f"policy: no setting is named {unknown!r}; {advice}")
