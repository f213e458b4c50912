"""Friends find each other's answers right; people who judge by what they see are never taken for them."""

from __future__ import annotations

import numpy as np
import pytest

from dataforge.aggregation.radar.friends import Judgements, friends


def crowd(
    seed: int,
    answers: int = 150,
    workers: int = 30,
    gang: int = 0,
    controls: int = 6,
    lenient: bool = False,
    treacherous: bool = False,
) -> Judgements:
    """Answers by random workers, each judged by two to five others, and control items judged by half of the crowd.

    The first `gang` workers answer nonsense, find that right, and judge all else as well as anybody. `lenient`: each
    says yes to wrong answers at a rate of their own; `treacherous`: to some wrong answers most people say yes.
    """
    rng = np.random.default_rng(seed)
    author = np.append(rng.integers(workers, size=answers), np.full(controls, -1))
    right = np.append(rng.random(answers) < 0.8, np.arange(controls) % 2 == 0)
    right[(author >= 0) & (author < gang)] = False
    says_yes = rng.beta(1, 3, workers) if lenient else np.full(workers, 0.05)
    looks_right = np.where(rng.random(len(author)) < 0.4, rng.uniform(0.2, 0.9, len(author)), 0.0)
    rows = []
    for answer, by in enumerate(author.tolist()):
        others = rng.permutation([worker for worker in range(workers) if worker != by])
        for judge in others[: rng.integers(2, 6) if by >= 0 else workers // 2].tolist():
            chance = 0.95 if right[answer] else says_yes[judge]
            if treacherous and not right[answer]:
                chance = max(chance, looks_right[answer])
            of_gang = judge < gang and 0 <= by < gang
            rows.append((answer, judge, of_gang or rng.random() < chance))
    table = np.array(rows)
    known = np.where(author < 0, right, -1)
    return Judgements(table[:, 0], table[:, 1], table[:, 2] == 1, author.astype(np.int32), known, workers)


@pytest.mark.parametrize("gang", [3, 5, 10])
def test_those_who_find_each_others_nonsense_right_are_found(gang: int) -> None:
    """Ten members among thirty have 50 of 150 answers."""
    found = [friends(crowd(seed, answers=150 if gang > 3 else 400, gang=gang)) for seed in range(10)]
    members = [[worker for ring in rings for worker in ring.workers] for rings in found]
    assert sum(worker < gang for one in members for worker in one) >= 0.7 * gang * 10
    assert sum(worker >= gang for one in members for worker in one) <= 5


@pytest.mark.parametrize(
    ("lenient", "treacherous", "controls"),
    [(False, False, 6), (True, False, 6), (False, True, 6), (True, True, 6), (True, True, 0)],
)
def test_in_a_crowd_that_judges_by_what_it_sees_nobody_is(lenient: bool, treacherous: bool, controls: int) -> None:
    """Some say yes easily, and some answers mislead nearly everybody: that is the same whoever gave them."""
    many = [crowd(seed, lenient=lenient, treacherous=treacherous, controls=controls) for seed in range(40)]
    small = [crowd(seed, 300, 8, lenient=lenient, treacherous=treacherous, controls=controls) for seed in range(10)]
    assert not any(friends(judgements) for judgements in [*many, *small])


def test_evidence_is_how_much_likelier_friends_say_what_was_said() -> None:
    """Two workers, whose six answers each the other finds right and three strangers wrong.

    By hand, as everybody judges all 40 control items well.
    """
    rows, author, known = [], [], []
    for number in range(12):
        rows += [(number, 1 - number % 2, True), *((number, 2 + place, False) for place in range(3))]
        author.append(number % 2)
        known.append(-1)
    for number in range(12, 52):
        rows += [(number, worker, number % 2 == 0) for worker in range(5)]
        author.append(-1)
        known.append(1 - number % 2)
    table = np.array(rows)
    judgements = Judgements(table[:, 0], table[:, 1], table[:, 2] == 1, np.array(author), np.array(known), 5)
    [ring] = friends(judgements)
    assert ring.workers == (0, 1)
    # Of control items all 100 judgements of either kind are right. The crowd says yes to wrong ones in 1 of 105 cases,
    # as 1 of 5 is thought beforehand; each worker, with 20 of them and 4 of the crowd, in 4 / 105 of 24.
    # The strangers' 36 judgements of the friends' answers, all no, are left out where friends are looked for.
    wrong = 4 * (1 / 105) / 24
    right = (20 + 4 * 109 / 110) / 24
    shares = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    strangers = [(1 - right) ** 3, (1 - wrong) ** 3]
    # Of one answer in ten everybody says what they like.
    honest = 0.9 * (shares * strangers[0] * right + (1 - shares) * strangers[1] * wrong) + 0.1 / 2**4
    alike = 0.9 * (shares * strangers[0] + (1 - shares) * strangers[1]) + 0.1 / 2**3
    says = np.array([0.98, 0.9, 0.7])
    evidence = np.log(((alike * says[:, None]) ** 12).sum() / 3) - np.log((honest**12).sum())
    sets = np.log(10) + np.log(2)
    assert ring.evidence == pytest.approx(evidence - sets, rel=0.01)


def test_where_nothing_was_judged_there_are_none() -> None:
    nothing = np.empty(0, np.int64)
    assert friends(Judgements(nothing, nothing, nothing == 1, nothing, nothing, 0)) == []
    one = np.zeros(1, np.int64)
    assert friends(Judgements(one, one + 1, one == 0, one, one - 1, 2)) == []
