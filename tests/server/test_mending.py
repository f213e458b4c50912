"""Whoever labels alone mends what was sent; nobody else does."""

from collections.abc import Iterator
from typing import Any

import pytest

import dataforge as df
from dataforge.corrections import Correct
from dataforge.runs.core.folder import RunFolder

ALONE = df.Policy.preset("no-control", page=(1, 0), page_price=0)


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@pytest.fixture(params=[ALONE])
def run(served: Any, request: pytest.FixtureRequest) -> Iterator[df.Run]:
    options: dict[str, Any] = {"name": "run", "workspace": served.workspace, "progress": False, "open": True}
    rows = [{"id": f"i{n}", "text": f"text {n}"} for n in range(3)]
    with df.launch(likes, rows, policy=request.param, **options) as run:
        yield run


def first_page(ann: Any) -> dict[str, Any]:
    """A page, as soon as the items are there."""
    while (page := ann.take()["page"]) is None:
        pass
    return page


def sent(served: Any) -> tuple[Any, dict[str, Any]]:
    """Somebody who has answered a page, and the page."""
    ann = served.join()
    page = first_page(ann)
    ann.submit(page, answer=True)
    return ann, page


def mend(ann: Any, page: dict[str, Any], answer: Any, status: int = 200) -> Any:
    body = {"answers": [answer], "seconds": 1}
    told = ann.client.post(f"/api/work/runs/run/pages/{page['page']}/mend", json=body)
    assert told.status_code == status, told.text
    return told.json()


def test_an_answer_that_was_sent_is_mended_as_often_as_one_likes(served: Any, run: df.Run) -> None:
    ann, page = sent(served)
    for answer in (False, True, False):
        mend(ann, page, {"answer": answer})
    feed = RunFolder.of(served.workspace, "run").feed()
    assert [(one.item, one.answer) for one in feed.corrections(0) if isinstance(one, Correct)] == [
        (feed.corrections(0)[0].item, {"answer": answer}) for answer in (False, True, False)
    ]
    [text] = [item["inputs"]["text"] for item in page["items"]]
    while True:
        run.wait(0.2, progress=False)
        labels = run.labels().set_index("text")
        if labels.loc[text, "flag"] == "corrected" and not labels.loc[text, "answer"]:
            break
    assert run.status().cost == 0


def test_a_page_that_was_not_sent_and_a_report_are_not_mended(served: Any, run: df.Run) -> None:
    ann, page = sent(served)
    assert mend(ann, page, "unclear", 422)["error"]["code"] == "answer_invalid"
    assert mend(ann, page, {"answer": "perhaps"}, 422)["error"]["code"] == "answer_invalid"
    assert mend(ann, first_page(ann), {"answer": True}, 409)["error"]["code"] == "not_sent"


def test_nobody_mends_a_page_of_somebody_else(served: Any, run: df.Run) -> None:
    _, page = sent(served)
    assert mend(served.join(), page, {"answer": True}, 404)["error"]["code"] == "page_unknown"


def test_what_somebody_else_has_labelled_too_is_not_mended(served: Any, run: df.Run) -> None:
    """One who joins later would put their answer in place of everybody else's."""
    ann, page = sent(served)
    [text] = [item["inputs"]["text"] for item in page["items"]]
    while not len(run.responses()):
        run.wait(0.2, progress=False)
    run.discard(ann.worker)
    bob = served.join()
    while True:
        theirs = first_page(bob)
        bob.submit(theirs, answer=False)
        if theirs["items"][0]["inputs"]["text"] == text:
            break
    for somebody, one in ((ann, page), (bob, theirs)):
        assert mend(somebody, one, {"answer": True}, 409)["error"]["code"] == "others_answered"
    corrections = RunFolder.of(served.workspace, "run").feed().corrections(0)
    assert not [one for one in corrections if isinstance(one, Correct)], "nothing but that Ann's answers do not count"


@pytest.mark.parametrize(
    "run",
    [
        df.Policy.preset("no-control", page=(1, 0), page_price=0.01),
        df.Policy.preset("no-control", page=(1, 0), page_price=0, overlap=2),
        df.Policy.preset("no-control", page=(2, 0), page_price=0),
    ],
    indirect=True,
    ids=["paid", "beside others", "several on a page"],
)
def test_where_answers_are_paid_or_held_against_others_they_stay_as_they_were_sent(served: Any, run: df.Run) -> None:
    ann = served.join()
    page = first_page(ann)
    answers = [{"answer": True}] * len(page["items"])
    ann.submit(page, answer=True)
    body = {"answers": answers, "seconds": 1}
    told = ann.client.post(f"/api/work/runs/run/pages/{page['page']}/mend", json=body)
    assert (told.status_code, told.json()["error"]["code"]) == (403, "not_alone")
