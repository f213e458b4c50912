"""Answers judged by other workers: of those to an item the best is taken, as surely as it was found right.

What others found stands in the run's `Solutions`; here it is only read. The best is one that was found right, before
one that was not judged, before one that was found wrong; of several the likeliest; of these one from a page of which
the most was judged and right. How likely it is follows from what those say who judge it, and from how often answers of
whoever gave it are right. That record is learnt on the schedule of consensus; a verdict follows from the judges alone.

How sure the best is told to be follows as well from how many gave it, each by themselves, whatever became of their
pages: what is right is often rejected with what is wrong around it. Nothing else does: which answer is the best, and
whether it is enough, is as it would be if the others had not been there, or later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.checks import check_key
from dataforge.data.items import Items
from dataforge.policy import Policy
from dataforge.records import Texts
from dataforge.runs.core import judging_texts, texts
from dataforge.runs.core.columns import Arrays, Column, Flags, Places
from dataforge.runs.core.log import FinalOutcome, Fitted
from dataforge.runs.core.quality import Answer, Checked, Outcome, Verdict, Way
from dataforge.runs.core.responses import NO_REPORT, Responses
from dataforge.runs.core.solutions import NO_SOLUTION, RIGHT, UNCHECKED, WRONG, Solutions
from dataforge.runs.quality._authors import Authors
from dataforge.runs.quality._fits import fit_due, load_fits, save_fits
from dataforge.runs.quality._parts import Part, load_parts, saved_parts
from dataforge.runs.quality._second_views import SecondViews, tests_of
from dataforge.runs.quality._untold import Untold
from dataforge.runs.quality._values import Values, objects
from dataforge.runs.quality._voices import Givers
from dataforge.runs.quality._without_options import WithoutOptions
from dataforge.tasks.task import Slot

__all__ = ["PLUGIN", "CheckQuality"]

BINS = 20
NONE, DRAFT = -1, -2
"""In `CheckQuality._best`, of an item without an answer, and of one whose draft is its best answer."""
IN_WORDS: dict[int, Verdict] = {RIGHT: "right", UNCHECKED: "unchecked", WRONG: "wrong"}
# By verdict, of which the one for what is unchecked, -1, stands last.
BETTER = np.array([0, 2, 1], np.int8)
# What a checkpoint need not hold, or holds in parts.
LEFT_OUT = (
    "_outputs",
    "_responses",
    "_values",
    "_untold",
    "_authors",
    "_second",
    "_givers",
    "_solutions",
    "_wanted",
    "_finalize_at",
    "_drafts",
    "_drafts_first",
)


class CheckQuality(WithoutOptions):
    """The best answers to a run's items: by item the response, its verdict, its chance of being right when last looked
    at, at `least`, without the others who gave it, and whether that is enough. Of an item that is final they stay.
    """

    with_verdicts: ClassVar[bool] = True

    def __init__(self, outputs: Sequence[Slot], policy: Policy, responses: Responses) -> None:
        self._outputs = tuple(outputs)
        self._responses = responses
        self._values = Values(outputs, policy, responses)
        self._untold = Untold(responses.numbering)
        self._authors = Authors()
        self._second = SecondViews()
        self._workers = 0
        self._file = ""
        self._solutions = responses.solutions = Solutions(responses.pages, policy.check_sample)
        self._is_final: Column[np.bool_] = Column(np.bool_)
        self._best: Column[np.int32] = Column(np.int32, NONE)
        self._verdict: Column[np.int8] = Column(np.int8, UNCHECKED)
        self._chance: Column[np.float32] = Column(np.float32, np.nan)
        self._least: Column[np.float32] = Column(np.float32, np.nan)
        self._enough: Column[np.bool_] = Column(np.bool_)
        self._givers = Givers(responses, self._solutions)
        # drafts that are judged before anybody mends them, by item
        self._drafts: dict[int, Mapping[str, Any]] = {}
        self._drafts_first = policy.check_drafts
        # whether people mend drafts: what several left as it was they did not all find by themselves
        self._mended = False
        # the sum of the chances there are, and how many
        self._sum, self._stated = 0.0, 0
        self.revise(policy)

    def revise(self, policy: Policy) -> None:
        """Want the confidence of another policy."""
        self._wanted, self._finalize_at = policy.min_confidence_for(None), policy.finalize_at
        self._attempts = policy.attempts
        self._look(np.flatnonzero(self._best.values != NONE))

    # --- taking in --------------------------------------------------------------------------------

    def grow(self, items: Items) -> None:
        """Make room for further items, numbered after those there."""
        self._values.grow(items)
        self._untold.grow(items.count)
        self._solutions.grow(items.count)
        first = len(self._best)
        self._mended |= bool(items.drafted)
        for column in (self._is_final, self._best, self._verdict, self._chance, self._least, self._enough):
            column.grow(len(column) + items.count)
        if self._drafts_first and items.drafted:
            self._begin(items, first)

    def _begin(self, items: Items, first: int) -> None:
        """Take the drafts of further items, numbered from `first` on, for solutions; those that are whole answers."""
        required = [slot.name for slot in self._outputs if slot.required]
        found = {
            place: draft
            for place, draft in enumerate(items.drafts_at(np.arange(items.count)))
            if draft and not items.control[place] and all(name in draft for name in required)
        }
        keys = [check_key(self._outputs, items.keys[place], draft) for place, draft in found.items()]
        self._drafts |= {first + place: draft for place, draft in found.items()}
        self._solutions.begin(keys, [first + place for place in found])

    def add_worker(self) -> None:
        """Make room for one worker more."""
        self._workers += 1

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers, and note which of them are the same."""
        numbering = self._responses.numbering
        names, known = numbering.keys, numbering.control[items].tolist()
        keys = [
            None if isinstance(answer, str) or control else check_key(self._outputs, names[item], answer)
            for item, control, answer in zip(items.tolist(), known, answers, strict=True)
        ]
        self._solutions.take(keys, items)
        return self._values.take(items, answers)

    def know(self, item: int, rows: Places, answer: Mapping[str, Any] | None, *, right: bool = True) -> Checked:
        """Hold an item to these answers, of which it is known whether they are right; None: to none."""
        found = self._values.know(item, rows, answer)
        if answer is not None and not self._responses.numbering.control[item]:
            self._put(np.array([item]), verdict=RIGHT if right else WRONG, chance=float(right))
        self._untold.note(np.array([item]))
        return found

    def release(self, items: Places) -> None:
        """Look at all accepted answers to these items again, but for those that the requester has answered."""
        items = items[~self._values.is_known(items)]
        self._is_final.values[items] = False
        self._put(items, best=NONE)
        self._untold.note(items)

    def declare(self, items: Places, outcomes: Sequence[FinalOutcome]) -> None:
        """Hold these items to the answers that were declared, with the verdict that these have now."""
        self._is_final.values[items] = True
        sure = np.array(outcomes[0].confidence, np.float32)  # None is NaN
        places, rows = self._saying(items, {outcome.output: outcome.values for outcome in outcomes})
        free = ~self._values.is_known(items[places])
        places, rows = places[free], rows[free]
        self._put(items[places], best=rows, verdict=self._solutions.verdicts_of(rows)[0], chance=sure[places])
        self._declare_drafts(items, places, outcomes, sure)
        self._untold.note(items)

    def _declare_drafts(
        self, items: Places, answered: Places, outcomes: Sequence[FinalOutcome], sure: NDArray[np.float32]
    ) -> None:
        """Hold those of the items to their drafts that were declared to be the answer, and that nobody gave."""
        rest = np.setdiff1d(np.flatnonzero(self._solutions.with_draft(items)), answered)
        said = [
            place
            for place in rest.tolist()
            if all(self._drafts[int(items[place])].get(one.output) == one.values[place] for one in outcomes)
        ]
        places = np.array(said, np.int64)
        places = places[~self._values.is_known(items[places])]
        verdicts = self._solutions.verdict.values[self._solutions.draft.values[items[places]]]
        self._put(items[places], best=DRAFT, verdict=verdicts, chance=sure[places])

    def _saying(self, items: Places, answers: Mapping[str, Sequence[Any]]) -> tuple[Places, Places]:
        """For those of the items to which the answer was given, their places and the first response that gives it."""
        rows = self._answers(items)
        place_of = dict(zip(items.tolist(), range(len(items)), strict=True))
        places = [place_of[item] for item in self._responses.item.values[rows].tolist()]
        same = np.ones(len(rows), bool)
        for name, values in self._values.given(rows).items():
            wanted = answers[name]
            said = zip(values.tolist(), places, strict=True)
            same &= np.fromiter((value == wanted[place] for value, place in said), bool, len(rows))
        found, first = np.unique(np.array(places, np.int64)[same], return_index=True)
        return found, rows[same][first]

    # --- keeping up -------------------------------------------------------------------------------

    def fit_due(self, last: Fitted | None, *, afresh: bool) -> bool:
        """Whether workers' records should be looked at now."""
        return fit_due(self._responses, last, afresh=afresh)

    def fit(self, *, afresh: bool) -> None:
        """Learn how often the answers of each worker are right, and look at all items again."""
        rows = np.flatnonzero(self._solutions.of.values != NO_SOLUTION)
        chances = self._solutions.verdicts_of(rows)[1]
        judged = ~np.isnan(chances)
        authors = self._responses.workers(rows[judged]).astype(np.int64)
        voices = None if self._mended else self._givers.same(rows[judged])
        self._authors.learn(authors, chances[judged].astype(np.float64), self._workers, voices)
        tests = tests_of(self._responses, self._values, self._second.pairs(self._responses), self._authors.right)
        tests = tests.of(np.setdiff1d(authors, list(self._solutions.ring)))
        self._authors.compare(tests.passed, tests.expected)
        self._authors.heard = len(self._responses)
        if afresh and self._values.comparable:
            self._second.choose(self._responses, self._verdict.values == RIGHT, len(tests.passed))
        self._refresh_all()

    def refresh(self, items: Places) -> None:
        """Take the best of the answers to these items, by what was found of them by now."""
        self._untold.note_reports(items, self._responses.reported)
        items = items[~self._is_final.values[items] & ~self._values.is_known(items)]
        if len(rows := self._answers(items)):
            self._take_best(rows)
        if self._drafts:
            self._compare_drafts(items)

    def _compare_drafts(self, items: Places) -> None:
        """Take the drafts of these items of which something is known, where no answer is as good."""
        items = items[self._solutions.with_draft(items) & ~self._solutions.draft_awaited(items)]
        drafts = self._solutions.draft.values[items]
        verdicts, chances = self._solutions.verdict.values[drafts], self._solutions.chance.values[drafts]
        best, sure = BETTER[verdicts], np.nan_to_num(chances, nan=-1.0)
        found, chance = BETTER[self._verdict.values[items]], np.nan_to_num(self._chance.values[items], nan=-1.0)
        better = (best > found) | ((best == found) & (sure > chance))
        better |= self._best.values[items] < 0
        chances = np.where(verdicts == UNCHECKED, np.nan, chances)
        self._put(items[better], best=DRAFT, verdict=verdicts[better], chance=chances[better])
        self._look(items[better])
        self._untold.note(items[better])

    def _take_best(self, rows: Places) -> None:
        """Take the best of these answers, all there are to their items."""
        verdicts, judged = self._solutions.verdicts_of(rows)
        authors = self._responses.workers(rows).astype(np.int64)
        chances = self._authors.believed(authors, judged.astype(np.float64))
        of = self._responses.item.values[rows]
        order = np.lexsort((-rows, self._worth(rows), np.nan_to_num(chances, nan=-1.0), BETTER[verdicts], of))
        last = np.flatnonzero(np.append(of[order][1:] != of[order][:-1], True))
        best = order[last]
        found = verdicts[best]
        voices = None if self._mended else self._givers.with_others(rows[best], self._authors.heard)
        told = self._authors.believed(authors[best], judged[best].astype(np.float64), voices)
        sure, least = (np.where(found == UNCHECKED, np.nan, one) for one in (told, np.fmin(told, chances[best])))
        self._put(of[best], best=rows[best], verdict=found, chance=sure)
        self._least.values[of[best]] = least
        self._look(of[best])
        self._untold.note(of[best].astype(np.int64))

    def _worth(self, rows: Places) -> NDArray[np.float64]:
        """How well and how far the pages of these responses were judged: F1 of the share right and the share judged."""
        pages, turn = np.unique(self._responses.page.values[rows], return_inverse=True)
        right, judged = self._solutions.shares(pages.tolist())
        worth = np.where(right > 0, 2 * right * judged / np.maximum(right + judged, 1e-9), 0.0)
        found: NDArray[np.float64] = worth[turn]
        return found

    def _look(self, items: NDArray[Any]) -> None:
        """See whether the best answers to these items are enough."""
        verdict, least = self._verdict.values[items], self._least.values[items]
        enough = (verdict == RIGHT) & ~(least < self._wanted)
        if self._finalize_at is not None:
            unchecked = np.flatnonzero((verdict == UNCHECKED) & (self._best.values[items] >= 0))
            pages = self._responses.page.values[self._best.values[items[unchecked]]]
            right, _ = self._solutions.shares(pages.tolist())
            enough[unchecked] |= right >= self._finalize_at
        self._enough.values[items] = enough

    def _answers(self, items: Places) -> Places:
        rows = self._responses.of(items)
        found: Places = rows[self._responses.report.values[rows] == NO_REPORT].astype(np.int64)
        return found

    def _put(self, items: NDArray[Any], *, best: Any = NONE, verdict: Any = UNCHECKED, chance: Any = np.nan) -> None:
        before, now = self._chance.values[items], np.broadcast_to(np.float32(chance), len(items))
        self._sum += float(np.nansum(now) - np.nansum(before))
        self._stated += int(np.isnan(before).sum() - np.isnan(now).sum())
        self._best.values[items] = best
        self._verdict.values[items] = verdict
        self._chance.values[items] = self._least.values[items] = chance
        self._enough.values[items] = False

    def save(self, folder: Path) -> str:
        """Write the workers' records; the file before stays for readers that still have its name."""
        arrays = self._authors.arrays() | self._second.arrays()
        self._file = save_fits(folder, self._responses.accepted_total, self._file, arrays)
        return self._file

    def restore(self, folder: Path, file: str) -> None:
        """Go on from the records of a file that `save` wrote; where they cannot be read, learn them anew."""
        self._file = file
        found = load_fits(folder, file)
        if found is not None:
            self._authors.load(found)
            self._second.load(found)
            self._refresh_all()
        else:
            self.fit(afresh=True)

    def _refresh_all(self) -> None:
        self.refresh(np.flatnonzero((self._responses.accepted > 0) | (self._solutions.draft.values != NO_SOLUTION)))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items, for a checkpoint."""
        return saved_parts(self, self._parts(), LEFT_OUT)

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        load_parts(self, self._parts(), arrays, LEFT_OUT)

    def _parts(self) -> dict[str, Part]:
        return {"values": self._values, "untold": self._untold, "authors": self._authors, "second": self._second}

    # --- what came out ----------------------------------------------------------------------------

    def gains(self, items: Places) -> Flags:
        """Which of these items have no answer that is right and as sure as wanted, and may get a better one."""
        found: Flags = ~self._enough.values[items] & ~self._values.is_known(items)
        if self._solutions.over:
            # No answer is found right any more, and one that nobody judged is no better than another, but for a draft.
            found &= (self._best.values[items] < 0) | (self._verdict.values[items] == WRONG)
        else:
            found &= ~self._out_of_reach(items)
            found |= self._second.wanted(items, self._responses)
        return found & ~self._solutions.awaited(items)

    def _out_of_reach(self, items: Places) -> Flags:
        """Which of these items have an answer found right that no judge makes as sure as wanted, nor another answer."""
        left = 1 - self._authors.wrong
        reached = (self._verdict.values[items] == RIGHT) & (self._least.values[items] >= self._wanted * left)
        found: Flags = reached & (left < self._wanted)
        return found

    def unsure(self, items: Places) -> Flags:
        """Which of these items have an answer that was found wrong, or is less sure than wanted.

        One that others make sure who gave it, too, is sure, though it gains by being judged (`gains`).
        """
        sure = (self._verdict.values[items] == RIGHT) & (self._chance.values[items] >= self._wanted)
        found: Flags = ~(self._enough.values[items] | sure | self._values.is_known(items))
        return found

    def unverified(self, items: Places) -> Flags:
        """Which of these items have an answer of which nothing shows how sure it is."""
        found: Flags = (self._best.values[items] != NONE) & np.isnan(self._chance.values[items])
        return found

    def notices(self) -> tuple[Texts, ...]:
        """Why there are items without a confidence, or none that is as sure as wanted, if that is so."""
        unverified = int(self.unverified(np.flatnonzero(self._is_final.values)).sum())
        found = [texts.unchecked(unverified)] if unverified else []
        if items := self._given_up():
            found.append(judging_texts.all_rejected(*items))
        if self._solutions.friends:
            found.append(judging_texts.friends(len(self._solutions.friends)))
        if (left := 1 - self._authors.wrong) < self._wanted:
            found.append(judging_texts.found_right_wrongly(left))
        return tuple(found)

    def _given_up(self) -> tuple[int, int] | None:
        """How many items were tried in vain and have no answer, and of how many of them one was found right."""
        solutions = self._solutions
        items = np.flatnonzero(solutions.rejected.values)
        lost = items[solutions.given_up(items, self._attempts) & (self._responses.answered(items) == 0)]
        right = np.isin(lost, solutions.item.values[solutions.verdict.values == RIGHT])
        return (len(lost), int(right.sum())) if len(lost) else None

    @property
    def mean_confidence(self) -> float | None:
        """Mean of the chances of being right of the best answers that were judged."""
        return self._sum / self._stated if self._stated else None

    def outcomes(self, items: Places) -> list[Outcome]:
        """The best answers to these items; each output is as sure as the whole answer."""
        best, sure = self._best.values[items], self._chance.values[items]
        there = np.flatnonzero(best >= 0)
        drafted = np.flatnonzero(best == DRAFT).tolist()
        known = np.flatnonzero(self._values.is_known(items)).tolist()
        found = []
        for name, values in self._values.given(best[there].astype(np.int64)).items():
            of_all = objects([None] * len(items))
            of_all[there] = values
            for place in drafted:
                of_all[place] = self._drafts[int(items[place])].get(name)
            for place in known:
                of_all[place] = self._values.known_to(int(items[place])).get(name)
            found.append(Outcome(name, of_all, sure))
        return found

    def verdicts(self, items: Places) -> list[Verdict]:
        """What others found of the best answers to these items."""
        return [IN_WORDS[verdict] for verdict in self._verdict.values[items].tolist()]

    def rings(self, workers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which of these workers find each other's answers right whatever others say: a number for each such group."""
        ring = self._solutions.ring
        return np.array([ring.get(worker, -1) for worker in workers.tolist()], np.int64)

    def histogram(self) -> list[int]:
        """How many chances lie in each of 20 equal bins of 0..1."""
        known = self._chance.values[~np.isnan(self._chance.values)]
        bins: list[int] = np.histogram(known, BINS, (0.0, 1.0))[0].tolist()
        return bins

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items have which label, for outputs that have labels."""
        best = self._best.values[self._best.values >= 0]
        found = self._values.label_counts(best.astype(np.int64))
        for item in np.flatnonzero(self._best.values == DRAFT).tolist():
            for output, counts in found.items():
                if (label := self._drafts[item].get(output)) is not None:
                    counts[str(label)] = counts.get(str(label), 0) + 1
        return found


PLUGIN: Way = CheckQuality
