"""Items with known answers, as if nobody knew them."""

from dataclasses import replace

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.hierarchical_dawid_skene import HierarchicalDawidSkene
from dataforge.aggregation.consensus.majority_vote import PLUGIN as VOTES
from dataforge.runs.core.quality import Tries
from dataforge.runs.quality._as_unknown import as_unknown
from dataforge.runs.quality._doubt import Coded

WANTED = np.array([0.9, 0.9])


def coded(item: list[int], worker: list[int], label: list[int], known: list[int]) -> Coded:
    codes = (np.array(each, np.int32) for each in (item, worker, label))
    answers = Responses(*codes, len(known), max(worker) + 1, 2, np.array(known, np.int32))
    return Coded(answers, np.arange(len(known)))


def tried(asked: Coded, most: int = 3, error: float = 0.0) -> Tries:
    return as_unknown(VOTES, asked, VOTES.fit(asked.answers), error, WANTED, most)


def test_a_try_ends_where_no_more_answers_were_wanted_and_the_next_one_begins_there() -> None:
    # Two wrong answers each make a share of 1 at once; of right and wrong in turn three are asked for.
    found = tried(coded([0, 0, 1, 1, 1, 2], [0, 1, 0, 1, 2, 0], [1, 1, 0, 1, 0, 0], [0, 0, -1]))
    assert found.item.tolist() == [0, 0, 1, 1, 1]
    assert found.right.tolist() == [False, False, True, False, True]
    assert found.claimed.tolist() == [1] * 5
    # Each item counts once.
    assert found.weight == pytest.approx([1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3])


def test_a_try_that_ran_out_of_answers_counts_only_if_the_item_has_no_other() -> None:
    # No share of votes reaches more than .9 under a ceiling of .8, so each try takes three answers.
    asked = coded([0, 0, 0, 0, 0, 1, 1], [0, 1, 2, 3, 4, 0, 1], [0, 0, 1, 1, 1, 1, 0], [0, 1])
    found = tried(asked, error=0.2)
    assert found.item.tolist() == [0, 1]
    assert found.right[0]
    # Two of three votes: 2/3 less .2 · (2/3 - 1/3).
    assert found.claimed == pytest.approx([0.6, 0.5])
    assert found.weight.tolist() == [1, 1]


def test_without_known_answers_there_are_no_tries() -> None:
    assert len(tried(coded([0, 0], [0, 1], [1, 1], [-1, -1])).item) == 0
    nothing = Responses(*(np.empty(0, np.int32) for _ in range(3)), 0, 0, 2)
    found = as_unknown(VOTES, Coded(nothing, np.empty(0, np.int64)), VOTES.fit(nothing), 0, WANTED, 3)
    assert [len(column) for column in found[:4]] == [0] * 4


def test_workers_are_not_believed_at_an_item_for_being_right_there() -> None:
    """Everybody meets one control item and guesses: that must not look like skill at that item."""
    rng, items = np.random.default_rng(3), 40
    item, worker = np.repeat(np.arange(items), 6), np.arange(6 * items)
    label, known = rng.integers(2, size=6 * items), rng.integers(2, size=items)
    model = HierarchicalDawidSkene()
    asked = coded(item.tolist(), worker.tolist(), label.tolist(), known.tolist())
    fit = model.fit(asked.answers)
    naive = model.predict(replace(asked.answers, known=None), fit).argmax(axis=1) == known
    assert naive.mean() > 0.8
    found = as_unknown(model, asked, fit, 0.0, WANTED, 6)
    assert found.weight @ found.right / found.weight.sum() == pytest.approx(0.5, abs=0.15)
