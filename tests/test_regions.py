"""Codes of countries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dataforge.errors import SpecError
from dataforge.regions import REGIONS, check_region
from dataforge.texts import LANGUAGES

CODES = Path(__file__).parents[1] / "ui" / "src" / "worker" / "codes.ts"


def test_there_are_as_many_countries_as_in_the_standard() -> None:
    # ISO 3166-1 has 249 entries.
    assert len(REGIONS) == 249
    assert {"RU", "KZ", "TR", "US", "GB", "UZ"} <= REGIONS


def test_codes_are_taken_in_small_letters_and_names_are_not() -> None:
    assert check_region("kz", "here") == "KZ"
    with pytest.raises(SpecError, match="here: 'Russia' is no code of a country; use the two letters of ISO 3166-1"):
        check_region("Russia", "here")
    with pytest.raises(SpecError, match="the United Kingdom is 'GB'"):
        check_region("UK", "here")


def test_the_page_offers_the_codes_that_the_server_takes() -> None:
    languages, regions = re.findall(r"= `\n(.*?)`;", CODES.read_text(), re.DOTALL)
    assert set(languages.split()) == LANGUAGES
    assert set(regions.split()) == REGIONS
