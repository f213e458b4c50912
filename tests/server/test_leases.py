"""Time: leases that run out, answers that come late, pages that wait behind another."""

from __future__ import annotations


def kinds(served, after=0):
    return [event["kind"] for event in served.events(after=after)]


def submitted(served):
    return [event for event in served.events() if event["kind"] == "page_submitted"]


def test_a_lease_that_runs_out_gives_the_places_back(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    page = ann.page()
    served.clock.move(599)
    assert bob.take()["page"] is None
    served.clock.move(1)
    assert sorted(map(str, bob.page()["items"])) == sorted(map(str, page["items"]))
    assert "page_expired" in kinds(served)


def test_a_lease_that_runs_out_is_reported_though_nobody_asks(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    page = served.join().page()
    cursor = served.events()[-1]["cursor"]
    served.clock.move(600)
    [event] = served.events(after=cursor, wait=30)
    assert (event["kind"], event["page"]) == ("page_expired", page["page"])


def test_late_answers_count_while_all_places_are_free(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    ann = served.join()
    page = ann.page()
    served.clock.move(700)
    served.events(after=2, wait=30)
    assert ann.submit(page).json()["state"] == "submitted"
    assert kinds(served) == ["worker_joined", "page_taken", "page_expired", "page_taken", "page_submitted"]
    assert served.item("r0")["held"] == 1


def test_late_answers_whose_places_went_to_others_are_kept_but_not_counted(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    page = ann.page()
    served.clock.move(700)
    other = bob.page()
    for _ in range(2):
        reply = ann.submit(page)
        assert reply.status_code == 409
        assert reply.json()["error"]["code"] == "lease_expired"
    assert bob.submit(other).status_code == 200
    assert len(submitted(served)) == 1
    states = {response["name"]: response["state"] for response in served.item("r0")["responses"]}
    assert states == {"Ann": "late", "Bob": "submitted"}
    assert [response["values"] for response in served.item("r0")["responses"]] == [{"answer": "yes"}] * 2


def test_late_answers_do_not_break_the_budget(served):
    served.publish(control_per_page=0, budget=20_000)
    served.add(real=4)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    page = ann.page()
    served.clock.move(700)
    assert bob.take()["page"] is not None
    assert ann.submit(page).status_code == 409


def test_late_answers_to_a_closed_run_do_not_count(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    ann = served.join()
    page = ann.page()
    served.clock.move(700)
    served.events(after=2, wait=30)
    served.command("set_state", state="closed")
    assert ann.submit(page).json()["error"]["code"] == "lease_expired"


def test_answers_in_time_count_although_the_clock_passed_the_lease_unnoticed(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    ann = served.join()
    page = ann.page()
    served.clock.move(601)
    assert ann.submit(page).json()["state"] == "submitted"


def test_the_lease_of_a_page_fetched_ahead_starts_when_the_first_one_is_finished(served):
    served.publish(control_per_page=0)
    served.add(real=4)
    ann = served.join()
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(500)
    assert ann.submit(first).status_code == 200
    served.clock.move(300)
    again = ann.page()
    assert again["page"] == ahead["page"]
    assert again["seconds_left"] == 300
    served.clock.move(299)
    assert ann.submit(ahead).json()["state"] == "submitted"
    assert "page_expired" not in kinds(served)


def test_seconds_count_from_when_the_page_could_be_seen(served):
    served.publish(control_per_page=0)
    served.add(real=6)
    ann = served.join()
    first = ann.page()
    served.clock.move(5)
    ahead = ann.page(have=[first["page"]])
    served.clock.move(35)
    ann.submit(first)
    served.clock.move(20)
    ann.submit(ahead)
    served.clock.move(50)
    third = ann.page()
    served.clock.move(7)
    ann.submit(third)
    # Nothing is told: while two pages are held nobody knows on which of them the worker is, so they share.
    assert [event["seconds"] for event in submitted(served)] == [20, 40, 7]


def test_a_page_that_is_held_can_be_gone_on_with_though_the_run_has_nothing_new_or_is_over(served):
    served.publish(control_per_page=0)
    served.add(real=4)
    ann = served.join()
    first = ann.page()
    ahead = ann.page(have=[first["page"]])

    def listed():
        [run] = ann.get("/api/work/runs")["runs"]
        return run["held"], run["seconds_left"], run["open"], run["closed"] and run["closed"]["reason"]

    assert listed() == (True, 600, True, None)
    assert [page["page"] for page in ann.get("/api/work/history")["pages"]] == [first["page"]]
    served.command("set_state", state="closed")
    served.clock.move(20)
    assert listed() == (True, 580, True, None)
    assert ann.submit(first).status_code == 200
    assert listed() == (True, 600, True, None)
    assert len(ann.get("/api/work/history")["pages"]) == 2
    assert ann.page()["page"] == ahead["page"]
    served.clock.move(600)
    assert listed() == (False, None, False, "finished")


def test_a_worker_s_pages_are_listed_by_when_they_were_finished_after_those_at_work(served):
    served.publish(control_per_page=0)
    served.add(real=6)
    ann = served.join()
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(5)
    ann.submit(ahead)
    served.clock.move(5)
    ann.submit(first)
    served.clock.move(5)
    third = ann.page()
    pages = ann.get("/api/work/history")["pages"]
    assert [one["page"] for one in pages] == [third["page"], first["page"], ahead["page"]]
    assert [one["at"] for one in pages] == sorted((one["at"] for one in pages), reverse=True)


def test_a_skipped_page_goes_to_others_and_never_back(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    page = ann.page()
    assert ann.do("skip", page).json() == {"state": "skipped"}
    assert ann.do("skip", page).json() == {"state": "skipped"}
    assert ann.take()["closed"]["reason"] == "all_done"
    assert bob.take()["page"] is not None
    assert kinds(served).count("page_skipped") == 1


def test_a_released_page_comes_back_with_its_control_item(served):
    served.publish()
    served.add(real=4, control=2)
    ann = served.join()
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    assert ann.do("release", ahead).json() == {"state": "released"}
    assert ann.do("release", ahead).json() == {"state": "released"}
    ann.submit(first)
    again = ann.page()
    assert sorted(map(str, again["items"])) == sorted(map(str, ahead["items"]))
    assert ann.submit(again).status_code == 200
    assert ann.take()["closed"]["reason"] == "all_done"
    assert kinds(served).count("page_released") == 1


def test_a_page_that_was_on_the_screen_cannot_be_handed_back_unseen(served):
    served.publish()
    served.add(real=4)
    ann = served.join()
    reply = ann.do("release", ann.page())
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "page_shown")


def test_who_never_came_to_the_page_fetched_ahead_is_not_told_that_its_time_ran_out(served):
    served.publish(control_per_page=0)
    served.add(real=6)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    for _ in range(2):
        served.clock.move(700)
        # Who asks for a page has the time of others looked at.
        bob.take()
    expired = [event["page"] for event in served.events() if event["kind"] == "page_expired"]
    assert {first["page"], ahead["page"]} <= set(expired)
    assert [(one["page"], one["state"]) for one in ann.get("/api/work/history")["pages"]] == [
        (first["page"], "expired")
    ]


def test_who_left_a_page_lying_behind_one_that_was_sent_reads_that_its_time_ran_out(served):
    served.publish(control_per_page=0)
    served.add(real=6)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(100)
    assert ann.submit(first).status_code == 200
    served.clock.move(700)
    bob.take()
    assert "page_expired" in kinds(served)
    states = {one["page"]: one["state"] for one in ann.get("/api/work/history")["pages"]}
    assert states == {first["page"]: "submitted", ahead["page"]: "expired"}
