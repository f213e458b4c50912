"""Mistakes of tables and settings are told together."""

from pathlib import Path

import pytest

import dataforge as df
from dataforge.errors import DataError, SpecError


class Animal(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")


@df.task(duration="5s")
def animal(photo: df.Image, caption: df.Text) -> Animal:
    """Which animal is it?"""


def told(error: pytest.ExceptionInfo[BaseException]) -> list[str]:
    return str(error.value).split("\n- ")


def test_a_launch_tells_all_that_is_wrong_with_its_tables_its_name_and_its_settings(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,photo,caption\n1,no.png,a\n1,https://a.example/1.png,\n")
    (tmp_path / "gold.csv").write_text("photo,caption,answer\nhttps://a.example/2.png,b,cow\n,c,\n")
    with pytest.raises(DataError) as error:
        df.launch(animal, tmp_path / "items.csv", tmp_path / "gold.csv", name="A name", workspace=tmp_path / "w")
    first, *mistakes = told(error)
    assert first == "6 mistakes"
    begins = [
        "items.csv, line 2, column 'photo': ",
        "items.csv, line 3, column 'caption': expected a value, got none",
        "items.csv: line 2 and line 3 have the same id '1'",
        "gold.csv, line 3, column 'photo': expected a value, got none",
        "gold.csv, line 2, column 'answer': ",
        "name: expected up to 100 small letters",
    ]
    assert len(mistakes) == len(begins)
    for mistake, begin in zip(mistakes, begins, strict=True):
        assert mistake.startswith(begin)
    assert not (tmp_path / "w").exists()


def test_of_many_mistakes_ten_are_told_and_counted_and_a_single_one_stands_alone() -> None:
    rows = [{"photo": f"https://a.example/{n}.png", "caption": None} for n in range(70_000)]
    with pytest.raises(DataError) as error:
        df.read_items(animal, rows)
    lines = told(error)
    assert (len(lines), lines[0], lines[-1]) == (12, "70,000 mistakes", "and 69,990 more")
    with pytest.raises(DataError, match=r"^items, row 2, column 'caption': expected a value, got none; fill it"):
        df.read_items(animal, [{**rows[0], "caption": "a"}, rows[1]])


def test_all_columns_that_are_missing_are_told() -> None:
    with pytest.raises(DataError) as error:
        df.read_items(animal, [{"text": "a"}])
    assert [line.split(";")[0] for line in told(error)] == [
        "2 mistakes",
        "items: no column 'photo' for the input of that name",
        "items: no column 'caption' for the input of that name",
    ]


def test_settings_and_a_name_that_are_wrong_are_told_as_such() -> None:
    @df.task
    def ask(text: df.Text) -> df.Text:
        """Say it."""

    with pytest.raises(SpecError, match="2 mistakes"):
        df.launch(ask, [{"text": "a"}], policy=df.Policy(quality="consensus"), name="A name")
