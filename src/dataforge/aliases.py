"""Names that users know from elsewhere, and how to write here what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["ELSEWHERE", "OF_RUNS", "UNSAID", "Alias"]


class Alias(NamedTuple):
    """How a name of elsewhere is written here: `written`, as an argument of `owner`."""

    written: str
    owner: str


POLICY, TASK = "df.Policy", "@df.task"

_OVERLAP = Alias("overlap=({min_overlap}, {max_overlap})", POLICY)
_PAGE = Alias("page=({real_tasks_count}, {control_tasks_count})", POLICY)

UNSAID = {
    "min_overlap": "least",
    "max_overlap": "most",
    "real_tasks_count": "real items",
    "control_tasks_count": "control items",
}
"""How a value is called that goes with one which was given."""

ELSEWHERE: Mapping[str, Alias] = {
    "aggregation_algorithm": Alias("aggregation={aggregation_algorithm}", POLICY),
    "min_overlap": _OVERLAP,
    "max_overlap": _OVERLAP,
    "correct_control_task_ratio_for_acceptance": Alias(
        "control_ratio={correct_control_task_ratio_for_acceptance}", POLICY
    ),
    "confidence": Alias("min_confidence={confidence}", POLICY),
    "confidence_threshold": Alias("min_confidence={confidence_threshold}", POLICY),
    "assignment_price": Alias("page_price={assignment_price}", POLICY),
    "real_tasks_count": _PAGE,
    "control_tasks_count": _PAGE,
    "duration": Alias("duration={duration}", TASK),
    "task_duration_hint": Alias("duration={task_duration_hint}", TASK),
    "folder": Alias("folder={folder}", "df.read_items"),
    "data": Alias("items={data}", "df.launch"),
    "dataset": Alias("items={dataset}", "df.launch"),
    "df": Alias("items={df}", "df.launch"),
}

OF_RUNS: Mapping[str, str] = dict.fromkeys(
    ("answers", "dataframe", "df", "get_results", "output", "outputs", "result", "results", "to_frame", "to_pandas"),
    "labels",
) | {"cancel": "stop", "progress": "status", "state": "status"}
"""What is looked for at a run, and what has it."""
