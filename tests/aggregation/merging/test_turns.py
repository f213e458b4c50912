"""Answers to the turns of dialogues: for each turn the label of most, weighted by who is right elsewhere."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.merging.base import Answers
from dataforge.aggregation.merging.turns import TurnsMerger, _most_right
from dataforge.objects.choice import Choice
from dataforge.objects.turns import Turns


class Tone(Choice):
    FINE = "fine"
    RUDE = "rude"
    OFF = "off"


KIND = Turns(Tone, of="chat", role=None)


def said(*labels: str) -> list[dict[str, Any]]:
    return [{"turn": turn, "label": label} for turn, label in enumerate(labels)]


def merged(rows: list[tuple[int, int, Any]], known: dict[int, Any] | None = None, **more: Any) -> Any:
    items, workers, values = zip(*rows, strict=True)
    answers = Answers(values, np.array(items), np.array(workers), max(items) + 1, max(workers) + 1, known=known or {})
    return TurnsMerger(KIND.settings()).merge(answers, **more)


def test_each_turn_gets_the_label_of_most() -> None:
    found = merged([(0, 0, said("fine", "rude")), (0, 1, said("fine", "fine")), (0, 2, said("off", "rude"))])
    assert found.values == [said("fine", "rude")]
    assert 0.5 < found.confidence[0] < 1


def test_three_of_four_turns_have_to_be_right() -> None:
    # By the binomial distribution: all of three, and at least three of four, with a chance of .9 each.
    assert _most_right([0.9] * 3) == pytest.approx(0.9**3)
    assert _most_right([0.9] * 4) == pytest.approx(0.9**4 + 4 * 0.1 * 0.9**3)
    assert _most_right([]) == 1


def test_one_answer_of_somebody_unknown_shows_nothing() -> None:
    assert np.isnan(merged([(0, 0, said("fine"))]).confidence[0])


def test_a_known_answer_is_what_it_is_and_tells_who_is_right() -> None:
    rows = [(item, worker, said("rude" if worker else "fine")) for item in range(12) for worker in (0, 1)]
    found = merged(rows, known={item: said("fine") for item in range(8)})
    assert found.values == [said("fine")] * 12
    assert found.skills[0] > 0.8 > 0.4 > found.skills[1]
    assert (found.confidence[:8] == 1).all()
    assert (found.confidence[8:] > 0.8).all()


def test_a_dialogue_without_turns_that_are_asked_about_has_the_empty_answer() -> None:
    found = merged([(0, 0, []), (0, 1, []), (1, 0, said("fine")), (1, 1, said("fine"))])
    assert found.values == [[], said("fine")]


def test_under_given_skills_an_item_follows_from_its_own_answers_alone() -> None:
    rows = [(0, 0, said("fine")), (0, 1, said("rude")), (1, 0, said("off")), (1, 1, said("off"))]
    skills = np.array([0.9, 0.6])
    both, alone = merged(rows, skills=skills), merged(rows[:2], skills=skills)
    assert both.values[0] == alone.values[0] == said("fine")
    assert both.confidence[0] == alone.confidence[0]
    # Odds of .9 against .6 over three labels: (.9 / .05) / ((.9 / .05) + (.6 / .2) + 1).
    assert both.confidence[0] == pytest.approx(18 / (18 + 3 + 1), rel=1e-5)


def test_merging_beats_the_average_worker_and_says_how_sure_it_is() -> None:
    rng, truth, rows = Random(3), [], []
    skills = [0.9, 0.85, 0.8, 0.75, 0.6, 0.4]
    for item in range(300):
        right = said(*(rng.choice(["fine", "rude", "off"]) for _ in range(4)))
        truth.append(right)
        rows += [(item, worker, KIND.attempt(right, skills[worker], rng, {})) for worker in rng.sample(range(6), 3)]
    found = merged(rows)
    alike = np.array([KIND.similarity(value, right) for value, right in zip(found.values, truth, strict=True)])
    alone = np.mean([KIND.similarity(value, truth[item]) for item, _, value in rows])
    assert alike.mean() > alone + 0.1
    assert abs(found.confidence.mean() - (alike >= 0.75).mean()) < 0.05
