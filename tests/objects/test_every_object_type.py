"""What every object type promises; a new file in `objects` is covered the moment it exists.

So is a type of another package that is installed: `pytest tests/objects/test_every_object_type.py -k colour`.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.media.files import look_at
from dataforge.objects.base import ObjectType
from dataforge.registry import load, names

Configured = Callable[[str], list[Any]]
Answered = Callable[[str], list[tuple[Any, Any]]]
Shown = Callable[[str], dict[str, Any]]
WIDGETS = Path(__file__).parents[2] / "ui/src/widgets"
STRANGE = [[[]], {}, [1], {"url": 5}, b"bytes", ..., (1, 2), float("nan"), float("inf")]
HOSTILE = ["<script>alert(1)</script>", "javascript:alert(1)", "data:text/html,<b>", "' OR 1=1 --", "\x00", "../../etc"]


@pytest.fixture(params=names("objects"))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_type_is_named_like_its_file_or_like_the_entry_point_that_offers_it(name: str) -> None:
    kind = load("objects", name)
    assert issubclass(kind, ObjectType)
    assert kind.name == name.replace("-", "_")
    if kind.__module__.startswith("dataforge."):
        assert kind.__module__ == f"dataforge.objects.{kind.name}"


def test_a_type_is_drawn_by_a_file_of_the_pages_or_by_a_module_of_its_own(name: str) -> None:
    kind = load("objects", name)
    if kind.widget is None:
        assert (WIDGETS / f"{kind.name}.svelte").is_file()
    else:
        assert "export default" in kind.widget.read_text("utf-8")


def test_a_type_says_what_it_is(name: str) -> None:
    assert load("objects", name).__doc__


def test_settings_survive_the_journey_as_json(name: str, configured: Configured) -> None:
    for kind in configured(name):
        settings = kind.settings()
        travelled = msgspec.json.decode(msgspec.json.encode(settings))
        back = type(kind).from_settings(travelled)
        assert travelled == settings
        assert back == kind
        assert hash(back) == hash(kind)
        assert back.settings() == settings
        assert back.labels() == kind.labels()


def test_settings_that_make_no_sense_are_refused_or_ignored_but_never_crash(name: str) -> None:
    for settings in ({"options": 5, "low": "a", "tie": 3, "minimum": []}, {"options": [1, 2], "low": 1, "high": 0}):
        with suppress(SpecError):
            load("objects", name).from_settings(settings)


@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_a_value_of_another_kind_is_refused_with_a_reason(
    name: str, value: Any, configured: Configured, answered: Answered
) -> None:
    for kind in configured(name):
        if (kind, value) in answered(name):
            continue
        for check in (kind.to_json, kind.check_input):
            with pytest.raises(DataError) as refusal:
                check(value)
            assert len(str(refusal.value)) > 20


@pytest.mark.parametrize("value", [*STRANGE, None], ids=repr)
def test_an_answer_of_another_kind_is_refused_with_a_reason(
    name: str, value: Any, configured: Configured, answered: Answered
) -> None:
    for kind in configured(name):
        if (kind, value) in answered(name):
            continue
        with pytest.raises(AnswerError) as refusal:
            kind.check_answer(value, {})
        assert len(str(refusal.value)) > 20


def test_nothing_is_no_value(name: str, configured: Configured) -> None:
    for kind in configured(name):
        with pytest.raises(DataError):
            kind.to_json(None)


@pytest.mark.parametrize("value", HOSTILE)
def test_markup_and_code_stay_plain_text_or_are_refused(name: str, value: str, configured: Configured) -> None:
    for kind in configured(name):
        with suppress(DataError):
            assert kind.to_json(value) == value
        with suppress(AnswerError):
            assert kind.check_answer(value, {}) == value


def test_a_message_about_a_huge_value_is_short(name: str, configured: Configured) -> None:
    huge = "x" * 10_000_000
    for kind in configured(name):
        with pytest.raises(DataError) as refusal:
            kind.to_json(huge)
        assert len(str(refusal.value)) < 500


def test_the_json_form_stays_itself_when_checked_again(name: str, configured: Configured) -> None:
    for kind in configured(name):
        for value in [*(kind.labels() or ()), "https://host/a.png", 3, 1.0, "12", True]:
            try:
                once = kind.to_json(value)
            except DataError:
                continue
            assert kind.check_input(once) == once
            assert msgspec.json.decode(msgspec.json.encode(once)) == once


def test_labels_of_a_bounded_type_are_its_answers(name: str, configured: Configured) -> None:
    for kind in configured(name):
        labels = kind.labels()
        if labels is None:
            assert kind.fewest_options() is None
            continue
        assert len(labels) == len(set(labels)) >= 2
        assert 1 <= kind.fewest_options() <= len(labels)
        for label in labels:
            assert kind.check_answer(kind.to_json(label), {}) == label
            assert type(kind.check_answer(label, {})) in (str, int, bool)
            assert kind.similarity(label, label) == 1.0
        assert list(kind.allowed({})) == list(labels)


def test_what_a_csv_cell_says_of_a_label_is_that_label(name: str, configured: Configured) -> None:
    for kind in configured(name):
        for label in kind.labels() or ():
            assert kind.to_json(kind.from_text(str(label))) == label


def test_an_answer_is_kept_as_it_was_given(name: str, answered: Answered, shown: Shown) -> None:
    for kind, answer in answered(name):
        clean = kind.check_answer(answer, shown(name))
        assert clean == answer
        assert kind.check_answer(msgspec.json.decode(msgspec.json.encode(clean)), shown(name)) == clean
        assert len(msgspec.json.encode(clean)) <= 6 * kind.longest_answer() + 2


def test_the_same_answer_has_one_canonical_form_and_another_answer_has_another(name: str, answered: Answered) -> None:
    for kind, answer in answered(name):
        copy = msgspec.json.decode(msgspec.json.encode(answer))
        assert kind.canonical(answer) == kind.canonical(copy)
        assert kind.similarity(answer, copy) == 1.0
    for (kind, one), (same, other) in combinations(answered(name), 2):
        if kind == same:
            assert kind.canonical(one) != kind.canonical(other)
            assert 0.0 <= kind.similarity(one, other) == kind.similarity(other, one) < 1.0


def test_a_spoilt_answer_is_an_answer_that_differs_and_follows_from_the_seed(
    name: str, answered: Answered, shown: Shown
) -> None:
    for kind, answer in answered(name):
        before = msgspec.json.encode(answer)
        spoilt = kind.spoil(answer, Random(5), shown(name))
        assert msgspec.json.encode(answer) == before
        if spoilt is not None:
            assert kind.check_answer(spoilt, shown(name)) == spoilt == kind.spoil(answer, Random(5), shown(name))
            assert kind.canonical(spoilt) != kind.canonical(answer)
            assert kind.similarity(spoilt, answer) < 1.0


def test_who_errs_and_who_does_not_look_give_answers_too(name: str, answered: Answered, shown: Shown) -> None:
    for kind, answer in answered(name):
        for seed in range(5):
            assert kind.attempt(answer, 1.0, Random(seed), shown(name)) == answer
            given = kind.attempt(answer, 0.3, Random(seed), shown(name))
            assert kind.check_answer(given, shown(name)) == given
            guessed = kind.guess(Random(seed), shown(name))
            if guessed is not None:
                assert kind.check_answer(guessed, shown(name)) == guessed


def test_a_file_that_is_made_is_what_its_name_says_within_the_rules_and_an_answer(
    name: str, configured: Configured, tmp_path: Path
) -> None:
    for kind in configured(name):
        rules, file = kind.file_rules(), kind.make_file(Random(1))
        assert (file is None) == (rules is None)
        if file is None or rules is None:
            continue
        (path := tmp_path / file.name).write_bytes(file.content)
        seen, digest = look_at(path), sha256(file.content).hexdigest()
        assert file.name == f"{digest}.{seen.extension}"
        assert seen.extension in rules.extensions
        assert len(file.content) <= rules.largest
        if rules.shortest is not None and rules.longest is not None:
            assert rules.shortest <= (seen.seconds or 0) <= rules.longest
        assert kind.files_of(kind.check_answer(file.answer, {})) == (file.name,)
        others = [kind.make_file(Random(1)), kind.make_file(Random(2)), kind.make_file(Random(1), good=False)]
        assert [other == file for other in others] == [True, False, False]
