"""A driver stopped at any moment changes nothing: the next one ends with the same answers and the same bill."""

import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

import dataforge as df
from dataforge.changes.reopening import reopen
from dataforge.changes.terms import Asked, Standing, change
from dataforge.corrections import Accept, AskMore, Correct, Correction, Discard, Reject, SetAside, Uncorrect, Withdraw
from dataforge.data.training import read_training
from dataforge.errors import RunEnded
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Batch, Command, SetState, Training
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Entry, Ordered, RunLog
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.turns import drive as go_round
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.follow import FinalAnswer, FinalAnswers
from dataforge.runs.handle.launch import describe

LABELS = ("dog", "cat", "other")
NOWHERE = 1_000_000
# The moments are tried in so many tests, each from the first of its own on, so that they are shared among workers.
PARTS = 2
# So many moments are tried at least, however few there are.
LEAST_DEATHS = 4

pytestmark = [pytest.mark.trials, pytest.mark.usefixtures("fits_remembered")]


class Killed(BaseException):
    """The driver dies here."""


class Points:
    """Counts the moments at which a driver may die, and lets it die at one of them.

    With `known` it dies whenever it has done something of a kind that is not among them, and they get to know it: the
    first entry of its kind is in the log, or half of it, the first command of its kind is carried out, …
    """

    def __init__(self, deadly: int, known: set[str] | None = None) -> None:
        self.deadly = deadly
        self.passed = 0
        self._known = known

    def __call__(self, *done: str) -> bool:
        self.passed += 1
        if self._known is None or self._known.issuperset(done):
            return self.passed == self.deadly
        self._known.update(done)
        return True


def kinds(where: str, things: Iterable[object]) -> Iterator[str]:
    """What kinds of entries or commands these are; an order is of the kind of what it asks for."""
    for thing in things:
        name = type(thing.order if isinstance(thing, Ordered) else thing).__name__
        yield f"{where} {name}{' is ordered' if isinstance(thing, Ordered) else ''}"


class MortalLog(RunLog):
    """A log that may be cut off before, in the middle of and after a write."""

    def __init__(self, path: Path, points: Points) -> None:
        super().__init__(path)
        self._points = points

    def append(self, entries: Sequence[Entry], *, durable: bool = True) -> None:
        if not entries:
            return
        if self._points():
            raise Killed
        # One entry that is torn is like another; of several some may stand without the others.
        if self._points(f"half of {len(entries) > 1}"):
            before = self._path.stat().st_size
            super().append(entries, durable=False)
            size = self._path.stat().st_size
            with open(self._path, "r+b") as file:
                file.truncate(before + (size - before) * 2 // 3)
            raise Killed
        super().append(entries, durable=False)  # nobody pulls the plug here
        if self._points(*kinds(self._path.parent.name, entries)):
            raise Killed


class MortalLoop(RunLoop):
    """A loop that may be cut off while it keeps what it knows; it does so in each round, or never."""

    def __init__(
        self,
        view: RunView,
        platform: Any,
        log: MortalLog,
        points: Points,
        *,
        keeps: bool,
        judging: RunView | None = None,
    ) -> None:
        super().__init__(view, platform, log, judging=judging, least_worth_keeping=1 if keeps else NOWHERE)
        self._points = points

    def _save_checkpoint(self) -> None:
        due = self._fitted_since
        if due and self._points("half a checkpoint"):
            self._view.folder.checkpoint.with_suffix(".part").write_bytes(b"half of it")
            raise Killed
        super()._save_checkpoint()
        if due and self._points("a checkpoint"):
            raise Killed


class MortalPlatform:
    """A platform whose caller may die before and after each call; somebody stops its run at one of the events."""

    def __init__(self, platform: SimulatedPlatform, points: Points, stops: int = NOWHERE) -> None:
        self._platform = platform
        self._points = points
        self._stops = stops
        self.name, self.commission = platform.name, platform.commission

    def __getattr__(self, name: str) -> Any:
        return getattr(self._platform, name)

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        if self._points():
            raise Killed
        self._platform.execute(run, commands)
        if self._points(*kinds(f"{run} is told", commands)):
            raise Killed

    def poll(self, run: str, after: int, wait: float) -> Batch:
        batch = self._platform.poll(run, after, wait)
        if batch.cursor >= self._stops:
            self._platform.execute(run, [SetState("by hand", "closed")])
        if self._points("polled"):
            raise Killed
        return batch


class Feeder(threading.Event):
    """Feeds a run whenever it waits for items, and may die before and after that; what it knows is in the trial."""

    def __init__(self, trial: "Trial", points: Points) -> None:
        super().__init__()
        self._trial = trial
        self._points = points

    def wait(self, timeout: float | None = None) -> bool:
        """Add the next batch that is new; after the last one no more come."""
        while self._trial.batches:
            if self.add():
                return True
        self._trial.folder.feed().finish()
        return True

    def add(self) -> bool:
        """Add the next batch, and forget it once that is acknowledged; whether it was new."""
        if self._points():
            raise Killed
        added = self._trial.folder.feed().add(self._trial.batches[0])
        if self._points("fed"):
            raise Killed
        self._trial.batches.pop(0)
        return added.new > 0

    def change(self) -> None:
        """Make the next change, and forget it once that is acknowledged."""
        if self._points():
            raise Killed
        wanted, standing = self._trial.changes[0], Standing(0.0, 0.0, 0)
        if wanted is None:
            # Whoever died before they heard of it asks again, when the run has all its answers.
            with suppress(RunEnded):
                reopen(self._trial.folder.path, standing)
        else:
            change(self._trial.folder.path, wanted, standing)
        if self._points(f"change {len(self._trial.changes)}"):
            raise Killed
        self._trial.changes.pop(0)


class Trial:
    """One run, driven until it ends, however often its driver dies.

    `keeps`: the driver writes checkpoints, so that the next one does not read the log from its beginning.
    A run with `batches` is launched open and fed with all but the last of them; that one comes when it was done.
    `corrections` come after the end. Each of the `changes` comes when it has ended, None for that
    it is opened again: with `stops` somebody stops it at that event. `training`: what its workers begin with.
    """

    corrections: Sequence[Correction] = ()

    def __init__(
        self,
        folder: Path,
        task: df.Task,
        items: df.Items,
        policy: df.Policy,
        batches: Sequence[df.Items] = (),
        *,
        keeps: bool,
        changes: Sequence[Asked | None] = (),
        stops: int = NOWHERE,
        training: Training | None = None,
        **crowd: Any,
    ) -> None:
        self.keeps = keeps
        self.affords_more = stops == NOWHERE and (policy.budget is None or policy.target is not None)
        self.changes, self.changed, self.stops = list(changes), len(changes), stops
        self.task, self.items = task, items
        self.batches, self.later = list(batches[:-1]), list(batches[-1:])
        self.platform = SimulatedPlatform(crowd["workers"], crowd["right"], seed=5, events_per_poll=6)
        self.folder = RunFolder(folder / "run")
        described = describe("run", task, items, policy, self.platform, open=bool(batches))
        publication = structs.replace(described.publication, training=training)
        described = structs.replace(described, publication=publication)
        self.folder.create(described.with_identity(self.folder.identity()), items)
        self.followed: list[FinalAnswer] = []

    def drive(self, deadly: int, known: set[str] | None = None) -> int:
        """Drive to the end, or to the deadly moment; how many moments were passed."""
        self.points = points = Points(deadly, known)
        log = MortalLog(self.folder.log, points)
        view = RunView.open(self.folder, self.task, self.items)
        view.catch_up()
        view.fed_here = feeder = Feeder(self, points)
        loop = MortalLoop(view, MortalPlatform(self.platform, points, self.stops), log, points, keeps=self.keeps)
        try:
            go_round([loop], threading.Event())
            if self.later:
                # The next batch comes to a run that was done.
                self.batches, self.later = self.later, []
            while self.batches:
                feeder.add()
            self._correct()
            go_round([loop], threading.Event())
            while self.changes:
                feeder.change()
                go_round([loop], threading.Event())
        except Killed:
            pass
        finally:
            log.close()
            view.feed.close()
        self.follow()
        return points.passed

    def _correct(self) -> None:
        """Correct what is not corrected yet: who asks dies at no moment here."""
        self.done_at = self.points.passed
        for correction in self.corrections[self.folder.feed().state().corrections :]:
            self.folder.feed().correct(self.task, correction)

    def follow(self) -> None:
        """Read on where the last life of the follower has come to."""
        cursor = self.followed[-1].cursor if self.followed else 0
        self.followed += FinalAnswers(self.folder.log).after(cursor)

    def outcome(self) -> dict[str, Any]:
        run = df.Run(self.folder, self.folder.describe(), lambda: self.platform)
        return {
            "labels": run.labels().round(4).to_dict("records"),
            "cost": run.cost().to_dict("records"),
            "responses": run.responses()[["id", "worker", "answer", "accepted", "discarded", "page"]].to_dict(
                "records"
            ),
            "paid": self.platform.spent("run"),
            "stage": run.status().stage,
            "changes": self.folder.feed().state().changes,
            "instruction": self.platform._works[0].run.publication.task.instruction,
            # Between two fits afresh a confidence may depend, in its sixth digit, on where the fit before began.
            "followed": [
                replace(answer, confidence={name: round(sure, 4) for name, sure in answer.confidence.items()})
                for answer in self.followed
            ],
        }


def deaths(first: int, moments: int, step: int) -> range:
    """Moments at which a driver dies, from the first on: one in so many, but never too few to show anything."""
    return range(first, moments + 1, max(1, min(step, (moments + 1 - first) // LEAST_DEATHS)))


@pytest.mark.parametrize(("first", "moments", "step"), [(1, 400, 480), (121, 200, 240), (30, 41, 80), (5, 6, 80)])
def test_of_few_moments_several_are_tried_all_the_same(first: int, moments: int, step: int) -> None:
    tried = deaths(first, moments, step)
    assert (tried[0], tried[-1] <= moments) == (first, True)
    assert len(tried) >= min(LEAST_DEATHS, moments + 1 - first)
    assert deaths(1, 10_000, step) == range(1, 10_001, step)


def lives_until_nothing_is_new(drive: Callable[[set[str]], int]) -> set[str]:
    """Have a driver die whenever it does something for the first time, until one comes to the end; what was done."""
    known: set[str] = set()
    before = -1
    while len(known) > before:
        before = len(known)
        drive(known)
    return known


@pytest.fixture(params=["plain", "budget", "target", "fed", "changed", "reopened"])
def trial(request: pytest.FixtureRequest, tmp_path: Path, task: df.Task) -> Callable[[str], Trial]:
    answers = {"answer": LABELS}
    workers = [
        SimulatedWorker(f"w{n}", right_with(0.55 if n == 2 else 0.9, answers), arrives=40.0 * n) for n in range(9)
    ]
    says = [LABELS[(n + (n % 4 == 0)) % 3] for n in range(8)]
    items = df.read_items(task, [{"caption": f"animal {n}", "says": said} for n, said in enumerate(says)])
    control = [{"caption": f"control {n}", "answer": LABELS[n % 3], "says": says[n]} for n in range(8)]
    joined = df.Items.join(items, df.read_items(task, control, control=True))
    policy = df.Policy(overlap=(2, 4), min_confidence=0.97, page=(3, 1), control_ratio=1)
    if request.param == "budget":
        policy = policy.changed(page_price=0.1, budget=0.75)
    if request.param == "target":
        # A target of the whole within a budget, and a model that votes: all three hang on fits.
        policy = policy.changed(target=0.95, overlap=(1, 5), page_price=0.1, budget=1.5, voters={"model": "says"})
    changes: list[Asked | None] = []
    if request.param == "reopened":
        # Somebody stops it when it is under way, and opens it again when it has ended.
        changes = [None]
    if request.param == "changed":
        # It goes on from its budget, asks more of what was final, is content with less, and then with other words.
        policy = policy.changed(page_price=0.1, budget=0.75, overlap=2)
        words = dataclasses.replace(task, instruction={"en": "Look well."}).spec()
        changes = [Asked({"budget": None}), Asked({"overlap": (3, 4)}), Asked({"overlap": 2}), Asked({}, words)]

    def right(inputs: Any) -> dict[str, str]:
        return {"answer": LABELS[int(inputs["caption"].rsplit(" ", 1)[1]) % 3]}

    batches: list[df.Items] = []
    if request.param == "fed":
        rows = [{"id": f"later {n}", "caption": f"animal {n}"} for n in range(20, 25)]
        known = [{"id": "known", "caption": "control 30", "answer": LABELS[0]}]
        # The second batch has an item of the first, the third is a control item, and the last comes to a done run.
        batches = [df.read_items(task, rows[start:stop]) for start, stop in ((0, 2), (1, 3), (3, 5))]
        batches.insert(2, df.read_items(task, known, control=True))
        joined = df.Items.join(items.part(0, 2), df.read_items(task, control, control=True))

    def build(name: str) -> Trial:
        keeps = request.param in ("fed", "changed", "reopened")
        stops = 30 if request.param == "reopened" else NOWHERE
        given: dict[str, Any] = {"keeps": keeps, "changes": changes, "stops": stops}
        return Trial(tmp_path / name, task, joined, policy, batches, **given, workers=workers, right=right)

    return build


def test_a_driver_killed_while_it_takes_in_corrections_comes_to_the_same_end(
    trial: Callable[[str], Trial], moments_apart: int
) -> None:
    def corrected(name: str) -> Trial:
        found = trial(name)
        wrong = Correct("control-1", {"answer": "dog"})
        by_hand: tuple[Correction, ...] = (SetAside("0"), Uncorrect("0"), SetAside("1"))
        if found.affords_more:
            # Else there is no money for more, or somebody has stopped it.
            by_hand = (AskMore("1", 2), *by_hand, AskMore("1"))
        pages = (Reject("00000000"), Reject("00000003"), Accept("00000000"))
        items = (Correct("0", {"answer": "cat"}), Withdraw("control-2"), *by_hand)
        found.corrections = (Discard("w2"), wrong, *pages, *items)
        return found

    calm = corrected("calm")
    moments = calm.drive(NOWHERE)
    expected = calm.outcome()
    # The third moment is the first at which the log has them.
    for deadly in deaths(calm.done_at + 3, moments, moments_apart * (5 if calm.keeps else 2)):
        killed = corrected(f"killed{deadly}")
        killed.drive(deadly)
        killed.drive(NOWHERE)
        assert killed.outcome() == expected, f"killed at moment {deadly} of {calm.done_at} to {moments}"


def test_a_driver_killed_while_its_training_changes_teaches_what_was_asked_last(
    tmp_path: Path, task: df.Task, moments_apart: int
) -> None:
    def right(inputs: Any) -> dict[str, str]:
        return {"answer": LABELS[int(inputs["caption"].rsplit(" ", 1)[1]) % 3]}

    policy = df.Policy(overlap=2, page=(3, 0), training=60)
    items = df.read_items(task, [{"caption": f"animal {n}"} for n in range(12)])
    # Some come late, and meet the items that came in place of others.
    workers = [
        SimulatedWorker(f"w{n}", right_with(0.95, {"answer": LABELS}), arrives=60.0 * n, pages=2) for n in range(9)
    ]
    first, second, third = (
        read_training(task, [{"caption": f"{what} {n}", "answer": LABELS[n % 3]} for n in range(6)]).of(policy)
        for what in ("first", "second", "third")
    )

    def trial(name: str) -> Trial:
        changes = [
            Asked({"overlap": 3, "training": 50.0}, training=second),
            Asked({"overlap": 4}, training=third),
            Asked({"training": 80.0}),
        ]
        given: dict[str, Any] = {"keeps": True, "changes": changes, "training": first}
        return Trial(tmp_path / name, task, items, policy, **given, workers=workers, right=right)

    def taught(found: Trial) -> tuple[Any, ...]:
        asked = found.platform._works[0].run.publication.training
        assert asked is not None
        run = df.Run(found.folder, found.folder.describe(), lambda: found.platform)
        items = run.training()[["caption", "asked", "right"]].to_dict("records")
        return asked.score, items, run.trainees().to_dict("records")

    calm = trial("calm")
    moments = calm.drive(NOWHERE)
    score, lessons, trainees = expected = taught(calm)
    assert (score, {row["caption"].split()[0] for row in lessons}) == (80.0, {"third"})
    assert sum(row["asked"] for row in lessons) < 6 * len(trainees), "some took those of before"
    for deadly in deaths(1, moments, moments_apart * max(1, moments // 120)):
        killed = trial(f"killed{deadly}")
        killed.drive(deadly)
        killed.drive(NOWHERE)
        assert (taught(killed), killed.outcome()) == (expected, calm.outcome()), f"at moment {deadly} of {moments}"


@pytest.mark.parametrize("first", range(PARTS))
def test_a_driver_killed_at_any_moment_changes_neither_answers_nor_costs(
    trial: Callable[[str], Trial], first: int, moments_apart: int
) -> None:
    calm = trial("calm")
    moments = calm.drive(NOWHERE)
    expected = calm.outcome()
    assert moments > 50
    assert {answer["overlap"] for answer in expected["labels"]} != {2}
    step = max(moments_apart, 4 if calm.keeps or moments >= 400 else 1)
    # Of a run that is fed or changed again and again there are many moments that are all alike.
    step = 3 * step if expected["changes"] else 2 * step + 1 if calm.keeps else step
    for deadly in deaths(1, moments, step)[first::PARTS]:
        killed = trial(f"killed{deadly}")
        killed.drive(deadly)
        killed.drive(NOWHERE)
        assert killed.outcome() == expected, f"killed at moment {deadly} of {moments}"


def test_a_driver_that_dies_of_everything_new_comes_to_the_same_end(trial: Callable[[str], Trial]) -> None:
    calm, mortal = trial("calm"), trial("mortal")
    calm.drive(NOWHERE)
    done = lives_until_nothing_is_new(lambda known: mortal.drive(NOWHERE, known))
    assert done >= {"run Received", "run Want is ordered", "run is told Want", "run Final", "run Finished"}
    assert mortal.outcome() == calm.outcome()


def test_followed_answers_come_once_each_and_are_those_of_the_labels(trial: Callable[[str], Trial]) -> None:
    calm = trial("calm")
    calm.drive(NOWHERE)
    outcome = calm.outcome()
    # An answer that a change has made final anew comes anew.
    again = len({answer.key for answer in calm.followed})
    assert [answer.cursor for answer in calm.followed] == list(range(1, len(calm.followed) + 1))
    assert again == len(outcome["labels"]) == len(calm.followed) or outcome["changes"]
    labels = {row["id"]: row for row in outcome["labels"]}
    assert {answer.key for answer in calm.followed} == set(labels)
    for answer in {answer.key: answer for answer in calm.followed}.values():
        row = labels[answer.key]
        assert (answer.answers.get("answer"), answer.overlap, answer.flag) == (
            row["answer"],
            row["overlap"],
            row["flag"],
        )
        assert round(answer.confidence["answer"], 4) == row["confidence"] if answer.overlap else not answer.confidence


def test_a_driver_killed_again_and_again_still_comes_to_the_same_end(
    trial: Callable[[str], Trial], moments_apart: int
) -> None:
    calm = trial("calm")
    moments = calm.drive(NOWHERE)
    mortal = trial("mortal")
    for life in range(60 if moments_apart == 1 else 20):
        mortal.drive(5 + life % 9)
    mortal.drive(NOWHERE)
    assert mortal.outcome() == calm.outcome()
    assert moments > 50


def bought(outcome: dict[str, Any]) -> dict[str, Any]:
    """What was asked and paid; how often all was aggregated and who closed the run is known from the log only."""
    overlap = [row["overlap"] for row in outcome["labels"]]
    return {name: outcome[name] for name in ("cost", "responses", "paid")} | {"overlap": overlap}


def test_a_log_cut_anywhere_asks_and_pays_nothing_twice(trial: Callable[[str], Trial], moments_apart: int) -> None:
    calm = trial("calm")
    calm.drive(NOWHERE)
    expected = bought(calm.outcome())
    step = (7 if calm.keeps else 3) * max(1, moments_apart // 10)
    content = calm.folder.log.read_bytes()
    ends = [place + 1 for place, byte in enumerate(content) if byte == ord("\n")]
    for end in ends[::step]:
        # The platform remembers everything, the log is as old as it may be: some of it is told and asked again.
        calm.folder.log.write_bytes(content[:end])
        calm.drive(NOWHERE)
        assert bought(calm.outcome()) == expected, f"cut at byte {end}"


@df.task(duration="10s")
def legs(caption: df.Text) -> int:
    """How many legs are there?"""
    raise NotImplementedError


@pytest.mark.parametrize("way", ["collect", "merge"])
def test_a_driver_killed_among_answers_that_are_no_options_comes_to_the_same_end(
    way: str, tmp_path: Path, moments_apart: int
) -> None:
    def right(inputs: Any) -> dict[str, int]:
        return {"answer": 10 * int(inputs["caption"].rsplit(" ", 1)[1])}

    def counting(most: int) -> Any:
        return lambda inputs, truth, chance: {"answer": truth["answer"] + chance.randint(0, most)}

    workers = [SimulatedWorker(f"w{n}", counting(9 if n == 2 else 1), arrives=40.0 * n) for n in range(6)]
    items = df.read_items(legs, [{"caption": f"animal {n}"} for n in range(8)])
    known = [{"caption": f"control {n}", "answer": 10 * n} for n in range(6)]
    joined = df.Items.join(items, df.read_items(legs, known, control=True))
    policy = df.Policy(
        quality=way, overlap=3 if way == "collect" else (2, 3), page=(3, 1), control_ratio=1, control_similarity=0.9
    )

    def trial(name: str) -> Trial:
        made = Trial(tmp_path / name, legs, joined, policy, keeps=True, workers=workers, right=right)
        made.corrections = (Discard("w1"), Correct("0", {"answer": 4}), Correct("control-1", {"answer": 11}))
        return made

    calm = trial("calm")
    moments = calm.drive(NOWHERE)
    # As text, because a confidence that is not stated is not equal to itself.
    expected = str(calm.outcome())
    assert "'stage': 'done'" in expected
    for deadly in deaths(1, moments, max(29, 3 * moments_apart)):
        killed = trial(f"killed{deadly}")
        killed.drive(deadly)
        killed.drive(NOWHERE)
        assert str(killed.outcome()) == expected, f"killed at moment {deadly} of {moments}"
