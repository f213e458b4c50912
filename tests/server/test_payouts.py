"""What workers are owed, and that it was paid: to the millionth, once, and told to both sides."""

import csv
import io
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psutil
import pytest

from dataforge.cli.payouts import command as payouts
from dataforge.errors import DataError
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.workspace import ServerAddress


@pytest.fixture
def ann(served):
    """Ann has a page accepted (0.03 USD), and one that waits."""
    served.publish()
    served.add(real=9, control=3)
    ann = served.join(name="=Ann")
    for accepted in (True, False):
        page = ann.page()
        ann.submit(page)
        if accepted:
            ann.accepted = page["page"]
            served.command("judge", accepted=[page["page"]])
    return ann


def due(served):
    return served.ask("GET", "/api/payouts")


def announce(served):
    """Let the command line find the server."""
    served.workspace.announce(ServerAddress(served.url, os.getpid(), psutil.Process().create_time(), "0"))


def pay(served, worker, amount, key="june", status=200, currency="USD"):
    payments = [{"worker": worker.worker, "currency": currency, "amount": amount}]
    return served.ask("POST", "/api/payouts", {"key": key, "payments": payments}, status)


def test_who_is_owed_what_is_listed(served, ann):
    assert due(served) == {
        "count": 1,
        "sums": {"USD": 30_000},
        "workers": [
            {"worker": ann.worker, "name": "=Ann", "currency": "USD", "due": 30_000, "paid": 0, "pending": 30_000}
        ],
    }


def test_the_file_to_pay_by_has_exact_amounts_and_no_formulas(served, ann):
    text = served.requester.get("/api/payouts.csv").text
    [row] = csv.DictReader(io.StringIO(text))
    assert row.pop("list").startswith("list-")
    assert row == {"worker": ann.worker, "name": "'=Ann", "currency": "USD", "amount": "0.03"}


def test_what_is_marked_paid_twice_is_paid_once_and_its_worker_has_a_receipt(served, ann):
    assert pay(served, ann, 20_000) == {"noted": 1, "repeated": 0}
    assert pay(served, ann, 20_000) == {"noted": 0, "repeated": 1}
    assert due(served)["sums"] == {"USD": 10_000}
    mine = ann.get("/api/work/money")
    assert mine["balances"] == [{"currency": "USD", "due": 10_000, "paid": 20_000}]
    assert [(one["kind"], one["amount"], one["currency"]) for one in mine["receipts"]] == [("paid_out", 20_000, "USD")]


def test_a_worker_s_receipts_are_numbered_among_their_own(served, ann):
    bob = served.join(name="Bob")
    page = bob.page()
    bob.submit(page)
    served.command("judge", accepted=[page["page"]])
    pay(served, ann, 10_000, "june")
    pay(served, bob, 10_000, "july")
    pay(served, bob, 20_000, "august")
    numbers = [(one["number"], one["amount"]) for one in bob.get("/api/work/money")["receipts"]]
    assert numbers == [(2, 20_000), (1, 10_000)]


def test_more_than_is_due_is_never_paid(served, ann):
    refused = pay(served, ann, 30_001, status=409)["error"]
    assert (refused["code"], refused["details"]["due"]) == ("payment_not_due", 30_000)
    assert pay(served, ann, 30_000, currency="EUR", status=409)["error"]["code"] == "payment_not_due"
    assert pay(served, ann, 0, status=422)["error"]["code"] == "payments_invalid"
    pay(served, ann, 20_000)
    assert pay(served, ann, 10_000, status=409)["error"]["code"] == "payment_differs"


def test_of_a_list_with_one_wrong_line_nothing_is_noted(served, ann):
    lines = [
        {"worker": ann.worker, "currency": "USD", "amount": 10_000},
        {"worker": "nobody", "currency": "USD", "amount": 1},
    ]
    assert served.ask("POST", "/api/payouts", {"key": "june", "payments": lines}, 404)["error"]["code"] == (
        "worker_unknown"
    )
    twice = {"key": "june", "payments": [lines[0], lines[0]]}
    assert served.ask("POST", "/api/payouts", twice, 422)["error"]["code"] == "payments_invalid"
    assert due(served)["sums"] == {"USD": 30_000}


def test_a_list_that_was_paid_before_a_page_of_it_was_rejected_is_noted_but_for_that(served, ann):
    """A new list would name everybody else once more, and they have their money."""
    bob = served.join(name="Bob")
    page = served.accept_a_page(bob)
    served.command("judge", taken_back=[page["page"]], reasons={page["page"]: {"en": "no care"}})
    by_ann = {"worker": ann.worker, "currency": "USD", "amount": 30_000}
    paid = [by_ann, {**by_ann, "worker": bob.worker}]
    refused = served.ask("POST", "/api/payouts", {"key": "june", "payments": paid}, 409)["error"]
    assert (refused["details"]["worker"], refused["details"]["due"]) == (bob.worker, 0)
    assert "lower this line to what is due, or take it out, and note the same list" in refused["message"]
    assert served.ask("POST", "/api/payouts", {"key": "june", "payments": [by_ann]}) == {"noted": 1, "repeated": 0}
    assert due(served)["workers"] == []


def test_two_requesters_who_pay_at_once_pay_once(served, ann):
    def try_to(key):
        payments = [{"worker": ann.worker, "currency": "USD", "amount": 30_000}]
        reply = served.requester.post("/api/payouts", json={"key": key, "payments": payments})
        return reply.status_code

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(try_to, [f"by {n}" for n in range(8)]))
    assert codes == [200, *[409] * 7]
    assert due(served)["workers"] == []


def test_a_page_that_is_rejected_after_its_money_went_out_is_a_debt_that_what_comes_next_is_set_against(served, ann):
    pay(served, ann, 30_000)
    served.command("judge", taken_back=[ann.accepted], reasons={ann.accepted: {"en": "no care"}})
    [row] = due(served)["workers"]
    assert (row["due"], row["paid"]) == (-30_000, 30_000)
    assert due(served)["sums"] == {}
    pay(served, ann, 1, key="july", status=409)
    pending = ann.get("/api/work/history")["pages"]
    served.command("judge", accepted=[page["page"] for page in pending if page["state"] == "submitted"])
    assert due(served)["workers"] == []
    with closing(SqliteStore.open(served.workspace.database)) as store:
        assert store.ledger.differences() == []


def test_a_worker_who_is_forgotten_is_still_owed_what_they_earned(served, ann):
    served.ask("DELETE", f"/api/workers/{ann.worker}")
    [row] = due(served)["workers"]
    assert (row["worker"], row["name"], row["due"]) == (ann.worker, "", 30_000)
    pay(served, ann, 30_000)
    assert due(served)["workers"] == []


def test_what_a_deleted_run_owes_is_paid_like_everything_else(served, ann):
    served.ask("DELETE", "/api/runs/run")
    # What waited for a verdict counts as earned, for nobody will look at it.
    assert due(served)["sums"] == {"USD": 60_000}
    pay(served, ann, 60_000)
    assert ann.get("/api/work/money")["balances"] == [{"currency": "USD", "due": 0, "paid": 60_000}]


def test_from_the_command_line_a_file_is_written_and_noted_as_paid_once(served, ann, tmp_path, capsys):
    file = tmp_path / "june.csv"
    announce(served)
    payouts(workspace=served.workspace.root, out=file)
    payouts(workspace=served.workspace.root, paid=file)
    payouts(workspace=served.workspace.root, paid=file)
    payouts(workspace=served.workspace.root)
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        "1 payments are noted",
        "0 payments are noted; 1 had been noted before",
        "nobody is owed anything",
    ]


@pytest.mark.parametrize(
    ("amount", "said"), [("0.0000001", "up to six digits"), ("much", "expected an amount"), ("-1", "above 0")]
)
def test_an_amount_that_is_none_is_refused_by_its_line(served, ann, tmp_path, amount, said):
    file = tmp_path / "june.csv"
    file.write_text(f"list,worker,name,currency,amount\nlist-1,{ann.worker},Ann,USD,{amount}\n")
    announce(served)
    with pytest.raises(DataError, match=f"line 2.*{said}"):
        payouts(workspace=served.workspace.root, paid=file)


def test_what_a_page_brought_on_top_after_an_appeal_is_read_beside_it(served):
    # A unit a second.
    served.publish(wage_floor=3_600_000_000, prices=[1, 1, 1], control_per_page=0, real_per_page=2)
    served.add(real=12)
    ann = served.join()
    page = ann.page()
    served.clock.move(30)
    ann.submit(page, seconds=30)
    served.command("judge", rejected=[page["page"]])
    ann.client.post(f"/api/work/pages/{page['page']}/appeal", json={"text": "I looked at each"})
    shown = "/api/work/runs/run/standing?day=0"
    [rejected] = ann.get(shown)["objectionable"]
    served.command("judge", accepted=[page["page"]])
    [upheld] = ann.get(shown)["objectionable"]
    assert (rejected["on_top"], upheld["on_top"]) == (0, 29_999_999)


def test_the_money_of_a_run_balances_whatever_became_of_its_pages(served):
    served.publish("paid", wage_floor=36_000_000, budget=10_000_000)
    served.command(
        "add_items", "paid", items=[{"key": f"p{n}", "inputs": {"text": f"{n}"}, "wanted": 3} for n in range(12)]
    )
    people = [served.join("paid", name=name) for name in ("Ann", "Bob", "Cem")]
    names = []
    for person in people:
        page = person.page("paid")
        served.clock.move(20)
        person.submit(page)
        names.append(page["page"])
    served.command("judge", "paid", accepted=names[:1], rejected=names[1:2])
    served.command("pay_bonus", "paid", worker=people[0].worker, amount=70_000)
    people[0].page("paid")
    found = served.ask("GET", "/api/runs/paid/money")
    # Three pages of three items were sent, one is out. Twenty seconds at 36 an hour are 0.20; the page brought its
    # price, the rest came on top.
    expected = {
        "submitted": 90_000,
        "accepted": 30_000,
        "rejected": 30_000,
        "pending": 30_000,
        "bonuses": 70_000,
        "on_top": 170_000,
        "on_top_back": 0,
        "earned": 270_000,
        "reserved": 30_000,
        "spent": 330_000,
    }
    assert {name: found[name] for name in expected} == expected
    workers = {one["name"]: one for one in found["workers"]}
    assert sum(one["pages"] + one["bonuses"] + one["on_top"] for one in workers.values()) == found["earned"]
    assert workers["Cem"]["pending"] == found["pending"]
