"""What experts say of one item, taken together, and how long an item takes."""

import pytest

import dataforge as df
from dataforge.data.items import Items
from dataforge.trials import Opinion, given_solutions, said_of_item, trial_items, trial_task, usual_seconds


class Size(df.Choice):
    SMALL = "small"
    LARGE = "large"
    HUGE = "huge"


@df.task(duration="10s")
def sized(text: df.Text) -> Size:
    """How large is it?"""
    raise NotImplementedError


@df.task(duration="30s")
def heard(clip: df.Audio) -> df.Text:
    """Write down every word."""
    raise NotImplementedError


def opinion(answer: str | None, ok: bool = True, comment: str = "") -> Opinion:
    return Opinion(ok, None if answer is None else {"answer": answer}, comment)


def test_an_item_is_fit_if_all_find_it_ok_and_answer_alike() -> None:
    assert said_of_item(sized.outputs, [opinion("small"), opinion("small")]).fit
    assert not said_of_item(sized.outputs, [opinion("small"), opinion("large")]).fit
    assert not said_of_item(sized.outputs, [opinion("small"), opinion("small", ok=False)]).fit
    assert not said_of_item(sized.outputs, [opinion(None)]).fit


def test_who_does_not_answer_disagrees_with_nobody() -> None:
    said = said_of_item(sized.outputs, [opinion("small"), opinion(None, comment=" it is far away ")])
    assert said.fit
    assert said.comments == ("it is far away",)


def test_of_texts_that_are_alike_enough_the_one_most_like_all_is_the_answer() -> None:
    long = "the quick brown fox jumps over the lazy dog and then it goes home to sleep for a very long time"
    said = said_of_item(heard.outputs, [opinion(f"{long} x"), opinion(long), opinion(long)])
    assert said.answer == {"answer": long}


def test_the_same_comment_of_two_experts_is_one() -> None:
    said = said_of_item(sized.outputs, [opinion("small", comment="mind the ears")] * 2)
    assert said.comments == ("mind the ears",)


def test_a_page_that_was_left_open_does_not_make_items_long() -> None:
    assert usual_seconds([8, 10, 12]) == 10
    assert usual_seconds([8, 10, 12, 4000]) == 10
    assert usual_seconds([]) is None


def test_a_trial_asks_what_the_task_asks_and_two_questions_more() -> None:
    trial = trial_task(sized, judged=False)
    assert [slot.name for slot in trial.outputs] == ["answer", "_ok", "_comment"]
    assert [slot.required for slot in trial.outputs] == [True, True, False]
    assert trial.inputs == sized.inputs
    for language in ("en", "ru"):
        assert trial.instruction[language].endswith("How large is it?")


def test_where_solutions_are_judged_they_are_shown_and_what_is_right_may_be_told_of_options() -> None:
    trial = trial_task(sized, judged=True)
    assert [slot.name for slot in trial.inputs] == ["text", "answer"]
    assert [(slot.name, slot.required) for slot in trial.outputs] == [
        ("_ok", True),
        ("_right", False),
        ("_comment", False),
    ]
    assert [slot.name for slot in trial_task(heard, judged=True).outputs] == ["_ok", "_comment"]


def test_of_two_options_the_other_one_is_right_where_one_is_not() -> None:
    @df.task
    def clear(text: df.Text) -> bool:
        """Is it clear?"""

    assert [slot.name for slot in trial_task(clear, judged=True).outputs] == ["_ok", "_comment"]


def test_items_of_a_trial_keep_their_ids_and_columns() -> None:
    items = df.read_items(sized, [{"id": "a", "text": "a mouse", "guess": "small", "page": 7}], prefill="guess")
    shown = trial_items(items, trial_task(sized, judged=True), given_solutions(items))
    assert isinstance(shown, Items)
    assert list(shown) == [{"text": "a mouse", "answer": "small"}]
    assert shown.frame().drop(columns="control").to_dict("records") == [
        {"id": "a", "text": "a mouse", "guess": "small", "page": 7, "answer": "small"}
    ]
    assert not shown.drafted


@pytest.mark.parametrize("name", ["_ok", "_comment", "_right_one"])
def test_names_of_what_experts_are_asked_are_taken(name: str) -> None:
    task = df.task(id="odd")(sized.function)
    slots = [type(sized.inputs[0])(name, sized.inputs[0].type, {"en": "x"})]
    odd = type(task)("odd", {"en": "x"}, {"en": "x"}, 5.0, tuple(slots), sized.outputs)
    with pytest.raises(df.SpecError, match=f"'{name}' is what experts are asked"):
        trial_task(odd, judged=False)
