"""Where people's browsers find a server that stands behind a proxy."""

from pathlib import Path

import pytest

from dataforge.errors import SpecError
from dataforge.workspace import Workspace, opens_only_here, outside

HERE = "http://127.0.0.1:8765"
HUB = "https://hub.example.org/user/ann/proxy/8765"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFORGE_ADDRESS", f"{HUB}/")


def test_links_lead_to_where_the_server_listens_unless_it_is_said_where_it_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATAFORGE_ADDRESS", raising=False)
    assert outside(f"{HERE}/join/abc") == f"{HERE}/join/abc"
    monkeypatch.setenv("DATAFORGE_ADDRESS", HUB)
    assert outside(f"{HERE}/join/abc?a=1#b") == f"{HUB}/join/abc?a=1#b"


@pytest.mark.usefixtures("proxied")
def test_a_link_that_was_put_under_the_path_once_stays_as_it_is() -> None:
    link = outside(f"{HERE}/join/abc")
    assert outside(link) == link
    assert not opens_only_here(link)


@pytest.mark.usefixtures("proxied")
def test_a_link_that_signs_in_leads_to_the_page_within_the_server(tmp_path: Path) -> None:
    place = Workspace(tmp_path).make()
    for address in (f"{HERE}/runs/one", f"{HUB}/runs/one"):
        assert place.sign_in_link(address).startswith(f"{HUB}/login?next=/runs/one#")


def test_an_address_that_is_none_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("hub.example.org", "/user/ann/proxy/8765", "ftp://hub.example.org"):
        monkeypatch.setenv("DATAFORGE_ADDRESS", wrong)
        with pytest.raises(SpecError, match=f"DATAFORGE_ADDRESS: expected .*, got '{wrong}'"):
            outside(f"{HERE}/runs")
