"""The route of the price form: what the same knobs come to in Python, and nothing is kept."""

from __future__ import annotations

import msgspec
import pytest

from dataforge.pricing.page_form import worked_out
from dataforge.records import PriceFigures, PriceKnobs


def test_the_server_works_out_what_python_does(served):
    knobs = PriceKnobs("custom", 9, 3, "ru", real=14, control=2, control_ratio=1.0, overlap=(1, 3))
    told = served.ask("POST", "/api/prices", msgspec.to_builtins(knobs))
    assert msgspec.convert(told, PriceFigures) == worked_out(knobs)
    assert (told["page"]["price"], told["page"]["seconds"], told["currency"]) == (0.024, 144, "USD")
    assert served.ask("POST", "/api/prices", {})["knobs"]["preset"] == "moderate"


@pytest.mark.parametrize(
    ("knobs", "code"),
    [
        ({"duration": 0}, "prices_invalid"),
        ({"items": 10**12}, "prices_invalid"),
        ({"preset": "custom", "real": 200, "control": 1}, "prices_invalid"),
        ({"preset": "custom", "overlap": [3, 1]}, "prices_invalid"),
        ({"language": "no language"}, "prices_invalid"),
        ({"preset": "odd"}, "body_invalid"),
        ({"beast": 1}, "body_invalid"),
        ({"overlap": [1, 2, 3]}, "body_invalid"),
    ],
)
def test_knobs_that_stand_as_no_launch_can_be_are_refused(served, knobs, code):
    assert served.ask("POST", "/api/prices", knobs, status=422)["error"]["code"] == code


def test_prices_are_for_who_may_launch(served):
    assert served.stranger.post("/api/prices", json={}).status_code == 401
