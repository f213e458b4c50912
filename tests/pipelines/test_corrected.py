"""Answers that are corrected after a pipeline went on from them: what is marked, and what is played anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from tests.pipelines.conftest import ITEMS, POLICY, is_big, kind_of, only_kinds, truth

import dataforge as df
from dataforge.pipelines.journal import Entry, Journal
from dataforge.pipelines.run import PipelineRun
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

ALONE = POLICY.changed(overlap=1)
LIAR = "w0"


def lies(inputs: Mapping[str, Any], known: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Who takes every scene of a vehicle for one of a person, and the other way round."""
    return {"answer": {"person": "vehicle", "vehicle": "person"}.get(known["answer"], known["answer"])}


def honest(inputs: Mapping[str, Any], known: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    return dict(known)


def crowd() -> SimulatedPlatform:
    workers = [SimulatedWorker(f"w{n}", lies if n == 0 else honest, arrives=0.0) for n in range(4)]
    return SimulatedPlatform(workers, truth, seed=1)


@pytest.fixture
def misled(launch: Callable[..., PipelineRun]) -> Callable[..., PipelineRun]:
    """A pipeline some of whose results rest on what one who lies said."""

    def start(items: Any = None, on: SimulatedPlatform | None = None, **more: Any) -> PipelineRun:
        return launch(items, on, policies={kind_of: ALONE, is_big: ALONE}, **more)

    return start


def said_by_liar(run: PipelineRun) -> list[int]:
    """The items whose kind the liar told."""
    given = run.stages["kind_of"].responses()
    return sorted(int(key.split("/")[0]) for key in given[(given["worker"] == LIAR) & ~given["discarded"]]["place"])


def discarded(run: PipelineRun) -> list[int]:
    """The items that the liar misled, whose answers count no more, and others have been asked."""
    misled = said_by_liar(run)
    assert misled, "the liar was given something"
    run.stages["kind_of"].discard(LIAR)
    assert run.stages["kind_of"].wait(60, progress=False).ended
    return misled


def test_a_result_that_rests_on_a_discarded_answer_is_marked_and_claims_nothing(misled: Any) -> None:
    run = misled(ITEMS, crowd())
    assert run.wait(60).ended
    wrong = discarded(run)
    labels = run.labels().set_index("id")
    assert labels.index[labels["flag"] == "outdated"].tolist() == wrong
    assert labels.loc[wrong, "confidence"].isna().all()
    lineage = run.lineage()
    corrected = lineage[lineage["corrected"]]
    assert sorted(corrected["id"]) == wrong
    kinds = {item["id"]: truth({"text": item["text"]})["answer"] for item in ITEMS}
    assert corrected["now"].tolist() == [kinds[number] for number in corrected["id"]]
    assert (corrected["now"] != corrected["answer"]).all()
    assert lineage[~lineage["corrected"]]["now"].isna().all()
    assert run.status().outdated == len(wrong)
    assert f"{len(wrong)} outdated: launched with again=True they are played anew" in str(run.status())


def halved(inputs: Mapping[str, Any], known: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Right of every scene but the first three, of which it says the other."""
    return lies(inputs, known, chance) if inputs["text"] in ("scene 0", "scene 1", "scene 2") else dict(known)


def test_a_result_is_flagged_as_its_answers_are_and_while_it_is_not_there(launch: Callable[..., PipelineRun]) -> None:
    workers = [SimulatedWorker("w0", honest, arrives=0.0), SimulatedWorker("w1", halved, arrives=0.0)]
    run = launch(ITEMS, SimulatedPlatform(workers, truth, seed=1), only_kinds, policies={kind_of: POLICY})
    run.wait(60)
    labels, lineage = run.labels().set_index("id"), run.lineage().set_index("id")
    assert labels["flag"].to_dict() == lineage["flag"].to_dict()
    assert set(labels["flag"][:3]) == {"unsure"}
    assert set(labels["flag"][3:]) <= {"", "unverified"}, "unverified: before the two had met on anything"
    run.close()
    idle = launch(ITEMS, SimulatedPlatform([], truth, seed=1), name="idle")
    assert set(idle.labels()["flag"]) == {"incomplete"}


def test_played_anew_it_comes_to_what_is_right_and_asks_only_what_is_new(misled: Any) -> None:
    on = crowd()
    run = misled(ITEMS, on)
    run.wait(60)
    wrong = discarded(run)
    before = {name: stage.responses() for name, stage in run.stages.items()}
    run.close()
    unchanged = misled(None, on)
    assert unchanged.wait(60).outdated == len(wrong), "without being asked to it plays nothing anew"
    unchanged.close()
    run = misled(None, on, again=True)
    assert run.wait(60).outdated == 0
    labels = run.labels().set_index("id")
    assert labels["big"].tolist() == [None if n % 2 == 0 else n % 4 == 1 for n in range(12)]
    assert (labels["flag"] != "outdated").all()
    lineage = run.lineage()
    assert not lineage["corrected"].any()
    asked = lineage.groupby("id")["asked"].agg(list)
    assert asked.tolist() == [["kind_of"] if n % 2 == 0 else ["kind_of", "is_big", "is_big"] for n in range(12)]
    after = {name: stage.responses() for name, stage in run.stages.items()}
    assert len(after["kind_of"]) == len(before["kind_of"]), "no kind is asked again"
    new = after["is_big"][~after["is_big"]["place"].isin(before["is_big"]["place"])]["place"].str.split("/").str[0]
    assert sorted(new.astype(int).unique()) == [item for item in wrong if item % 2]
    run.close()
    again = misled(None, on, again=True)
    again.wait(60)
    assert {name: len(stage.responses()) for name, stage in again.stages.items()} == {
        name: len(given) for name, given in after.items()
    }


class Killed(BaseException):
    """As good as a kill."""


@pytest.mark.parametrize("moment", range(1, 5))
def test_killed_while_it_is_played_anew_it_asks_nothing_twice(
    misled: Any, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    on = crowd()
    run = misled(ITEMS, on)
    run.wait(60)
    discarded(run)
    run.close()
    writes, write = 0, Journal.write

    def fatal(self: Journal, entries: list[Entry]) -> None:
        nonlocal writes
        writes += bool(entries)
        write(self, entries)
        if writes >= moment:
            raise Killed

    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(Journal, "write", fatal)
        killed = misled(None, on, again=True)
        with suppress(Killed):
            killed.wait(60)
        killed.close()
    run = misled(None, on)
    run.wait(60)
    labels = run.labels().set_index("id")
    assert labels["big"].tolist() == [None if n % 2 == 0 else n % 4 == 1 for n in range(12)]
    overlaps = [stage.labels()["overlap"] for stage in run.stages.values()]
    assert all((overlap == 1).all() for overlap in overlaps)


def test_an_answer_given_by_hand_is_marked_and_one_taken_back_is_not(misled: Any) -> None:
    run = misled(
        ITEMS, SimulatedPlatform([SimulatedWorker(f"w{n}", honest, arrives=0.0) for n in (1, 2)], truth, seed=1)
    )
    run.wait(60)
    kinds = run.stages["kind_of"]
    kinds.correct("101/1", "person")
    kinds.wait(60, progress=False)
    assert run.labels().set_index("id")["flag"].to_dict()[101] == "outdated"
    kinds.correct("101/1", "vehicle")
    kinds.wait(60, progress=False)
    assert (run.labels()["flag"] != "outdated").all()


def test_of_one_task_it_is_refused(tmp_path: Any) -> None:
    with pytest.raises(df.SpecError, match="again: it plays items of a pipeline anew"):
        df.launch(kind_of, ITEMS, workspace=tmp_path, again=True)  # type: ignore[call-overload]
