"""The files of messages: that each language says all of them, in its own words and forms, and that they are said."""

import ast
import json
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from dataforge import catalogue
from dataforge.active_learning.course import Why
from dataforge.active_learning.handle import LoopStatus
from dataforge.catalogue import joined, listed, percent, say
from dataforge.models import Model
from dataforge.pipeline_folder import About
from dataforge.pipelines.launch import _announced
from dataforge.pipelines.outlay import Outlay
from dataforge.pipelines.status import PipelineStatus
from dataforge.pricing.price import PriceRange
from dataforge.records import ClosedReason
from dataforge.server.workers.lacking import WORDED

SOURCE = Path(catalogue.__file__).parents[1]
FILES = sorted((SOURCE / "catalogue").glob("*.json"))
ENGLISH = {path.name.split(".")[0]: json.loads(path.read_text("utf-8")) for path in FILES if ".en." in path.name}
FORMS = {"ru": {"one", "few", "many", "other"}}
# Texts that are the same in English, for what they are: names and signs.
ALIKE = {"{items} {pages}", "{items} ({share}%)", "{label}: {sure}", "{share}: {amount}"}


def texts_of(message: catalogue.Message) -> list[str]:
    return [message] if isinstance(message, str) else list(message.values())


def places_of(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def faults_of(message: catalogue.Message, original: catalogue.Message, language: str) -> list[str]:
    """What is wrong with a language's message, beside the English one."""
    if isinstance(message, str) != isinstance(original, str):
        return ["has plural forms in one of the two languages only"]
    faults = []
    if isinstance(message, dict) and set(message) != (wanted := FORMS.get(language, {"one", "other"})):
        faults.append(f"has the plural forms {sorted(message)}, not {sorted(wanted)}")
    places = places_of(texts_of(original)[-1])
    for text in texts_of(message):
        spelled = isinstance(message, dict) and places_of(text) == places - {"count"}
        if places_of(text) != places and not spelled:
            faults.append(f"has the places {sorted(places_of(text))}, English {sorted(places)}")
        if not text.strip() or text != text.strip():
            faults.append("is empty, or has spaces about it")
        if re.search(r"</?[a-z]|&[a-z]+;", text):
            faults.append("has markup, which pages show as it is")
        if text.count("{") + text.count("}") != 2 * len(re.findall(r"\{\w+\}", text)):
            faults.append("has a brace that is no place")
        if text.count("**") != texts_of(original)[-1].count("**"):
            faults.append("has other stresses than English")
    if language != "en" and message == original and message not in ALIKE:
        faults.append("is the English text")
    return faults


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_language_says_everything_that_english_says_in_its_own_forms(path: Path):
    name, language = path.name.split(".")[:2]
    messages, english = json.loads(path.read_text("utf-8")), ENGLISH[name]
    faults = [
        f"{key} {fault}"
        for key, message in messages.items()
        for fault in (faults_of(message, english[key], language) if key in english else ["is not in English"])
    ]
    missing = [f"{key} is missing" for key in english if key not in messages]
    assert faults + missing == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_message_is_there_once(path: Path):
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        assert len(set(keys)) == len(keys), sorted(key for key in keys if keys.count(key) > 1)
        return dict(pairs)

    json.loads(path.read_text("utf-8"), object_pairs_hook=once)
    everywhere = [key for messages in ENGLISH.values() for key in messages]
    assert len(set(everywhere)) == len(everywhere)


def test_every_message_is_said_somewhere():
    source = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    named = set(re.findall(r'"([a-z]\w*)"', source))
    around = [(before, after) for before, after in re.findall(r'say\(\s*f"([a-z]\w*_)\{[^}]*\}(\w*)"', source)]
    unused = [
        key
        for messages in ENGLISH.values()
        for key in messages
        if key not in named and not any(key.startswith(before) and key.endswith(after) for before, after in around)
    ]
    assert unused == []


@pytest.mark.parametrize("reason", sorted(set(get_args(get_args(ClosedReason)[0])) - {"restricted"}))
def test_each_reason_why_a_task_is_closed_has_its_sentence(reason: str):
    known = catalogue.messages("en")
    assert {f"closed_{reason}", f"lacking_{reason}"} & known.keys() or reason in WORDED


def test_a_message_is_said_in_all_languages_with_what_stands_in_its_places():
    asked = say("lacking_region", needed="KZ, {UZ}")
    assert asked["en"] == "This task is for people in: KZ, {UZ}."
    assert asked["es"] == "Esta tarea es para personas que están en: KZ, {UZ}."


def test_numbers_are_written_as_each_language_writes_them():
    said = say("training_had", score=1234.5)
    assert (said["en"], said["ru"]) == ("You had 1,234.5 %.", "У вас было 1\N{NO-BREAK SPACE}234,5\N{NO-BREAK SPACE}%.")
    assert (said["es"], said["tr"]) == ("Usted obtuvo el 1.234,5\N{NO-BREAK SPACE}%.", "Sizin sonucunuz %1.234,5 oldu.")


def test_a_text_of_the_task_stands_in_the_readers_language_else_in_english():
    named = say("check_name", task={"en": "Animals", "es": "Animales"})
    assert (named["es"], named["tr"]) == ("Comprobación: Animales", "Denetim: Animals")


def test_one_text_follows_another_in_all_languages_of_the_first():
    assert joined({"en": "A.", "ru": "А."}, {"en": "B."}) == {"en": "A. B.", "ru": "А. B."}


def test_texts_are_listed_in_every_language_that_one_of_them_has():
    assert listed([{"en": "a"}, {"en": "b", "kk": "б"}], "; ") == {"en": "a; b", "kk": "a; б"}


def test_a_decimal_keeps_its_digits_in_the_signs_of_each_language():
    shares = {"mean": Decimal("98.0"), "low": Decimal("96.5"), "high": Decimal("99.1")}
    said = say("accuracy_found", of=1200, **shares)
    assert said["en"] == "Right answers: 98.0% of 1,200 (95% interval: 96.5% to 99.1%)."
    assert said["uz"] == "Toʻgʻri javoblar: 98,0%, jami 1\N{NO-BREAK SPACE}200 (95% oraligʻi: 96,5%–99,1%)."


def test_a_share_stands_in_per_cent_as_each_language_writes_it():
    told = percent(0.724)
    assert (told["en"], told["ru"], told["tr"]) == ("72%", "72\N{NO-BREAK SPACE}%", "%72")
    assert percent(0.9652, 1)["es"] == "96,5\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize("language", ["es", "kk", "ru"])
def test_messages_write_per_cent_as_shares_are_written(language: str):
    texts = json.dumps(list(catalogue.messages(language).values()), ensure_ascii=False)
    odd = re.findall(r"\S*[0-9}] ?%(?!-)", texts)
    assert odd == [], "a number and its sign for per cent have a no-break space between"


def test_a_message_that_no_file_has_is_an_error():
    with pytest.raises(KeyError, match="no_such_message"):
        say("no_such_message")


def test_faults_of_messages_are_found():
    assert faults_of("Hola, {nombre}", "Hello, {name}", "es") == ["has the places ['nombre'], English ['name']"]
    assert faults_of("", "Hello", "es") == ["is empty, or has spaces about it"]
    assert faults_of("<b>Hola</b>", "Hello", "es") == ["has markup, which pages show as it is"]
    assert faults_of("Hello", "Hello", "es") == ["is the English text"]
    assert faults_of({"one": "страница", "other": "страницы"}, {"one": "page", "other": "pages"}, "ru") == [
        "has the plural forms ['one', 'other'], not ['few', 'many', 'one', 'other']"
    ]


def test_every_language_has_all_files():
    there = {tuple(path.name.split(".")[:2]) for path in FILES}
    assert {(name, language) for name in ENGLISH for language in catalogue.languages()} == there


def test_no_text_in_the_code_is_written_in_some_of_the_languages_only():
    written = [
        (path.name, node.lineno, sorted(keys))
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict) and (keys := _texts_in(node)) & {"ru", "kk"}
    ]
    assert len(written) >= 5
    assert [found for found in written if set(found[2]) != {*catalogue.languages()}] == []


def _texts_in(node: ast.Dict) -> set[str]:
    """The languages of a text that is written down, an f-string or a plain one by each; none of another dictionary."""
    pairs = zip(node.keys, node.values, strict=True)
    return {
        key.value
        for key, value in pairs
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
        if isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str))
    }


def test_how_pipelines_and_loops_stand_is_said_in_russian_without_english_words(monkeypatch):
    monkeypatch.setattr(catalogue, "own_language", lambda: "ru")
    outlays = {name: Outlay(PriceRange(0.1, high), 0.5, "USD") for name, high in (("одна", 0.1), ("другая", 0.2))}
    models = [Model("сеть", lambda items: items, price=0.5)]
    items = SimpleNamespace(count=1200)
    said = []
    for about in (About("улицы", "f", budget=0.3), About("улицы", "f", source="путь")):
        for costs in (outlays, {}):
            said += _announced(about, items, costs, models)
    said.append(str(PipelineStatus(3, 1, 1, {"одна": 1}, {"шаг": (2, 3.0)}, {"одна": "стоит"}, False, 1)))
    for ended in ("", *get_args(Why), "budget", "time", "stopped"):
        said.append(str(LoopStatus(2, 30, 5, 90, 0.9, 0.8, 0.95, ended, "", 20, 1.5, "USD")))
    text = "\n".join(said)
    # What is typed as it is: a command, a setting.
    words = set(re.findall("[A-Za-z]{2,}", re.sub(r"dataforge stop|again=True", "", text)))
    assert words == set(), text
    assert "0,900 (от 0,800 до 0,950)" in text
