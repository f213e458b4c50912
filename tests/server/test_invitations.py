"""The only way in."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import dataforge as df
from dataforge.issue.sqlite.store import SqliteStore


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
    link = {"token": joined["token"]}
    assert elsewhere.post("/api/work/whose", json=link).json() == {"worker": joined["worker"], "name": "Ann"}
    assert elsewhere.get("/api/work/me").status_code == 401, "to look whose link it is opens nothing"
    assert elsewhere.post("/api/work/return", json=link).json() == {"worker": joined["worker"], "name": "Ann"}
    assert elsewhere.get("/api/work/me").json()["name"] == "Ann"
    assert elsewhere.post("/api/work/return", json={"token": "nobody's"}).status_code == 404


def test_joining_again_keeps_the_account(server):
    client = server.client()
    first = join(server, server.invitation(), client).json()
    again = join(server, server.invitation(), client, name="Ann B.").json()
    assert (again["worker"], again["token"]) == (first["worker"], None)
    assert client.get("/api/work/me").json()["name"] == "Ann B."
    assert [run["run"] for run in client.get("/api/work/runs").json()["runs"]] == ["run"]
    assert join(server, server.invitation("second"), client).json()["worker"] == first["worker"]
    assert {run["run"] for run in client.get("/api/work/runs").json()["runs"]} == {"run", "second"}


def test_who_joined_before_there_were_sessions_stays_and_gets_one(server):
    client = server.client()
    token = join(server, server.invitation(), client).json()["token"]
    browser = server.client()
    browser.headers["Cookie"] = f"df_worker={token}"
    assert browser.get("/api/work/runs").status_code == 200
    welcomed = browser.get("/api/work/me")
    given = dict(welcomed.cookies)
    assert list(given) == [server.cookies["worker"]]
    assert 'df_worker=""' in welcomed.headers["set-cookie"]
    browser.headers["Cookie"] = f"{server.cookies['worker']}={given[server.cookies['worker']]}"
    assert browser.get("/api/work/me").json()["name"] == "Ann"
    browser.headers["Cookie"] = "df_worker=of-another-workspace"
    assert browser.get("/api/work/me").status_code == 401


def test_who_asks_again_after_a_lost_reply_has_one_account_and_used_the_invitation_once(server):
    _, invitation = invite(server, run="run", uses=1)
    body = {"invitation": invitation, "name": "Ann", "language": "en", "token": "a" * 43}
    replies = [server.client().post("/api/work/join", json=body) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200] * 3
    assert len({reply.json()["worker"] for reply in replies}) == 1
    assert replies[2].json()["token"] == body["token"]
    assert join(server, invitation).json()["error"]["code"] == "invitation_used_up"
    short = server.client().post("/api/work/join", json=body | {"token": "a"})
    assert short.json()["error"]["code"] == "token_invalid"


def test_a_newcomer_with_a_token_of_their_own_is_somebody_else_than_who_is_signed_in(server):
    client = server.client()
    ann = join(server, server.invitation(), client).json()
    body = {"invitation": server.invitation(), "name": "Ben", "language": "en", "token": "b" * 43}
    ben = client.post("/api/work/join", json=body).json()
    assert ben["worker"] != ann["worker"]
    assert client.get("/api/work/me").json()["name"] == "Ben"


def test_a_personal_link_is_renewed_by_the_worker_and_the_old_one_and_other_browsers_are_shut_out(server):
    here, elsewhere = server.client(), server.client()
    old = {"token": join(server, server.invitation(), here).json()["token"]}
    elsewhere.post("/api/work/return", json=old)
    link = here.post("/api/work/link", json={}).json()
    assert link["return_path"] == f"/work#{link['token']}"
    assert elsewhere.get("/api/work/me").status_code == 401
    assert elsewhere.post("/api/work/return", json=old).status_code == 404
    assert elsewhere.post("/api/work/return", json={"token": link["token"]}).status_code == 200
    assert here.get("/api/work/me").json()["name"] == "Ann"


def test_the_requester_shuts_a_worker_out_and_gives_a_new_link(server):
    client = server.client()
    joined = join(server, server.invitation(), client).json()
    server.ask("DELETE", f"/api/workers/{joined['worker']}/link", {})
    old = {"token": joined["token"]}
    told = [client.get("/api/work/me"), *(client.post(f"/api/work/{ask}", json=old) for ask in ("return", "whose"))]
    assert [(reply.status_code, reply.json()["error"]["code"]) for reply in told] == [(403, "shut_out")] * 3
    link = server.ask("POST", f"/api/workers/{joined['worker']}/link", {})
    assert client.post("/api/work/return", json={"token": link["token"]}).json()["worker"] == joined["worker"]
    assert server.client().post("/api/work/return", json=old).status_code == 404, "now it is only an old link"
    server.ask("DELETE", "/api/workers/nobody/link", {}, 404)


def test_who_is_shut_out_holds_up_nobody_reads_the_truth_and_is_listed_so(served):
    served.publish()
    served.add(real=2)
    ann, ben = served.join(name="Ann"), served.join(name="Ben")
    page = ann.page()
    served.ask("DELETE", f"/api/workers/{ann.worker}/link", {})
    late = ann.submit(page)
    assert (late.status_code, late.json()["error"]["code"]) == (403, "shut_out")
    assert "no answers are taken" in late.json()["error"]["message"]
    assert len(ben.page()["items"]) == 2
    listed = served.ask("GET", "/api/runs/run/workers?order=state&down=1")["workers"]
    assert [(worker["name"], worker["state"]) for worker in listed] == [("Ann", "shut_out"), ("Ben", "active")]
    assert served.ask("GET", "/api/runs/run")["active_workers"] == 1
    served.ask("POST", f"/api/workers/{ann.worker}/link", {})
    listed = served.ask("GET", "/api/runs/run/workers")["workers"]
    assert {worker["state"] for worker in listed} == {"active"}


@df.task(duration="10s")
def spam(text: df.Text) -> bool:
    """Is this message spam?"""
    raise NotImplementedError


def test_a_run_ends_without_who_was_shut_out_and_knows_it(served):
    run = df.launch(
        spam,
        [{"text": f"message {number}"} for number in range(4)],
        policy=df.Policy(overlap=1, page=(4, 0)),
        name="run",
        workspace=served.workspace.root,
        progress=False,
    )
    while served.ask("GET", "/api/runs/run/items")["total"] < 4:
        time.sleep(0.01)
    ann, ben = served.join(name="Ann"), served.join(name="Ben")
    ann.page()
    served.ask("DELETE", f"/api/workers/{ann.worker}/link", {})
    page = ben.page()
    served.clock.move(40)
    assert ben.submit(page, True).status_code == 200
    assert run.wait(60, progress=False).stage == "done"
    workers = run.workers().set_index("name")
    assert workers["restricted"].to_dict() == {"Ann": True, "Ben": False}
    assert workers["restricted_until"].isna().all(), "no end of it is known"
    assert workers.loc["Ann", "reason"] == "the account is closed"


def test_a_run_no_longer_shows_an_invitation_that_lets_nobody_join(server):
    listed = server.ask("GET", "/api/invitations")["invitations"]
    own = next(made["invitation"] for made in listed if made["run"] == "run")
    server.ask("DELETE", f"/api/invitations/{own}", {})
    assert server.ask("GET", "/api/runs/run")["invitation_path"] is None
    assert server.ask("GET", "/api/runs/second")["invitation_path"] is not None
    server.clock.move(31 * 86_400)
    assert server.ask("GET", "/api/runs/second")["invitation_path"] is None


def test_who_was_shut_out_does_not_join_again_by_what_shows_who_it_is(server):
    client = server.client()
    ann = join(server, server.invitation(), client).json()
    server.ask("DELETE", f"/api/workers/{ann['worker']}/link", {})
    order = {"invitation": server.invitation(), "name": "Ann", "language": "en"}
    again = [
        # The browser, the old link's token as a newcomer's own, and as a program shows it.
        client.post("/api/work/join", json=order),
        server.client().post("/api/work/join", json=order | {"token": ann["token"]}),
        server.client(ann["token"]).post("/api/work/join", json=order),
    ]
    assert [(reply.status_code, reply.json()["error"]["code"]) for reply in again] == [(403, "shut_out")] * 3
    assert "closed" in again[0].json()["error"]["message"]
    # Others come, and with a new link she does, too.
    assert join(server, server.invitation()).status_code == 200
    link = server.ask("POST", f"/api/workers/{ann['worker']}/link", {})
    assert client.post("/api/work/return", json={"token": link["token"]}).status_code == 200
    assert client.post("/api/work/join", json=order).json()["worker"] == ann["worker"]


def test_who_renewed_the_own_link_is_shut_out_of_nothing(server):
    here, elsewhere = server.client(), server.client()
    old = {"token": join(server, server.invitation(), here).json()["token"]}
    elsewhere.post("/api/work/return", json=old)
    here.post("/api/work/link", json={})
    assert join(server, server.invitation(), elsewhere).status_code == 200


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
        old, worker, requester = server.invitation(), server.client(), server.client()
        join(server, old, worker)
        requester.post("/api/session", json={"secret": server.workspace.secret()})
        cookies = [dict(worker.cookies), dict(requester.cookies)]
    (tmp_path / "workspace" / "secret").unlink()
    with run_server() as server:
        assert server.invitation() != old
        assert join(server, old).status_code == 404
        assert join(server, server.invitation()).status_code == 200
        for role, path, status in (("worker", "/api/work/me", 200), ("requester", "/api/runs", 401)):
            token = cookies[0 if role == "worker" else 1].popitem()[1]
            reply = server.client().get(path, headers={"Cookie": f"{server.cookies[role]}={token}"})
            assert reply.status_code == status, role


def test_runs_that_ended_before_a_worker_came_are_not_even_read(served):
    for number in range(3):
        served.publish(f"old{number}")
        served.ask("POST", f"/api/runs/old{number}/state", {"state": "closed"})
    served.publish("now")
    worker = served.join(run="now")
    store = SqliteStore.open(served.workspace.database)
    number = store.accounts.worker_by_name(worker.worker).id
    assert [store.runs.by_id(run).name for run in store.runs.for_worker(number)] == ["now"]
    assert [run["run"] for run in worker.get("/api/work/runs")["runs"]] == ["now"]
    store.close()


def test_an_invitation_names_its_tasks_to_whoever_has_it_and_is_not_used_thereby(served):
    served.publish()
    served.publish("other")
    guest = served.client()

    def looked_at(**order: object) -> tuple[int, list[tuple[str, bool]]]:
        token = served.ask("POST", "/api/invitations", {"run": None, "expires_in": 60, **order})["path"].split("/")[-1]
        for _ in range(2):
            reply = guest.post("/api/work/invited", json={"invitation": token})
        return reply.status_code, [(task["run"], task["open"]) for task in reply.json().get("tasks", [])]

    assert looked_at(run="run", uses=1) == (200, [("run", True)])
    assert looked_at() == (200, [("other", True), ("run", True)])
    served.ask("POST", "/api/runs/other/state", {"state": "closed"})
    assert looked_at() == (200, [("run", True)])
    assert looked_at(run="other") == (200, [("other", False)])
    assert guest.post("/api/work/invited", json={"invitation": "guess"}).json()["error"]["code"] == "invitation_unknown"
    token = served.invitation()
    served.clock.move(31 * 86_400)
    assert guest.post("/api/work/invited", json={"invitation": token}).json()["error"]["code"] == "invitation_expired"


def invite_people(served, *names, run="run", **order):
    made = served.ask("POST", "/api/invitations/people", {"names": names, "run": run, **order})["invitations"]
    return {one["name"]: one["path"].rpartition("/")[2] for one in made}


def test_a_personal_invitation_names_the_account_and_tells_who_came(server):
    links = invite_people(server, "Anna", "Boris", label="course 3")
    looked_at = server.client().post("/api/work/invited", json={"invitation": links["Anna"]}).json()
    assert (looked_at["name"], [task["run"] for task in looked_at["tasks"]]) == ("Anna", ["run"])
    client = server.client()
    anna = join(server, links["Anna"], client, name="Somebody Else").json()
    assert client.get("/api/work/me").json()["name"] == "Anna"
    assert join(server, links["Anna"], client).json()["worker"] == anna["worker"], "the same person opens it again"
    assert client.get("/api/work/me").json()["name"] == "Anna"
    listed = {one["name"]: one for one in server.ask("GET", "/api/invitations?limit=2")["invitations"]}
    assert {name: (one["worker"], one["uses"], one["used"], one["label"]) for name, one in listed.items()} == {
        "Anna": (anna["worker"], 1, 1, "course 3"),
        "Boris": (None, 1, 0, "course 3"),
    }
    assert server.ask("GET", "/api/invitations")["total"] == 4


def test_whom_a_link_has_named_keeps_that_name_whatever_link_they_open_later(server):
    client = server.client()
    anna = join(server, invite_people(server, "Anna")["Anna"], client).json()
    for link in (server.invitation(), invite(server)[1], invite_people(server, "Boris")["Boris"]):
        assert join(server, link, client, name="Somebody Else").json()["worker"] == anna["worker"]
        assert client.get("/api/work/me").json()["name"] == "Anna"


def test_whom_a_link_has_named_calls_themselves_nothing_else_and_chooses_the_language(server):
    client = server.client()
    assert join(server, invite_people(server, "Anna")["Anna"], client).status_code == 200
    changed = client.post("/api/work/me", json={"name": "Boris", "language": "ru"}).json()
    assert (changed["name"], changed["language"]) == ("Anna", "ru")
    assert client.get("/api/work/me").json()["name"] == "Anna"


def test_a_personal_invitation_lets_nobody_else_in_and_says_what_to_do(server):
    link = invite_people(server, "Anna")["Anna"]
    assert join(server, link).status_code == 200
    error = join(server, link).json()["error"]
    assert error["code"] == "invitation_personal"
    assert "open your personal link, or ask" in error["message"]


def test_of_two_who_join_by_one_personal_invitation_at_once_one_gets_the_account(server):
    for number in range(5):
        link = invite_people(server, f"Anna {number}")[f"Anna {number}"]
        clients = [server.client() for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda client, link=link: join(server, link, client), clients))
        assert sorted(reply.status_code for reply in replies) == [200] + [409] * 7
        inside = [client.get("/api/work/me").status_code for client in clients]
        assert sorted(inside) == [200] + [401] * 7


def test_an_invitation_that_is_revoked_while_people_join_lets_in_exactly_those_who_were_told_so(server):
    for _ in range(5):
        made, token = invite(server, run="run")
        clients = [server.client() for _ in range(6)]
        with ThreadPoolExecutor(7) as pool:
            joining = [pool.submit(join, server, token, client) for client in clients]
            pool.submit(server.ask, "DELETE", f"/api/invitations/{made['invitation']}", {}).result()
            told = [one.result().status_code for one in joining]
        inside = [client.get("/api/work/me").status_code for client in clients]
        assert [(200, 200) if status == 200 else (410, 401) for status in told] == list(zip(told, inside, strict=True))
        listed = server.ask("GET", "/api/invitations")["invitations"]
        assert next(one["used"] for one in listed if one["invitation"] == made["invitation"]) == told.count(200)
        assert join(server, token).status_code == 410


def test_asking_again_for_whom_still_waits_gives_the_same_link_and_more_time(server):
    first = invite_people(server, "Anna", expires_in=60)
    assert invite_people(server, "Anna", expires_in=3600) == first
    server.clock.move(120)
    assert join(server, first["Anna"]).status_code == 200
    assert invite_people(server, "Anna") != first, "another Anna, or the same one once more"
    assert invite_people(server, "Ben", run=None) != invite_people(server, "Ben")


def test_names_that_invite_nobody_or_two_people_alike_are_refused(server):
    def refused(*names, **order):
        return server.ask("POST", "/api/invitations/people", {"names": names, **order}, 422)["error"]["message"]

    assert "expected 1 to 1,000 names, got 0" in refused()
    assert "expected 1 to 1,000 names, got 1,001" in refused(*map(str, range(1001)))
    assert "'Anna' stands there more than once" in refused("Anna", "Ben", "An\u200bna ")
    assert "number 2: expected 1 to 100 characters, got 0" in refused("Anna", "\u202e")
    assert "label: expected up to 100" in refused("Anna", label="c" * 101)
    assert "expires_in" in refused("Anna", expires_in=0)


def test_whom_a_requester_forgets_no_invitation_names(server):
    worker = join(server, invite_people(server, "Anna")["Anna"]).json()["worker"]
    server.ask("DELETE", f"/api/workers/{worker}", {})
    listed = server.ask("GET", "/api/invitations")["invitations"]
    assert "Anna" not in str(listed)


def test_who_comes_by_one_label_is_one_group(served):
    served.publish()
    tokens = [*invite_people(served, "Anna", "Ben", label="class").values()]
    tokens += [invite(served, run="run", label="class")[1], invite(served, run="run")[1]]
    workers = [join(served, token, name="Cid").json()["worker"] for token in tokens]
    store = SqliteStore.open(served.workspace.database)
    groups = [store.accounts.worker_by_name(worker).invitation for worker in workers]
    store.close()
    assert len(set(groups[:3])) == 1
    assert groups[3] != groups[0]


def test_runs_in_which_answers_are_judged_come_after_those_of_the_tasks(served):
    served.publish(identity="first")
    served.publish("judging", checks="first", identity="second")
    token = served.ask("POST", "/api/invitations", {"run": None, "expires_in": 60})["path"].split("/")[-1]
    reply = served.client().post("/api/work/invited", json={"invitation": token})
    assert [task["run"] for task in reply.json()["tasks"]] == ["run", "judging"]
