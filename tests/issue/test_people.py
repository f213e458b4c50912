"""The list of workers over all runs stays quick with many, and older workspaces have it too."""

import sqlite3
from pathlib import Path

import pytest
from tests.issue.histories import publication

from dataforge.intervals import wilson
from dataforge.issue.sqlite.database import migrate, steps
from dataforge.issue.sqlite.people import PERSON_ORDERS, PartOfPeople, PersonOrder
from dataforge.issue.sqlite.store import SqliteStore

# Of the order by earnings: what is owed to one worker, by its key.
BALANCE = "SEARCH balances USING PRIMARY KEY (worker=?)"


def test_the_interval_is_that_of_wilson() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for right, total, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(right, total) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(0, 0) is None


@pytest.mark.parametrize("order", PERSON_ORDERS)
def test_a_part_of_the_list_reads_one_row_for_each_worker_and_more_only_of_those_shown(
    tmp_path: Path, order: PersonOrder
) -> None:
    store = SqliteStore.open_to_write(tmp_path / "file.sqlite3")
    for number in range(100):
        store.accounts.add_worker(f"{number:016x}", b"%d" % number, f"Worker {number}", "en", float(number))
    plan = []
    store.db.set_trace_callback(plan.append)
    total, rows = store.people.part(PartOfPeople(order, True, 0, 10, 1e9))
    assert (total, len(rows)) == (100, 10)
    store.db.set_trace_callback(None)
    for statement in plan[:2]:
        steps = [row[3] for row in store.db.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert {step for step in steps if step.startswith(("SCAN", "SEARCH"))} <= {"SCAN people", BALANCE}, steps


def test_a_workspace_of_before_has_its_workers_in_the_list_with_what_runs_had_told(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    number = next(n for n, script in enumerate(steps(), start=1) if "CREATE TABLE people" in script)
    migrate(db, steps()[: number - 1])
    db.execute("INSERT INTO workers (worker, token, name, language, joined) VALUES ('aa', x'01', 'ÉVA', 'en', 5)")
    run = SqliteStore(db).runs.add(publication(), 0.0)
    told = b'{"worker":"aa","responses":4,"pages_accepted":1,"pages_rejected":0,"control_correct":2,"control_total":3}'
    timed = told.replace(b"}", b',"seconds_per_item":2.5}')
    db.execute("INSERT INTO worker_qualities (run, worker, quality) VALUES (?, 1, ?)", (run, timed))
    db.execute(
        "INSERT INTO members (run, worker, joined, active, responses, pages_accepted) VALUES (?, 1, 6, 8, 4, 1)", (run,)
    )
    db.close()
    store = SqliteStore.open_to_write(path)
    [row] = store.people.part(PartOfPeople("name", False, 0, 10, 9.0, "éva"))[1]
    assert (row.seen, row.responses, row.pages_accepted, row.control_correct, row.control_total) == (8, 4, 1, 2, 3)
    assert (row.timed, row.seconds, row.hinted) == (4, 10, 4 * publication().task.duration)
