"""The database: migrations, group commit, and a full disk."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from dataforge.errors import PlatformError
from dataforge.issue.rows import EVERY
from dataforge.issue.sqlite.clock import NoticingClock
from dataforge.issue.sqlite.database import connect, migrate, steps
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.writer import StorageFull, Writer

SLOW = """
CREATE TABLE two AS
  WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count LIMIT 20000) SELECT n FROM count;
"""


def tables(db):
    return {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


# --- migrations ------------------------------------------------------------------------------------


def test_a_new_database_gets_every_migration_and_an_old_one_the_rest(tmp_path):
    db = connect(tmp_path / "x.sqlite3", write=True)
    first = (
        "CREATE TABLE one (a INTEGER) STRICT;\n-- A comment; with a semicolon.\nCREATE TABLE two (a INTEGER) STRICT;\n"
    )
    second = "ALTER TABLE one ADD COLUMN b INTEGER;\nUPDATE one SET b = a;\n"
    assert migrate(db, [first]) == 0
    db.execute("INSERT INTO one (a) VALUES (3)")
    assert migrate(db, [first, second]) == 1
    assert migrate(db, [first, second]) == 2
    assert db.execute("SELECT a, b FROM one").fetchall() == [(3, 3)]


def test_pages_of_an_older_server_are_kept_and_what_it_had_released_does_not_come_again(tmp_path):
    db = connect(tmp_path / "old.sqlite3", write=True)
    migrate(db, steps()[:1])
    db.execute("INSERT INTO runs (id, name, publication, created) VALUES (1, 'run', x'7b7d', 0)")
    db.execute(
        "INSERT INTO workers (id, worker, token, name, language, joined) VALUES (1, 'ann', x'00', 'Ann', 'en', 0)"
    )
    for name, state in ((b"a", "held"), (b"b", "released"), (b"c", "accepted")):
        db.execute(
            "INSERT INTO pages (page, run, worker, state, price, size, items, ahead, taken, lease) "
            "VALUES (?, 1, 1, ?, 20, 1, '[1]', 1, 5, 600)",
            (name, state),
        )
    assert migrate(db) == 1
    states = db.execute("SELECT page, state, price, taken FROM pages ORDER BY page").fetchall()
    assert states == [(b"a", "held", 20, 5.0), (b"b", "skipped", 20, 5.0), (b"c", "accepted", 20, 5.0)]
    assert SqliteStore(db).pages.released(1, 1) is None


def test_what_is_counted_since_then_is_counted_for_pages_and_items_of_an_older_server(tmp_path):
    db = connect(tmp_path / "old.sqlite3", write=True)
    migrate(db, steps()[:2])
    db.executescript(
        """
        INSERT INTO runs (id, name, publication, created) VALUES (1, 'run', x'7b7d', 0);
        INSERT INTO counters (run, tail) VALUES (1, 0);
        INSERT INTO workers (id, worker, token, name, language, joined) VALUES (1, 'ann', x'00', 'Ann', 'en', 0);
        INSERT INTO members (run, worker) VALUES (1, 1);
        INSERT INTO items (id, run, key, control, wanted, held, position)
          VALUES (1, 1, 'a', 0, 3, 1, 10), (2, 1, 'b', 0, 2, 2, 20), (3, 1, 'known', 1, 0, 1, 0),
                 (4, 1, 'fresh', 1, 3, 1, 9);
        INSERT INTO inputs (item, inputs) VALUES (3, x'7b7d'), (4, x'7b7d');
        INSERT INTO pages (page, run, worker, state, price, size, items, taken, lease)
          VALUES (x'01', 1, 1, 'accepted', 20, 2, '[1, 3]', 5, 600), (x'02', 1, 1, 'held', 10, 1, '[2]', 6, 600);
        """
    )
    migrate(db)
    store = SqliteStore(db)
    assert [store.pages.by_page(page).controls for page in (b"\x01", b"\x02")] == [1, 0]
    assert (store.runs.counters(1).free, store.members.load(1, 1).checked) == (2, 1)
    assert [item.key for item in store.items.controls_after(1, 2, -1, 9, EVERY, fresh=False)] == ["known"]
    assert [item.key for item in store.items.controls_after(1, 2, -1, 9, EVERY, fresh=True)] == ["fresh"]
    assert (store.runs.counters(1).fresh, store.runs.counters(1).workers) == (2, 0)


def test_servers_that_start_at_once_migrate_once(tmp_path):
    path = tmp_path / "x.sqlite3"
    connect(path, write=True).close()

    def start(_):
        return migrate(connect(path, write=True), ["CREATE TABLE one (a INTEGER) STRICT;\n", SLOW])

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(start, range(6))) <= {0, 1, 2}
    assert tables(connect(path)) == {"one", "two"}


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ("CREATE TABLE one (a INTEGER);", "already exists"),
        # As where the disk is full SQLite ends the transaction by itself.
        ("INSERT INTO one VALUES (1);\nINSERT OR ROLLBACK INTO one VALUES (1);", "UNIQUE constraint failed"),
    ],
)
def test_a_migration_that_fails_leaves_nothing_of_itself_and_says_why(tmp_path, failing, said):
    db = connect(tmp_path / "x.sqlite3", write=True)
    with pytest.raises(sqlite3.Error, match=said):
        migrate(db, [f"CREATE TABLE one (a INTEGER UNIQUE);\n{failing}\n"])
    assert tables(db) == set()
    assert db.execute("PRAGMA user_version").fetchone() == (0,)


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    db = connect(tmp_path / "x.sqlite3", write=True)
    migrate(db)
    db.execute(f"PRAGMA user_version = {len(steps()) + 1}")
    with pytest.raises(PlatformError, match="update DataForge"):
        migrate(db)


def test_the_schema_is_strict_and_complete(tmp_path):
    db = connect(tmp_path / "x.sqlite3", write=True)
    migrate(db)
    rows = db.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    assert all(strict for _, strict in rows.fetchall())
    assert {"items", "pages", "seen", "ledger", "events"} <= tables(db)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)


# --- the writer ------------------------------------------------------------------------------------


def with_writer(path, work):
    """Run `work(writer)` beside a writer of a table `t`."""
    db = connect(path, write=True)
    db.execute("CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b BLOB)")
    touched = []

    async def run():
        writer = Writer(
            SqliteStore(db),
            now=NoticingClock(lambda: 0.0),
            on_commit=touched.append,
            source=random.Random(1),
            new_page=bytes,
        )
        writer.start()
        try:
            return await work(writer)
        finally:
            await writer.stop()

    return asyncio.run(run()), db, touched


def insert(number):
    def change(transaction):
        transaction.store.db.execute("INSERT INTO t (a) VALUES (?)", (number,))
        transaction.touched.add(number)
        return number

    return change


def test_a_change_that_fails_undoes_only_itself(tmp_path):
    async def work(writer):
        def fails(transaction):
            insert(100)(transaction)
            raise LookupError("no")

        changes = [writer.write(insert(1)), writer.write(fails), writer.write(insert(1)), writer.write(insert(2))]
        return await asyncio.gather(*changes, return_exceptions=True)

    results, db, touched = with_writer(tmp_path / "x.sqlite3", work)
    assert results[0] == 1
    assert isinstance(results[1], LookupError)
    assert isinstance(results[2], sqlite3.IntegrityError)
    assert results[3] == 2
    assert db.execute("SELECT a FROM t ORDER BY a").fetchall() == [(1,), (2,)]
    assert set().union(*touched) >= {1, 2}


def test_a_result_is_given_only_when_it_is_on_the_disk(tmp_path):
    path = tmp_path / "x.sqlite3"

    async def work(writer):
        reader = connect(path)
        for number in range(20):
            await writer.write(insert(number))
            assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (number + 1,)

    with_writer(path, work)


def test_changes_that_wait_together_are_committed_together(tmp_path):
    async def work(writer):
        await asyncio.gather(*(writer.write(insert(number)) for number in range(300)))
        return writer.committed

    commits, db, _ = with_writer(tmp_path / "x.sqlite3", work)
    assert db.execute("SELECT COUNT(*) FROM t").fetchone() == (300,)
    assert commits <= 6


def test_a_full_disk_keeps_nothing_acknowledges_nothing_and_passes(tmp_path):
    async def work(writer):
        await writer.write(insert(1))
        (pages,) = writer.store.db.execute("PRAGMA page_count").fetchone()
        writer.store.db.execute(f"PRAGMA max_page_count = {pages + 2}")

        def large(transaction):
            transaction.store.db.execute("INSERT INTO t (a, b) VALUES (50, zeroblob(1000000))")

        both = await asyncio.gather(writer.write(insert(2)), writer.write(large), return_exceptions=True)
        assert all(isinstance(error, StorageFull) for error in both)
        writer.store.db.execute("PRAGMA max_page_count = 1000000")
        await writer.write(insert(3))

    _, db, _ = with_writer(tmp_path / "x.sqlite3", work)
    assert db.execute("SELECT a FROM t ORDER BY a").fetchall() == [(1,), (3,)]


def test_a_full_disk_is_told_to_the_worker_and_the_answers_can_be_sent_again(served):
    served.publish(control_per_page=0)
    served.add(real=4)
    task = served.publication()["task"]
    task["outputs"] = [{"name": "answer", "type": "text", "title": {"en": "Answer"}}]
    served.publish("texts", name="texts", task=task, real_per_page=1, control_per_page=0)
    served.add(real=2, run="texts")
    ann = served.join("texts")
    page = ann.page("texts")
    db = served.listener.context.writer.store.db

    def limit(pages):
        def change(_):
            db.execute(f"PRAGMA max_page_count = {pages}")

        loop = served.listener.loop
        asyncio.run_coroutine_threadsafe(served.listener.context.writer.write(change), loop).result(30)

    limit(1)
    reply = ann.submit(page, "a" * 9_000)
    assert (reply.status_code, reply.json()["error"]["code"]) == (507, "storage_full")
    assert served.ask("GET", "/health")["status"] == "ok"
    assert [event["kind"] for event in served.events("texts")] == ["worker_joined", "page_taken"]
    limit(1_000_000)
    assert ann.submit(page, "a" * 9_000).json()["state"] == "submitted"
    assert [event["kind"] for event in served.events("texts")][-1] == "page_submitted"


def test_a_database_that_another_program_keeps_locked_is_told_as_busy_and_holds_up_nothing_else(served, monkeypatch):
    monkeypatch.setattr("dataforge.issue.sqlite.writer.PATIENCE", 0.2)
    served.publish(control_per_page=0)
    served.add(real=4)
    ann = served.join()
    page = ann.page()
    other = sqlite3.connect(served.workspace.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(ann.submit, page)
            # SQLite itself would wait for ten seconds, with the event loop in its hands.
            while not sent.done():
                assert served.stranger.get("/health", timeout=8).json()["status"] == "ok"
                assert ann.client.get("/api/work/history", timeout=8).json()["pages"][0]["state"] == "held"
            reply = sent.result(30)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "database_busy")
    assert reply.headers["Retry-After"] == "1"
    assert ann.submit(page).json()["state"] == "submitted"


def test_a_file_that_is_noted_again_while_it_is_looked_at_is_looked_at_again(tmp_path):
    db = connect(tmp_path / "x.sqlite3", write=True)
    migrate(db)
    store = SqliteStore(db)
    store.worker_files.coming("a.wav")
    seen = store.removal.leaving_media()
    store.worker_files.coming("a.wav")
    store.removal.forget_media(seen)
    assert set(store.removal.leaving_media()) == {"a.wav"}
    store.removal.forget_media(store.removal.leaving_media())
    assert store.removal.leaving_media() == {}
