"""The runs of a loop: the first without the model, and a new one whenever the model knows much more and votes in it.

What a model is worth is measured on control items, and those of a run stay as they are. So the model that votes in a
run is measured once, as it is when the run begins, on items that it has not learnt from; when it has learnt from four
times as many labels, the next run begins, and measures it anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataforge.aggregation.arrays import Floats
from dataforge.changes.terms import terms_of
from dataforge.data.items import Items
from dataforge.data.keys import Keys
from dataforge.endings import Ending, last_ending
from dataforge.errors import RunEnded, SpecError
from dataforge.files.durable import write_whole
from dataforge.objects.base import Label
from dataforge.policy import Policy
from dataforge.pricing.price import smallest_page
from dataforge.records import MICRO
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.follow import FinalAnswer
from dataforge.runs.handle.launch import Launch, launch
from dataforge.runs.handle.run import Run
from dataforge.workspace import Workspace

__all__ = ["VOTER", "Parts", "as_control", "sharpened", "with_votes"]

VOTER = "loop"
"""What the model is called where its votes are told."""
POWERS = np.geomspace(0.25, 16.0, 25)
"""To one of these powers the model's probabilities are raised, so that they are as sure as it is right."""
LEAST = 1e-6
CLOSE = 1 / MICRO


@dataclass(eq=False)
class Parts:
    """The runs of a loop in their order: `first`, and those in which the model votes.

    `given` is what the first was launched with; the others are launched the same way, with control items of their own.
    """

    first: Run
    folder: RunFolder
    given: Launch
    labels: Sequence[Label]
    _later: list[Run] = field(default_factory=list)

    @property
    def runs(self) -> tuple[Run, ...]:
        """All of them."""
        return (self.first, *self._later)

    @property
    def last(self) -> Run:
        """Where is asked now."""
        return self.runs[-1]

    def run(self, part: int, controls: Callable[[], Items]) -> Run:
        """The run of that number, begun or gone on with; `controls` are made where it has none yet."""
        while len(self._later) < part:
            self._later.append(self._begun(len(self._later) + 1, controls))
        return self.runs[part]

    def _begun(self, part: int, controls: Callable[[], Items]) -> Run:
        path, task = self.folder.path / f"control-{part}.parquet", self.given.task
        if not path.exists():
            # Written down before it is asked: launched again after a crash, the run is the same one.
            controls().save(path)
        given = replace(
            self.given,
            control=Items.load(path, task),
            name=self._name(part),
            policy=self._policy(part),
            voters={VOTER: _columns_of(self.labels)},
        )
        run = launch(replace(given, id=None, progress=False))
        self._finish(self.runs)
        return run

    def _folder(self, part: int) -> RunFolder:
        workspace = self.given.workspace
        assert isinstance(workspace, Workspace)
        return RunFolder.of(workspace, self._name(part)) if part else self.folder

    def _name(self, part: int) -> str:
        return f"{self.first.name}.{part + 1}"

    def reopen(self, part: int, controls: Callable[[], Items]) -> None:
        """Go on with the runs up to that number, as far as they were begun."""
        while len(self._later) < part and self._folder(len(self.runs)).exists:
            self.run(len(self.runs), controls)

    def _policy(self, part: int) -> Policy:
        """The policy with what the runs before have left of the budget."""
        policy = self.given.policy
        assert isinstance(policy, Policy)
        if (there := self._folder(part)).exists:
            return Policy.from_json(there.describe().policy)
        if policy.budget is None:
            return policy
        return policy.changed(budget=policy.budget - self._cost(self.runs))

    def balance(self) -> None:
        """Leave the last run what those before have not cost by now: pages of theirs may be paid later, and bonuses.

        What somebody else has given it stays.
        """
        if self.budget is None or not self._later:
            return
        given = Policy.from_json(terms_of(self._folder(len(self._later)).path).policy).budget
        if given is None or not any(abs(given - ours) < CLOSE for ours in self._given()):
            return
        # The platform's share is reckoned down to a millionth.
        least = max(self.budget - self._cost(self.runs[:-1]), self._cost(self.runs[-1:]) + 2 * CLOSE)
        if abs(least - given) < CLOSE:
            return
        # Both, so that it is ours whether or not a crash comes between.
        write_whole(self._given_path, json.dumps([given, least]).encode())
        # It may have promised more meanwhile, and keeps what it has; one that has ended asks no more.
        with suppress(SpecError, RunEnded):
            self.last.change(budget=least)

    def _given(self) -> list[float]:
        """The budgets of which the loop has given the last run one."""
        launched = Policy.from_json(self._folder(len(self._later)).describe().policy).budget
        with suppress(FileNotFoundError):
            return list(map(float, json.loads(self._given_path.read_bytes())))
        return [] if launched is None else [launched]

    @property
    def _given_path(self) -> Path:
        return self.folder.path / f"budget-{len(self._later)}.json"

    def _cost(self, runs: Sequence[Run]) -> float:
        """What runs have cost or have promised, with what the platform takes."""
        policy = self.given.policy
        assert isinstance(policy, Policy)
        return sum(run.status().promised for run in runs) * (1 + policy.commission)

    @property
    def budget(self) -> float | None:
        """What all of them may cost."""
        policy = self.given.policy
        return policy.budget if isinstance(policy, Policy) else None

    @property
    def pays_another(self) -> bool:
        """Whether what is left of the budget pays for a page of a new run; else the last one is where it ends."""
        policy = self.given.policy
        assert isinstance(policy, Policy)
        if policy.budget is None:
            return True
        least = smallest_page(terms_of(self.folder.path).publication) * (1 + policy.commission)
        # A budget that is a millionth less, as sums of such numbers are, pays for none.
        return (policy.budget - self._cost(self.runs)) * MICRO >= least + 1

    def promised(self) -> float:
        """What workers were paid or are promised in all of them."""
        return sum(run.status().promised for run in self.runs)

    # --- answers ----------------------------------------------------------------------------------

    def follow(
        self, cursors: Mapping[int, int], patience: float, most: int | None
    ) -> Iterator[tuple[int, FinalAnswer]]:
        """Final answers after these cursors by part, with their part, as they come; of each run so many at most.

        The last is waited for. Those before it are only looked at: nothing is asked there any more.
        """
        runs = self.runs
        for part, run in enumerate(runs):
            wait = patience if part == len(runs) - 1 else 0.0
            for answer in islice(run.follow(cursors.get(part, 0), wait), most):
                yield part, answer

    def ending(self) -> Ending | None:
        """How the last run has ended, if it has."""
        return last_ending(self._folder(len(self._later)).log)

    def finish(self) -> None:
        """Say that no more items come."""
        self._finish(self.runs)

    def _finish(self, runs: Sequence[Run]) -> None:
        for run in runs:
            # Whoever has ended it before has ended it.
            with suppress(RunEnded):
                run.finish()

    def posteriors(self, keys: Sequence[str], count: int) -> Floats:
        """What the runs hold of the labels of these items; NaN where nothing shows how sure an answer is."""
        found = np.full((len(keys), count), np.nan)
        row_of = {key: row for row, key in enumerate(keys)}
        for run in self.runs:
            frame = run.probabilities()
            columns = [column for column in frame.columns[1:] if column != "nothing"]
            rows = [row_of.get(str(key), -1) for key in frame.iloc[:, 0]]
            there = np.flatnonzero(np.array(rows, np.int64) >= 0)
            found[np.array(rows, np.int64)[there]] = frame[columns].to_numpy(np.float64)[there]
        return found

    def close(self) -> None:
        """Let go of them in this process."""
        for run in self.runs:
            run.close()


# --- what the model says, in columns ------------------------------------------------------------------


def _columns_of(labels: Sequence[Label]) -> Mapping[Any, str]:
    """By label the column that says how probable the model holds it."""
    return {label: f"model:{VOTER}:{label}" for label in labels}


def with_votes(items: Items, chances: Floats, labels: Sequence[Label]) -> Items:
    """The items with how probable the model holds each label of each, shape (n_items, n_labels)."""
    rows = items.rows
    for column, told in zip(_columns_of(labels).values(), chances.T, strict=True):
        rows = rows.append_column(column, pa.array(told)) if rows.num_columns else pa.table({column: pa.array(told)})
    return replace(items, rows=rows)


def as_control(items: Items, answers: Sequence[Label]) -> Items:
    """Items that were answered as control items with these answers, under other ids."""
    [output] = items.task.outputs
    keys = Keys(pa.array([f"{key} held out" for key in items.keys], pa.large_string()))
    kind = items.answers.schema.field(output.name).type
    known = pa.table({output.name: pa.array(list(answers)) if pa.types.is_null(kind) else pa.array(answers, kind)})
    return replace(items, keys=keys, control=np.ones(items.count, np.bool_), answers=known, key_type="text")


def sharpened(chances: Floats, held: Floats, right: Sequence[int]) -> Floats:
    """Probabilities raised to the power under which those of `held` make the answers there most probable.

    A model is seldom as sure as it is right (Guo and others, 2017): one that learnt from few labels is too modest.
    """
    if not len(right):
        return chances

    def likely(power: float) -> float:
        return float(np.log(_power(held, power)[np.arange(len(right)), list(right)]).sum())

    return _power(chances, max(POWERS, key=likely))


def _power(chances: Floats, power: float) -> Floats:
    logs = power * np.log(np.maximum(chances, LEAST))
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    found: Floats = np.maximum(raised / raised.sum(axis=1, keepdims=True), LEAST)
    found /= found.sum(axis=1, keepdims=True)
    return found
