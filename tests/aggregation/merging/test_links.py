"""Links of several people: each pair is voted on by who sees links and who invents them."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from dataforge.aggregation.merging.base import Answers
from dataforge.aggregation.merging.links import LinksMerger
from dataforge.objects.choice import Choice
from dataforge.objects.links import Links


class Relation(Choice):
    PART = "part"
    OWNER = "owner"


KIND = Links("one", "other")
INPUTS = {"one": [{}] * 6, "other": [{}] * 6}


def pairs(*ends: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(("from", "to", "label"), end, strict=False)) for end in ends]


def merged(rows: list[tuple[int, int, Any]], kind: Links = KIND, known: Any = None, **more: Any) -> Any:
    items, workers, values = zip(*rows, strict=True)
    answers = Answers(values, np.array(items), np.array(workers), max(items) + 1, max(workers) + 1, known=known or {})
    return LinksMerger(kind.settings()).merge(answers, **more)


def test_a_link_that_most_give_is_kept_and_one_that_one_invents_is_not() -> None:
    right = pairs((0, 0), (1, 2), (3, 1))
    found = merged([(0, 0, right), (0, 1, right), (0, 2, pairs((0, 0), (1, 2), (5, 5)))])
    assert found.values == [right]
    assert 0.5 < found.confidence[0] < 1


def test_labels_of_links_are_voted_on() -> None:
    kind = Links("one", "other", Relation)
    rows = [(0, worker, pairs((0, 1, label))) for worker, label in enumerate(("part", "owner", "part"))]
    assert merged(rows, kind).values == [pairs((0, 1, "part"))]


def test_of_two_links_of_one_object_that_may_have_one_the_surer_is_kept() -> None:
    kind = Links("one", "other", single=True)
    skills = np.array([0.95, 0.95, 0.6])
    found = merged([(0, 0, pairs((0, 1))), (0, 1, pairs((0, 1))), (0, 2, pairs((0, 2)))], kind, skills=skills)
    assert found.values == [pairs((0, 1))]
    several = LinksMerger(kind.settings())
    parts = [{"from": 0, "to": 2, "sure": 0.6}, {"from": 0, "to": 1, "sure": 0.9}, {"from": 1, "to": 2, "sure": 0.7}]
    from dataforge.aggregation.merging.links import _Links

    assert _Links(single=True, same=False).whole(None, parts) == pairs((0, 1), (1, 2))
    assert _Links(single=True, same=True).whole(None, parts) == pairs((0, 1))
    assert several.right == 0.75


def test_nothing_to_link_is_an_answer_and_known_answers_stay() -> None:
    found = merged([(0, 0, []), (0, 1, []), (1, 0, []), (1, 1, pairs((0, 0)))], known={1: pairs((0, 0))})
    assert found.values == [[], pairs((0, 0))]
    assert found.confidence[1] == 1


def test_under_given_skills_an_item_follows_from_its_own_answers_alone() -> None:
    rows = [(0, 0, pairs((0, 1))), (0, 1, pairs((0, 2))), (1, 0, pairs((3, 3))), (1, 1, [])]
    skills = np.array([0.9, 0.6])
    both, alone = merged(rows, skills=skills), merged(rows[:2], skills=skills)
    assert both.values[0] == alone.values[0]
    assert both.confidence[0] == alone.confidence[0]


def test_merging_beats_the_average_worker_and_says_how_sure_it_is() -> None:
    rng, truth, rows = Random(3), [], []
    skills = [0.95, 0.9, 0.85, 0.8, 0.7, 0.5]
    for item in range(200):
        right = KIND.to_json([(place, rng.randrange(6)) for place in rng.sample(range(6), 4)])
        truth.append(right)
        rows += [(item, worker, KIND.attempt(right, skills[worker], rng, INPUTS)) for worker in rng.sample(range(6), 3)]
    found = merged(rows)
    alike = np.array([KIND.similarity(value, right) for value, right in zip(found.values, truth, strict=True)])
    alone = np.mean([KIND.similarity(value, truth[item]) for item, _, value in rows])
    assert alike.mean() > alone + 0.05
    assert abs(found.confidence.mean() - (alike >= 0.75).mean()) < 0.1
    # Who links better is told apart.
    assert np.corrcoef(found.skills, skills)[0, 1] > 0.9
