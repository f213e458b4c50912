"""Rankings on the simulated platform: what is asked, when it ends, what is refused."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.comparing.conftest import POLICY, better, better_or_same, crowd, named, platform, score_of

import dataforge as df
from dataforge.aggregation.score_plot import drawn
from dataforge.comparing.asking import Answers, Asker
from dataforge.comparing.orders import Ordering
from dataforge.comparing.record import Asked, asked_in
from dataforge.comparing.sides import PairKey, balanced
from dataforge.errors import DataError, RunError, SpecError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, always
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle import fed
from dataforge.runs.handle.holding.display import watching
from dataforge.workspace import Workspace

SCORES = (-6.0, -4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5)


@pytest.fixture
def ranked(workspace: Path) -> Iterator[Any]:
    """Rank and wait for the end; rankings are let go of when the test ends."""
    begun: list[df.Ranked] = []

    def rank(items: Any = None, by: df.Task = better, *, wait: bool = True, **settings: Any) -> df.Ranked:
        settings = {"platform": platform(), "policy": POLICY, "name": "ranked", "progress": False, **settings}
        found = df.rank(named(*SCORES) if items is None else items, by, workspace=workspace, **settings)
        begun.append(found)
        return found.wait(240, progress=False) if wait else found

    yield rank
    for found in begun:
        found.close()


def test_items_come_out_in_the_order_of_their_scores(ranked: Any) -> None:
    found = ranked(pairs=120, confidence=0.9)
    assert found.run.status().stage == "done"
    assert found.certainty >= 0.9
    gaps = np.diff([score_of(item) for item in found.order()])
    assert (gaps < 0).mean() >= 5 / 7
    scores = found.scores()
    assert scores["item"].tolist() == found.order()
    assert scores["rank"].tolist() == list(range(1, 9))
    assert scores["score"].is_monotonic_decreasing
    assert ((scores["low"] < scores["score"]) & (scores["score"] < scores["high"])).all()
    assert scores["compared"].sum() == 2 * len(found.run.responses())
    assert scores["linked"].all()
    assert found.notices == ()


def test_pairs_are_numbered_as_they_were_asked_and_sides_are_balanced(ranked: Any) -> None:
    found = ranked(pairs=60, confidence=0.999)
    keys = sorted(map(PairKey.read, found.run.labels()["id"]))
    assert [key.number for key in keys] == list(range(60))
    left = Counter(key.left for key in keys)
    right = Counter(key.right for key in keys)
    # Of 15 pairs each, by lot one of the eight would nearly always be farther off.
    assert all(abs(left[item] - right[item]) <= 4 for item in range(8))
    assert found.notices[0].endswith("asked for; to go on: the same call with more than pairs=60")


def test_sides_are_given_by_turns() -> None:
    first = balanced([(0, 1), (1, 2)], [], 3)
    assert first == [PairKey(0, 0, 1), PairKey(1, 1, 2)]
    assert balanced([(0, 1), (0, 2)], first, 3) == [PairKey(2, 1, 0), PairKey(3, 2, 0)]
    assert PairKey.read(str(first[1])) == first[1]


def test_a_habit_of_one_side_favours_nobody(ranked: Any) -> None:
    # Which of two is shown on the left is a matter of chance, and undone in what was answered.
    found = ranked(pairs=80, platform=platform(answer=always({"answer": "left"})))
    said = found.run.responses()["answer"].value_counts()
    assert 22 <= said["left"] <= 58
    assert found.certainty < 0.95
    assert len(found.notices) == 1


def test_where_the_best_are_asked_it_ends_when_these_are_known(ranked: Any) -> None:
    found = ranked(top=2, pairs=300, confidence=0.95)
    assert set(found.order()[:2]) == {"item 4.5", "item 3"}
    scores = found.scores()
    assert scores["top"][:2].mean() == pytest.approx(found.certainty)
    assert found.certainty >= 0.95
    times = scores.set_index("item")["compared"]
    assert times["item 3"] > times["item -6"], "nobody asks how bad the worst are"


def test_ties_are_answers_and_ties_only_are_told(ranked: Any) -> None:
    same = platform(answer=always({"answer": "same"}))
    found = ranked(by=better_or_same, shared={"query": "which?"}, pairs=20, platform=same)
    assert "all answers are that both are the same: the items are in no order" in found.notices
    assert found.order() == named(*SCORES), "of equals the first comes first"
    assert found.scores()["score"].abs().max() < 1e-6
    assert set(found.run.labels()["query"]) == {"which?"}


def test_the_budget_ends_it_with_what_was_found(ranked: Any) -> None:
    found = ranked(budget=0.05, policy=POLICY.changed(page_price=0.01), pairs=500, confidence=0.9999)
    assert found.run.status().stage == "budget"
    assert len(found.run.responses()) == 20
    assert len(found.order()) == 8
    [notice] = found.notices
    assert notice.endswith("is expected to be right, 99.99% was asked for"), "more pairs would not be paid for"


def test_items_of_a_table_have_their_ids_and_files_their_paths(ranked: Any) -> None:
    table = pd.DataFrame({"id": ["a", "b", "c"], "text": named(2.0, 0.0, -2.0), "author": ["x", "y", "z"]})
    found = ranked(table, column="text", pairs=12)
    assert list(found.scores().columns[:3]) == ["id", "rank", "text"]
    assert set(found.scores()["id"]) == {"a", "b", "c"}


def test_the_same_call_goes_on_and_more_pairs_may_be_asked(ranked: Any) -> None:
    people = platform()
    first = ranked(pairs=20, confidence=0.9999, platform=people)
    asked = len(first.run.labels())
    first.close()
    again = ranked(pairs=40, confidence=0.9999, platform=people)
    keys = sorted(map(PairKey.read, again.run.labels()["id"]))
    assert (asked, [key.number for key in keys]) == (20, list(range(40)))
    with pytest.raises(RunError, match=r"'ranked' is there already and compares other items"):
        ranked(named(1.0, 2.0), platform=people)
    with pytest.raises(RunError, match=r"'ranked' is there already and compares other items, or for something else"):
        ranked(by=better_or_same, shared={"query": "q"}, platform=people)


def test_one_process_at_a_time_chooses_pairs(ranked: Any) -> None:
    slow = platform(1, seconds=1e6)
    found = ranked(wait=False, platform=slow)
    comparison = found._comparison
    other = Asker(comparison, Ordering(8, ties=False))
    assert not other.start()
    found.close()
    assert other.start(), "whoever held the lock has let go of it"
    other.close()


def test_what_stops_the_choice_is_raised_where_it_is_waited_for(ranked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ranked(wait=False, platform=platform(1, seconds=1e6))
    found._feeder.close()
    broken = Asker(found._comparison, lambda answers, asked: 1 / 0)  # type: ignore[arg-type, return-value]
    monkeypatch.setattr(found, "_feeder", broken)
    with pytest.raises(RunError, match="'ranked': no more pairs can be chosen: division by zero"):
        found.wait(30, progress=False)


def test_while_it_is_waited_for_one_bar_is_shown(ranked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    @contextmanager
    def counted(*args: Any, **named: Any) -> Iterator[Any]:
        opened.append(args[0])
        with watching(*args, **named) as watch:
            yield watch

    monkeypatch.setattr(fed, "watching", counted)
    found = ranked(wait=False, platform=platform(1, seconds=1e6))
    found.wait(1.3, progress=True)
    assert opened == ["ranked"], "and not one for each time that it is looked who chooses pairs"


def test_a_run_of_something_else_is_no_ranking(ranked: Any, workspace: Path) -> None:
    people = platform()
    with df.launch(
        better, [{"left": "a 1", "right": "b 2"}], policy=POLICY, name="ranked", platform=people, workspace=workspace,
        progress=False,
    ):  # fmt: skip
        with pytest.raises(RunError, match=r"'ranked' was not launched by df.rank; df.rank\(items, by=task, name=…\)"):
            df.open_ranked("ranked", workspace)
        with pytest.raises(RunError, match=r"'ranked' is there already, and was not launched by df.rank; choose"):
            ranked(platform=people)


@df.task(duration="5s")
def fine(left: df.Text, right: df.Text) -> bool:
    """Are both fine?"""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"items": ["one 1"]}, r"rank: expected 2 to 3,000 items, got 1; there is nothing to compare it with"),
        (
            {"by": fine},
            r"rank: the task 'fine' needs one answer of the type df.SideBySide, .*; its answers are: 'answer",
        ),
        ({"by": better_or_same}, r"has the input 'query' beside the two sides, .* shared=\{'query': …\}"),
        ({"shared": {"query": "q"}}, r"shared has 'query', which is no input beside the two sides; those are: none"),
        ({"top": 8}, r"rank: top=8 of 8 items are all of them; ask for fewer"),
        ({"top": 0}, r"rank: top is how many of the best are asked for, 1 at least; got 0"),
        ({"pairs": 6}, r"rank: 8 items are linked by 7 pairs at least, got pairs=6"),
        ({"confidence": 1.0}, r"rank: confidence is a share above .5 and below 1, got 1"),
        ({"ahead": 0}, r"rank: ahead is how many pairs are out at once, 1 at least; got 0"),
        ({"items": pd.DataFrame({"text": ["a", "b"]})}, r"item"),
        ({"items": ["a", "a"]}, r"a"),
    ],
)
def test_what_cannot_be_ranked_is_refused_before_anything_is_started(
    ranked: Any, workspace: Path, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises((SpecError, DataError), match=said):
        ranked(**settings)
    assert not list((workspace / "runs").glob("*")) if (workspace / "runs").exists() else True


def test_it_is_shown_as_a_table_and_a_picture(ranked: Any, tmp_path: Path) -> None:
    found = ranked(pairs=20, items=[*named(3.0, 0.0, -3.0), "<b> 1"])
    assert repr(found).startswith("Ranked(ranked: order of 4 items, ")
    assert "<td>item 3</td>" in found._repr_html_()
    picture = found.plot()
    assert picture.svg.count("<circle") == 4
    assert "&lt;b&gt; 1" in picture.svg
    assert picture.save(tmp_path / "scores.svg").exists()


def test_long_names_have_room_in_the_picture_and_come_up_whole() -> None:
    names = ["an apple that is red", "長い名前" * 12, "W" * 80]
    score = np.array([1.0, 0.5, 0.0])
    picture = drawn(names, score, score - 1, score + 1, level=0.95, title="Scores of a run with quite a long name")
    texts = re.findall(r">([^<>]+)<title>", picture.shapes)
    longest = max(sum(2 if ord(sign) > 0x3000 else 1 for sign in text) for text in texts)
    dots = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', picture.shapes)]
    assert min(dots) > 12 + 7 * longest, "no dot lies on a name"
    assert all(f"<title>{name}</title>" in picture.shapes for name in names)


def test_answers_of_those_who_err_weigh_less(ranked: Any) -> None:
    def half(inputs: Any, truth: Any, chance: Any) -> Any:
        return {"answer": chance.choice(["left", "right"])}

    careless = [SimulatedWorker(f"careless{n}", half, arrives=0.0) for n in range(4)]
    found = ranked(pairs=300, confidence=0.97, platform=SimulatedPlatform([*crowd(4), *careless], seed=2))
    order = [score_of(item) for item in found.order()]
    assert np.corrcoef(order, np.arange(8))[0, 1] < -0.9


def answered(*rows: tuple[int, int, str, str], waiting: tuple[tuple[int, int], ...] = (), out: int = 0) -> Answers:
    """Answers in the order they came: left, right, worker, what was said."""
    left, right, names, said = zip(*rows, strict=True) if rows else ((), (), (), ())
    workers = tuple(dict.fromkeys(names))
    asked = [PairKey(number, *pair) for number, pair in enumerate([*zip(left, right, strict=True), *waiting])]
    code = np.array([workers.index(name) for name in names], np.int32)
    sides = np.array(left, np.int32), np.array(right, np.int32)
    return Answers(tuple(asked), *sides, code, said, workers, waiting, out)


def test_it_goes_on_when_the_answers_of_a_worker_count_no_more() -> None:
    chosen, asked = Ordering(3, ties=False), Asked("rank", "item", 50, 0.99, 4)
    mischief = [(0, 1, "cheat", "right")] * 6
    good = [(0, 1, "good", "left"), (1, 2, "good", "left"), (0, 2, "other", "left")]
    assert chosen(answered(*mischief, *good), asked)
    assert chosen(answered(*good), asked)
    alone = Ordering(3, ties=False)
    assert alone(answered(*good), asked)
    assert chosen.last.looks == pytest.approx(alone.last.looks, abs=0.02)


def test_where_no_pair_is_left_to_ask_and_none_is_answered_it_ends() -> None:
    chosen, asked = Ordering(2, ties=False), Asked("rank", "item", 50, 0.99, 4)
    assert chosen(answered(waiting=((0, 1),), out=1), asked) == [], "its answer is waited for"
    assert chosen(answered(waiting=((0, 1),)), asked) is None, "somebody reported it, and nobody will answer"


def test_who_is_sure_waits_for_the_answers_that_are_out() -> None:
    chosen, asked = Ordering(2, ties=False), Asked("rank", "item", 50, 0.7, 6)
    clear = [(0, 1, f"worker{number}", "left") for number in range(30)]
    assert chosen(answered(*clear, waiting=((0, 1),), out=1), asked) == []
    assert chosen(answered(*clear), asked) is None


def test_pairs_that_were_set_aside_are_not_waited_for(ranked: Any) -> None:

    found = ranked(named(1.0, 2.0, 3.0), wait=False, ahead=3, platform=platform(1, seconds=1e6))
    give_up = time.monotonic() + 30
    while len(found.run.labels()) < 3:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    for key in found.run.labels()["id"]:
        found.run.set_aside(key)
    found.wait(60, progress=False)
    assert found.run.status().ended


def test_a_pair_of_two_that_all_report_ends_the_ranking(ranked: Any) -> None:
    def reports(inputs: Any, truth: Any, chance: Any) -> Any:
        return "broken"

    found = ranked(named(1.0, 2.0), wait=False, platform=platform(3, answer=reports))
    found.wait(30, progress=False)
    assert found.run.status().ended
    assert not found._comparison.answers().said


def test_reports_that_restrict_their_workers_end_a_ranking_that_is_not_called_sure(ranked: Any) -> None:
    policy = df.Policy(page=(28, 0), speed=(), reports=df.ReportRule(share=0.2, after=5))
    found = ranked(wait=False, platform=platform(4, answer=lambda *_: "broken"), policy=policy)
    found.wait(60, progress=False)
    assert found.run.status().ended
    assert np.isnan(found.certainty)
    assert repr(found).endswith("unverified)")
    assert found.notices[:2] == (
        "workers reported 28 of 28 pairs, which nobody else is asked",
        "half of the pairs or more were reported: nothing shows how sure the order is",
    )


@pytest.mark.parametrize(("first", "then"), [(0.9999, 0.6), (0.6, 0.9999)])
def test_what_the_last_call_asks_for_holds_while_another_chooses(
    ranked: Any, workspace: Path, first: float, then: float
) -> None:
    people = platform(1, seconds=1e6)
    found = ranked(wait=False, platform=people, confidence=first, pairs=40)
    ranked(wait=False, platform=people, confidence=then, pairs=30)
    seen: list[Asked] = []
    found._feeder.close()
    again = Asker(found._comparison, lambda answers, asked: seen.append(asked) or [])  # type: ignore[func-returns-value]
    assert again.start()
    again.close()
    assert {(one.confidence, one.pairs) for one in seen} == {(then, 30)}
    assert asked_in(RunFolder.of(Workspace.at(workspace), "ranked").path) == seen[0]


def test_items_that_somebody_else_puts_into_the_run_are_no_pairs(ranked: Any) -> None:
    found = ranked(wait=False, pairs=30, confidence=0.9)
    found.run.add(
        [{"id": "mine", "left": "a 1", "right": "b 2"}, {"id": "1-2", "left": "a 3", "right": "b 2"}], id="id"
    )
    found.wait(120, progress=False)
    assert found.run.status().stage == "done"
    assert found.scores()["compared"].sum() == 2 * len(found._comparison.answers().said)
    assert len(found.run.responses()) == len(found._comparison.answers().said) + 2


@df.task(duration="5s")
def beside(photo: df.Image, left: df.Text, right: df.Text) -> df.SideBySide:
    """Which describes the photo better?"""
    raise NotImplementedError


def test_a_shared_file_is_found_again_from_wherever_it_is_looked_for(
    ranked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "cat.png")
    monkeypatch.chdir(tmp_path)
    people = platform(1, seconds=1e6)
    found = ranked(by=beside, shared={"photo": Path("cat.png")}, wait=False, platform=people)
    assert found._comparison.wanted().shared == {"photo": str(tmp_path / "cat.png")}
    monkeypatch.chdir("/")
    again = ranked(by=beside, shared={"photo": tmp_path / "cat.png"}, wait=False, platform=people)
    assert again.name == found.name, "the same file is the same value"
    with pytest.raises(RunError, match="compares other items, or for something else"):
        ranked(by=beside, shared={"photo": "https://example.org/dog.png"}, wait=False, platform=people)


def test_what_the_pairs_cost_is_said_before_any_is_asked(ranked: Any, capsys: pytest.CaptureFixture[str]) -> None:
    policy = POLICY.changed(price_per_hour=3.6, overlap=(1, 2))
    found = ranked(policy=policy, progress=True, pairs=40, wait=False)
    found.stop()
    told = capsys.readouterr().out
    # A page of four of five seconds is .02; ten of them hold 40 pairs.
    assert "8 items are compared, by at most 40 pairs: $0.20 to $0.40 if all are asked" in told
