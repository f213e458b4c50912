"""Answers that judges found alike are as likely to be right as their authors' others."""

import numpy as np
import pytest

from dataforge.runs.quality._authors import Authors
from dataforge.runs.quality._voices import Voices


def test_before_anything_is_known_a_chance_is_what_judges_say() -> None:
    assert Authors().informed(np.array([0, 7]), np.array([0.3, 0.95])) == pytest.approx([0.3, 0.95])


def test_odds_are_multiplied_by_those_of_the_author_over_those_of_all() -> None:
    authors = Authors()
    # 40 answers each, judged with certainty: all of worker 0's are right, half of worker 1's. Of all, with 8 that are
    # thought of beforehand, 64 of 88 are; everybody has 8 more of these.
    authors.learn(np.repeat([0, 1], 40), np.append(np.ones(40), np.tile([0.0, 1.0], 20)), 3)
    all_ = 64 / 88
    shares = (40 + 8 * all_) / 48, (20 + 8 * all_) / 48, all_
    odds = [0.9 / 0.1 * share / (1 - share) * (1 - all_) / all_ for share in shares]
    assert authors.informed(np.arange(3), np.full(3, 0.9)) == pytest.approx([one / (1 + one) for one in odds])
    assert authors.informed(np.array([0, 0]), np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert np.isnan(authors.informed(np.array([0]), np.array([np.nan]))).all()


def test_chances_are_the_shares_that_are_right_of_who_is_good_and_of_who_is_not() -> None:
    rng = np.random.default_rng(0)
    author = np.repeat(np.arange(40), 50)
    good = author % 4 > 0
    right = rng.random(len(author)) < np.where(good, 0.9, 0.1)
    # Three judges, each right in 85 of 100 cases, and 70 answers of 100 are right.
    yes = rng.binomial(3, np.where(right, 0.85, 0.15))
    odds = 0.7 / 0.3 * (0.85 / 0.15) ** (2.0 * yes - 3)
    judged = odds / (1 + odds)
    authors = Authors()
    authors.learn(author, judged, 40)
    chance = authors.informed(author, judged)
    for group in (good, ~good):
        assert abs(chance[group].mean() - right[group].mean()) < 0.03 < abs(judged[group].mean() - right[group].mean())


def voices(*answers: tuple[int, int, int], ring: dict[int, int] | None = None) -> tuple[np.ndarray, Voices]:
    """Of responses (solution, item, worker): who gave each, and what that says."""
    solution, item, worker = np.array(answers).T
    return worker, Voices.among(solution, item, worker, ring or {})


def test_what_two_people_gave_is_right_unless_they_err_alike() -> None:
    """By hand: one who is right in 3 of 4 cases is wrong in 1 of 4. Another errs so, too, if all err in common, or else
    in 1/4 · 1/4 cases, by chance. What is wrong in common is no surer than what one of them gave."""
    authors = Authors()
    authors.right, authors.all_ = np.array([0.75, 0.75, 0.75]), 0.75
    worker, same = voices((0, 0, 0), (0, 0, 1), (1, 0, 2))
    found = authors.informed(worker, np.array([0.3, 0.3, 0.3]), same)
    wrong = 1 / 3 * (0.03 + (1 - 0.03) * 1 / 3 * 1 / 4)
    odds = 0.3 / 0.7 / 3 / wrong
    assert found == pytest.approx([odds / (1 + odds), odds / (1 + odds), 0.3])


def test_that_a_second_one_gave_it_makes_nobodys_answer_less_sure_unless_they_are_no_better_than_chance() -> None:
    authors = Authors()
    authors.right, authors.all_ = np.array([0.98, 0.7, 0.02]), 0.7
    for other, surer in ((1, True), (2, False)):
        worker, same = voices((0, 0, 0), (0, 0, other))
        several, alone = (authors.informed(worker, np.array([0.6, 0.6]), of)[0] for of in (same, None))
        assert (several > alone) == surer


def test_people_in_league_and_one_who_answers_twice_are_one_voice() -> None:
    authors = Authors()
    authors.right, authors.all_ = np.full(3, 0.75), 0.75
    for worker, same in (voices((0, 0, 0), (0, 0, 1), ring={0: 5, 1: 5}), voices((0, 0, 2), (0, 0, 2))):
        assert authors.informed(worker, np.array([0.3, 0.3]), same) == pytest.approx([0.3, 0.3])


def crowd(copied: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, Voices]:
    """2,000 items, each answered by two of 40 people, right in 6 of 10 cases, and judged by three others.

    Wrong answers differ; or else eight people have agreed on what they answer, which is wrong in 9 of 10 cases.
    """
    rng = np.random.default_rng(7)
    item = np.repeat(np.arange(2_000), 2)
    of_item = [rng.choice(8, 2, False) if copied and n % 4 == 0 else 8 + rng.choice(32, 2, False) for n in range(2_000)]
    worker = np.concatenate(of_item)
    league = worker < 8
    right = np.where(league, np.repeat(rng.random(2_000) < 0.1, 2), rng.random(4_000) < 0.6)
    solution = np.where(right, 0, np.where(league, 1, 2 + np.arange(4_000) % 2)) + 4 * item
    yes = rng.binomial(3, np.where(right, 0.85, 0.15)[np.unique(solution, return_index=True)[1]])
    odds = 0.6 / 0.4 * (0.85 / 0.15) ** (2.0 * yes - 3)
    judged = (odds / (1 + odds))[np.unique(solution, return_inverse=True)[1]]
    return worker, judged, right, Voices.among(solution, item, worker, {})


@pytest.mark.parametrize("copied", [False, True])
def test_chances_of_what_several_gave_are_the_shares_that_are_right_though_some_copy(copied: bool) -> None:
    worker, judged, right, same = crowd(copied)
    authors = Authors()
    authors.learn(worker, judged, 40, same)
    found, without = authors.informed(worker, judged, same), authors.informed(worker, judged)
    league = worker < 8
    several = ~same.alone & ~league
    assert several.sum() > 500
    if not copied:
        assert right[several].mean() - 0.02 < found[several].mean() < right[several].mean() + 0.005
        return
    # Wrong answers are the same in 7 of 10 cases here, and whose they are is not looked at. That two gave one who are
    # right in 6 of 10 cases speaks for it only 1 / (2/3 · .7) times as much as that one did.
    assert authors.same == pytest.approx(0.7, abs=0.03)
    odds = without[several] / (1 - without[several]) / (2 / 3 * 0.7)
    assert found[several].mean() == pytest.approx((odds / (1 + odds)).mean(), abs=0.01)
    assert without[several].mean() < found[several].mean() < right[several].mean()
    assert found[league].mean() == pytest.approx(right[league].mean(), abs=0.03), "who agrees beforehand gains nothing"


def test_that_somebody_else_gave_another_answer_is_not_held_against_one() -> None:
    """Two texts may both be right, so each is judged by itself. Where that cannot be, too much is claimed: by .048."""
    worker, judged, right, same = crowd(copied=False)
    authors = Authors()
    authors.learn(worker, judged, 40, same)
    found = authors.informed(worker, judged, same)
    assert (found[same.alone] == authors.informed(worker, judged)[same.alone]).all()
    assert right[same.alone].mean() < found[same.alone].mean() < right[same.alone].mean() + 0.05
    assert found.mean() == pytest.approx(right.mean(), abs=0.035)


def test_what_is_learnt_of_the_same_answers_is_kept_and_older_files_know_nothing_of_it() -> None:
    authors, again = Authors(), Authors()
    authors.learn(*crowd(copied=False)[:2], 40, crowd(copied=False)[3])
    authors.heard = 4_000
    again.load(authors.arrays())
    assert (again.same, again.common, again.heard) == (authors.same, authors.common, 4_000)
    assert authors.same < 0.05
    again.load({"right": np.array([0.5]), "all": np.array([0.7, 0.1])})
    assert (again.all_, again.wrong, again.same, again.common, again.heard) == (0.7, 0.1, 0.25, 0.03, 0)
