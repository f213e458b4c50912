"""Parts of a workspace that come back from an older copy: a log catches up, all else is noticed before it does harm."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, contextmanager

import pytest
from msgspec.structs import replace

import dataforge as df
from dataforge.errors import RunError
from dataforge.feed import FEED_FILE
from dataforge.platforms.embedded import EmbeddedPlatform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import RunLog
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launch import describe


@df.task(duration="10s")
def question(text: df.Text) -> bool:
    """Say yes or no."""
    raise NotImplementedError


EVENTS_OF_TWO_PAGES = 7
POLICY = df.Policy(overlap=1, page=(2, 0), speed=())


def items(*numbers):
    return df.read_items(question, [{"id": number, "text": f"text {number}"} for number in numbers])


class Site:
    """A workspace whose server starts and stops, and whose run is driven by hand."""

    def __init__(self, folder, serve):
        self.root = folder / "workspace"
        self.serve = serve
        self.ann = None
        self.made = 0

    @contextmanager
    def open(self):
        with self.serve() as self.served:
            self.folder = RunFolder.of(self.served.workspace, "run")
            yield self.served

    def launch(self, *, stays_open=False, count=12, policy=POLICY):
        platform = EmbeddedPlatform(self.served.workspace, patience=0)
        launched = items(*range(count))
        made = describe("run", question, launched, policy, platform, open=stays_open)
        made = made.with_identity(self.folder.identity())
        platform.publish(made.publication)
        self.folder.create(made, launched)

    def drive(self, rounds=4, platform=EmbeddedPlatform):
        """Drive the run for a while, as a process that takes it up."""
        view = RunView.open(self.folder)
        view.catch_up()
        log = RunLog(self.folder.log)
        try:
            loop = RunLoop(view, platform(self.served.workspace, patience=0), log)
            loop.start()
            for _ in range(rounds):
                if view.state.ending is None:
                    loop.round(wait=0)
        finally:
            log.close()
            view.feed.close()
        return view.state

    def answer(self, pages=2):
        if self.ann is None:
            self.ann = self.served.join()
        self.ann.client = self.served.client(self.ann.token)
        for _ in range(pages):
            assert self.ann.submit(self.ann.page(), True).status_code == 200

    def let_answer(self, name, answer):
        """Somebody answers all that there is for them, a page at a time, each judged before the next."""
        person = self.served.join(name=name)
        while (page := person.take()["page"]) is not None:
            assert person.submit(page, answer).status_code == 200
            self.drive()

    def places(self):
        """How many answers each item is to have, and how many places of it are taken."""
        with closing(sqlite3.connect(self.root / DATABASE[0])) as db:
            return db.execute("SELECT wanted, held FROM items").fetchall()

    @contextmanager
    def put_back(self, *parts):
        """What is there now comes back at the end of the block, as from a copy."""
        self.made += 1
        copies = self.root.parent / f"copy{self.made}"
        for part in parts:
            copy(self.root / part, copies / part)
        yield
        for part in parts:
            remove(self.root / part)
            copy(copies / part, self.root / part)


def copy(there, here):
    if there.is_dir():
        shutil.copytree(there, here)
    elif there.exists():
        here.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(there, here)


def remove(part):
    if part.is_dir():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)


DATABASE = ("dataforge.sqlite3", "dataforge.sqlite3-wal", "dataforge.sqlite3-shm")


@pytest.fixture
def site(tmp_path, run_server):
    """A run that was launched and two of whose six pages are answered and judged."""
    place = Site(tmp_path, run_server)
    with place.open():
        place.launch()
        place.drive(0)
        place.answer(2)
        assert place.drive().pages_accepted == 2
    return place


def test_a_database_older_than_the_log_stops_the_run_and_says_which_is_older(site):
    with site.put_back(*DATABASE), site.open():
        site.answer(2)
        assert site.drive().pages_accepted == 4
    with site.open(), pytest.raises(RunError, match=r"database is older than the run's log: it has 7 of the 13 events"):
        site.drive()


def test_a_database_older_than_the_log_is_noticed_although_it_has_gone_on_since(site):
    with site.put_back(*DATABASE), site.open():
        site.answer(0)
        site.ann.page()
        assert site.drive().cursor == 8
    with site.open():
        site.served.clock.move(60)
        site.answer(2)
        with pytest.raises(RunError, match="older than the run's log and has gone on since: its event 8"):
            site.drive()


def test_a_database_older_than_what_was_ordered_is_noticed_although_nobody_has_answered_since(tmp_path, run_server):
    site = Site(tmp_path, run_server)
    with site.open():
        site.launch()
    with site.put_back(*DATABASE), site.open():
        site.drive()
    with site.open(), pytest.raises(RunError, match="taken 0 of the 1 commands"):
        site.drive()


def test_another_database_in_its_place_is_noticed(site):
    for part in DATABASE:
        (site.root / part).unlink(missing_ok=True)
    with site.open(), pytest.raises(RunError, match="does not know it"):
        site.drive()
    with site.open():
        EmbeddedPlatform(site.served.workspace, patience=0).publish(site.folder.describe().publication)
        for state in ("paused", "open") * 8:
            site.served.ask("POST", "/api/runs/run/state", {"state": state})
        with pytest.raises(RunError, match="another one than that which the run was launched with"):
            site.drive()


def test_a_run_folder_older_than_the_database_catches_up_and_loses_nothing(site):
    with site.put_back("runs"), site.open():
        site.answer(2)
        assert site.drive().pages_accepted == 4
    with site.open():
        assert site.drive().pages_accepted == 4
        site.answer(2)
        state = site.drive(8)
    assert (state.ending, state.pages_accepted, state.responses.accepted_total) == ("done", 6, 12)


class InParts(EmbeddedPlatform):
    """Tells of the first pages alone, as of many it tells of a thousand events at a time."""

    def poll(self, run, cursor, wait):
        batch = super().poll(run, cursor, wait)
        if cursor or not batch.events:
            return batch
        few = batch.events[:EVENTS_OF_TWO_PAGES]
        return replace(batch, events=few, cursor=few[-1].cursor, more=True)


def test_an_older_log_asks_no_fewer_answers_than_were_asked_since(tmp_path, run_server):
    """It took back what was asked before it had heard of the answers, so that items had more of them than wanted."""
    site = Site(tmp_path, run_server)
    policy = df.Policy(overlap=(1, 4), min_confidence=0.9999, page=(2, 0), speed=())
    with site.open():
        site.launch(stays_open=True, count=4, policy=policy)
        site.drive(0)
        with site.put_back("runs/run/log.jsonl"):
            for name, answer in (("Bea", True), ("Cid", False), ("Dan", True), ("Eve", False)):
                site.let_answer(name, answer)
        state = site.drive(platform=InParts)
        assert (state.pages_accepted, state.responses.accepted.tolist()) == (8, [4] * 4)
        assert site.places() == [(4, 4)] * 4


@pytest.fixture
def fed(tmp_path, run_server):
    """A run that stays open, with all of its items answered."""
    place = Site(tmp_path, run_server)
    with place.open():
        place.launch(stays_open=True)
        place.drive(0)
        place.answer(6)
        assert place.drive().pages_accepted == 6
    return place


def test_a_folder_older_than_what_workers_were_shown_is_noticed(fed):
    with fed.put_back("runs"), fed.open():
        fed.folder.feed().add(items(100, 101))
        fed.drive()
        fed.answer(1)
    with fed.open(), pytest.raises(RunError, match=r"shown item '10[01]', which the run's folder does not know"):
        fed.drive()


def test_a_feed_older_than_the_log_is_noticed(fed):
    with fed.open(), fed.put_back(f"runs/run/{FEED_FILE}"):
        feed = fed.folder.feed()
        feed.add(items(100, 101))
        fed.drive()
        feed.close()
    with fed.open(), pytest.raises(RunError, match="lacks items 1 to 2"):
        fed.drive()


def test_media_that_are_missing_come_back_by_uploading_them_again(site, tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n and so on")
    with site.open(), site.put_back("media"):
        reference = EmbeddedPlatform(site.served.workspace, patience=0).attach(picture)
    address = f"/api/media/{reference['media']}"
    with site.open():
        assert site.served.requester.get(address).status_code == 404
        assert EmbeddedPlatform(site.served.workspace, patience=0).attach(picture) == reference
        assert site.served.requester.get(address).content == picture.read_bytes()


def test_an_older_secret_changes_who_is_the_requester_and_nothing_for_workers(site):
    with site.open():
        newer = site.served.invitation()
    (site.root / "secret").write_text("an-older-secret-of-this-workspace\n")
    with site.open():
        assert site.served.invitation() != newer
        site.answer(2)
        assert site.drive().pages_accepted == 4
