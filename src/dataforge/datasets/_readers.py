"""Unpacked files of the data sets as tables: answers, and true labels by task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataforge.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["comparisons", "labels", "masks", "netease", "transcripts"]


def labels(folder: Path) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Categorical answers."""
    return _answers(folder, {"performer": "worker"}), _truths(folder, "task", "label")


def transcripts(folder: Path) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Texts."""
    return _answers(folder, {"performer": "worker", "output": "text"}), _truths(folder, "task", "output")


def comparisons(folder: Path) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Comparisons; the label names the winner, the truth is a score of each item."""
    table = _answers(folder, {"performer": "worker"})
    winner = table["label"].where(table["label"] != "left", table["left"])
    table["label"] = winner.where(table["label"] != "right", table["right"])
    return table, _truths(folder, "label", "score")


def netease(folder: Path) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Categorical answers under the names of NetEase."""
    columns = {"taskId": "task", "workerId": "worker", "answer": "label"}
    table = _answers(folder, columns)[list(columns.values())]
    return table, _truths(folder, "taskId", "truth").rename_axis("task")


def masks(folder: Path) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Masks; the archive's arrays are named by task and worker."""
    import numpy as np
    import pandas as pd

    with np.load(_existing(folder / "crowd_labels.npz")) as crowd:
        names = [name.split("\t") for name in crowd.files]
        table = pd.DataFrame({"task": [int(task) for task, _ in names], "worker": [worker for _, worker in names]})
        table["segmentation"] = pd.Series([crowd[name] for name in crowd.files], dtype=object)
    with np.load(_existing(folder / "gt.npz")) as gold:
        tasks = pd.Index([int(name) for name in gold.files], name="task")
        truth = pd.Series([gold[name] for name in gold.files], index=tasks, name="true_segmentation", dtype=object)
    return table, truth


def _answers(folder: Path, names: dict[str, str]) -> pd.DataFrame:
    """The answers with columns renamed."""
    import pandas as pd

    return pd.read_csv(_existing(folder / "crowd_labels.csv")).rename(columns=names)


def _truths(folder: Path, key: str, value: str) -> pd.Series[Any]:
    """The true labels by key."""
    import pandas as pd

    table = pd.read_csv(_existing(folder / "gt.csv"))
    for name in (key, value):
        if name not in table.columns:
            raise DataError(
                f"{folder / 'gt.csv'} needs the column {name!r}, it has {', '.join(map(str, table.columns))}"
            )
    return table.set_index(key)[value].rename("true_label")


def _existing(path: Path) -> Path:
    """The path, if there is a file."""
    if not path.is_file():
        raise DataError(f"{path} is not there")
    return path
