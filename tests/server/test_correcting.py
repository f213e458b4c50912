"""A run is corrected over HTTP, by the requester only; known answers stay in the run's folder."""

from collections.abc import Iterator
from typing import Any

import pytest

import dataforge as df
from dataforge.corrections import AskMore, Correct, Discard, SetAside, Withdraw
from dataforge.runs.core.folder import RunFolder


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@pytest.fixture
def run(served: Any) -> Iterator[df.Run]:
    """A run with two items, a control item, and one that came later."""
    rows, sure = [{"id": f"i{n}", "text": f"text {n}"} for n in range(2)], [{"id": "sure", "text": "s", "answer": True}]
    policy = df.Policy(page=(2, 1), speed=())
    options: dict[str, Any] = {"name": "run", "workspace": served.workspace, "detach": True, "progress": False}
    with df.launch(likes, rows, sure, policy, **options) as run:
        run.add(control=[{"id": "later", "text": "l", "answer": False}])
        yield run


def corrected(served: Any, *corrections: dict[str, Any], status: int = 200, **seen: int) -> Any:
    return served.ask("POST", "/api/runs/run/corrections", {"corrections": list(corrections), **seen}, status)


def said(served: Any, query: str = "") -> Any:
    return served.ask("GET", f"/api/runs/run/corrections{query}", None)


def known(served: Any, key: str, status: int = 200) -> Any:
    return served.ask("GET", f"/api/runs/run/known/{key}", None, status)


def test_a_known_answer_is_mended_and_a_control_item_withdrawn(served: Any, run: df.Run) -> None:
    assert known(served, "sure") == {"answer": {"answer": True}, "withdrawn": False, "corrected": False}
    corrected(served, {"kind": "correct", "item": "sure", "answer": {"answer": False}})
    assert known(served, "sure") == {"answer": {"answer": False}, "withdrawn": False, "corrected": True}
    corrected(served, {"kind": "withdraw", "item": "later"})
    assert known(served, "later") == {"answer": {"answer": False}, "withdrawn": True, "corrected": False}
    feed = RunFolder.of(served.workspace, "run").feed()
    assert feed.corrections(0) == (Correct("sure", {"answer": False}), Withdraw("later"))
    with run:
        run.drive()
        run.correct("i0", True)
        assert run.control().set_index("id")["answer"].to_dict() == {"sure": False, "later": None}
        assert run.labels().set_index("id").loc["i0", "flag"] == "corrected"


def test_the_answers_of_a_worker_are_discarded(served: Any, run: df.Run) -> None:
    with run:
        run.drive()
        ann = served.join()
        ann.submit(ann.page(), answer=True)
        corrected(served, {"kind": "discard", "worker": ann.worker})
        while not run.responses()["discarded"].any():
            run.wait(0.1, progress=False)
        assert run.responses()["discarded"].all()
        assert ann.take()["closed"]["reason"] == "restricted"
        while not (shown := served.ask("GET", "/api/runs/run/workers")["workers"])[0]["discarded"]:
            run.wait(1, progress=False)
        assert shown[0]["state"] == "restricted"
    assert RunFolder.of(served.workspace, "run").feed().corrections(0) == (Discard(ann.worker),)


def test_what_somebody_trusted_found_is_taken_in(served: Any, run: df.Run) -> None:
    corrected(served, {"kind": "draw", "items": ["i0", "i1"], "chances": [1, 0.5]})
    corrected(served, {"kind": "verify", "item": "i0", "judged": {"answer": True}, "ok": True})
    corrected(
        served, {"kind": "verify", "item": "i1", "judged": {"answer": True}, "ok": False, "sure": {"answer": 0.75}}
    )
    with run:
        run.drive()
        while run.labels()["flag"].tolist() != ["verified", "wrong"]:
            run.wait(1, progress=False)
        assert run.labels()["confidence"].tolist() == [1, 0]
        assert run.to_verify(0).empty


def test_two_requesters_on_one_item_the_later_one_sees_what_the_earlier_did_before_anything_is_overwritten(
    served: Any, run: df.Run
) -> None:
    seen = said(served, "?item=i0")
    assert seen == {"count": 0, "corrections": []}
    dog = {"kind": "correct", "item": "i0", "answer": {"answer": True}}
    aside = {"kind": "set_aside", "item": "i0"}
    assert corrected(served, dog, after=seen["count"]) == {"count": 1, "corrections": [dog]}
    # The reply was lost, or the button pressed twice: it is said once.
    corrected(served, dog, after=seen["count"])
    other = {"kind": "correct", "item": "i1", "answer": {"answer": False}}
    # All or none: what was to be said of another item is not said either.
    assert corrected(served, other, aside, after=seen["count"], status=409)["error"]["code"] == "overtaken"
    seen = said(served, "?item=i0")
    assert seen == {"count": 1, "corrections": [dog]}
    corrected(served, other, aside, after=seen["count"])
    assert said(served, "?after=1") == {"count": 3, "corrections": [other, aside]}
    with run:
        run.drive()
        while run.labels()["id"].tolist() != ["i1"]:
            run.wait(1, progress=False)
        assert run.labels()["flag"].tolist() == ["corrected"]


def test_an_item_is_sent_back_and_another_set_aside(served: Any, run: df.Run) -> None:
    corrected(served, {"kind": "ask_more", "item": "i0", "count": 2}, {"kind": "set_aside", "item": "i1"})
    assert RunFolder.of(served.workspace, "run").feed().corrections(0) == (AskMore("i0", 2), SetAside("i1"))
    with run:
        run.drive()
        while not (shown := served.ask("GET", "/api/runs/run/items?flag=set_aside")["items"]):
            run.wait(1, progress=False)
        assert [item["key"] for item in shown] == ["i1"]
        texts = [item["inputs"]["text"] for item in served.join().page()["items"]]
        assert "text 0" in texts
        assert "text 1" not in texts


REFUSED = (
    ({"kind": "ask_more", "item": "sure"}, 422, "item_invalid"),
    ({"kind": "ask_more", "item": "i0", "count": 0}, 422, "item_invalid"),
    ({"kind": "set_aside", "item": "sure"}, 422, "item_invalid"),
    ({"kind": "draw", "items": ["sure"], "chances": [1]}, 422, "item_invalid"),
    ({"kind": "draw", "items": ["i0"], "chances": [0]}, 422, "item_invalid"),
    ({"kind": "verify", "item": "sure", "judged": {"answer": True}, "ok": True}, 422, "item_invalid"),
    ({"kind": "verify", "item": "i0", "judged": None, "ok": False}, 422, "item_invalid"),
    ({"kind": "verify", "item": "i0", "judged": {"answer": 5}, "ok": True}, 422, "item_invalid"),
    ({"kind": "discard", "worker": "nobody"}, 404, "worker_unknown"),
    ({"kind": "correct", "item": "i9", "answer": {"answer": True}}, 422, "item_invalid"),
    ({"kind": "correct", "item": "i0", "answer": {"answer": "perhaps"}}, 422, "item_invalid"),
    ({"kind": "withdraw", "item": "i0"}, 422, "item_invalid"),
    ({"kind": "forget"}, 422, "body_invalid"),
)


def test_what_cannot_be_corrected_is_refused_with_all_that_came_with_it(served: Any, run: df.Run) -> None:
    fine = {"kind": "withdraw", "item": "sure"}
    for correction, status, code in REFUSED:
        assert corrected(served, fine, correction, status=status)["error"]["code"] == code
    assert RunFolder.of(served.workspace, "run").feed().state().corrections == 0
    assert known(served, "i0", 422)["error"]["code"] == "item_invalid"


def test_a_page_is_decided_on_over_http_and_two_do_not_overwrite_each_other(served: Any, run: df.Run) -> None:
    with run:
        run.drive()
        ann = served.join()
        page = ann.page()
        ann.submit(page, answer=True)
        nobody = {"kind": "accept", "page": "beef"}
        assert corrected(served, nobody, status=404)["error"]["code"] == "page_unknown"
        no = {"kind": "reject", "page": page["page"], "reason": {"en": "no care"}}
        yes = {"kind": "accept", "page": page["page"]}
        corrected(served, no, after=0)
        # Who has not seen that is shown it first; who says the same has nothing to add.
        assert corrected(served, yes, status=409, after=0)["error"]["code"] == "overtaken"
        corrected(served, no, after=0)
        assert said(served)["count"] == 1
        while (me := ann.get("/api/work/me"))["pages_rejected"] < 1:
            run.wait(1, progress=False)
        assert (me["earned"], me["pending"]) == (0, 0)
        history = ann.get("/api/work/history")["pages"]
        assert [(one["state"], one["reason"]) for one in history] == [("rejected", {"en": "no care"})]
        corrected(served, yes, after=1)
        while (me := ann.get("/api/work/me"))["pages_accepted"] < 1:
            run.wait(1, progress=False)
        assert me["earned"] == page["price"]
        assert run.workers()["earned"].sum() * 1e6 == pytest.approx(page["price"])


def test_a_bonus_is_given_over_http_once_under_its_key_and_within_the_budget(served: Any, run: df.Run) -> None:
    with run:
        run.drive()
        ann = served.join()
        ann.submit(ann.page(), answer=True)
        thanks = {"kind": "give_bonus", "worker": ann.worker, "amount": 50_000, "key": "k", "reason": {"en": "thanks"}}
        assert corrected(served, thanks | {"amount": 0}, status=422)["error"]["code"] == "bonus_invalid"
        assert corrected(served, thanks | {"worker": "nobody"}, status=404)["error"]["code"] == "worker_unknown"
        corrected(served, thanks, thanks)
        corrected(served, thanks)
        assert "choose another key" in corrected(served, thanks | {"amount": 1}, status=422)["error"]["message"]
        while not (receipts := ann.get("/api/work/money")["receipts"]):
            run.wait(1, progress=False)
        assert [(one["kind"], one["amount"], one["reason"]) for one in receipts] == [
            ("bonus", 50_000, {"en": "thanks"})
        ]
        run.wait(2, progress=False)
        me = ann.get("/api/work/me")
        assert me["earned"] >= 50_000
        assert sum(one["amount"] for one in ann.get("/api/work/money")["receipts"]) == 50_000


def test_what_an_hour_brings_is_told_of_each_worker(served: Any, run: df.Run) -> None:
    with run:
        run.drive()
        ann = served.join()
        page = ann.page()
        served.clock.move(40)
        ann.submit(page, answer=True, seconds=36)
        while not (shown := served.ask("GET", "/api/runs/run/workers")["workers"])[0]["hourly"]:
            run.wait(1, progress=False)
        # 36 seconds are a hundredth of an hour.
        assert shown[0]["hourly"] == 100 * page["price"]
