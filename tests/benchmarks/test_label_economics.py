"""The benchmark of label economics on sets made by hand, whose costs are known."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from apart import load_outcomes, save_outcomes
from bounds import Majority, Oracle
from checked import Case, went
from costs import Point, cost_at, mean_of_sets
from crowds import ANSWERS, simulated
from dynamic import Dynamic, likelihoods
from figures import Figures
from page import About, write_pages
from policies import PRESENT, STATIC, Setting
from product import Loop, Run
from reference import NoReference, frozen_loops, name_of
from replay import BY_ITEM, BY_PAGE, Answers, Dealing, Flags, Outcome, Page, Recording, Replay, replay_of
from results import measured
from sets import RecordedSet, Unfit, parts_of, read_set

FOLDER = Path(__file__).parents[2] / "benchmarks" / "label_economics"
ITEMS, WORKERS = 40, 9


def crowd(name: str = "crowd", wrong: tuple[int, ...] = ()) -> RecordedSet:
    """Every worker on every item of two labels: always right, or always wrong."""
    item, worker = (grid.ravel() for grid in np.mgrid[:ITEMS, :WORKERS])
    truth = np.arange(ITEMS) % 2
    label = np.where(np.isin(worker, wrong), 1 - truth[item], truth[item])
    return RecordedSet(name, truth, item, worker, label, labels=2, workers=WORKERS)


@pytest.fixture(scope="module")
def perfect() -> Replay:
    return replay_of(crowd(), seed=0)


def test_equal_accuracy_costs_what_lies_on_the_line_between_two_settings() -> None:
    # The third setting pays more than the second and is less accurate: nobody would take it.
    curve = [Point(4, 0.9), Point(1, 0.7), Point(2, 0.8), Point(3, 0.75)]
    assert cost_at(curve, 0.85) == pytest.approx(3)
    assert cost_at(curve, 0.8) == pytest.approx(2)
    assert cost_at(curve, 0.5) == 1
    assert cost_at(curve, 0.95) is None


def test_a_set_that_never_reaches_the_accuracy_is_in_no_mean() -> None:
    found = mean_of_sets({"one": 0.5, "two": 0.5, "never": None})
    assert found == (0.5, 0.5, 0.5, 2)


def test_where_everybody_is_right_each_policy_pays_the_fewest_answers_it_may(perfect: Replay) -> None:
    for policy, answers in [
        (Majority(5), 5),
        (Dynamic("votes", 1.0, least=2), 2),
        (Dynamic("dawid-skene", 0.9, least=2), 2),
        (Oracle(0.9), 1),
        (Loop(0.6, least=1), 1),
    ]:
        outcome = policy(perfect)
        assert (outcome.labels == perfect.truth).all()
        assert outcome.answers == answers * perfect.items, policy


def test_a_policy_is_measured_against_majority_of_five(perfect: Replay) -> None:
    settings = {STATIC: [Setting("5", Majority(5))], "votes": [Setting("1", Dynamic("votes", 1.0, 2), 1.0)]}
    results = measured({"crowd": [perfect, perfect]}, settings, say=str)
    assert results.beside_majority("votes") == {"crowd": pytest.approx(2 / 5)}
    # Sixty answers are six pages. Who takes the first one meets two control items, on the second it is one more.
    counted = results.beside_majority("votes", controls=True)["crowd"]
    assert (2 + 6 * 1 / perfect.items) / 5 <= counted <= (2 + 6 * 2 / perfect.items) / 5


def everybody() -> Flags:
    return np.zeros(WORKERS, bool)


def wave(recording: Recording, items: np.ndarray) -> list[Page]:
    return list(recording.wave(items, everybody))


@pytest.mark.parametrize("dealing", [BY_PAGE, BY_ITEM])
def test_every_answer_is_given_once_and_ten_items_are_answered_at_a_time(perfect: Replay, dealing: Dealing) -> None:
    recording, items = Recording(perfect, dealing), np.arange(perfect.items)
    at_a_time = recording.next(items, everybody())
    assert sum(len(page.real) for page in at_a_time) == 10
    rest = [recording.next(items, everybody()) for _ in range(WORKERS * perfect.items // 10)]
    given = [(page.worker, item) for pages in [at_a_time, *rest] for page in pages for item in page.real.items.tolist()]
    assert len(given) == len(set(given)) == WORKERS * perfect.items
    assert recording.next(items, everybody()) == []


def test_a_wave_asks_each_item_once_and_a_worker_takes_ten_items_at_most(perfect: Replay) -> None:
    recording, items = Recording(perfect, BY_PAGE), np.arange(perfect.items)
    rounds = [wave(recording, items) for _ in range(WORKERS)]
    assert all(sum(len(page.real) for page in pages) == perfect.items for pages in rounds)
    given = [(page.worker, item) for pages in rounds for page in pages for item in page.real.items.tolist()]
    assert len(set(given)) == WORKERS * perfect.items
    assert max(len(page.real) for pages in rounds for page in pages) == 10
    assert wave(recording, items) == []


def test_those_that_have_waited_longest_are_on_the_next_page(perfect: Replay) -> None:
    queue = np.arange(perfect.items)[::-1]
    (page,) = Recording(perfect, BY_PAGE).next(queue, everybody())
    assert page.real.items.tolist() == queue[:10].tolist()


def test_dealt_by_item_each_item_gets_its_next_recorded_answer_whoever_gave_it(perfect: Replay) -> None:
    recording, barred = Recording(perfect, BY_ITEM), everybody()
    start = perfect.real_start[:3]
    foremost, second = perfect.real.workers[start], perfect.real.workers[start + 1]
    assert [page.worker for page in recording.next(np.arange(3), barred)] == foremost.tolist()
    barred[second[1]] = True
    after = [page.worker for page in recording.next(np.array([1]), barred)]
    assert after == [perfect.real.workers[perfect.real_start[1] + 2]]


def test_the_seed_decides_who_comes(perfect: Replay) -> None:
    again, other = replay_of(crowd(), seed=0), replay_of(crowd(), seed=1)
    assert again.arrivals.tolist() == perfect.arrivals.tolist() != other.arrivals.tolist()
    first, second = (wave(Recording(replay, BY_PAGE), np.arange(30)) for replay in (perfect, again))
    assert [page.worker for page in first] == [page.worker for page in second]


def test_who_is_barred_answers_nothing_more_and_another_does_instead(perfect: Replay) -> None:
    recording = Recording(perfect, BY_PAGE)
    all_but_one = np.arange(WORKERS) != 3
    (page,) = recording.next(np.array([0, 5]), all_but_one)
    assert (page.worker, sorted(page.real.items.tolist())) == (3, [0, 5])
    assert recording.next(np.array([0, 5]), all_but_one) == []


def test_control_items_are_answered_as_they_are_due_and_are_not_judged(perfect: Replay) -> None:
    assert perfect.items == ITEMS - 10
    dealing = Dealing(first=2, more=1.0)
    assert [dealing.due(answered) for answered in (0, 1, 10, 11, 20, 30)] == [0, 2, 2, 3, 3, 4]
    recording = Recording(perfect, dealing)
    pages = wave(recording, np.arange(perfect.items)) + wave(recording, np.arange(10))
    for worker in range(WORKERS):
        mine = [page for page in pages if page.worker == worker]
        assert sum(len(page.checks) for page in mine) == dealing.due(sum(len(page.real) for page in mine))
    checks = Answers.joined([page.checks for page in pages])
    assert (checks.labels == perfect.control_truth[checks.items]).all()
    assert recording.controls == len(checks)


def test_screening_sends_home_who_fails_the_control_items() -> None:
    replay = replay_of(crowd(wrong=(4,)), seed=0)
    screened, open_to_all = (Dynamic("votes", 1.0, least=4, screens=screens)(replay) for screens in (True, False))
    # Where the one who is always wrong has answered, votes never agree: on one page only, or wherever they come.
    first_page, rest = divmod(screened.answers - 4 * replay.items, WORKERS - 4)
    assert (1 <= first_page <= 10, rest) == (True, 0)
    assert open_to_all.answers > screened.answers
    assert (screened.labels == replay.truth).all()


def test_the_oracle_may_leave_out_workers_whose_answers_tell_nothing() -> None:
    item, worker = (grid.ravel() for grid in np.mgrid[:ITEMS, :WORKERS])
    truth = np.arange(ITEMS) % 2
    # Workers from the fourth on give the same label whatever they see.
    label = np.where(worker < 3, truth[item], 0)
    replay = replay_of(RecordedSet("crowd", truth, item, worker, label, labels=2, workers=WORKERS), seed=0)
    asks_all, chooses = Oracle(0.8)(replay), Oracle(0.8, chooses=True)(replay)
    assert chooses.answers == replay.items
    assert asks_all.answers > chooses.answers
    assert (asks_all.labels == replay.truth).all()


def test_weights_of_control_items_give_the_likelihoods_that_users_rely_on() -> None:
    # Weights of Bob, Alice and John; labels dog, cat and crow.
    answers = Answers(np.zeros(3, int), np.array([0, 2, 1]), np.array([0, 0, 1]))
    found = likelihoods(answers, 1, 3, np.array([0.1, 0.9, 0.4]))
    assert found[0] == pytest.approx([8 / 521, 486 / 521, 27 / 521])


def test_claims_are_counted_without_the_items_that_claim_nothing(perfect: Replay) -> None:
    sure = np.full(perfect.items, np.nan)
    sure[:4] = [0.95, 0.95, 0.85, 0.6]
    labels = perfect.truth.copy()
    labels[[1, 3]] = 1 - labels[[1, 3]]
    figures = Figures.of(Outcome(labels, sure, 10, 0), perfect)
    assert figures.reached == ((3, 2, pytest.approx(2.75)), (2, 1, pytest.approx(1.9)), (2, 1, pytest.approx(1.9)))
    assert figures.ece == pytest.approx((abs(1.9 - 1) + abs(0.85 - 1) + abs(0.6 - 0)) / 4)
    assert Figures.sum([figures, figures]).ece == pytest.approx(figures.ece)


def test_every_second_set_by_the_digest_of_its_name_is_for_development() -> None:
    # Their digests begin with cd63, 1880, a686 and 4b5e.
    sets = [crowd(name) for name in ("dog", "rte", "temp", "web")]
    assert [one.name for one in parts_of(sets, "development")] == ["rte", "temp"]
    assert [one.name for one in parts_of(sets, "judging")] == ["web", "dog"]
    assert len(list(parts_of(sets, "all"))) == 4


def test_a_folder_is_read_without_second_answers_and_items_of_few(tmp_path: Path) -> None:
    rows = [(f"t{task}", f"w{worker}", "no" if worker else "yes") for task in range(70) for worker in range(5)]
    rows = [row for row in rows if row[:2] != ("t7", "w4")] + [("t0", "w0", "no")]
    pd.DataFrame(rows, columns=["task", "worker", "label"]).to_csv(tmp_path / "labels.csv", index=False)
    with pytest.raises(Unfit, match=r"no gold\.csv"):
        read_set(tmp_path)
    gold = pd.DataFrame({"task": [f"t{task}" for task in range(80)], "label": ["yes", "no"] * 40})
    gold.to_csv(tmp_path / "gold.csv", index=False)
    recorded = read_set(tmp_path)
    assert (recorded.items, recorded.workers, recorded.labels, len(recorded.item)) == (69, 5, 2, 345)
    assert np.bincount(recorded.truth).tolist() == [34, 35]
    (tmp_path / "README.md").write_text("# Numbers\n\n- Type: numeric\n")
    with pytest.raises(Unfit, match="of the type numeric"):
        read_set(tmp_path)
    (tmp_path / "README.md").unlink()
    gold.head(40).to_csv(tmp_path / "gold.csv", index=False)
    with pytest.raises(Unfit, match="39 of its items have a known label"):
        read_set(tmp_path)


def test_a_process_apart_makes_of_a_replay_what_this_one_makes_of_it(perfect: Replay, tmp_path: Path) -> None:
    perfect.save(tmp_path / "one.replay.npz")
    subprocess.run([sys.executable, FOLDER / "apart.py", tmp_path, "[[0.9, 1]]"], check=True)
    found, here = load_outcomes(tmp_path / "one.outcomes.npz", [(0.9, 1)])[0.9, 1], Loop(0.9, 1)(perfect)
    assert (found.labels.tolist(), found.answers, found.controls) == (here.labels.tolist(), here.answers, here.controls)
    assert found.confidence.tolist() == here.confidence.tolist()


def test_the_loop_ends_where_nobody_is_left_for_what_it_still_asks_for() -> None:
    """Each look at the whole asked for more answers than were recorded, and the replay went on for ever."""
    recorded = simulated("tiny", 0)
    first = np.tile(np.arange(ANSWERS) < 2, recorded.items)
    short = replace(recorded, item=recorded.item[first], worker=recorded.worker[first], label=recorded.label[first])
    replay, steps = replay_of(short, 0), 0

    def watch(_: Run) -> None:
        nonlocal steps
        steps += 1
        assert steps < 200

    assert replay.items < Loop(0.95)(replay, watch).answers <= len(replay.real)


def test_without_its_code_the_reference_says_what_is_missing(perfect: Replay, tmp_path: Path) -> None:
    with pytest.raises(NoReference, match=r"does not hold 0000000000 here .* fetch its whole history"):
        frozen_loops([perfect], [(0.9, 1)], tmp_path, say=str, commit="0000000000")


def test_the_reference_is_what_it_once_made_of_the_same_replay(perfect: Replay, tmp_path: Path) -> None:
    outcome = Loop(0.9)(perfect)
    kept = tmp_path / "outcomes" / name_of("any", perfect, [(0.9, 1)])
    kept.parent.mkdir()
    save_outcomes(kept, {(0.9, 1): outcome})
    (frozen,) = frozen_loops([perfect], [(0.9, 1)], tmp_path, say=str, commit="any")
    assert frozen(perfect).labels.tolist() == outcome.labels.tolist()


def test_colluding_workers_agree_and_are_as_often_wrong_as_right() -> None:
    recorded = simulated("20 % colluding", seed=0)
    together = recorded.worker < 12
    right = recorded.label == recorded.truth[recorded.item]
    assert right[~together].mean() > 0.75
    assert 0.4 < right[together].mean() < 0.6
    given = pd.DataFrame({"item": recorded.item, "label": recorded.label})[together]
    assert (given.groupby("item")["label"].nunique() == 1).all()


def test_tired_workers_err_more_with_later_answers() -> None:
    recorded = simulated("fatigue", seed=0)
    right = (recorded.label == recorded.truth[recorded.item]).reshape(-1, recorded.items)
    assert right[0].mean() > right[-1].mean() + 0.25


def test_one_file_may_write_labels_as_1_and_the_other_as_1_0(tmp_path: Path) -> None:
    rows = [(task, worker, task % 2) for task in range(60) for worker in range(5)]
    pd.DataFrame(rows, columns=["task", "worker", "label"]).to_csv(tmp_path / "labels.csv", index=False)
    gold = pd.DataFrame({"task": range(60), "label": [0.0, 1.0] * 30})
    gold.to_csv(tmp_path / "gold.csv", index=False)
    recorded = read_set(tmp_path)
    assert recorded.labels == 2
    assert (recorded.label == recorded.truth[recorded.item]).all()


def test_the_document_says_the_same_in_both_languages_and_its_pictures_are_whole(
    perfect: Replay, tmp_path: Path
) -> None:
    settings = {STATIC: [Setting("5", Majority(5))], PRESENT: [Setting("0.9", Loop(0.9), 0.9)]}
    results = measured({"crowd": [perfect]}, settings, say=str)
    about = About({"crowd": ["judging", "30", "9", "2", "9.0", "1.000"]}, 1, 1_000, {"other": "it has no gold.csv"})
    write_pages(tmp_path, about, results, results, results)
    english, russian = (tmp_path.joinpath(f"label-economics{ending}.md").read_text("utf-8") for ending in ("", ".ru"))
    numbers = [
        [re.findall(r"\d\.\d+", line) for line in text.splitlines() if "|" in line] for text in (english, russian)
    ]
    assert numbers[0] == numbers[1]
    assert "| present loop" in english
    assert "| нынешний цикл" in russian
    assert "other: it has no gold.csv." in english
    assert "other: нет gold.csv." in russian
    pictures = sorted((tmp_path / "images").glob("*.svg"))
    assert len(pictures) == 4
    for picture in pictures:
        assert ElementTree.parse(picture).getroot().tag.endswith("svg")
        assert f"images/{picture.name}" in english + russian


def test_crowds_whose_pages_are_judged_come_to_an_end_and_are_claimed_to_be_what_they_are() -> None:
    """Nobody is left for some items where pages are rejected: the run ends with what there is."""
    sure, right, answers = went(Case(skill=0.95, workers=12, labels=2), 0, 120)
    assert 1 < answers < 5
    assert abs(np.nanmean(sure) - right.mean()) < 0.08
