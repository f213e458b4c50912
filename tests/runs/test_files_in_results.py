"""Answers that are files, in tables of results."""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.workspace import Workspace, media_path

HERE, ELSEWHERE = (f"{digit * 64}.wav" for digit in "ab")


@df.task(duration="10s")
def reading(sentence: df.Text) -> df.Audio:
    """Read the sentence aloud."""
    raise NotImplementedError


def said(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": {"media": HERE if inputs["sentence"] == "one" else ELSEWHERE, "seconds": 1.5}}


def test_a_file_is_its_path_or_its_name_where_it_lies_on_another_platform(workspace: Path, finish: Any) -> None:
    path = media_path(Workspace.at(workspace).media, HERE)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"RIFF")
    run = df.launch(
        reading,
        [{"sentence": "one"}, {"sentence": "two"}],
        policy=df.Policy(quality="collect", overlap=1, page=(1, 0), speed=()),
        name="readings",
        platform=SimulatedPlatform([SimulatedWorker("ann", said)]),
        workspace=workspace,
        progress=False,
    )
    finish(run)
    assert sorted(run.responses()["answer"]) == sorted([str(path), ELSEWHERE])
    assert sorted(run.labels()["answer"]) == sorted([[str(path)], [ELSEWHERE]])


def test_files_of_simulated_workers_are_kept_by_the_platform_in_memory_under_their_names(
    workspace: Path, finish: Any
) -> None:
    ann = SimulatedWorker("ann", lambda inputs, truth, rng: {"answer": df.Recording(2, 4).make_file(rng)})
    platform = SimulatedPlatform([ann])
    run = df.launch(
        reading,
        [{"sentence": "one"}, {"sentence": "two"}],
        policy=df.Policy(quality="collect", overlap=1, page=(1, 0), speed=()),
        name="readings",
        platform=platform,
        workspace=workspace,
        progress=False,
    )
    finish(run)
    assert set(run.responses()["answer"]) == platform.media.keys()
    assert {content[8:12] for content in platform.media.values()} == {b"WAVE"}
