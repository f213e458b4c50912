"""Whom a run lets in: what it asks of workers, held against what is known of one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.issue.histories import STORES, WORKERS, Tried, in_sqlite, publication

from dataforge.errors import Refused
from dataforge.issue import filters
from dataforge.issue.filters import Refusal, count
from dataforge.issue.rows import Skill, Worker
from dataforge.issue.run import check_publication
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.policy import Workers
from dataforge.records import AddItems, AskedOfWorkers, Item, PassingWorkers, Publication, Republish, WantedSkill
from dataforge.server.between.skills import counted

NOW = datetime(2026, 11, 29, tzinfo=UTC).timestamp()
DAY = 86_400.0
ANN = Worker(1, "ann", "Ann", "en", speaks="tr kk", region="KZ", born=1990, device="phone", named=1)
SKILLS = {"medical": Skill(40.0, "hand", NOW - 100 * DAY), "Latin": Skill(90.0, "hand", NOW - DAY)}


def why(
    worker: Worker = ANN, has: Mapping[str, Skill] = SKILLS, languages: tuple[str, ...] = (), **asked: Any
) -> Refusal | None:
    """The first reason why a run that asks this does not let the worker in."""
    run = publication(languages=languages, workers=Workers(**asked).record())
    return filters.refusal(run, worker, has, NOW)


def test_a_run_that_asks_nothing_lets_everybody_in() -> None:
    assert filters.refusal(publication(), Worker(1, "ann", "", ""), {}, NOW) is None
    assert why() is None


@pytest.mark.parametrize(
    "asked",
    [
        {"speaks": ("tr", "kk")},
        {"named": True},
        {"regions": ("RU", "KZ")},
        {"age": (18, None)},
        {"age": (None, 36)},
        {"device": "phone"},
        {"skills": {"medical": 40, "Latin": (90, "2d")}},
        {"allowed": ["bob", "ann"]},
        {"barred": ["bob"]},
        {"languages": ("en", "ru")},
    ],
)
def test_who_has_what_is_asked_is_let_in(asked: dict[str, Any]) -> None:
    assert why(**asked) is None


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"languages": ("ru",)}, Refusal("language", ("ru",), ("en",))),
        ({"speaks": ("tr", "ru")}, Refusal("speaks", ("tr", "ru"), ("tr", "kk"))),
        ({"regions": ("RU",)}, Refusal("region", ("RU",), ("KZ",))),
        ({"age": (37, None)}, Refusal("age", ("37", ""), ("1990",))),
        ({"age": (18, 35)}, Refusal("age", ("18", "35"), ("1990",))),
        ({"device": "computer"}, Refusal("device", ("computer",), ("phone",))),
        ({"skills": {"medical": 70}}, Refusal("skill", ("70",), ("40",), "medical")),
        ({"skills": {"medical": (40, "90d")}}, Refusal("skill", ("40",), ("40",), "medical", stale=True)),
        ({"skills": {"law": 0}}, Refusal("skill", ("0",), (), "law")),
        ({"allowed": ["bob"]}, Refusal("people")),
        ({"barred": ["ann"]}, Refusal("people")),
        ({"speaks": ("en",)}, Refusal("speaks", ("en",), ("tr", "kk"))),  # though her pages are in English
    ],
)
def test_who_lacks_something_reads_what_is_asked_and_what_they_have(asked: dict[str, Any], reason: Refusal) -> None:
    assert why(**asked) == reason


@pytest.mark.parametrize(
    ("asked", "what"),
    [({"speaks": ("ru",)}, "speaks"), ({"regions": ("KZ",)}, "region"), ({"age": (18, None)}, "born")],
)
def test_who_has_told_nothing_of_themselves_is_not_let_in_and_reads_what_they_may_tell(
    asked: dict[str, Any], what: str
) -> None:
    silent = Worker(2, "bob", "Bob", "en")
    refused = why(silent, **asked)
    assert refused is not None
    assert (refused.untold, refused.has) == (what, ())
    assert why(silent, device="phone") == Refusal("device", ("phone",))


def test_a_language_is_spoken_by_who_said_so_or_of_whom_somebody_says_so() -> None:
    by_hand = {"speaks:ru": Skill(70.0, "hand", NOW), "speaks:en": Skill(0.0, "hand", NOW)}
    assert why(has=by_hand, speaks=("tr", "ru")) is None
    assert why(has=by_hand, speaks=("tr", "en")) == Refusal("speaks", ("tr", "en"), ("tr", "kk"))
    assert filters.asks_skills(asking(speaks=["ru"]))


def test_a_run_for_people_whom_its_author_knows_lets_in_whom_a_link_has_named() -> None:
    stranger = Worker(2, "bob", "Bob", "en")
    assert why(stranger, named=True) == Refusal("people", ("named",))
    assert why(stranger, named=True, barred=["bob"]) == Refusal("people")


@pytest.mark.parametrize(("born", "let_in"), [(2007, True), (2008, False), (2009, False)])
def test_who_may_not_have_had_their_birthday_this_year_is_not_taken_for_an_adult(born: int, let_in: bool) -> None:
    # In November 2026 somebody born in 2008 is 17 or 18.
    assert (why(Worker(1, "ann", "", "en", born=born), age=(18, None)) is None) is let_in


@pytest.mark.parametrize(("born", "let_in"), [(1996, True), (1995, False)])
def test_who_may_be_a_year_too_old_is_not_let_in_either(born: int, let_in: bool) -> None:
    # Born in 1995 one is 30 or 31.
    assert (why(Worker(1, "ann", "", "en", born=born), age=(None, 30)) is None) is let_in


def test_of_several_reasons_the_first_is_one_that_the_worker_can_do_nothing_about() -> None:
    asked = {"barred": ["ann"], "age": (50, None), "device": "computer", "skills": {"medical": 70}}
    reasons = []
    while (found := why(**asked)) is not None:
        reasons.append(found.reason)
        del asked[{"people": "barred", "skill": "skills"}.get(found.reason, found.reason)]
    assert reasons == ["people", "age", "device", "skill"]


# --- how many are left ------------------------------------------------------------------------------


def test_it_is_told_how_many_each_filter_leaves_and_that_nobody_is_left() -> None:
    people = [
        (Worker(n, f"w{n}", "", "en", born=born), {"medical": Skill(value, "hand", 0.0)} if value else {}, 1)
        for n, (born, value) in enumerate([(1990, 0), (1991, 0), (2015, 80), (2014, 70), (0, 75)])
    ]
    asked = Workers(age=(18, None), skills={"medical": 70}).record()
    left = count(asked, (), people, NOW)
    assert left == PassingWorkers(5, 0, {"age": 2, "skill medical": 3})
    assert count(AskedOfWorkers(), (), people, NOW) == PassingWorkers(5, 5, {})
    assert count(AskedOfWorkers(), ("ru",), people, NOW) == PassingWorkers(5, 0, {"language": 0})


asked_of_workers = st.builds(
    AskedOfWorkers,
    speaks=st.sampled_from([(), ("tr",), ("tr", "kk")]),
    regions=st.sampled_from([(), ("KZ",), ("RU", "TR")]),
    age=st.sampled_from([(None, None), (18, None), (None, 30), (18, 40)]),
    device=st.sampled_from([None, "phone", "computer"]),
    skills=st.sampled_from([(), (WantedSkill("medical", 50.0),), (WantedSkill("medical", 50.0, 9 * DAY),)]),
    allowed=st.sampled_from([(), ("w1", "w2")]),
    barred=st.sampled_from([(), ("w3",)]),
    named=st.booleans(),
)
workers = st.builds(
    Worker,
    id=st.just(1),
    worker=st.sampled_from(["w1", "w2", "w3"]),
    name=st.just(""),
    language=st.sampled_from(["en", "tr"]),
    speaks=st.sampled_from(["", "tr", "kk tr"]),
    region=st.sampled_from(["", "KZ", "RU"]),
    born=st.sampled_from([0, 1980, 2000, 2012]),
    device=st.sampled_from(["", "phone", "computer"]),
    named=st.sampled_from([0, 1]),
)
skill_sets = st.dictionaries(
    st.sampled_from(["medical", "law", "speaks:tr"]),
    st.builds(Skill, st.sampled_from([0.0, 49.9, 50.0, 100.0]), st.just("hand"), st.floats(NOW - 20 * DAY, NOW)),
)


@given(asked=asked_of_workers, people=st.lists(st.tuples(workers, skill_sets), max_size=6))
def test_those_who_are_counted_are_those_who_are_let_in(
    asked: AskedOfWorkers, people: list[tuple[Worker, dict[str, Skill]]]
) -> None:
    run = publication(workers=asked)
    let_in = [worker for worker, skills in people if filters.refusal(run, worker, skills, NOW) is None]
    left = count(asked, (), [(*one, 1) for one in people], NOW)
    assert (left.workers, left.passing) == (len(people), len(let_in))
    assert all(left.passing <= number <= len(people) for number in left.by_filter.values())


def test_those_who_are_alike_are_counted_together_and_as_many_as_one_by_one() -> None:
    store, chance = in_sqlite().store, random.Random(7)
    assert isinstance(store, SqliteStore)
    looks = {
        "speaks": ["", "tr", "kk tr"],
        "region": ["", "KZ", "RU"],
        "born": [0, 1980, 2012],
        "device": ["", "phone"],
    }
    for number in range(300):
        told = {name: chance.choice(values) for name, values in {**looks, "named": [0, 1]}.items()}
        account = store.accounts.add_worker(f"w{number}", str(number).encode(), "", chance.choice(["en", "tr"]), 0.0)
        columns = ", ".join(f"{name} = :{name}" for name in told)
        store.db.execute(
            f"UPDATE workers SET {columns}, shut_out = :until WHERE id = {account}",
            {**told, "until": chance.choice([None, None, 1.0])},
        )
        for name in chance.sample(["medical", "law", "speaks:kk"], chance.choice([0, 0, 1, 2])):
            store.skills.give(account, name, chance.choice([0.0, 60.0]), "hand", NOW - chance.choice([1, 20]) * DAY)
    everybody = [one for name in range(300) if (one := store.accounts.worker_by_name(f"w{name}")) and not one.shut_out]
    most = 0
    for asked in (
        AskedOfWorkers(),
        AskedOfWorkers(age=(18, None), device="phone", named=True),
        AskedOfWorkers(speaks=("kk",), regions=("KZ", "RU")),
        AskedOfWorkers(skills=(WantedSkill("medical", 50.0, 9 * DAY), WantedSkill("law", 0.0))),
        AskedOfWorkers(allowed=("w1", "w2", "w3", "w4"), age=(None, 60)),
        AskedOfWorkers(barred=("w5", "w6"), regions=("KZ",)),
    ):
        run = publication(workers=asked, languages=("en",))
        passing = [one for one in everybody if filters.refusal(run, one, store.skills.of(one.id), NOW) is None]
        found = counted(store, asked, ("en",), NOW)
        # The eight people of the histories are there as well.
        others = [one for name in WORKERS if (one := store.accounts.worker_by_name(name))]
        passing += [one for one in others if filters.refusal(run, one, store.skills.of(one.id), NOW) is None]
        assert (found.workers, found.passing) == (len(everybody) + len(others), len(passing))
        most = max(most, found.passing)
    assert most > 50, "somebody passes"


@given(asked=asked_of_workers)
def test_what_is_asked_of_workers_survives_every_way_it_is_written(asked: AskedOfWorkers) -> None:
    written = Workers.of_record(asked)
    assert written.record() == asked
    assert Workers(**msgspec.json.decode(msgspec.json.encode(written.to_json()))) == written


# --- on every store ---------------------------------------------------------------------------------


@pytest.fixture(params=STORES, ids=[make.__name__ for make in STORES])
def tried(request: pytest.FixtureRequest) -> Tried:
    """A run of four items, two to a page, that asks for a skill."""
    make: Callable[[], Tried] = request.param
    store = make()
    store.publish(0.0, asking(skills={"medical": (70, "10m")}))
    store.execute(0.0, "run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(4)))])
    return store


def asking(**asked: Any) -> Publication:
    return publication(workers=Workers(**asked).record())


def test_a_skill_opens_a_run_and_as_it_grows_old_the_run_closes_again(tried: Tried) -> None:
    assert tried.take(0.0, "run", "ann", []).lacking == Refusal("skill", ("70",), (), "medical")
    tried.give_skill(10.0, "ann", "medical", 69.5, "hand")
    assert tried.take(10.0, "run", "ann", []).lacking.has == ("69.5",)
    tried.give_skill(20.0, "ann", "medical", 70, "hand")
    page = tried.take(20.0, "run", "ann", [])["page"]
    assert tried.take(700.0, "run", "ann", [page]).lacking.stale
    assert tried.take(20.0, "run", "bob", []).reason == "skill"


def test_who_holds_a_page_finishes_it_when_the_run_no_longer_asks_for_them(tried: Tried) -> None:
    tried.give_skill(0.0, "ann", "medical", 80, "hand")
    page = tried.take(0.0, "run", "ann", [])["page"]
    tried.execute(1.0, "run", [Republish("other workers", asking(barred=["ann"]))])
    assert tried.take(1.0, "run", "ann", [])["page"] == page
    assert tried.take(1.0, "run", "ann", [page]).reason == "people"
    assert tried.submit(2.0, page, [{"answer": True}] * 2).pending == 20
    assert tried.take(3.0, "run", "ann", []).reason == "people"
    assert tried.take(3.0, "run", "bob", [])["page"], "everybody else is let in now"


def test_who_is_not_let_in_does_not_read_that_the_run_is_paused_but_that_it_is_finished(tried: Tried) -> None:
    with pytest.raises(Refused, match="another prices"):
        tried.execute(1.0, "run", [Republish("k", msgspec.structs.replace(asking(), prices=(1,) * 5))])
    row = tried.store.runs.by_name("run")
    assert row is not None
    counters = tried.store.runs.counters(row.id)
    for state, reason in (("paused", "skill"), ("closed", "finished")):
        counters.state = state  # type: ignore[assignment]
        tried.store.runs.save(row.id, counters, [])
        assert tried.take(2.0, "run", "ann", []).reason == reason


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (AskedOfWorkers(age=(40, 18)), "swap them"),
        (AskedOfWorkers(regions=("XX",)), "'XX' is no code of a country"),
        (AskedOfWorkers(speaks=("english",)), "'english' is no language code"),
        (AskedOfWorkers(skills=(WantedSkill("medical", 101),)), "a number from 0 to 100"),
        (AskedOfWorkers(skills=(WantedSkill("a", 1), WantedSkill("a", 2))), "asked twice"),
        (AskedOfWorkers(allowed=("ann",), barred=("ann",)), "'ann' is allowed and barred"),
    ],
)
def test_what_nobody_can_be_asked_is_not_published(asked: AskedOfWorkers, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        check_publication(publication(workers=asked))
    assert (refused.value.status, refused.value.code) == (422, "publication_invalid")


def test_publications_of_before_ask_nothing_of_workers() -> None:
    written = msgspec.json.encode(publication())
    assert b"workers" not in written
    assert msgspec.json.decode(written, type=Publication).workers is None
