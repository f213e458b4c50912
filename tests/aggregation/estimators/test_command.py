"""The function behind `dataforge aggregate`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dataforge.aggregation._responses import read_responses
from dataforge.aggregation.command import aggregate, aggregate_file, agreement_of, method_named, methods
from dataforge.errors import AggregationError, UnknownName


@pytest.fixture
def files(tmp_path: Path, answers: pd.DataFrame, truth: pd.Series) -> tuple[Path, Path]:
    answers.to_csv(tmp_path / "labels.csv", index=False)
    truth.rename("label").reset_index().to_csv(tmp_path / "gold.csv", index=False)
    return tmp_path / "labels.csv", tmp_path / "gold.csv"


def test_answers_from_a_file_become_labels_in_a_file(files: tuple[Path, Path], tmp_path: Path) -> None:
    labels, gold = files
    summary = aggregate_file(labels, method="dawid-skene", gold=gold, out=tmp_path / "result.parquet")
    table = pq.read_table(tmp_path / "result.parquet")
    assert table.column_names == ["task", "label", "probability", "answers"]
    assert table.num_rows == summary.n_tasks == 60
    assert summary.accuracy is not None
    assert summary.accuracy > 0.8
    assert summary.n_gold == 60
    assert any("accuracy" in line for line in summary.lines())


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_every_ending_can_be_read_back(files: tuple[Path, Path], tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"answers.{ending}"
    frame = pd.read_csv(files[0])
    if ending == "jsonl":
        frame.to_json(out, orient="records", lines=True)
    else:
        {"csv": frame.to_csv, "parquet": frame.to_parquet}[ending](out, index=False)
    assert aggregate_file(out, method="majority-vote", out=tmp_path / f"labels.{ending}").n_answers == len(frame)
    assert (tmp_path / f"labels.{ending}").stat().st_size > 0


@pytest.mark.parametrize("name", sorted(methods()))
def test_any_method_goes_by_name(name: str, make_crowd: Callable[..., pd.DataFrame]) -> None:
    data = make_crowd(n_labels=2)
    gold = data.drop_duplicates("task").set_index("task")["truth"]
    assert aggregate(data, method=name, gold=gold).method == name


def test_names_are_read_as_people_write_them() -> None:
    assert method_named("Dawid_Skene") is method_named("dawid-skene") is method_named("DawidSkene")
    with pytest.raises(UnknownName, match="known: dawid-skene, glad"):
        method_named("magic")


def test_workers_far_below_the_crowd_are_named(make_crowd: Callable[..., pd.DataFrame]) -> None:
    rng = np.random.default_rng(99)
    answers = make_crowd(n_tasks=300)
    noise = pd.DataFrame({"task": sorted(answers["task"].unique()), "worker": "guesser"})
    noise["label"] = rng.choice(["l0", "l1", "l2"], len(noise))
    summary = aggregate(pd.concat([answers, noise]))
    assert summary.below[0].worker == "guesser"


def test_alpha_is_that_of_krippendorffs_example() -> None:
    """Krippendorff (2011), "Computing Krippendorff's alpha-reliability": four observers, twelve units, alpha 0.743."""
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    data = pd.DataFrame(
        [(unit, observer, str(value)) for observer, row in enumerate(rows) for unit, value in enumerate(row) if value],
        columns=["task", "worker", "label"],
    )
    assert round(agreement_of(read_responses(data))[1], 3) == 0.743


def test_bad_files_are_named(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(AggregationError, match="no file"):
        aggregate_file(tmp_path / "absent.csv")
    with pytest.raises(AggregationError, match=r"worker not found among task, label"):
        aggregate_file(files[1])
    with pytest.raises(AggregationError, match="give them with --gold"):
        aggregate_file(files[0], method="gold-majority-vote")
