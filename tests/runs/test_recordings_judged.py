"""Recordings of workers as experts judge them: they hear each beside what was to be read, and the run follows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

SPOKEN = df.Recording(2, 4)
ITEMS = 8


@df.task(duration="10s")
def reading(sentence: df.Text) -> df.Recording(2, 4):  # type: ignore[valid-type]
    """Read the sentence aloud."""
    raise NotImplementedError


def number(inputs: Mapping[str, Any]) -> int:
    return int(inputs["sentence"].split()[1])


def reads(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Every third sentence is not said; as somebody who judges others they hear nothing of it."""
    if "answer" in inputs:
        return {"ok": True}
    return {"answer": SPOKEN.make_file(rng, good=number(inputs) % 3 != 0)}


class Studio(SimulatedPlatform):
    """Workers read and judge each other; experts come to trials."""

    def __init__(self, expert: Any) -> None:
        self.workers_of = {
            False: tuple(SimulatedWorker(f"w{n}", reads, pages=100) for n in range(4)),
            True: (SimulatedWorker("anna", expert, pages=100),),
        }
        super().__init__(self.workers_of[False], seed=1)

    def publish(self, publication: Any) -> None:
        self.workers = self.workers_of[publication.task.id.endswith("-trial")]
        super().publish(publication)


def test_experts_hear_the_recordings_of_a_run_and_what_they_find_wrong_is_told(
    workspace: Path, finish: Callable[[df.Run], Any]
) -> None:
    heard: dict[int, bytes] = {}

    def listens(inputs: Mapping[str, Any], *_: Any) -> dict[str, Any]:
        content = platform.media[inputs["answer"]["media"]]
        heard[number(inputs)] = content
        return {"_ok": True} if any(content[44:]) else {"_ok": False, "_comment": "nothing is said"}

    platform = Studio(listens)
    run = df.launch(
        reading,
        [{"id": f"s{n}", "sentence": f"sentence {n}"} for n in range(ITEMS)],
        policy=df.Policy(
            page=(2, 0), speed=(), skips=None, reports=None, check=df.Policy(overlap=1, page=(2, 0), speed=())
        ),
        name="run",
        platform=platform,
        workspace=workspace,
        progress=False,
    )
    assert finish(run).stage == "done"
    with run.verify(ITEMS, experts=["Anna"], progress=False) as verification:
        verification.wait(60, progress=False)
        said = verification.trial.feedback()
        finish(run)
    silent = {n for n in range(ITEMS) if n % 3 == 0}
    assert {n for n, content in heard.items() if not any(content[44:])} == silent
    labels = run.labels()
    wrong = {number(row) for row in labels.to_dict("records") if row["flag"] == "wrong"}
    assert wrong == silent
    assert set(said["_comment"]) == {"", "nothing is said"}
    accuracy = run.certificate().figures.outputs[0].accuracy
    assert accuracy is not None
    run.close()


def test_recordings_in_a_table_are_no_solutions_and_what_to_do_is_said(workspace: Path) -> None:
    rows = [{"sentence": "one", "take": "a.wav"}]
    with pytest.raises(SpecError, match=r"solutions: the output 'answer' of 'reading' is a file.*run\.verify"):
        df.try_out(reading, rows, solutions="take", workspace=workspace)
    assert not workspace.exists()
