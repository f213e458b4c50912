"""Workers over all runs, as the requester sees them."""

from __future__ import annotations

import csv
import time

import pytest
from tests.server.test_invitations import invite_people, join

import dataforge as df
from dataforge.runs.handle.tables.files import write

SNAPSHOT = {
    "at": 1,
    "stage": "running",
    "items_total": 9,
    "items_final": 0,
    "control_total": 3,
    "responses": 0,
    "pages_accepted": 0,
    "pages_rejected": 0,
    "pages_pending": 0,
    "cost": 0,
}


def told(worker, **changes):
    quality = {"responses": 0, "pages_accepted": 0, "pages_rejected": 0, "control_correct": 0, "control_total": 0}
    return {"worker": worker, **quality, **changes}


def tell(served, *workers, run="run"):
    served.ask("PUT", f"/api/runs/{run}/snapshot", SNAPSHOT | {"workers": workers})


def people(served, query=""):
    listed = served.ask("GET", f"/api/workers?{query}")
    return [person["name"] for person in listed["people"]]


@pytest.fixture
def crew(served):
    """Ann and Ben at work in two runs, Cid who has only joined."""
    for run in ("run", "second"):
        served.publish(run)
        served.add(real=20, run=run)
    crew = {name: served.join(name=name) for name in ("Ann", "Ben", "Cid")}
    token = served.invitation("second")
    for name in ("Ann", "Ben"):
        crew[name].client.post("/api/work/join", json={"invitation": token, "name": name, "language": "en"})
    return crew


def test_what_runs_tell_of_a_worker_adds_up_over_runs_and_over_time(served, crew):
    ann = crew["Ann"].worker
    tell(served, told(ann, responses=10, control_correct=8, control_total=10, seconds_per_item=4))
    tell(served, told(ann, responses=20, control_correct=18, control_total=20, seconds_per_item=4))
    tell(served, told(ann, responses=20, control_correct=18, control_total=20, seconds_per_item=4, skill=0.9))
    tell(served, told(ann, responses=10, pages_accepted=2, pages_rejected=1, seconds_per_item=10), run="second")
    [person] = served.ask("GET", "/api/workers?search=ann")["people"]
    assert (person["responses"], person["pages_accepted"], person["pages_rejected"]) == (30, 2, 1)
    # 20 answers of 4 s and 10 of 10 s; each should have taken 5.
    assert (person["seconds_per_item"], person["pace"]) == (pytest.approx(6.0), pytest.approx(180 / 150))
    # Wilson, 1927: 18 of 20.
    assert (person["control_correct"], person["control_total"]) == (18, 20)
    assert (person["control_low"], person["control_high"]) == (
        pytest.approx(0.699, abs=5e-4),
        pytest.approx(0.972, abs=5e-4),
    )


def test_a_discarded_worker_is_told_with_less_and_the_sums_follow(served, crew):
    ann = crew["Ann"].worker
    tell(served, told(ann, responses=10))
    tell(served, told(ann, responses=4, discarded=True))
    assert served.ask("GET", "/api/workers?search=ann")["people"][0]["responses"] == 4


def test_who_hurries_is_told_with_the_worker_in_the_run_and_on_their_own_page(served, crew):
    ann, since = crew["Ann"].worker, served.clock()
    for name in ("Ann", "Ben"):
        crew[name].page()
    served.accept_a_page(crew["Ann"], "second")
    tell(served, told(ann, responses=10, hurries_since=since), told(crew["Ben"].worker, responses=10))
    shown = {one["name"]: one["hurries_since"] for one in served.ask("GET", "/api/runs/run/workers")["workers"]}
    assert (shown["Ann"], shown["Ben"]) == (pytest.approx(since), None)
    runs = served.ask("GET", f"/api/workers/{ann}")["runs"]
    assert {run["run"]: run["hurries_since"] for run in runs} == {"run": pytest.approx(since), "second": None}
    tell(served, told(ann, responses=12))
    runs = served.ask("GET", f"/api/workers/{ann}")["runs"]
    assert [run["hurries_since"] for run in runs] == [None, None], "it is over"


def test_people_are_sorted_searched_and_paged(served, crew):
    workers = {name: person.worker for name, person in crew.items()}
    tell(
        served,
        told(workers["Ann"], responses=5, control_correct=1, control_total=4, pages_accepted=1),
        told(workers["Ben"], responses=9, control_correct=4, control_total=4, seconds_per_item=2),
    )
    served.accept_a_page(crew["Ann"])
    assert people(served) == ["Ann", "Ben", "Cid"]
    assert people(served, "order=name&down=1") == ["Cid", "Ben", "Ann"]
    assert people(served, "order=responses&down=1") == ["Ben", "Ann", "Cid"]
    assert people(served, "order=earned&down=1")[0] == "Ann"
    assert people(served, "order=control") == ["Ann", "Ben", "Cid"], "of whom nothing is known comes last"
    assert people(served, "order=control&down=1") == ["Ben", "Ann", "Cid"]
    assert people(served, "order=pace")[0] == "Ben"
    assert people(served, "order=pages&down=1")[0] == "Ann"
    assert people(served, "limit=1&offset=1") == ["Ben"]
    assert people(served, "search=B") == ["Ben"]
    assert people(served, f"search={workers['Cid'][:6]}") == ["Cid"]
    assert people(served, "search=%25") == []
    assert served.ask("GET", "/api/workers?limit=1")["total"] == 3
    served.ask("GET", "/api/workers?order=worth", status=422)
    served.ask("GET", "/api/workers?state=odd", status=422)


def test_a_name_is_found_in_any_case_and_script(served):
    served.publish()
    for name in ("Анна Ёлкина", "Zoë", "O'Neil 100%_"):
        served.join(name=name)
    assert people(served, "search=анна ё") == ["Анна Ёлкина"]
    assert people(served, "search=ZOË") == ["Zoë"]
    assert people(served, "search=100%25_") == ["O'Neil 100%_"]
    assert people(served, "order=name") == ["O'Neil 100%_", "Zoë", "Анна Ёлкина"]


def test_people_are_found_by_the_label_of_their_invitation_and_by_state(served, crew):
    links = invite_people(served, "Dan", "Eve", label="course 3")
    join(served, links["Dan"])
    join(served, links["Eve"])
    assert people(served, "label=course 3") == ["Dan", "Eve"]
    listed = served.ask("GET", "/api/workers?search=dan")
    assert listed["labels"] == ["course 3"]
    [came] = listed["people"][0]["came_by"]
    assert (came["name"], came["label"], came["run"]) == ("Dan", "course 3", "run")
    until = served.clock() + 60
    served.ask("POST", f"/api/runs/run/workers/{crew['Ann'].worker}/restrict", {"until": until})
    served.ask("DELETE", f"/api/workers/{crew['Ben'].worker}/link", {})
    assert people(served, "state=restricted") == ["Ann"]
    assert people(served, "state=shut_out") == ["Ben"]
    assert people(served, "state=active") == ["Cid", "Dan", "Eve"]
    served.clock.move(61)
    assert people(served, "state=restricted") == []


def test_one_worker_is_shown_with_runs_money_browsers_and_deleted_runs(served, crew):
    ann = crew["Ann"]
    page = served.accept_a_page(ann)
    served.accept_a_page(ann, "second")
    tell(served, told(ann.worker, responses=len(page["items"]), pages_accepted=1, control_correct=1, control_total=1))
    person = served.ask("GET", f"/api/workers/{ann.worker}")
    assert [(run["run"], run["state"], run["pages_accepted"]) for run in person["runs"]] == [
        ("second", "active", 1),
        ("run", "active", 1),
    ]
    assert person["runs"][1]["hint"] == 5
    price = person["runs"][0]["earned"]
    assert person["money"] == [{"currency": "USD", "earned": 2 * price, "pending": 0}]
    assert len(person["sessions"]) == 1
    served.ask("DELETE", "/api/runs/second", {})
    person = served.ask("GET", f"/api/workers/{ann.worker}")
    assert ([run["run"] for run in person["runs"]], len(person["deleted"])) == (["run"], 1)
    assert person["money"][0]["earned"] == 2 * price, "what was earned in it stays"
    served.ask("GET", "/api/workers/nobody", status=404)


def test_a_worker_is_shown_with_answers_that_no_run_has_told_of_yet(served, crew):
    ann = crew["Ann"]
    given = len(served.accept_a_page(ann)["items"])
    tell(served, told(ann.worker, responses=given, pages_accepted=1))
    ann.submit(ann.page())
    person = served.ask("GET", f"/api/workers/{ann.worker}")
    assert (person["responses"], person["pages_accepted"]) == (2 * given, 1)
    served.ask("DELETE", "/api/runs/run", {})
    assert served.ask("GET", f"/api/workers/{ann.worker}")["responses"] == 2 * given, "told or not"


def test_all_answers_of_a_worker_are_read_part_by_part_the_newest_first(served, crew):
    ann = crew["Ann"]
    pages = [served.accept_a_page(ann)["page"] for _ in range(3)]
    newest = served.accept_a_page(ann, "second")["page"]
    first = served.ask("GET", f"/api/workers/{ann.worker}/pages?limit=2")
    assert [page["page"] for page in first["pages"]] == [newest, pages[2]]
    rest = served.ask("GET", f"/api/workers/{ann.worker}/pages?limit=2&before={first['next']}")
    assert ([page["page"] for page in rest["pages"]], rest["next"]) == ([pages[1], pages[0]], None)
    of_run = served.ask("GET", f"/api/workers/{ann.worker}/pages?run=second")
    assert [page["run"] for page in of_run["pages"]] == ["second"]
    answers = of_run["pages"][0]["answers"]
    assert {answer["key"] for answer in answers} <= {f"r{number}" for number in range(20)}
    assert all(answer["values"] == {"answer": "yes"} and not answer["control"] for answer in answers)
    served.ask("GET", f"/api/workers/{ann.worker}/pages?run=none", status=404)


def test_a_note_is_for_the_requester_alone_and_goes_when_the_worker_is_forgotten(served, crew):
    ann, note = crew["Ann"], "<b>asks twice</b>\n=1+1"
    path = f"/api/workers/{ann.worker}"
    served.ask("POST", f"{path}/note", {"note": f"  {note}\n"})
    assert served.ask("GET", path)["note"] == note
    assert [person["noted"] for person in served.ask("GET", "/api/workers")["people"]] == [True, False, False]
    for asked in ("me", "runs", "history", "runs/run"):
        assert "asks twice" not in ann.client.get(f"/api/work/{asked}").text
    served.ask("POST", f"{path}/note", {"note": "n" * 10_001}, 422)
    served.ask("POST", "/api/workers/nobody/note", {"note": "n"}, 404)
    served.ask("DELETE", path, {})
    person = served.ask("GET", path)
    assert (person["note"], person["name"], person["state"]) == ("", "", "forgotten")
    served.ask("POST", f"{path}/note", {"note": "again"}, 409)
    assert people(served, "search=ann") == []


def test_a_worker_reads_nothing_of_another(served, crew):
    ann, ben = crew["Ann"], crew["Ben"]
    page = served.accept_a_page(ben)
    for path in (f"/api/workers/{ben.worker}", f"/api/workers/{ann.worker}", "/api/workers", "/api/invitations"):
        assert ann.client.get(path).status_code == 401
    body = {"answers": [{"answer": "no"} for _ in page["items"]], "seconds": 1}
    for act in ("submit", "skip", "release"):
        told = ann.client.post(f"/api/work/pages/{page['page']}/{act}", json=body if act == "submit" else {})
        assert (told.status_code, told.json()["error"]["code"]) == (404, "page_unknown")


def test_no_name_hides_behind_invisible_characters(served, crew):
    # A name that only looks like another's: what cannot be seen is gone, so that both are found by one search.
    served.join(name="An\u200bn\u202e\u2066")
    assert people(served, "search=ann") == ["Ann", "Ann"]


def test_a_table_of_workers_is_a_frame_and_no_name_is_a_formula_in_its_file(served, crew, tmp_path):
    served.join(name='=HYPERLINK("http://evil.example","Ann")')
    join(served, invite_people(served, "Dan", label="course 3")["Dan"])
    tell(served, told(crew["Ann"].worker, responses=20, control_correct=18, control_total=20, seconds_per_item=2.5))
    served.accept_a_page(crew["Ann"])
    table = df.workers(served.workspace.root).set_index("name")
    ann = table.loc["Ann"]
    assert (ann["responses"], ann["control_accuracy"], ann["pace"]) == (3, 0.9, 0.5)
    assert (round(ann["accuracy_low"], 3), round(ann["accuracy_high"], 3)) == (0.699, 0.972)
    assert (ann["earned"], ann["currency"]) == (0.03, "USD")
    assert (ann["joined"].tzname(), ann["joined"].year >= 2024) == ("UTC", True)
    assert (table.loc["Dan", "invited_as"], table.loc["Dan", "label"]) == ("Dan", "course 3")
    assert list(df.workers(served.workspace.root, label="course 3")["name"]) == ["Dan"]
    file = write(table.reset_index(), tmp_path / "people.csv", ".csv")
    cells = [cell for row in csv.reader(file.open(encoding="utf-8-sig")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_what_a_worker_did_in_a_deleted_run_counts_over_all_runs_whether_the_run_had_told_it_or_not(served):
    served.publish()
    served.add(real=9, control=3)
    ann = served.join()
    for verdict in ("accepted", "rejected", None):
        page = ann.page()
        ann.submit(page)
        if verdict:
            served.command("judge", **{verdict: [page["page"]]})

    def known():
        person = served.ask("GET", f"/api/workers/{ann.worker}")
        return person["responses"], person["pages_accepted"], person["pages_rejected"]

    tell(served, told(ann.worker, responses=3, pages_accepted=1))
    responses, *pages = known()
    assert pages == [1, 1]
    served.ask("DELETE", "/api/runs/run")
    # The page that waited for a verdict is accepted with the deletion, and paid.
    assert known() == (responses, 2, 1)


def test_what_told_who_a_forgotten_person_was_is_gone_from_the_log_of_the_database_too(served):
    served.publish()
    ann = served.join(name="Zephyrine")
    served.ask("POST", f"/api/workers/{ann.worker}/note", {"note": "Quincunx"})
    log = served.workspace.database.with_name(f"{served.workspace.database.name}-wal")
    # The log may have gone into the database meanwhile: they are in the one or in the other.
    files = (log, served.workspace.database)

    def written(word: bytes) -> bool:
        return any(word in file.read_bytes() for file in files)

    assert all(map(written, (b"Zephyrine", b"Quincunx")))
    served.ask("DELETE", f"/api/workers/{ann.worker}")
    give_up = time.monotonic() + 20
    while any(map(written, (b"Zephyrine", b"Quincunx"))):
        assert time.monotonic() < give_up
        time.sleep(0.05)
