"""What one client can take from the others: connections that send little, and bodies that are held in memory."""

from __future__ import annotations

import json
import select
import socket
import time
from contextlib import ExitStack, contextmanager

import pytest

from dataforge.errors import Refused
from dataforge.server.shared import bodies

MEGABYTE = 1 << 20


@pytest.fixture
def hasty(monkeypatch):
    """A server that waits for a fraction of a second where it usually waits for many."""
    monkeypatch.setattr("dataforge.server.patience.HEAD_SECONDS", 0.3)
    monkeypatch.setattr("dataforge.server.patience.BODY_SECONDS", 0.3)


@contextmanager
def line(served):
    port = served.listener.listening.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def head(path, token, length):
    return (
        f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def told(connection):
    """All that comes until the server closes the connection."""
    said = b""
    while part := connection.recv(65_536):
        said += part
    return said


def code(said):
    return json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"]


@pytest.mark.parametrize("begun", [b"", b"GET /hea", b"GET /health HTTP/1.1\r\nHost: here\r\n"])
def test_who_does_not_finish_the_head_of_a_request_is_hung_up_on(hasty, served, begun):
    with line(served) as connection:
        connection.sendall(begun)
        assert told(connection).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_comes_drop_by_drop_is_not_waited_for_either(hasty, served):
    def drip(connection):
        while True:
            connection.sendall(b"X")
            time.sleep(0.02)

    with line(served) as connection, pytest.raises(ConnectionError):
        drip(connection)


def test_who_stops_in_the_middle_of_a_body_is_hung_up_on_and_holds_nothing(hasty, served):
    served.publish()
    served.add(real=4, control=1)
    ann = served.join()
    path = f"/api/work/pages/{ann.page()['page']}/submit"
    with line(served) as connection:
        connection.sendall(head(path, ann.token, 300) + b'{"answers": [')
        assert told(connection).startswith(b"HTTP/1.1 408 ")
    assert served.ask("GET", "/health")["status"] == "ok"
    assert not served.listener.context.bodies._held


def test_a_request_in_several_parts_is_answered(served):
    with line(served) as connection:
        for part in (b"GET /heal", b"th HTTP/1.1\r\nHo", b"st: here\r\nConnection: close\r\n\r\n"):
            connection.sendall(part)
            time.sleep(0.01)
        assert told(connection).startswith(b"HTTP/1.1 200 ")


def test_a_head_of_a_megabyte_is_refused(served):
    with line(served) as connection:
        try:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\nX-Large: " + b"x" * MEGABYTE + b"\r\n\r\n")
            said = told(connection)
        except ConnectionError:
            return
        assert said.startswith(b"HTTP/1.1 431 ") or said == b""


def test_whose_page_it_is_matters_before_the_answers_are_read(served):
    served.publish()
    served.add(real=8, control=1)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    path = f"/api/work/pages/{ann.page()['page']}/submit"
    with line(served) as connection:
        connection.sendall(head(path, bob.token, 10 * MEGABYTE))
        said = connection.recv(65_536)
    assert said.startswith(b"HTTP/1.1 404 ")


def test_answers_may_be_as_long_as_the_questions_can_need(served):
    served.publish()
    served.add(real=4, control=1)
    ann = served.join()
    page = ann.page()
    path = f"/api/work/pages/{page['page']}/submit"
    reply = ann.client.post(path, json={"answers": [{"answer": "y" * MEGABYTE}] * 3})
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")
    spread = json.dumps({"answers": [{"answer": "yes"}] * 3}, indent=200).encode()
    assert ann.client.post(path, content=spread, headers={"Content-Type": "application/json"}).status_code == 200


def test_one_workers_bodies_on_their_way_have_a_bound_and_others_go_on(served, monkeypatch):
    monkeypatch.setattr(bodies, "MOST_OF_A_CLIENT", 4 * MEGABYTE)
    task = served.publish("other")["task"]
    task["outputs"] = [{"name": "answer", "type": "text", "title": {"en": "Answer"}}]
    served.publish("texts", name="texts", task=task, control_per_page=0, real_per_page=2)
    served.add(real=8, run="texts")
    ann, bob = served.join("texts", name="Ann"), served.join("texts", name="Bob")
    path = f"/api/work/pages/{ann.page('texts')['page']}/submit"
    with ExitStack() as lines:
        connections = [lines.enter_context(line(served)) for _ in range(6)]
        for connection in connections:
            connection.sendall(head(path, ann.token, 5 * MEGABYTE) + b" " * MEGABYTE)
        answered, _, _ = select.select(connections, [], [], 20)
        said = answered[0].recv(65_536)
        while not said.partition(b"\r\n\r\n")[2]:  # the body may come behind the head
            said += answered[0].recv(65_536)
        assert said.startswith(b"HTTP/1.1 429 ")
        assert code(said) == "too_much_at_once"
        assert bob.submit(bob.page("texts"), "a" * 500_000).status_code == 200
        assert served.listener.context.bodies._held[ann.worker] <= 4 * MEGABYTE


def test_all_bodies_on_their_way_together_have_a_bound():
    held, most = bodies.Bodies(), bodies.MOST_IN_ALL
    each = bodies.MOST_OF_A_CLIENT
    with ExitStack() as sending:
        for number in range(most // each):
            sending.enter_context(held.of(f"client {number}")).hold(each)
        with held.of("one more") as body, pytest.raises(Refused, match="at once") as refused:
            body.hold(1)
        assert (refused.value.status, refused.value.code) == (503, "overloaded")
    with held.of("one more") as body:
        body.hold(each)
