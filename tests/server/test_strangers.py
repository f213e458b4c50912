"""People of whom nothing is known: many accounts, one address, one link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest
from tests.server.conftest import Person, Served

from dataforge.server.shared.auth import Keys


@pytest.fixture
def proxied(run_server: Callable[..., AbstractContextManager[Served]]) -> Iterator[Served]:
    """A server behind a proxy of this machine, which says where requests come from."""
    with run_server(proxies=("127.0.0.1",)) as served:
        yield served


def join(served: Served, invitation: str, address: str) -> Person:
    """Join from an address, as a proxy on this machine tells it."""
    headers = {"X-Forwarded-For": address}
    body = {"invitation": invitation, "name": "Somebody"}
    reply = httpx.post(f"{served.url}/api/work/join", json=body, headers=headers, trust_env=False)
    assert reply.status_code == 200, reply.text
    return Person(served.url, reply.json()["worker"], reply.json()["token"], served.client(reply.json()["token"]))


def sixty_items(served: Served) -> str:
    """A run of 60 items of two places, eight to a page; the code of its invitation."""
    served.publish(real_per_page=8, control_per_page=2, prices=[1000] * 10)
    served.add(real=60, control=30, wanted=2)
    return served.invitation()


def held(person: Person) -> list[str]:
    """The pages that somebody holds."""
    return [page["page"] for page in person.get("/api/work/history")["pages"] if page["state"] == "held"]


def test_twenty_accounts_of_one_address_cannot_close_a_run_to_a_newcomer_from_elsewhere(proxied: Served) -> None:
    invitation = sixty_items(proxied)
    many = [join(proxied, invitation, "203.0.113.7") for _ in range(20)]
    replies = [one.take(have=held(one)) for _ in range(2) for one in many]
    # Seven pages hold 56 of 120 places, no more than they leave free.
    assert sum(reply["page"] is not None for reply in replies) == 7
    closed = next(reply["closed"] for reply in replies if reply["closed"])
    assert closed["reason"] == "newcomers"
    assert "just joined" in closed["text"]["en"]
    assert join(proxied, invitation, "198.51.100.3").take()["page"] is not None


def test_accounts_from_many_addresses_by_one_link_leave_room_for_those_by_another(proxied: Served) -> None:
    invitation = sixty_items(proxied)
    for number in range(20):
        join(proxied, invitation, f"203.0.113.{number}").take()
    assert join(proxied, invitation, "203.0.113.99").take()["closed"]["reason"] == "newcomers"
    other = proxied.ask("POST", "/api/invitations", {"run": "run"})["path"].rpartition("/")[2]
    assert join(proxied, other, "198.51.100.3").take()["page"] is not None


def test_links_by_name_with_one_label_are_one_link_to_the_room_that_newcomers_leave(proxied: Served) -> None:
    sixty_items(proxied)
    order = {"run": "run", "names": [f"Student {number}" for number in range(21)], "label": "course 3"}
    made = proxied.ask("POST", "/api/invitations/people", order)["invitations"]
    links = [one["path"].rpartition("/")[2] for one in made]
    for number, link in enumerate(links[:20]):
        join(proxied, link, f"203.0.113.{number}").take()
    assert join(proxied, links[20], "203.0.113.99").take()["closed"]["reason"] == "newcomers"
    order = {"run": "run", "names": ["Anna"]}
    anna = proxied.ask("POST", "/api/invitations/people", order)["invitations"][0]["path"].rpartition("/")[2]
    assert join(proxied, anna, "198.51.100.3").take()["page"] is not None


def test_whoever_had_a_page_accepted_is_a_stranger_no_more(proxied: Served) -> None:
    invitation = sixty_items(proxied)
    ann = join(proxied, invitation, "203.0.113.7")
    proxied.accept_a_page(ann)
    for _ in range(20):
        join(proxied, invitation, "203.0.113.7").take()
    first = ann.page()
    assert ann.take(have=[first["page"]])["page"] is not None


def test_twenty_new_accounts_by_one_link_get_twenty_pages_and_not_forty(proxied: Served) -> None:
    proxied.publish(real_per_page=8, control_per_page=2, prices=[1000] * 10)
    proxied.add(real=600, control=30, wanted=9)
    invitation = proxied.invitation()
    many = [join(proxied, invitation, f"203.0.113.{number}") for number in range(20)]
    pages = [one.page() for one in many]
    for one, page in zip(many, pages, strict=True):
        assert one.take(have=[page["page"]]) == {"page": None, "closed": None}, "nothing ahead"
        assert one.do("release", page).json()["error"]["code"] == "page_shown"
    for one, page in zip(many, pages, strict=True):
        assert one.submit(page).status_code == 200
        closed = one.take()["closed"]
        assert (closed["reason"], closed["until"]) == ("judging", proxied.clock() + 60)
        assert "one page first" in closed["text"]["en"]
    proxied.command("judge", accepted=[page["page"] for page in pages[:1]])
    assert many[0].take()["page"] is not None
    assert many[1].take()["page"] is None


def test_an_office_joins_at_once_and_a_machine_does_not(proxied: Served) -> None:
    proxied.publish()
    invitation = proxied.invitation()
    for _ in range(40):
        join(proxied, invitation, "203.0.113.7")
    body = {"invitation": invitation, "name": "Robot"}
    with httpx.Client(base_url=proxied.url, headers={"X-Forwarded-For": "203.0.113.7"}, trust_env=False) as client:
        replies = [client.post("/api/work/join", json=body, cookies={}) for _ in range(1)]
        client.cookies.clear()
        while replies[-1].status_code == 200 and len(replies) < 200:
            replies.append(client.post("/api/work/join", json=body))
            client.cookies.clear()
    assert (len(replies), replies[-1].status_code) == (61, 429)
    assert "too many new accounts from this address" in replies[-1].json()["error"]["message"]
    join(proxied, invitation, "198.51.100.3")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        # A home has a whole network of IPv6, and IPv4 may be told in the form of IPv6.
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
    ],
)
def test_where_somebody_comes_from_is_known_by_a_code_only(one: str, other: str, same: bool) -> None:
    keys = Keys("secret")
    assert (keys.origin(one) == keys.origin(other)) is same
    assert keys.origin(one) != Keys("another secret").origin(one)
    assert one not in keys.origin(one)
