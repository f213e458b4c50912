"""Bonuses by accuracy: what is certain of a worker is paid for, step by step, and once."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.issue.histories import publication
from tests.runs.core.story import Story
from tests.runs.core.test_corrections import corrected
from tests.runs.core.test_decide import begun, of, rules

import dataforge as df
from dataforge.corrections import Discard
from dataforge.errors import SpecError
from dataforge.records import NotPaid, PayBonus, Terms
from dataforge.runs.core.bonus_steps import bonus_notices
from dataforge.runs.core.checkpoint import load_state, saved_state
from dataforge.runs.core.log import Changed, Decided, keyed
from dataforge.runs.core.notices import notices
from dataforge.runs.core.state import RunState

STEPS = {0.5: 0.25, 0.7: 1}


def paid(story: Story, **policy: Any) -> list[tuple[float, int, str]]:
    """The bonuses that are ordered now: for which step, how much, and under which key."""
    found = of(PayBonus, story.goes_on(rules(control_per_page=1, bonuses=STEPS, **policy)).orders)
    return [(order.step, order.amount, order.key) for order in found]


def answers(story: Story, right: int, wrong: int = 0, worker: str = "bob") -> None:
    """A worker answers so many control items."""
    record = story.record(worker)
    record.control_correct += right
    record.control_total += right + wrong
    story.state.new_workers.add(record.number)


@pytest.fixture
def story() -> Story:
    told = begun(real=2, controls=1)
    told.accepted("page", "bob", "r0", "r1", amount=100)
    return told


def test_a_step_is_paid_once_it_is_certain_and_no_sooner(story: Story) -> None:
    # By Wilson's interval 3 of 3 are at least .438, 4 of 4 .510, 8 of 8 .676 and 9 of 9 .701.
    answers(story, 3)
    assert paid(story) == []
    answers(story, 1)
    assert [one[:2] for one in paid(story)] == [(0.5, 250_000)]
    answers(story, 4)
    assert paid(story) == []
    answers(story, 1)
    assert [one[:2] for one in paid(story)] == [(0.7, 1_000_000)]
    answers(story, 50)
    assert paid(story) == []


def test_steps_that_are_reached_at_once_are_all_paid(story: Story) -> None:
    answers(story, 9)
    assert [one[:2] for one in paid(story)] == [(0.5, 250_000), (0.7, 1_000_000)]


def test_a_share_that_falls_takes_nothing_back_and_one_that_rises_again_is_not_paid_again(story: Story) -> None:
    answers(story, 4)
    assert len(paid(story)) == 1
    answers(story, 0, 4)
    assert paid(story) == []
    answers(story, 40)
    assert [one[0] for one in paid(story)] == [0.7]


def test_what_was_ordered_is_known_after_a_restart_and_what_was_not_logged_has_the_same_key(story: Story) -> None:
    answers(story, 4)
    arrays = saved_state(story.state)
    decided = paid(story)

    def restarted(state: RunState) -> Story:
        again = begun(real=2, controls=1)
        load_state(again.state, state if isinstance(state, dict) else saved_state(state))
        again.state.new_workers.add(again.record("bob").number)
        return again

    # The log has lost its end: the same order, which the platform has carried out.
    assert paid(restarted(arrays)) == decided  # type: ignore[arg-type]
    assert paid(restarted(story.state)) == []


def test_whose_answers_are_discarded_gets_no_bonus(story: Story) -> None:
    answers(story, 9)
    corrected(story, Discard("bob"))
    assert paid(story) == []


def test_a_step_that_the_budget_does_not_pay_is_said(story: Story) -> None:
    answers(story, 4)
    [(_, amount, _)] = paid(story)
    story.happens(NotPaid(0, story.now, "bob", amount))
    assert any("1 of the bonuses, $0.25" in notice["en"] for notice in notices(story.state, rules()))
    assert paid(story) == []


def test_a_step_that_the_budget_did_not_pay_is_ordered_once_more_with_each_change_of_the_run(story: Story) -> None:
    answers(story, 4)
    [first] = paid(story)
    keys = {first[2]}
    for number in (1, 2):
        story.happens(NotPaid(number, story.now, "bob", first[1], "", {"en": "well done"}, first[0]))
        story.fold(Changed(story.now, number, Terms({}, publication())))
        load_state(fresh := begun(real=2, controls=1).state, saved_state(story.state))
        assert fresh.to_pay_again == story.state.to_pay_again != {}
        [again] = paid(story)
        assert again[:2] == first[:2]
        keys.add(again[2])
        assert paid(story) == []
    assert len(keys) == 3


def test_a_bonus_that_a_smaller_budget_did_not_pay_is_ordered_again_though_the_change_was_known_first(
    story: Story,
) -> None:
    answers(story, 4)
    [first] = paid(story)
    story.fold(Changed(story.now, 1, Terms({}, replace(publication(), budget=90))))
    assert paid(story) == []
    refusal = NotPaid(1, story.now, "bob", first[1], "", {"en": "well done"}, first[0], budget=50)
    story.happens(refusal)
    [again] = paid(story)
    assert again[:2] == first[:2]
    assert again[2] != first[2]
    story.happens(replace(refusal, cursor=2, budget=90))
    assert paid(story) == [], "the budget there is now does not pay it"
    assert any("1 of the bonuses" in notice["en"] for notice in notices(story.state, rules()))


def test_what_a_change_left_unpaid_in_an_older_log_is_not_paid_after_all(story: Story) -> None:
    # There whoever had raised the budget was told to give it again, under another key.
    answers(story, 4)
    [first] = paid(story)
    story.happens(NotPaid(1, story.now, "bob", first[1]))
    story.fold(Changed(story.now, 1, Terms({}, publication())), Decided(settled=False, confidence=None))
    assert paid(story) == []


def test_a_step_of_whose_answers_are_discarded_meanwhile_is_not_paid_once_there_is_budget(story: Story) -> None:
    answers(story, 4)
    [first] = paid(story)
    story.happens(
        NotPaid(1, story.now, "bob", first[1], "", {"en": "well done"}, first[0]),
        NotPaid(2, story.now, "bob", 7, "", {"en": "thanks"}),
    )
    corrected(story, Discard("bob"))
    story.fold(Changed(story.now, 1, Terms({}, publication())))
    assert [one[:2] for one in paid(story)] == [(0.0, 7)]


def test_a_bonus_whose_text_is_worded_otherwise_is_the_same_bonus() -> None:
    one, other = (PayBonus("bonus-thanks", "bob", 5, {"en": text}) for text in ("thanks", "thank you"))
    assert keyed("run", one).key == keyed("run", other).key != keyed("run", replace(one, amount=6)).key


def test_a_step_that_nobody_can_reach_is_said_before_the_launch() -> None:
    # 35 / (35 + 1.96 ** 2) is .901.
    policy = df.Policy(bonuses={0.9: 1})
    assert not list(bonus_notices(policy, 35, judged=False))
    [notice] = bonus_notices(policy, 34, judged=False)
    assert "takes 35 control items, all answered right, to be certain of that, and there are 34" in notice["en"]
    assert not list(bonus_notices(policy, 0, judged=True))


@pytest.mark.parametrize(
    ("bonuses", "said"),
    [
        ({1: 5}, "below 1"),
        ({90: 5}, "write 0.9"),
        ({0.9: 0.005}, "whole cents"),
        ({0.9: -1}, "whole cents"),
        (5, "such as"),
    ],
)
def test_steps_that_make_no_sense_are_refused_with_what_to_write(bonuses: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        df.Policy(bonuses=bonuses)


def test_a_policy_with_steps_is_read_as_it_was_written() -> None:
    policy = df.Policy(bonuses={0.9: 1, 0.8: 0.5})
    assert df.Policy.from_json(policy.to_json()) == policy
    assert list(policy.bonuses or {}) == [0.8, 0.9]
