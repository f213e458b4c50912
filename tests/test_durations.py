"""Durations as people write them."""

from datetime import timedelta
from typing import Any

import pytest

from dataforge.durations import seconds
from dataforge.errors import SpecError


@pytest.mark.parametrize(
    ("written", "value"),
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
def test_a_duration_is_read(written: Any, value: float) -> None:
    assert seconds(written) == value


@pytest.mark.parametrize(
    "written", ["", "10", "ten", "5 weeks", "s", "-5s", -1, True, None, float("nan"), float("inf"), [], "5s x", "1..5s"]
)
def test_what_is_no_duration_is_refused_with_examples(written: Any) -> None:
    with pytest.raises(SpecError, match="lease: expected a duration such as '10s'"):
        seconds(written, "lease")
