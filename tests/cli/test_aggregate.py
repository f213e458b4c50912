"""From a file of answers to a file of labels by the command line."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

Dataforge = Callable[..., subprocess.CompletedProcess[str]]
Rows = Iterable[tuple[str, ...]]
# Three who agree and one who says the opposite; t4 has one answer only.
ANSWERS = [
    (f"t{task}", worker, "cat" if (task % 2 == 0) == (worker != "odd") else "dog")
    for task in range(12)
    for worker in ("ann", "bob", "cid", "odd")
] + [("late", "ann", "dog")]
GOLD = [(f"t{task}", "cat" if task % 2 == 0 else "dog") for task in range(12)]


def written(path: Path, header: str, rows: Rows) -> Path:
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return written(tmp_path / "labels.csv", "task,worker,label", ANSWERS)


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return written(tmp_path / "gold.csv", "task,label", GOLD)


def test_answers_become_labels_in_a_file_and_a_summary(
    dataforge_process: Dataforge, tmp_path: Path, answers: Path, gold: Path
) -> None:
    options = ("--method", "dawid-skene", "--gold", gold, "--out", "result.parquet")
    reply = dataforge_process("aggregate", answers, *options)
    assert reply.returncode == 0, reply.stderr
    found = pq.read_table(tmp_path / "result.parquet").to_pylist()
    assert {row["task"]: row["label"] for row in found} == {**dict(GOLD), "late": "dog"}
    assert "49 answers of 4 workers to 13 tasks, by dawid-skene" in reply.stdout
    assert "Krippendorff's alpha" in reply.stdout
    assert "accuracy 100.00% on 12 known answers" in reply.stdout
    assert "1 worker far below the crowd" in reply.stdout
    assert "odd: 0% agreement with the others over 12 answers" in reply.stdout
    assert "13 labels are in result.parquet" in reply.stdout
    assert reply.stderr == "", "nobody watches, so there is no progress to show"


def test_without_a_file_to_write_the_labels_are_shown(dataforge: Dataforge, answers: Path) -> None:
    reply = dataforge("aggregate", answers, "--method", "MajorityVote")
    assert reply.returncode == 0, reply.stderr
    assert "by majority-vote" in reply.stdout
    assert ["t3", "dog", "0.750", "4"] in [line.split() for line in reply.stdout.splitlines()]
    assert "accuracy" not in reply.stdout


def test_json_is_one_object_with_numbers(dataforge: Dataforge, answers: Path, gold: Path) -> None:
    reply = dataforge("aggregate", answers, "--gold", gold, "--method", "wawa", "--json")
    found = json.loads(reply.stdout)
    assert (found["method"], found["answers"], found["tasks"], found["workers"]) == ("wawa", 49, 13, 4)
    assert (found["accuracy"], found["gold"]) == (1.0, 12)
    # Of the six pairs of answers to a task three are alike.
    assert found["agreement"] == pytest.approx(0.5)
    # By hand: coincidences of 48 answers, 24 of each label; 1 - 0.5 / (2 * 24 * 24 / (48 * 47)).
    assert found["alpha"] == pytest.approx(1 - 0.5 * 48 * 47 / (2 * 24 * 24))
    assert [worker["worker"] for worker in found["below"]] == ["odd"]
    assert {"task": "late", "label": "dog", "probability": 1.0, "answers": 1} in found["rows"]


def test_what_cannot_be_measured_is_null_in_json(dataforge: Dataforge, tmp_path: Path) -> None:
    lonely = written(tmp_path / "lonely.csv", "task,worker,label", [("a", "w", "x"), ("b", "w", "y")])
    stranger = written(tmp_path / "stranger.csv", "task,label", [("other", "x")])
    found = json.loads(dataforge("aggregate", lonely, "--gold", stranger, "--method", "majority-vote", "--json").stdout)
    assert (found["agreement"], found["alpha"], found["accuracy"], found["gold"]) == (None, None, None, 0)
    reply = dataforge("aggregate", lonely, "--gold", stranger, "--method", "majority-vote")
    assert "accuracy unknown: none of the tasks of 1 known answers has an answer" in reply.stdout
    assert "no task has two answers" in reply.stdout


def test_a_missing_label_is_no_answer(dataforge: Dataforge, tmp_path: Path) -> None:
    rows = [("a", "w1", "x"), ("a", "w2", ""), ("b", "w1", "NaN"), ("b", "w2", "y")]
    path = written(tmp_path / "gaps.csv", "task,worker,label", rows)
    found = json.loads(dataforge("aggregate", path, "--method", "majority-vote", "--json").stdout)
    assert (found["answers"], [row["label"] for row in found["rows"]]) == (2, ["x", "y"])
    numbers = pa.table({"task": ["a", "b"], "worker": ["w", "w"], "label": [1.0, float("nan")]})
    pq.write_table(numbers, tmp_path / "gaps.parquet")
    assert json.loads(dataforge("aggregate", tmp_path / "gaps.parquet", "--json").stdout)["answers"] == 1


def test_known_answers_of_another_type_are_compared_all_the_same(dataforge: Dataforge, tmp_path: Path) -> None:
    path = written(tmp_path / "digits.csv", "task,worker,label", [("1", "a", "7"), ("1", "b", "7"), ("2", "a", "0")])
    pq.write_table(pa.table({"task": [1, 2], "label": [7, 1]}), tmp_path / "gold.parquet")
    found = json.loads(dataforge("aggregate", path, "--gold", tmp_path / "gold.parquet", "--json").stdout)
    assert (found["accuracy"], found["gold"]) == (0.5, 2)


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("task,who,label\na,w,x\n", [], "labels.csv needs the columns task, worker, label: worker not found among"),
        ("task,worker,label\na,w,x\n,w,x\n", [], "column 'task' needs a value in every row; row 2 has none (1 in all"),
        ("task,worker,label\na,,x\n", [], "column 'worker' needs a value in every row; row 1 has none"),
        ("task,worker,label\na,w\n", [], "labels.csv, line 2: expected 3 cells as in the header, got 2"),
        ('task,worker,label\na,w,x\nb,w,"y\nc,w,z\n', [], "labels.csv, line 3: the quote before 'y' is never closed"),
        ("task,worker,label,label\na,w,x,y\n", [], "labels.csv: two columns are named 'label'"),
        ("task,worker,label\na,w,x\n", ["--out", "labels.csv"], "labels.csv is the file that is read, labels.csv: the"),
        ("", [], "labels.csv is empty"),
        ("task,worker,label\na,w,\n", [], "labels.csv holds no answers"),
        (
            "task,worker,label\na,w,x\n",
            ["--method", "magic"],
            "known: average-win-rate, bias-variance, binary-relevance",
        ),
        ("task,worker,label\na,w,x\n", ["--out", "labels.xls"], "ends in .csv, .xlsx, .jsonl or .parquet"),
        ("task,worker,label\na,w,x\n", ["--out", "absent/labels.csv"], "there is no folder absent"),
        ("task,worker,label\na,w,x\n", ["--gold", "absent.csv"], "there is no file absent.csv"),
        ("task,worker,label\na,w,x\n", ["--gold", "labels.txt"], "a name that ends in"),
        ("task,worker,label\na,w,x\n", ["--method", "gold-majority-vote"], "give them with --gold"),
        ("task,worker,label\na,w,x\n", ["--param", "n_iter"], "--param needs name=value, got 'n_iter'"),
        ("task,worker,label\na,w,x\n", ["--param", "n_iter=x"], "'n_iter' needs a whole number, got 'x'"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_exit_code_2(
    dataforge: Dataforge, tmp_path: Path, text: str, arguments: list[str], message: str
) -> None:
    (tmp_path / "labels.csv").write_text(text)
    (tmp_path / "labels.txt").write_text(text)
    reply = dataforge("aggregate", "labels.csv", *arguments)
    assert (reply.returncode, reply.stdout) == (2, "")
    assert reply.stderr.startswith("dataforge: ")
    assert message in reply.stderr
    assert reply.stderr.count("\n") == 1


@pytest.mark.parametrize("written_to", ["./labels.csv", "linked.csv", "hard.csv", "gold.csv"])
def test_the_result_never_replaces_what_it_was_made_from(
    dataforge: Dataforge, tmp_path: Path, answers: Path, gold: Path, written_to: str
) -> None:
    (tmp_path / "linked.csv").symlink_to(answers)
    (tmp_path / "hard.csv").hardlink_to(answers)
    before = answers.read_bytes(), gold.read_bytes()
    reply = dataforge("aggregate", answers, "--gold", gold, "--out", written_to)
    assert (reply.returncode, reply.stdout) == (2, "")
    assert "the result would replace it; write to another file" in reply.stderr
    assert (answers.read_bytes(), gold.read_bytes()) == before


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separator_of_a_csv_file_is_the_one_of_its_header(
    dataforge: Dataforge, tmp_path: Path, separator: str
) -> None:
    rows = ["task,worker,label", "a,w1,x", "a,w2,x", "b,w1,y"]
    (tmp_path / "labels.csv").write_text("".join(row.replace(",", separator) + "\n" for row in rows))
    found = json.loads(dataforge("aggregate", "labels.csv", "--method", "majority-vote", "--json").stdout)
    assert [(row["task"], row["label"]) for row in found["rows"]] == [("a", "x"), ("b", "y")]


def test_answers_may_stand_in_a_spreadsheet(dataforge: Dataforge, tmp_path: Path) -> None:
    rows = [("task", "worker", "label"), (7, "w1", "x"), (7, "w2", "x"), ("7a", "w1", "y")]
    with xlsxwriter.Workbook(tmp_path / "labels.xlsx") as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    found = json.loads(dataforge("aggregate", "labels.xlsx", "--method", "majority-vote", "--json").stdout)
    assert [(row["task"], row["label"]) for row in found["rows"]] == [("7", "x"), ("7a", "y")]


def test_a_file_that_is_not_utf_8_is_told_with_the_place_and_read_if_its_encoding_is_named(
    dataforge: Dataforge, tmp_path: Path
) -> None:
    packed = gzip.compress("task,worker,label\na,w,café\na,v,café\n".encode("latin-1"))
    (tmp_path / "labels.csv.gz").write_bytes(packed)
    reply = dataforge("aggregate", "labels.csv.gz")
    assert reply.returncode == 2
    assert "labels.csv.gz, line 2: holds the byte 0xe9, which is no UTF-8; name its encoding" in reply.stderr
    reply = dataforge("aggregate", "labels.csv.gz", "--encoding", "latin-1", "--json", "--method", "majority-vote")
    assert [row["label"] for row in json.loads(reply.stdout)["rows"]] == ["café"]


@pytest.mark.parametrize("method", ["majority-vote", "dawid-skene", "glad"])
def test_a_public_set_is_labelled_well(dataforge: Dataforge, shared: Path, method: str) -> None:
    folder = shared / "datasets" / "rte"
    reply = dataforge("aggregate", folder / "labels.csv", "--gold", folder / "gold.csv", "--method", method, "--json")
    found = json.loads(reply.stdout)
    assert (found["answers"], found["tasks"], found["workers"], found["gold"]) == (8000, 800, 164, 800)
    assert found["accuracy"] > (0.88 if method == "majority-vote" else 0.92)


def test_ties_count_half_where_a_parameter_says_so(dataforge: Dataforge, tmp_path: Path) -> None:
    games = written(tmp_path / "games.csv", "left,right,label", [("a", "b", "a"), ("a", "b", "")])
    refused = dataforge("aggregate", games, "--method", "bradley-terry")
    assert "choose --param ties=half, --param ties=drop or --method davidson" in refused.stderr
    options = ["--param", "ties=half", "--param", "n_iter=500", "--json"]
    found = json.loads(dataforge("aggregate", games, "--method", "bradley-terry", *options).stdout)
    # One win and a half of two games: odds of 3 : 1.
    assert [row["score"] for row in found["rows"]] == pytest.approx([0.75, 0.25], abs=1e-4)


def test_comparisons_become_scores(dataforge: Dataforge, tmp_path: Path) -> None:
    games = written(tmp_path / "games.csv", "left,right,label", [("a", "b", "a"), ("b", "c", "b"), ("c", "a", "c")])
    ratings = written(tmp_path / "ratings.csv", "task,label", [("a", "3"), ("b", "2"), ("c", "1")])
    reply = dataforge("aggregate", games, "--method", "average-win-rate", "--gold", ratings, "--out", "scores.csv")
    assert reply.returncode == 0, reply.stderr
    assert reply.stdout.splitlines()[0] == "3 comparisons of 3 items, by average-win-rate"
    assert "3 items are in scores.csv" in reply.stdout
    assert (tmp_path / "scores.csv").read_text("utf-8-sig").splitlines()[:2] == [
        '"item","score","comparisons"',
        '"a",0.5,2',
    ]


def test_results_are_json_whatever_the_ids_are(dataforge: Dataforge, tmp_path: Path) -> None:
    days = pa.array([date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 2)])
    pq.write_table(pa.table({"task": days, "worker": ["a", "b", "a"], "label": [True, True, False]}), "days.parquet")
    reply = dataforge("aggregate", "days.parquet", "--method", "majority-vote", "--out", "labels.jsonl")
    assert reply.returncode == 0, reply.stderr
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text("utf-8").splitlines()]
    assert [(row["task"], row["label"]) for row in rows] == [("2026-01-01", True), ("2026-01-02", False)]


def piped(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of a shell in which `dataforge` is the command."""
    line = f'set -o pipefail; dataforge() {{ {sys.executable} -m dataforge "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=150)


def test_answers_come_from_one_program_and_labels_go_to_the_next(tmp_path: Path, answers: Path) -> None:
    command = "cat labels.csv | dataforge aggregate - --method majority-vote --out - | sort | head -n 2"
    reply = piped(command, tmp_path)
    assert reply.stdout == '"late","dog",1,1\n"t0","cat",0.75,4\n'
    assert "49 answers of 4 workers to 13 tasks, by majority-vote" in reply.stderr, "the summary is for who watches"


def test_a_reader_that_has_gone_is_no_failure_of_ours(tmp_path: Path) -> None:
    written(tmp_path / "many.csv", "task,worker,label", ((f"t{task}", "ann", "cat") for task in range(20_000)))
    reply = piped("dataforge aggregate many.csv --method majority-vote --out - | head -n 1", tmp_path)
    assert (reply.stdout, reply.returncode) == ('"task","label","probability","answers"\n', 141)
    assert "Traceback" not in reply.stderr


def test_two_things_do_not_share_standard_output(dataforge: Dataforge, answers: Path) -> None:
    reply = dataforge("aggregate", answers, "--out", "-", "--json")
    assert reply.returncode == 2
    assert "--json and --out - both write to standard output; choose one" in reply.stderr


ROWS = [("t1", "ann", "yes"), ("t1", "bob", "yes"), ("t2", "ann", "no"), ("t2", "bob", "no")]


@pytest.mark.parametrize("header", ["Task,Worker,Label", "question,annotator,answer", "item_id,performer,OUTPUT"])
def test_columns_are_known_by_the_names_that_other_programs_give_them(
    dataforge: Dataforge, tmp_path: Path, header: str
) -> None:
    found = dataforge("aggregate", str(written(tmp_path / "answers.csv", header, ROWS)), "--json")
    assert [row["label"] for row in json.loads(found.stdout)["rows"]] == ["yes", "no"]


def test_a_column_of_another_name_is_named_and_the_error_says_how(dataforge: Dataforge, tmp_path: Path) -> None:
    path = str(written(tmp_path / "answers.csv", "task,coder,label", ROWS))
    refused = dataforge("aggregate", path)
    assert refused.returncode == 2
    assert "worker not found among task, coder, label; rename them, or say which they are: --column worker=..." in (
        " ".join(refused.stderr.split())
    )
    found = dataforge("aggregate", path, "--column", "worker=coder", "--json")
    assert json.loads(found.stdout)["workers"] == 2
    assert "has no column 'rater'" in dataforge("aggregate", path, "--column", "worker=rater").stderr
    assert "reads no column 'wroker'" in dataforge("aggregate", path, "--column", "wroker=coder").stderr


def test_the_probability_of_every_label_is_written_if_asked_for(dataforge: Dataforge, tmp_path: Path) -> None:
    path = str(written(tmp_path / "answers.csv", "task,worker,label", ROWS))
    found = dataforge("aggregate", path, "--what", "probabilities", "--method", "majority-vote", "--json")
    assert json.loads(found.stdout)["rows"] == [
        {"task": "t1", "no": 0.0, "yes": 1.0},
        {"task": "t2", "no": 1.0, "yes": 0.0},
    ]
    refused = dataforge("aggregate", path, "--what", "probabilities", "--method", "kos")
    assert (refused.returncode, "kos has no probabilities" in refused.stderr) == (2, True)
    assert "--what needs to be 'labels' or 'probabilities'" in dataforge("aggregate", path, "--what", "all").stderr


def test_a_file_of_an_arena_gives_scores_and_a_hint_where_it_names_sides(dataforge: Dataforge, tmp_path: Path) -> None:
    games = [("x", "y", "x"), ("x", "y", "tie"), ("y", "x", "tie (bothbad)"), ("y", "x", "y")]
    path = str(written(tmp_path / "games.csv", "model_a,model_b,winner", games))
    ties = ["--param", "tie=['tie', 'tie (bothbad)']", "--param", "ties=half"]
    found = dataforge("aggregate", path, "--method", "bradley-terry", *ties, "--json")
    assert [row["score"] for row in json.loads(found.stdout)["rows"]] == pytest.approx([0.5, 0.5])
    refused = " ".join(dataforge("aggregate", path).stderr.split())
    assert "task, worker not found among model_a, model_b, winner; these are comparisons" in refused
    assert "--method bradley-terry" in refused
    sides = str(written(tmp_path / "sides.csv", "model_a,model_b,winner", [("x", "y", "model_a")]))
    assert "it names a side: put the item of that side in its place" in " ".join(
        dataforge("aggregate", sides, "--method", "elo").stderr.split()
    )


def test_nothing_is_said_of_the_agreement_of_what_is_no_label(dataforge: Dataforge, tmp_path: Path) -> None:
    sets = tmp_path / "sets.jsonl"
    rows = [{"task": task, "worker": worker, "label": ["a", "b"]} for task in "tu" for worker in "vw"]
    sets.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert "agreement" not in dataforge("aggregate", str(sets), "--method", "binary-relevance").stdout
