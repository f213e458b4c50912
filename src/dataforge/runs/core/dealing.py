"""How many control items those workers should find on their pages who have shown how they answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dataforge.policy import Policy
from dataforge.records import Deal, Publication
from dataforge.runs.core.haste import hurries
from dataforge.runs.core.log import Order
from dataforge.runs.core.quality import Certainty
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["dealings", "ration_of"]

# So many control items meets who is known, for each item of a page: on replays of recorded crowds all between 0.015 and
# 0.1 cost the same, for fewer let confidence rise more slowly, and each one that is wrong costs its worker a page.
PER_ITEM = 0.03


def ration_of(policy: Policy, publication: Publication) -> float | None:
    """How many control items a page of a known worker has on average; None if the policy says what a page has, or none
    is saved.
    """
    few = PER_ITEM * (publication.real_per_page + publication.control_per_page)
    return few if policy.page is None and few < publication.control_per_page else None


def dealings(state: RunState, certainty: Certainty, rules: Rules) -> Iterator[Order]:
    """Wishes for workers with new pages of whom another number of control items should be asked from now on.

    Where other workers judge answers there are none: nonsense is found by every control item, and by nothing else
    before it costs its judges.
    """
    if rules.ration is None or state.responses.solutions is not None:
        return
    workers = np.unique(np.array([state.pages.worker[page] for page in state.to_judge], np.int64))
    worse = (certainty.worse_since(workers) >= 0).tolist()
    both = zip(map(state.workers.__getitem__, workers.tolist()), worse, strict=True)
    guessing = certainty.unproven(workers).tolist()
    records = [
        (record, fell or guesses or hurries(record, rules))
        for (record, fell), guesses in zip(both, guessing, strict=True)
    ]
    wished = [(record, _wish(record, rules, rules.ration, fell)) for record, fell in records if record.control_total]
    changed = {record.id: wish for record, wish in wished if wish != record.control_wish}
    if changed:
        # The same may be wished again, after something else was.
        yield Deal(str(state.cursor), changed)


def _wish(record: WorkerRecord, rules: Rules, ration: float, worse: bool) -> float:
    """The ration of who is right as often as a page asks; who is not, or less often than before, or hurries, or may
    say one grade of everything meets as many as a page has.
    """
    passes = not worse and record.control_correct >= rules.policy.needed_correct(record.control_total)
    return ration if passes else float(rules.control_per_page)
