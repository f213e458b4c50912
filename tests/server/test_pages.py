"""The pages as a browser asks for them: by links that people pass on, and again and again."""

from pathlib import Path
from typing import Any

import pytest

from dataforge.server.serving import named


@pytest.fixture
def site(served: Any, tmp_path: Path) -> Any:
    """A server whose pages are two lines and a script."""
    served.listener.context.static = tmp_path / "static"
    (tmp_path / "static/assets").mkdir(parents=True)
    for name in ("worker.html", "requester.html", "service-worker.js", "assets/x.js"):
        (tmp_path / "static" / name).write_text(f"this is {name}")
    return served


LINK = {"accept": "text/html"}


def test_nothing_but_a_preview_alone_may_be_framed_by_another_site(site: Any) -> None:
    def policy(path: str) -> str:
        return str(site.stranger.get(path, headers=LINK).headers["content-security-policy"])

    assert "frame-ancestors" not in policy("/preview/x?frame")
    assert "script-src 'self'" in policy("/preview/x?frame")
    for path in ("/preview/x", "/runs?frame", "/runs/one/preview?frame", "/login?frame", "/work?frame", "/?frame"):
        assert "frame-ancestors 'self'" in policy(path)


@pytest.mark.parametrize("path", ["/join/abc", "/runs", "/service-worker.js", "/assets/x.js"])
def test_what_a_browser_has_is_not_sent_again(site: Any, path: str) -> None:
    first = site.stranger.get(path, headers=LINK)
    again = site.stranger.get(path, headers=LINK | {"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert site.stranger.get(path, headers=LINK | {"if-none-match": 'W/"another"'}).content == first.content


def test_a_slash_at_the_end_of_a_link_leads_where_the_link_does(site: Any) -> None:
    for path in ("/join/a%20b", "/login", "/preview/x"):
        reply = site.stranger.get(f"{path}/", headers=LINK, follow_redirects=True)
        assert (reply.status_code, reply.url.raw_path.decode()) == (200, path)
    assert site.stranger.get("/nothing/", headers=LINK, follow_redirects=True).status_code == 404


def test_a_worker_at_the_start_page_is_led_to_the_tasks_and_the_requester_is_not(site: Any) -> None:
    site.publish()
    browser = site.client()
    assert "requester" in browser.get("/", headers=LINK).text
    browser.post("/api/work/join", json={"invitation": site.invitation(), "name": "Ann", "language": "en"})
    reply = browser.get("/", headers=LINK)
    assert (reply.status_code, reply.headers["location"]) == (307, "work")
    browser.post("/api/session", json={"secret": site.workspace.secret()})
    assert "requester" in browser.get("/", headers=LINK).text


def test_links_of_a_server_that_listens_everywhere_lead_to_it() -> None:
    assert [named(host) for host in ("0.0.0.0", "::", "::1", "10.0.0.5")] == ["127.0.0.1", "[::1]", "[::1]", "10.0.0.5"]
