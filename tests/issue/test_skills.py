"""What workers are good at, on every store."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from tests.issue.histories import STORES, Tried, in_sqlite

from dataforge.errors import Refused
from dataforge.issue.rows import Skill
from dataforge.issue.sqlite.store import SqliteStore


@pytest.fixture(params=STORES, ids=[make.__name__ for make in STORES])
def tried(request: pytest.FixtureRequest) -> Tried:
    make: Callable[[], Tried] = request.param
    return make()


def skills_of(tried: Tried, worker: str) -> dict[str, Skill]:
    account = tried.store.accounts.worker_by_name(worker)
    assert account is not None
    return dict(tried.store.skills.of(account.id))


def test_a_worker_has_a_skill_as_it_was_given_last(tried: Tried) -> None:
    tried.give_skill(1.0, "ann", "medical", 40, "hand")
    tried.give_skill(2.0, "ann", "Latin", 90.5, "hand")
    tried.give_skill(3.0, "ann", "medical", 70, "training")
    assert list(skills_of(tried, "ann").items()) == [
        ("Latin", Skill(90.5, "hand", 2.0)),
        ("medical", Skill(70.0, "training", 3.0)),
    ]
    assert skills_of(tried, "bob") == {}


def test_a_skill_that_is_taken_is_gone_and_nothing_happens_where_there_is_none(tried: Tried) -> None:
    tried.give_skill(1.0, "ann", "medical", 40, "hand")
    tried.take_skill(2.0, "ann", "Latin")
    tried.take_skill(2.0, "ann", "medical")
    tried.take_skill(2.0, "bob", "medical")
    assert skills_of(tried, "ann") == skills_of(tried, "bob") == {}


@pytest.mark.parametrize("value", [-1, 100.5, math.nan, math.inf])
def test_a_skill_is_a_number_from_0_to_100(tried: Tried, value: float) -> None:
    with pytest.raises(Refused, match="skill: medical: expected 0 to 100, got") as refused:
        tried.give_skill(1.0, "ann", "medical", value, "hand")
    assert (refused.value.status, refused.value.code) == (422, "skill_invalid")
    assert skills_of(tried, "ann") == {}


@pytest.mark.parametrize("name", ["", " medical", "a\nb", "x" * 101])
def test_a_skill_has_a_name_that_reads_the_same_everywhere(tried: Tried, name: str) -> None:
    with pytest.raises(Refused, match="expected a name of 1 to 100 characters"):
        tried.give_skill(1.0, "ann", name, 50, "hand")


def test_nobody_unknown_has_a_skill(tried: Tried) -> None:
    with pytest.raises(Refused, match="there is no worker 'nobody'") as refused:
        tried.give_skill(1.0, "nobody", "medical", 50, "hand")
    assert refused.value.status == 404
    with pytest.raises(Refused, match="there is no worker 'nobody'"):
        tried.take_skill(1.0, "nobody", "medical")


def test_who_is_forgotten_leaves_no_skill_behind() -> None:
    tried = in_sqlite()
    assert isinstance(tried.store, SqliteStore)
    tried.give_skill(1.0, "ann", "medical", 40, "hand")
    tried.give_skill(1.0, "bob", "medical", 50, "hand")
    ann = tried.store.accounts.worker_by_name("ann")
    assert ann is not None
    tried.store.accounts.forget(ann.id, b"nobody's")
    assert skills_of(tried, "ann") == {}
    assert list(skills_of(tried, "bob")) == ["medical"]
