"""The server whose screens are photographed: runs and people in several states, as their requester makes them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

import dataforge as df
from dataforge.workspace import Workspace

__all__ = ["ASKED", "OBJECTED", "WHY", "Stage", "prepare"]

WHY = {"en": "Two known answers were wrong.", "ru": "Два известных ответа оказались неверны."}
ASKED = {"en": "Is a wolf a dog?", "ru": "Волк — это собака?"}
OBJECTED = {"en": "I looked at each of them twice.", "ru": "Каждое из них видно хорошо, смотрите сами."}


class Mood(df.Choice):
    GOOD = df.option("good", ru="хороший")
    BAD = df.option("bad", ru="плохой")


@df.task(
    duration="3s",
    name={"en": "Reviews of films", "ru": "Отзывы о фильмах"},
    instruction={"en": "Is the review **good** or **bad**?", "ru": "Отзыв **хороший** или **плохой**?"},
    titles={"text": {"en": "Review", "ru": "Отзыв"}, "answer": {"en": "It is", "ru": "Он"}},
)
def mood(text: df.Text) -> Mood:
    raise NotImplementedError


@df.task(name={"en": "Do you like it?", "ru": "Вам нравится?"}, duration="5s")
def likes(text: df.Text) -> bool:
    """Read the **whole** text."""
    raise NotImplementedError


ANIMALS = {
    "id": "animals",
    "name": {"en": "Cat or dog", "ru": "Кошка или собака"},
    "instruction": {"en": "Say **what** it is.", "ru": "Скажите, **кто** это."},
    "duration": 10.0,
    "inputs": [{"name": "name", "type": "text", "title": {"en": "Name", "ru": "Имя"}}],
    "outputs": [
        {
            "name": "value",
            "type": "choice",
            "title": {"en": "Which?", "ru": "Кто это?"},
            "settings": {
                "options": [
                    {"value": "dog", "label": {"en": "Dog", "ru": "Собака"}},
                    {"value": "cat", "label": {"en": "Cat", "ru": "Кошка"}},
                ]
            },
        }
    ],
}
TRAINING = [
    {
        "inputs": {"name": f"A {'cat' if place % 2 else 'dog'} to learn, number {place + 1}"},
        "answers": {"value": "cat" if place % 2 else "dog"},
        "hint": {"en": "Read the second word.", "ru": "Прочтите второе слово."},
    }
    for place in range(2)
]


@dataclass
class Stage:
    """The server with its runs, as its requester and its workers reach it over HTTP."""

    url: str
    workspace: Workspace
    api: httpx.Client
    trouble: list[str] = field(default_factory=list)

    def note(self, trouble: str) -> None:
        print(trouble, flush=True)
        self.trouble.append(trouble)

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.api.request(method, path, json=body, headers=headers).raise_for_status().json()

    def command(self, run: str, **command: Any) -> None:
        self.ask("POST", f"/api/runs/{run}/commands", {"commands": [{"key": secrets.token_hex(8), **command}]})

    def publish(self, run: str, **more: Any) -> None:
        publication = {
            **{"name": run, "task": {**ANIMALS, "id": run}, "prices": [1_000, 2_000, 3_000]},
            **{"real_per_page": 3, "control_per_page": 0, "lease": 600.0, **more},
        }
        self.ask("PUT", f"/api/runs/{run}", publication)
        items = [
            {"key": f"item-{place}", "inputs": {"name": f"animal number {place}"}, "wanted": 60} for place in range(12)
        ]
        self.command(run, kind="add_items", items=items)

    def invite(self, run: str) -> str:
        order = {"run": run, "expires_in": 3600.0, "uses": None}
        return self.url + str(self.ask("POST", "/api/invitations", order)["path"])

    def join(self, invitation: str, name: str) -> str:
        body = {"invitation": invitation.rpartition("/")[2], "name": name, "language": "en"}
        return str(self.ask("POST", "/api/work/join", body)["token"])

    def answer(self, run: str, token: str, answer: Callable[[dict[str, Any]], dict[str, Any]], seconds: float) -> str:
        """Take a page, look at it for so long, and send it; gives its id, or nothing where no page is left."""
        page = None
        while page is None:
            offer = self.ask("POST", f"/api/work/runs/{run}/pages", {"have": []}, token)
            page, closed = offer.get("page"), offer.get("closed") or {}
            if page is None and closed.get("reason") != "judging":
                return ""
            time.sleep(0.0 if page else 0.2)
        time.sleep(seconds)
        answers = {"answers": [answer(item) for item in page["items"]]}
        self.ask("POST", f"/api/work/pages/{page['page']}/submit", answers, token)
        return str(page["page"])


def prepare(stage: Stage) -> tuple[df.Run, df.Trial]:
    """Runs and people in the states that the screens are about; what is to be closed in the end."""
    at: dict[str, Any] = {"workspace": stage.workspace, "progress": False}
    rows = [{"text": f"A {'fine' if place % 2 else 'dull'} film, number {place}"} for place in range(80)]
    known = [{**row, "answer": "good" if "fine" in row["text"] else "bad"} for row in rows[60:]]
    policy = df.Policy(
        overlap=(2, 4), page=(4, 1), page_price=0.001, wage_floor=9, bonuses={0.7: 0.5, 0.9: 1}, budget=20, speed=()
    )
    films = df.launch(mood, rows[:60], known, policy=policy, name="films", **at)
    tokens = [stage.join(str(films.invitation), name) for name in ("Anna", "Борис", "Chen")]
    for place in range(6):
        for token in tokens:
            # The last of them hurries in the end.
            seconds = 0.05 if token == tokens[-1] and place >= 3 else 1.0
            stage.answer("films", token, lambda item: {"answer": "good" if "fine" in str(item) else "bad"}, seconds)
    trial = df.try_out(likes, ["one", "two", "three", "four"], ["Anna"], name="likes-trial", **at)
    expert = stage.join(trial.links["Anna"], "Anna")
    stage.answer("likes-trial", expert, lambda _: {"answer": True, "_ok": secrets.randbelow(2) == 0}, 1.0)
    stage.publish("animals", wage_floor=36_000_000, bonuses=[{"share": 0.9, "amount": 500_000}])
    stage.publish("animals-training", training={"items": TRAINING, "page": 2, "score": 75})
    ann, bob = (stage.join(stage.invite("animals"), name) for name in ("Ann", "Bob"))
    page = stage.answer("animals", ann, lambda _: {"value": "dog"}, 0.5)
    stage.command("animals", kind="judge", accepted=[stage.answer("animals", bob, lambda _: {"value": "cat"}, 0.5)])
    stage.command("animals", kind="judge", rejected=[page], reasons={page: WHY})
    stage.ask("POST", f"/api/work/pages/{page}/appeal", {"text": OBJECTED["en"]}, ann)
    asked = {"run": "animals", "text": ASKED["en"], "key": secrets.token_hex(4), "page": page, "place": 1}
    stage.ask("POST", "/api/work/messages", asked, ann)
    order = {"names": ["Anna", "Dmitri"], "run": "films", "label": "course 3"}
    stage.ask("POST", "/api/invitations/people", order)
    return films, trial
