"""What workers object to rejections of their pages, as a requester reads it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from dataforge.records._words import Money, PageState, Record, Texts, Time

__all__ = ["AppealState", "PageAppeal"]

AppealState = Annotated[
    Literal["open", "upheld", "dismissed"],
    Meta(title="AppealState", description="What became of an appeal; `upheld`: the page is paid after all."),
]


class PageAppeal(Record, frozen=True):
    """An appeal against the rejection of a page; `text` is why, `reply` what its worker reads about the decision.

    `reason` is that of the rejection, null once the page is accepted; `verdict` what the page is now; `items` how many
    it has. `decided` is when, null while the appeal is open. `task` is what the run's task is called.
    """

    page: str
    run: str
    task: Texts
    worker: str
    name: str
    state: AppealState
    text: str
    at: Time
    decided: Time | None
    reply: str
    reason: Texts | None
    price: Money
    currency: str
    items: int
    verdict: PageState
