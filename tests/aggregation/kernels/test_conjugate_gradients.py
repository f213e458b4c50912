"""Conjugate gradients that see sums only take the steps of SciPy's, which hold the whole vectors."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

from dataforge.aggregation.kernels.conjugate_gradients import Reached, minimised
from dataforge.aggregation.kernels.line_search import Trial, bracketed_step, zoomed_step


def found_from_sums(value: Any, slope: Any, start: Any, max_iter: int, tol: float) -> Reached:
    """Minimise with vectors in `place`, of which `minimised` gets nothing but numbers."""

    def along(point: Reached, momentum: Any, step: Any) -> Reached:
        x, before, direction = point.place
        direction = momentum * direction - before
        x = x + step * direction
        gradient = slope(x)
        numbers = (value(x), gradient @ direction, gradient @ gradient, gradient @ (gradient - before))
        return Reached(*map(np.float64, numbers), np.abs(gradient).max(), (x, gradient, direction))

    zero = np.float64(0)
    rest = (start, np.zeros_like(start), np.zeros_like(start))
    with np.errstate(all="ignore"):
        first = along(Reached(zero, zero, zero, zero, zero, rest), zero, zero)
        return minimised(first, along, max_iter=max_iter, tol=tol)


def logistic(seed: int) -> tuple[Any, Any]:
    """A penalised logistic loss of 40 numbers: smooth, convex, badly scaled."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(200, 40)) * np.logspace(-1, 1, 40)
    signs = rng.choice([-1.0, 1.0], 200)

    def value(x: Any) -> Any:
        return np.logaddexp(0, -signs * (rows @ x)).sum() + x @ x / 2

    def slope(x: Any) -> Any:
        return rows.T @ (-signs / (1 + np.exp(signs * (rows @ x)))) + x

    return value, slope


@pytest.mark.parametrize("max_iter", [1, 3, 10])
@pytest.mark.parametrize("seed", range(4))
def test_steps_are_those_of_scipy(seed: int, max_iter: int) -> None:
    start = np.random.default_rng(seed).normal(size=40)
    for value, slope in (logistic(seed), (rosen, rosen_der)):
        theirs = minimize(value, start, jac=slope, method="CG", tol=1e-2, options={"maxiter": max_iter})
        ours = found_from_sums(value, slope, start, max_iter, 1e-2)
        np.testing.assert_allclose(ours.place[0], theirs.x, rtol=1e-6, atol=1e-6)
        assert ours.value == pytest.approx(theirs.fun, rel=1e-9)


def test_the_minimum_is_found() -> None:
    found = found_from_sums(rosen, rosen_der, np.zeros(6), 500, 1e-8)
    np.testing.assert_allclose(found.place[0], np.ones(6), atol=1e-6)


# Functions 1 and 2 of Moré and Thuente (1994), section 5, and one whose best step is 2 / √3.
LINES: dict[str, tuple[Any, Any]] = {
    "1": (lambda a: -a / (a**2 + 2), lambda a: (a**2 - 2) / (a**2 + 2) ** 2),
    "2": (lambda a: (a + 0.004) ** 5 - 2 * (a + 0.004) ** 4, lambda a: 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3),
    "cubic": (lambda a: a**3 - 4 * a, lambda a: 3 * a**2 - 4),
}


@pytest.mark.parametrize("first", [1e-2, 1e-1, 1.0, 10.0, 1000.0])
@pytest.mark.parametrize("name", LINES)
def test_a_step_lowers_the_function_and_flattens_it(name: str, first: float) -> None:
    value, slope = LINES[name]

    def at(step: Any) -> Trial:
        return Trial(step, np.float64(value(step)), np.float64(slope(step)))

    start = at(np.float64(0))
    with np.errstate(all="ignore"):
        bracketed = bracketed_step(at, start, np.float64(first))
        zoomed = zoomed_step(at, start, np.float64(first), lambda trial: True)
    assert bracketed is not None
    # The simpler search gives up after ten cuts where the function starts as flat as the second one does.
    assert zoomed is not None or name == "2"
    for found in filter(None, (bracketed, zoomed)):
        assert found.value <= start.value + 1e-4 * found.step * start.slope
        assert abs(found.slope) <= 0.4 * abs(start.slope)


def test_a_step_that_is_not_accepted_is_not_taken() -> None:
    value, slope = LINES["cubic"]

    def found(least: float) -> Trial | None:
        return zoomed_step(
            lambda step: Trial(step, np.float64(value(step)), np.float64(slope(step))),
            Trial(np.float64(0), np.float64(0), np.float64(-4)),
            np.float64(1),
            lambda trial: trial.step > least,
        )

    first, later = found(0.0), found(1.1)
    assert first is not None
    assert first.step == 1.0
    assert later is not None
    assert later.step > 1.1
    assert found(2.0) is None  # the function is as high there as at the start


def test_there_is_no_step_uphill() -> None:
    start = Trial(np.float64(0), np.float64(0), np.float64(1))
    assert bracketed_step(lambda step: start, start, 1.0) is None
