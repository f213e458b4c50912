"""Durations as people write them."""

from datetime import timedelta
from typing import Any

import pytest

from dataforge.durations import seconds, written
from dataforge.errors import SpecError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10s", 10),
        ("5m", 300),
        ("5min", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        ("0.5m", 30),
        ("250ms", 0.25),
        (7, 7),
        (0.5, 0.5),
        (timedelta(minutes=2), 120),
        ("0s", 0),
    ],
)
def test_a_duration_is_read(text: Any, value: float) -> None:
    assert seconds(text) == value
    assert seconds(written(value)) == value


@pytest.mark.parametrize(
    "text", ["", "10", "ten", "5 weeks", "s", "-5s", -1, True, None, float("nan"), float("inf"), [], "5s x", "1..5s"]
)
def test_what_is_no_duration_is_refused_with_examples(text: Any) -> None:
    with pytest.raises(SpecError, match="lease: expected a duration such as '10s'"):
        seconds(text, "lease")


@pytest.mark.parametrize(("spelt", "short"), [("2 days", "2d"), ("1.5 Hours", "1.5h"), ("3 secs", "3s")])
def test_a_unit_that_is_spelt_out_is_told_short(spelt: str, short: str) -> None:
    with pytest.raises(SpecError, match=f"write '{short}'$"):
        seconds(spelt)


def test_a_number_of_seconds_is_written_as_people_do() -> None:
    assert [written(number) for number in (172800.0, 5400, 61, 0, 0.25)] == ["2d", "1h 30m", "1m 1s", "0s", "0.25s"]
