"""What control items and comparisons show of a run's workers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus import base
from dataforge.aggregation.radar.camps import probably_right
from dataforge.runs.core.columns import Arrays, Column, Flags, Places, load_columns, saved_columns
from dataforge.runs.core.responses import NO_REPORT, Responses
from dataforge.runs.quality._fits import of_fit
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._recognised import Went, recognising
from dataforge.runs.quality._routing import FEWEST_CHECKS
from dataforge.runs.quality._strangers import FEW_PAGES, Checked, Met, worth_by_pages

__all__ = ["Workers", "first_of_rings"]

# A worker who recognises control items more probably than this is taken for one who does.
DOUBTED = 0.15
# Of answers that are worth less than this beside those of people who stay the requester hears.
WORTH_LITTLE = 0.5
# The mean of those who recognise counts as so many answers of each.
DRAWN = 4.0
# Answers of the smaller of two camps are told from those of the others, however far they agree.
MOST_BETWEEN = 0.9
OF_FIT = (
    *("vouched", "compared", "recognises", "disregarded", "worth", "came", "ring", "since", "kept"),
    *("camp", "voices", "between"),
)


def first_of_rings(rings: NDArray[np.int64], responses: Responses, rows: Places) -> Places:
    """These answers without those to a real item that another one of the same ring has answered before.

    `rings[w]` says of which ring worker w is, -1: of none.
    """
    ring = of_fit(rings, responses.workers(rows), -1)
    named = responses.item.values[rows]
    shared = np.flatnonzero((ring >= 0) & ~responses.numbering.control[named])
    if not len(shared):
        return rows
    shared = shared[np.argsort(rows[shared], kind="stable")]
    cells = named[shared].astype(np.int64) * (int(rings.max()) + 1) + ring[shared]
    first = shared[np.unique(cells, return_index=True)[1]]
    found: Places = np.delete(rows, np.setdiff1d(shared, first))
    return found


class Workers:
    """Per worker `checks`, the number of answers to control items. The rest is as of the last fit.

    `vouched`: how probably each page is of the worker who was measured. Per worker `compared`: was seen beside others;
    `recognises`: may know control items that come again; `disregarded`: so many right answers to those show nothing.
    `worth`: what is left of their ability beside people who stay, if they came for a few pages.
    As of the last fit that started afresh, `ring`: with which others the worker shares mistakes, -1 with none; `since`:
    the page from which on the worker answers worse than before, -1 if none; `kept`: what is left of their ability then;
    `camp`: 0 of the larger, 1 of the smaller of two that contradict each other, -1 of none; `voices` of either, and
    `between`: how far they agree.
    """

    def __init__(self) -> None:
        self.checks: Column[np.int64] = Column(np.int64)
        self.checked = False
        self.vouched: Floats = np.empty(0)
        self.compared = np.empty(0, bool)
        self.recognises = np.empty(0, bool)
        self.ring = np.empty(0, np.int64)
        self.since = np.empty(0, np.int64)
        self.kept: Floats = np.empty(0)
        self.disregarded = np.empty(0, np.int64)
        self.worth: Floats = np.empty(0)
        self.came: Flags = np.empty(0, bool)
        self.camp = np.empty(0, np.int64)
        self.voices: Floats = np.zeros(2)
        self.between = np.ones(())

    def __len__(self) -> int:
        return len(self.checks)

    def count(self, workers: NDArray[np.int64], number: int = 1) -> None:
        """Count an answer to a control item of each of these workers; -1: one that is checked no more."""
        np.add.at(self.checks.values, workers, number)
        self.checked |= len(workers) > 0

    # --- with each fit ----------------------------------------------------------------------------

    def look(self, responses: Responses, outputs: Sequence[Output], rows: Places, drawn: Flags) -> Places:
        """Note what these answers, all that count, show of the workers; give those that show anything.

        `drawn`: which items somebody trusted has judged as a sample of all; who answered one of them was compared, too.

        It stays so until the next fit: what is believed of an item hangs on the last fit and on its answers, and not
        on when it was looked at.
        """
        named, workers = responses.item.values[rows], responses.workers(rows)
        real = ~responses.numbering.control[named]
        self.compared = np.zeros(len(self), bool)
        self.compared[workers[real & ((responses.accepted[named] > 1) | drawn[named])]] = True
        checks = ~real & (responses.report.values[rows] == NO_REPORT)
        empty = self._look_at_checks(responses, outputs, rows[checks], workers[checks])
        pages = np.arange(len(responses.pages))
        unchecked = responses.page.values[empty].astype(np.int64)
        # Nearly always there are none, and the others are many.
        if len(unchecked):
            unchecked = np.setdiff1d(unchecked, responses.page.values[np.setdiff1d(rows[checks], empty)])
        self.vouched = responses.pages.vouching.of(pages, np.array(responses.pages.worker, np.int32), unchecked)
        self._look_at_strangers(responses, outputs, rows[real], workers[real])
        for output in outputs:
            given, known = output.answers.codes[rows], output.known.values[named]
            # Labels that were rightly given to control items, or given to others and accepted.
            labels = given[(given >= 0) & (real | ((known >= 0) & output.is_right(rows, known)))]
            output.alike = not len(labels) or bool(labels.min() == labels.max())
            output.shares = self._shares(output)
        return np.setdiff1d(rows, empty, assume_unique=True) if len(empty) else rows

    def _look_at_strangers(
        self, responses: Responses, outputs: Sequence[Output], rows: Places, workers: NDArray[np.int32]
    ) -> None:
        """Vouch for the pages of people who came for a few by what these are worth beside those of who stays."""
        page_of = np.array(responses.pages.worker, np.int64)
        sent = np.bincount(responses.page.values, minlength=len(page_of)) > 0
        pages = np.bincount(page_of[sent], minlength=len(self))
        worth = np.ones(len(self))
        for output in outputs:
            given = output.answers.codes[rows]
            said = given >= 0
            item, labels = responses.item.values[rows][said], len(output.answers.labels)
            checked = Checked(output.right.values, self.checks.values)
            worth = np.minimum(worth, worth_by_pages(Met(item, workers[said], given[said], labels), pages, checked))
        self.worth, self.came = worth, pages <= FEW_PAGES[-1]
        self.vouched = self.vouched * worth[page_of]

    def _look_at_checks(
        self, responses: Responses, outputs: Sequence[Output], rows: Places, workers: NDArray[np.int32]
    ) -> Places:
        """Note who may recognise control items; give the answers to some that show nothing because of that."""
        named = responses.item.values[rows]
        right = np.ones(len(rows), bool)
        for output in outputs:
            known = output.known.values[named]
            right &= output.is_right(rows, known)
        first = responses.showings.first(rows, named)

        def went(kind: Flags) -> Went:
            ways = (np.bincount(workers[kind & one], minlength=len(self)) for one in (right, ~right))
            return Went(*ways)

        again = went(~first)
        likely = recognising(went(first), again)
        self.recognises = likely > DOUBTED
        self.disregarded = np.where(self.recognises, again.right, 0)
        found: Places = rows[right & ~first & self.recognises[workers]]
        return found

    def _shares(self, output: Output) -> Floats:
        """What control items say of each worker: 1 of those who met none.

        Who recognises them may be one person with others who do: with few first ones each is drawn towards their mean.
        """
        right, checks = self._right(output, np.arange(len(self)))
        shares: Floats = np.where(checks > 0, (right + 0.5) / (checks + 1), 1.0)
        those = self.recognises
        mean = (right[those].sum() + 0.5) / (checks[those].sum() + 1)
        shares[those] = (right[those] + DRAWN * mean) / (checks[those] + DRAWN)
        return shares

    # --- questions --------------------------------------------------------------------------------

    @property
    def strangers(self) -> Flags:
        """Who came for a few pages, which are worth little beside those of people who stay."""
        found: Flags = self.came & (self.worth < WORTH_LITTLE)
        return found

    def known(self, workers: NDArray[np.integer]) -> Flags:
        """Of which workers something is known: they met control items, or were seen together with others."""
        known: Flags = (self.checks.values[workers] > of_fit(self.disregarded, workers, 0)) | of_fit(
            self.compared, workers, False
        )
        return known

    @property
    def divided(self) -> bool:
        """Whether there are two camps."""
        return bool((self.camp >= 0).any())

    @property
    def disputed(self) -> float | None:
        """How probably the larger of two camps is right, where it has not twice the voices of the other."""
        return probably_right(self.voices) if self.divided else None

    def skills(self, workers: NDArray[np.int64], outputs: Sequence[Output], discarded: Collection[int]) -> Floats:
        """Skills of workers, mean over the outputs; NaN before the first fit, and where nothing shows them."""
        found = [of_fit(output.skills, workers, np.nan) for output in outputs if output.fit is not None]
        if len(found) < len(outputs) or any(output.alike for output in outputs):
            return np.full(len(workers), np.nan)
        shows = self.known(workers) & ~np.isin(workers, list(discarded))
        shown: Floats = np.where(shows, np.mean(found, axis=0), np.nan)
        return shown

    def verify(self, answers: base.Responses, workers: NDArray[np.integer]) -> Flags:
        """Which items are answered by somebody of whom something is known."""
        by_known = self.known(workers)[answers.worker]
        verified: Flags = np.bincount(answers.item[by_known], minlength=answers.n_items) > 0
        return verified

    def by_themselves(self, responses: Responses, rows: Places) -> Places:
        """These answers without those to a real item that another one of the same ring has answered before."""
        return first_of_rings(np.where(self.camp == 1, len(self), self.ring), responses, rows)

    def left(self, responses: Responses, rows: Places) -> Floats | None:
        """How much of their workers' ability is left in these answers: 1 but for who has changed, or is of the smaller
        of two camps and answers what nobody knows; None: it is all there.
        """
        if not ((self.since >= 0).any() or self.divided):
            return None
        workers, pages = responses.workers(rows), responses.page.values[rows]
        since = of_fit(self.since, workers, -1)
        found: Floats = np.where((since >= 0) & (pages >= since), of_fit(self.kept, workers, 1.0), 1.0)
        real = ~responses.numbering.control[responses.item.values[rows]]
        found[real & (of_fit(self.camp, workers, -1) == 1)] *= min(float(self.between), MOST_BETWEEN)
        return found

    def weight_of_one(self, workers: NDArray[np.integer]) -> Floats:
        """What one answer to a control item weighs in each one's share of right ones."""
        checks = self.checks.values[workers] - of_fit(self.disregarded, workers, 0)
        beforehand = np.where(of_fit(self.recognises, workers, False), DRAWN, 1.0)
        weights: Floats = 1 / (checks + beforehand)
        return weights

    def weights(self, output: Output, workers: NDArray[np.integer]) -> Floats:
        """What control items say of these workers: the share of right answers, half a right one of one put in."""
        right, checks = self._right(output, workers)
        doubted = of_fit(self.recognises, workers, False)
        weights: Floats = np.where(doubted, of_fit(output.shares, workers, 1.0), (right + 0.5) / (checks + 1))
        return weights

    def as_good(self, output: Output) -> Flags:
        """Who met control items enough, was right at them as often as all were, and is in no ring and known to be one
        and the same since then.
        """
        right, checks = self._right(output, np.arange(len(self)))
        share = right.sum() / max(checks.sum(), 1)
        alone = (of_fit(self.ring, np.arange(len(self)), -1) < 0) & (of_fit(self.since, np.arange(len(self)), -1) < 0)
        alone &= of_fit(self.camp, np.arange(len(self)), -1) != 1
        found: Flags = alone & (checks >= FEWEST_CHECKS) & (right >= share * checks)
        return found

    def _right(self, output: Output, workers: NDArray[np.integer]) -> tuple[Floats, NDArray[np.int64]]:
        """Right answers to control items, and all of them, without those that show nothing."""
        nothing = of_fit(self.disregarded, workers, 0)
        return output.right.values[workers] - nothing, self.checks.values[workers] - nothing

    # --- on the disk ------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known."""
        return saved_columns(self, {})

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        load_columns(self, arrays, {})

    def of_fit(self) -> dict[str, NDArray[Any]]:
        """What the last fit found."""
        return {name: getattr(self, name) for name in OF_FIT}

    def go_on_from(self, found: Mapping[str, NDArray[Any]]) -> None:
        """Know what `of_fit` gave."""
        for name in OF_FIT:
            setattr(self, name, found[name])
