import itertools
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import SegmentationEM, SegmentationMajorityVote, SegmentationRASA
from dataforge.errors import AggregationError

ESTIMATORS = [SegmentationMajorityVote(), SegmentationEM(), SegmentationRASA()]


def example() -> pd.DataFrame:
    masks = [[[1, 0], [1, 1]], [[0, 1], [1, 1]], [[0, 1], [1, 1]]]
    return pd.DataFrame({"task": "t", "worker": ["a", "b", "c"], "segmentation": [np.array(mask) for mask in masks]})


def noisy(seed: int, n_tasks: int = 10) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    rows, truth = [], {}
    for task in range(n_tasks):
        mask = np.zeros((20, 30), bool)
        mask[4:15, 6:25] = True
        truth[f"t{task}"] = mask
        for worker, error in enumerate((0.05, 0.05, 0.1, 0.3, 0.3, 0.4)):
            rows.append((f"t{task}", f"w{worker}", mask ^ (rng.random(mask.shape) < error)))
    return pd.DataFrame(rows, columns=["task", "worker", "segmentation"]), truth


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_pixels_of_the_majority_are_chosen(estimator) -> None:
    found = estimator.fit_predict(example())
    assert found["t"].tolist() == [[False, True], [True, True]]
    assert (found.name, found.index.name) == ("agg_segmentation", "task")


def test_half_of_the_votes_is_inside_by_vote_and_outside_by_em() -> None:
    data = pd.DataFrame({"task": "t", "worker": ["a", "b"], "segmentation": [np.array([[1, 1]]), np.array([[0, 1]])]})
    assert SegmentationMajorityVote().fit_predict(data)["t"].tolist() == [[True, True]]
    even = pd.DataFrame({"task": "t", "worker": ["a", "b"], "segmentation": [np.array([[1, 0]]), np.array([[0, 1]])]})
    assert SegmentationEM().fit_predict(even)["t"].tolist() == [[False, False]]


def test_skills_weigh_the_votes() -> None:
    skills = {"a": 5.0, "b": 1.0, "c": 1.0}
    found = SegmentationMajorityVote().fit_predict(example(), skills)
    assert found["t"].tolist() == [[True, False], [True, True]]


def test_missing_skills_are_refused_left_out_or_replaced() -> None:
    skills = pd.Series({"a": 1.0})
    with pytest.raises(AggregationError, match="2 answers have none"):
        SegmentationMajorityVote().fit(example(), skills)
    ignored = SegmentationMajorityVote(on_missing_skill="ignore").fit_predict(example(), skills)
    assert ignored["t"].tolist() == [[True, False], [True, True]]
    replaced = SegmentationMajorityVote(default_skill=1.0, on_missing_skill="value").fit_predict(example(), skills)
    assert replaced["t"].tolist() == [[False, True], [True, True]]
    with pytest.raises(AggregationError, match="only with it"):
        SegmentationMajorityVote(default_skill=1.0).fit(example(), skills)
    for wrong in (-1.0, np.inf):
        with pytest.raises(AggregationError, match="finite and 0 or more"):
            SegmentationMajorityVote().fit(example(), {"a": 1.0, "b": wrong, "c": 1.0})
    with pytest.raises(AggregationError, match="skills need to be numbers"):
        SegmentationMajorityVote().fit(example(), {"a": "good", "b": "bad", "c": "good"})
    with pytest.raises(AggregationError, match="1 tasks have none"):
        SegmentationMajorityVote(on_missing_skill="ignore").fit(example(), {"z": 1.0})


def test_em_finds_the_object_where_many_are_careless() -> None:
    data, truth = noisy(0)
    model = SegmentationEM(n_iter=50).fit(data)
    wrong = {
        name: np.mean([(found[task] != truth[task]).mean() for task in truth])
        for name, found in {"em": model.segmentations_, "vote": SegmentationMajorityVote().fit_predict(data)}.items()
    }
    assert wrong["em"] < wrong["vote"]
    assert model.skills_.is_monotonic_decreasing or model.skills_["w0"] > model.skills_["w5"]


def test_hundreds_of_masks_of_one_picture_do_not_vanish() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((8, 8)) < 0.5
    masks = [truth ^ (rng.random(truth.shape) < 0.3) for _ in range(3000)]
    data = pd.DataFrame({"task": "t", "worker": range(3000), "segmentation": masks})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = SegmentationEM().fit_predict(data)
    assert (found["t"] == truth).all()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_empty_masks_give_an_empty_mask(estimator) -> None:
    data = example().assign(segmentation=[np.zeros((2, 2), bool)] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not estimator.fit_predict(data)["t"].any()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_row_order_changes_nothing(estimator) -> None:
    data, truth = noisy(1, n_tasks=3)
    one, two = estimator.fit_predict(data), estimator.fit_predict(data.sample(frac=1, random_state=1))
    assert all((one[task] == two[task]).all() for task in truth)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ([np.ones((2, 2)), np.ones((2, 3)), np.ones((2, 2))], "one shape"),
        ([np.full((2, 2), 2)] * 3, "zeros and ones"),
        ([None] * 3, "got None"),
        ([1, 0, 1], "needs a mask in every row, got 1"),
    ],
)
def test_bad_masks_are_refused(estimator, masks, message: str) -> None:
    with pytest.raises(AggregationError, match=message):
        estimator.fit(example().assign(segmentation=masks))


def test_polars_comes_back_as_polars() -> None:
    data = example()
    table = pl.DataFrame(
        {**data[["task", "worker"]].to_dict("list"), "segmentation": [m.tolist() for m in data.segmentation]}
    )
    found = SegmentationRASA().fit_predict(table)
    assert found["agg_segmentation"].to_list() == [[[False, True], [True, True]]]


def test_the_history_is_that_of_the_last_task() -> None:
    data, _ = noisy(2, n_tasks=2)
    assert SegmentationEM().fit(data).loss_history_ == SegmentationEM().fit(data[data.task == "t1"]).loss_history_


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_empty_table_gives_no_masks(estimator) -> None:
    found = estimator.fit_predict(example()[:0])
    assert len(found) == 0
    assert (found.name, found.index.name) == ("agg_segmentation", "task")
    assert len(estimator.probabilities_) == 0


def test_rounding_does_not_decide_a_tied_pixel() -> None:
    # The workers who marked the last pixel of the first row are as good as those who did not.
    masks = [[[0, 0, 1], [0, 1, 1]], [[0, 1, 0], [1, 1, 0]], [[1, 1, 1], [0, 1, 1]], [[1, 1, 0], [1, 1, 1]]]
    found = []
    for order in itertools.permutations(range(4)):
        data = pd.DataFrame({"task": "t", "worker": range(4), "segmentation": [np.array(masks[n]) for n in order]})
        found.append(SegmentationEM().fit_predict(data)["t"].tolist())
    assert found == [found[0]] * 24


def test_half_of_the_votes_is_half_whatever_the_skills_sum_to() -> None:
    # 0.1 + 0.2 is a little more than 0.3.
    data = pd.DataFrame({"task": "t", "worker": list("abc"), "segmentation": [[1, 0], [1, 0], [0, 1]]})
    found = SegmentationMajorityVote().fit_predict(data, {"a": 0.1, "b": 0.2, "c": 0.3})
    assert found["t"].tolist() == [True, True]
