"""What workers are good at, on every store."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from tests.issue.histories import STORES, Tried, in_sqlite, publication

from dataforge.errors import Refused
from dataforge.issue.rows import Skill
from dataforge.issue.skills import shown_by
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import Learn


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


@pytest.mark.parametrize(
    ("right", "total", "value"),
    # By the formula of Wilson (1927), with a table of the normal distribution: 18 of 20 lie between .699 and .972.
    [(18, 20, 69.8), (10, 10, 72.2), (9, 9, None), (0, 0, None), (0, 10, 0.0), (40, 40, 91.2), (95, 100, 88.8)],
)
def test_a_skill_is_what_control_items_show_at_least(right: int, total: int, value: float | None) -> None:
    assert shown_by(right, total) == value


def test_what_control_items_of_several_runs_show_is_one_skill(tried: Tried) -> None:
    for run in ("run", "other"):
        tried.publish(0.0, publication(run))
    tried.execute(1.0, "run", [Learn("a", "control:likes", {"ann": (9, 9), "bob": (12, 20)})])
    assert skills_of(tried, "ann") == {}, "nine are too few to show anything"
    tried.execute(2.0, "other", [Learn("a", "control:likes", {"ann": (9, 11)})])
    assert skills_of(tried, "ann") == {"control:likes": Skill(69.8, "control items of other", 2.0)}
    tried.execute(3.0, "run", [Learn("b", "control:likes", {"ann": (31, 31)})])
    assert skills_of(tried, "ann")["control:likes"].value == shown_by(40, 42), "of each run the newest word counts"
    assert tried.execute(4.0, "run", [Learn("a", "control:likes", {"ann": (0, 99)})]).repeated == 1
    assert skills_of(tried, "ann")["control:likes"].at == 3.0
    tried.execute(5.0, "run", [Learn("c", "control:likes", {"bob": (3, 4)})])
    assert skills_of(tried, "bob") == {}, "control items that were none show nothing any more"


def test_too_few_control_items_leave_a_skill_that_was_given_by_hand(tried: Tried) -> None:
    tried.publish(0.0, publication())
    tried.give_skill(1.0, "ann", "control:likes", 90, "hand")
    tried.execute(2.0, "run", [Learn("a", "control:likes", {"ann": (9, 9)})])
    assert skills_of(tried, "ann") == {"control:likes": Skill(90.0, "hand", 1.0)}
    tried.execute(3.0, "run", [Learn("b", "control:likes", {"ann": (18, 20)})])
    assert skills_of(tried, "ann") == {"control:likes": Skill(69.8, "control items of run", 3.0)}, "given last"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"nobody": (1, 2)}, "worker_unknown"),
        ({"ann": (3, 2)}, "skill_invalid"),
        ({"ann": (-1, 2)}, "skill_invalid"),
    ],
)
def test_what_no_control_items_can_show_is_refused(tried: Tried, told: dict[str, tuple[int, int]], code: str) -> None:
    tried.publish(0.0, publication())
    with pytest.raises(Refused) as refused:
        tried.execute(1.0, "run", [Learn("a", "control:likes", told)])
    assert refused.value.code == code


def test_who_was_forgotten_is_learnt_nothing_of() -> None:
    tried = in_sqlite()
    assert isinstance(tried.store, SqliteStore)
    tried.publish(0.0, publication())
    ann = tried.store.accounts.worker_by_name("ann")
    assert ann is not None
    tried.execute(1.0, "run", [Learn("a", "control:likes", {"ann": (20, 20)})])
    tried.shut_out(2.0, "ann")
    tried.store.accounts.forget(ann.id, b"nobody's")
    tried.execute(3.0, "run", [Learn("b", "control:likes", {"ann": (30, 30)})])
    assert skills_of(tried, "ann") == {}
    assert tried.store.db.execute("SELECT COUNT(*) FROM learnt").fetchone() == (0,)


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
