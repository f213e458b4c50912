"""Crowds and control items that would mislead: what is claimed of the answers is no more than was shown."""

import types
from typing import Any

import numpy as np
import pytest

import dataforge as df
from dataforge import registry
from dataforge.aggregation.kernels.accuracy import Judged, accuracy_of_whole
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.pages import ACCEPTED, REJECTED, Pages
from dataforge.runs.core.responses import NO_REPORT, Responses
from dataforge.runs.quality.consensus import ConsensusQuality
from dataforge.tasks.task import Task

PAGE = 10


def task_of(labels: int) -> Task:
    def options(names: dict[str, Any]) -> None:
        for code in range(labels):
            names[f"LABEL_{code}"] = df.option(str(code))

    def which(caption: df.Text) -> None:
        """Which label is it?"""

    which.__annotations__ = {"caption": df.Text, "return": types.new_class("Label", (df.Choice,), {}, options)}
    return df.task(duration="10s")(which)


class Answered:
    """A run after a crowd's answers: `given` is by item and worker, -1 where there is none.

    The last items are control items; what is `known` of them is what the requester believes; a `model` may have a label
    for each. Each worker answers in the order of the items' numbers, `order` by worker if that is told, ten at a time.
    Pages are accepted if so much, `ratio`, of their control items is right.
    """

    def __init__(
        self,
        given: np.ndarray,
        known: np.ndarray,
        labels: int = 2,
        order: np.ndarray | None = None,
        model: np.ndarray | None = None,
        aggregation: str = "hierarchical-dawid-skene",
        ratio: float = 0.0,
    ) -> None:
        real = len(given) - len(known)
        task, policy = task_of(labels), df.Policy(overlap=(1, 5), control_ratio=ratio, aggregation=aggregation)
        says: list[dict[str, str]] = [{}] * len(given)
        if model is not None:
            says, policy = [{"model": str(said)} for said in model], policy.changed(voters={"it": "model"})
        items = df.read_items(task, [{"caption": f"real {n}"} | says[n] for n in range(real)])
        if len(known):
            controls = [{"id": f"c{n}", "caption": f"control {n}", "answer": str(k)} for n, k in enumerate(known)]
            controls = [one | said for one, said in zip(controls, says[real:], strict=True)]
            items = df.Items.join(items, df.read_items(task, controls, control=True, id="id"))
        self.policy = policy
        self.responses = Responses(Numbering("salt"), Pages())
        self.quality = ConsensusQuality(task.outputs, policy, self.responses)
        self.responses.numbering.grow(items)
        self.responses.grow()
        self.quality.grow(items)
        for worker, answers in enumerate(given.T):
            self.quality.add_worker()
            self.responses.pages.vouching.add_worker()
            turns = np.arange(len(given)) if order is None else order[:, worker]
            turns = turns[answers[turns] >= 0]
            for first in range(0, len(turns), PAGE):
                self._page(worker, turns[first : first + PAGE], answers)
        self.quality.fit(afresh=True)
        (found,) = self.quality.outcomes(np.arange(real))
        self.labels = np.array([-1 if one is None else int(one) for one in found.values])
        self.confidence = found.confidence.astype(float)

    def _page(self, worker: int, items: np.ndarray, answers: np.ndarray) -> None:
        pages = self.responses.pages
        page = pages.add(f"p{len(pages)}", worker, len(items), 0.0)
        self.responses.take([page], [len(items)], items, np.full(len(items), NO_REPORT, np.int8))
        said = [{"answer": str(answers[item])} for item in items.tolist()]
        checked = self.quality.take(np.full(len(items), worker), items, said)
        pages.controls[page], pages.correct[page] = int(checked.controls.sum()), int(checked.correct.sum())
        pages.vouching.answered(page, worker)
        passed = pages.correct[page] >= self.policy.needed_correct(pages.controls[page])
        if pages.controls[page]:
            pages.vouching.judged(page, worker, passed=passed)
        pages.status[page] = ACCEPTED if passed else REJECTED
        if passed:
            self.responses.accept(page)
        self.responses.enter()

    def overclaimed(self, truth: np.ndarray) -> float:
        """How much surer the answers are claimed to be than they are right."""
        right = self.labels == truth[: len(self.labels)]
        return float(self.confidence.mean() - right.mean())


def crowd(truth: np.ndarray, skill: np.ndarray, seed: int, labels: int = 2, each: int | None = None) -> np.ndarray:
    """Answers by item and worker; of each item by so many workers, all without it."""
    rng = np.random.default_rng(seed)
    wrong = (truth[:, None] + rng.integers(1, labels, (len(truth), len(skill)))) % labels
    given = np.where(rng.random(wrong.shape) < skill, truth[:, None], wrong)
    if each is not None:
        given[np.argsort(rng.random(given.shape), axis=1).argsort(axis=1) >= each] = -1
    return given


def test_where_all_items_are_of_one_class_nothing_is_claimed() -> None:
    truth = np.zeros(60, int)
    found = Answered(crowd(truth, np.full(5, 1.0), 0), truth[40:])
    assert (found.labels == 0).all()
    assert np.isnan(found.confidence).all()


def test_a_class_that_nobody_uses_is_improbable_and_takes_nothing_from_the_others() -> None:
    truth = np.random.default_rng(1).integers(2, size=240)
    given = crowd(truth, np.full(9, 0.85), 1)
    found = Answered(given, truth[200:], labels=3)
    third = found.quality.chances(np.arange(200))[2].values
    assert third.max() < 0.1
    assert abs(found.overclaimed(truth)) < 0.05


def test_two_thousand_classes_are_looked_at_like_two() -> None:
    truth = np.random.default_rng(2).integers(2000, size=30)
    found = Answered(crowd(truth, np.full(3, 0.9), 2, labels=2000), truth[24:], labels=2000)
    assert (found.labels == truth[:24]).mean() > 0.9
    assert found.overclaimed(truth) < 0.05


def test_one_worker_who_is_not_checked_shows_nothing() -> None:
    truth = np.random.default_rng(3).integers(2, size=60)
    found = Answered(crowd(truth, np.array([0.9]), 3), truth[:0])
    assert np.isnan(found.confidence).all()


@pytest.mark.parametrize("skill", [0.6, 0.9])
def test_one_worker_is_believed_as_far_as_control_items_show(skill: float) -> None:
    truth = np.random.default_rng(4).integers(2, size=260)
    found = Answered(crowd(truth, np.array([skill]), 4), truth[200:])
    assert found.confidence.max() < skill + 0.08
    assert abs(found.overclaimed(truth)) < 0.08


def test_workers_of_one_answer_each_are_believed_as_the_crowd_is() -> None:
    rng, items = np.random.default_rng(5), 150
    truth = rng.integers(2, size=items + 30)
    given = np.full((items + 30, 3 * (items + 30)), -1)
    said = crowd(truth, np.full(3, 0.8), 5)
    given[np.repeat(np.arange(items + 30), 3), np.arange(given.shape[1])] = said.ravel()
    found = Answered(given, truth[items:])
    # Nobody has met a control item beside a real one, and so nothing vouches for these.
    assert -0.12 < found.overclaimed(truth) < 0.02


def test_where_all_control_items_are_answered_wrong_nothing_is_claimed_beyond_chance() -> None:
    truth = np.random.default_rng(6).integers(2, size=230)
    found = Answered(crowd(truth, np.full(7, 0.9), 6), 1 - truth[200:])
    assert found.confidence.max() < 0.6


def test_control_items_that_are_easier_than_the_rest_flatter_until_a_sample_is_verified() -> None:
    """Every third item is misread by all, and no control item is: nothing but a look at the answers shows that."""
    truth = np.random.default_rng(7).integers(2, size=360)
    read = np.where((np.arange(360) % 3 == 0) & (np.arange(360) < 300), 1 - truth, truth)
    found = Answered(crowd(read, np.full(7, 0.9), 7), truth[300:])
    assert found.overclaimed(truth) > 0.2
    tries, right = found.quality.tries()["answer"], found.labels == truth[:300]
    control = Judged(tries.claimed, tries.right, tries.weight)
    told = accuracy_of_whole(found.confidence, known=control, calibration=tries.calibration)
    assert told is not None
    assert told.assumptions == ("like_controls",)
    drawn = np.random.default_rng(8).permutation(300)[:60]
    sample = Judged(found.confidence[drawn], right[drawn], np.ones(60))
    told = accuracy_of_whole(found.confidence, known=control, verified=sample, calibration=tries.calibration)
    assert told is not None
    assert told.low < right.mean() < told.high < 0.85


def test_a_majority_that_always_says_the_same_does_not_swap_labels_nor_is_it_believed() -> None:
    truth = np.random.default_rng(9).integers(2, size=260)
    given = crowd(truth, np.full(10, 0.85), 9)
    given[:, :6] = 1
    found = Answered(given, truth[200:])
    assert (found.labels == truth[:200]).mean() > 0.7
    assert found.overclaimed(truth) < 0.05


def test_workers_who_stop_looking_at_half_time_are_not_claimed_to_be_who_they_were() -> None:
    rng = np.random.default_rng(10)
    truth = rng.integers(2, size=260)
    order = np.argsort(rng.random((260, 8)), axis=0)
    turn = np.argsort(order, axis=0)
    given = np.where(turn < 130, crowd(truth, np.full(8, 0.95), 10), rng.integers(2, size=(260, 8)))
    found = Answered(given, truth[200:], order=order)
    assert found.overclaimed(truth) < 0.05


@pytest.mark.parametrize("ratio", [0.0, 0.7])
def test_what_is_claimed_of_a_control_item_as_if_nobody_knew_it_does_not_tell_whether_it_is_right(ratio: float) -> None:
    """Everybody is right in .85. The worker's record and the page had in them what was right there, and claims of right
    answers were .08 and .21 above those of wrong ones: where pages were judged .92 was said, and .85 were right.
    """
    truth = np.random.default_rng(13).integers(10, size=560)
    order = np.argsort(np.random.default_rng(14).random((560, 25)), axis=0)
    given = crowd(truth, np.full(25, 0.85), 13, labels=10, each=1)
    found = Answered(given, truth[320:], 10, order, ratio=ratio)
    tries = found.quality.tries()["answer"]
    assert len(tries.right) > 120
    assert abs(tries.claimed[tries.right].mean() - tries.claimed[~tries.right].mean()) < 0.05
    there = found.labels >= 0
    assert found.confidence[there].mean() < (found.labels == truth[:320])[there].mean() + 0.03


@pytest.mark.parametrize("labels", [2, 3, 10])
def test_of_people_who_guess_nothing_is_claimed_to_speak_of(labels: int) -> None:
    """Sixty items, eight who guess, no control items: .81 was claimed of three options, and .23 were right."""
    claimed, right = [], []
    for seed in range(8):
        truth = np.random.default_rng(seed).integers(labels, size=60)
        found = Answered(crowd(truth, np.full(8, 1 / labels), seed, labels=labels), truth[:0], labels=labels)
        # What has no confidence claims nothing.
        claimed.append(np.nan_to_num(found.confidence, nan=0.0).mean())
        right.append((found.labels == truth).mean())
    assert np.mean(claimed) < np.mean(right)
    assert np.mean(np.array(claimed) == 0) >= 0.5


@pytest.mark.parametrize("aggregation", registry.names("aggregation"))
def test_whatever_combines_the_answers_of_people_who_guess_no_number_stands(aggregation: str) -> None:
    for seed in range(2):
        truth = np.random.default_rng(seed).integers(10, size=60)
        found = Answered(crowd(truth, np.full(8, 0.1), seed, 10), truth[:0], 10, aggregation=aggregation)
        assert np.isnan(found.confidence).all()
        assert any("as often as chance" in one["en"] for one in found.quality.notices())


@pytest.mark.parametrize("aggregation", registry.names("aggregation"))
def test_whatever_combines_the_answers_of_people_who_look_has_confidences(aggregation: str) -> None:
    truth = np.random.default_rng(3).integers(3, size=60)
    found = Answered(crowd(truth, np.full(8, 0.8), 3, 3), truth[:0], 3, aggregation=aggregation)
    assert not np.isnan(found.confidence).any()


@pytest.mark.parametrize(("labels", "items", "each"), [(2, 6, 3), (2, 20, 5), (3, 6, 3), (10, 20, 3)])
def test_a_small_run_of_people_who_agree_has_confidences(labels: int, items: int, each: int) -> None:
    truth = np.random.default_rng(1).permutation(np.arange(items) % labels)
    found = Answered(crowd(truth, np.full(6, 0.95), 1, labels=labels, each=each), truth[:0], labels=labels)
    assert not np.isnan(found.confidence).any()
    assert abs(found.overclaimed(truth)) < 0.2


def test_people_who_know_the_control_items_and_guess_elsewhere_are_not_believed() -> None:
    truth = np.random.default_rng(12).integers(3, size=125)
    given = crowd(truth, np.full(8, 1 / 3), 12, labels=3)
    given[120:] = truth[120:, None]
    found = Answered(given, truth[120:], labels=3)
    assert np.isnan(found.confidence).all() or found.overclaimed(truth) < 0.05


def with_a_model(elsewhere: float, seed: int, labels: int = 3) -> tuple[Answered, np.ndarray]:
    """Two of twelve people, right in .85, answer each of 300 items; a model knows all 60 control items."""
    truth = np.random.default_rng(seed).integers(labels, size=360)
    said = crowd(truth, np.array([elsewhere]), seed + 1, labels)[:, 0]
    said[300:] = truth[300:]
    return Answered(crowd(truth, np.full(12, 0.85), seed, labels, each=2), truth[300:], labels, model=said), truth


def test_a_model_that_knows_the_control_items_and_guesses_elsewhere_makes_nobody_sure_of_what_is_wrong() -> None:
    over = []
    for seed in range(3):
        found, truth = with_a_model(1 / 3, seed)
        sure = found.confidence > 0.9
        assert (found.labels != truth[:300])[sure].mean() < 0.06
        over.append(found.overclaimed(truth))
        assert any("does not bear out" in notice["en"] for notice in found.quality.notices())
    assert np.mean(over) < 0.03


@pytest.mark.parametrize("elsewhere", [0.9, 0.95])
def test_a_model_that_knows_the_control_items_and_is_good_elsewhere_is_believed_no_further(elsewhere: float) -> None:
    """Of what was above .9 in six runs .09 and .04 were wrong where .008 and .004 were said."""
    wrong, said = [], []
    for seed in range(3):
        found, truth = with_a_model(elsewhere, seed)
        sure = found.confidence > 0.9
        wrong.append((found.labels != truth[:300])[sure].mean())
        said.append((1 - found.confidence[sure]).mean())
    assert np.mean(wrong) < np.mean(said) + 0.01


def test_a_model_that_is_as_good_elsewhere_is_believed_as_before() -> None:
    found, truth = with_a_model(0.95, 4)
    alone = Answered(crowd(truth, np.full(12, 0.85), 4, 3, each=2), truth[300:], 3)
    assert (found.labels == truth[:300]).mean() > (alone.labels == truth[:300]).mean() + 0.03
    assert found.confidence.mean() > alone.confidence.mean() + 0.03
    assert not any("does not bear out" in notice["en"] for notice in found.quality.notices())
