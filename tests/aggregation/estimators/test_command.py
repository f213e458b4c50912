"""The function behind `dataforge aggregate`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataforge.aggregation import classification
from dataforge.aggregation.base import (
    BaseEmbeddingsAggregator,
    BaseImageSegmentationAggregator,
    BasePairwiseAggregator,
    BaseTextsAggregator,
)
from dataforge.aggregation.command import aggregate, aggregate_file, agreement_of, method_named, methods
from dataforge.aggregation.tables.labels import read_labels
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
    assert summary.known is not None
    assert summary.known.accuracy is not None
    assert summary.known.accuracy > 0.8
    assert summary.known.n == 60
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


LABELLED = [name for name, kind in methods().items() if kind.__name__ in classification.__all__]
BY_FUNCTION = ["closest-to-average", "text-hrrasa", "text-rasa"]


@pytest.mark.parametrize("name", LABELLED)
def test_any_method_of_labels_goes_by_name(name: str, make_crowd: Callable[..., pd.DataFrame]) -> None:
    data = make_crowd(n_labels=2)
    gold = data.drop_duplicates("task").set_index("task")["truth"]
    assert aggregate(data, method=name, gold=gold).method == name


def table_for(name: str) -> pa.Table:
    """Two workers and two tasks, or four comparisons, as the family of the method reads them."""
    family = method_named(name)
    if issubclass(family, BasePairwiseAggregator):
        columns = {"left": list("abca"), "right": list("bcab"), "label": list("abcb"), "worker": list("xyxy")}
        return pa.table(columns)
    answers: dict[str, list[Any]] = {"task": list("ttuu"), "worker": list("xyxy")}
    if issubclass(family, BaseTextsAggregator):
        answers["text"] = ["a cat", "a cat", "one dog", "one dog"]
    elif issubclass(family, BaseEmbeddingsAggregator):
        answers |= {"output": list("abcd"), "embedding": [[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]]}
    elif issubclass(family, BaseImageSegmentationAggregator):
        answers["segmentation"] = [[[1, 0], [1, 0]]] * 4
    else:
        answers["label"] = [["a"], ["a", "b"], [], []] if name == "binary-relevance" else ["1.5", "2.5", "3", "3"]
    return pa.table(answers)


@pytest.mark.parametrize("name", [name for name in methods() if name not in [*LABELLED, *BY_FUNCTION]])
def test_methods_of_other_families_go_by_name_too(name: str, tmp_path: Path) -> None:
    pq.write_table(table_for(name), tmp_path / "answers.parquet")
    summary = aggregate_file(tmp_path / "answers.parquet", method=name, out=tmp_path / "found.jsonl")
    found = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    compared = issubclass(method_named(name), BasePairwiseAggregator)
    assert [row["item" if compared else "task"] for row in found] == (list("abc") if compared else ["t", "u"])
    assert [row["comparisons" if compared else "answers"] for row in found] == ([3, 3, 2] if compared else [2, 2])
    assert f"4 {'comparisons' if compared else 'answers'}" in summary.lines()[0]


@pytest.mark.parametrize("name", BY_FUNCTION)
def test_a_method_that_needs_a_function_says_where_it_goes(name: str) -> None:
    with pytest.raises(AggregationError, match=r"that no file holds: call dataforge.aggregation.\w+\(\w+=...\) from"):
        aggregate(table_for(name), method=name)


def test_numbers_and_scores_are_measured_against_known_ones() -> None:
    known = pa.table({"task": ["t", "u"], "label": ["2", "4"]})
    assert aggregate(table_for("mean-value"), method="mean-value", gold=known).known.error == 0.5
    ratings = pa.table({"task": list("abc"), "label": [1, 2, 3]})  # found is a, c, b: by hand 1 - 6 * 2 / 24
    assert aggregate(table_for("davidson"), method="davidson", gold=ratings).known.correlation == pytest.approx(0.5)
    with pytest.raises(AggregationError, match="rover takes none: leave --gold out"):
        aggregate(table_for("rover"), method="rover", gold=known)
    with pytest.raises(AggregationError, match="known answers need to be numbers"):
        aggregate(table_for("mean-value"), method="mean-value", gold=pa.table({"task": ["t"], "label": ["tall"]}))


def test_a_comparison_without_a_winner_is_a_tie_and_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "games.csv").write_text("left,right,label\na,b,a\na,b,b\na,b,\n")
    assert aggregate_file(tmp_path / "games.csv", method="davidson").n_answers == 3


THREE = pa.table({"task": list("aabbc"), "worker": list("xyxyz"), "label": list("10110")})


def test_known_answers_of_a_few_tasks_teach_the_weights_and_the_others_count_as_the_mean() -> None:
    """By hand: x is right once, y never, so z, who met no known answer, counts 0.5, and x outvotes y."""
    summary = aggregate(
        THREE, method="gold-majority-vote", gold=pa.table({"task": ["a", "other"], "label": ["1", "0"]})
    )
    assert summary.labels["label"].to_pylist() == ["1", "1", "0"]
    # Nobody but z has answered the third task, and z met no known answer.
    assert np.array_equal(summary.labels["probability"].to_numpy(), [1.0, 1.0, np.nan], equal_nan=True)
    assert summary.unskilled == 1
    assert summary.lines()[-3:] == [
        "accuracy 100.00% on 1 known answers, from which the method learnt",
        "1 of 2 known answers name tasks without answers",
        "1 workers met no known answer: they count with the mean skill",
    ]
    with pytest.raises(AggregationError, match="no worker gave any: compare the names of tasks and labels"):
        aggregate(THREE, method="gold-majority-vote", gold=pa.table({"task": ["a"], "label": ["yes"]}))


def test_known_answers_stay_and_teach_and_the_others_measure() -> None:
    known = pa.table({"task": ["a", "c"], "label": ["0", "new"]})
    summary = aggregate(THREE, known=known, gold=pa.table({"task": ["a", "b"], "label": ["1", "1"]}))
    assert summary.labels["label"].to_pylist() == ["0", "1", "new"]
    assert summary.labels["probability"].to_pylist()[::2] == [1.0, 1.0]
    assert "accuracy 100.00% on 1 known answers" in summary.lines()
    with pytest.raises(AggregationError, match="all answers of --gold are among those of --known"):
        aggregate(THREE, known=known, gold=known)
    numbers = pa.table({"task": list("aab"), "worker": list("xyx"), "label": [1.0, 3.0, 5.0]})
    found = aggregate(numbers, method="mean-value", known=pa.table({"task": ["a"], "label": [7.0]}))
    assert found.labels["value"].to_pylist() == [7.0, 5.0]
    with pytest.raises(AggregationError, match="elo learns nothing from known answers: measure it by them with --gold"):
        aggregate(pa.table({"left": ["a"], "right": ["b"], "label": ["a"]}), method="elo", known=known)


def test_known_labels_that_nobody_gave_are_named_in_place_of_an_accuracy_of_nothing() -> None:
    strange = aggregate(THREE, method="majority-vote", gold=pa.table({"task": ["a", "b"], "label": ["no", "yes"]}))
    assert "accuracy unknown: no worker gave a known label: 'no', 'yes', they gave '0', '1'" in strange.lines()
    assert strange.known is not None
    assert strange.known.accuracy is None
    some = aggregate(THREE, method="majority-vote", gold=pa.table({"task": ["b", "c"], "label": ["1", "no"]}))
    assert "accuracy 50.00% on 2 known answers" in some.lines()
    assert "known labels that no worker gave: 'no'; workers gave '0', '1'" in some.lines()


def test_parameters_of_the_method_are_checked_before_the_fit() -> None:
    assert aggregate(table_for("elo"), method="elo", parameters={"n_orders": 2, "step": 16}).n_tasks == 3
    assert aggregate(THREE, method="dawid-skene", parameters={"n_iter": 2, "tol": 0}).n_iter == 2
    for name, value, message in [
        ("n_iter", "many", "dawid-skene: parameter 'n_iter' needs a whole number, got 'many'"),
        ("n_iter", True, "needs a whole number, got True"),
        ("duplicates", "none", "needs 'all', 'last' or 'error', got 'none'"),
        ("on_iteration", "print", "dawid-skene has no parameter 'on_iteration' for a command; it has: n_iter, tol,"),
    ]:
        with pytest.raises(AggregationError, match=message):
            aggregate(THREE, parameters={name: value})


def test_advice_can_be_followed_on_the_command_line() -> None:
    tied = pa.table({"left": list("aab"), "right": list("bbc"), "label": ["a", "no one", "b"]})
    with pytest.raises(AggregationError, match="or a list of such labels: --method davidson --param 'tie=no one'"):
        aggregate(tied, method="bradley-terry")
    assert aggregate(tied, method="davidson", parameters={"tie": "no one"}).n_tasks == 3
    empty = tied.set_column(2, "label", pa.array(["a", None, "b"]))
    with pytest.raises(AggregationError, match="choose --param ties=half, --param ties=drop or --method davidson"):
        aggregate(empty, method="bradley-terry")
    assert aggregate(empty, method="bradley-terry", parameters={"ties": "half"}).n_tasks == 3


def test_lists_do_not_fit_into_a_csv_file(tmp_path: Path) -> None:
    pq.write_table(table_for("binary-relevance"), tmp_path / "sets.parquet")
    with pytest.raises(
        AggregationError, match=r"a .csv file cannot hold the lists of 'label'; write .jsonl or .parquet"
    ):
        aggregate_file(tmp_path / "sets.parquet", method="binary-relevance", out=tmp_path / "found.csv")


def test_names_are_read_as_people_write_them() -> None:
    assert method_named("Dawid_Skene") is method_named("dawid-skene") is method_named("DawidSkene")
    with pytest.raises(UnknownName, match="known: average-win-rate, bias-variance"):
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
    assert round(agreement_of(read_labels(data))[1], 3) == 0.743


def test_bad_files_are_named(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(AggregationError, match="no file"):
        aggregate_file(tmp_path / "absent.csv")
    with pytest.raises(AggregationError, match=r"worker not found among task, label"):
        aggregate_file(files[1])
    with pytest.raises(AggregationError, match="give them with --gold"):
        aggregate_file(files[0], method="gold-majority-vote")


def guesses(labels: int, seed: int) -> pd.DataFrame:
    """Eight people who guess at sixty tasks."""
    rng = np.random.default_rng(seed)
    task, worker = np.divmod(np.arange(480), 8)
    return pd.DataFrame({"task": task, "worker": worker, "label": rng.integers(labels, size=480)})


@pytest.mark.parametrize("method", ["dawid-skene", "glad", "mace", "one-coin-dawid-skene", "hierarchical-dawid-skene"])
def test_where_workers_agree_no_more_than_by_chance_no_number_stands(method: str) -> None:
    found = aggregate(guesses(5, seed=1), method=method)
    assert found.labels["probability"].null_count == 60 or np.isnan(found.labels["probability"].to_numpy()).all()
    assert sum("about as often as chance" in one for one in found.warnings) == 1
    every = aggregate(guesses(5, seed=1), method=method, what="probabilities")
    assert np.isnan(every.labels.to_pandas().drop(columns="task").to_numpy(float)).all()


def test_known_answers_stand_and_ten_of_them_say_what_the_others_are_worth() -> None:
    answers = guesses(5, seed=1)
    few = pd.DataFrame({"task": [0, 1], "label": [3, 4]})
    found = aggregate(answers, method="one-coin-dawid-skene", known=few).labels.to_pandas()
    assert found["probability"].notna().tolist() == [True, True] + [False] * 58
    enough = pd.DataFrame({"task": range(12), "label": [0, 1, 2, 3] * 3})
    assert aggregate(answers, method="one-coin-dawid-skene", known=enough).labels["probability"].null_count == 0


VOTES_AND_MODELS = [
    *("dawid-skene", "glad", "hierarchical-dawid-skene", "mace", "majority-vote", "one-coin-dawid-skene"),
    *("wawa", "zero-based-skill"),
]


def answered(tasks: int, workers: int, label: np.ndarray) -> pd.DataFrame:
    """Each worker answers each task; `label` has a row a task and a column a worker."""
    task, worker = np.divmod(np.arange(tasks * workers), workers)
    return pd.DataFrame({"task": task, "worker": worker, "label": label.ravel()})


SHOWING_NOTHING = {
    "all alike": (answered(60, 5, np.zeros((60, 5), int)), "all answers are the same label"),
    "one worker": (answered(60, 1, np.random.default_rng(1).integers(2, size=(60, 1))), "no task has two answers"),
    "one opinion each": (
        pd.DataFrame({"task": range(60), "worker": np.arange(60) % 6, "label": np.arange(60) // 6 % 2}),
        "no task has two answers",
    ),
    "one task": (answered(1, 5, np.zeros((1, 5), int)), "all answers are the same label"),
}


@pytest.mark.parametrize("method", VOTES_AND_MODELS)
@pytest.mark.parametrize("which", SHOWING_NOTHING)
def test_where_nothing_shows_how_good_labels_are_no_number_stands(method: str, which: str) -> None:
    answers, why = SHOWING_NOTHING[which]
    found = aggregate(answers, method=method)
    assert np.isnan(found.labels["probability"].to_numpy()).all()
    assert sum(why in one for one in found.warnings) == 1
    assert None not in found.labels["label"].to_pylist()


@pytest.mark.parametrize("method", VOTES_AND_MODELS)
def test_labels_of_a_worker_whom_nothing_shows_stand_without_a_number_beside_the_others(method: str) -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(2, size=60)
    together = answered(60, 5, np.where(rng.random((60, 5)) < 0.9, truth[:, None], 1 - truth[:, None]))
    alone = pd.DataFrame({"task": range(60, 80), "worker": 9, "label": rng.integers(2, size=20)})
    answers = pd.concat([together, alone])
    found = aggregate(answers, method=method)
    assert np.isnan(found.labels["probability"].to_numpy()).tolist() == [False] * 60 + [True] * 20
    assert sum("20 of 80 tasks were answered by workers alone" in one for one in found.warnings) == 1
    # A known answer to one of the tasks, or an answer to one of the others' tasks, shows what the worker is worth.
    met = pd.concat([answers, pd.DataFrame({"task": [0], "worker": 9, "label": truth[:1]})])
    assert not np.isnan(aggregate(met, method=method).labels["probability"].to_numpy()).any()
    if method not in ("mace", "majority-vote", "wawa", "zero-based-skill"):
        known = pd.DataFrame({"task": [60], "label": [0]})
        assert not np.isnan(aggregate(answers, method=method, known=known).labels["probability"].to_numpy()).any()


def graded(tmp_path: Path, names: dict[int, str] | None = None) -> tuple[Path, dict[str, int]]:
    """Grades of 1 to 5 that six people gave, mostly right and else one off, and the right ones."""
    rng = np.random.default_rng(4)
    truth = {f"t{task:02}": int(rng.integers(1, 6)) for task in range(60)}
    rows = [
        (task, worker, int(np.clip(right + rng.choice([0, 0, 0, -1, 1]), 1, 5)))
        for task, right in truth.items()
        for worker in "abcdef"
    ]
    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    frame["label"] = frame["label"].map(names or {n: str(n) for n in range(1, 6)})
    frame.to_csv(tmp_path / "grades.csv", index=False)
    return tmp_path / "grades.csv", truth


def test_labels_that_are_grades_have_a_mean_and_limits_and_the_middle_one_is_the_label(tmp_path: Path) -> None:
    source, truth = graded(tmp_path)
    table = aggregate_file(source, levels=list("12345")).labels
    assert table.column_names == ["task", "label", "probability", "mean", "low", "high", "answers"]
    found = table.to_pandas().set_index("task")
    chances = aggregate_file(source, what="probabilities").labels.to_pandas().set_index("task")
    by_hand = sum(int(level) * chances[level] for level in "12345")
    assert found["mean"].to_numpy() == pytest.approx(by_hand.to_numpy())
    below = chances[list("12345")].cumsum(axis=1).lt(0.5).sum(axis=1) + 1
    assert (found["label"].astype(int) == below).all()
    held = [int(found.loc[task, "low"]) <= right <= int(found.loc[task, "high"]) for task, right in truth.items()]
    assert np.mean(held) >= 0.95


def test_levels_that_are_words_stand_for_one_two_three(tmp_path: Path) -> None:
    names = {1: "awful", 2: "bad", 3: "fair", 4: "good", 5: "superb"}
    words = aggregate_file(graded(tmp_path, names)[0], levels=list(names.values())).labels
    numbers = aggregate_file(graded(tmp_path)[0], levels=list("12345")).labels
    assert words["mean"].to_pylist() == pytest.approx(numbers["mean"].to_pylist())
    assert set(words["low"].to_pylist()) <= set(names.values())


def test_levels_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    source, _ = graded(tmp_path)
    with pytest.raises(AggregationError, match=r"labels \['4', '5'\] are not among the levels"):
        aggregate_file(source, levels=["1", "2", "3"])
    with pytest.raises(AggregationError, match=r"--levels: from the lowest to the highest, and 4 comes after 5"):
        aggregate_file(source, levels=list("54321"))
    with pytest.raises(AggregationError, match="no probabilities of labels to find the middle of"):
        aggregate_file(source, method="kos", levels=["1", "2"])
