import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from dataforge.aggregation import NoisyBradleyTerry
from dataforge.aggregation.kernels.comparisons import noisy_objective
from dataforge.errors import AggregationError


def biased_comparisons(seed: int = 0, n: int = 6000) -> tuple[pd.DataFrame, np.ndarray]:
    """Comparisons by ten workers of whom the last three press a button without looking."""
    rng = np.random.default_rng(seed)
    strength = np.linspace(-2, 2, 10)
    left = rng.integers(0, 10, n)
    right = (left + rng.integers(1, 10, n)) % 10
    worker = rng.integers(0, 10, n)
    honest = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    won = np.where(worker < 7, honest, rng.random(n) < 0.9)
    names = np.array(list("abcdefghij"))
    frame = pd.DataFrame(
        {"worker": worker, "left": names[left], "right": names[right], "label": names[np.where(won, left, right)]}
    )
    return frame, strength


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_the_true_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, n_items, n_workers = 40, 5, 3
    left = rng.integers(0, n_items, n).astype(np.int32)
    right = ((left + rng.integers(1, n_items, n)) % n_items).astype(np.int32)
    worker = rng.integers(0, n_workers, n).astype(np.int32)
    sign = rng.choice([-1.0, 1.0], n)
    point = rng.normal(size=n_items + 2 * n_workers)

    def evaluate(at: np.ndarray):
        return noisy_objective(
            left, right, worker, sign, at[:n_items], at[n_items:-n_workers], at[-n_workers:], penalty=0.3
        )

    found = evaluate(point)
    gradient = np.concatenate([found.by_score, found.by_bias, found.by_skill])
    assert gradient == pytest.approx(approx_fprime(point, lambda at: evaluate(at).value, 1e-7), abs=1e-4)


def test_large_parameters_do_not_overflow() -> None:
    code = np.zeros(1, np.int32)
    one = np.array([1000.0, -1000.0])
    found = noisy_objective(code, code + 1, code, np.array([-1.0]), one, np.array([900.0]), np.array([50.0]), 0.0)
    assert np.isfinite(found.value)
    assert np.isfinite(found.by_score).all()


def test_it_orders_items_in_spite_of_workers_who_do_not_look() -> None:
    data, strength = biased_comparisons()
    model = NoisyBradleyTerry(n_iter=500, tol=1e-10).fit(data)
    assert (np.argsort(model.scores_.to_numpy()) == np.argsort(strength)).all()
    assert model.skills_[:7].min() > 0.8
    assert model.skills_[7:].max() < 0.3
    assert model.biases_[7:].to_numpy() == pytest.approx([0.9] * 3, abs=0.06)


def test_the_seed_does_not_change_the_optimum() -> None:
    data, _ = biased_comparisons()
    one, two = (NoisyBradleyTerry(random_state=seed).fit_predict(data) for seed in (0, 1))
    pd.testing.assert_series_equal(one, two)


@pytest.mark.parametrize("tol", [1e-5, 1e-9])
def test_names_sides_and_the_order_of_rows_change_nothing(tol: float) -> None:
    data, _ = biased_comparisons()
    rng = np.random.default_rng(3)
    name = dict(zip("abcdefghij", rng.permutation(10).tolist(), strict=True))
    worker = rng.permutation(10)
    other = pd.DataFrame(
        {
            "worker": worker[data["worker"]],
            "left": data["right"].map(name),
            "right": data["left"].map(name),
            "label": data["label"].map(name),
        }
    ).sample(frac=1, random_state=0)
    model, renamed = (NoisyBradleyTerry(n_iter=300, tol=tol).fit(table) for table in (data, other))
    close = 1e-9 if tol == 1e-5 else 1e-6
    assert renamed.scores_[list(name.values())].to_numpy() == pytest.approx(model.scores_[list(name)], abs=close)
    assert renamed.skills_[worker].to_numpy() == pytest.approx(model.skills_.to_numpy(), abs=close)
    assert 1 - renamed.biases_[worker].to_numpy() == pytest.approx(model.biases_.to_numpy(), abs=close)


def test_the_global_random_state_is_left_alone() -> None:
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    NoisyBradleyTerry(n_iter=3).fit(biased_comparisons(n=100)[0])
    assert (np.random.get_state()[1] == before).all()


def test_results_are_named_as_users_know_them() -> None:
    model = NoisyBradleyTerry(n_iter=5).fit(biased_comparisons(n=200)[0])
    assert (model.scores_.name, model.scores_.index.name) == ("agg_score", "label")
    assert (model.skills_.name, model.biases_.name) == ("skill", "bias")


def test_half_wins_have_no_place_in_the_model() -> None:
    with pytest.raises(AggregationError, match="no half wins"):
        NoisyBradleyTerry(ties="half").fit(biased_comparisons(n=10)[0])


def test_an_empty_table_gives_no_scores() -> None:
    empty = pd.DataFrame({"worker": [], "left": [], "right": [], "label": []}, dtype=str)
    assert len(NoisyBradleyTerry().fit_predict(empty)) == 0
