"""A scale of texts has the order that is given to it, and none by itself."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataforge.metrics.data import alpha_interval, alpha_krippendorff, cohen_kappa, cohen_kappa_interval

SCALE = ["low", "medium", "high"]


def two_workers() -> pd.DataFrame:
    places = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 2), (0, 0), (1, 1), (2, 1), (0, 0)]
    rows = [(f"t{task}", worker, SCALE[pair[k]]) for task, pair in enumerate(places) for k, worker in enumerate("ab")]
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


METRICS = {
    "alpha": lambda data, **more: alpha_krippendorff(data, "ordinal", **more),
    "limits of alpha": lambda data, **more: alpha_interval(data, "ordinal", 20, **more).alpha,
    "kappa": lambda data, **more: cohen_kappa(data, weights="quadratic", **more),
    "limits of kappa": lambda data, **more: cohen_kappa_interval(data, None, "linear", 20, **more).kappa,
}


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_texts_need_an_order_of_their_own(metric: Any) -> None:
    data = two_workers()
    as_numbers = metric(data.assign(label=data["label"].map(SCALE.index)))
    with pytest.raises(
        ValueError, match=r"needs labels in an order, and the alphabet puts 'high' before 'low'.*levels="
    ):
        metric(data)
    with pytest.raises(ValueError, match="needs labels in an order"):
        metric(data.assign(label=data["label"].astype("category")))
    assert metric(data, levels=SCALE) == pytest.approx(as_numbers)
    ordered = pd.Categorical(data["label"], categories=SCALE, ordered=True)
    assert metric(data.assign(label=ordered)) == pytest.approx(as_numbers)
    with pytest.raises(ValueError, match=r"labels \['high'\] are not among the levels"):
        metric(data, levels=["low", "medium"])


def test_limits_of_kappa_hold_it_and_are_wide_where_tasks_are_few() -> None:
    data = two_workers().assign(label=lambda table: table["label"].map(SCALE.index))
    found = cohen_kappa_interval(data, weights="quadratic")
    assert found.kappa == cohen_kappa(data, weights="quadratic")
    assert found.low < found.kappa < found.high <= 1
    many = pd.concat([data.assign(task=data["task"] + f" {n}") for n in range(50)])
    narrow = cohen_kappa_interval(many, weights="quadratic")
    assert narrow.high - narrow.low < (found.high - found.low) / 4


def test_one_answer_that_differs_gives_no_interval_up_to_one() -> None:
    rows = [(task, worker, int(task == 0 and worker == "a")) for task in range(15) for worker in "ab"]
    found = alpha_interval(pd.DataFrame(rows, columns=["task", "worker", "label"]))
    assert found.alpha == pytest.approx(0.0)
    assert found.high < 0.5


def test_alpha_of_ratios_is_the_same_by_pairs_and_by_frequencies(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataforge.metrics.data import agreement

    rng = np.random.default_rng(4)
    for values in (rng.lognormal(0, 3, 600), np.append(rng.gamma(2, 5, 500), np.zeros(100)), 7 + rng.random(600) / 1e6):
        label = np.concatenate([values, values * (1 + 0.1 * rng.random(600))])
        data = pd.DataFrame({"task": np.tile(np.arange(600), 2), "worker": np.repeat([0, 1], 600), "label": label})
        by_frequencies = alpha_krippendorff(data, "ratio")
        with monkeypatch.context() as patched:
            patched.setattr(agreement, "DENSE", 1 << 30)
            by_pairs = alpha_krippendorff(data, "ratio")
        assert by_frequencies == pytest.approx(by_pairs, rel=1e-9)
