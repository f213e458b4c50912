"""The compiled passes are held to the plain numpy ones, whatever the answers and however they are cut."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dataforge.aggregation.kernels import difficulty, steps
from dataforge.aggregation.kernels.dawid_skene import dawid_skene
from dataforge.aggregation.kernels.exact import grid
from dataforge.aggregation.kernels.kos import kos
from dataforge.aggregation.kernels.one_coin import one_coin
from dataforge.aggregation.kernels.parts import Local, Part, group, local
from dataforge.aggregation.kernels.primitives_compiled import jit

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


@st.composite
def coded(draw: st.DrawFn, labels: tuple[int, ...] = (1, 3, 9)) -> tuple[Part, Part]:
    """The same answers, to be passed over plainly and fast; 9 labels are past those with unrolled loops.

    Each number of labels up to those is compiled anew, so there are few.
    """
    n_labels = draw(st.sampled_from(labels))
    n_tasks, n_workers = draw(st.integers(1, 80)), draw(st.integers(1, 7))
    n = draw(st.integers(0, 300))

    def codes(bound: int) -> Any:
        return draw(hnp.arrays(np.int32, n, elements=st.integers(0, bound - 1)))

    task, worker, label = codes(n_tasks), codes(n_workers), codes(n_labels)
    known = draw(hnp.arrays(np.int32, n_tasks, elements=st.integers(-1, n_labels - 1))) if draw(st.booleans()) else None
    shape = (n_tasks, n_workers, n_labels)
    return (
        group(task, worker, label, shape, known=known, fast=False),
        group(task, worker, label, shape, known=known, fast=True),
    )


def same(left: Any, right: Any) -> None:
    if isinstance(left, tuple):
        for a, b in zip(left, right, strict=True):
            same(a, b)
    elif left is None or right is None:
        assert left is right
    else:
        np.testing.assert_allclose(left, right, **CLOSE)


def numbers(part: Part, seed: int = 0) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    errors = np.log(rng.dirichlet(np.ones(part.n_labels), part.n_rows))
    return (
        errors,
        np.log(rng.dirichlet(np.ones(part.n_labels))),
        rng.normal(size=part.n_rows),
        rng.random(part.n_workers),
    )


PASSES: dict[str, Callable[[Part], Any]] = {
    "confusion_sums": lambda part: steps.confusion_sums(part, *numbers(part)[:2]),
    "confusion_posteriors": lambda part: steps.confusion_posteriors(part, *numbers(part)[:2]),
    "agreement_sums": lambda part: steps.agreement_sums(part, numbers(part)[2], numbers(part)[1]),
    "agreement_posteriors": lambda part: steps.agreement_posteriors(part, numbers(part)[2], numbers(part)[1]),
    "vote_sums": steps.vote_sums,
    "weighted_vote_sums": lambda part: steps.vote_sums(part, numbers(part)[3]),
    "counted_once": steps.counted_once,
    "hits": lambda part: steps.hits(steps.marked(part), steps.winners(steps.vote_sums(part), part.fast)),
    "vote_hits": lambda part: steps.vote_hits(steps.marked(part), numbers(part)[3]),
    "in_order": lambda part: steps.in_order(part).row,
    "row_sums": lambda part: steps.row_sums(part, np.random.default_rng(1).random((part.n_tasks, part.n_labels))),
    "difficulty.posteriors": lambda part: difficulty.posteriors(
        part, numbers(part)[3] * 4, np.linspace(-3, 2, part.n_tasks), 300, 0.5, numbers(part)[1]
    ),
    "difficulty.gradient": lambda part: difficulty.gradient(
        part,
        numbers(part)[3] * 9 - 3,
        np.linspace(-3, 4.5, part.n_tasks),
        np.random.default_rng(1).dirichlet(np.ones(part.n_labels), part.n_tasks),
        0.5,
        grid(2 * 6 * 90.1 + 1.5, 300),
    ),
}


@pytest.mark.parametrize("name", PASSES)
@settings(max_examples=25, deadline=None)
@given(parts=coded())
def test_the_compiled_pass_gives_what_the_plain_one_gives(name: str, parts: tuple[Part, Part]) -> None:
    plain, fast = parts
    same(PASSES[name](plain), PASSES[name](fast))


@settings(max_examples=50, deadline=None)
@given(parts=coded(labels=(2,)), seed=st.integers(0, 9))
def test_messages_about_two_labels_agree(parts: tuple[Part, Part], seed: int) -> None:
    messages = np.random.default_rng(seed).normal(1, 1, parts[0].n_answers)
    same(*(steps.passed_messages(part, messages) for part in parts))
    same(*(steps.beliefs(part, messages) for part in parts))
    plain, fast = (kos(part, n_iter=20, seed=seed).belief for part in parts)
    np.testing.assert_allclose(fast, plain, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("algorithm", [dawid_skene, one_coin])
@settings(max_examples=15, deadline=None)
@given(parts=coded(), threads=st.integers(1, 4))
def test_cutting_the_tasks_among_threads_changes_nothing(
    algorithm: Any, parts: tuple[Part, Part], threads: int
) -> None:
    whole = algorithm(local(parts[0], 1), n_iter=5, tol=-1)
    cut = algorithm(local(parts[1], threads), n_iter=5, tol=-1)
    np.testing.assert_allclose(np.concatenate(cut.posteriors.pieces), np.concatenate(whole.posteriors.pieces), **CLOSE)
    np.testing.assert_allclose(cut.loss_history, whole.loss_history, **CLOSE)


def test_a_function_is_compiled_even_where_there_is_no_place_to_keep_it() -> None:
    namespace: dict[str, Any] = {}
    exec("def doubled(x):\n    return 2 * x", namespace)  # from no file, so beside no file
    assert jit(namespace["doubled"])(21) == 42


def test_many_answers_on_one_task_do_not_overflow() -> None:
    n = 20_000
    label = np.tile(np.array([0, 0, 1], np.int32), n // 3 + 1)[:n]
    for fast in (False, True):
        part = group(np.zeros(n, np.int32), np.arange(n, dtype=np.int32), label, (1, n, 2), fast=fast)
        engine: Local = local(part, 1)
        posterior = np.concatenate(dawid_skene(engine, n_iter=10, tol=0).posteriors.pieces)
        np.testing.assert_allclose(posterior.sum(axis=1), 1.0, atol=1e-9)
        assert np.isfinite(posterior).all()
