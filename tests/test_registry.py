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


@pytest.mark.parametrize("family", registry.PACKAGES)
def test_every_module_of_a_family_but_its_base_is_a_plug_in(family: str) -> None:
    assert "base" not in registry.names(family)
    for name in registry.names(family):
        assert registry.load(family, name) is not None


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
