"""A second of somebody's life counts for one wage floor, in however many runs they hold pages at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.issue.histories import START, History, in_sqlite, publication

from dataforge.issue import wage
from dataforge.issue.rows import CountedTime, PageRow
from dataforge.records import AddItems, Item, Judge, ToppedUp

# 3.60 an hour is 1,000 millionths a second. Beside it the price of a page, one millionth, is nothing.
A_SECOND = 1_000
FLOOR = 3_600 * A_SECOND


def page(taken: float | None, finished: float) -> PageRow:
    return PageRow(
        1, b"page", 1, 9, "ann", "submitted", 1, (1,), None, taken, 600.0, 600.0, 0, False, finished=finished
    )


# --- which time of a page counts ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("milliseconds", "others", "counts"),
    [
        # Somebody works on a page right before they send it.
        (30_000, [], [(30_000, 60_000)]),
        (90_000, [], [(0, 60_000)]),
        # In between they worked elsewhere.
        (30_000, [(40_000, 50_000)], [(50_000, 60_000), (20_000, 40_000)]),
        (30_000, [(50_000, 70_000), (-5_000, 10_000)], [(20_000, 50_000)]),
        (30_000, [(0, 45_000)], [(45_000, 60_000)]),
        # Nothing is left.
        (30_000, [(-1, 40_000), (40_000, 61_000)], []),
        (0, [], []),
    ],
)
def test_the_last_time_counts_that_no_other_page_has(
    milliseconds: int, others: list[tuple[int, int]], counts: list[tuple[int, int]]
) -> None:
    found = wage.uncounted(CountedTime(0, 60_000), milliseconds, [CountedTime(*one) for one in others])
    assert found == [CountedTime(*one) for one in counts]


stretches = st.tuples(st.integers(-20, 60), st.integers(1, 30)).map(lambda one: CountedTime(one[0], one[0] + one[1]))


@given(stretches, st.integers(0, 40), st.lists(stretches, max_size=6))
@settings(max_examples=300, deadline=None)
def test_as_much_counts_as_is_left_and_not_a_moment_twice(
    out: CountedTime, milliseconds: int, others: list[CountedTime]
) -> None:
    taken = {moment for one in others for moment in range(*one)}
    left = [moment for moment in range(*out) if moment not in taken]
    found = wage.uncounted(out, milliseconds, others)
    counts = [moment for one in found for moment in range(*one)]
    assert sorted(counts) == left[len(left) - min(milliseconds, len(left)) :]


def test_a_page_of_which_nobody_knows_since_when_it_was_out_counts_right_before_it_was_sent() -> None:
    assert wage.out(page(None, 100.0), 20_000) == CountedTime(80_000, 100_000)
    assert wage.out(page(40.0, 100.0), 20_000) == CountedTime(40_000, 100_000)


# --- adversaries: one account in many runs --------------------------------------------------------


class Greedy:
    """Ann, who is in so many runs with a floor, and whatever she sends is accepted at once."""

    def __init__(self, runs: int, floor: int = FLOOR) -> None:
        self.history, self.runs, self.keys = History(), [f"run{n}" for n in range(runs)], 0
        for run in self.runs:
            self.history.publish(publication(run, wage_floor=floor, prices=(1, 1)))
            items = tuple(Item(f"{run}-{n}", {"caption": f"{n} of {run}"}, False, 9) for n in range(90))
            self.history.execute(run, [AddItems("add", items)])
        self.begun = self.history.now

    def page(self, run: str, *have: str) -> str:
        name: str = self.history.take(run, "ann", list(have))["page"]
        return name

    def send(self, run: str, name: str, seconds: float | None) -> None:
        self.history.submit(name, [{"answer": True}] * 2, seconds)
        self.accept(run, name)

    def accept(self, run: str, *names: str) -> None:
        self.keys += 1
        self.history.execute(run, [Judge(f"judge{self.keys}", accepted=names)])

    def paid(self) -> int:
        """What the floors of all runs brought."""
        events = (event for run in self.runs for event in self.history.events(run))
        return sum(event.amount for event in events if isinstance(event, ToppedUp))

    @property
    def lasted(self) -> float:
        return self.history.now - self.begun


def by_turns(ann: Greedy) -> None:
    """A page of each run is always open, and told as if it alone had been on the screen."""
    taken = {run: (ann.page(run), ann.history.now) for run in ann.runs}
    for number in range(6 * len(ann.runs)):
        run = ann.runs[number % len(ann.runs)]
        ann.history.now += 48 / len(ann.runs)
        name, since = taken[run]
        ann.send(run, name, ann.history.now - since)
        taken[run] = ann.page(run), ann.history.now


def together(ann: Greedy) -> None:
    """She begins a page in every run, waits, and sends all of them at once."""
    for _ in range(6):
        names = {run: ann.page(run) for run in ann.runs}
        ann.history.now += 48
        for run, name in names.items():
            ann.send(run, name, 48.0)


def beside_a_quick_one(ann: Greedy) -> None:
    """Pages of slow runs stay open while she does twelve of a quick one."""
    quick, *slow = ann.runs
    for _ in range(3):
        names = {run: ann.page(run) for run in slow}
        for _ in range(12):
            name = ann.page(quick)
            ann.history.now += 4
            ann.send(quick, name, 4.0)
        for run, name in names.items():
            ann.send(run, name, 48.0)


def the_slow_ones_first(ann: Greedy) -> None:
    """The same, but the quick pages wait for their verdicts until the slow ones are accepted."""
    quick, *slow = ann.runs
    for _ in range(3):
        names, done = {run: ann.page(run) for run in slow}, []
        for _ in range(12):
            done.append(ann.page(quick))
            ann.history.now += 4
            ann.history.submit(done[-1], [{"answer": True}] * 2, 4.0)
        for run, name in names.items():
            ann.send(run, name, 48.0)
        ann.accept(quick, *done)


def offline(ann: Greedy) -> None:
    """Two pages of each run are taken, answered without a network, and sent together much later."""
    for _ in range(4):
        names = []
        for run in ann.runs:
            first = ann.page(run)
            names += [(run, first), (run, ann.page(run, first))]
        ann.history.now += 90
        for run, name in names:
            ann.send(run, name, 40.0)


def too_late(ann: Greedy) -> None:
    """Pages expire, and are sent when their places are still free; told times are left out or far too long."""
    for told in (None, 10_000.0):
        names = {run: ann.page(run) for run in ann.runs}
        ann.history.now += 700
        ann.history.expire()
        for run, name in names.items():
            ann.send(run, name, told)


def handed_back(ann: Greedy) -> None:
    """Pages that were fetched ahead are handed back and taken again, which begins their time anew."""
    for _ in range(4):
        names = []
        for run in ann.runs:
            first = ann.page(run)
            ahead = ann.page(run, first)
            ann.history.now += 10
            ann.history.release(ahead)
            names += [(run, first), (run, ann.page(run, first))]
        ann.history.now += 40
        for run, name in names:
            ann.send(run, name, 60.0)


def taken_back_and_accepted_again(ann: Greedy) -> None:
    """What is rejected gives its time up, others have it then, and it comes back for nothing."""
    for _ in range(4):
        names = {run: ann.page(run) for run in ann.runs}
        ann.history.now += 48
        for run, name in names.items():
            ann.send(run, name, 48.0)
            ann.keys += 1
            ann.history.execute(run, [Judge(f"back{ann.keys}", taken_back=(name,))])
        for run, name in names.items():
            ann.accept(run, name)


SCHEMES = (
    by_turns,
    together,
    beside_a_quick_one,
    the_slow_ones_first,
    offline,
    too_late,
    handed_back,
    taken_back_and_accepted_again,
)


@pytest.mark.parametrize("runs", [2, 4, 8])
@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.__name__)
def test_all_floors_together_pay_for_no_longer_than_she_was_there(scheme: Callable[[Greedy], None], runs: int) -> None:
    ann = Greedy(runs)
    scheme(ann)
    assert 0 < ann.paid() <= A_SECOND * ann.lasted


actions = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["take", "ahead", "send", "send", "accept", "back", "expire"]),
    st.sampled_from([0.0, 1.5, 20.0, 45.0, 650.0]),
    st.sampled_from([None, 5.0, 45.0, 9_999.0]),
)


@given(st.lists(actions, min_size=5, max_size=40))
@settings(max_examples=40, deadline=None)
def test_whatever_she_does_in_three_runs_at_once_brings_no_second_twice(
    steps: list[tuple[int, str, float, float | None]],
) -> None:
    ann = Greedy(3)
    names: dict[str, list[str]] = {run: [] for run in ann.runs}
    for number, action, wait, told in steps:
        run = ann.runs[number]
        ann.history.now += wait
        if action in ("take", "ahead"):
            reply = ann.history.take(run, "ann", names[run][-2:] if action == "ahead" else [])
            names[run] += [reply["page"]] if reply and "page" in reply and reply["page"] not in names[run] else []
        elif action == "expire":
            ann.history.expire()
        elif names[run] and action == "send":
            ann.history.submit(names[run][0], [{"answer": True}] * 2, told)
            names[run].append(names[run].pop(0))
        elif action == "accept":
            ann.accept(run, *names[run])
        elif names[run]:
            ann.keys += 1
            ann.history.execute(run, [Judge(f"back{ann.keys}", taken_back=(names[run][-1],))])
    # A millionth for each rounding.
    assert ann.paid() <= A_SECOND * ann.lasted + len(steps) * 6


# --- honest people --------------------------------------------------------------------------------


def windows(seed: int) -> Iterator[tuple[int, float]]:
    """Which of two windows is in front, and for how long: as somebody works who goes from one to the other."""
    yield from ((number % 2, 3.0 + (seed * number) % 7) for number in range(40))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_goes_from_one_run_to_the_other_gets_all_of_their_time(seed: int) -> None:
    ann = Greedy(2)
    worked = dict.fromkeys(ann.runs, 0.0)
    taken = {run: (ann.page(run), ann.history.now) for run in ann.runs}
    for number, seconds in windows(seed):
        run = ann.runs[number]
        ann.history.now += seconds
        worked[run] += seconds
        # Each page takes twelve seconds of work. What lies in the other window runs on meanwhile.
        if worked[run] >= 12:
            name, since = taken[run]
            ann.send(run, name, ann.history.now - since)
            taken[run], worked[run] = (ann.page(run), ann.history.now), 0.0
    for run, (name, since) in taken.items():
        ann.send(run, name, ann.history.now - since)
    # All but the two millionths that each page costs by its price, and what the rounding to milliseconds takes.
    assert ann.paid() >= A_SECOND * ann.lasted - 200


def test_pages_that_are_done_one_after_the_other_count_in_whatever_order_they_are_accepted() -> None:
    ann, done = Greedy(2), []
    for number in range(6):
        run = ann.runs[number % 2]
        done.append((run, ann.page(run)))
        ann.history.now += 30
        ann.history.submit(done[-1][1], [{"answer": True}] * 2, 30.0)
    for run, name in reversed(done):
        ann.accept(run, name)
    assert 180 * A_SECOND - 12 <= ann.paid() <= 180 * A_SECOND


# --- a clock that is set back ---------------------------------------------------------------------


def test_what_counts_of_a_time_that_is_to_come_once_more_keeps_nothing_from_counting_then() -> None:
    store = in_sqlite().store
    ann = store.accounts.worker_by_name("ann")
    assert ann is not None
    begun = int(1000 * START)
    one = PageRow(5, b"p", 1, ann.id, "ann", "accepted", 1, (1,), None, START, 600.0, None, 0, False)
    store.hours.count(one, [CountedTime(begun, begun + 30_000)])
    store.hours.clock_set_back(START - 3_600)  # type: ignore[attr-defined]
    store.hours.clock_set_back(START - 3_600)  # type: ignore[attr-defined]
    assert not store.hours.within(ann.id, CountedTime(begun - 10**9, begun + 10**9))
    assert store.hours.give_up(one) == 30_000


def test_stretches_that_only_touch_have_no_time_in_common() -> None:
    for tried in History().tried:
        ann = tried.account("ann")
        one = PageRow(5, b"p", 1, ann.id, "ann", "accepted", 1, (1,), None, START, 600.0, None, 0, False)
        times = [CountedTime(0, 10), CountedTime(20, 30)]
        assert all(first.ended <= then.begun for first, then in pairwise(times))
        tried.store.hours.count(one, times)
        assert not tried.store.hours.within(ann.id, CountedTime(10, 20))
        assert tried.store.hours.within(ann.id + 1, CountedTime(0, 30)) == []
        assert sorted(tried.store.hours.within(ann.id, CountedTime(9, 21))) == times
        assert (tried.store.hours.give_up(one), tried.store.hours.give_up(one)) == (20, 0)
