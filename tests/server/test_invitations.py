"""The only way in."""

from __future__ import annotations

import pytest


def join(served, invitation, client=None, name="Ann"):
    body = {"invitation": invitation, "name": name, "language": "en"}
    return (client or served.client()).post("/api/work/join", json=body)


def invite(served, **order):
    made = served.ask("POST", "/api/invitations", order)
    assert made["path"].startswith("/join/")
    return made, made["path"].rpartition("/")[2]


@pytest.fixture
def server(served):
    served.publish()
    served.publish("second", name="second")
    served.add(real=3)
    return served


def test_an_invitation_opens_an_account_and_the_personal_link_opens_it_elsewhere(server):
    client = server.client()
    joined = join(server, server.invitation(), client).json()
    assert joined["return_path"] == f"/work#{joined['token']}"
    assert client.get("/api/work/me").json()["worker"] == joined["worker"]
    elsewhere = server.client()
    assert elsewhere.post("/api/work/return", json={"token": joined["token"]}).json() == {"worker": joined["worker"]}
    assert elsewhere.get("/api/work/me").json()["name"] == "Ann"
    assert elsewhere.post("/api/work/return", json={"token": "nobody's"}).status_code == 404


def test_joining_again_keeps_the_account(server):
    client = server.client()
    first = join(server, server.invitation(), client).json()
    again = join(server, server.invitation(), client, name="Ann B.").json()
    assert (again["worker"], again["token"]) == (first["worker"], first["token"])
    assert client.get("/api/work/me").json()["name"] == "Ann B."
    assert [run["run"] for run in client.get("/api/work/runs").json()["runs"]] == ["run"]
    assert join(server, server.invitation("second"), client).json()["worker"] == first["worker"]
    assert {run["run"] for run in client.get("/api/work/runs").json()["runs"]} == {"run", "second"}


def test_an_invitation_to_all_runs_opens_later_ones_too(server):
    _, token = invite(server, run=None)
    client = server.client()
    join(server, token, client)
    server.publish("third", name="third")
    assert {run["run"] for run in client.get("/api/work/runs").json()["runs"]} == {"run", "second", "third"}


def test_an_unknown_invitation_is_refused(server):
    reply = join(server, "nonsense")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "invitation_unknown")


def test_an_expired_invitation_is_refused_but_its_guests_stay(server):
    _, token = invite(server, run="run", expires_in=3600)
    client = server.client()
    join(server, token, client)
    server.clock.move(3600)
    reply = join(server, token)
    assert (reply.status_code, reply.json()["error"]["code"]) == (410, "invitation_expired")
    assert client.get("/api/work/runs").json()["runs"]
    assert join(server, token, client).status_code == 200


def test_a_used_up_invitation_is_refused(server):
    made, token = invite(server, run="run", uses=2)
    client = server.client()
    assert [join(server, token, client).status_code for _ in range(3)] == [200, 200, 200]
    assert [join(server, token).status_code for _ in range(2)] == [200, 409]
    listed = server.ask("GET", "/api/invitations")["invitations"]
    assert [entry["used"] for entry in listed if entry["invitation"] == made["invitation"]] == [2]


def test_a_revoked_invitation_is_refused(server):
    made, token = invite(server, run="run")
    server.ask("DELETE", f"/api/invitations/{made['invitation']}", {})
    assert join(server, token).json()["error"]["code"] == "invitation_expired"
    server.ask("DELETE", "/api/invitations/unknown", {}, 404)


def test_an_invitation_to_a_run_that_does_not_exist_is_not_made(server):
    server.ask("POST", "/api/invitations", {"run": "nothing"}, 404)
    server.ask("POST", "/api/invitations", {"expires_in": -1}, 422)
    server.ask("POST", "/api/invitations", {"uses": 0}, 422)


def test_the_database_holds_no_token_that_opens_anything(server):
    _, invitation = invite(server, run="run")
    token = join(server, invitation).json()["token"]
    stored = b"".join(
        path.read_bytes() for path in server.workspace.root.iterdir() if path.name.startswith("dataforge.sqlite3")
    )
    for secret in (token, invitation, server.invitation(), server.workspace.secret()):
        assert secret.encode() not in stored


def test_a_new_secret_makes_old_links_and_sessions_worthless(run_server, tmp_path):
    with run_server() as server:
        server.publish()
        old = server.invitation()
    (tmp_path / "workspace" / "secret").unlink()
    with run_server() as server:
        assert server.invitation() != old
        assert join(server, old).status_code == 404
        assert join(server, server.invitation()).status_code == 200
