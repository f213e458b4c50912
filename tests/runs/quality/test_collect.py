"""Answers that are collected: all are kept, and none is made the answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.handle.tables.files import write


@dataclass
class Impression:
    words: str
    stars: df.Rating(1, 5)  # type: ignore[valid-type]
    price: float | None = None


@df.task(duration="10s")
def impression(caption: df.Text) -> Impression:
    """What do you make of it?"""
    raise NotImplementedError


def said(worker: int) -> Any:
    """Everybody has words of their own; of two no price comes to mind."""

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        price = {} if worker > 2 else {"price": 10.0 * worker}
        return {"words": f"{inputs['caption']} says {worker}", "stars": 1 + worker % 5, **price}

    return answer


def collected(workspace: Path, finish: Any, workers: int = 5, **more: Any) -> df.Run:
    platform = SimulatedPlatform([SimulatedWorker(f"w{n}", said(n), arrives=50.0 * n) for n in range(workers)], seed=3)
    settings = {"page": (2, 0), "speed": (), "quality": "collect", "overlap": 4, **more.pop("policy", {})}
    run = df.launch(
        impression, [{"caption": name, "shelf": name * 2} for name in "abcd"], policy=df.Policy(**settings),
        name="impressions", platform=platform, workspace=workspace, progress=False, **more,
    )  # fmt: skip
    finish(run)
    return run


def test_an_item_has_as_many_answers_as_were_asked_for_and_a_list_of_all(workspace: Path, finish: Any) -> None:
    run = collected(workspace, finish)
    labels = run.labels()
    assert labels["verdict"].tolist() == ["collected"] * 4
    assert labels["overlap"].tolist() == [4] * 4
    assert labels["flag"].tolist() == [""] * 4
    assert all(map(math.isnan, labels["words_confidence"]))
    for row in labels.itertuples():
        assert len(row.words) == len(row.stars) == 4
        assert all(words.startswith(f"{row.caption} says ") for words in row.words)
        # Only what was answered is in a list.
        assert set(row.price) <= {0.0, 10.0, 20.0}
    status = run.status()
    assert (status.stage, status.items_final, status.items_flagged) == ("done", 4, 0)
    assert df.open_run("impressions", workspace).labels().to_json() == labels.to_json()


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl", ".parquet", ".xlsx"])
def test_lists_of_answers_are_written_to_every_kind_of_file(workspace: Path, finish: Any, ending: str) -> None:
    run = collected(workspace, finish)
    written = write(run.labels(), workspace / f"labels{ending}", ending)
    assert written.stat().st_size > 100


def test_followed_answers_are_the_lists_of_the_labels(workspace: Path, finish: Any) -> None:
    run = collected(workspace, finish)
    labels = run.labels().set_index("id")
    followed = list(run.follow())
    assert {answer.key for answer in followed} == set(labels.index)
    for answer in followed:
        assert answer.answers["words"] == labels.loc[answer.key, "words"]
        assert answer.confidence == {}


def test_solutions_are_all_answers_beside_their_items_and_the_summary_counts_them(workspace: Path, finish: Any) -> None:
    run = collected(workspace, finish)
    solutions = run.solutions()
    assert len(solutions) == 16
    assert list(solutions.columns[:6]) == ["id", "caption", "shelf", "words", "stars", "price"]
    assert all(row.words.startswith(row.caption) for row in solutions.itertuples())
    assert solutions["accepted"].all()
    summary = run.summary().set_index("question")
    stars = solutions["stars"].astype(int)
    assert summary.loc["stars", "counts"] == {n: int((stars == n).sum()) for n in range(1, 6)}
    assert summary.loc["stars", "mean"] == pytest.approx(stars.mean())
    assert summary.loc["words", ["answers", "different"]].tolist() == [16, 16]
    assert summary.loc["price", "answers"] == int(solutions["price"].notna().sum())
    assert summary.loc["price", "median"] == solutions["price"].median()
