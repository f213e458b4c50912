"""What a policy asks of workers, as people write it."""

from __future__ import annotations

from typing import Any

import pytest

import dataforge as df
from dataforge.errors import SpecError


def test_a_policy_keeps_what_it_asks_of_workers_and_gives_it_back_from_json() -> None:
    workers = df.Workers(age=(18, None), regions=["ru", "KZ"], skills={"medical": (70, "90d"), "Latin": 50})
    policy = df.Policy(workers=workers)
    assert workers.regions == ("RU", "KZ")
    assert workers.skills == {"medical": (70.0, 90 * 86_400.0), "Latin": (50.0, None)}
    assert df.Policy.from_json(policy.to_json()) == policy
    assert df.Policy(workers={"age": (18, None)}).workers == df.Workers(age=(18, None))  # type: ignore[arg-type]


def test_nothing_asked_is_no_filter_and_a_policy_of_before_has_none() -> None:
    assert df.Policy(workers=df.Workers()) == df.Policy()
    written = df.Policy().to_json()
    del written["workers"]
    assert df.Policy.from_json(written).workers is None


def test_those_who_judge_answers_are_asked_the_same_unless_something_else_is_said() -> None:
    adults = df.Workers(age=(18, None))
    assert df.Policy(workers=adults).checks.workers == adults
    doctors = df.Workers(skills={"medical": 70})
    assert df.Policy(workers=adults, check=df.Policy(workers=doctors)).checks.workers == doctors
    assert df.Policy(workers=adults, check=df.Policy()).checks.workers == adults


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"speaks": ("english",)}, "workers: speaks: 'english' is no language code; use the two letters of ISO 639-1"),
        ({"speaks": "en"}, "workers: speaks must be a list"),
        ({"regions": ("UK",)}, "'UK' is no code of a country.*the United Kingdom is 'GB'"),
        ({"regions": ("Russia",)}, "'Russia' is no code of a country; use the two letters of ISO 3166-1"),
        ({"age": (40, 18)}, r"age must be \(least, most\).*swap them"),
        ({"age": 18}, r"write \(18, None\) for 18 and older"),
        ({"age": (-1, None)}, "whole years of 0 to 120"),
        ({"age": (17.5, None)}, "whole years"),
        ({"device": "tablet"}, "device must be 'phone' or 'computer', or None for any, got 'tablet'"),
        ({"skills": {"medical": 101}}, "'medical' must be a number from 0 to 100"),
        ({"skills": {"medical": (70, "soon")}}, "how long 'medical' is valid: expected a duration"),
        ({"skills": {"medical": (70, 0)}}, "must be longer than 0"),
        ({"skills": ["medical"]}, "skills must be a mapping such as"),
        ({"skills": {"": 70}}, "expected the name of a skill"),
        ({"allowed": ["ann"], "barred": ["bob", "ann"]}, "'ann' is allowed and barred; leave out one of the two"),
        ({"named": "Anna"}, "named must be True or False"),
        ({"allowed": [""]}, "allowed must be a list of texts"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        df.Workers(**asked)


def test_a_policy_needs_workers_to_be_described_by_their_own_type() -> None:
    with pytest.raises(SpecError, match=r"workers must be df.Workers\(…\), such as df.Workers\(age=\(18, None\)\)"):
        df.Policy(workers="adults")  # type: ignore[arg-type]
