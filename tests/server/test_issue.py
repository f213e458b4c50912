"""Which items a worker gets."""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from statistics import fmean

from tests.known_people import know_everybody


def texts(page):
    return [item["inputs"]["text"] for item in page["items"]]


def test_a_page_mixes_real_and_control_items_in_the_given_numbers(served):
    served.publish()
    served.add(real=10, control=5)
    page = served.join().page()
    kinds = Counter(text.split()[0] for text in texts(page))
    assert kinds == {"real": 2, "control": 1}
    assert page["price"] == 30_000
    assert page["seconds_left"] == 600


def test_nobody_sees_an_item_twice_and_everybody_sees_all_of_them(served):
    served.publish()
    served.add(real=9, control=3, wanted=3)
    for name in ("Ann", "Bob", "Cem"):
        person = served.join(name=name)
        seen = []
        while (page := person.take()["page"]) is not None:
            seen += texts(page)
            assert person.submit(page).status_code == 200
        assert Counter(text for text in seen if text.startswith("real")) == {f"real {n}": 1 for n in range(9)}
        assert max(Counter(seen).values()) == 1
        assert person.take()["closed"]["reason"] == "all_done"


def test_an_item_gets_no_more_responses_than_wanted(served):
    served.publish(control_per_page=0)
    served.add(real=4, wanted=2)
    people = [served.join(name=f"Worker {number}") for number in range(4)]
    given = Counter(text for person in people for text in texts(person.take()["page"] or {"items": []}))
    assert given == {f"real {n}": 2 for n in range(4)}


def test_whoever_finds_all_places_taken_is_told_to_come_back(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    first, second = served.join(name="Ann"), served.join(name="Bob")
    page = first.page()
    assert second.take()["closed"]["reason"] == "busy"
    first.do("skip", page)
    assert sorted(texts(second.page())) == sorted(texts(page))


def test_when_all_control_items_were_seen_pages_stay_as_large_with_real_items_only(served):
    served.publish()
    served.add(real=20, control=1)
    person = served.join()
    pages = []
    for _ in range(3):
        pages.append(person.page())
        person.submit(pages[-1])
    assert [len(page["items"]) for page in pages] == [3, 3, 3]
    controls = [sum(text.startswith("control") for text in texts(page)) for page in pages]
    assert controls == [1, 0, 0]


def test_few_real_items_come_with_fewer_control_items_and_none_come_alone(served):
    served.publish(real_per_page=6, control_per_page=4, prices=[1000] * 10)
    served.add(real=7, control=20)
    person = served.join()
    first = person.page()
    person.submit(first)
    last = person.page()
    assert sum(text.startswith("real") for text in texts(last)) == 1
    # ceil(4 * 1 / 6) = 1
    assert len(last["items"]) == 2
    person.submit(last)
    assert person.take() | {"closed": None} == {"page": None, "closed": None}


def test_nobody_gets_a_control_item_again_that_another_run_had(served):
    for run in ("run", "other"):
        served.publish(run, real_per_page=1, control_per_page=1)
        # Control items have the same content in both runs, real ones have not.
        known = [{"key": f"c{n}", "inputs": {"text": f"known {n}"}, "control": True} for n in range(3)]
        served.command("add_items", run, items=known)
        served.add(real=9, run=run, prefix=f"{run} ")
    know_everybody(served.workspace)
    everywhere = served.client()
    body = {"invitation": served.ask("POST", "/api/invitations", {})["path"].rpartition("/")[2], "name": "Ann"}
    everywhere.headers["Authorization"] = f"Bearer {everywhere.post('/api/work/join', json=body).json()['token']}"
    seen = []
    for run in ("run", "other", "run", "other"):
        page = everywhere.post(f"/api/work/runs/{run}/pages", json={}).json()["page"]
        seen += texts(page)
        answers = {"answers": [{"answer": "yes"}] * len(page["items"])}
        assert everywhere.post(f"/api/work/pages/{page['page']}/submit", json=answers).status_code == 200
    assert sum(text.startswith("known") for text in seen) == 3
    assert len(seen) == len(set(seen)) == 8


def test_a_control_item_cannot_be_told_by_its_form_its_place_or_its_page(served):
    served.publish(real_per_page=2, control_per_page=2, prices=[1000] * 4)
    items = [
        # The requester's rows differ in the order of keys and carry a stray column; workers must not see that.
        {"key": f"real-{n}", "inputs": {"text": f"r {n}"}, "wanted": 9}
        for n in range(400)
    ]
    items += [{"key": f"gold-{n}", "inputs": {"text": f"c {n}"}, "wanted": 9, "control": True} for n in range(400)]
    served.command("add_items", items=items)
    person = served.join()
    places = Counter()
    for _ in range(150):
        page = person.page()
        for place, item in enumerate(page["items"]):
            assert list(item) == ["inputs"]
            assert list(item["inputs"]) == ["text"]
            places[place] += item["inputs"]["text"].startswith("c")
        assert "gold" not in json.dumps(page)
        assert "control" not in json.dumps(page)
        assert len(page["page"]) == 32
        person.submit(page)
    # 75 of 150 expected at each of the four places; six standard deviations are 37.
    assert all(38 <= places[place] <= 112 for place in range(4)), places


def test_nothing_beside_the_items_tells_how_many_control_items_a_page_has(served):
    served.publish(real_per_page=2, control_per_page=2, prices=[1000] * 4)
    kinds = {"real": 300, "gold": 40}
    items = [
        {"key": f"{kind}{n}", "inputs": {"text": f"{kind} {n:03}"}, "wanted": 9, "control": kind == "gold"}
        for kind, count in kinds.items()
        for n in range(count)
    ]
    served.command("add_items", items=items)
    person = served.join()
    said, ids = defaultdict(set), defaultdict(list)
    while True:
        reply = person.client.post("/api/work/runs/run/pages", json={"have": []})
        if (page := reply.json()["page"]) is None:
            break
        known = sum(item["inputs"]["text"].startswith("gold") for item in page["items"])
        bare = re.sub(r"(real|gold) \d+", "text", reply.text).replace(page["page"], "page")
        said[known].add((bare, *((name, value) for name, value in reply.headers.items() if name != "date")))
        ids[known > 0].append([int(sign, 16) >> bit & 1 for sign in page["page"] for bit in range(4)])
        person.submit(page)
    assert set(said) >= {0, 1, 2}
    assert len(set().union(*said.values())) == 1
    assert min(map(len, ids.values())) > 30
    # Bits that are chance differ by six standard deviations in neither of their shares.
    shares = [[fmean(bits) for bits in zip(*some, strict=True)] for some in ids.values()]
    assert max(abs(one - other) for one, other in zip(*shares, strict=True)) < 6 * math.sqrt(2 * 0.25 / 30)


def test_an_absent_optional_input_has_the_same_form_in_all_items(served):
    task = served.publish("other")["task"]
    task["inputs"].append({"name": "hint", "type": "text", "title": {"en": "Hint"}, "required": False})
    served.publish("hints", task=task, name="hints")
    items = [
        {"key": "r", "inputs": {"text": "one"}},
        {"key": "c", "inputs": {"hint": "look", "text": "two"}, "control": True},
    ]
    served.command("add_items", "hints", items=items)
    page = served.join("hints").page("hints")
    assert {tuple(item["inputs"]) for item in page["items"]} == {("text", "hint")}


def test_items_are_not_given_in_the_order_of_the_data(served):
    served.publish(real_per_page=50, control_per_page=0, prices=[1] * 50)
    served.add(real=50)
    assert texts(served.join().page()) != [f"real {n}" for n in range(50)]


def test_items_added_later_reach_workers_who_had_seen_all(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    person = served.join()
    person.submit(person.page())
    assert person.take()["page"] is None
    served.add(real=2, prefix="late ")
    assert sorted(texts(person.page())) == ["late real 0", "late real 1"]


def test_items_added_after_a_worker_asked_in_vain_reach_that_worker(served):
    served.publish(control_per_page=0)
    person = served.join()
    assert person.take()["page"] is None
    served.add(real=2)
    assert len(person.page()["items"]) == 2


def test_an_item_that_is_wanted_more_reaches_others_but_not_who_answered_it(served):
    served.publish(control_per_page=0)
    served.add(real=2)
    first, second = served.join(name="Ann"), served.join(name="Bob")
    first.submit(first.page())
    served.command("want", wanted={"r0": 2})
    assert first.take()["closed"]["reason"] == "all_done"
    assert texts(second.page()) == ["real 0"]


def test_wanting_fewer_responses_than_are_held_takes_nothing_back(served):
    served.publish(control_per_page=0)
    served.add(real=2, wanted=2)
    first, second = served.join(name="Ann"), served.join(name="Bob")
    page = first.page()
    served.command("want", wanted={"r0": 0, "r1": 1})
    assert second.take()["closed"]["reason"] == "busy"
    assert first.submit(page).status_code == 200


def test_a_worker_holds_the_page_on_the_screen_and_one_ahead_and_no_more(served):
    served.publish(control_per_page=0)
    served.add(real=10)
    person = served.join()
    first = person.page()
    second = person.page(have=[first["page"]])
    assert person.take(have=[first["page"], second["page"]]) == {"page": None, "closed": None}
    # A reload knows of neither: the one on the screen comes first.
    assert person.page()["page"] == first["page"]
    assert person.page(have=[first["page"]])["items"] == second["items"]


def test_the_budget_bounds_what_is_given_out_and_what_is_rejected_comes_back(served):
    served.publish(control_per_page=0, budget=45_000)
    served.add(real=10)
    first, second = served.join(name="Ann"), served.join(name="Bob")
    first.submit(first.page())
    page = second.page()
    assert first.take()["closed"]["reason"] == "budget"
    second.submit(page)
    served.command("judge", rejected=[page["page"]])
    assert first.take()["page"] is not None


def test_a_worker_of_another_language_is_told_so(served):
    served.publish(languages=["ru"])
    served.add(real=3)
    assert served.join(language="en").take()["closed"]["reason"] == "language"
    assert served.join(name="Вера", language="ru").take()["page"] is not None


def test_a_paused_run_gives_nothing_and_a_closed_one_takes_what_is_out(served):
    served.publish()
    served.add(real=5)
    ann, bob = served.join(name="Ann"), served.join(name="Bob")
    page = ann.page()
    served.command("set_state", state="paused")
    assert bob.take()["closed"]["reason"] == "paused"
    served.ask("POST", "/api/runs/run/state", {"state": "closed"})
    assert bob.take()["closed"]["reason"] == "finished"
    assert ann.submit(page).json()["state"] == "submitted"
    assert [event["state"] for event in served.events() if event["kind"] == "run_state_changed"] == ["paused", "closed"]


def test_sides_are_swapped_in_half_of_the_views_and_put_right_in_the_answers(served):
    task = {
        "id": "better",
        "name": {"en": "Better"},
        "instruction": {"en": "Which is better?"},
        "duration": 5,
        "inputs": [{"name": name, "type": "text", "title": {"en": name}} for name in ("query", "left", "right")],
        "outputs": [
            {
                "name": "better",
                "type": "side_by_side",
                "title": {"en": "Better"},
                "settings": {"left": "left", "right": "right", "tie": True},
            }
        ],
    }
    served.publish(task=task, real_per_page=3, control_per_page=0)
    items = [{"key": f"i{n}", "inputs": {"query": "q", "left": "good", "right": "bad"}, "wanted": 4} for n in range(3)]
    served.command("add_items", items=items)
    swaps = Counter()
    for number in range(4):
        person = served.join(name=f"Worker {number}")
        page = person.page()
        sides = [item["inputs"]["left"] == "good" for item in page["items"]]
        swaps.update(sides)
        assert all(list(item["inputs"]) == ["query", "left", "right"] for item in page["items"])
        answers = [{"better": "left" if good_is_left else "right"} for good_is_left in sides]
        reply = person.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": answers})
        assert reply.status_code == 200
    # Alternating per item: each of the three items was shown twice in each way.
    assert swaps == {True: 6, False: 6}
    answers = [a for e in served.events() if e["kind"] == "page_submitted" for a in e["answers"]]
    assert answers == [{"better": "left"}] * 12


def test_two_servers_with_one_seed_give_the_same_items(run_server, tmp_path):
    orders = []
    for _ in range(2):
        with run_server(seed=7) as server:
            run = f"run{len(orders)}"
            server.publish(run, name=run)
            server.add(real=9, control=3, run=run)
            orders.append(texts(server.join(run).page(run)))
    assert orders[0] == orders[1]
