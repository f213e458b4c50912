"""Boxes of several people become those that are there, each where it is."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dataforge.aggregation.merging._camps import _connected
from dataforge.aggregation.merging._sets import _ranked
from dataforge.aggregation.merging.base import Answers
from dataforge.aggregation.merging.boxes import Boxes

SETTINGS = {"options": [{"value": "cat"}, {"value": "dog"}]}
CAT = {"label": "cat", "box": [100, 100, 200, 200]}
DOG = {"label": "dog", "box": [300, 100, 400, 200]}


def picture(*shapes: dict[str, Any]) -> dict[str, Any]:
    return {"width": 640, "height": 480, "shapes": list(shapes)}


def answers(*values: dict[str, Any], known: dict[int, Any] | None = None) -> Answers:
    """Answers of as many people to one item."""
    count = len(values)
    return Answers(values, np.zeros(count, np.int64), np.arange(count), 1, count, known or {})


def moved(shape: dict[str, Any], by: float) -> dict[str, Any]:
    return {**shape, "box": [number + by for number in shape["box"]]}


def test_a_box_is_in_the_middle_of_those_of_people_who_draw_equally_well() -> None:
    merged = Boxes(SETTINGS).merge(answers(picture(CAT), picture(moved(CAT, 4)), picture(moved(CAT, 2))))
    assert merged.values == [picture({"label": "cat", "box": [102, 102, 202, 202]})]


def test_what_one_of_three_invents_goes_and_what_one_of_three_misses_stays() -> None:
    merged = Boxes(SETTINGS).merge(answers(picture(CAT, DOG), picture(CAT), picture(CAT)))
    assert merged.values == [picture(CAT)]
    merged = Boxes(SETTINGS).merge(answers(picture(CAT, DOG), picture(CAT, DOG), picture(CAT)))
    assert merged.values == [picture(CAT, DOG)]


def test_where_boxes_agree_and_labels_differ_most_of_the_labels_win() -> None:
    other = {**CAT, "label": "dog"}
    merged = Boxes(SETTINGS).merge(answers(picture(CAT), picture(other), picture(other)))
    assert merged.values == [picture(other)]


def test_two_boxes_of_one_person_are_two_objects_however_close() -> None:
    both = picture(CAT, moved(CAT, 8))
    merged = Boxes(SETTINGS).merge(answers(both, both, both))
    assert merged.values == [both]


def piled(count: int, rng: np.random.Generator) -> dict[str, Any]:
    """A picture with as many boxes in one place."""
    boxes = np.array([100, 100, 200, 200]) + rng.normal(0, 3, (count, 4))
    return picture(*({"label": "cat", "box": box} for box in boxes.tolist()))


def test_the_same_box_a_thousand_times_is_a_thousand_objects() -> None:
    many = picture(*[CAT] * 1000)
    merged = Boxes(SETTINGS).merge(answers(many, many, many))
    assert merged.values == [many]


def test_a_thousand_boxes_of_each_of_three_in_one_place_take_little_memory() -> None:
    rng = np.random.default_rng(5)
    task = answers(*(piled(1000, rng) for _ in range(3)))
    Boxes(SETTINGS).merge(answers(picture(CAT), picture(CAT)))
    tracemalloc.start()
    Boxes(SETTINGS).merge(task)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000, "all pairs take 100 megabytes and more"


@pytest.mark.parametrize("items", [1, 2, 10])
@pytest.mark.parametrize("boxes", [10, 100, 1000])
def test_who_draws_a_thousand_boxes_on_an_object_spoils_no_answer_and_nobodys_skill(items: int, boxes: int) -> None:
    """Three people draw the one object of each item; the third draws many in its place on the first."""
    values = [picture(CAT)] * (3 * items)
    values[2] = piled(boxes, np.random.default_rng(5))
    number = np.arange(items)
    merged = Boxes(SETTINGS).merge(Answers(values, np.repeat(number, 3), np.tile([0, 1, 2], items), items, 3))
    assert merged.values[1:] == [picture(CAT)] * (items - 1)
    assert [shape["box"] for shape in merged.values[0]["shapes"]] == [pytest.approx(CAT["box"], abs=2)]
    assert merged.skills[0] == merged.skills[1] > max(0.55, merged.skills[2])
    assert (merged.confidence[1:] > 0.95).all()


def test_nothing_here_is_an_answer_and_one_answer_alone_shows_no_confidence() -> None:
    empty = Boxes(SETTINGS).merge(answers(picture(), picture(), picture()))
    assert empty.values == [picture()]
    assert empty.confidence[0] > 0.9
    alone = Boxes(SETTINGS).merge(answers(picture(CAT)))
    assert alone.values == [picture(CAT)]
    assert np.isnan([alone.confidence[0], alone.skills[0]]).all()
    nobody = Boxes(SETTINGS).merge(Answers([], np.zeros(0, np.int64), np.zeros(0, np.int64), 2, 1))
    assert nobody.values == [None, None]
    assert np.isnan(nobody.confidence).all()


def test_known_answers_are_what_these_items_are_and_tell_who_is_right() -> None:
    """The first person draws the control items well, the second and third agree on what is wrong there."""
    wrong = picture(DOG)
    items, workers = np.repeat(np.arange(12), 3), np.tile(np.arange(3), 12)
    merged = Boxes(SETTINGS).merge(
        Answers([picture(CAT), wrong, wrong] * 12, items, workers, 12, 3, {item: picture(CAT) for item in range(10)})
    )
    assert merged.values == [picture(CAT)] * 12
    assert merged.skills[0] > 0.6 > 0.2 > merged.skills[1]
    assert (merged.confidence[:10] == 1).all()


def test_under_given_skills_an_item_depends_on_its_own_answers_alone() -> None:
    values = [picture(CAT, DOG), picture(moved(CAT, 5)), picture(DOG), picture(CAT)]
    both = Answers(values, np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 2, 2)
    skills = np.array([0.95, np.nan])
    together = Boxes(SETTINGS).merge(both, skills)
    alone = Boxes(SETTINGS).merge(Answers(values[:2], both.items[:2], both.workers[:2], 1, 2), skills)
    assert together.values[0] == alone.values[0]
    assert together.confidence[0] == alone.confidence[0]
    assert together.values[0]["shapes"][0]["box"] == pytest.approx(CAT["box"], abs=1), "the better one's, nearly"


def drawn(count: int, seed: int) -> tuple[Answers, list[np.ndarray[Any, Any]]]:
    """Pictures with 1 to 10 objects and 2 to 4 answers of people of whom a third is careless, and the true boxes."""
    rng = np.random.default_rng(seed)
    careless = rng.random(40) < 1 / 3
    values, items, workers, truth = [], [], [], []
    for item in range(count):
        corner, size = rng.random((rng.integers(1, 11), 2)) * [1500, 1000], 0
        size = 40 + rng.random(corner.shape) * 80
        there = np.hstack([corner, corner + size])
        truth.append(there)
        for worker in rng.choice(40, rng.integers(2, 5), replace=False):
            noise, missed, invented = (0.12, 0.3, 0.6) if careless[worker] else (0.04, 0.05, 0.1)
            mine = there + rng.normal(0, noise, there.shape) * np.tile(size, 2)
            mine = mine[rng.random(len(mine)) > missed]
            extra = rng.random((rng.poisson(invented), 2)) * [1500, 1000]
            boxes = np.vstack([mine, np.hstack([extra, extra + 60])])
            values.append(picture(*({"label": "cat", "box": box} for box in boxes.tolist())))
            items.append(item)
            workers.append(worker)
    return Answers(values, np.array(items), np.array(workers), count, 40), truth


def likeness(value: Any, truth: Any) -> float:
    """F1 weighted by intersection over union, of pairs matched one to one."""
    from scipy.optimize import linear_sum_assignment

    one = np.array([shape["box"] for shape in value["shapes"]], float).reshape(-1, 1, 4)
    low, high = np.maximum(one[..., :2], truth[..., :2]), np.minimum(one[..., 2:], truth[..., 2:])
    common = (high - low).clip(0).prod(-1)
    overlap = common / ((one[..., 2:] - one[..., :2]).prod(-1) + (truth[..., 2:] - truth[..., :2]).prod(-1) - common)
    return float(2 * overlap[linear_sum_assignment(-overlap)].sum() / (len(one) + len(truth)))


def test_confidence_is_the_share_of_items_that_are_right() -> None:
    task, truth = drawn(1500, seed=1)
    merged = Boxes({}).merge(task)
    right = np.array([likeness(value, there) for value, there in zip(merged.values, truth, strict=True)]) >= 0.75
    assert merged.confidence.mean() == pytest.approx(right.mean(), abs=0.03)
    part = np.digitize(merged.confidence, [0.3, 0.6, 0.8, 0.9, 0.97])
    gap = [abs(merged.confidence[part == n].mean() - right[part == n].mean()) for n in range(6)]
    assert np.average(gap, weights=np.bincount(part)) < 0.05


def test_neither_the_order_of_answers_nor_the_names_of_workers_matter() -> None:
    task, _ = drawn(30, seed=2)
    rng = np.random.default_rng(3)
    order, name = rng.permutation(len(task.values)), rng.permutation(40)
    mixed = Answers([task.values[n] for n in order], task.items[order], name[task.workers[order]], 30, 40)
    one, other = Boxes({}).merge(task), Boxes({}).merge(mixed)
    for left, right in zip(one.values, other.values, strict=True):
        np.testing.assert_allclose([s["box"] for s in left["shapes"]], [s["box"] for s in right["shapes"]], atol=0.02)
    np.testing.assert_allclose(one.confidence, other.confidence, atol=0.02)
    np.testing.assert_allclose(one.skills, other.skills[name], atol=1e-3)


def test_boxes_keep_their_labels_where_some_have_none() -> None:
    bare = {"box": DOG["box"]}
    merged = Boxes(SETTINGS).merge(answers(*[picture(CAT, bare)] * 3))
    assert merged.values == [picture(CAT, bare)]
    assert [list(shape) for shape in merged.values[0]["shapes"]] == [["label", "box"], ["box"]]


def test_shortcuts_of_sorting_and_connecting_come_to_what_the_plain_ways_do() -> None:
    rng = np.random.default_rng(4)
    for count in [1, 2, *range(3, 60, 7), 800]:
        number = rng.integers(0, max(count // 3, 1), count)
        order = np.argsort(number, kind="stable")
        for mine, plain in zip(_ranked(number), (number[order], order), strict=True):
            np.testing.assert_array_equal(mine, plain)
        first, second = rng.integers(0, count, (2, rng.integers(count)))
        graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(count, count))
        parts, part = connected_components(graph, directed=False)
        mine_parts, mine_part = _connected(first, second, count)
        assert mine_parts == parts
        np.testing.assert_array_equal(mine_part, part)
