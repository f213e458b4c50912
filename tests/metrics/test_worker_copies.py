"""Workers who copy texts are named, and people who hear the same are not."""

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation.radar.copies import copies
from dataforge.errors import SpecError
from dataforge.metrics.workers import worker_copies

WORDS = [first + vowel + last for first in "bdfgklmnprst" for vowel in "aeiou" for last in "nrsltk"]
TASKS, WORKERS, OVERLAP = 200, 20, 5


def crowd(seed: int, *, ring: int, same: float = 0.1) -> pd.DataFrame:
    """Texts of eight words; a tenth of them is spoilt, and some are misheard by many in the same way.

    Members of the ring, the first few workers, write what one of them wrote.
    """
    chance = np.random.default_rng(seed)

    def spoilt(words: list[str], share: float) -> list[str]:
        return [word[:-1] + chance.choice(list("nrslt")) if chance.random() < share else word for word in words]

    rows = []
    for task in range(TASKS):
        right = chance.choice(WORDS, 8).tolist()
        misheard, source = spoilt(right, same), spoilt(right, 0.2)
        for worker in chance.choice(WORKERS, OVERLAP, replace=False).tolist():
            heard = [other if chance.random() < 0.3 else word for word, other in zip(right, misheard, strict=True)]
            rows.append((task, f"w{worker}", " ".join(source if worker < ring else spoilt(heard, 0.1))))
    return pd.DataFrame(rows, columns=["task", "worker", "text"])


@pytest.mark.parametrize("seed", range(3))
def test_who_writes_what_another_wrote_is_named(seed: int) -> None:
    found = worker_copies(crowd(seed, ring=3))
    assert sorted(found.index) == ["w0", "w1", "w2"]
    assert found["ring"].eq(0).all()
    assert found["evidence"].gt(0).all()


@pytest.mark.parametrize("same", [0.1, 0.4])
def test_people_who_mishear_the_same_words_do_not_copy(same: float) -> None:
    for seed in range(4):
        assert len(worker_copies(crowd(seed, ring=0, same=same))) == 0


def test_right_texts_are_no_copies_of_each_other() -> None:
    rows = [(task, f"w{worker}", f"the number {task} stands here") for task in range(50) for worker in range(4)]
    assert len(worker_copies(pd.DataFrame(rows, columns=["task", "worker", "text"]))) == 0


def test_shared_misspellings_of_known_texts_are_copies_even_where_two_have_answered() -> None:
    # What either has and the known text has not is unusual; without it of two texts nothing is.
    known = [f"the number {task} stands here" for task in range(60)]
    pairs = [(0, 1) if task % 3 == 0 else (2 + task % 5, 7 + task % 4) for task in range(60)]
    item = np.repeat(np.arange(60), 2).astype(np.int32)
    worker = np.array(pairs, np.int32).ravel()
    text = [
        f"teh number {task} stads here" if one < 2 else f"the number {task} stands {one}{task}"
        for task in range(60)
        for one in pairs[task]
    ]
    assert [ring.workers for ring in copies(item, worker, text, known)] == [(0, 1)]
    assert copies(item, worker, text) == []


def test_case_and_stops_are_no_words() -> None:
    rows = [
        (task, f"w{worker}", text) for task in range(30) for worker, text in enumerate(("A b.", "a B", "a, b!", "c d"))
    ]
    assert len(worker_copies(pd.DataFrame(rows, columns=["task", "worker", "text"]))) == 0


def test_nothing_is_no_copy_and_a_wrong_error_is_refused() -> None:
    empty = pd.DataFrame({"task": [], "worker": [], "text": []}, dtype=str)
    assert list(worker_copies(empty).columns) == ["ring", "evidence"]
    with pytest.raises(SpecError, match="error is a probability"):
        worker_copies(crowd(0, ring=0), error=2)
