"""Groups out of answers, beside sums over all partitions of a few items, and which pairs are asked for them."""

from collections.abc import Iterator

import numpy as np
import pytest

from dataforge.comparing.groups import Grouping, Judged, group, links_to_ask

Row = tuple[int, int, int, bool]


def judged(rows: list[Row], n_items: int, n_workers: int = 1) -> Judged:
    one, two, worker = (np.array([row[place] for row in rows], np.int32) for place in range(3))
    return Judged(one, two, worker, np.array([row[3] for row in rows], bool), n_items, n_workers)


def partitions(n: int) -> Iterator[list[int]]:
    """All partitions of n items, as labels."""
    if n == 0:
        yield []
        return
    for rest in partitions(n - 1):
        for label in range(max(rest, default=-1) + 2):
            yield [*rest, label]


def agreement(label: list[int], data: Judged, right: np.ndarray) -> float:
    together = np.array(label)[data.one] == np.array(label)[data.two]
    chance = right[data.worker]
    return float(np.log(np.where(together == data.same, chance, 1 - chance)).sum())


@pytest.mark.parametrize("seed", range(8))
def test_the_groups_agree_with_the_answers_as_well_as_those_of_any_partition(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truth = chance.integers(3, size=6)
    rows = []
    for one in range(6):
        for two in range(one + 1, 6):
            for worker in chance.choice(4, 3, replace=False).tolist():
                said = (truth[one] == truth[two]) == (chance.random() < 0.85)
                rows.append((one, two, int(worker), bool(said)))
    data = judged(rows, 6, 4)
    found = group(data)
    best = max(agreement(label, data, found.right) for label in partitions(6))
    # Sizes have a say too, which is worth a pair or so.
    assert agreement(found.label.tolist(), data, found.right) >= best - np.log(6)
    assert found.confidence.shape == (6,)


def test_what_is_the_same_as_one_of_a_group_is_the_same_as_all() -> None:
    found = group(judged([(0, 1, 0, True), (1, 2, 0, True), (3, 4, 0, True), (2, 3, 0, False)] * 3, 6))
    assert found.label.tolist() == [0, 0, 0, 1, 1, 2]
    assert found.sizes.tolist() == [3, 2, 1]


def test_contradictions_are_settled_by_weight() -> None:
    rows = [(0, 1, 0, True), (1, 2, 0, True), (0, 2, 1, False)]
    # The one who contradicts is wrong elsewhere, too.
    rows += [(3, 4, worker, True) for worker in (0, 2, 3, 0, 2, 3)] + [(3, 4, 1, False)] * 3
    rows += [(0, 3, worker, False) for worker in (0, 2, 3)] + [(1, 4, worker, worker == 1) for worker in range(4)]
    found = group(judged(rows, 5, 4))
    assert found.label.tolist() == [0, 0, 0, 1, 1]
    assert found.right[1] < 0.5 < found.right[0]


def test_before_any_answer_everybody_is_alone_and_nothing_is_sure() -> None:
    found = group(judged([], 5, 0))
    assert found.label.tolist() == [0, 1, 2, 3, 4]
    assert found.confidence.max() < 0.5


def test_confidence_grows_with_answers_and_falls_with_contradictions() -> None:
    link, apart = (0, 1, 0, True), (0, 1, 0, False)
    once = group(judged([link], 2)).confidence.mean()
    thrice = group(judged([link] * 3, 2)).confidence.mean()
    mixed = group(judged([link] * 3 + [apart] * 2, 2)).confidence.mean()
    assert mixed < once < thrice


def test_two_groups_are_asked_about_once_at_a_time_and_none_that_waits() -> None:
    data = judged([(0, 1, 0, True), (2, 3, 0, True)] * 4, 4)
    found = group(data)
    chosen = links_to_ask(found, data, 10)
    across = [pair for pair in chosen if found.label[pair[0]] != found.label[pair[1]]]
    assert len(across) == 1
    waiting = links_to_ask(found, data, 10, waiting=across)
    assert not set(across) & set(waiting)
    assert all(found.label[one] == found.label[two] for one, two in waiting), "what is out says it for all four"


def test_what_is_known_of_two_groups_is_not_asked_again() -> None:
    sure = [(0, 1, 0, True), (2, 3, 0, True), (1, 2, 0, False)] * 12 + [(0, 4, 0, True)]
    data = judged(sure, 5)
    found = group(data)
    first = links_to_ask(found, data, 1)
    assert 4 in first[0], "the newcomer is what is least known"
    assert len(links_to_ask(found, data, 100)) == len(set(links_to_ask(found, data, 100)))


def test_a_member_that_may_not_belong_is_asked_beside_a_sure_one() -> None:
    data = judged(
        [(0, 1, 0, True), (1, 2, 0, True), (0, 2, 0, True)] * 6 + [(2, 3, 0, True)] * 2 + [(1, 3, 0, False)], 4
    )
    found = group(data)
    assert found.label.tolist() == [0, 0, 0, 0]
    assert found.own[3] < found.own[:3].min()
    assert links_to_ask(found, data, 1)[0] in [(0, 3), (1, 3), (2, 3)]


def test_rows_of_mergers_are_probabilities() -> None:
    data = judged([(0, 1, 0, True), (1, 2, 0, False), (3, 4, 0, True)], 6)
    found: Grouping = group(data)
    assert (found.merge >= 0).all()
    assert (found.merge.sum(axis=1) < 1).all()
    assert found.merge.diagonal() == pytest.approx(0)


def found_among(right: float, seed: int) -> tuple[int, float]:
    """How many pairs of 780 were asked until 95 % was sure, and the share of all pairs that came out right."""
    chance = np.random.default_rng(seed)
    truth = chance.integers(5, size=40)
    rows: list[Row] = []
    while True:
        data = judged(rows, 40, 10)
        found = group(data)
        if rows and found.confidence.mean() >= 0.95:
            together = np.equal.outer(truth, truth) == np.equal.outer(found.label, found.label)
            return len(rows), float(together.mean())
        for one, two in links_to_ask(found, data, 20, seed=len(rows)):
            said = bool((truth[one] == truth[two]) == (chance.random() < right))
            rows.append((one, two, int(chance.integers(10)), said))


def test_far_fewer_pairs_than_all_find_the_groups() -> None:
    asked, right = found_among(1.0, seed=5)
    assert (asked < 0.35 * 780, right) == (True, 1.0)


def test_people_who_err_cost_pairs_and_little_else() -> None:
    found = [found_among(0.9, seed) for seed in range(5)]
    assert max(asked for asked, _ in found) < 0.7 * 780
    assert np.mean([right for _, right in found]) > 0.97
