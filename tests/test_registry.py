"""Finding plug-ins by name."""

import sys
from importlib.metadata import EntryPoint

import pytest

from dataforge import registry
from dataforge.errors import UnknownName


def test_a_file_in_a_family_is_a_plug_in() -> None:
    assert "majority-vote" in registry.names("aggregation")
    assert registry.load("aggregation", "majority-vote") is registry.load("aggregation", "MAJORITY_VOTE")


def test_private_files_are_no_plug_ins() -> None:
    assert not [name for family in ("aggregation", "objects") for name in registry.names(family) if name[0] in "_-"]


def test_a_file_without_a_plug_in_and_a_package_are_no_plug_ins() -> None:
    assert not {"base", "command", "classification", "kernels"} & set(registry.names("aggregation"))


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"'majority-veto'; known: .*majority-vote"):
        registry.load("aggregation", "majority-veto")


def test_another_package_offers_a_plug_in_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("my_vote", "sys:version", "dataforge.aggregation")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == point.group else [])
    for cached in (registry.names, registry.load, registry._outside):
        cached.cache_clear()
    try:
        assert "my-vote" in registry.names("aggregation")
        assert registry.load("aggregation", "my-vote") is sys.version
    finally:
        for cached in (registry.names, registry.load, registry._outside):
            cached.cache_clear()
