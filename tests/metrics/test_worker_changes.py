"""Workers who answer worse than before: named with the place where it began, and nobody who stays as they are."""

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.changes import ABILITIES, LEAST, _held_to_others, change_point, changes
from dataforge.aggregation.radar.honest import honest
from dataforge.metrics.workers import worker_changes

WORKERS, TASKS, EACH, LABELS = 40, 400, 100, 3


def crowd(seed: int, *, worse: int) -> pd.DataFrame:
    """A hundred answers of each of 40 workers, turn by turn; the first few are right .9 of the time and later .4."""
    chance = np.random.default_rng(seed)
    right = chance.integers(LABELS, size=TASKS)
    tasks = [chance.permutation(TASKS)[:EACH] for _ in range(WORKERS)]
    share = np.clip(chance.beta(14, 3, WORKERS), 0.5, 1)
    rows = []
    for turn in range(EACH):
        for worker in range(WORKERS):
            task = int(tasks[worker][turn])
            sure = share[worker] if worker >= worse else 0.9 if turn < EACH // 2 else 0.4
            wrong = (right[task] + chance.integers(1, LABELS)) % LABELS
            rows.append((task, f"w{worker}", int(right[task] if chance.random() < sure else wrong)))
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def test_who_gets_worse_at_half_time_is_named_with_the_place() -> None:
    found = worker_changes(crowd(0, worse=4))
    assert sorted(found.index) == ["w0", "w1", "w2", "w3"]
    assert found["answers_before"].between(38, 60).all()
    assert found["before"].gt(0.8).all()
    assert found["after"].lt(0.6).all()


@pytest.mark.parametrize("seed", range(3))
def test_who_stays_as_they_are_is_not_named(seed: int) -> None:
    assert len(worker_changes(crowd(seed, worse=0))) == 0


def test_harder_items_later_on_are_no_change_of_the_workers() -> None:
    # All guess at the items that come in the second half.
    chance = np.random.default_rng(0)
    rows = []
    for turn in range(EACH):
        for worker in range(WORKERS):
            task = int(chance.integers(TASKS)) + (TASKS if turn >= EACH // 2 else 0)
            label = task % LABELS if task < TASKS and chance.random() < 0.9 else int(chance.integers(LABELS))
            rows.append((task, f"w{worker}", label))
    answers = pd.DataFrame(rows, columns=["task", "worker", "label"]).drop_duplicates(["task", "worker"])
    assert len(worker_changes(answers)) == 0


def test_who_gets_better_is_not_named() -> None:
    answers = crowd(0, worse=4)
    assert not {"w0", "w1", "w2", "w3"} & set(worker_changes(answers[::-1]).index)


def test_the_evidence_is_that_of_the_best_ability_before_and_after() -> None:
    # On items that one answer in two is right on, ability 0 is right half of the time. Ten right answers are likeliest
    # by the highest ability there is, and six wrong ones by the lowest.
    right = np.repeat([1.0, 0.0], [10, 6])
    place, evidence = change_point(right, np.full(16, 0.5), 2)
    gives = 1 / (1 + np.exp(-ABILITIES))
    sure = 0.999
    hits = np.log(gives * sure + (1 - gives) * (1 - sure))
    misses = np.log(gives * (1 - sure) + (1 - gives) * sure)
    assert place == 10
    assert evidence == pytest.approx(10 * hits[-1] + 6 * misses[0] - (10 * hits + 6 * misses).max())


def test_few_answers_show_no_change() -> None:
    assert change_point(np.repeat([1.0, 0.0], [5, 4]), np.full(9, 0.5), 2) == (0, 0.0)
    empty = pd.DataFrame({"task": [], "worker": [], "label": []}, dtype=object)
    assert list(worker_changes(empty).columns) == ["answers_before", "before", "after", "evidence"]
    assert len(worker_changes(empty)) == 0


def test_workers_who_are_looked_at_together_are_told_what_each_is_told_alone() -> None:
    """Those with as many answers each are: `change_point` of one after the other is the reference, to the last bit."""
    chance = np.random.default_rng(3)
    answers = crowd(0, worse=6)
    # Some have fewer answers than others, some too few.
    answers = answers[chance.random(len(answers)) < answers["worker"].map(lambda name: 1 - int(name[1:]) % 8 / 7)]
    codes, names = pd.factorize(answers["worker"])
    responses = Responses(
        item=answers["task"].to_numpy(np.int32),
        worker=codes.astype(np.int32),
        label=answers["label"].to_numpy(np.int32),
        n_items=TASKS,
        n_workers=len(names),
        n_labels=LABELS,
    )
    shares = chance.dirichlet(np.ones(LABELS), TASKS)
    together = {one.worker: (one.since, one.evidence) for one in changes(responses, shares, bar=-np.inf)}
    model = honest(responses, shares)
    rows = np.lexsort((model.rows, model.answers.worker))
    right, ease = _held_to_others(model, rows)
    alone = {}
    for worker in range(len(names)):
        mine = np.flatnonzero(model.answers.worker[rows] == worker)
        if len(mine) >= 2 * LEAST:
            place, evidence = change_point(right[mine], ease[mine], LABELS)
            alone[worker] = int(model.rows[rows[mine[place]]]), evidence
    assert len(alone) > 20
    assert together == alone
