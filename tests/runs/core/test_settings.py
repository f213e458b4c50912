"""A policy in words: each setting that does something is said, in every language of the pages."""

import pytest

import dataforge as df
from dataforge.catalogue import languages
from dataforge.policy import PRESETS
from dataforge.runs.core.settings import in_words


def test_the_words_of_the_policy_that_is_taken_by_default() -> None:
    assert [line["en"] for line in in_words(df.Policy(time_limit="90m"), "consensus", controls=5)] == [
        "an answer is sure from a confidence of 0.85 on",
        "answers are combined by hierarchical-dawid-skene",
        "a page is accepted with 4 of 5 control items right",
        "after 5 control items a worker with less than 70% right is restricted for 1 h, with less than 50% for 8 h",
        "a page done in less than 10% of its time restricts its worker for 1 d, and is not paid",
        "a page done in less than 30% of its time restricts its worker for 2 h",
        "5 pages skipped in a row restrict a worker for 8 h",
        "a worker who alone reports more than 30% of 30 items or more is restricted for 1 h",
        "the run ends 90 min after its launch",
    ]


def test_without_control_items_nothing_is_said_of_a_rule_about_them() -> None:
    said = " ".join(
        line["ru"] for line in in_words(df.Policy(min_confidence={True: 0.9, False: 0.8}), "consensus", controls=0)
    )
    assert "True: 0,9, False: 0,8" in said
    assert "без контрольных" in said
    assert "после 5 контрольных" not in said


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_said_in_every_language_of_the_pages(name: str) -> None:
    for line in in_words(df.Policy.preset(name, languages=("ru",)), "consensus", controls=2):
        assert sorted(line) == sorted(languages())
        assert len(set(line.values())) == len(line)


def test_how_other_workers_judge_answers_is_said() -> None:
    policy = df.Policy(check_sample=3, finalize_at=0.9, control_ratio=0.75, attempts=2, check=df.Policy(overlap=(2, 4)))
    assert [line["en"] for line in in_words(policy, "check", controls=0)][1:6] == [
        "each answer is judged by others: opinions of it 2 to 4",
        "answers of each page that are judged: 3, drawn by lot",
        "the others are taken as they are where 90% of these are right",
        "a page is paid if 75% of its answers that were judged are right",
        "an item whose answers were found wrong is given up after 2 of them on accepted pages",
    ]


def test_of_answers_that_are_judged_control_items_decide_who_gets_as_far() -> None:
    said = [line["en"] for line in in_words(df.Policy(speed=(), skips=None, reports=None), "check", controls=3)]
    assert "a page with less than 3 of 3 control items right is rejected and judged by nobody" in said


def test_collected_answers_are_not_said_to_be_sure_or_combined() -> None:
    said = " ".join(line["en"] for line in in_words(df.Policy(), "collect", controls=0))
    assert said.startswith("all answers are kept as they are")
    assert "sure" not in said
    assert "combined" not in said
