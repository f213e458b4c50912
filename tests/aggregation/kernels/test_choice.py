"""Which passes a fit is worth, by a table."""

import numpy as np
import pytest

from dataforge.aggregation.kernels.passes.choice import ITERATIONS, ONCE, Process, Work
from dataforge.aggregation.kernels.ties import not_less, winners


def em(rows: int, n_labels: int = 5, n_iter: int = 100) -> Work:
    return Work.iterated(rows, 2.0 * n_labels, n_iter)


@pytest.mark.parametrize(
    ("work", "there", "loaded", "pays"),
    [
        pytest.param(Work(49_999), True, True, False, id="little is done at once in numpy"),
        pytest.param(Work(50_000), True, True, True, id="a process with compiled passes runs them"),
        pytest.param(Work(50_000), True, False, False, id="a vote is not worth loading"),
        pytest.param(Work(1_000_000), True, False, False, id="nor is a vote over a million answers"),
        pytest.param(Work(50_000_000), True, False, True, id="one over fifty millions is"),
        pytest.param(em(1_000_000), True, False, False, id="EM over a million is done before they are loaded"),
        pytest.param(em(10_000_000), True, False, True, id="EM over ten millions is not"),
        pytest.param(em(1_000_000, n_labels=50), True, False, True, id="nor is one over a million and fifty labels"),
        pytest.param(em(10_000_000, n_iter=1), True, False, False, id="a single iteration is"),
        pytest.param(Work(200_000, 3_500.0), True, False, True, id="conjugate gradients take many passes"),
        pytest.param(Work(50_000_000), False, False, False, id="nothing is compiled where numba is not installed"),
    ],
)
def test_compiled_passes_run_where_they_are_loaded_or_save_more_than_loading_costs(
    work: Work, there: bool, loaded: bool, pays: bool
) -> None:
    assert Process(there, loaded).compiles(work) is pays


def test_many_fits_that_are_not_worth_it_alone_are_so_together() -> None:
    process = Process(there=True, loaded=False)
    found = [process.compiles(em(1_000_000)) for _ in range(6)]
    assert found == [False, False, False, True, True, True]


def test_nobody_is_taken_to_need_more_iterations_than_em_does() -> None:
    assert Work.iterated(1, ONCE, 10_000) == Work(1, ONCE * ITERATIONS)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_a_tie_is_one_at_any_scale(scale: float) -> None:
    scores = np.array([[0.2, 0.3, 0.3 * (1 + 1e-12)], [0.3, 0.3 * (1 + 1e-6), 0.0], [0.0, 0.0, 0.0]])
    assert winners(scale * scores).tolist() == [1, 1, 0]
    assert winners(np.tile(scale * scores, (9, 1))).tolist() == 9 * [1, 1, 0]


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_of_two_scores_one_is_not_less_where_it_is_greater_or_a_tie(scale: float) -> None:
    one, other = (
        scale * np.array([0.3, 0.3, 0.3, 0.4]),
        scale * np.array([0.3 * (1 + 1e-12), 0.3 * (1 + 1e-6), 0.2, 0.4]),
    )
    assert not_less(one, other).tolist() == [True, False, True, True]


def test_where_there_are_no_labels_nobody_wins() -> None:
    assert winners(np.empty((2, 0))).tolist() == [-1, -1]
