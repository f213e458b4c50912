"""A workspace is copied as the guide says while everybody works, is lost, and comes back from the copy."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.crash.test_crash import WORKERS, Facts, Person, invitation, site, wait_until_done

ITEMS = 240


def back_up(workspace: Path, copy: Path) -> None:
    """The parts in the order of docs/security.md: logs, database, what is fed, media."""
    copy.mkdir()
    shutil.copy2(workspace / "secret", copy)
    shutil.copytree(workspace / "runs", copy / "runs", ignore=shutil.ignore_patterns("lock", "*.part"))
    database = Path("dataforge.sqlite3")
    feeds = [path.relative_to(workspace) for path in workspace.glob("runs/*/feed.sqlite3")]
    for part in (database, *feeds):
        for old in (copy / part).parent.glob(f"{part.name}*"):
            old.unlink()
        with closing(sqlite3.connect(workspace / part)) as there, closing(sqlite3.connect(copy / part)) as here:
            there.backup(here)
    if (workspace / "media").is_dir():
        shutil.copytree(workspace / "media", copy / "media")


@pytest.mark.crash
@pytest.mark.timeout(600)
def test_a_copy_made_while_everybody_works_goes_on_without_what_came_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, copy, over = tmp_path / "workspace", tmp_path / "copy", threading.Event()
    workspace.mkdir()
    with site(workspace, ITEMS) as place:
        ticket = invitation(place)
        people = [Person(place, ticket, number, over) for number in range(WORKERS)]
        for person in people:
            person.expects_older = True
            person.start()
        while sum(len(person.acknowledged) for person in people) < 60:
            time.sleep(0.05)
        kept = {page: answers for person in people for page, answers in dict(person.acknowledged).items()}
        back_up(workspace, copy)
        time.sleep(1.0)
        place.kill("launcher")
        place.kill("server")
        after = sum(len(person.acknowledged) for person in people) - len(kept)
        workspace.rename(tmp_path / "lost")
        copy.rename(workspace)
        place.start_server()
        place.wait_for_server()
        place.start_launcher()
        run = wait_until_done(workspace, 240)
        over.set()
        for person in people:
            person.join(30)
        assert [person.failure for person in people if person.failure] == []
        facts = Facts.read(workspace)
        facts.check_nothing_lost(kept)
        facts.check_nobody_paid_twice(run)
        facts.check_overlap()
        facts.check_log(workspace)
        facts.check_labels(workspace, run)
    with capsys.disabled():
        print(f"\n{len(kept)} pages acknowledged before the copy, 0 lost; {after} after it, up to that many lost")
