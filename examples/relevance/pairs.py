"""Pairs of a request and what was said to it, of which it is known whether that serves: yours, or made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

SAID = {
    "set an alarm for {}": "The alarm is set for {}.",
    "how do I get to {}": "It takes ten minutes to {} from here.",
}
THINGS = ["seven", "noon", "midnight", "dawn", "dinner", "lunch", "school", "home", "work", "church", "market", "town"]
Known = dict[tuple[str, str], bool]


def known(path: Path | None) -> Known:
    """Whether each pair of a file of JSON lines serves, or of those that are made up here."""
    lines = made_up() if path is None else map(json.loads, path.read_text("utf-8").splitlines())
    return {(pair["query"], pair["text"]): pair["relevance"] > 0 for pair in lines}


def made_up() -> Iterator[dict[str, Any]]:
    """Requests with the answer to them, with one to something else, and with one about something else."""
    for place, thing in enumerate(THINGS):
        for (ask, say), other in zip(SAID.items(), reversed(SAID.values()), strict=True):
            for text, good in ((say, 1), (other, 0), (say, 1), (say.format(THINGS[place - 1]), 0)):
                yield {"query": ask.format(thing), "text": text.format(thing), "relevance": good}


def people(truth: Known) -> SimulatedPlatform:
    """Simulated people, right in nine of ten."""

    def answer(item: Any, known: Any, chance: Random) -> dict[str, Any]:
        return {"answer": truth[item["query"], item["text"]] == (chance.random() < 0.9)}

    return SimulatedPlatform([SimulatedWorker(f"w{n}", answer) for n in range(40)], seed=1)
