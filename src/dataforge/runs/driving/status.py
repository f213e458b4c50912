"""How a run stands, in a few figures: of a view, or as its driver wrote them down last."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

import msgspec
import numpy as np

from dataforge import cards
from dataforge.catalogue import Said, here, joined, listed, own_language, say
from dataforge.pricing.amounts import money
from dataforge.records import FLAGS, MICRO, Stage, Texts
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.notices import restricted_of
from dataforge.runs.core.outlook import forecast
from dataforge.runs.core.state import NOT_FINAL
from dataforge.runs.driving.snapshot import items_final, stage
from dataforge.runs.driving.telling import all_notices, answers_to_target, models_cost, promise_of, still_foreseen
from dataforge.runs.driving.view import RunView
from dataforge.texts import pick

__all__ = ["RunStatus", "rename_status", "save_status", "saved_status", "status_of"]

# Of an item that is not final, is sure, or has an answer of somebody trusted nothing need be said.
WITHOUT_FLAW = (NOT_FINAL, *(FLAGS.index(flag) for flag in ("", "corrected", "verified", "set_aside")))
WORTH_SAYING = 60.0
"""After how long, in seconds, it is said that nothing happens: until then people read and think."""
ANOTHER_CLOCK = 60.0
"""By so many seconds at least a platform's time is another than that of this machine."""
WAITS: dict[Stage, str] = {
    "starting": "told_starting",
    "running": "told_nobody",
    "waiting": "told_waits_items",
    "stalled": "told_nobody",
    "paused": "told_paused",
}
"""The message of what a run waits for, by its stage, where nobody holds a page and none is to be judged."""


@dataclass(frozen=True)
class RunStatus:
    """How a run stands. `cost` is what was paid, in `currency`; `promised` that and the price of pages that are out or
    wait for a verdict; `responses` counts accepted answers.

    `items_final` want no more answers; of those whose answer stays as it is `items_flagged` have no sure one. Workers
    hold `items_out` on `pages_out`, each for `lease` seconds at most, until `out_until`; `quiet` is for how long
    nothing has come from them. `target` is what the mean confidence is to reach, if anything was said of that;
    `promise` says what the answers can be trusted to, where no notice does. Of the workers who took the run's
    training, `trainees`, `trained` have passed it.
    `expected_cost` is what the run will have cost when it ends, with eight chances in ten within `cost_range` and
    never more than `highest_cost`, and
    `ends` when that is at the pace of the last hour; None where that is not known. `models_cost`: what models that
    were asked have cost beside that, out of the budget that the launch named. `restricted`: so many of the workers get
    no pages now. `clock`: the time of its platform, where that is another than the time here.
    """

    name: str
    stage: Stage
    ended: bool
    items_final: int
    items_flagged: int
    items_total: int
    responses: int
    workers: int
    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    mean_confidence: float | None
    control_accuracy: float | None
    cost: float
    promised: float
    currency: str
    notices: tuple[Said, ...] = ()
    pages_out: int = 0
    lease: float = 0.0
    quiet: float = 0.0
    target: float | None = None
    promise: Said | None = None
    trainees: int = 0
    trained: int = 0
    expected_cost: float | None = None
    cost_range: tuple[float, float] | None = None
    ends: float | None = None
    highest_cost: float | None = None
    items_out: int = 0
    out_until: float | None = None
    models_cost: float = 0.0
    restricted: int = 0
    clock: float | None = None

    def __str__(self) -> str:
        terms = {"name": self.name, "stage": self.stage, "final": str(self.items_final), "total": str(self.items_total)}
        return here(say("told_status", **terms, detail=self._detail()))

    def __repr__(self) -> str:
        return f"RunStatus({self})"

    @property
    def detail(self) -> str:
        """Answers, people and money in a few words, and whether people are slow or gone."""
        return here(self._detail())

    def _detail(self) -> Texts:
        parts = [say("told_answers", answers=self.responses, workers=self.workers), self._paid()]
        if self.trainees:
            parts.append(say("told_trained", trained=self.trained, trainees=self.trainees))
        if self.mean_confidence is not None:
            parts.append(self._confidence(f"{self.mean_confidence:.3f}"))
        if self.quiet >= WORTH_SAYING and not self.ended:
            parts.append(say("told_quiet", minutes=f"{self.quiet / 60:.0f}"))
        waits = self._waits_for()
        return listed([*parts, waits] if waits else parts, ", ")

    def _confidence(self, found: str) -> Texts:
        if self.target is None or self.target >= 1:
            return say("told_confidence", confidence=found)
        return say("told_confidence_of", confidence=found, target=f"{self.target:g}")

    @property
    def paid(self) -> str:
        """What people were paid, and what models have cost."""
        return here(self._paid())

    def _paid(self) -> Texts:
        paid = money(self.cost, self.currency)
        if not self.models_cost:
            return paid
        return say("told_paid_models", paid=paid, models=money(self.models_cost, self.currency))

    @property
    def waits_for(self) -> str:
        """What the run waits for now, in a few words; empty where it has ended or nothing is known of that.

        People who have gone are not known from those who think: what they hold comes back when its time is up.
        """
        return here(self._waits_for())

    def _waits_for(self) -> Texts:
        if self.ended:
            return {}
        if self.pages_out:
            items, pages = say("told_items", count=self.items_out), say("told_on_pages", count=self.pages_out)
            held = say("told_held", items=items, pages=pages)
            until = self.out_until
            return held if until is None else say("told_held_until", held=held, time=_time_of_day(until))
        if self.pages_pending:
            return say("told_pages_wait", count=self.pages_pending)
        if self.restricted and self.restricted == self.workers and self.stage in ("running", "stalled"):
            return say("told_all_restricted", workers=self.workers)
        name = WAITS.get(self.stage)
        return {} if name is None else say(name)

    @property
    def forecast(self) -> str:
        """What the run will have cost, and when it ends, in a few words; empty where that is not known."""
        return self.forecast_in(own_language())

    def forecast_in(self, language: str) -> str:
        """The forecast as who reads a language reads it."""
        if self.expected_cost is None or self.cost_range is None:
            return ""
        cost, low, high = (money(one, self.currency) for one in (self.expected_cost, *self.cost_range))
        told = say("told_cost", cost=cost) if low == high else say("told_cost_between", cost=cost, low=low, high=high)
        if self.highest_cost is not None and self.highest_cost - self.cost_range[1] >= 0.005:
            told = say("told_cost_most", told=told, most=money(self.highest_cost, self.currency))
        return pick(joined(told, self._ends(), between="; "), language)

    def _ends(self) -> Texts:
        if self.ends is None:
            return say("told_no_pace")
        if self.ends < (time.time() if self.clock is None else self.clock):
            return say("told_late")
        return say("told_ends", time=f"{datetime.fromtimestamp(self.ends):%Y-%m-%d %H:%M}")

    def card(self, address: str | None = None) -> str:
        """The status as HTML for a notebook, with a link to the run's page."""
        share = self.items_final / self.items_total if self.items_total else 0.0
        done = cards.line(f"{self.items_final:,} of {self.items_total:,} items · {self.detail}")
        said = [self.promise] if self.promise is not None else []
        promise = [cards.line(line) for line in (*said, self.forecast) if line]
        notices = [cards.line(f"⚠ {notice}") for notice in self.notices]
        page = [] if address is None else [cards.link(address, "the run's page")]
        return cards.card(self.name, self.stage, cards.bar(share), done, *promise, *notices, *page)

    def _repr_html_(self) -> str:
        return self.card()


class _Saved(msgspec.Struct, frozen=True):
    """A status, and of how many bytes of the log, fed items, corrections and changes it tells."""

    log: int
    fed: int
    status: RunStatus
    corrections: int = 0
    changes: int = 0


def status_of(view: RunView) -> RunStatus:
    """How the run stands now."""
    with view.lock:
        state = view.state
        told = forecast(state, view.rules, answers_to_target(view), still_foreseen(view))
        going, lease = state.ending is None, view.publication.lease
        items_out, out_until = state.pages.held(lease) if going else (0, None)
        clock = view.clock()
        return RunStatus(
            name=view.description.name,
            stage=stage(view),
            ended=state.ending is not None and not view.waiting,
            items_final=items_final(view),
            items_flagged=int((~np.isin(state.finals.values, WITHOUT_FLAW)).sum()),
            items_total=state.numbering.real_total,
            responses=state.responses.accepted_total,
            workers=len(state.workers),
            pages_accepted=state.pages_accepted,
            pages_rejected=state.pages_rejected,
            pages_pending=state.pages_pending,
            mean_confidence=view.quality.mean_confidence,
            control_accuracy=state.control_correct / state.control_total if state.control_total else None,
            cost=state.paid / MICRO,
            promised=state.promised / MICRO,
            currency=view.policy.currency,
            notices=tuple(map(Said, all_notices(view))),
            pages_out=state.pages_out if going else 0,
            items_out=items_out,
            lease=lease,
            out_until=out_until,
            quiet=state.now - state.last_event if going and state.responses.incomplete else 0.0,
            target=view.policy.target,
            promise=None if (promise := promise_of(view)) is None else Said(promise),
            trainees=len(state.trainings.scores),
            trained=len(state.trainings.passed),
            expected_cost=None if told is None else told.cost / MICRO,
            cost_range=None if told is None else (told.low / MICRO, told.high / MICRO),
            ends=None if told is None else told.ends,
            highest_cost=None if told is None else told.most / MICRO,
            models_cost=models_cost(view) / MICRO,
            restricted=restricted_of(state),
            clock=clock if abs(clock - time.time()) > ANOTHER_CLOCK else None,
        )


def _written(saved: _Saved) -> bytes:
    return msgspec.json.encode(saved, enc_hook=attrgetter("texts"))


def _read(summary: bytes) -> _Saved:
    return msgspec.json.decode(summary, type=_Saved, dec_hook=lambda said, texts: said(texts))


def save_status(view: RunView, log: int) -> None:
    """Write down how the run stands after so many bytes of its log; for `saved_status`."""
    state = view.state
    saved = _Saved(log, state.fed, status_of(view), state.corrections.taken, state.changes)
    view.folder.save_summary(_written(saved))


def rename_status(folder: RunFolder, name: str) -> None:
    """Have the status that was written down speak of the run by another name; without one there is nothing to do."""
    with suppress(FileNotFoundError, msgspec.MsgspecError):
        saved = _read(folder.summary())
        status = replace(saved.status, name=name)
        folder.save_summary(_written(_Saved(saved.log, saved.fed, status)))


def saved_status(folder: RunFolder) -> RunStatus | None:
    """How the run stood when its driver looked last, about a second ago at most; costs the same for any run.

    None if that is not known: nobody drives the run, and its log has more than was told, or less, or is of another run.
    """
    try:
        saved = _read(folder.summary())
        log = folder.log.stat().st_size
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
    if saved.status.name != folder.name or log < saved.log or (log > saved.log and not folder.locked()):
        return None
    if not saved.status.ended:
        return saved.status
    with closing(folder.feed()) as feed:
        now = feed.state()
    waiting = (now.corrections, now.changes) > (saved.corrections, saved.changes)
    waiting = waiting or (saved.status.stage == "done" and now.fed > saved.fed)
    return replace(saved.status, stage="running", ended=False) if waiting else saved.status


def _time_of_day(moment: float) -> str:
    """The time here, with the day where that is not today."""
    told = datetime.fromtimestamp(moment)
    return f"{told:%H:%M}" if told.date() == datetime.now().date() else f"{told:%Y-%m-%d %H:%M}"
