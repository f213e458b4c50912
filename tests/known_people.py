"""Workers of whom something is known, who may fetch a page ahead at once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from dataforge.workspace import Workspace


def make_known(workspace: Workspace, worker: str) -> None:
    """Have a worker be one whose pages had verdicts before."""
    with closing(sqlite3.connect(workspace.database, timeout=60, isolation_level=None)) as db:
        db.execute("UPDATE workers SET known = 1 WHERE worker = ?", (worker,))


def know_everybody(workspace: Workspace) -> None:
    """Have all who come from now on be such workers, where they join in ways of their own."""
    with closing(sqlite3.connect(workspace.database, timeout=60, isolation_level=None)) as db:
        db.execute(
            "CREATE TRIGGER IF NOT EXISTS known_at_once AFTER INSERT ON workers "
            "BEGIN UPDATE workers SET known = 1 WHERE id = NEW.id; END"
        )
