"""A run whose answers are judged by other workers, and one person with many accounts who answers nonsense."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

import dataforge as df
from dataforge.data.reading import gather_items
from dataforge.platforms.simulated import SimulatedPlatform, TakenPage
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import RunLog
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launches.checks import launch_checks, parted, shares
from dataforge.runs.handle.launches.describe import describe
from dataforge.runs.handle.tables import results

__all__ = ["JUDGING", "JudgedOutcome", "JudgedWorld", "answers_nonsense"]

WORDS = (
    "river",
    "stone",
    "green",
    "market",
    "often",
    "bright",
    "carry",
    "window",
    "people",
    "under",
    "shadow",
    "winter",
)
TURNS, PAGE_SECONDS, IDLE = 2_000, 60.0, 60
# How often people who do their best write all words down, and judge well.
WRITING, HONEST = 0.9, 0.95

Says = Callable[[Mapping[str, Any]], Any]


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


@dataclass(frozen=True)
class JudgedOutcome:
    """How many labels reach the confidence asked for, the share of wrong ones among them, and what the accounts of
    one person were paid for their answers and for judging, as shares of all that was.
    """

    sure: int
    wrong_but_sure: float
    answers_paid: float
    judging_paid: float


def sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=8)).capitalize() + "."


class JudgedWorld:
    """A run of sounds on which sentences are said, and the run in which what was heard is judged."""

    def __init__(self, folder: Path, *, items: int, control: int, seed: int) -> None:
        self.seed = seed
        rng = random.Random(seed)
        names = [f"sound {number}" for number in rng.sample(range(10**6), items + control)]
        self.truth = {name: sentence(rng) for name in names}
        self.policy = df.Policy(page=(8, 2), speed=(), check=df.Policy(page=(8, 2), overlap=(2, 5), speed=()))
        self.platform = SimulatedPlatform(seed=seed)
        self._folder = folder
        known = [{"sound": name, "answer": self.truth[name]} for name in sorted(names[items:])]
        everything = gather_items(heard, [{"sound": name} for name in names[:items]], known or None, None, None)
        self._asked = parted(heard, self.policy, everything)
        self.views: list[RunView] = []
        self.loops: list[RunLoop] = []

    @contextmanager
    def open(self) -> Iterator[JudgedWorld]:
        """Launch both runs."""
        asked, folder = self._asked, RunFolder(self._folder / "run")
        policy, of_checks = shares(asked, self.policy, more=False)
        assert of_checks is not None
        folder.path.mkdir(parents=True)
        description = describe("run", heard, asked.items, policy, self.platform).with_identity(folder.identity())
        self.platform.publish(description.publication)
        check = launch_checks(folder, asked, of_checks, self.platform, show=False)
        folder.create(msgspec.structs.replace(description, check=check), asked.items)
        folders = folder, RunFolder(self._folder / check)
        self.views = [RunView.open(one) for one in folders]
        logs = [RunLog(one.log) for one in folders]
        beside = (self.views[1], None)
        self.loops = [
            RunLoop(view, self.platform, log, judging=judging)
            for view, log, judging in zip(self.views, logs, beside, strict=True)
        ]
        try:
            self.go_on()
            yield self
        finally:
            for view, log in zip(self.views, logs, strict=True):
                log.close()
                view.feed.close()

    def go_on(self) -> bool:
        """Let both runs take in what has happened; False once both are over."""
        stop = threading.Event()
        moved = True
        while moved:
            turns = [loop.turn(stop, 0.0) for loop in self.loops if not loop.over]
            moved = any(turns)
        return not all(loop.over for loop in self.loops)

    def work(self, run: str, worker: str, says: Says) -> bool:
        """A page by a worker, whose verdicts come; False if there was none."""
        page = self.platform.take(run, worker)
        if not isinstance(page, TakenPage):
            return False
        self.platform.forward(PAGE_SECONDS)
        output = "answer" if run == "run" else "ok"
        self.platform.submit(run, page.id, [{output: says(inputs)} for inputs in page.inputs])
        return True

    def outcome(self, prefix: str) -> JudgedOutcome:
        """What came out, and what of it went to workers whose names begin so."""
        labels = results.labels(self.views[0])
        sure = labels[labels["confidence"] >= self.policy.min_confidence]
        wrong = [self.truth[row.sound] != row.answer for row in sure.itertuples()]
        paid = []
        for view in self.views:
            earned = {worker.id: worker.earned for worker in view.state.workers}
            theirs = sum(money for name, money in earned.items() if name.startswith(prefix))
            paid.append(theirs / max(sum(earned.values()), 1))
        return JudgedOutcome(len(sure), sum(wrong) / max(len(wrong), 1), *paid)


@dataclass(frozen=True)
class Honest:
    """Somebody who listens."""

    world: JudgedWorld
    rng: random.Random

    def writes(self, inputs: Mapping[str, Any]) -> str:
        words = self.world.truth[inputs["sound"]].split()
        if self.rng.random() > WRITING:
            words[self.rng.randrange(1, 7)] = self.rng.choice(WORDS)
        return " ".join(words)

    def judges(self, inputs: Mapping[str, Any]) -> bool:
        right = inputs["answer"] == self.world.truth[inputs["sound"]]
        return right == (self.rng.random() < HONEST)


def looks_written(answer: str) -> bool:
    """Whether a text begins with a capital, ends in a mark, and has neither in between."""
    first, *between, last = answer.split()
    inside = [first[1:], *between, last[:-1]]
    return first[0].isupper() and last[-1] == "." and all(word.isalpha() and word.islower() for word in inside if word)


JUDGING: dict[str, Callable[[Honest, Mapping[str, Any]], bool]] = {
    "says yes to everything": lambda honest, inputs: True,
    "says no to what looks made by a machine": lambda honest, inputs: looks_written(inputs["answer"]),
    "judges the others well": lambda honest, inputs: honest.judges(inputs),
}
"""How somebody judges what is not their own."""


class Group:
    """Accounts of one person, who share what they see: which of them had which sound, and how many each had."""

    def __init__(self) -> None:
        self.had: dict[str, set[str]] = {}
        self.done: Counter[str] = Counter()

    def sees(self, account: str, sound: str) -> None:
        """Note that an account has a sound on a page."""
        self.had.setdefault(sound, set()).add(account)
        self.done[account] += 1


LISTENING: dict[str, Callable[[Group, str, str], bool]] = {
    "never": lambda group, account, sound: False,
    "to what others of them had": lambda group, account, sound: len(group.had[sound] - {account}) > 0,
    "to their first 24 sounds": lambda group, account, sound: group.done[account] <= 24,
}
"""Whether an account of somebody who answers nonsense listens to a sound."""


def answers_nonsense(
    world: JudgedWorld, judging: str, accounts: int, honest: int = 0, share: float = 1.0, listening: str = "never"
) -> None:
    """Answer nonsense by several accounts, which find the nonsense of each other right."""
    rng = random.Random(f"group {world.seed} {accounts}")
    listener, said, group = Honest(world, rng), set[tuple[str, str]](), Group()

    def writes(account: str, inputs: Mapping[str, Any]) -> str:
        group.sees(account, inputs["sound"])
        if LISTENING[listening](group, account, inputs["sound"]):
            return listener.writes(inputs)
        answer = sentence(rng)
        said.add((inputs["sound"], answer))
        return answer

    def judges(inputs: Mapping[str, Any]) -> bool:
        return (inputs["sound"], inputs["answer"]) in said or JUDGING[judging](listener, inputs)

    idle = 0
    for _ in range(TURNS):
        theirs = not honest or rng.random() < share
        worker = f"account {rng.randrange(accounts)}" if theirs else f"honest {rng.randrange(honest)}"
        says = {
            "run": partial(writes, worker) if theirs else listener.writes,
            "run-check": judges if theirs else listener.judges,
        }
        runs = rng.sample([*says], 2)
        idle = 0 if any(world.work(run, worker, says[run]) for run in runs) else idle + 1
        if not world.go_on() or idle > IDLE:
            return
