"""Who is suddenly much faster than they were is named, and honest workers are not, however they pause and practise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dataforge.aggregation.radar.haste import LEAST_AFTER, LEAST_BEFORE, evidence_of, hasty, still_hasty

WORKERS, PAGES, BEGINS = 200, 16, 8


def honest(seed: int, workers: int = WORKERS, pages: int = PAGES) -> NDArray[np.float64]:
    """Seconds an item on the pages of workers who practise and pause, a row for each."""
    rng = np.random.default_rng(seed)
    learns = rng.uniform(0.2, 0.8, (workers, 1)) * np.exp(-np.arange(pages) / rng.uniform(2, 15, (workers, 1)))
    pauses = np.where(rng.random((workers, pages)) < 1 / 15, rng.uniform(0.7, 3, (workers, pages)), 0)
    return np.exp(rng.normal(2, 0.5, (workers, 1)) + learns + 0.3 * rng.normal(size=(workers, pages)) + pauses)


def named(pace: NDArray[np.float64]) -> dict[int, int]:
    """Who hurries, and from which of their pages on."""
    worker = np.repeat(np.arange(len(pace)), pace.shape[1])
    return {one.worker: one.since % pace.shape[1] for one in hasty(worker, pace.ravel())}


def test_who_needs_a_fifth_of_their_time_is_named_from_about_that_page_on() -> None:
    pace = honest(1)
    pace[:10, BEGINS:] /= 5
    found = named(pace)
    assert len([worker for worker in found if worker < 10]) >= 9
    assert all(abs(found[worker] - BEGINS) <= 2 for worker in found if worker < 10)
    assert sum(worker >= 10 for worker in found) <= 1


def test_of_honest_workers_one_in_a_hundred_at_most_is_named_however_often_one_looks() -> None:
    pace = honest(2, pages=40)
    ever = {worker for pages in range(5, 41) for worker in named(pace[:, :pages])}
    assert len(ever) <= WORKERS / 100


def test_practice_and_a_quick_page_are_no_haste() -> None:
    practised = np.exp(2 + 0.6 * np.exp(-np.arange(20) / 4))
    once = np.full(20, 10.0)
    once[15] = 1.0
    assert named(np.stack([practised, once])) == {}


def test_pauses_before_do_not_make_haste_of_what_comes_after() -> None:
    pace = np.full((1, 12), 8.0)
    pace[0, :4] = [80, 8, 300, 8]
    assert named(pace) == {}


def test_few_pages_show_nothing() -> None:
    pages = LEAST_BEFORE + LEAST_AFTER - 1
    pace = np.full((3, pages), 10.0)
    pace[:, -1] = 0.01
    assert named(pace) == {}
    assert hasty(np.empty(0, np.int64), np.empty(0)) == []


def test_pages_of_no_time_at_all_are_the_utmost_haste() -> None:
    pace = np.full((1, 12), 10.0)
    pace[0, 8:] = 0.0
    assert named(pace) == {0: 8}


@pytest.mark.parametrize("factor", [0.001, 1.0, 1_000.0])
def test_only_the_own_pace_counts_and_not_the_unit(factor: float) -> None:
    pace = honest(3, 50) + 1.0
    places, evidence = evidence_of(pace)
    again, scaled = evidence_of(pace * max(factor, 0.1))
    assert again.tolist() == places.tolist()
    assert scaled == pytest.approx(evidence)


def test_pages_of_several_workers_may_come_mixed() -> None:
    pace = honest(4, 30)
    pace[0, BEGINS:] /= 10
    worker, rows = np.tile(np.arange(30), PAGES), pace.T.ravel()
    assert {one.worker for one in hasty(worker, rows)} == set(named(pace)) >= {0}


def test_who_was_found_is_still_in_haste_while_practice_alone_would_leave_more() -> None:
    before = np.array([10.0, 300.0, 9.0, 11.0])
    assert still_hasty(before, np.array([4.0, 5.0, 60.0]))
    assert not still_hasty(before, np.array([4.0, 6.0, 7.0]))
    assert not still_hasty(np.empty(0), before)
