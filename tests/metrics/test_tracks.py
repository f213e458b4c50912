"""HOTA and IDF1: values by hand, and those of the tool by which the field compares trackers."""

import json
from pathlib import Path
from typing import Any

import pytest

from dataforge.errors import AggregationError
from dataforge.metrics import hota, idf1

DATA = next(folder for folder in Path(__file__).parents if (folder / "data").is_dir()) / "data" / "trackeval.json"
FILMS = json.loads(DATA.read_text("utf-8"))["films"]


def track(first: int, last: int, left: float = 0) -> dict[str, Any]:
    box = [left, 0, left + 10, 10]
    return {"keys": [{"frame": first, "box": box}, {"frame": last, "box": box}]}


@pytest.mark.parametrize("film", FILMS, ids=range(len(FILMS)))
def test_they_are_what_trackeval_finds(film: dict[str, Any]) -> None:
    found = hota(film["found"], film["true"])
    for name in ("hota", "detection", "association", "location"):
        assert getattr(found, name) == pytest.approx(film[name], abs=1e-9), name
    same = idf1(film["found"], film["true"])
    assert (same.idf1, same.precision, same.recall) == pytest.approx((film["idf1"], film["precision"], film["recall"]))


def test_a_track_that_is_broken_in_two_halves_its_association() -> None:
    """All boxes are right: DetA is 1. Each is with five of ten of its object: AssA is 1/2, IDF1 2·5/20."""
    found = hota([track(0, 4), track(5, 9)], [track(0, 9)])
    assert (found.detection, found.association) == pytest.approx((1.0, 0.5))
    assert found.hota == pytest.approx(0.5**0.5)
    assert idf1([track(0, 4), track(5, 9)], [track(0, 9)]).idf1 == pytest.approx(0.5)


def test_half_of_a_track_is_half_of_its_boxes() -> None:
    found = idf1({"tracks": [track(0, 4)]}, {"tracks": [track(0, 9)]})
    assert (found.idf1, found.precision, found.recall) == pytest.approx((2 / 3, 1.0, 0.5))


def test_nothing_to_find_and_nothing_found_is_right_and_one_of_both_is_wrong() -> None:
    assert hota([], []).hota == idf1([], []).idf1 == 1.0
    assert hota([track(0, 3)], []).hota == hota([], [track(0, 3)]).hota == 0.0
    assert idf1([track(0, 3)], []).idf1 == idf1([], [track(0, 3)]).idf1 == 0.0


def test_what_is_no_tracks_of_boxes_is_told() -> None:
    for wrong in ([{"keys": [{"frame": 0, "point": [1, 2]}]}], [{"keys": []}], [3]):
        with pytest.raises(AggregationError, match="found: expected tracks of boxes"):
            hota(wrong, [])
    with pytest.raises(AggregationError, match="least"):
        idf1([], [], least=0)
