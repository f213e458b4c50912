"""Ids of items as people type them."""

import pytest

from dataforge.data.keys import look_alike


@pytest.mark.parametrize("typed", ["A-001", "А-001", "a-001", " A-001 "])
def test_an_id_is_found_by_one_that_looks_like_it(typed: str) -> None:
    assert look_alike(typed, ["B-001", "А-001"]) == "А-001"


def test_an_id_that_looks_like_none_is_none() -> None:
    assert look_alike("A-002", ["B-001", "А-001"]) is None
