"""What the user holds of a loop: how it stands, its learning curve, the model, and what comes after."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from dataforge import cards
from dataforge.active_learning._picture import draw
from dataforge.active_learning.course import Course, gain_of
from dataforge.active_learning.learners import Data
from dataforge.active_learning.rounds import STOPPED, Rounds
from dataforge.active_learning.showing import Standing, points_of, shown
from dataforge.arguments import entries
from dataforge.catalogue import here, listed, say
from dataforge.data.frames import set_apart
from dataforge.errors import DataError, RunEnded, RunError
from dataforge.models import Model
from dataforge.objects.base import shorten
from dataforge.platforms import Platform
from dataforge.plots import Plot
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.records import LoopEnd, Texts, Values
from dataforge.runs.driving.status import RunStatus
from dataforge.runs.handle.fed import Fed, Feeder
from dataforge.runs.handle.launch import Launch, launch
from dataforge.runs.handle.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Loop", "LoopStatus"]

LOOK_EVERY = 1.0
"""How often, in seconds, it is shown at most how a loop stands."""


@dataclass(frozen=True)
class LoopStatus:
    """How a loop stands: in `round` 0 the held-out items are asked. `labelled` of `pool` items have an answer, and
    `waiting` are still to get one; `held` of those labelled are held out, and the model never learns from them. Of
    these `accuracy` is right, between `low` and `high`; None before the model has learnt. `ended` says why no more is
    asked, and is empty while more is; `failed` what keeps this process from asking more, such as what the model raised.
    `promised` is what workers were paid or are promised in all runs of the loop, in `currency`.
    """

    round: int
    labelled: int
    waiting: int
    pool: int
    accuracy: float | None
    low: float | None
    high: float | None
    ended: str
    failed: str = ""
    held: int = 0
    promised: float = 0.0
    currency: str = ""

    def __str__(self) -> str:
        failed = [self.failed] if self.failed else []
        return "; ".join([here(listed(self._parts(), "; ")), *failed])

    def _parts(self) -> list[Texts]:
        """How it stands in words, but for what it has failed by."""
        labels = say("loop_labelled", labelled=self.labelled, pool=self.pool)
        if self.held:
            labels = say("loop_apart", labels=labels, taught=self.labelled - self.held, held=self.held)
        parts = [say("loop_round", round=self.round), labels]
        if self.accuracy is not None and self.low is not None and self.high is not None:
            parts.append(say("loop_right", **_shares(self.accuracy, self.low, self.high)))
        if self.promised:
            parts.append(say("loop_promised", amount=money(self.promised, self.currency)))
        if self.ended and not self.failed:
            parts.append(say(f"loop_ended_{self.ended}"))
        elif self.waiting and not self.failed:
            parts.append(say("loop_waits", waiting=self.waiting))
        return parts


def _shares(share: float, low: float, high: float) -> dict[str, Decimal]:
    """A share with its limits, in the places of a message."""
    return {name: Decimal(f"{one:.3f}") for name, one in (("share", share), ("low", low), ("high", high))}


@entries
class Loop(Fed):
    """A model that says what people label next; made by `loop`. `run` is where they label now, `runs` are all of them:
    where the model votes (`votes=True`), a new one begins whenever it has learnt from four times as many labels.
    """

    _made_by: ClassVar[str] = "df.loop(pool, task, model)"

    def __init__(self, rounds: Rounds, platform: Platform | str | None = None) -> None:
        feeder = Feeder(f"loop of {rounds.run.name}", rounds.lock, self._go_round)
        super().__init__(rounds.run, feeder, "the loop cannot go on; nothing is lost, mend it and call df.loop again")
        self._rounds, self._platform = rounds, platform
        self._told = len(rounds.course().measured)
        self._next_look = 0.0

    @property
    def run(self) -> Run:
        """Where people label now."""
        return self._rounds.parts.last

    @property
    def name(self) -> str:
        """The name of the loop, and of its first run."""
        return self._rounds.run.name

    @property
    def runs(self) -> tuple[Run, ...]:
        """Where people have labelled: the first run, and those in which the model votes beside them."""
        return self._rounds.parts.runs

    def close(self) -> None:
        """Let go of it in this process: what is out goes on, and more is asked when the same call is made again."""
        self._feeder.close()
        self._rounds.parts.close()

    def _go_round(self) -> bool:
        """Do what comes next, and show how the loop stands then."""
        try:
            over = self._rounds.go_round(lambda: self._feeder.stopped)
        except RunEnded:
            self._show(over=True)
            raise
        except Exception as error:
            self._show_failure(str(error))
            raise
        if over or time.monotonic() >= self._next_look:
            self._show(over=over)
            self._next_look = time.monotonic() + LOOK_EVERY
        return over

    def _show_failure(self, failed: str) -> None:
        """Write down what keeps it from going on, beside how it stood before."""
        if (before := self._rounds.standing.shown()) is not None:
            with suppress(OSError):
                self._rounds.standing.show(msgspec.structs.replace(before, failed=failed))

    def _show(self, *, over: bool) -> None:
        """Write down how the loop stands, for its page; without room for that it goes on."""
        rounds, course, status = self._rounds, self._rounds.course(), self.status()
        ended: LoopEnd = status.ended  # type: ignore[assignment]  # one of those that there is a message for, or none
        if over and not ended:
            ended = rounds.why(course) or "stopped"
        now = Standing(
            status.pool,
            rounds.answers(),
            status.waiting,
            status.promised,
            status.currency,
            [run.name for run in self.runs],
            rounds.plan.stop,
            rounds.parts.budget,
            rounds.limits(course),
            ended,
        )
        with suppress(OSError):
            rounds.standing.show(shown(course, now))

    # --- how it stands ----------------------------------------------------------------------------

    def status(self) -> LoopStatus:
        """How the loop stands now."""
        course, answers = self._rounds.course(), self._rounds.answers()
        curve = self._points(course)
        accuracy, low, high = curve[-1][1:] if curve else (None, None, None)
        labelled = sum(place in answers for one in course.asked for place in one.places)
        held = sum(place in answers for place in course.holdout)
        ended = self._ended(course)
        waiting = (
            0 if ended in STOPPED else self._rounds.waiting([place for one in course.asked for place in one.places])
        )
        round_now = course.asked[-1].round if course.asked else 0
        failed, runs = "; ".join(self._failed()), [run.status() for run in self.runs]
        return LoopStatus(
            round_now,
            labelled,
            waiting,
            self._rounds.items.count,
            accuracy,
            low,
            high,
            ended,
            failed,
            held,
            sum(run.promised for run in runs),
            runs[0].currency,
        )

    def _ended(self, course: Course) -> str:
        ending = self._rounds.ending()
        if ending in STOPPED:
            return str(ending)
        return "" if ending is None else self._rounds.why(course) or ""

    def _is_over(self, status: RunStatus) -> bool:
        return bool(self._ended(self._rounds.course()))

    def _news(self) -> tuple[str, ...]:
        course = self._rounds.course()
        new, self._told = course.measured[self._told :], len(course.measured)
        points = self._points(course)[len(course.measured) - len(new) :]
        return tuple(
            here(say("loop_news", round=one.round, labels=labels, **_shares(share, low, high)))
            for one, (labels, share, low, high) in zip(new, points, strict=True)
        )

    def curve(self) -> pd.DataFrame:
        """One row per round: the labels that were learnt from, the share of held-out items that is right, its limits.

        `accuracy` is the share of held-out items of which the model says what people said, `low` and `high` its 95 %
        limits; `gain` how much that is more than a round before, with limits. `asked` says how the round's items were
        chosen, `model` which model it was.
        """
        import pandas as pd

        course = self._rounds.course()
        how = {one.round: one.how for one in course.asked}
        rows = []
        for place, (one, point) in enumerate(zip(course.measured, self._points(course), strict=True)):
            gained = gain_of(course.measured[place - 1], one) if place else None
            gain, least, most = gained or (None, None, None)
            rows.append((one.round, how[one.round], *point, gain, least, most, one.model))
        names = ["round", "asked", "labels", "accuracy", "low", "high", "gain", "gain_low", "gain_high", "model"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({"gain": float, "gain_low": float, "gain_high": float})

    def _points(self, course: Course) -> list[tuple[int, float, float, float]]:
        return [(one.labels, one.accuracy, one.low, one.high) for one in points_of(course)]

    def plot(self) -> Plot:
        """The learning curve with its limits."""
        return draw(
            f"Learning curve of {self.name}", self._points(self._rounds.course()), self._rounds.plan.stop.target
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """What is to be known: why no more is asked and what keeps it from going on, a model that says one thing only,
        labels of one kind, a model that was changed, a target that nothing can show, and what the run has to say.
        """
        course, said = self._rounds.course(), list(self._failed())
        if course.measured and (always := course.measured[-1].always) is not None:
            said.append(f"the model says {always!r} of everything that is held out")
        if (one := self._rounds.one_label(course)) is not None:
            said.append(
                f"all labels so far are {str(one)!r}: nothing can be learnt yet, and items are chosen by chance"
            )
        marks = [one.model for one in course.measured]
        changed = [course.measured[place].round for place in range(1, len(marks)) if marks[place] != marks[place - 1]]
        if changed:
            said.append(f"another model learns since round {changed[-1]}: the curve is of both")
        stop = self._rounds.plan.stop
        if (stop.target or stop.gain) and course.measured and not self._rounds.shown(course):
            cannot = "the target cannot be reached" if stop.target else "the gain cannot be judged"
            said.append(
                f"nothing shows how sure any held-out answer is, so that {cannot}: have items answered by several, "
                "overlap=3, or give items with known answers, control=…"
            )
        return (*said, *self.run.notices)

    # --- what came out ----------------------------------------------------------------------------

    def predict(self) -> pd.DataFrame:
        """What the model says of the whole pool, one row per item: id, `answer`, its `probability`, and one per label.

        It is the model's word alone. `apply` has people answer beside it.
        """
        import pandas as pd

        rounds = self._rounds
        chances = self._model().chances(rounds.data)
        ours = ["answer", "probability", *(f"p_{label}" for label in rounds.labels)]
        [key] = set_apart([rounds.items.key_column], ours)
        frame = pd.DataFrame({key: rounds.items.ids().to_numpy()})
        said = rounds.said(chances)
        frame["answer"] = [rounds.labels[code] for code in said]
        frame["probability"] = chances[range(len(said)), said]
        for code, label in enumerate(rounds.labels):
            frame[f"p_{label}"] = chances[:, code]
        return frame

    def _model(self) -> Any:
        course = self._rounds.course()
        if not course.measured:
            raise RunError(f"{self.name!r}: the model has learnt nothing yet; wait for the first round: loop.wait()")
        return self._rounds.model(course)

    def voter(self, name: str = "loop", price: float = 0.0) -> Model:
        """The model as it stands, to vote or to make drafts in a launch: `df.launch(…, voters=loop.voter())`.

        It answers items of the pool, and others where the loop was given no table of features. How much its word counts
        is measured on control items, as of any model; give it some that it has not learnt from: `held_out()`.
        """
        learnt, rounds = self._model(), self._rounds
        place = {_digest(values): place for place, values in enumerate(rounds.data.values)}

        def answers(items: list[Values]) -> list[Any]:
            if rounds.data.features is None:
                data = Data(items)
            elif rounds.featurise is not None:
                data = rounds.data_of(items)
            else:
                digests = [_digest(one) for one in items]
                if unknown := [one for one, digest in zip(items, digests, strict=True) if digest not in place]:
                    raise DataError(
                        f"the loop {self.name!r} has features of its pool alone, and {shorten(unknown[0])} is none of "
                        "its items; give df.loop features=… as a function of items"
                    )
                data = rounds.data.at([place[digest] for digest in digests])
            return [rounds.labels[code] for code in rounds.said(learnt.chances(data))]

        return Model(name, answers, price=price)

    def held_out(self) -> pd.DataFrame:
        """The held-out items with their answers, as control items of a launch: the model has not learnt from them.

        Items that people could not answer, or not surely enough for the policy, are left out.
        """
        return self._table(self._rounds.sure(self._rounds.course()))

    def labelled(self) -> pd.DataFrame:
        """All items that people have answered: id, inputs, answer, confidence."""
        import pandas as pd

        answers = self._rounds.answers()
        asked = [place for one in self._rounds.course().asked for place in one.places]
        places = [place for place in asked if place in answers]
        frame = self._table(places)
        frame.columns = set_apart(list(frame.columns), ["confidence"])
        frame["confidence"] = pd.Series([answers[place].confidence for place in places], frame.index, dtype=float)
        return frame

    def _table(self, places: Sequence[int]) -> pd.DataFrame:
        import pandas as pd

        items, answers = self._rounds.items, self._rounds.answers()
        ids, output = items.ids(), items.task.outputs[0].name
        inputs = [_as_given(self._rounds.data.values[place]) for place in places]
        frame = pd.DataFrame(inputs, columns=[slot.name for slot in items.task.inputs])
        frame.insert(0, items.key_column, [ids[place] for place in places])
        frame[output] = pd.Series([answers[place].value for place in places], frame.index, dtype=object)
        return frame

    def apply(
        self,
        policy: Policy | str | None = None,
        *,
        control: Any = None,
        drafts: bool = False,
        name: str | None = None,
        platform: Platform | str | None = None,
        progress: bool = True,
    ) -> Run:
        """Launch the rest of the pool with the model beside people, or go on with that run.

        The model votes, and counts as much as it is right on control items: on `control`, in the forms that `launch`
        takes, or by default on what is held out (`held_out()`), which it has not learnt from. With `drafts` workers
        begin with what it says, and it does not vote. The run is called as the loop, with `.rest`, unless it has a
        `name`, and is where the loop is, unless it has a `platform`.
        """
        rounds = self._rounds
        asked = {place for one in rounds.course().asked for place in one.places}
        left = [place for place in range(rounds.items.count) if place not in asked]
        if not left:
            raise RunError(f"{self.name!r}: the whole pool is labelled; there is nothing left to apply the model to")
        known = self.held_out() if control is None else control
        if control is None and known.empty:
            known = None
        if known is None and not drafts:
            raise RunError(
                f"{self.name!r}: nothing shows how sure any held-out answer is, so that none can be a control item on "
                "which the model is measured; give others, control=…, or have items answered by several, overlap=3"
            )
        model = self.voter()
        given = Launch(
            rounds.items.task,
            rounds.items.chosen(left),
            known,
            policy,
            name or f"{self.name}.rest",
            self._platform if platform is None else platform,
            rounds.folder.path.parent.parent,
            voters=None if drafts else model,
            prefill=model if drafts else None,
            progress=progress,
        )
        return launch(given)

    # --- representation ---------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Loop({self.name}: {self.status()})"

    def _repr_html_(self) -> str:
        status, drawn = self.status(), []
        if status.accuracy is not None:
            drawn.append(self.plot()._repr_html_())
        share = cards.bar(status.labelled / max(1, status.pool))
        return cards.card(f"Loop {self.name}", str(status), share, *drawn, *map(cards.line, self.notices))


def _as_given(inputs: Values) -> dict[str, Any]:
    """An item's inputs as a table has them: a file of this machine is its path."""
    return {
        name: value["file"] if isinstance(value, dict) and value.keys() == {"file"} else value
        for name, value in inputs.items()
    }


def _digest(values: Values) -> str:
    return blake2b(msgspec.json.encode(values, order="sorted"), digest_size=16).hexdigest()
