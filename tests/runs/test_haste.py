"""A worker of a run who is suddenly in a hurry: seen, told to the requester, and asked about."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from tests.runs.conftest import LABELS, crowd, right

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

ITEMS, CAREFUL = 150, 60


def careful_at_first() -> SimulatedWorker:
    """Somebody who clicks the first label in a second after sixty items that took ten."""
    seen: list[Any] = []

    def answer(inputs: Any, truth: Any, chance: Any) -> dict[str, Any]:
        seen.append(inputs)
        if len(seen) >= CAREFUL:
            # How a worker behaves does not change by itself.
            object.__setattr__(worker, "seconds", 1.0)
        return dict(truth) if len(seen) <= CAREFUL else {"answer": LABELS[0]}

    worker = SimulatedWorker("hurries", answer, seconds=10.0)
    return worker


@pytest.fixture
def run(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> df.Run:
    platform = SimulatedPlatform([*crowd(4, 0.9, arrives=0.0), careful_at_first()], right, seed=0)
    made = start(items=ITEMS, controls=0, platform=platform, overlap=(2, 4), page=(5, 0), speed=(), min_confidence=0.6)
    finish(made)
    return made


def test_who_hurries_is_named_and_nobody_else(run: df.Run) -> None:
    workers = run.workers()
    assert workers.loc[workers["hurries_since"].notna(), "worker"].tolist() == ["hurries"]
    assert any("`hurries_since`" in notice["en"] for notice in run.notices)
    assert not workers["restricted"].any()


def test_what_was_answered_in_haste_is_asked_once_more(run: df.Run) -> None:
    given = run.responses()
    since = run.workers().set_index("worker").loc["hurries", "hurries_since"]
    late = given.loc[(given["worker"] == "hurries") & (given["at"] >= since), "id"].unique()
    labels = run.labels().set_index("id")["overlap"]
    assert len(late) > 5
    assert labels[late].min() >= 3
    assert labels.drop(late).mean() < 3


def test_an_opened_run_knows_it_as_well(run: df.Run, workspace: Any) -> None:
    before, name = run.workers()["hurries_since"], run.name
    run.close()
    pd.testing.assert_series_equal(df.open_run(name, workspace).workers()["hurries_since"], before)
