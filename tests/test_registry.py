"""Finding plug-ins by name."""

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from dataforge import registry
from dataforge.errors import PluginError, UnknownName


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


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[EntryPoint], None]]:
    """Make an entry point known, as that of an installed package."""

    def forget() -> None:
        for cached in (registry.names, registry.load, registry._outside):
            cached.cache_clear()

    def offer(point: EntryPoint) -> None:
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == point.group else [])
        forget()

    yield offer
    forget()


def test_another_package_offers_a_plug_in_by_an_entry_point(offered: Callable[[EntryPoint], None]) -> None:
    offered(EntryPoint("my_vote", "sys:version", "dataforge.aggregation"))
    assert "my-vote" in registry.names("aggregation")
    assert registry.load("aggregation", "my-vote") is sys.version


def test_what_goes_wrong_inside_another_package_is_not_taken_for_an_unknown_name(
    offered: Callable[[EntryPoint], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_vote.py").write_text("{}['settings of mine']")
    monkeypatch.syspath_prepend(tmp_path)
    offered(EntryPoint("broken-vote", "broken_vote:PLUGIN", "dataforge.aggregation"))
    with pytest.raises(PluginError, match=r"broken_vote:PLUGIN.*KeyError: 'settings of mine'"):
        registry.load("aggregation", "broken-vote")
