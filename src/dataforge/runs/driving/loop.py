"""The loop of a run, the only one: poll, append events, fold, decide, append commands, execute.

Log first, send second: a crash between the two is repaired by sending again what the log says was not sent.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Sequence
from contextlib import suppress

from dataforge.endings import Ending
from dataforge.errors import DataForgeError, Refused, RunGone, Unreachable
from dataforge.models import Checkers
from dataforge.platforms import Platform
from dataforge.records import (
    Batch,
    Command,
    Judge,
    Republish,
    RunStateChanged,
)
from dataforge.runs.core import texts
from dataforge.runs.core.checkpoint import at_rest
from dataforge.runs.core.decide import alarm, decide, no_longer_final, out_of_budget
from dataforge.runs.core.log import (
    FORMAT,
    AddRange,
    Changed,
    Check,
    Decided,
    Declined,
    Entry,
    Fed,
    Finished,
    Order,
    Ordered,
    Received,
    Reopened,
    RunLog,
    Sent,
    Shown,
    Started,
    Ticked,
)
from dataforge.runs.driving.checkpoint import save_checkpoint, worth_keeping
from dataforge.runs.driving.checks import Checks
from dataforge.runs.driving.feeding import Feeding
from dataforge.runs.driving.finals import final_answers
from dataforge.runs.driving.foresight import Foresight
from dataforge.runs.driving.history import check_history, parted
from dataforge.runs.driving.judges import kept_from_judges
from dataforge.runs.driving.looking import looked
from dataforge.runs.driving.orders import Orders, refused_for_good
from dataforge.runs.driving.showing import Showing
from dataforge.runs.driving.view import RunView

__all__ = ["RunLoop"]

POLL_WAIT = 10.0
FEED_WAIT = 1.0
SENT_AT_ONCE = 20
REOPENED_AT_ONCE = 5_000
PAUSE_IN_TROUBLE = 2.0
# Waiting until a time must not end a rounding error before it.
CLOCK_STEP = 0.001
# So many accepted answers are read from the log again in a quarter of a second.
LEAST_WORTH_KEEPING = 50_000


class RunLoop:
    """Drives one run; the caller holds the run's lock. `judging`: the run in which its answers are judged, by people
    and by `checkers`, models that say what is right.
    """

    def __init__(
        self,
        view: RunView,
        platform: Platform,
        log: RunLog,
        *,
        judging: RunView | None = None,
        checkers: Checkers | None = None,
        least_worth_keeping: int = LEAST_WORTH_KEEPING,
    ) -> None:
        self._view = view
        self._judging = judging
        self._platform = platform
        self._log = log
        self._name = view.description.name
        self._identity = view.description.publication.identity
        self._orders = Orders(view, platform)
        self._feeding = Feeding(view, self._append, platform.now)
        self._checks = Checks(view, platform, self._orders, judging, checkers) if view.description.check else None
        self._least_worth_keeping = least_worth_keeping
        # So many accepted answers the last checkpoint had, and whether the whole run was looked at, or ended, since.
        self._kept = 0
        self._fitted_since = False
        self._showing = Showing(view, platform)
        self._foresight = Foresight(view)
        # Whether the platform has told all that had happened when it was last asked.
        self._told_all = False
        self._started = False

    @property
    def over(self) -> bool:
        """Whether the run is over and shown, and nothing has come to it since, nor been found of its answers."""
        heard = self._checks is None or not self._view.state.shown or self._checks.news() is None
        return self._view.state.shown and heard and not self._view.waiting

    @property
    def waits_for_items(self) -> bool:
        """Whether nothing happens in the run until items come."""
        return self._view.state.waits_for_items

    def turn(self, stop: threading.Event, wait: float = POLL_WAIT) -> bool:
        """Begin, or go round once, waiting for so long at most if nothing happens; whether anything was written down.

        Trouble that passes is noted and waited for. Raises `RunGone` once the run is to be deleted, renamed or
        archived.
        """
        before = self._log.size
        try:
            self._view.folder.check_there(self._identity, goes_on=True)
            try:
                self._go_on(stop, wait)
            except DataForgeError as error:
                if not _passes(error):
                    raise
                self._note_trouble(error)
                self._showing.note(self._log.size)
                stop.wait(PAUSE_IN_TROUBLE)
        except RunGone:
            raise
        except Exception as error:
            self.note_end(error)
            raise
        return self._log.size != before

    def _go_on(self, stop: threading.Event, wait: float) -> None:
        if not self._started:
            self.start()
            self._started = True
        if self._view.state.ending is None or self._view.state.shown:
            self.round(wait)
            self._showing.go_on(self._log.size)
            if self._told_all and not stop.is_set():
                self._foresight.go_on()
        else:
            self._show_all(stop)
        self._note_trouble(None)

    def close(self) -> None:
        """Write down how the run stands, for who looks at it when nobody drives it any more."""
        self._showing.note(self._log.size)

    def start(self) -> None:
        """Begin the run, or go on where the log ends."""
        view = self._view
        if not view.state.started:
            self._platform.publish(view.folder.on_platform(view.description.publication))
            epoch = self._platform.poll(self._name, 0, 0.0).epoch
            identity = view.description.publication.identity
            self._append([Started(self._platform.now(), identity, epoch, FORMAT)])
        self._feeding.take()
        if view.state.ending is None:
            self._feeding.tell()
            self._catch_up()
            self._decide()
            self._send()

    def _catch_up(self) -> None:
        """Take in all that has happened before anything is decided: of a log that has lost its end the platform knows
        more, and would take what was to be ordered then for what is to be done now.
        """
        more = True
        while more:
            batch = self._poll(0.0)
            self._receive(batch)
            more = batch.more

    def round(self, wait: float = POLL_WAIT) -> None:
        """One round of the loop."""
        state = self._view.state
        if state.waits_for_items:
            # Where time is simulated, waiting for items must not make it pass.
            self._view.fed_here.wait(min(wait, FEED_WAIT))
        fed = self._feeding.take() | self._take_verdicts()
        # What trouble kept from being sent must not wait for something to happen.
        kept_back = bool(state.unsent)
        if fed or kept_back or state.over or state.waits_for_items:
            wait = 0.0
        ring = alarm(state, self._view.rules)
        if ring is not None:
            wait = min(wait, max(0.0, ring - self._platform.now()) + CLOCK_STEP)
        batch = self._poll(wait)
        self._told_all = not batch.more
        if batch.events:
            self._receive(batch)
        elif ring is not None and self._platform.now() >= ring:
            self._append([Ticked(self._platform.now())])
        elif not fed and not kept_back and not state.unsettled and state.closing is None:
            return
        self._decide()
        self._send()
        self._save_checkpoint()

    def _poll(self, wait: float) -> Batch:
        """What has happened since; raises `RunError` if the platform's store is not the one that the log goes with."""
        state = self._view.state
        try:
            batch = self._platform.poll(self._name, state.cursor, wait)
        except Refused as refusal:
            why = parted(self._name, state, refusal)
            if why is None:
                raise
            raise why from refusal
        check_history(self._name, state, batch)
        return batch

    # --- inside -----------------------------------------------------------------------------------

    def _append(self, entries: Sequence[Entry], *, durable: bool = True) -> None:
        """Write entries down, then take them in."""
        self._log.append(entries, durable=durable)
        with self._view.lock:
            self._view.fold(entries)
            self._view.progressed.notify_all()

    def _receive(self, batch: Batch) -> None:
        """Take in what the platform has told."""
        if batch.events:
            self._feeding.take_items_of(batch)
            self._append([Received(batch.cursor, batch.events)])
        if any(isinstance(event, RunStateChanged) for event in batch.events):
            self._feeding.tell()

    def _take_verdicts(self) -> bool:
        """Take in what other workers have found of answers."""
        if self._checks is None:
            return False
        taken = False
        for ask in (self._checks.news, self._checks.friends):
            if (found := ask()) is not None:
                self._append([found])
                taken = True
        return taken

    def _decide(self) -> None:
        view = self._view
        with view.lock:
            state, quality = view.state, view.quality
            entries: list[Entry] = []
            fresh = len(state.responses.new_items) > 0
            fitted = looked(state, quality, view.rules, lambda: quality.save(view.folder.path))
            if fitted is not None:
                entries.append(fitted)
                self._fitted_since = True
            if state.revising:
                entries = self._reopen(entries)
            decision = decide(state, quality, view.rules)
            entries += [Ordered(order) for order in decision.orders]
            entries += final_answers(view, decision.final)
            taken_in = state.new_workers or state.newly_fed or state.corrections.new or state.revising
            if entries or fresh or decision.settled or taken_in:
                entries.append(Decided(decision.settled, quality.mean_confidence))
        self._append(entries)
        if state.to_judge and any(isinstance(order, Check) for order in decision.orders):
            # All that is to be found of these answers was found before, of the same ones of others.
            self._decide()
            return
        if self._adds_unpaid(decision.orders):
            # Nobody is at work and nobody will be, so nothing will happen that would have it decided later.
            self._decide()
            return
        # What is still to be told may be that the run was opened again; and after the end nothing is sent any more.
        if decision.ending is not None and self._told_all and not self._view.state.unsent:
            self._end(decision.ending)

    def _adds_unpaid(self, orders: Sequence[Order]) -> bool:
        """Whether the last items were just ordered onto the platform, and the budget pays for no page of them."""
        added = any(isinstance(order, AddRange) for order in orders)
        return added and out_of_budget(self._view.state, self._view.rules)

    def _reopen(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write down entries, and which answers are final no longer since the run was changed."""
        view = self._view
        items = no_longer_final(view.state, view.quality, view.rules)
        names = view.state.numbering.keys
        parts = [items[start : start + REOPENED_AT_ONCE] for start in range(0, len(items), REOPENED_AT_ONCE)]
        self._append([*entries, *(Reopened(tuple(names[place] for place in part.tolist())) for part in parts)])
        view.quality.refresh(items)
        return []

    def _end(self, ending: Ending) -> None:
        """Write down what is final with the end, and that it has come. Only a run that is done takes items again."""
        view = self._view
        if ending == "done" and view.state.closing == "stopped" and view.items_waiting:
            # All that it had was answered, but not what has come: a run that was stopped by hand asks no more.
            ending = "stopped"
        if ending == "done" and view.state.closing == "stopped":
            view.feed.reopen()
        if ending != "done":
            found = view.feed.end(ending)
            if found.changes > view.state.changes and ending != "stopped":
                # It may go on: whoever has changed it was told so.
                view.feed.reopen()
            elif late := found.fed - view.state.fed:
                self._append([Fed(view.state.now, late)])
        for entry in final_answers(view, view.state.not_final(), ending):
            self._append([entry], durable=False)
        self._append([Finished(view.state.now, ending)])
        self._fitted_since = True

    def _send(self) -> None:
        """Send what is not known to be sent, oldest first; a lost mark only means that it is sent again."""
        waiting = list(self._view.state.unsent.values())
        for start in range(0, len(waiting), SENT_AT_ONCE):
            orders = waiting[start : start + SENT_AT_ONCE]
            taken = tuple(order.key for order in orders if self._carried_out(order))
            if taken:
                self._append([Sent(taken)], durable=False)
        self._view.all_sent()
        if self._view.state.revising:
            # A change was refused: what follows from that must not wait for something to happen.
            self._decide()
            self._send()

    def _carried_out(self, order: Order) -> bool:
        """Whether the platform has taken an order; one that it refuses for good is noted, and the run goes on."""
        if isinstance(order, Check):
            return self._checks is None or self._checks.carry_out(order)
        if isinstance(order, Judge) and self._checks is not None and not self._checks.keep_from_authors(order):
            return False
        while True:
            try:
                self._platform.execute(self._name, [*self._first(order), *self._orders.commands(order)])
                return True
            except Refused as refusal:
                if not refused_for_good(order, refusal):
                    raise
                item = str(refusal.details.get("item", "")) if isinstance(order, AddRange) else ""
                self._append([Declined(order.key, refusal.message, item), *self._back_from(order)])
                if not item:
                    return False

    def _first(self, order: Order) -> Sequence[Command]:
        """What the platform is told before an order."""
        if self._judging is None or self._view.state.responses.solutions is None:
            return ()
        return kept_from_judges(order, self._view.state, self._judging.state)

    def _back_from(self, order: Order) -> Sequence[Entry]:
        """That the run asks again what it asked before, if the change of an order is the one that holds."""
        view, changed = self._view, self._view.state.changed
        if not isinstance(order, Republish) or changed is None:
            return ()
        before = view.feed.take_back(order.publication, view.description.terms(), changed.number)
        return () if before == changed.terms else (Changed(self._platform.now(), changed.number, before),)

    def note_end(self, error: Exception) -> None:
        """Tell all who look at the run that nobody drives it any more, and why."""
        with self._view.lock:
            self._view.trouble = texts.stuck(str(error))
        self._showing.note(self._log.size)
        with suppress(Exception):  # what has ended the run may keep the platform from showing it as well
            self._showing.part()

    def _note_trouble(self, error: DataForgeError | None) -> None:
        tell = texts.unreachable if isinstance(error, Unreachable) else texts.trouble
        with self._view.lock:
            if error is not None or self._view.trouble is not None:
                self._showing.again()
            self._view.trouble = None if error is None else tell(str(error))
            if error is not None:
                self._view.progressed.notify_all()

    def _save_checkpoint(self) -> None:
        """Keep what is known where reading the log again would take long, and after the end."""
        state = self._view.state
        answers = state.responses.accepted_total
        new = answers if state.ending is not None else answers - self._kept
        fitted = self._fitted_since
        if at_rest(state) and worth_keeping(state, new, self._least_worth_keeping, fitted=fitted):
            save_checkpoint(self._view.folder, self._log.size, state, self._view.quality)
            self._fitted_since, self._kept = False, answers

    def _show_all(self, stop: threading.Event) -> None:
        """Show everything that is not yet shown, unless told to stop."""
        self._showing.rest(self._log.size, stop)
        if stop.is_set():
            return
        if self._checks is not None:
            self._checks.finish()
        state = self._view.state
        self._append([Shown(state.fed, state.corrections.taken, state.changes)])


def _passes(error: DataForgeError) -> bool:
    """Whether waiting helps: the platform is away or asks to come again, or the disk that holds the log is full."""
    cause = error.__cause__
    return error.passing or (isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT))
