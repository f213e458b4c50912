"""Random histories on every store: the same replies and the same events, and never too much of anything."""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.issue.histories import WORKERS, History, better, likes, publication, trained

from dataforge.issue import first_verdict
from dataforge.issue.ledger import totals
from dataforge.issue.payouts import Payment
from dataforge.issue.rows import CountedTime, Member
from dataforge.records import (
    AddItems,
    Allow,
    AskedOfWorkers,
    BonusPaid,
    Command,
    Deal,
    Item,
    Judge,
    Learn,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageSubmitted,
    PageTaken,
    PayBonus,
    Recheck,
    Republish,
    Restrict,
    SetState,
    ToppedUp,
    Want,
    WantedSkill,
    Withhold,
    WorkerTrained,
)

# A difference that is found is shrunk, which may take minutes.
pytestmark = [pytest.mark.trials, pytest.mark.timeout(900)]

RUNS = ("run", "other")
ITEMS = [f"item{n}" for n in range(12)]
CONTROLS = [f"control{n}" for n in range(4)]

runs, workers = st.sampled_from(RUNS), st.sampled_from(sorted(WORKERS))
some_pages = st.lists(st.integers(0, 30), max_size=4)
seldom_unknown = st.sampled_from([*sorted(WORKERS) * 3, "nobody"])
SKILLED = AskedOfWorkers(skills=(WantedSkill("medical", 40.5, 500.0),))

settings_of_runs = st.fixed_dictionaries(
    {
        "task": st.sampled_from([likes, better]),
        "real_per_page": st.integers(1, 3),
        "control_per_page": st.integers(0, 2),
        "prices": st.sampled_from([(10, 20, 30, 40, 50), (0, 0, 5, 5, 5), (7, 7, 7, 7, 7)]),
        "budget": st.sampled_from([None, None, None, None, 90, 400]),
        "languages": st.sampled_from([(), (), (), (), ("en",), ("en", "tr")]),
        "lease": st.sampled_from([30.0, 600.0]),
        "wage_floor": st.sampled_from([0, 0, 3_600, 36_001]),
        "workers": st.sampled_from([None, None, None, None, SKILLED, AskedOfWorkers(barred=("ann", "eve"))]),
        "training": st.sampled_from([None, None, 2, 3]),
    }
)


KEPT = ("real_per_page", "control_per_page", "prices", "training", "wage_floor")


class Given(NamedTuple):
    """A page that a worker was given."""

    page: str
    run: str
    worker: str
    size: int
    price: int


class Histories(RuleBasedStateMachine):
    """Workers and requesters do what they can and what they may not."""

    @initialize(one=settings_of_runs, other=settings_of_runs, known=st.sets(workers))
    def publish(self, one: dict[str, Any], other: dict[str, Any], known: set[str]) -> None:
        self.history = History(known)
        self.published = {"run": publication("run", **trained(one)), "other": publication("other", **trained(other))}
        self.bound = {run: wanted.budget or 10**9 for run, wanted in self.published.items()}
        self.tasks = {"run": one["task"], "other": other["task"]}
        self.pages: list[Given] = []
        self.skilled: dict[str, float | None] = {}
        self.keys = 0
        self.given_by_hand: set[str] = set()
        self.withheld: list[tuple[str, str, str, int]] = []
        self.asked: list[Command] = []
        for run, wanted in self.published.items():
            self.history.publish(wanted)
            self.add_items(run, ITEMS[:8] + CONTROLS[:2], wanted=2, broken=1)

    # --- the requester ----------------------------------------------------------------------------

    @rule(name=runs, other=settings_of_runs)
    def publish_again(self, name: str, other: dict[str, Any]) -> None:
        self.history.publish(publication(name, **trained(other)))

    @rule(
        run=runs,
        keys=st.lists(st.sampled_from(ITEMS + CONTROLS), min_size=1, max_size=9),
        wanted=st.integers(-1, 3),
        broken=st.integers(0, 9),
    )
    def add_items(self, run: str, keys: list[str], wanted: int, broken: int) -> None:
        inputs = [name.name for name in self.tasks[run].inputs]
        items = tuple(
            Item(key, {name: f"{name} of {key}" for name in inputs[broken == 0 :]}, key in CONTROLS, wanted)
            for key in keys
        )
        self.execute(run, [AddItems(self.new_key(), items)])

    @rule(
        run=runs,
        wanted=st.dictionaries(st.sampled_from([*ITEMS, *CONTROLS[:1], "unknown"]), st.integers(0, 4)),
        worth=st.lists(st.sampled_from([0.0, 0.01, 0.05, 0.05, 0.2, 0.2, 2.0]), max_size=4),
        prefers=st.lists(st.lists(st.sampled_from(sorted(WORKERS)), max_size=2).map(tuple), max_size=4),
    )
    def want(self, run: str, wanted: dict[str, int], worth: list[float], prefers: list[tuple[str, ...]]) -> None:
        worths, people = (dict(zip(wanted, each, strict=False)) for each in (worth, prefers))
        self.execute(run, [Want(self.new_key(), wanted, worths, people)])

    @rule(
        run=runs, accepted=st.lists(st.integers(0, 30), max_size=4), rejected=st.lists(st.integers(0, 30), max_size=3)
    )
    def judge(self, run: str, accepted: list[int], rejected: list[int]) -> None:
        names = [given.page for given in reversed(self.pages)] + ["none", "beef"]
        good, bad = ([names[index % len(names)] for index in listed] for listed in (accepted, rejected))
        self.execute(run, [Judge(self.new_key(), tuple(good), tuple(bad), {page: {"en": page} for page in bad[:1]})])

    @rule(run=runs, taken_back=st.lists(st.integers(0, 30), min_size=1, max_size=3))
    def take_back(self, run: str, taken_back: list[int]) -> None:
        names = [given.page for given in reversed(self.pages)] + ["none", "beef"]
        bad = tuple(names[index % len(names)] for index in taken_back)
        self.execute(run, [Judge(self.new_key(), reasons={bad[0]: {"en": "no"}}, taken_back=bad)])

    @rule(run=runs, worker=seldom_unknown, amount=st.sampled_from([0, 1, 25, 60]))
    def pay_bonus(self, run: str, worker: str, amount: int) -> None:
        self.execute(run, [PayBonus(self.new_key(), worker, amount, {"en": "thanks"} if amount > 1 else {})])

    @rule(worker=seldom_unknown, amount=st.sampled_from([0, 5, 25, 60]), key=st.sampled_from(["june", "july"]))
    def pay_out(self, worker: str, amount: int, key: str) -> None:
        self.history.pay_out(key, [Payment(worker, "USD", amount)])

    @rule(run=runs, worker=seldom_unknown, seconds=st.integers(-10, 90))
    def restrict(self, run: str, worker: str, seconds: int) -> None:
        self.execute(run, [Restrict(self.new_key(), worker, self.history.now + seconds, {"en": "too fast"})])

    @rule(run=runs, worker=seldom_unknown)
    def allow(self, run: str, worker: str) -> None:
        self.execute(run, [Allow(self.new_key(), worker)])

    @rule(run=runs, worker=seldom_unknown, controls=st.sampled_from([0.0, 0.4, 1.0, 2.0, -1.0]))
    def deal(self, run: str, worker: str, controls: float) -> None:
        self.execute(run, [Deal(self.new_key(), {worker: controls})])

    @rule(run=runs, items=st.lists(st.sampled_from([*ITEMS, *CONTROLS[:1], "unknown"]), min_size=1, max_size=3))
    def recheck(self, run: str, items: list[str]) -> None:
        self.execute(run, [Recheck(self.new_key(), tuple(items))])

    @rule(run=runs, worker=seldom_unknown, right=st.integers(0, 30), total=st.integers(0, 30))
    def controls_show(self, run: str, worker: str, right: int, total: int) -> None:
        self.execute(run, [Learn(self.new_key(), "control:likes", {worker: (right, total)})])

    @rule(run=runs, key=st.sampled_from([*ITEMS, *CONTROLS, "unknown"]), worker=seldom_unknown)
    def withhold(self, run: str, key: str, worker: str) -> None:
        command = Withhold(self.new_key(), {key: (worker,)})
        self.asked.append(command)
        if "status" not in self.history.execute(run, [command]):
            self.withheld.append((run, key, worker, len(self.history.events(run))))

    @rule(worker=seldom_unknown, back=st.booleans())
    def shut_out(self, worker: str, back: bool) -> None:
        self.history.shut_out(worker)
        if back:
            self.history.let_in(worker)

    @rule(
        worker=seldom_unknown,
        name=st.sampled_from(["medical", "training:likes", " "]),
        value=st.sampled_from([0, 40.5, 80, 100, 101]),
        taken=st.booleans(),
    )
    def give_skill(self, worker: str, name: str, value: float, taken: bool) -> None:
        given = self.history.give_skill(worker, name, value, "hand")
        if name == "medical" and not given:
            self.skilled[worker] = self.history.now if value >= 40.5 else None
        self.given_by_hand |= {worker}
        if taken:
            self.history.take_skill(worker, name)
            if name == "medical":
                self.skilled[worker] = None

    @rule(run=runs, state=st.sampled_from(["open"] * 6 + ["paused", "closed"]))
    def set_state(self, run: str, state: Any) -> None:
        self.execute(run, [SetState(self.new_key(), state)])

    @rule(run=runs, other=settings_of_runs, kept=st.booleans())
    def change(self, run: str, other: dict[str, Any], kept: bool) -> None:
        """Other texts, budget, lease and languages; where another task or other prices are not kept it is refused."""
        there = self.published[run]
        texts = msgspec.structs.replace(there.task, instruction={"en": f"as of {self.keys}"})
        fixed = {name: getattr(there, name) for name in KEPT} if kept else {}
        changed = publication(run, **{**trained({**other, "task": self.tasks[run]}), **fixed})
        self.execute(run, [Republish(self.new_key(), msgspec.structs.replace(changed, task=texts))])
        first = self.history.tried[0]
        self.published[run] = first.runs.by_name(first.store, run).publication
        spent = first.store.runs.counters(first.runs.by_name(first.store, run).id).spent
        if self.published[run] != there:
            self.bound[run] = max(self.published[run].budget or 10**9, spent)

    @rule(run=runs, which=st.lists(st.integers(0, 40), min_size=1, max_size=4))
    def repeat(self, run: str, which: list[int]) -> None:
        """What was asked before, of this run or the other, several at once and one of them twice."""
        if self.asked:
            again = [self.asked[-1 - index % len(self.asked)] for index in which]
            self.execute(run, [*again, again[0]])

    # --- workers ----------------------------------------------------------------------------------

    @rule(run=runs, worker=workers)
    def take(self, run: str, worker: str) -> None:
        self.took(run, worker, [])

    @rule(run=runs, worker=workers, then=st.sampled_from(["release", "go on", "wait"]))
    def take_ahead(self, run: str, worker: str, then: str) -> None:
        self.took(run, worker, [])
        have = [given.page for given in self.pages if (given.run, given.worker) == (run, worker)]
        ahead = self.took(run, worker, have)
        if ahead is not None and then == "release":
            self.history.release(ahead.page)
        elif ahead is not None and then == "go on":
            self.history.skip(have[-1])

    @rule(run=runs, who=st.permutations(sorted(WORKERS)))
    def everybody_works(self, run: str, who: list[str]) -> None:
        for worker in who:
            if (given := self.took(run, worker, [])) is not None:
                self.answer(given, "good")

    @rule(
        index=st.integers(0, 30),
        value=st.sampled_from(["good"] * 4 + ["bad", "few", "stray", "null"]),
        seconds=st.sampled_from([None, 10.0, 40.0, 600.0]),
    )
    def submit(self, index: int, value: str, seconds: float | None) -> None:
        self.answer(self.any_page(index), value, seconds)

    @rule(run=runs, worker=workers, value=st.sampled_from(["good"] * 4 + ["wrong", "bad"]), items=st.integers(0, 4))
    def learn(self, run: str, worker: str, value: str, items: int) -> None:
        """Begin a try, or go on with it, and answer some of it; each answer is sent twice."""
        first = self.history.tried[0]
        known = first.runs.by_name(first.store, run)
        there = first.store.trainees.load(known.id, first.account(worker).id)
        self.history.begin_training(run, worker, there.number)
        trainee = first.store.trainees.load(known.id, first.account(worker).id)
        if known.publication.training is None:
            return
        for place in range(len(trainee.answers), min(len(trainee.answers) + items, len(trainee.items))):
            right = known.publication.training.items[trainee.items[place]].answers["answer"]
            wrong = {True: False, False: True, "left": "right", "right": "left"}[right]
            answer = {"answer": {"good": right, "wrong": wrong, "bad": "maybe"}[value]}
            one = self.history.answer_training(run, worker, trainee.number, place, answer)
            again = self.history.answer_training(run, worker, trainee.number, place, answer)
            assert one == again, "an answer that is sent twice tells the same"

    @rule(index=st.integers(0, 30))
    def skip(self, index: int) -> None:
        self.history.skip(self.any_page(index).page)

    @rule(index=st.integers(0, 30))
    def release(self, index: int) -> None:
        self.history.release(self.any_page(index).page)

    @rule(index=st.integers(0, 30), text=st.sampled_from(["I looked", "again", " "]))
    def appeal(self, index: int, text: str) -> None:
        self.history.appeal(self.any_page(index).page, text)

    @rule(index=st.integers(0, 30), state=st.sampled_from(["upheld", "dismissed"]), reply=st.sampled_from(["", "no"]))
    def reject_and_decide_the_appeal(self, index: int, state: Any, reply: str) -> None:
        given = self.any_page(index)
        self.answer(given, "good")
        self.execute(given.run, [Judge(self.new_key(), (), (given.page,))])
        self.history.appeal(given.page, "I looked")
        self.history.decide(given.page, state, reply)

    @rule(seconds=st.sampled_from([1.0, 15.0, 30.0, 700.0]), noticed=st.booleans())
    def let_time_pass(self, seconds: float, noticed: bool) -> None:
        self.history.now += seconds
        if noticed:
            self.history.expire()

    def teardown(self) -> None:
        if hasattr(self, "history"):
            self.history.tell_again()

    # --- helpers ----------------------------------------------------------------------------------

    def execute(self, run: str, commands: list[Command]) -> None:
        self.asked += commands
        self.history.execute(run, commands)

    def new_key(self) -> str:
        self.keys += 1
        return f"key{self.keys}"

    def took(self, run: str, worker: str, have: list[str]) -> Given | None:
        reply = self.history.take(run, worker, have)
        if not isinstance(reply, dict):
            return None
        given = Given(reply["page"], run, worker, len(reply["shown"]), reply["price"])
        if given not in self.pages:
            self.pages.append(given)
            assert self.passes(self.published[run].workers, worker), "who does not pass gets no new page"
        return given

    def passes(self, asked: AskedOfWorkers | None, worker: str) -> bool:
        """Whether the worker has what a run of these asks, by what was given to them here."""
        since = self.skilled.get(worker)
        skilled = since is not None and self.history.now < since + 500.0
        return asked is None or (worker not in asked.barred if asked.barred else skilled)

    def answer(self, given: Given, value: str, seconds: float | None = None) -> None:
        good: Any = True if self.tasks[given.run] is likes else "left"
        answer = {"good": good, "bad": "maybe", "few": good, "stray": good, "null": None}[value]
        answers = [{"answer": answer} for _ in range(given.size)]
        if value == "stray":
            answers[0]["unasked"] = 1
        self.history.submit(given.page, answers[value == "few" :], seconds)

    def any_page(self, index: int) -> Given:
        """One of the pages given out, the newest ones first, or one that nobody got."""
        return self.pages[-1 - index % len(self.pages)] if self.pages else Given("beef", "run", "ann", 1, 0)

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def every_store_sees_the_same(self) -> None:
        if hasattr(self, "history"):
            self.history.look()

    @invariant()
    def nobody_is_given_what_is_withheld_from_them(self) -> None:
        for run, key, worker, before in self.withheld if hasattr(self, "history") else ():
            events = self.history.events(run)
            # Answers that come too late may count after all: to the run their page is out once more.
            over = {event.page for event in events if isinstance(event, PageExpired)}
            given = [event for event in events[before:] if isinstance(event, PageTaken) and event.worker == worker]
            assert not any(key in event.items for event in given if event.page not in over)

    @invariant()
    def nobody_has_a_page_whom_the_run_has_not_seen_trained(self) -> None:
        for run in RUNS if hasattr(self, "history") else ():
            first = self.history.tried[0]
            if first.runs.by_name(first.store, run).publication.training is None:
                continue
            events = self.history.events(run)
            passed = {event.worker for event in events if isinstance(event, WorkerTrained) and event.passed}
            passed |= self.given_by_hand | {
                event.worker
                for other in RUNS
                for event in self.history.events(other)
                if isinstance(event, WorkerTrained) and event.passed
            }
            assert {event.worker for event in events if isinstance(event, PageTaken)} <= passed

    @invariant()
    def of_whom_nothing_is_known_has_one_page_and_no_other_beside_it(self) -> None:
        for run in RUNS if hasattr(self, "history") else ():
            first = self.history.tried[0]
            number = first.runs.by_name(first.store, run).id
            for worker in map(first.account, WORKERS):
                if worker.known:
                    continue
                held = len(first.store.pages.held(number, worker.id))
                member = first.store.members.load(number, worker.id)
                assert held <= 1
                if held and member.pages_pending == 1:
                    assert self.history.now >= member.worked_until + 60, "nobody judges"

    @invariant()
    def of_whom_nothing_is_known_has_one_page_in_all_runs_together(self) -> None:
        first = self.history.tried[0] if hasattr(self, "history") else None
        for worker in map(first.account, WORKERS) if first else ():
            runs = [first.runs.by_name(first.store, run) for run in RUNS] if first else []
            asked = [run.id for run in runs if first_verdict.is_unknown(run.publication, worker)]
            held = [run for run in asked if first and first.store.pages.held(run, worker.id)]
            assert len(held) <= 1
            for run in asked if held else ():
                member = first.store.members.load(run, worker.id) if first else Member()
                until = first_verdict.waits_until(member)
                assert until is None or until <= self.history.now, "nobody judges"

    @invariant()
    def pages_and_money_add_up(self) -> None:
        for run in RUNS if hasattr(self, "history") else ():
            prices = {given.page: given.price for given in self.pages}
            states = states_of_pages(self.history.events(run))
            spent = sum(prices[page] for page, state in states.items() if state in ("held", "submitted", "accepted"))
            spent += sum(event.amount for event in self.history.events(run) if isinstance(event, BonusPaid | ToppedUp))
            assert spent <= self.bound[run]
            for tried in self.history.tried:
                known = tried.runs.by_name(tried.store, run)
                counters = tried.store.runs.counters(known.id)
                assert counters.spent == spent
                everybody = [tried.store.pages.newcomers_hold(known.id, origin, "")[0] for origin in ("", "here")]
                assert counters.newcomers == sum(everybody)
                wanted = [tried.store.items.wanted(known.id, key) for key in ITEMS]
                assert counters.free == sum(max(item.wanted - item.held, 0) for item in wanted if item is not None)

    @invariant()
    def the_ledger_balances_and_says_what_is_shown(self) -> None:
        if not hasattr(self, "history"):
            return
        for tried in self.history.tried:
            owed = 0
            for run in RUNS:
                known = tried.runs.by_name(tried.store, run)
                out = sum(page.price for page in held_pages(tried, known.id))
                spent = tried.store.runs.counters(known.id).spent - out
                for worker in map(tried.store.accounts.worker_by_name, WORKERS):
                    assert worker is not None
                    accounts = totals(tried.store.ledger.sums(known.id, worker.id, "USD"))
                    member = tried.store.members.load(known.id, worker.id)
                    assert sum(accounts.values()) == 0
                    assert (accounts["pending"], accounts["due"]) == (member.pending, member.earned + member.bonus)
                    spent += accounts["requester"]
                    owed += accounts["due"]
                assert spent == 0
            workers = [tried.store.accounts.worker_by_name(name) for name in WORKERS]
            balances = [tried.store.ledger.balance(worker.id, "USD") for worker in workers if worker]
            assert sum(balance.due + balance.paid for balance in balances) == owed

    @invariant()
    def nobody_is_paid_twice_for_a_second_of_their_life(self) -> None:
        for tried in self.history.tried if hasattr(self, "history") else ():
            runs = [tried.runs.by_name(tried.store, run) for run in RUNS]
            for worker in map(tried.store.accounts.worker_by_name, WORKERS):
                assert worker is not None
                times = sorted(tried.store.hours.within(worker.id, CountedTime(0, 10**18)))
                assert all(one.ended <= other.begun for one, other in pairwise(times))
                members = [tried.store.members.load(run.id, worker.id) for run in runs]
                assert sum(ended - begun for begun, ended in times) == sum(member.counted for member in members)
                for run, member in zip(runs, members, strict=True):
                    # Of what a rejected page brought only so much goes back as the others do not lack.
                    assert member.counted <= member.paced
                    rows = tried.store.pages.counted(run.id, worker.id)
                    longer = [ceil(1000 * row.seconds) - row.counted for row in rows if row.seconds is not None]
                    assert member.beyond == sum(max(beyond, 0) for beyond in longer)
                    assert member.paced == sum(row.counted for row in rows)
                    assert (member.topped_up > 0) <= (run.publication.wage_floor > 0)


def held_pages(tried: Any, run: int) -> list[Any]:
    workers = [tried.store.accounts.worker_by_name(name) for name in WORKERS]
    return [page for worker in workers for page in tried.store.pages.held(run, worker.id)]


def states_of_pages(events: list[Any]) -> dict[str, str]:
    """What became of each page, as its events tell it; each goes its way, and nobody sees an item twice."""
    state: dict[str, str] = {}
    seen: dict[str, set[str]] = {}
    shown: dict[str, set[str]] = {}
    for event in events:
        match event:
            case PageTaken():
                assert state.get(event.page) in (None, "expired", "released")
                if event.page not in state:
                    assert not seen.setdefault(event.worker, set()) & set(event.items)
                    seen[event.worker] |= set(event.items)
                assert shown.setdefault(event.page, set(event.items)) == set(event.items)
                state[event.page] = "held"
            case PageSubmitted() | PageSkipped() | PageExpired() | PageReleased():
                assert state[event.page] == "held"
                state[event.page] = OVER[type(event)]
            case PageJudged():
                # What costs nothing is taken back without an amount.
                before = "rejected" if event.accepted else "accepted"
                assert state[event.page] in ("submitted", before)
                assert event.amount >= 0 or state[event.page] == "accepted"
                state[event.page] = "accepted" if event.accepted else "rejected"
            case _:
                pass
    return state


OVER: dict[type, str] = {
    PageSubmitted: "submitted",
    PageSkipped: "skipped",
    PageExpired: "expired",
    PageReleased: "released",
}

Histories.TestCase.settings = settings(
    max_examples=settings().max_examples * 7 // 10,
    derandomize=True,
    stateful_step_count=50,
    suppress_health_check=list(HealthCheck),
    # The explaining phase traces every line, which takes many times as long as the histories.
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
test_random_histories_are_the_same_on_every_store = Histories.TestCase
