"""The compiled passes are held to those in numpy, whatever the answers and however they are cut."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.aggregation.kernels.strategies import games

from dataforge.aggregation.kernels import difficulty, steps
from dataforge.aggregation.kernels.comparisons import balance, components, count_pairs, elo_ratings
from dataforge.aggregation.kernels.dawid_skene import dawid_skene
from dataforge.aggregation.kernels.engine import Local, local
from dataforge.aggregation.kernels.exact import grid
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.kos import kos
from dataforge.aggregation.kernels.one_coin import one_coin
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes import reference
from dataforge.aggregation.kernels.passes.table import Passes
from dataforge.aggregation.kernels.ties import winners

pytest.importorskip("numba", reason="the compiled passes need numba")

from dataforge.aggregation.kernels.passes import compiled
from dataforge.aggregation.kernels.passes.compiled.primitives import jit
from dataforge.aggregation.kernels.passes.compiled.short_texts import sorted_codes

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


@st.composite
def coded(draw: st.DrawFn, labels: tuple[int, ...] = (1, 3, 9)) -> tuple[Part, Part]:
    """The same answers for either kind of passes.

    For 3 labels loops are unrolled, for 1 and 9 there is one version; each number compiled takes a while, so no more.
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
        group(task, worker, label, shape, known=known, compiled=False),
        group(task, worker, label, shape, known=known, compiled=True),
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


def graded(part: Part) -> tuple[Any, Any]:
    """Errors and shares of two difficulties."""
    rng = np.random.default_rng(2)
    errors = rng.dirichlet(np.ones(part.n_labels), 2 * part.n_rows).reshape(part.n_rows, 2 * part.n_labels)
    return np.log(errors), np.log(rng.dirichlet(np.ones(2 * part.n_labels)))


PASSES: dict[str, Callable[[Part], Any]] = {
    "confusion_sums": lambda part: steps.confusion_sums(part, *numbers(part)[:2]),
    "confusion_posteriors": lambda part: steps.confusion_posteriors(part, *numbers(part)[:2]),
    "graded_posteriors": lambda part: steps.graded_posteriors(part, *graded(part)),
    "agreement_sums": lambda part: steps.agreement_sums(part, numbers(part)[2], numbers(part)[1]),
    "agreement_posteriors": lambda part: steps.agreement_posteriors(part, numbers(part)[2], numbers(part)[1]),
    "vote_sums": steps.vote_sums,
    "weighted_vote_sums": lambda part: steps.vote_sums(part, numbers(part)[3]),
    "counted_once": steps.counted_once,
    "hits": lambda part: steps.hits(steps.marked(part), winners(steps.vote_sums(part))),
    "vote_hits": lambda part: steps.vote_hits(steps.marked(part), numbers(part)[3]),
    "in_order": lambda part: steps.in_order(part).row,
    "row_sums": lambda part: steps.row_sums(part, np.random.default_rng(1).random((part.n_tasks, part.n_labels))),
    "graded_row_sums": lambda part: steps.row_sums(part, steps.graded_posteriors(part, *graded(part))),
}


@pytest.mark.parametrize("name", PASSES)
@settings(max_examples=25)
@given(parts=coded())
def test_the_compiled_pass_gives_what_the_plain_one_gives(name: str, parts: tuple[Part, Part]) -> None:
    plain, fast = parts
    same(PASSES[name](plain), PASSES[name](fast))


@settings(max_examples=100)
@given(parts=coded())
def test_a_few_known_answers_are_as_flags_for_all_labels_have_them(parts: tuple[Part, Part]) -> None:
    plain = parts[0]
    assume(plain.known is not None and (plain.known >= 0).any())
    open_to_all = replace(plain, allowed=np.ones((plain.n_tasks, plain.n_labels), bool))
    assert np.array_equal(
        steps.graded_posteriors(plain, *graded(plain)), steps.graded_posteriors(open_to_all, *graded(plain))
    )


UNDER_DIFFICULTIES: dict[str, Callable[[Part], Any]] = {
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


@pytest.mark.parametrize("name", UNDER_DIFFICULTIES)
@settings(max_examples=25)
@given(parts=coded())
def test_passes_under_difficulties_agree_to_the_last_bit(name: str, parts: tuple[Part, Part]) -> None:
    plain, fast = (UNDER_DIFFICULTIES[name](part) for part in parts)
    for one, two in zip(plain, fast, strict=True):
        assert np.array_equal(one, two)


@settings(max_examples=50)
@given(parts=coded(labels=(2,)), seed=st.integers(0, 9))
def test_messages_about_two_labels_agree(parts: tuple[Part, Part], seed: int) -> None:
    messages = np.random.default_rng(seed).normal(1, 1, parts[0].n_answers)
    same(*(steps.passed_messages(part, messages) for part in parts))
    same(*(steps.beliefs(part, messages) for part in parts))
    plain, fast = (kos(part, n_iter=20, seed=seed, compiled=part.compiled).belief for part in parts)
    np.testing.assert_allclose(fast, plain, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("algorithm", [dawid_skene, one_coin])
@settings(max_examples=15)
@given(parts=coded(), threads=st.integers(1, 4))
def test_cutting_the_tasks_among_threads_changes_nothing(
    algorithm: Any, parts: tuple[Part, Part], threads: int
) -> None:
    whole = algorithm(local(parts[0], 1, compiled=False), n_iter=5, tol=-1)
    cut = algorithm(local(parts[1], threads, compiled=True), n_iter=5, tol=-1)
    np.testing.assert_allclose(np.concatenate(cut.posteriors.pieces), np.concatenate(whole.posteriors.pieces), **CLOSE)
    np.testing.assert_allclose(cut.loss_history, whole.loss_history, **CLOSE)


def test_a_function_is_compiled_even_where_there_is_no_place_to_keep_it() -> None:
    namespace: dict[str, Any] = {}
    exec("def doubled(x):\n    return 2 * x", namespace)  # from no file, so beside no file
    assert jit(namespace["doubled"])(21) == 42


def test_many_answers_on_one_task_do_not_overflow() -> None:
    n = 20_000
    label = np.tile(np.array([0, 0, 1], np.int32), n // 3 + 1)[:n]
    for which in (False, True):
        part = group(np.zeros(n, np.int32), np.arange(n, dtype=np.int32), label, (1, n, 2), compiled=which)
        engine: Local = local(part, 1, compiled=which)
        posterior = np.concatenate(dawid_skene(engine, n_iter=10, tol=0).posteriors.pieces)
        np.testing.assert_allclose(posterior.sum(axis=1), 1.0, atol=1e-9)
        assert np.isfinite(posterior).all()


def test_both_tables_have_all_passes() -> None:
    names = {name for name, member in inspect.getmembers(Passes, inspect.isfunction) if not name.startswith("_")}
    assert names == set(reference.__all__) == set(compiled.__all__)


TASKS = st.lists(st.lists(st.lists(st.integers(0, 5), max_size=7), min_size=1, max_size=6), max_size=5)


@settings(max_examples=40)
@given(TASKS)
def test_votes_over_aligned_texts_agree(tasks: list[list[list[int]]]) -> None:
    texts = [text for task in tasks for text in task]
    tokens = np.array([token for text in texts for token in text], np.int32)
    text_ends = np.cumsum([len(text) for text in texts], dtype=np.int32)
    task_ends = np.cumsum([len(task) for task in tasks], dtype=np.int32)
    plain, fast = (passes.aligned_votes(tokens, text_ends, task_ends) for passes in (reference, compiled))
    assert fast[0].tolist() == plain[0].tolist()
    assert fast[1].tolist() == plain[1].tolist()


@pytest.mark.parametrize("name", ["trimmed_means", "trusted_means"])
@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), limit=st.sampled_from([0.0, 0.1, 0.25, 0.5, 3.0]))
def test_means_over_pairs_of_workers_agree(name: str, seed: int, limit: float) -> None:
    rng = np.random.default_rng(seed)
    degree = rng.integers(0, 12, 9)
    n = int(degree.sum())
    # Coarse numbers, so that ratios are often equal; some skills are none.
    scale = rng.choice([0.0, 0.25, 0.5, -0.5, 1e-200], 9)
    pairs = (rng.integers(0, 9, n), rng.integers(1, 5, n).astype(float), rng.integers(-4, 5, n) / 4)
    limit = min(limit, 0.25) if name == "trimmed_means" else limit
    arguments = (np.concatenate([[0], np.cumsum(degree)]), *pairs, scale, rng.random(9), limit)
    same(getattr(compiled, name)(*arguments), getattr(reference, name)(*arguments))


@given(game=games(), tie_rate=st.sampled_from([0.0, 0.7]), seed=st.integers(0, 100))
def test_pulls_of_comparisons_agree(game: Any, tie_rate: float, seed: int) -> None:
    left, right, outcome, n_items = game
    pairs = count_pairs(left, right, outcome, n_items)
    strength = np.random.default_rng(seed).random(n_items) * (np.arange(n_items) % 4 > 0)
    points = pairs.first_wins + pairs.ties / 2, pairs.second_wins + pairs.ties / 2
    plain, fast = (balance(pairs, *points, strength, tie_rate, compiled=which) for which in (False, True))
    np.testing.assert_allclose(fast.up, plain.up, atol=1e-12)
    np.testing.assert_allclose(fast.down, plain.down, rtol=1e-12)
    if tie_rate:
        np.testing.assert_allclose(fast.tie_sum, plain.tie_sum, atol=1e-12)


@given(game=games())
def test_parts_and_ratings_of_comparisons_agree(game: Any) -> None:
    left, right, outcome, n_items = game
    plain, fast = (components(left, right, n_items, compiled=which) for which in (False, True))
    assert (fast == plain).all()
    start = np.full(n_items, 1000.0)
    plain, fast = (elo_ratings(left, right, outcome, start, 32, 400, compiled=which) for which in (False, True))
    np.testing.assert_allclose(fast, plain, rtol=1e-12)


@given(
    texts=st.lists(st.text(max_size=3) | st.text("ab", max_size=15) | st.just("prefix") | st.text("\0a", max_size=9))
)
def test_short_texts_are_coded_in_sorted_order(texts: list[str]) -> None:
    whole = [text.encode() for text in texts if len(text.encode()) <= 15]
    data = np.frombuffer(b"".join(whole), np.uint8)
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in whole])]).astype(np.int64)
    codes, starts, letters = sorted_codes(offsets, data)
    distinct = [letters[first:last].tobytes() for first, last in pairwise(starts)]
    assert distinct == sorted(set(whole))
    assert [distinct[code] for code in codes] == whole
