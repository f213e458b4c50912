"""A way from somebody else's package: a whole run goes it, and nothing in it asks for labels."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import dataforge as df
from dataforge import registry
from dataforge.objects.boolean import Boolean
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.records import Texts
from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.log import FinalOutcome, Fitted
from dataforge.runs.core.quality import Chances, Checked, Measured, Outcome, Reach, Tries, Verdict, Way
from dataforge.runs.core.responses import Responses
from dataforge.runs.core.targets import Standing
from dataforge.tasks.task import Slot


class Longest:
    """Texts: the longest accepted one is believed, and it is sure from twenty letters on."""

    with_verdicts: ClassVar[bool] = False

    def __init__(self, outputs: Sequence[Slot], policy: df.Policy, responses: Responses) -> None:
        self._name = outputs[0].name
        self._responses = responses
        self._texts: list[Any] = []
        self._moved: list[int] = []
        self.workers = 0

    def grow(self, items: df.Items) -> None:
        """Nothing is kept by item."""

    def add_worker(self) -> None:
        self.workers += 1

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Mapping[str, Any]]) -> Checked:
        self._texts += [answer[self._name] for answer in answers]
        return Checked(*np.zeros((2, len(items)), bool))

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        return Checked(*np.zeros((2, len(rows)), bool))

    def reach(self) -> list[Reach]:
        return []

    def tries(self) -> dict[str, Tries]:
        return {}

    def sample(self, items: Places) -> None:
        """Nothing is known of items."""

    def known(self, items: Places) -> dict[str, NDArray[np.object_]]:
        return {self._name: np.full(len(items), None)}

    def release(self, items: Places) -> None:
        """What is believed follows from the answers each time."""

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """The best text of an item only ever changes with answers, and a final item gets none."""

    def revise(self, policy: df.Policy) -> None:
        """It asks no confidence."""

    def tell_little(self, workers: NDArray[np.int64]) -> Flags:
        return np.zeros(len(workers), bool)

    def unproven(self, workers: NDArray[np.int64]) -> Flags:
        """Nobody."""
        return np.zeros(len(workers), bool)

    def worse_since(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.full(len(workers), -1)

    def gains(self, items: Places) -> Flags:
        return self.unsure(items)

    def prefers(self, items: Places) -> list[tuple[int, ...]]:
        return [()] * len(items)

    def worth(self, items: Places) -> NDArray[np.floating]:
        return np.full(len(items), np.nan)

    def unsure(self, items: Places) -> Flags:
        return np.array([len(self._best(item) or "") < 20 for item in items], bool)

    def unverified(self, items: Places) -> Flags:
        return np.zeros(len(items), bool)

    def notices(self) -> tuple[Texts, ...]:
        return ()

    def fit_due(self, last: Fitted | None, *, afresh: bool) -> bool:
        return False

    def fit(self, *, afresh: bool) -> None:
        raise AssertionError("nothing is fitted")

    def refresh(self, items: Places) -> None:
        self._moved += items.tolist()

    def save(self, folder: Path) -> str:
        raise AssertionError("nothing is fitted")

    def restore(self, folder: Path, file: str) -> None:
        """Nothing is kept but the answers."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"texts": np.array(self._texts), "moved": np.array(self._moved, np.int64)}

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._texts, self._moved = arrays["texts"].tolist(), arrays["moved"].tolist()

    @property
    def standing(self) -> Standing | None:
        return None

    def strangers(self, workers: NDArray[np.int64]) -> Flags:
        return np.zeros(len(workers), bool)

    def camps(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.full(len(workers), -1)

    def voters(self) -> Sequence[Measured]:
        return ()

    def afford(self, answers: float) -> None:
        """What is asked does not follow from money."""

    @property
    def mean_confidence(self) -> float | None:
        return None

    def given(self, responses: Places) -> dict[str, NDArray[np.object_]]:
        return {self._name: np.array([self._texts[row] for row in responses], object)}

    def outcomes(self, items: Places) -> list[Outcome]:
        best = [self._best(item) for item in items]
        sure = [np.nan if text is None else min(len(text) / 20, 1) for text in best]
        return [Outcome(self._name, np.array(best, object), np.array(sure, np.float32))]

    def verdicts(self, items: Places) -> list[Verdict]:
        return []

    def chances(self, items: Places) -> list[Chances]:
        return []

    def kinds(self, items: Places) -> NDArray[np.int64]:
        return np.unique([str(self._best(item)) for item in items], return_inverse=True)[1]

    def skills(self, workers: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.full(len(workers), np.nan)

    def histogram(self) -> list[int]:
        return [0] * 20

    def counts(self) -> dict[str, dict[str, int]]:
        return {}

    def changed(self, most: int) -> Places:
        return np.array(self._moved[:most], np.int64)

    def told(self, items: Places) -> None:
        self._moved = self._moved[len(items) :]

    def _best(self, item: int) -> str | None:
        return max((self._texts[row] for row in self._responses.of(np.array([item]))), key=len, default=None)


PLUGIN: Way = Longest


@df.task(duration="10s")
def describe(caption: df.Text) -> bool:
    """What is to be seen?"""
    raise NotImplementedError


@pytest.fixture
def another_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The way is offered by an entry point, and the type of the answers names it."""
    caches: tuple[Callable[..., Any], ...] = (registry.names, registry.load, registry._outside)
    point = EntryPoint("longest", f"{__name__}:PLUGIN", "dataforge.quality")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == point.group else [])
    monkeypatch.setattr(Boolean, "quality", "longest")
    monkeypatch.setattr(Boolean, "check_answer", lambda self, value, inputs: str(value))
    for cached in caches:
        cached.cache_clear()  # type: ignore[attr-defined]
    yield
    for cached in caches:
        cached.cache_clear()  # type: ignore[attr-defined]


def test_a_run_goes_the_way_that_its_answers_name(another_way: None, workspace: Path, finish: Any) -> None:
    words = ["a dog", "a dog on a green meadow", "a dog on grass", "a dog, and it sleeps in the sun"]
    answers = [lambda inputs, truth, chance, n=n: {"answer": words[(int(inputs["caption"]) + n) % 4]} for n in range(4)]
    workers = [SimulatedWorker(f"w{n}", answer, arrives=100.0 * n) for n, answer in enumerate(answers)]
    platform = SimulatedPlatform(workers, seed=1, events_per_poll=1)
    policy = df.Policy(overlap=(1, 3), page=(2, 0), speed=())
    run = df.launch(
        describe, [{"caption": str(n)} for n in range(4)], policy=policy, name="words", platform=platform,
        workspace=workspace, progress=False,
    )  # fmt: skip
    assert finish(run).stage == "done"
    labels = run.labels()
    # Every item got answers until one of them was long enough, and no more.
    assert labels["answer"].tolist() == [words[1], words[1], words[3], words[3]]
    assert labels["overlap"].tolist() == [2, 1, 2, 1]
    assert labels["flag"].tolist() == [""] * 4
    assert set(run.responses()["answer"]) == set(words)
    assert list(run.probabilities().columns) == ["id"]
    assert df.open_run("words", workspace).labels().equals(labels)
    snapshot = platform.snapshot("words")
    assert snapshot is not None
    assert snapshot.items_final == 4
