"""What a platform is sent of an item for its requester alone."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import dataforge as df
from dataforge.data.notes import LONGEST_NOTE, MOST_CHARACTERS


@df.task
def describe(photo: df.Image) -> bool:
    """Is there a dog?"""


def notes(data: Any, folder: Path) -> list[dict[str, Any]]:
    items = df.read_items(describe, data, folder=folder)
    return [item.notes for item in items.records_at(np.arange(items.count))]


def test_notes_are_the_columns_that_are_carried_and_the_names_of_local_files(tmp_path: Path) -> None:
    (tmp_path / "Dog 1.png").write_bytes(b"\x89PNG\r\n\x1a\n".ljust(80, b"\0"))
    rows = [
        {"id": "a", "photo": "Dog 1.png", "shop": "Berlin", "day": date(2026, 3, 1), "tags": ["x"], "shelf": 3},
        {"id": "b", "photo": "https://a.example/2.png", "shop": None, "day": None, "tags": None, "shelf": 2**60},
    ]
    assert notes(rows, tmp_path) == [
        {"photo": "Dog 1.png", "shop": "Berlin", "day": "2026-03-01", "tags": '["x"]', "shelf": 3},
        {"shelf": str(2**60)},
    ]


def test_notes_are_short(tmp_path: Path) -> None:
    columns = {f"c{number}": "x" * 600 for number in range(20)}
    [found] = notes([{"photo": "https://a.example/1.png", **columns}], tmp_path)
    assert list(found) == [f"c{number}" for number in range(7)]
    assert {len(note) for note in found.values()} == {LONGEST_NOTE}
    assert sum(map(len, found.values())) <= MOST_CHARACTERS
