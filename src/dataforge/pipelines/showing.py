"""A pipeline as its page shows it: the picture with its numbers, its stages, and the last results."""

from __future__ import annotations

import time
from collections.abc import Mapping

from dataforge.pipelines.forecast import PipelineForecast
from dataforge.pipelines.outcomes import Calls, Outcomes, ends
from dataforge.pipelines.picture import Node, drawn, laid_out
from dataforge.pipelines.stages import Stages
from dataforge.pipelines.status import PipelineStatus
from dataforge.records import MICRO, Money, PipelineArrow, PipelineBox, PipelineShown, Span

__all__ = ["Pace", "picture_of", "shown"]

RESULTS = 20
LEAST = 1.0
SELDOM = 50.0
"""What is shown is made at most each second, and takes a fiftieth of the time at most, whatever there is to count."""


class Pace:
    """When it is time to show anew."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._next = self._begun + LEAST

    def due(self) -> bool:
        """Whether it is; it begins then."""
        self._begun = time.monotonic()
        return self._begun >= self._next

    def done(self) -> None:
        """Take note that it was shown."""
        now = time.monotonic()
        self._next = now + max(LEAST, SELDOM * (now - self._begun))


def shown(
    status: PipelineStatus,
    stages: Stages,
    calls: Calls,
    outcomes: Outcomes,
    function: str,
    forecast: PipelineForecast | None,
    models: Mapping[str, float],
) -> PipelineShown:
    """How a pipeline stands; `models`: what asking each has cost."""
    # The arrows first: whatever they lead to is among the questions then.
    arrows = outcomes.arrows()
    asked = list(calls.asked.items())
    begin, end = ends(dict(asked))
    names = [begin, *(name for name, _ in asked), end]
    picture = laid_out(names, arrows)
    paid = {name: stage.run.status().cost for name, stage in stages} | dict(models)
    costs: Mapping[str, Money] = {name: round(cost * MICRO) for name, cost in paid.items()}
    answered = {name: len(stage.found) for name, stage in stages}
    boxes = [PipelineBox(begin, "items", *picture.places[begin], status.items)]
    for name, count in asked:
        at, stuck = picture.places[name], status.stuck.get(name, "")
        under_way = status.steps.get(name, (0, 0.0))[0]
        if name in answered or name in status.waiting or stuck:
            waits = status.waiting.get(name, 0)
            boxes.append(PipelineBox(name, "task", *at, answered.get(name, 0), waits, stuck, costs.get(name, 0)))
        else:
            boxes.append(PipelineBox(name, "step", *at, count - under_way, under_way, stuck, costs.get(name, 0)))
    boxes.append(PipelineBox(end, "results", *picture.places[end], status.done))
    return PipelineShown(
        items=status.items,
        done=status.done,
        failed=status.failed,
        outdated=status.outdated,
        cost=sum(costs.values()),
        currency=stages.currency,
        size=(picture.width, picture.height),
        boxes=tuple(boxes),
        arrows=tuple(PipelineArrow(*line.arrow, line.path, line.tip, line.number) for line in picture.lines),
        results=outcomes.last(RESULTS),
        written=time.time(),
        held_up=status.stuck.get(function, ""),
        expected=None if forecast is None else Span(*forecast.cost),
    )


def picture_of(now: PipelineShown) -> str:
    """What leads to what, with the number of items on every arrow: an SVG, as a notebook shows it."""
    said = {"items": "{:,}", "task": "{:,} answered", "step": "{:,} done", "results": "{:,} done"}
    failed = f", {now.failed:,} failed" if now.failed else ""
    nodes = [
        Node(box.name, said[box.kind].format(box.count) + (failed if box.kind == "results" else ""), bool(box.stuck))
        for box in now.boxes
    ]
    return drawn(nodes, [(arrow.start, arrow.to, arrow.items) for arrow in now.arrows])
