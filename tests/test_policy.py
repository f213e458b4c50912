"""Quality, cost and speed settings."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation import DawidSkene
from dataforge.errors import SpecError
from dataforge.policy import ControlRule, Policy, SkipRule, SpeedRule

DAY, HOUR = 86400.0, 3600.0


def test_the_plain_policy_is_the_preset_moderate() -> None:
    policy = Policy()
    assert policy == Policy.preset("moderate") == Policy.preset("Moderate")
    assert (policy.control_share, policy.robustness) == (0.2, 0.75)
    assert (policy.overlap, policy.min_overlap, policy.max_overlap, policy.dynamic) == (None, 1, 5, True)
    assert (policy.min_confidence, policy.aggregation) == (0.85, "hierarchical-dawid-skene")
    assert policy.speed == (SpeedRule(0.1, DAY, reject=True), SpeedRule(0.3, 2 * HOUR, reject=False))
    assert policy.skips == SkipRule(5, 8 * HOUR)


@pytest.mark.parametrize(
    ("name", "share", "aim", "overlap", "speed"),
    [
        ("no-control", 0, 0, 1, []),
        ("mild", 0.1, 0.6, (1, 3), [(0.01, DAY, True), (0.05, 2 * HOUR, False)]),
        ("moderate", 0.2, 0.75, (1, 5), [(0.1, DAY, True), (0.3, 2 * HOUR, False)]),
        ("strict", 0.4, 0.9, (2, 7), [(0.3, DAY, True), (0.5, 2 * HOUR, False)]),
    ],
)
def test_presets_have_their_numbers(name: str, share: float, aim: float, overlap: Any, speed: list[Any]) -> None:
    policy = Policy.preset(name)
    assert (policy.control_share, policy.robustness) == (share, aim)
    assert policy.opinions == (overlap if isinstance(overlap, tuple) else (overlap, overlap))
    assert [(rule.ratio, rule.restrict_seconds, rule.reject) for rule in policy.speed] == speed
    assert policy.min_confidence == 0.85
    assert policy.aggregation == "hierarchical-dawid-skene"


def test_a_preset_can_be_changed() -> None:
    policy = Policy.preset("NO_CONTROL", overlap=(2, 4), budget=5)
    assert (policy.min_overlap, policy.max_overlap, policy.dynamic) == (2, 4, True)
    assert policy.speed == ()
    assert policy.changed(budget=6).budget == 6


def test_answers_that_are_merged_or_kept_are_three_where_no_overlap_is_named() -> None:
    assert Policy(quality="merge").opinions == Policy(quality="collect").opinions == (3, 3)
    assert Policy(quality="merge", overlap=(1, 5)).opinions == (1, 5)
    assert Policy().checks.opinions == (2, 5)
    assert Policy(overlap=3).checks.opinions == (3, 3)


def test_static_overlap_has_one_number() -> None:
    policy = Policy(overlap=4)
    assert (policy.min_overlap, policy.max_overlap, policy.dynamic) == (4, 4, False)
    assert not Policy(overlap=(3, 3)).dynamic


@pytest.mark.parametrize("spelling", ["DAWID_SKENE", "dawid-skene", "Dawid Skene", " dawid_skene "])
def test_aggregation_is_found_in_any_spelling(spelling: str) -> None:
    assert Policy(aggregation=spelling).aggregation == "dawid-skene"


@pytest.mark.parametrize("name", ["MAJORITY_VOTE", "MAX_LIKELIHOOD", "DAWID_SKENE"])
def test_the_three_methods_of_the_manual_are_known(name: str) -> None:
    assert Policy(aggregation=name).aggregation == name.lower().replace("_", "-")


@pytest.mark.parametrize(
    ("ratio", "controls", "needed"),
    [(0.28, 25, 7), (0.7, 4, 3), (0.7, 10, 7), (0.6, 5, 3), (1, 4, 4), (0, 4, 0), (0.7, 0, 0), (0.1, 30, 3)],
)
def test_the_number_of_right_controls_is_exact(ratio: float, controls: int, needed: int) -> None:
    assert Policy(control_ratio=ratio).needed_correct(controls) == needed


def test_confidence_may_differ_per_label() -> None:
    class Animal(df.Choice):
        DOG = "dog"
        CAT = "cat"

    policy = Policy(min_confidence={Animal.DOG: 0.99})
    assert policy.min_confidence_for("dog") == 0.99
    assert policy.min_confidence_for("cat") == 0.85
    assert Policy(min_confidence=0.9).min_confidence_for("dog") == 0.9
    assert Policy(min_confidence={True: 0.9, False: 0.95}).min_confidence_for(False) == 0.95


def test_durations_are_read() -> None:
    policy = Policy(time_limit="1d", stall_after=timedelta(minutes=5), lease=300)
    assert (policy.time_limit_seconds, policy.stall_seconds, policy.lease_seconds) == (DAY, 300.0, 300.0)
    assert (Policy().time_limit_seconds, Policy().stall_seconds, Policy().lease_seconds) == (None, 900.0, None)


@pytest.mark.parametrize(
    ("languages", "price"),
    [((), 1.0), (("en",), 1.0), (("ru",), 0.6), (("tr",), 1.2), (("kk",), 0.8), (("ru", "kk"), 0.8)],
)
def test_an_hour_has_a_price_by_language(languages: tuple[str, ...], price: float) -> None:
    assert Policy(languages=languages).hourly_price == price
    assert Policy(languages=languages, price_per_hour=3).hourly_price == 3


def test_the_control_rule_restricts_by_accuracy() -> None:
    rule = ControlRule(soft=0.7, hard=0.5, after=5)
    assert rule.restrict_seconds(0, 4) == 0
    assert rule.restrict_seconds(2, 5) == 8 * HOUR
    assert rule.restrict_seconds(5, 10) == HOUR
    assert rule.restrict_seconds(7, 10) == 0


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy.preset("no-control"),
        Policy.preset("mild", budget=3.5, commission=0.3),
        Policy.preset("strict", page=(10, 2), lease="5m", time_limit="1d", languages=("ru", "en"), currency="RUB"),
        Policy(min_confidence={True: 0.9, False: 0.8}),
        Policy(min_confidence={1: 0.9, 5: 0.1 + 0.2}, overlap=(1, 100), price_per_hour=1 / 3),
    ],
    ids=repr,
)
def test_a_policy_survives_the_journey_as_json(policy: Policy) -> None:
    back = Policy.from_json(json.loads(json.dumps(policy.to_json())))
    assert back == policy
    assert back.to_json() == policy.to_json()
    assert hash(back) == hash(policy)


@pytest.mark.parametrize(
    "written", [{}, {"speed": 5}, {"speed": [], "control": None, "skips": None, "colour": 1}, {"speed": [{"x": 1}]}]
)
def test_json_that_is_no_policy_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="policy"):
        Policy.from_json(written)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_confidence": 1.5}, "min_confidence must be a number from 0 to 1, got 1.5"),
        ({"min_confidence": 95}, "got 95; write 0.95"),
        ({"min_confidence": "high"}, "min_confidence must be a number"),
        ({"min_confidence": {}}, "got an empty mapping"),
        ({"min_confidence": {"dog": 2}}, "min_confidence of 'dog'"),
        ({"min_confidence": {None: 0.5}}, "which is no answer"),
        ({"overlap": 0}, "overlap must be a whole number from 1"),
        ({"overlap": 2.5}, "overlap must be"),
        ({"overlap": True}, "overlap must be"),
        ({"overlap": (3, 2)}, "swap them"),
        ({"overlap": "2-5"}, "got '2-5'; write (2, 5)"),
        ({"overlap": "0.5"}, "got '0.5'; write (2, 5) or 3"),
        ({"overlap": "1e3"}, "got '1e3'; write (2, 5) or 3"),
        ({"overlap": (1, 2, 3)}, "overlap must be a number or (minimum, maximum)"),
        (
            {"aggregation": "magic"},
            "no aggregation is named 'magic'; known: dawid-skene, glad, hierarchical-dawid-skene, mace",
        ),
        ({"aggregation": "DS"}, "no aggregation is named 'DS'; write 'dawid-skene'"),
        ({"aggregation": None}, "no aggregation"),
        ({"reports": 3}, "reports must be a ReportRule or None, got 3"),
        ({"page": 5}, "page must be (real items, control items)"),
        ({"page": (0, 2)}, "the real items of a page"),
        ({"page": (5, -1)}, "the control items of a page"),
        ({"page": (90, 20)}, "at most 100 items"),
        ({"control_ratio": 2}, "control_ratio"),
        ({"control_share": -1}, "control_share"),
        ({"robustness": float("nan")}, "robustness"),
        ({"budget": 0}, "got 0; write None for no bound, or --budget none"),
        ({"budget": -5}, "budget must be an amount"),
        ({"page_price": float("inf")}, "page_price"),
        ({"price_per_hour": "1"}, "price_per_hour"),
        ({"commission": -0.1}, "commission"),
        ({"currency": ""}, "currency"),
        ({"lease": 0}, "lease must be longer than 0"),
        ({"stall_after": "soon"}, "stall_after: expected a duration"),
        ({"time_limit": -5}, "time_limit: expected a duration"),
        ({"languages": "ru"}, "languages must be a tuple"),
        ({"languages": ("russian",)}, "'russian' is no language code"),
        ({"speed": SpeedRule(0.1)}, "speed must be a tuple"),
        ({"control": 0.5}, "control must be a ControlRule"),
        ({"skips": 5}, "skips must be a SkipRule"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=re.escape(message)):
        Policy(**settings)


def test_a_number_just_above_one_is_not_taken_for_a_percentage() -> None:
    with pytest.raises(SpecError, match=r"from 0 to 1, got 2$"):
        Policy(min_confidence=2)


def test_rules_check_themselves() -> None:
    for build in (
        lambda: SpeedRule(2),
        lambda: SpeedRule(0.1, "soon"),
        lambda: SpeedRule(0.1, reject=1),  # type: ignore[arg-type]
        lambda: ControlRule(soft=0.4, hard=0.5),
        lambda: ControlRule(after=0),
        lambda: SkipRule(0),
    ):
        with pytest.raises(SpecError):
            build()


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(SpecError, match="no preset is named 'medium'; known: no-control, mild, moderate, strict"):
        Policy.preset("medium")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("min_overlap", r"write overlap=\(2, most\)"),
        ("aggregation_algorithm", "write aggregation=2"),
        ("correct_control_task_ratio_for_acceptance", "write control_ratio=2"),
        ("real_tasks_count", r"write page=\(2, control items\)"),
        ("task_duration_hint", r"write @df.task\(duration=2\)"),
        ("overlaps", "write overlap=…"),
        ("colour", "known: min_confidence, target, voters, overlap, "),
    ],
)
def test_a_setting_of_another_name_is_refused_with_what_to_write(name: str, advice: str) -> None:
    for make in (Policy, Policy().changed, partial(Policy.preset, "mild")):
        with pytest.raises(SpecError, match=f"no setting is named '{name}'; {advice}"):
            make(**{name: 2})


def test_numbers_of_numpy_and_decimal_ones_are_numbers() -> None:
    policy = df.Policy(
        overlap=(np.int64(2), np.int32(5)),
        min_confidence=np.float32(0.5),
        budget=Decimal("50"),
        page=[np.int64(4), 1],
        time_limit=np.int64(60),
        stall_after=Decimal("2.5"),
    )
    assert policy == df.Policy(
        overlap=(2, 5), min_confidence=0.5, budget=50, page=(4, 1), time_limit="1m", stall_after=2.5
    )
    assert type(policy.opinions[0]) is int
    assert df.Rating(np.int64(1), np.int64(5)).settings() == df.Rating(1, 5).settings()
    assert type(df.Number(np.float64(0), 1).settings()["low"]) is float


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"overlap": "3"}, "write 3"),
        ({"overlap": "2-5"}, "write (2, 5)"),
        ({"overlap": "many"}, "write (2, 5)"),
        ({"languages": "ru"}, "write ('ru',)"),
        ({"languages": ("RU",)}, "write 'ru'"),
        ({"languages": ("ru-RU",)}, "write 'ru'"),
        ({"languages": ("xx",)}, "use the two letters of ISO 639-1"),
        ({"aggregation": DawidSkene}, "write 'dawid-skene'"),
        ({"aggregation": DawidSkene()}, "write 'dawid-skene'"),
    ],
)
def test_a_setting_in_another_form_is_refused_with_how_it_is_written(settings: Any, advice: str) -> None:
    with pytest.raises(SpecError, match=re.escape(advice)):
        df.Policy(**settings)
