"""No answer is surer than workers who agree are right at control items."""

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.kernels.ceiling import lowered
from dataforge.runs.core.quality import Tries
from dataforge.runs.quality._ceiling import UNTRIED, Ceiling, ceiling_of, highest
from dataforge.runs.quality._output import Output


def answers(wrong: np.ndarray, n_labels: int = 2) -> Responses:
    """Answers to control items, whose right label is 0, by item and worker: True is label 1."""
    item, worker = np.nonzero(np.ones_like(wrong))
    n_items, n_workers = wrong.shape
    known = np.zeros(n_items, np.int32)
    label = wrong[item, worker].astype(np.int32)
    return Responses(item.astype(np.int32), worker.astype(np.int32), label, n_items, n_workers, n_labels, known)


def independent(error: float, items: int, workers: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((items, workers)) < error


def test_thirty_control_items_that_all_got_right_leave_one_percent() -> None:
    # Beta(0.6, 19.4) beforehand: 0.6 of 20 errors, and none of 30 more.
    found = ceiling_of(answers(np.zeros((30, 12), bool)), 3)
    assert found.tries == 50
    assert found.error == pytest.approx(0.6 / 50, abs=0.001)


def test_without_control_items_it_is_what_crowds_are_like() -> None:
    nobody = answers(np.zeros((0, 3), bool))
    assert ceiling_of(nobody, 3) == UNTRIED == Ceiling(0.03, 20)


def test_a_wrong_answer_that_all_give_is_an_error_of_the_crowd_and_one_against_others_is_none() -> None:
    wrong = independent(0.1, 30, 12)
    apart = ceiling_of(answers(wrong), 3)
    assert apart.error == pytest.approx(0.6 / 50, abs=0.01)
    wrong[:3] = True
    # 3.6 of 50, a little of which workers may have got wrong each by themselves.
    assert ceiling_of(answers(wrong), 3).error == pytest.approx(3.6 / 50, abs=0.01)


def test_more_answers_to_a_control_item_do_not_make_it_more_than_one() -> None:
    wrong = independent(0.1, 30, 60)
    wrong[:3] = True
    found = ceiling_of(answers(wrong), 3)
    assert (found.tries, found.error) == (pytest.approx(50), pytest.approx(3.6 / 50, abs=0.01))


@pytest.mark.parametrize("errors", [4, 6, 8])
def test_workers_who_never_disagree_but_err_are_one_person_who_is_right_as_often_as_one(errors: int) -> None:
    wrong = np.zeros((30, 3), bool)
    wrong[:errors] = True
    # Nothing is known of one person beforehand: the rule of succession.
    assert ceiling_of(answers(wrong), 3).error == pytest.approx((1 + errors) / 32, abs=0.01)


def test_workers_of_the_same_skill_who_do_disagree_are_several() -> None:
    assert ceiling_of(answers(independent(0.2, 30, 12)), 3).error < 0.04


def test_what_is_taken_from_a_label_goes_to_the_others_that_are_open() -> None:
    allowed = np.array([[True, True, True], [True, True, False], [True, False, False]])
    sure = np.array([[1.0, 0, 0], [0.8, 0.2, 0], [1, 0, 0]])
    found = lowered(sure, 0.1, allowed)
    assert found == pytest.approx(np.array([[0.9, 0.05, 0.05], [0.74, 0.26, 0], [1, 0, 0]]))


def test_who_is_nearly_always_wrong_leaves_the_answers_as_they_are_and_no_confidence() -> None:
    found = lowered(np.array([[0.2, 0.8], [0.6, 0.4]]), 0.9, None)
    assert found == pytest.approx(0.5, abs=0.01)
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_a_ceiling_says_how_many_control_items_would_bring_a_confidence_into_reach() -> None:
    ceiling = Ceiling(0.6 / 50, 50)
    assert ceiling.allows(np.array([0.85, 0.98, 0.99])).tolist() == [True, True, False]
    lacking = ceiling.lacking(0.99)
    assert lacking is not None
    for more, reached in ((lacking - 1, False), (lacking, True)):
        assert Ceiling(0.6 / (50 + more), 50 + more).allows(np.array([0.99])).tolist() == [reached]
    assert ceiling.lacking(1.0) is None


def test_a_crowd_is_trusted_to_what_leaves_a_fifth_of_the_doubt_to_its_answers() -> None:
    # .8 of the doubt may be common errors: 1 - .056 / .8.
    assert Ceiling(0.056, 50).trusted == pytest.approx(0.93)
    assert Ceiling(0.056, 50).allows(np.array([0.93, 0.94])).tolist() == [True, False]
    assert Ceiling(0.9, 50).trusted == 0


def tries(right: int, wrong: int, claimed: float) -> Tries:
    count = right + wrong
    return Tries(np.arange(count), np.full(count, claimed), np.arange(count) < right, np.ones(count))


def answered(*times: int) -> Responses:
    """Two labels, and items that were answered so many times."""
    item = np.repeat(np.arange(len(times)), times).astype(np.int32)
    return Responses(
        item, np.arange(len(item), dtype=np.int32), np.zeros(len(item), np.int32), len(times), len(item), 2
    )


def test_claims_are_held_to_how_they_went_at_control_items() -> None:
    ceiling = Ceiling(0.02, 60)
    as_claimed = ceiling.held_to(tries(54, 6, 0.9), 60, several=1)
    assert as_claimed.most == pytest.approx(0.98, abs=0.002)
    flattered = ceiling.held_to(tries(39, 21, 0.9), 60, several=1)
    modest = ceiling.held_to(tries(60, 0, 0.9), 60, several=1)
    assert flattered.most < 0.96 < 0.985 < modest.most < 1
    even, twice = np.array([[0.9, 0.1], [0.2, 0.8]]), answered(2, 2)
    assert (flattered.under(even, twice).max(axis=1) < as_claimed.under(even, twice).max(axis=1)).all()
    assert (as_claimed.under(even, twice).max(axis=1) < modest.under(even, twice).max(axis=1)).all()


def test_what_several_answers_show_of_each_other_lifts_no_claim_that_rests_on_one() -> None:
    even, once = np.array([[0.9, 0.1], [0.2, 0.8]]), answered(1, 2)
    modest, flattered = (Ceiling(0.02, 60).held_to(tries(right, 60 - right, 0.9), 60, several=1) for right in (60, 39))
    plain = lowered(even, 0.02, None).max(axis=1)
    assert modest.under(even, once).max(axis=1)[0] == pytest.approx(plain[0])
    assert modest.under(even, once).max(axis=1)[1] > plain[1]
    assert (flattered.under(even, once).max(axis=1) < plain).all(), "it is brought down like others"
    by_single_ones = Ceiling(0.02, 60).held_to(tries(60, 0, 0.9), 60, several=0)
    assert (by_single_ones.under(even, once).max(axis=1) > plain).all(), "what single answers show lifts single ones"


def test_without_control_items_claims_are_those_that_common_errors_leave() -> None:
    even = np.array([[0.9, 0.1], [1.0, 0.0]])
    found = UNTRIED.held_to(tries(0, 0, 0.9), 0, several=0).under(even, answered(1, 1))
    assert found == pytest.approx(lowered(even, 0.03, None))


def test_items_stop_where_what_answers_can_do_is_done_whatever_claims_are_worth() -> None:
    found = Ceiling(0.1, 30, slope=0.9, shift=-0.3)
    wanted = np.array([0.7, 0.95])
    aims = found.aims(wanted)
    assert found.trusted < 0.95
    # .95 by answers alone is .95 - .1 · (.95 - .05) = .86; its odds to the power .9, times e^-.3.
    odds = (0.86 / 0.14) ** 0.9 * np.exp(-0.3)
    assert aims == pytest.approx([0.7, odds / (1 + odds)])


def test_the_control_items_that_are_lacking_are_as_many_as_bear_a_calibrated_claim_out() -> None:
    ceiling = Ceiling(0.04, 50, slope=1.1, shift=-0.2)
    more = ceiling.lacking(0.96)
    assert more is not None
    for lacking, reached in ((more - 1, False), (more, True)):
        later = Ceiling(0.04 * 50 / (50 + lacking), 50 + lacking, slope=1.1, shift=-0.2)
        assert later.allows(np.array([0.96])).tolist() == [reached]
    assert Ceiling(0.001, 50).lacking(0.9) == 0


def test_what_answers_alone_say_is_found_again_from_what_is_left_of_it() -> None:
    alone = np.array([0.4, 0.7, 0.95, 0.999])
    for ceiling in (UNTRIED, Ceiling(0.02, 40, 1.2, 0.3)):
        assert ceiling.alone(ceiling.left_of(alone, 3), 3) == pytest.approx(alone)
    assert UNTRIED.alone(np.array([0.01]), 3) == pytest.approx(1 / 3), "nobody is less sure than who guesses"


@pytest.mark.parametrize("error", [0.3, 0.5, 0.6, 0.9])
@pytest.mark.parametrize("labels", [2, 3])
def test_a_crowd_that_errs_at_most_control_items_is_left_what_labels_are_left_and_no_less(
    error: float, labels: int
) -> None:
    alone, ceiling = np.array([0.6, 0.95]), Ceiling(error, 30)
    probabilities = np.column_stack([alone, *[(1 - alone) / (labels - 1)] * (labels - 1)])
    assert ceiling.left_of(alone, labels) == pytest.approx(lowered(probabilities, error, None)[:, 0])
    assert ceiling.alone(ceiling.left_of(alone, labels), labels) == pytest.approx(alone)


def test_control_items_that_are_all_right_have_claims_believed_the_more() -> None:
    assert (highest(0).error, highest(0).most) == (UNTRIED.error, UNTRIED.most)
    # .6 errors in 50 tries leave .988; that 30 claims as sure as this were right lifts it, and never to certainty.
    assert 0.99 < highest(30).most < 0.993
    assert highest(30).most < highest(300).most < 1


def test_that_all_claims_of_a_frequent_label_were_right_makes_no_rare_one_surer() -> None:
    """Sixty known items, nearly all a no that was claimed rightly: of a yes one claim shows nothing."""
    several = Responses(
        np.array([0, 0, 1, 1], np.int32), np.array([0, 1, 0, 1], np.int32), np.zeros(4, np.int32), 2, 2, 2
    )
    seen = tries(60, 0, 0.9)
    by_label = seen._replace(label=np.where(np.arange(60) == 0, 1, 0))
    pooled, apart = (Ceiling(0.02, 60).held_to(one, 60, several=1) for one in (seen, by_label))
    even = np.array([[0.9, 0.1], [0.1, 0.9]])
    plain, by_all, by_each = (one.under(even, several).max(axis=1) for one in (Ceiling(0.02, 60), pooled, apart))
    assert by_all[1] > plain[1] + 0.02, "a yes was lifted by what was right of a no"
    assert by_each[1] == pytest.approx(plain[1], abs=0.01)
    assert by_each[0] == pytest.approx(by_all[0], abs=0.01)
    # A label that no known item shows is as sure as by its answers alone; one that was wrong is less so.
    never = seen._replace(label=np.zeros(60, np.int64))
    assert Ceiling(0.02, 60).held_to(never, 60, several=1).under(even, several)[1, 1] == pytest.approx(plain[1])
    badly = tries(54, 6, 0.9)._replace(label=np.where(np.arange(60) < 52, 0, 1))
    assert Ceiling(0.02, 60).held_to(badly, 60, several=1).under(even, several)[1, 1] < plain[1] - 0.1


# Of 60 known items a no was claimed of 52, rightly; of the 8 of which a yes was, 6 were a no.
YES_DOUBTED = Ceiling(0.02, 60).held_to(
    tries(54, 6, 0.9)._replace(label=np.where(np.arange(60) < 52, 0, 1)), 60, several=1
)


@df.task(duration="10s")
def is_it(caption: df.Text) -> bool:
    """Is it one?"""
    raise NotImplementedError


def test_each_label_is_promised_what_is_claimed_of_it_and_no_more() -> None:
    no, yes = YES_DOUBTED.left_of_each(np.array([1.0, 1.0]))
    claimed = YES_DOUBTED.under(np.eye(2), answered(2, 2)).max(axis=1)
    assert [no, yes] == pytest.approx(claimed.tolist())
    assert yes < 0.9 < 0.95 < no
    assert YES_DOUBTED.most_of_each(2) == pytest.approx([no, yes])
    wanted = np.array([0.95, 0.95])
    assert YES_DOUBTED.allows_each(wanted).tolist() == [True, False]
    assert YES_DOUBTED.allows(wanted).all(), "of all labels together it is within reach"


def test_an_item_of_a_doubted_label_gets_no_answers_for_a_confidence_that_they_cannot_show() -> None:
    for policy in (df.Policy(min_confidence=0.95, overlap=(1, 9)), df.Policy(target=0.95, overlap=(1, 9))):
        output = Output(is_it.outputs[0], policy)
        output.ceiling = YES_DOUBTED
        aims = dict(zip(output.answers.labels, output.aims(), strict=True))
        labels = list(aims)
        surest = YES_DOUBTED.under(np.eye(2), answered(2, 2)).max(axis=1)[labels.index(labels[1])]
        assert aims[labels[1]] <= surest < 0.95, "nine answers would bring no more"
        assert aims[labels[0]] == pytest.approx(0.95)


def test_which_label_is_short_of_what_is_wanted_is_said_by_name() -> None:
    output = Output(is_it.outputs[0], df.Policy(min_confidence=0.95))
    output.ceiling, output.label_counts = YES_DOUBTED, np.array([40, 9])
    found = output.reach(np.empty(0, bool))
    [(label, most)] = found.rare
    assert (label, found.beyond) == (str(output.answers.labels[1]), False)
    assert most == pytest.approx(YES_DOUBTED.most_of_each(2)[1])
    output.label_counts = np.array([40, 0])
    assert output.reach(np.empty(0, bool)).rare == (), "nobody said it of any item"
