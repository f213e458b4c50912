"""Pipelines, as the requester's routes show them; see docs/http-api.md."""

from __future__ import annotations

from msgspec import Struct

from dataforge.records import Money, PipelineShown, PipelineState

__all__ = ["PipelineList", "PipelineSummary", "PipelineView"]


class PipelineSummary(Struct, frozen=True):
    """A pipeline of the workspace, and how far it is; `done`, `failed` and `cost` are null until that is shown."""

    pipeline: str
    state: PipelineState
    items: int
    done: int | None
    failed: int | None
    cost: Money | None
    currency: str
    budget: float | None


class PipelineList(Struct, frozen=True):
    """The pipelines of the workspace, by their names."""

    pipelines: list[PipelineSummary]


class PipelineView(Struct, frozen=True):
    """One pipeline. `runs` are those of its tasks that are here, by the task.

    `held`: why nobody plays it, where it was stopped or failed; `goes_on`: the server could play it on. `shown`: null
    where nobody has shown how it stands yet.
    """

    pipeline: str
    function: str
    state: PipelineState
    held: str
    goes_on: bool
    items: int
    budget: float | None
    runs: dict[str, str]
    shown: PipelineShown | None
