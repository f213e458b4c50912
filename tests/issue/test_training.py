"""Training on every store: who gets pages, what a try is made of, and what its end is worth."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.issue.histories import STORES, Tried, better, in_sqlite, likes, publication, training

import dataforge as df
from dataforge.errors import Refused
from dataforge.issue.closed import Closed
from dataforge.issue.rows import Skill, Trainee
from dataforge.issue.run import check_publication
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.training import again_at, deal, faults, settled
from dataforge.records import (
    AddItems,
    AskedOfWorkers,
    Item,
    PageTaken,
    Republish,
    SetState,
    Training,
    TrainingItem,
    WorkerTrained,
)

DAY = 86_400.0


@df.task(duration="10s")
def pictured(photo: df.Image) -> bool:
    """Is it sharp?"""
    raise NotImplementedError


@df.task(duration="10s")
def grade(caption: df.Text) -> Annotated[int, df.Rating(1, 5)]:
    """How good is it?"""
    raise NotImplementedError


@pytest.fixture(params=STORES, ids=[make.__name__ for make in STORES])
def tried(request: pytest.FixtureRequest) -> Tried:
    """A run of six items that asks for four of four right in tries of four out of eight items."""
    make: Callable[[], Tried] = request.param
    store = make()
    store.publish(0.0, publication(training=training(page=4, items=8)))
    store.execute(0.0, "run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(6)))])
    return store


def attempt(tried: Tried, now: float, worker: str = "ann", wrong: int = 0, run: str = "run") -> Trainee:
    """A whole try, the first so many answers of it wrong."""
    known = tried.runs.by_name(tried.store, run)
    asked = known.publication.training
    assert asked is not None
    there = tried.store.trainees.load(known.id, tried.account(worker).id)
    trainee = tried.begin_training(now, run, worker, there.number)
    for place, item in enumerate(trainee.items):
        right = asked.items[item].answers["answer"]
        trainee = tried.answer_training(now, run, worker, trainee.number, place, {"answer": right ^ (place < wrong)})
    return trainee


def skill(tried: Tried, worker: str = "ann", name: str = "training:likes") -> Skill | None:
    return tried.store.skills.of(tried.account(worker).id).get(name)


def test_there_are_pages_for_who_has_passed_and_for_nobody_else(tried: Tried) -> None:
    closed = tried.take(0.0, "run", "ann", [])
    assert isinstance(closed, Closed)
    assert (closed.reason, closed.until) == ("training", None)
    assert closed.why is not None
    assert "80 % of its answers have to be right" in closed.why["en"]
    attempt(tried, 1.0)
    assert skill(tried) == Skill(100.0, "training", 1.0)
    assert "page" in tried.take(2.0, "run", "ann", [])
    assert tried.take(2.0, "run", "bob", []).reason == "training"


def test_a_score_below_the_one_that_is_asked_for_opens_nothing(tried: Tried) -> None:
    trainee = attempt(tried, 1.0, wrong=1)
    assert (trainee.right, trainee.failed) == ((False, True, True, True), 1)
    assert skill(tried) == Skill(75.0, "training", 1.0)
    closed = tried.take(2.0, "run", "ann", [])
    assert (closed.reason, closed.until) == ("training", 601.0)
    assert "You had 75 %." in closed.why["en"]


def test_another_try_begins_after_a_time_that_grows_with_each_failure(tried: Tried) -> None:
    attempt(tried, 0.0, wrong=4)
    assert tried.begin_training(599.0, "run", "ann", 1).number == 1
    attempt(tried, 600.0, wrong=4)
    assert tried.begin_training(1_799.0, "run", "ann", 2).number == 2
    assert tried.begin_training(1_800.0, "run", "ann", 2).number == 3


def test_the_wait_never_exceeds_a_day() -> None:
    failed = Trainee(900, (0,), ({},), (False,), ended=5.0, failed=900)
    assert again_at(training(), failed, None) == 5.0 + DAY


def test_another_try_shows_what_was_not_met_before(tried: Tried) -> None:
    first, second = attempt(tried, 0.0, wrong=4), attempt(tried, 600.0, wrong=4)
    assert sorted((*first.items, *second.items)) == list(range(8))
    assert len(attempt(tried, 2_000.0, wrong=4).items) == 4


def test_two_people_get_tries_of_their_own_in_orders_of_their_own() -> None:
    source = random.Random(1)
    dealt = {deal(training(page=4, items=8), (), source) for _ in range(50)}
    assert len(dealt) > 40
    assert {len(set(items)) for items in dealt} == {4}


def test_the_first_answer_to_an_item_stays_whatever_is_sent_later(tried: Tried) -> None:
    begun = tried.begin_training(0.0, "run", "ann", 0)
    asked = tried.runs.by_name(tried.store, "run").publication.training
    assert asked is not None
    right = asked.items[begun.items[0]].answers["answer"]
    wrong = tried.answer_training(1.0, "run", "ann", 1, 0, {"answer": not right})
    again = tried.answer_training(2.0, "run", "ann", 1, 0, {"answer": right})
    assert wrong == again
    assert again.right == (False,)


def test_who_begins_twice_goes_on_with_the_same_try(tried: Tried) -> None:
    one = tried.begin_training(0.0, "run", "ann", 0)
    assert tried.begin_training(5.0, "run", "ann", 0) == one
    assert tried.begin_training(5.0, "run", "ann", 1) == one


@pytest.mark.parametrize(("number", "place"), [(1, 1), (2, 0), (0, 0), (1, -1), (1, 40)])
def test_an_answer_out_of_turn_is_refused(tried: Tried, number: int, place: int) -> None:
    tried.begin_training(0.0, "run", "ann", 0)
    with pytest.raises(Refused, match="expected the answer to item 1 of try 1") as refused:
        tried.answer_training(1.0, "run", "ann", number, place, {"answer": True})
    assert (refused.value.status, refused.value.code) == (409, "training_over")


def test_an_answer_that_is_none_is_refused_and_costs_nothing(tried: Tried) -> None:
    tried.begin_training(0.0, "run", "ann", 0)
    with pytest.raises(Refused) as refused:
        tried.answer_training(1.0, "run", "ann", 1, 0, {"answer": "maybe"})
    assert (refused.value.status, refused.value.code) == (422, "answer_invalid")
    assert tried.begin_training(0.0, "run", "ann", 0).answers == ()


def test_the_run_hears_of_the_end_of_a_try_and_of_nothing_before(tried: Tried) -> None:
    before = len(tried.events("run", 0))
    trainee = attempt(tried, 3.0, wrong=1)
    told = tried.events("run", 0)[before:]
    assert told == [WorkerTrained(before + 1, 3.0, "ann", 1, 75.0, False, trainee.items, trainee.right)]


def test_training_is_no_work_nothing_is_paid_held_or_counted(tried: Tried) -> None:
    known = tried.runs.by_name(tried.store, "run")
    before = tried.store.runs.counters(known.id)
    spent = (before.spent, before.free, before.workers, before.placed, before.reals, before.controls)
    attempt(tried, 1.0)
    after = tried.store.runs.counters(known.id)
    assert (after.spent, after.free, after.workers, after.placed, after.reals, after.controls) == spent
    member = tried.store.members.load(known.id, tried.account("ann").id)
    assert (member.responses, member.earned, member.pending, member.checked, member.joined) == (0, 0, 0, 0, None)
    assert not tried.store.pages.held(known.id, tried.account("ann").id)
    assert not tried.store.members.runs_of(tried.account("ann").id)


def test_what_was_passed_holds_in_other_runs_of_the_task(tried: Tried) -> None:
    attempt(tried, 1.0)
    tried.publish(2.0, publication("other", training=training(page=2, items=2)))
    tried.publish(2.0, publication("pairs", better, training=training(better)))
    for run, inputs in {"other": {"caption": "x"}, "pairs": {"left": "x", "right": "y"}}.items():
        tried.execute(2.0, run, [AddItems("add", (Item("one", inputs),))])
    assert "page" in tried.take(3.0, "other", "ann", [])
    assert tried.take(3.0, "pairs", "ann", []).reason == "training"


def test_what_was_passed_long_ago_is_to_be_passed_again(tried: Tried) -> None:
    attempt(tried, 0.0)
    assert "page" in tried.take(30 * DAY - 1, "run", "ann", [])
    # The page that is out may be answered however long ago the training was.
    again = tried.take(30 * DAY + 1, "run", "ann", [])
    assert "page" in again
    tried.skip(30 * DAY + 2, again["page"])
    closed = tried.take(30 * DAY + 3, "run", "ann", [])
    assert closed.reason == "training"
    assert "too long ago" in closed.why["en"]
    assert tried.begin_training(30 * DAY + 4, "run", "ann", 1).number == 2


def test_who_is_said_to_be_trained_by_hand_is(tried: Tried) -> None:
    tried.give_skill(0.0, "ann", "training:likes", 90, "hand")
    assert "page" in tried.take(1.0, "run", "ann", [])


def test_a_try_in_another_run_of_the_task_is_waited_for_as_well(tried: Tried) -> None:
    """Its items may be the same, and their answers were told a moment ago."""
    tried.publish(0.0, publication("next", training=training(page=4, items=8)))
    tried.execute(0.0, "next", [AddItems("add", (Item("item", {"caption": "item"}),))])
    attempt(tried, 1.0, wrong=2)
    closed = tried.take(2.0, "next", "ann", [])
    assert (closed.reason, closed.until) == ("training", 601.0)
    assert "You had 50 %. You may try again later." in closed.why["en"]
    assert tried.begin_training(600.0, "next", "ann", 0).number == 0
    attempt(tried, 601.0, run="next")
    assert "page" in tried.take(602.0, "next", "ann", [])


def test_who_was_given_a_lower_skill_by_hand_is_trained_at_once(tried: Tried) -> None:
    tried.give_skill(0.0, "ann", "training:likes", 50, "hand")
    assert tried.begin_training(1.0, "run", "ann", 0).number == 1


def two_runs(tried: Tried) -> None:
    """Another run of the task with the same training."""
    tried.publish(0.0, publication("other", training=training(page=4, items=8)))
    tried.execute(0.0, "other", [AddItems("add", (Item("item", {"caption": "x"}),))])


def begin_both(tried: Tried, answers: int) -> None:
    """Ann answers so many items of a try in the one run, and asks for one in the other."""
    begun = tried.begin_training(1.0, "run", "ann", 0)
    asked = tried.runs.by_name(tried.store, "run").publication.training
    assert asked is not None
    for place, item in enumerate(begun.items[:answers]):
        tried.answer_training(2.0, "run", "ann", 1, place, asked.items[item].answers)


def test_a_try_is_not_begun_with_the_answers_of_one_that_goes_on_in_another_run(tried: Tried) -> None:
    two_runs(tried)
    begin_both(tried, answers=3)
    assert tried.begin_training(3.0, "other", "ann", 0).number == 0
    assert tried.begin_training(600.0, "other", "ann", 0).number == 0
    assert tried.begin_training(3.0, "other", "bob", 0).number == 1, "somebody else may"
    assert len(attempt(tried, 4.0).answers) == 4, "there they go on"
    assert skill(tried) == Skill(100.0, "training", 4.0)


def test_who_has_begun_elsewhere_reads_so_and_is_not_asked_to_begin_here_at_once(tried: Tried) -> None:
    two_runs(tried)
    begin_both(tried, answers=1)
    closed = tried.take(3.0, "other", "ann", [])
    assert (closed.reason, closed.until) == ("training", 601.0)
    assert "You have begun it in another run" in closed.why["en"]
    here = tried.take(3.0, "run", "ann", [])
    assert (here.reason, here.until) == ("training", None), "there they go on"
    assert tried.take(601.0, "other", "ann", []).until is None
    assert tried.take(3.0, "other", "bob", []).until is None, "somebody else may begin"


def test_a_try_that_begins_in_another_run_breaks_off_the_one_that_went_on(tried: Tried) -> None:
    two_runs(tried)
    begin_both(tried, answers=3)
    assert tried.begin_training(601.0, "other", "ann", 0).number == 1
    with pytest.raises(Refused, match="load the training anew"):
        tried.answer_training(602.0, "run", "ann", 1, 3, {"answer": True})
    assert skill(tried) is None, "three right answers of four are no whole try"
    assert tried.begin_training(700.0, "run", "ann", 1).number == 1, "it counts as failed, and there is one at a time"
    assert "You had 75 %." in tried.take(700.0, "run", "ann", []).why["en"]


def test_a_try_of_which_nothing_was_answered_keeps_nobody_from_another(tried: Tried) -> None:
    two_runs(tried)
    begin_both(tried, answers=0)
    assert tried.begin_training(3.0, "other", "ann", 0).number == 1
    assert "You had" not in tried.take(3.0, "run", "ann", []).why["en"], "nothing was answered, right or wrong"
    with pytest.raises(Refused, match="load the training anew"):
        tried.answer_training(4.0, "run", "ann", 1, 0, {"answer": True})
    attempt(tried, 5.0, run="other")
    assert skill(tried) == Skill(100.0, "training", 5.0)


def test_another_score_holds_from_now_on_for_everybody(tried: Tried) -> None:
    attempt(tried, 1.0, wrong=1)
    there = tried.runs.by_name(tried.store, "run").publication
    assert there.training is not None
    lower, higher = (
        msgspec.structs.replace(there, training=msgspec.structs.replace(there.training, score=score))
        for score in (70.0, 95.0)
    )
    tried.execute(2.0, "run", [Republish("lower", lower)])
    page = tried.take(3.0, "run", "ann", [])
    tried.skip(3.5, page["page"])
    tried.execute(4.0, "run", [Republish("higher", higher)])
    closed = tried.take(5.0, "run", "ann", [])
    assert closed.reason == "training"
    assert "95 % of its answers have to be right. You had 75 %." in closed.why["en"]


def test_who_is_in_the_middle_of_a_try_keeps_its_items_when_the_training_changes(tried: Tried) -> None:
    there = tried.runs.by_name(tried.store, "run").publication
    begun = tried.begin_training(1.0, "run", "ann", 0)
    assert there.training is not None
    tried.answer_training(1.0, "run", "ann", 1, 0, there.training.items[begun.items[0]].answers)
    lessons = [TrainingItem({"caption": f"new {n}"}, {"answer": n % 3 == 0}) for n in range(3)]
    others = msgspec.structs.replace(there.training, items=tuple(lessons), page=3, name="others")
    tried.execute(2.0, "run", [Republish("others", msgspec.structs.replace(there, training=others))])
    for place, item in enumerate(begun.items[1:], 1):
        trainee = tried.answer_training(3.0, "run", "ann", 1, place, there.training.items[item].answers)
    assert trainee.right == (True,) * 4
    assert skill(tried) == Skill(100.0, "training", 3.0), "what was passed holds"
    assert "page" in tried.take(4.0, "run", "ann", [])
    after = tried.begin_training(5.0, "run", "bob", 0)
    assert {item.inputs["caption"] for item in after.taught} == {"new 0", "new 1", "new 2"}


def test_of_a_training_with_other_items_nothing_was_met(tried: Tried) -> None:
    there = tried.runs.by_name(tried.store, "run").publication
    assert there.training is not None
    first = msgspec.structs.replace(there.training, name="first")
    tried.execute(0.0, "run", [Republish("first", msgspec.structs.replace(there, training=first))])
    attempt(tried, 0.0, wrong=4)
    others = msgspec.structs.replace(training(page=4, items=8), name="others")
    tried.execute(2.0, "run", [Republish("others", msgspec.structs.replace(there, training=others))])
    assert tried.begin_training(600.0, "run", "ann", 1).met == (), "its places are those of other items"


def test_a_training_is_not_taken_from_a_run_while_people_take_it(tried: Tried) -> None:
    there = tried.runs.by_name(tried.store, "run").publication
    with pytest.raises(Refused, match="not with another training") as refused:
        tried.execute(1.0, "run", [Republish("other", msgspec.structs.replace(there, training=None))])
    assert refused.value.code == "run_differs"


def test_nobody_is_trained_for_a_run_that_has_nothing_for_them(tried: Tried) -> None:
    tried.publish(0.0, publication("empty", training=training()))
    assert tried.take(1.0, "empty", "ann", []).reason == "no_items"
    assert tried.begin_training(1.0, "empty", "ann", 0).number == 0, "what is taught there leads to no page"
    tried.execute(1.0, "run", [SetState("stop", "closed")])
    assert tried.take(1.0, "run", "ann", []).reason == "finished"
    assert tried.begin_training(1.0, "run", "ann", 0).number == 0


def test_who_may_not_work_at_a_run_is_not_trained_for_it_and_a_try_that_goes_on_is_finished(tried: Tried) -> None:
    begun = tried.begin_training(0.0, "run", "ann", 0)
    known = tried.runs.by_name(tried.store, "run").publication
    tried.execute(1.0, "run", [Republish("chosen", replace(known, workers=AskedOfWorkers(barred=("ann", "bob"))))])
    assert tried.begin_training(2.0, "run", "bob", 0).number == 0
    assert tried.begin_training(2.0, "run", "ann", 0) == begun
    assert tried.begin_training(2.0, "run", "eve", 0).number == 1


def test_a_run_takes_no_item_whose_answer_its_training_tells(tried: Tried) -> None:
    taught = Item("known", {"caption": "caption to learn 1"}, control=True)
    with pytest.raises(Refused, match="item 'known': workers are told its answer in the training") as refused:
        tried.execute(0.0, "run", [AddItems("more", (taught,))])
    assert refused.value.code == "item_invalid"


def test_no_control_item_can_be_told_by_what_was_trained(tried: Tried) -> None:
    """Whoever repeats the training until they know all of it has met no item of any page."""
    controls = tuple(Item(f"control{n}", {"caption": f"item {n + 6}"}, control=True) for n in range(3))
    tried.execute(0.0, "run", [AddItems("controls", controls)])
    now, shown = 0.0, set()
    for _ in range(12):
        now += DAY + 1
        trainee = attempt(tried, now, wrong=4)
        asked = tried.runs.by_name(tried.store, "run").publication.training
        assert asked is not None
        shown |= {asked.items[place].inputs["caption"] for place in trainee.items}
    assert len(shown) == 8
    attempt(tried, now + DAY + 1)
    page = tried.take(now + DAY + 2, "run", "ann", [])
    taken = [event for event in tried.events("run", 0) if isinstance(event, PageTaken)]
    assert taken
    assert not {one["caption"] for one in page["shown"]} & shown


def test_a_training_that_was_deleted_with_its_run_leaves_nothing() -> None:
    tried = in_sqlite()
    assert isinstance(tried.store, SqliteStore)
    image = "ab" * 32 + ".png"
    shown = Training(tuple(TrainingItem({"photo": {"media": image}}, {"answer": n > 0}) for n in range(2)), 2, 80.0)
    tried.publish(0.0, publication(task=pictured, training=shown))
    attempt(tried, 1.0)
    row = tried.store.runs.by_name("run")
    assert row is not None
    tried.store.removal.begin(row, 2.0)
    assert tried.store.db.execute("SELECT COUNT(*) FROM trainees").fetchone() == (0,)
    assert tried.store.removal.leaving_media() == {image: 2}


def test_who_is_forgotten_leaves_no_answers_in_a_training() -> None:
    tried = in_sqlite()
    assert isinstance(tried.store, SqliteStore)
    tried.publish(0.0, publication(training=training()))
    attempt(tried, 1.0)
    tried.store.accounts.forget(tried.account("ann").id, b"nobody's")
    assert tried.store.db.execute("SELECT COUNT(*) FROM trainees").fetchone() == (0,)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (training(page=1), "training: page: expected 2 to 30 items, got 1"),
        (training(page=31, items=40), "training: page: expected 2 to 30 items, got 31"),
        (training(page=5), "training: expected as many items as a page has, 5, or more, got 4"),
        (training(score=101.0), "training: score: expected 0 to 100, got 101"),
        (Training((TrainingItem({"caption": "x"}, {}),) * 2, 2, 80.0), "training: item 1: there is no known answer"),
        (Training((TrainingItem({}, {"answer": True}),) * 2, 2, 80.0), "training: item 1: .*caption"),
        (Training((TrainingItem({"caption": "x"}, {"answer": 7}),) * 2, 2, 80.0), "training: item 1: "),
        (
            Training((TrainingItem({"caption": "x"}, {"other": True}),) * 2, 2, 80.0),
            "training: item 1: .*no output 'other'",
        ),
    ],
)
def test_a_training_that_cannot_work_is_refused_with_what_is_wrong(wrong: Training, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_publication(publication(training=wrong))
    assert list(faults(likes, wrong))


def test_a_known_answer_is_written_as_answers_are_compared() -> None:
    @df.task(duration="10s")
    def squares(photo: df.Image) -> df.Boxes():  # type: ignore[valid-type]
        """Draw a box around each square."""
        raise NotImplementedError

    def with_known(known: Any) -> Training:
        items = (TrainingItem({"photo": {"url": f"https://example.org/{n}.png"}}, {"answer": known}) for n in range(2))
        return Training(tuple(items), 2, 80.0)

    boxes = [{"box": [10.0, 20.0, 30.0, 40.0]}]
    assert list(faults(squares, with_known({"shapes": boxes}))) == []
    [said] = faults(squares, with_known(boxes))
    assert "item 1: known answer to 'answer': expected it written {'shapes'" in said


def test_an_answer_that_is_no_option_is_right_if_it_is_like_the_known_one(tried: Tried) -> None:
    @df.task(duration="10s")
    def written(caption: df.Text) -> df.Text:
        """Write it down."""
        raise NotImplementedError

    def answered(run: str, reader: str, similarity: float | None, words: int) -> Any:
        """Whether an answer is right of whose six words so many are others."""
        known = {"answer": "one two three four five six"}
        rows = tuple(TrainingItem({"caption": caption}, known) for caption in "ab")
        tried.publish(0.0, publication(run, written, training=Training(rows, 2, 80.0, similarity)))
        tried.execute(0.0, run, [AddItems("add", (Item("item", {"caption": "another"}),))])
        tried.begin_training(0.0, run, reader, 0)
        given = {"answer": " ".join(["one", "two", "three", "four", "five", "six"][: 6 - words] + ["other"] * words)}
        return tried.answer_training(0.0, run, reader, 1, 0, given).right

    assert answered("like", "ann", None, 1) == (True,)
    assert answered("unlike", "bob", None, 2) == (False,)
    assert answered("half", "cem", 0.5, 3) == (True,)
    assert answered("exact", "eve", 1.0, 1) == (False,)


# --- grades ---------------------------------------------------------------------------------------


def graded(known: list[int], given: list[int], **settings: Any) -> tuple[Training, Trainee]:
    """A whole try of these items, as it stands when its last answer has come."""
    items = tuple(TrainingItem({"caption": f"n{n}"}, {"answer": one}, {}) for n, one in enumerate(known))
    right = tuple(abs(one - other) <= 1 for one, other in zip(known, given, strict=True))
    answers = tuple({"answer": one} for one in given)
    taught = Training(items, len(items), 80.0, **settings)
    return taught, Trainee(1, tuple(range(len(items))), answers, right)


@pytest.mark.parametrize(
    ("known", "given", "right"),
    [
        ([2, 3, 4, 3, 2], [3, 3, 3, 3, 3], 2),  # always the middle
        ([2, 4, 2, 4, 4], [3, 3, 3, 3, 3], 0),  # which none is
        ([2, 3, 4, 3, 2], [3, 3, 3, 3, 4], 2),  # nearly always
        ([2, 4, 2, 4, 4], [2, 3, 3, 3, 3], 1),  # but for one that was looked at
        ([2, 4, 2, 4, 4], [2, 4, 3, 3, 3], 2),  # or for two
        ([2, 3, 4, 3, 2], [2, 3, 4, 3, 2], 5),
        ([2, 3, 4, 3, 2, 4], [2, 3, 5, 3, 2, 4], 6),  # one near, by who looks
        ([2, 3, 4, 3, 2], [2, 3, 5, 3, 2], 4),  # which two items do not show
        ([1, 5, 3, 2, 4], [2, 4, 3, 3, 4], 5),
        ([3, 3, 3, 3, 3], [3, 3, 3, 3, 3], 5),  # where nothing else is right
    ],
)
def test_near_grades_are_right_of_who_does_better_than_one_grade_for_all(
    known: list[int], given: list[int], right: int
) -> None:
    assert sum(settled(grade, *graded(known, given))) == right


@df.task(duration="5s")
def polite(chat: df.Dialogue) -> Annotated[Any, df.Turns(df.Rating(1, 5), role=None)]:
    """How polite is each turn?"""
    raise NotImplementedError


def by_turn(grades: list[int]) -> dict[str, Any]:
    return {"answer": [{"turn": turn, "label": one} for turn, one in enumerate(grades)]}


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ([[3, 3, 3]] * 3, 0),  # always the middle
        ([[2, 4, 3], [4, 2, 2], [2, 4, 4]], 3),
        ([[2, 4, 3], [4, 2, 3], [2, 4, 4]], 3),  # one near, by who looks
    ],
)
def test_grades_inside_an_answer_are_looked_at_as_grades_are(given: list[list[int]], right: int) -> None:
    known = [[2, 4, 3], [4, 2, 2], [2, 4, 4]]
    items = tuple(TrainingItem({"chat": []}, by_turn(one), {}) for one in known)
    answers = tuple(by_turn(one) for one in given)
    near = tuple(
        polite.output("answer").type.similarity(a["answer"], i.answers["answer"]) >= 0.75
        for a, i in zip(answers, items, strict=True)
    )
    assert near == (True, True, True)
    assert sum(settled(polite, Training(items, 3, 80.0), Trainee(1, (0, 1, 2), answers, near))) == right


def test_who_always_says_the_middle_passes_no_training_and_reads_why() -> None:
    items = tuple(TrainingItem({"caption": f"n{n}"}, {"answer": n % 3 + 2}, {}) for n in range(6))
    run = publication(task=grade, training=Training(items, 6, 80.0))
    for make in STORES:
        tried = make()
        tried.publish(0.0, run)
        tried.execute(0.0, "run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"i {n}"}) for n in range(6)))])
        trainee = tried.begin_training(0.0, "run", "ann", 0)
        for place in range(6):
            trainee = tried.answer_training(1.0, "run", "ann", trainee.number, place, {"answer": 3})
        assert (sum(trainee.right), trainee.failed) == (2, 1)
        assert skill(tried, name="training:grade") == Skill(pytest.approx(100 / 3), "training", 1.0)
        closed = tried.take(2.0, "run", "ann", [])
        assert "Answers near the right ones did not count" in closed.why["en"]
