"""How events lie in the database: what happened to a page is told from the page."""

from __future__ import annotations

from pathlib import Path

import msgspec
from tests.issue.histories import in_sqlite, publication

from dataforge.issue.sqlite.database import connect, migrate, steps
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import AddItems, Item, Judge, PageJudged, PageSubmitted, PageTaken, WorkerJoined

# The last version whose databases have every event whole.
WHOLE = 7


def test_the_answers_of_a_page_are_in_the_database_once() -> None:
    tried = in_sqlite()
    assert isinstance(tried.store, SqliteStore)
    tried.publish(0.0, publication())
    tried.execute(0.0, "run", [AddItems("add", (Item("a", {"caption": "a"}), Item('"b"\n\0é', {"caption": "b"})))])
    page = tried.take(1.5, "run", "ann", [])["page"]
    tried.submit(2.5, page, [{"answer": True}, {"answer": False}])
    tried.execute(3.5, "run", [Judge("judge", (page,))])
    keys = tuple(item.key for item in tried.store.items.of_page(tried.page(page)))
    assert tried.events("run", 0) == [
        WorkerJoined(1, 1.5, "ann", "en", "ann"),
        PageTaken(2, 1.5, page, "ann", keys),
        PageSubmitted(3, 2.5, page, "ann", keys, ({"answer": True}, {"answer": False}), 1.0),
        PageJudged(4, 3.5, page, "ann", True, 20),
    ]
    kept = tried.store.db.execute("SELECT id & 255 FROM events WHERE event IS NOT NULL").fetchall()
    assert kept == [(1,)]


def test_events_of_an_older_database_are_told_as_they_were_kept(tmp_path: Path) -> None:
    db = connect(tmp_path / "old.sqlite3", write=True)
    migrate(db, steps()[:WHOLE])
    event = PageTaken(1, 0.1 + 0.2, "a page that the database has lost", "ann", ("a", "b"))
    db.execute("INSERT INTO events (id, event) VALUES (?, ?)", ((1 << 40) + 1, msgspec.json.encode(event)))
    migrate(db)
    runs = SqliteStore(db).runs
    assert runs.events_after(1, 0, 10) == [event]
    assert runs.told_at(1, 1) == 0.1 + 0.2
