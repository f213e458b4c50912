"""The words that records are made of: texts, values, money, times, and the closed sets of states and reasons."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

__all__ = [
    "FLAGS",
    "FOREVER",
    "MICRO",
    "REPORT_REASONS",
    "Answer",
    "ClosedReason",
    "Flag",
    "Money",
    "PageState",
    "Record",
    "ReportReason",
    "Stage",
    "State",
    "Texts",
    "Time",
    "Values",
    "unit_price",
]


# A title is the name that the type has in the description of the API and in the pages' code.
Texts = Annotated[dict[str, str], Meta(title="Texts", description="`{language: text}`, with English always present.")]
Values = Annotated[dict[str, Any], Meta(title="Values", description="JSON values by the names of inputs or outputs.")]
Money = Annotated[int, Meta(title="Money", description="An integer number of millionths of a currency unit.")]
Time = Annotated[float, Meta(title="Time", description="Seconds since the epoch.")]
State = Annotated[
    Literal["open", "paused", "closed", "archived"],
    Meta(
        title="State",
        description="A run's state on a platform; `archived`: it is put aside, and nobody works at it until it is "
        "brought back.",
    ),
]
Stage = Annotated[
    Literal["starting", "running", "waiting", "stalled", "paused", "finishing", "done", "budget", "time", "stopped"],
    Meta(
        title="Stage",
        description="Where a run stands; `waiting`: it is open and waits for items. `done`, `budget`, `time` and "
        "`stopped` say how it ended.",
    ),
]
Flag = Annotated[
    Literal[
        "",
        "unsure",
        "unverified",
        "no_answers",
        "budget",
        "time",
        "stopped",
        "reported",
        "incomplete",
        "corrected",
        "withdrawn",
        "verified",
        "wrong",
        "set_aside",
        "rejected",
    ],
    Meta(
        title="Flag",
        description="Why an item has no sure answer; empty where it has one. `incomplete`: the run goes on and wants "
        "more answers to it. `corrected`: the requester gave the answer; `withdrawn`: a control item no more. "
        "`verified`: somebody trusted has found the answer right; `wrong`: has found it wrong, and gave no other. "
        "`set_aside`: the requester leaves it out of the results. `rejected`: all its answers are on rejected pages, "
        "and nobody is asked any more.",
    ),
]
FLAGS: tuple[Flag, ...] = (
    "",
    "unsure",
    "unverified",
    "no_answers",
    "budget",
    "time",
    "stopped",
    "reported",
    "incomplete",
    "corrected",
    "withdrawn",
    "verified",
    "wrong",
    "set_aside",
    "rejected",
)
"""In this order for ever: runs keep the places of their items' flags."""
ReportReason = Annotated[
    Literal["broken", "language", "forbidden", "unclear"],
    Meta(
        title="ReportReason",
        description="Why a worker reports an item: it does not open or play, is in another language, shows what must "
        "not be shown, or cannot be told.",
    ),
]
REPORT_REASONS: tuple[ReportReason, ...] = ("broken", "language", "forbidden", "unclear")
# What a worker says of one item: values by the names of the outputs, or why it cannot be answered.
Answer = Values | ReportReason
PageState = Annotated[
    Literal["held", "submitted", "accepted", "rejected", "expired", "late", "skipped", "released"],
    Meta(title="PageState", description="What became of a page; `late`: answers that came when its places were gone."),
]
ClosedReason = Annotated[
    Literal[
        "restricted",
        "all_done",
        "paused",
        "finished",
        "language",
        "budget",
        "busy",
        "newcomers",
        "unchecked",
        "elsewhere",
        "no_items",
        "no_answers",
        "judging",
        "people",
        "age",
        "region",
        "speaks",
        "device",
        "skill",
        "training",
    ],
    Meta(title="ClosedReason", description="Why a run has no page for a worker."),
]

MICRO = 1_000_000
# The end of a restriction that has none, in 2255: tables that count nanoseconds end in 2262.
FOREVER: Time = 9e9


def unit_price(amount: float) -> Money:
    """An amount in currency units as an integer number of millionths: `unit_price(0.05) == 50_000`."""
    return round(amount * MICRO)


class Record(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=False):
    """The base of all records."""
