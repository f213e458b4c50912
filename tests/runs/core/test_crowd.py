"""Who is thought to answer next."""

import numpy as np

from dataforge.runs.core.crowd import Met, drawn_abilities, drawn_crowd


def test_who_was_right_at_many_control_items_is_able_in_every_draw_and_who_guessed_is_not() -> None:
    met = [Met("ann", 95, 100, 5.0), Met("bob", 33, 100, 5.0)]
    draws = np.array([drawn_abilities(met, np.random.default_rng(seed)).each for seed in range(200)])
    assert np.all(draws[:, 0] > 0.8)
    assert np.all(draws[:, 1] < 0.6)
    assert abs(draws[:, 0].mean() - 0.94) < 0.02


def test_of_whom_nothing_is_known_every_draw_says_something_else() -> None:
    draws = [drawn_abilities([Met("ann", 0, 0, None)], np.random.default_rng(seed)).each[0] for seed in range(200)]
    assert np.std(draws) > 0.08


def test_a_worker_of_a_thousand_control_items_is_not_the_whole_crowd() -> None:
    one, others = Met("ann", 1_000, 1_000, None), [Met(f"w{n}", 5, 10, None) for n in range(10)]
    assert drawn_abilities([one, *others], np.random.default_rng(1)).mean < 0.7


def test_how_able_all_are_is_drawn_as_far_as_it_is_not_known() -> None:
    def means(people: int) -> np.ndarray:
        met = [Met(f"w{n}", 5, 5, None) for n in range(people)]
        return np.array([drawn_abilities(met, np.random.default_rng(seed)).mean for seed in range(300)])

    few, many = means(3), means(60)
    # Three faultless people are three people: (3 * 5 * 9 / 13 + 8.5) / (3 * 5 * 9 / 13 + 10).
    assert abs(few.mean() - 0.926) < 0.01
    assert few.std() > 0.04 > 0.02 > many.std()


def test_those_who_are_away_do_not_go_on_and_others_come_as_often_as_they_did() -> None:
    met = [Met("ann", 9, 10, 4.0), Met("bob", 9, 10, 6.0, here=False)]
    rng = np.random.default_rng(2)
    crowd = drawn_crowd(met, drawn_abilities(met, rng), 10.0, 30.0, 400, rng)
    assert [one.name for one in crowd[:2]] == ["ann", "newcomer 0"]
    assert crowd[0].seconds == 4.0
    assert crowd[0].arrives == 0.0
    # Thirty an hour: four hundred take thirteen hours, give or take two standard deviations.
    assert 12 < crowd[-1].arrives / 3_600 < 14.7


def test_the_same_seed_gives_the_same_crowd() -> None:
    def drawn(seed: int) -> object:
        rng = np.random.default_rng(seed)
        return drawn_crowd([], drawn_abilities([], rng), 10.0, 20.0, 5, rng)

    assert drawn(1) == drawn(1) != drawn(2)


def test_who_was_shut_out_is_no_measure_of_those_who_stay() -> None:
    bad = [Met(f"b{n}", 1, 6, None, shut_out=True) for n in range(4)]
    good = [Met(f"g{n}", 5, 5, None) for n in range(4)]
    found = [drawn_abilities([*bad, *good], np.random.default_rng(seed)) for seed in range(100)]
    assert np.mean([one.mean for one in found]) > 0.9
    assert np.mean([one.each[:4] for one in found]) < 0.7
    assert np.mean([one.each[4:] for one in found]) > 0.9


def test_a_single_worker_who_hurries_is_no_pace_of_those_who_come() -> None:
    def paces(met: list[Met]) -> list[float]:
        rng = np.random.default_rng(1)
        crowd = drawn_crowd(met, drawn_abilities(met, rng), 10.0, 20.0, 50, rng)
        return [one.seconds for one in crowd if one.name not in {"hasty", "slow"}]

    assert min(paces([Met("hasty", 0, 0, 0.1)])) > 4
    assert min(paces([Met("hasty", 0, 0, 0.1, shut_out=True) for _ in range(9)])) > 4
    assert min(paces([Met("slow", 0, 0, 30.0) for _ in range(9)])) > 20
