"""The server is killed while workers send files: an acknowledged answer has its file whole, and nothing else stays."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import random
import sqlite3
import threading
import time
import wave
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.crash.test_crash import DONE, Site
from tests.known_people import know_everybody
from tests.server.conftest import Clock, publication_of, running

from dataforge.workspace import Workspace, media_path

PEOPLE = 6
ITEMS = 2_000
PIECE = 40_000
DAY = 86_400.0


def recording(source: random.Random) -> bytes:
    """Noise of half a second to three."""
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(48_000)
            sound.writeframes(source.randbytes(2 * source.randrange(24_000, 144_000)))
        return file.getvalue()


def name_of(content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()}.wav"


class Speaker(threading.Thread):
    """A worker who insists, over lost networks too; what was acknowledged is written down."""

    def __init__(self, site: Site, invitation: str, number: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.site, self.invitation, self.over = site, invitation, over
        self.source = random.Random(number)
        self.acknowledged: dict[str, str] = {}
        self.done: Counter[str] = Counter()
        self.client = httpx.Client(base_url=site.url, timeout=60, trust_env=False)
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            body = {"invitation": self.invitation, "name": self.name, "language": "en"}
            self.client.headers["Authorization"] = f"Bearer {self.ask('POST', '/api/work/join', json=body)['token']}"
            while not self.over.is_set():
                self.do_a_page()
        except BaseException as error:
            self.failure = error
            raise

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The reply, however often the connection breaks or the server is killed before it comes."""
        while True:
            try:
                reply = self.client.request(method, path, **more)
            except httpx.HTTPError:
                time.sleep(0.03)
                continue
            if reply.status_code < 500:
                assert reply.status_code == 200, reply.text
                return reply.json()
            time.sleep(0.03)

    def do_a_page(self) -> None:
        page = self.ask("POST", "/api/work/runs/run/pages", json={"have": []})["page"]
        if page is None:
            time.sleep(0.05)
            return
        path = f"/api/work/pages/{page['page']}"
        if self.source.random() < 0.3:
            self.send(path, recording(self.source))  # another take follows
            self.done["taken again"] += 1
        if self.source.random() < 0.1:
            self.ask("POST", f"{path}/skip", json={})
            self.done["left"] += 1
            return
        content = recording(self.source)
        if self.source.random() < 0.2:
            self.send_twice_at_once(path, content)
        else:
            self.send(path, content)
        body = {"answers": [{"answer": {"media": name_of(content), "seconds": 1.0}}]}
        for _ in range(2 if self.source.random() < 0.2 else 1):
            self.ask("POST", f"{path}/submit", json=body)
        self.acknowledged[page["page"]] = name_of(content)

    def send(self, page: str, content: bytes) -> None:
        """Send a file piece by piece; in some pieces the network is lost."""
        path = f"{page}/files/answer/{name_of(content)}"
        state = self.ask("GET", path)
        while not state["whole"]:
            begin = state["received"]
            piece = content[begin : begin + PIECE]
            if self.source.random() < 0.1:
                self.lose(path, begin, piece, len(content))
                state = self.ask("GET", path)
            else:
                state = self.ask("PUT", path, params={"begin": begin, "size": len(content)}, content=piece)

    def lose(self, path: str, begin: int, piece: bytes, size: int) -> None:
        """Break off in the middle of a piece."""

        def half() -> Iterator[bytes]:
            yield piece[: len(piece) // 2]
            raise ConnectionError("the network is gone")

        try:
            length = {"Content-Length": str(len(piece))}
            self.client.put(path, params={"begin": begin, "size": size}, content=half(), headers=length)
        except (ConnectionError, httpx.HTTPError):
            self.done["broken off"] += 1

    def send_twice_at_once(self, page: str, content: bytes) -> None:
        other = threading.Thread(target=self.send, args=(page, content), daemon=True)
        other.start()
        self.send(page, content)
        other.join()
        self.done["sent twice at once"] += 1


def publish(site: Site) -> str:
    """A run of recordings, which nobody judges, and the invitation to it."""
    know_everybody(Workspace.at(site.workspace))
    publication = publication_of("run") | {"control_per_page": 0, "real_per_page": 1}
    publication["task"]["outputs"] = [{"name": "answer", "type": "recording", "title": {"en": "Answer"}}]
    items = [{"key": f"i{number}", "inputs": {"text": f"sentence {number}"}, "wanted": 1} for number in range(ITEMS)]
    secret = Workspace.at(site.workspace).secret()
    with httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {secret}"}, timeout=60) as client:
        client.put("/api/runs/run", json=publication).raise_for_status()
        commands = {"commands": [{"kind": "add_items", "key": "add", "items": items}]}
        client.post("/api/runs/run/commands", json=commands).raise_for_status()
        return str(client.get("/api/runs/run").json()["invitation_path"]).rpartition("/")[2]


def stir(site: Site, trials: int, source: random.Random) -> None:
    for _ in range(trials):
        time.sleep(source.uniform(0.2, 1.0))
        site.kill("server")
        site.start_server()
        site.wait_for_server()
    time.sleep(0.5)


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_an_acknowledged_answer_has_its_file_whole_and_files_of_none_are_gone_after_a_day(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    trials: int = request.config.getoption("--crash-trials")
    seed, over = int(os.environ.get("CRASH_SEED", "7")), threading.Event()
    site = Site(tmp_path, 0)
    site.start_server()
    try:
        site.wait_for_server()
        invitation = publish(site)
        people = [Speaker(site, invitation, number, over) for number in range(PEOPLE)]
        for person in people:
            person.start()
        stir(site, trials, random.Random(seed))
        over.set()
        for person in people:
            person.join(60)
    finally:
        site.kill("server")
    assert [person.failure for person in people if person.failure] == []
    acknowledged = dict(itertools.chain(*(person.acknowledged.items() for person in people)))
    named = files_of_answers(tmp_path)
    assert acknowledged == named  # all insisted until they had the reply
    check_whole(tmp_path, named)
    before = set(files(tmp_path))
    sweep(tmp_path, len(named))
    assert set(files(tmp_path)) == set(named.values())
    check_counted(tmp_path, named)
    done = sum((person.done for person in people), Counter[str]())
    with capsys.disabled():
        print(
            f"\nserver killed {trials} times; {len(named)} files of answers whole; removed: {len(before)} files less "
            f"{len(named)}; {dict(done)}"
        )


def files_of_answers(workspace: Path) -> dict[str, str]:
    """The file that each submitted page names, read with nothing but SQL and JSON."""
    with closing(sqlite3.connect(workspace / "dataforge.sqlite3")) as db:
        rows = db.execute(f"SELECT page, answers FROM pages WHERE state IN {DONE}").fetchall()
    return {page.hex(): json.loads(answers)[0]["answer"]["media"] for page, answers in rows}


def check_whole(workspace: Path, named: dict[str, str]) -> None:
    for name in named.values():
        assert name_of(media_path(workspace / "media", name).read_bytes()) == name


def files(workspace: Path) -> list[str]:
    return [path.name for path in (workspace / "media").rglob("*") if path.is_file()]


def sweep(workspace: Path, kept: int) -> None:
    """Let two days go by."""
    for part in (workspace / "media").glob("part-*"):
        os.utime(part, (time.time() - 2 * DAY,) * 2)
    with running(workspace, clock=Clock(time.time() + 2 * DAY)):
        give_up = time.monotonic() + 60
        while len(files(workspace)) > kept and time.monotonic() < give_up:
            time.sleep(0.05)


def check_counted(workspace: Path, named: dict[str, str]) -> None:
    """What workers have sent counts with the bytes it has, and nothing counts against their quota."""
    with closing(sqlite3.connect(workspace / "dataforge.sqlite3")) as db:
        counted = db.execute(
            "SELECT hex(pages.page), media, worker_files.size, kept "
            "FROM worker_files JOIN pages ON pages.id = worker_files.page"
        )
        rows = {page.lower(): (media, size, kept) for page, media, size, kept in counted}
    sizes = {name: media_path(workspace / "media", name).stat().st_size for name in named.values()}
    assert rows == {page: (name, sizes[name], 1) for page, name in named.items()}
