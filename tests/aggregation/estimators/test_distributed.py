"""The cluster gives what one machine gives, whatever the number of partitions, and although a machine dies."""

import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
import dask.dataframe as dd
import distributed
import numpy as np
import pandas as pd
import pytest
from moto.server import ThreadedMotoServer

from dataforge import aggregation
from dataforge.aggregation import distributed as ours
from dataforge.aggregation.distributed import answers as opening
from dataforge.aggregation.distributed import cut as cutting
from dataforge.aggregation.kernels.glad import MStep
from dataforge.errors import AggregationError

# Whose machine is killed and not there again after 15 s, as on a busy processor, has one less for good by default.
PATIENT = {"distributed.deploy.lost-worker-timeout": "600s"}


@contextmanager
def cluster(processes: bool) -> Iterator[Any]:
    with (
        dask.config.set(PATIENT),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=processes,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1" if processes else None,
        ) as machines,
        distributed.Client(machines) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two machines in this process: the same messages, without the wait for processes."""
    with cluster(processes=False) as client:
        yield client


@pytest.fixture(scope="module")
def processes() -> Iterator[Any]:
    """Two machines that are processes."""
    with cluster(processes=True) as client:
        yield client


@pytest.fixture
def mortal(processes: Any) -> Any:
    """The same, which can be killed; whoever was is there again.

    On a computer with too much to do Dask may lose one that it starts again: then it starts another.
    """
    try:
        processes.wait_for_workers(2, timeout=60)
    except TimeoutError:
        processes.cluster.scale(len(processes.cluster.workers) + 1)
        processes.wait_for_workers(2, timeout=120)
    return processes


def partitioned(data: pd.DataFrame, n: int) -> Any:
    """Answers whose tasks are dealt out to n partitions."""
    place = pd.util.hash_array(data["task"].to_numpy(dtype=object)) % n
    frames = [data[place == i].reset_index(drop=True) for i in range(n)]
    return dd.concat([dd.from_pandas(frame, npartitions=1) for frame in frames])


def test_tables_that_do_not_fit_are_refused_before_the_first_iteration_with_what_to_do(
    client: Any, make_crowd: Callable[..., pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_crowd(n_tasks=200)[["task", "worker", "label"]]
    workers, labels = data["worker"].nunique(), data["label"].nunique()
    # Room for eight tables of a number for each worker and label, and not for one for each pair of labels.
    limit = 8 * 8 * workers * labels
    machines = {"tcp://one": {"nthreads": 4, "memory_limit": limit}}
    monkeypatch.setattr(client, "scheduler_info", lambda: {"workers": machines})
    model = ours.DawidSkene(on_iteration=lambda *_: pytest.fail("an iteration has begun"))
    with pytest.raises(AggregationError, match=r"each machine holds 8: .*tcp://one has .*OneCoinDawidSkene"):
        model.fit(partitioned(data, 2))
    assert len(ours.OneCoinDawidSkene(n_iter=1).fit(partitioned(data, 2)).skills_) == workers


def close(found: Any, local: Any) -> None:
    """The probabilities of two fits are equal, and so are tasks, labels and their types."""
    probas = found.probas_.compute().sort_index()
    assert list(probas.columns) == list(local.probas_.columns)
    assert list(probas.index) == list(local.probas_.index)
    np.testing.assert_allclose(probas.to_numpy(), local.probas_.to_numpy(), rtol=0, atol=1e-9)
    labels = found.labels_.compute().sort_index()
    assert (labels.name, labels.index.name) == ("agg_label", "task")
    assert list(labels) == list(local.labels_)
    if hasattr(local, "n_iter_"):
        assert (found.n_iter_, found.converged_) == (local.n_iter_, local.converged_)
        np.testing.assert_allclose(found.loss_history_, local.loss_history_, rtol=1e-9)


NAMES = ("MajorityVote", "Wawa", "DawidSkene", "HierarchicalDawidSkene", "OneCoinDawidSkene", "GLAD")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.thorough), 7])
def test_partitions_change_nothing(name: str, n: int, client: Any, make_crowd: Callable[..., pd.DataFrame]) -> None:
    data = make_crowd(n_tasks=200)[["task", "worker", "label"]]
    # A second iteration of GLAD is where sums in another order used to part ways; a whole fit is tested without Dask.
    parameters: dict[str, Any] = {"n_iter": 2, "m_step_max_iter": 10} if name == "GLAD" else {}
    local = getattr(aggregation, name)(**parameters)
    local.fit_predict(data)
    close(getattr(ours, name)(**parameters).fit(partitioned(data, n)), local)


TABLES = ("DawidSkene", "HierarchicalDawidSkene", "OneCoinDawidSkene")


def of_some_workers(n_tasks: int, n_groups: int) -> pd.DataFrame:
    """Answers of which each group of tasks has workers of its own, and all have a few in common."""
    rng = np.random.default_rng(n_tasks)
    task = np.repeat(np.arange(n_tasks), 5)
    group = task % n_groups
    common = rng.random(len(task)) < 0.3
    worker = np.where(common, rng.integers(6, size=len(task)), 6 + 5 * group + rng.integers(5, size=len(task)))
    wrong = rng.random(len(task)) < 0.1 + 0.5 * (worker % 7 == 0)
    label = (task // 3 + wrong * rng.integers(1, 3, size=len(task))) % 3
    data = pd.DataFrame({"task": task, "worker": worker, "label": label}).drop_duplicates(["task", "worker"])
    return data.assign(task=[f"t{code:03d}" for code in data["task"]]).reset_index(drop=True)


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tables are cut, however small they are; how many slices each fit had."""
    found: list[int] = []

    def counted(n_bytes: int, n_machines: int) -> int:
        found.append(n_machines)
        return n_machines

    monkeypatch.setattr(cutting, "slices_of", counted)
    monkeypatch.setattr(cutting, "LASTING_EVERY", 2)
    return found


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("known", [False, True])
def test_tables_cut_by_workers_change_nothing(name: str, known: bool, client: Any, slices: list[int]) -> None:
    data = of_some_workers(90, 4)
    # Workers of a partition are hardly in another; one is empty, one has two groups.
    group = data["task"].str[1:].astype(int) % 4
    pieces = frames(data[group == 0], data.iloc[:0], data[group == 1], data[group > 1])
    told = {"true_labels": pd.Series({f"t{code:03d}": code // 3 % 3 for code in range(15)})} if known else {}
    local, found = (getattr(module, name)() for module in (aggregation, ours))
    close(found.fit(pieces, **told), local.fit(data, **told))
    assert slices == [2]
    assert found.n_iter_ > 2 * cutting.LASTING_EVERY
    if name == "DawidSkene":
        there = found.errors_.loc[local.errors_.index]
        np.testing.assert_allclose(there, local.errors_, rtol=0, atol=1e-9)
    else:
        pd.testing.assert_series_equal(found.skills_, local.skills_, check_index_type=False, atol=1e-9, rtol=0)


def test_a_table_that_one_frame_of_a_message_holds_is_not_cut(
    client: Any, make_crowd: Callable[..., pd.DataFrame]
) -> None:
    frame = 64 * 2**20
    assert [cutting.slices_of(n, 3) for n in (0, frame, frame + 1, 2 * frame + 1, 9 * frame)] == [1, 1, 2, 3, 3]
    held = ours.DawidSkene(n_iter=1).fit(partitioned(make_crowd(n_tasks=60)[["task", "worker", "label"]], 4))._held
    assert held is not None
    assert not isinstance(held.cluster, cutting.Cut)


def test_a_machine_gets_and_sends_the_rows_of_its_own_workers_alone(client: Any, slices: list[int]) -> None:
    data = of_some_workers(90, 4)
    group = data["task"].str[1:].astype(int) % 4
    held = ours.DawidSkene(n_iter=1).fit(frames(data[group == 0], data[group > 0]))._held
    assert held is not None
    machine = held.cluster
    assert isinstance(machine, cutting.Cut)
    parts = client.gather(list(machine.parts))
    own = sorted(each["worker"].nunique() for each in (data[group == 0], data[group > 0]))
    assert sorted(part.n_workers for part in parts) == own
    assert own[-1] < machine.n_workers
    rows = client.gather(list(machine._rows_of_parts(machine.nothing(machine.n_workers * machine.n_labels, 7)).pieces))
    assert sorted(len(each) for each in rows) == sorted(part.n_rows for part in parts)


def test_workers_are_drawn_to_their_mean_over_partitions_too(
    client: Any, make_crowd: Callable[..., pd.DataFrame]
) -> None:
    data = make_crowd(n_tasks=40)[["task", "worker", "label"]]
    given: dict[str, Any] = {"strength": 15.0, "temper": 0.7, "labels_priors": "votes"}
    close(ours.DawidSkene(**given).fit(partitioned(data, 3)), aggregation.DawidSkene(**given).fit(data))


def test_difficulties_come_back_with_their_tasks(client: Any, make_crowd: Callable[..., pd.DataFrame]) -> None:
    data = make_crowd(n_tasks=60)[["task", "worker", "label"]]
    local = aggregation.GLAD(n_iter=1, m_step_max_iter=5).fit(data)
    found = ours.GLAD(n_iter=1, m_step_max_iter=5).fit(partitioned(data, 3))
    pd.testing.assert_series_equal(found.betas_.compute().sort_index(), local.betas_, check_index_type=False, atol=1e-9)
    pd.testing.assert_series_equal(found.alphas_, local.alphas_, check_index_type=False, atol=1e-9)


@pytest.mark.parametrize("name", ["DawidSkene", "HierarchicalDawidSkene"])
def test_known_answers_stay(name: str, client: Any, make_crowd: Callable[..., pd.DataFrame]) -> None:
    data = make_crowd(n_tasks=60)
    known = data.drop_duplicates("task").set_index("task")["truth"].sort_index().head(20)
    known.iloc[0] = "a label that nobody gave"
    found = getattr(ours, name)().fit(partitioned(data, 3), true_labels=known)
    close(found, getattr(aggregation, name)().fit(data, true_labels=known))


def test_parquet_files_are_read_by_partition(client: Any, answers: pd.DataFrame, tmp_path: Path) -> None:
    partitioned(answers.assign(other=1), 4).to_parquet(tmp_path)
    found = ours.DawidSkene().fit(dd.read_parquet(tmp_path))
    assert found.labels_.npartitions == 4
    close(found, aggregation.DawidSkene().fit(answers))


@pytest.mark.parametrize("kind", ["text", "numbers", "categories"])
def test_results_go_to_parquet_files_and_back(kind: str, client: Any, answers: pd.DataFrame, tmp_path: Path) -> None:
    if kind == "numbers":
        answers = answers.apply(lambda column: column.str[1:].astype(int))
    elif kind == "categories":
        answers = answers.astype("category")
    filled, rest = answers[answers.task.astype(str) < "t030"], answers[answers.task.astype(str) >= "t030"]
    data = partitioned(answers, 3) if kind != "categories" else frames(filled, rest)
    # The last partition is empty: its files need the types of the others.
    found = ours.DawidSkene(n_iter=20).fit(dd.concat([data, dd.from_pandas(answers.iloc[:0], npartitions=1)]))
    found.labels_.to_frame().to_parquet(tmp_path / "labels")
    found.probas_.rename(columns=str).to_parquet(tmp_path / "probas")
    local = aggregation.DawidSkene(n_iter=20).fit(answers)
    labels, probas = (dd.read_parquet(tmp_path / name).compute().sort_index() for name in ("labels", "probas"))
    assert dict(labels["agg_label"]) == dict(local.labels_)
    assert labels.index.name == "task"
    assert list(probas.columns) == [str(name) for name in local.probas_.columns]
    np.testing.assert_allclose(probas.to_numpy(), local.probas_.to_numpy(), rtol=0, atol=1e-9)


@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.filterwarnings("error::UserWarning")
def test_results_say_beforehand_what_types_they_have(numbers: bool, client: Any, answers: pd.DataFrame) -> None:
    if numbers:
        answers = answers.apply(lambda column: column.str[1:].astype(int))
    data = partitioned(answers, 3)
    found = ours.MajorityVote().fit(data)
    for result in (found.labels_, found.probas_):
        assert result._meta.index.dtype == result.compute().index.dtype == data._meta["task"].dtype
    beside = data.merge(found.labels_.to_frame().reset_index(), on="task").compute()
    assert len(beside) == len(answers)
    assert beside["agg_label"].dtype == data._meta["label"].dtype


def test_parquet_files_are_read_from_s3(client: Any, answers: pd.DataFrame) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        options = {"key": "key", "secret": "secret", "client_kwargs": {"endpoint_url": f"http://{host}:{port}"}}
        import s3fs

        s3fs.S3FileSystem(**options).mkdir("answers")
        partitioned(answers, 3).to_parquet("s3://answers/labels", storage_options=options)
        found = ours.DawidSkene().fit(dd.read_parquet("s3://answers/labels", storage_options=options))
        close(found, aggregation.DawidSkene().fit(answers))
    finally:
        server.stop()


def test_a_task_in_two_partitions_is_an_error_that_names_it(client: Any) -> None:
    data = pd.DataFrame({"task": ["a", "b", "b", "c"], "worker": list("xyzx"), "label": list("1121")})
    cut = dd.concat([dd.from_pandas(data[:2], npartitions=1), dd.from_pandas(data[2:], npartitions=1)])
    with pytest.raises(AggregationError, match=r"task 'b' has some in more than one partition: 0, 1; .*data.shuffle"):
        ours.DawidSkene().fit(cut)
    close(ours.DawidSkene().fit(cut.shuffle("task")), aggregation.DawidSkene().fit(data))


def test_many_tasks_are_compared_a_share_at_a_time(
    client: Any, answers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "TASKS_AT_ONCE", 7)
    close(ours.MajorityVote().fit(partitioned(answers, 3)), aggregation.MajorityVote().fit(answers))
    with pytest.raises(AggregationError, match="more than one partition"):
        ours.MajorityVote().fit(dd.from_pandas(answers, npartitions=3))


def test_two_names_with_one_hash_are_two_tasks(
    client: Any, answers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_hashes", lambda read: np.zeros(len(read.responses.tasks), np.uint64))
    close(ours.MajorityVote().fit(partitioned(answers, 3)), aggregation.MajorityVote().fit(answers))


def frames(*several: pd.DataFrame) -> Any:
    """Partitions just as they are, whatever their types."""
    pieces = [dask.delayed(lambda frame=frame: frame)() for frame in several]
    return dd.from_delayed(pieces, meta=several[0].iloc[:0], verify_meta=False)


def test_missing_labels_and_empty_partitions_are_no_answers(client: Any, answers: pd.DataFrame) -> None:
    answers.loc[answers.task == "t000", "label"] = None
    answers.loc[::7, "label"] = np.nan
    whole, half = answers[answers.task < "t030"], answers[answers.task >= "t030"]
    unanswered = whole[whole.task == "t000"]
    local = aggregation.DawidSkene().fit(answers)
    assert "t000" not in local.probas_.index
    rest = whole[whole.task != "t000"]
    close(ours.DawidSkene().fit(frames(answers.iloc[:0].astype(object), unanswered, rest, half)), local)


@pytest.mark.parametrize("name", NAMES)
def test_no_answers_at_all_are_an_empty_result(name: str, client: Any, answers: pd.DataFrame) -> None:
    found = getattr(ours, name)().fit(frames(answers.iloc[:0], answers.iloc[:0]))
    assert found.labels_.compute().empty
    assert found.probas_.compute().empty


def test_categories_may_differ_between_partitions(client: Any, answers: pd.DataFrame) -> None:
    local = aggregation.DawidSkene().fit(answers)
    parts = [answers[answers.task < "t030"], answers[answers.task >= "t030"]]
    close(ours.DawidSkene().fit(frames(*(part.astype("category") for part in parts))), local)


def test_categories_that_are_the_same_everywhere_keep_their_order(client: Any, answers: pd.DataFrame) -> None:
    answers["label"] = pd.Categorical(answers["label"], categories=["l2", "nobody's", "l0", "l1"])
    found = ours.MajorityVote().fit(frames(answers[answers.task < "t030"], answers[answers.task >= "t030"]))
    close(found, aggregation.MajorityVote().fit(answers))
    assert list(found.probas_.columns) == ["l2", "l0", "l1"]


def test_ids_may_be_numbers(client: Any, answers: pd.DataFrame) -> None:
    answers = answers.apply(lambda column: column.str[1:].astype(int))
    close(ours.GLAD(n_iter=1).fit(partitioned(answers, 3)), aggregation.GLAD(n_iter=1).fit(answers))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda data: data.drop(columns="worker"), "'worker' not found among 'task', 'label'"),
        (
            lambda data: data.assign(worker=data.worker.where(data.task != "t007")),
            "partition [01]: column 'worker' needs a value in every row",
        ),
    ],
)
def test_answers_that_cannot_be_read_are_told(change: Any, match: str, client: Any, answers: pd.DataFrame) -> None:
    with pytest.raises(AggregationError, match=match):
        ours.DawidSkene().fit(partitioned(change(answers), 2))
    with pytest.raises(AggregationError, match="a Dask DataFrame is needed, got DataFrame"):
        ours.DawidSkene().fit(answers)


def test_labels_of_two_types_are_told_although_each_partition_has_one(client: Any, answers: pd.DataFrame) -> None:
    first, second = answers[answers.task < "t030"], answers[answers.task >= "t030"]
    with pytest.raises(AggregationError, match="values of one column need to be of one type, got int, str"):
        ours.DawidSkene().fit(frames(first, second.assign(label=1)))


def kill(client: Any) -> int:
    """Kill the first of the machines."""
    pid = int(next(iter(client.run(os.getpid).values())))
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_machine_that_dies_between_iterations_costs_only_time(
    mortal: Any, make_crowd: Callable[..., pd.DataFrame]
) -> None:
    data = make_crowd(n_tasks=200)[["task", "worker", "label"]]
    killed: list[int] = []

    def at_the_third(iteration: int, loss: float) -> None:
        if iteration == 3:
            killed.append(kill(mortal))

    found = ours.DawidSkene(n_iter=6, tol=-1, on_iteration=at_the_third).fit(partitioned(data, 6))
    assert killed
    close(found, aggregation.DawidSkene(n_iter=6, tol=-1).fit(data))


@pytest.mark.parametrize("name", TABLES)
def test_a_machine_that_dies_with_its_slice_of_the_table_costs_only_time(
    name: str, mortal: Any, slices: list[int]
) -> None:
    data, killed = of_some_workers(90, 4), []

    def at_the_fifth(iteration: int, loss: float) -> None:
        # Two tables were made to last by then, and one was made since.
        if iteration == 5:
            killed.append(kill(mortal))

    wanted = {"n_iter": 7, "tol": -1e9}
    found = getattr(ours, name)(**wanted, on_iteration=at_the_fifth).fit(partitioned(data, 5))
    assert killed
    assert slices[0] > 1
    close(found, getattr(aggregation, name)(**wanted).fit(data))


def test_a_machine_that_dies_within_an_m_step_costs_only_time(
    mortal: Any, make_crowd: Callable[..., pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_crowd(n_tasks=100)[["task", "worker", "label"]]
    local = aggregation.GLAD(n_iter=2, m_step_max_iter=5).fit(data)
    along = MStep._along
    tries: list[int] = []

    def deadly(self: MStep, *arguments: Any) -> Any:
        tries.append(kill(mortal) if len(tries) == 4 else 0)
        return along(self, *arguments)

    monkeypatch.setattr(MStep, "_along", deadly)
    found = ours.GLAD(n_iter=2, m_step_max_iter=5).fit(partitioned(data, 4))
    assert any(tries)
    close(found, local)


def killed_once(frame: pd.DataFrame, note: Path) -> pd.DataFrame:
    """A partition that kills the machine that loads it first."""
    if not note.exists():
        note.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return frame


def test_a_machine_that_dies_while_it_counts_comparisons_costs_only_time(mortal: Any, tmp_path: Path) -> None:
    data = compared(2000, 30)
    pieces = [dask.delayed(killed_once)(data[i::4], tmp_path / "killed" if i == 2 else tmp_path) for i in range(4)]
    found = ours.BradleyTerry(n_iter=100).fit(dd.from_delayed(pieces, meta=data.iloc[:0], verify_meta=False))
    assert (tmp_path / "killed").exists()
    local = aggregation.BradleyTerry(n_iter=100).fit_predict(data)
    np.testing.assert_allclose(found.scores_, local, rtol=0, atol=1e-9)
    assert list(found.scores_.index) == list(local.index)


def compared(n: int, n_items: int, tied: float = 0.0) -> pd.DataFrame:
    """Comparisons of items whose strengths differ, some without a winner."""
    rng = np.random.default_rng(n)
    left = rng.integers(n_items, size=n)
    right = (left + rng.integers(1, n_items, size=n)) % n_items
    strength = rng.normal(size=n_items)
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    names = np.array([f"item {code}" for code in range(n_items)], dtype=object)
    label = np.where(rng.random(n) < tied, None, names[np.where(won, left, right)])
    return pd.DataFrame({"left": names[left], "right": names[right], "label": label})


def scattered(data: pd.DataFrame, n: int) -> Any:
    """Comparisons dealt out to n partitions at random, one of which holds none."""
    place = np.random.default_rng(0).integers(n, size=len(data))
    frames = [data[place == i].reset_index(drop=True) for i in range(n)]
    frames.insert(1, data.iloc[:0])
    return dd.concat([dd.from_pandas(frame, npartitions=1) for frame in frames])


@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.thorough), 7])
@pytest.mark.parametrize(("ties", "prior"), [("error", 0.0), ("half", 0.5), ("drop", 0.0)])
def test_strengths_do_not_depend_on_the_partitions(n: int, ties: Any, prior: float, client: Any) -> None:
    data = compared(3000, 40, tied=0.0 if ties == "error" else 0.2)
    local = aggregation.BradleyTerry(n_iter=200, ties=ties, prior=prior).fit(data)
    found = ours.BradleyTerry(n_iter=200, ties=ties, prior=prior).fit(scattered(data, n))
    scores = found.scores_
    assert scores.name == local.scores_.name
    assert list(scores.index) == list(local.scores_.index)
    np.testing.assert_allclose(scores, local.scores_, rtol=0, atol=1e-9)
    assert (found.n_iter_, found.converged_) == (local.n_iter_, local.converged_)
    mine, theirs = found.intervals(), local.intervals()
    numbers = theirs.select_dtypes("number").columns
    np.testing.assert_allclose(mine[numbers], theirs[numbers], rtol=0, atol=1e-9)


def test_items_that_are_numbers_keep_their_type_and_order(client: Any) -> None:
    data = compared(500, 12)
    data = data.apply(lambda column: column.str.removeprefix("item ").astype(int))
    local = aggregation.BradleyTerry(n_iter=100).fit_predict(data)
    found = ours.BradleyTerry(n_iter=100).fit_predict(scattered(data, 5))
    assert list(found.index) == list(local.index) == list(range(12))
    np.testing.assert_allclose(found, local, rtol=0, atol=1e-9)


def test_comparisons_that_cannot_be_read_are_told_wherever_they_lie(client: Any) -> None:
    data = compared(100, 5, tied=0.1)
    with pytest.raises(AggregationError, match=r"partition 0: comparisons: .* there are ties"):
        ours.BradleyTerry(n_iter=10).fit(scattered(data, 3))
    sound, odd = compared(100, 5), pd.DataFrame({"left": list("aab"), "right": list("bcc"), "label": list("abx")})
    with pytest.raises(AggregationError, match=r"partition 1: .*got 'b'.*row 1 does not \(2 in all\)"):
        ours.BradleyTerry(n_iter=10).fit(frames(sound, odd))
    with pytest.raises(AggregationError, match="a Dask DataFrame is needed, got DataFrame"):
        ours.BradleyTerry(n_iter=10).fit(data)


def test_a_model_whose_results_are_on_the_cluster_is_not_pickled(client: Any, answers: pd.DataFrame) -> None:
    model = ours.DawidSkene(n_iter=2)
    assert pickle.loads(pickle.dumps(model)).n_iter == 2
    with pytest.raises(AggregationError, match="a fitted DawidSkene cannot be pickled, its results are on the cluster"):
        pickle.dumps(model.fit(partitioned(answers, 2)))
    strengths = ours.BradleyTerry(n_iter=10).fit(scattered(compared(100, 5), 2))
    pd.testing.assert_series_equal(pickle.loads(pickle.dumps(strengths)).scores_, strengths.scores_)
