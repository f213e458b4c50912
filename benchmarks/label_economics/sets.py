"""Recorded answers of real crowds: a folder for each set, with labels.csv and gold.csv."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Part", "RecordedSet", "Unfit", "parts_of", "read_sets"]

Part = Literal["development", "judging", "all"]

LEAST_ANSWERS = 5
LEAST_GOLD = 60
# Where nobody tells the type: so many different answers are numbers or texts.
MOST_LABELS = 50
KINDS = ("categorical", "ordinal")


class Unfit(Exception):
    """Why a folder's answers cannot be replayed."""


@dataclass(frozen=True, eq=False)
class RecordedSet:
    """Answers of workers to items whose right label is known, as codes: one row an answer in `item`, `worker`, `label`.

    `in_order`: the rows of an item are in the order in which they were given; elsewhere chance decides it.
    """

    name: str
    truth: NDArray[np.int64]
    item: NDArray[np.int64]
    worker: NDArray[np.int64]
    label: NDArray[np.int64]
    labels: int
    workers: int
    in_order: bool = False

    @property
    def items(self) -> int:
        return len(self.truth)


def read_sets(folder: Path) -> tuple[list[RecordedSet], dict[str, str]]:
    """The sets of a folder that can be replayed, and why the others cannot, by name."""
    found, unfit = [], {}
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            found.append(read_set(path))
        except Unfit as why:
            unfit[path.name] = str(why)
    return found, unfit


def read_set(folder: Path) -> RecordedSet:
    """The answers of one folder to items with a known label that have enough of them; one of a worker to an item."""
    answers, known = _tables(folder)
    # A label that is right and that nobody gives is one of them: such items are wrong whatever a policy does.
    names = sorted({*answers["label"], *known})
    if not _kind_of(folder) and len(names) > MOST_LABELS:
        raise Unfit(f"its answers are no labels: {len(names)} different ones")
    counts = answers["task"].value_counts()
    known = known[counts.reindex(known.index, fill_value=0) >= LEAST_ANSWERS]
    if len(known) < LEAST_GOLD:
        raise Unfit(
            f"{len(known)} of its items have a known label and {LEAST_ANSWERS} answers, {LEAST_GOLD} are needed"
        )
    answers = answers[answers["task"].isin(known.index)]
    workers, worker = np.unique(answers["worker"], return_inverse=True)
    return RecordedSet(
        name=folder.name,
        truth=np.searchsorted(names, known.to_numpy(str)).astype(np.int64),
        item=known.index.get_indexer(answers["task"]).astype(np.int64),
        worker=worker.astype(np.int64),
        label=np.searchsorted(names, answers["label"].to_numpy(str)).astype(np.int64),
        labels=len(names),
        workers=len(workers),
    )


def _tables(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """The answers, and the known label of each item; raises `Unfit` where there are none."""
    if (kind := _kind_of(folder)) not in ("", *KINDS):
        raise Unfit(f"its answers are of the type {kind}")
    for file in ("labels.csv", "gold.csv"):
        if not (folder / file).exists():
            raise Unfit(f"it has no {file}")
    answers, gold = (pd.read_csv(folder / f"{file}.csv", dtype=str) for file in ("labels", "gold"))
    if not {"task", "worker", "label"} <= set(answers) or not {"task", "label"} <= set(gold):
        raise Unfit("its answers are no labels of items: expected the columns task, worker, label")
    answers = answers.dropna(subset=["label"]).drop_duplicates(["task", "worker"])
    gold = gold.dropna(subset=["label"]).drop_duplicates("task")
    answers["label"], gold["label"] = _labels(answers["label"]), _labels(gold["label"])
    return answers, gold.set_index("task")["label"]


def _labels(column: pd.Series) -> pd.Series:
    """Labels as texts; whole numbers without a point, as one file may have it and the other may not."""
    numbers = pd.to_numeric(column, errors="coerce")
    whole = numbers.notna().all() and (numbers % 1 == 0).all()
    return numbers.astype("int64").astype(str) if whole else column


def _kind_of(folder: Path) -> str:
    """The type of the answers, where the set's README tells it."""
    readme = folder / "README.md"
    told = re.search(r"^- Type: (\w+)", readme.read_text("utf-8"), re.MULTILINE) if readme.exists() else None
    return "" if told is None else told[1]


def parts_of(sets: Sequence[RecordedSet], part: Part) -> Iterator[RecordedSet]:
    """The sets of a part: sorted by SHA-256 of their names every second one, from the first on, is for development.

    Whoever changes the product looks at these; the others judge the change once it is made.
    """
    ordered = sorted(sets, key=lambda one: hashlib.sha256(one.name.encode()).hexdigest())
    for place, one in enumerate(ordered):
        if part in ("all", "development" if place % 2 == 0 else "judging"):
            yield one
