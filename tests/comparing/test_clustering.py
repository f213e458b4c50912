"""Groups on the simulated platform: what is asked, what comes out, what is refused."""

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.comparing.conftest import POLICY, better, platform

import dataforge as df
from dataforge.comparing.groups import Judged, group, links_to_ask, looked_at
from dataforge.comparing.sides import same_sides
from dataforge.errors import RunError, SpecError

ANIMALS = [f"{kind} {number}" for number in range(5) for kind in ("cat", "dog", "owl")]


@df.task(duration="5s")
def same(left: df.Text, right: df.Text) -> bool:
    """Is it the same animal?"""
    raise NotImplementedError


@df.task(duration="5s")
def same_person(first: df.Image, second: df.Image, hint: df.Text | None = None) -> bool:
    """Is it the same person?"""
    raise NotImplementedError


@df.task(duration="5s")
def three(a: df.Text, b: df.Text, c: df.Text) -> bool:
    """Are these the same?"""
    raise NotImplementedError


@df.task(duration="5s")
def unlike(left: df.Text, right: df.Image) -> bool:
    """Are these the same?"""
    raise NotImplementedError


def nearly_always_right(inputs: Mapping[str, Any], truth: Any, chance: random.Random) -> dict[str, Any]:
    alike = inputs["left"].split()[0] == inputs["right"].split()[0]
    return {"answer": alike == (chance.random() < 0.93)}


@pytest.fixture
def clustered(workspace: Path) -> Iterator[Any]:
    begun: list[df.Clustered] = []

    def cluster(items: Any = ANIMALS, by: df.Task = same, **settings: Any) -> df.Clustered:
        settings = {"platform": platform(answer=nearly_always_right), "policy": POLICY, "name": "groups", **settings}
        found = df.cluster(items, by, workspace=workspace, progress=False, **settings)
        begun.append(found)
        return found.wait(240, progress=False)

    yield cluster
    for found in begun:
        found.close()


def test_items_come_out_in_their_groups(clustered: Any) -> None:
    found = clustered(confidence=0.93)
    groups = found.groups()
    # Answers that err may have led one or two of them astray.
    kinds = [Counter(name.split()[0] for name in part).most_common(1)[0] for part in groups]
    assert sum(count for _, count in kinds[:3]) >= 13
    assert {kind for kind, _ in kinds[:3]} == {"cat", "dog", "owl"}
    assert found.certainty >= 0.93
    assert found.saved > 0
    labels = found.labels()
    assert labels["item"].tolist() == ANIMALS
    assert labels["confidence"].between(0, 1).all()
    assert labels["group"].max() + 1 == len(groups)
    assert found.contradictions >= 0
    assert repr(found).startswith("Clustered(groups: 15 items in ")
    sizes = ", ".join(str(len(part)) for part in groups)
    assert f"sizes: {sizes}" in found._repr_html_()


def test_who_is_always_right_contradicts_nobody(clustered: Any) -> None:
    def right(inputs: Mapping[str, Any], truth: Any, chance: random.Random) -> dict[str, Any]:
        return {"answer": inputs["left"].split()[0] == inputs["right"].split()[0]}

    found = clustered(platform=platform(answer=right))
    assert found.contradictions == 0
    kinds = [sorted(name for name in ANIMALS if kind in name) for kind in ("cat", "dog", "owl")]
    assert sorted(map(sorted, found.groups())) == kinds
    assert len(found.run.responses()) < 15 * 14 / 2


def test_where_all_differ_everybody_is_alone(clustered: Any) -> None:
    found = clustered(ANIMALS[:4], platform=platform(answer=lambda *_: {"answer": False}), pairs=60)
    assert [len(part) for part in found.groups()] == [1, 1, 1, 1]
    alike = clustered(ANIMALS[:4], platform=platform(answer=lambda *_: {"answer": True}), name="alike", pairs=60)
    assert [len(part) for part in alike.groups()] == [4]


def test_the_same_call_goes_on(clustered: Any, workspace: Path) -> None:
    people = platform(answer=nearly_always_right)
    first = clustered(pairs=20, platform=people)
    assert len(first.run.responses()) == 20
    first.close()
    assert len(clustered(pairs=40, platform=people).run.responses()) > 20
    with pytest.raises(RunError, match=r"'groups' was not launched by df.rank; df.rank\(items, by=task, name=…\)"):
        df.open_ranked("groups", workspace)
    with pytest.raises(RunError, match="'groups' is there already and compares other items, or for something else"):
        df.rank(ANIMALS, better, name="groups", platform=people, policy=POLICY, workspace=workspace, progress=False)


def test_tables_have_their_ids(clustered: Any) -> None:
    found = clustered(pd.DataFrame({"id": [3, 5, 8], "animal": ["cat 1", "cat 2", "dog 1"]}), column="animal", pairs=20)
    assert found.labels()["id"].tolist() == [3, 5, 8]
    assert list(found.labels().columns) == ["id", "animal", "group", "confidence", "compared"]


def test_the_two_sides_are_left_and_right_or_the_only_two_of_one_type() -> None:
    assert (same_sides(same).left, same_sides(same).right) == ("left", "right")
    assert (same_sides(same_person).left, same_sides(same_person).right) == ("first", "second")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (better, r"cluster: the task 'better' needs one answer of the type bool, whether two inputs are the same"),
        (three, r"cluster: the task 'three' needs two inputs of one type, which may be the same; .* call the two left"),
        (unlike, r"'left' and 'right' of the task 'unlike' are of the types text and image; two that may be the same"),
    ],
)
def test_a_task_that_does_not_ask_whether_two_are_the_same_is_refused(clustered: Any, task: df.Task, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        clustered(by=task)


def test_what_one_worker_says_or_all_say_alike_is_unverified(clustered: Any) -> None:
    alone = clustered(platform=platform(1, answer=lambda *_: {"answer": True}), name="alone")
    assert math.isnan(alone.certainty)
    assert alone.labels()["confidence"].isna().all()
    assert repr(alone).endswith("unverified)")
    assert alone.notices == (
        "one worker answered, whom nobody could contradict: nothing shows how sure the groups are",
    )
    alike = clustered(platform=platform(answer=lambda *_: {"answer": True}), name="alike")
    assert math.isnan(alike.certainty)
    assert alike.notices[0].startswith("all answers are 'the same', as from somebody who does not look")


@pytest.mark.parametrize("count", [2, 5])
def test_who_reports_every_pair_ends_no_clustering_and_is_told(clustered: Any, count: int) -> None:
    found = clustered(ANIMALS[:6], platform=platform(count, answer=lambda *_: "broken"))
    assert found.run.status().ended
    assert found.saved == 0, "other pairs are asked in place of those that were reported"
    assert math.isnan(found.certainty)
    assert found.notices == (
        "workers reported 15 of 15 pairs, which nobody else is asked",
        "half of the pairs or more were reported: nothing shows how sure the groups are",
    )


def test_a_group_does_not_wait_for_a_pair_that_nobody_will_answer() -> None:
    judged = Judged(*(np.array([], np.int32) for _ in range(3)), np.array([], bool), 3, 0)
    found = group(judged)
    assert links_to_ask(found, judged, 3, waiting=[(0, 1), (0, 2), (1, 2)]) == []
    assert links_to_ask(found, judged, 3, never=[(0, 1), (0, 2)]) == [(1, 2)]


def test_who_answers_beside_others_is_looked_at() -> None:
    def looked(*rows: tuple[int, int, int, bool]) -> bool:
        one, two, worker = (np.array([row[place] for row in rows], np.int32) for place in range(3))
        judged = Judged(one, two, worker, np.array([row[3] for row in rows], bool), 4, 2)
        return looked_at(judged, group(judged))

    assert not looked((0, 1, 0, True), (1, 2, 1, True), (2, 3, 0, False)), "each link is one worker's word"
    assert looked((0, 1, 0, True), (1, 2, 1, True), (0, 2, 0, True)), "the third could have contradicted"
    assert looked((0, 1, 0, True), (0, 2, 0, False), (1, 2, 1, False)), "both have compared the same groups"


def test_where_pairs_cannot_be_chosen_it_is_said_to_who_does_not_wait(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: Any, **settings: Any) -> Any:
        raise MemoryError("no room for all pairs")

    monkeypatch.setattr("dataforge.comparing.clustering.links_to_ask", broken)
    settings: dict[str, Any] = {"platform": platform(answer=nearly_always_right), "policy": POLICY, "name": "groups"}
    with df.cluster(ANIMALS, same, workspace=workspace, progress=False, **settings) as found:
        found._feeder.join(60)
        assert "no more pairs can be chosen: no room for all pairs" in found.notices
        assert "pairs of groups: nothing more is asked: no room for all pairs" in capsys.readouterr().err
