"""What tells control items from the others by their form is named, and what differs by chance is not."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.data.control_forms import form_differences, form_notices

WORDS = ("a", "cat", "on", "the", "table", "and", "two", "dogs", "beside", "old", "chairs", "under", "trees", "near")


@df.task(duration="10s")
def fits(caption: df.Text, number: int | None = None, note: df.Text | None = None) -> bool:
    """Does it fit?"""
    raise NotImplementedError


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(3, 12))).capitalize()


def rows(count: int, seed: int, **changes: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Captions, numbers and notes of one kind; `changes` make each value another one."""
    chance = random.Random(seed)
    plain = (
        {
            "caption": f"{sentence(chance)} {chance.random():.12f}",
            "number": chance.randint(0, 99),
            "note": chance.choice([None, "old", "new"]),
        }
        for _ in range(count)
    )
    return [{name: changes.get(name, lambda same: same)(value) for name, value in row.items()} for row in plain]


def joined(real: list[dict[str, Any]], control: list[dict[str, Any]], task: df.Task = fits) -> df.Items:
    known = [{**row, "answer": True} for row in control]
    return df.Items.join(df.read_items(task, real), df.read_items(task, known, control=True))


@pytest.mark.parametrize(
    ("change", "column", "what"),
    [
        ({"caption": lambda text: f"{text} "}, "caption", "ends with a space"),
        ({"caption": lambda text: f" {text}"}, "caption", "begins with a space"),
        ({"caption": str.upper}, "caption", "has capital letters only"),
        ({"caption": str.lower}, "caption", "has no capital letters"),
        ({"caption": lambda text: f"{text}."}, "caption", "ends with '.'"),
        ({"caption": lambda text: text.replace(" ", "\n", 1)}, "caption", "has a line break"),
        ({"caption": lambda text: text * 4}, "caption", "is longer than"),
        ({"number": lambda _: None}, "number", "is missing"),
        ({"number": lambda number: number + 1_000}, "number", "is more than"),
        ({"number": lambda _: 7}, "number", "is 7"),
        ({"note": lambda _: "known"}, "note", "is 'known'"),
    ],
)
def test_what_nearly_all_control_items_have_and_hardly_another_is_named(
    change: Mapping[str, Any], column: str, what: str
) -> None:
    [found] = form_differences(joined(rows(600, 1), rows(30, 2, **change)))
    assert found.column == column
    assert found.what["en"].startswith(what)
    assert (found.controls, found.of_controls, found.of_others) == (30, 30, 600)
    assert found.others <= 60
    # And what nearly all others have and hardly a control item.
    [found] = form_differences(joined(rows(600, 1, **change), rows(30, 2)))
    assert found.column == column


def test_the_notice_says_column_difference_and_numbers_in_each_language() -> None:
    control = rows(30, 2, caption=lambda text: f"{text} ")
    [notice] = form_notices(joined(rows(600, 1), control))
    assert "'caption' ends with a space in 30 of 30 of them and in 0 of 600 others" in notice["en"]
    assert "'caption' кончается пробелом в 30 из 30, а у остальных — в 0 из 600" in notice["ru"]
    assert "'caption' termina en un espacio en 30 de 30 de ellos y en 0 de 600 de los demás" in notice["es"]


@pytest.mark.parametrize("seed", range(20))
def test_items_of_one_kind_give_nothing_away(seed: int) -> None:
    assert form_differences(joined(rows(200, seed), rows(8, 1_000 + seed))) == []


def test_a_difference_of_few_is_taken_for_chance() -> None:
    assert form_differences(joined(rows(600, 1), rows(4, 2, caption=str.upper))) == []


@df.task(duration="10s")
def sharp(photo: df.Image) -> bool:
    """Is it sharp?"""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("control", "what"),
    [
        ("https://example.org/p/gold_{0}.png", "has a file name that begins with 'gold'"),
        ("https://example.org/known/{0}.png", "lies in the folder '/known'"),
    ],
)
def test_addresses_that_tell_are_named(control: str, what: str) -> None:
    real = [{"photo": f"https://example.org/p/{n:04}.png"} for n in range(20)]
    [found] = form_differences(joined(real, [{"photo": control.format(n)} for n in range(8)], sharp))
    assert found.what["en"] == what
    assert (
        form_differences(joined(real, [{"photo": f"https://example.org/p/{n}.png"} for n in range(50, 58)], sharp))
        == []
    )


def test_files_of_another_size_are_named(tmp_path: Path) -> None:
    def files(count: int, size: int, name: str) -> list[dict[str, Any]]:
        for n in range(count):
            (tmp_path / f"{name}{n}.png").write_bytes(b"\x89PNG\r\n\x1a\n".ljust(size + n, b"\0"))
        return [{"photo": str(tmp_path / f"{name}{n}.png")} for n in range(count)]

    [found] = form_differences(joined(files(20, 5_000, "a"), files(6, 50_000, "b"), sharp))
    assert found.what["en"] == "is a file of more than 4.9 KB"
    assert (found.controls, found.of_controls, found.others, found.of_others) == (6, 6, 0, 20)


def test_a_launch_tells_how_control_items_give_themselves_away(tmp_path: Path) -> None:
    from dataforge.platforms.simulated import SimulatedPlatform
    from dataforge.runs.handle.launch import describe

    items = joined(rows(60, 1), rows(9, 2, caption=str.upper))
    platform = SimulatedPlatform([], lambda inputs: {"answer": True})
    for page, told in (((4, 1), True), ((4, 0), False)):
        notices = describe("run", fits, items, df.Policy(page=page), platform).notices
        assert any("has capital letters only" in notice["en"] for notice in notices) is told
