"""Items that `run.add` brings: gathered as a launch gathers them, said of by the models that vote, and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from filelock import FileLock

from dataforge.changes.terms import Asked, Standing, change, publications_of, terms_of
from dataforge.data.drafts import Planting, Prefill, planted
from dataforge.data.items import Items
from dataforge.data.reading import gather_items
from dataforge.data.stored_items import stored_drafts, stored_keys
from dataforge.data.studies import check_study
from dataforge.data.training import refuse_taught
from dataforge.data.voters import check_voters
from dataforge.feed import refuse_idle_controls
from dataforge.models import Model
from dataforge.policy import Policy
from dataforge.records import unit_price
from dataforge.runs.handle.holding.held import Held
from dataforge.runs.handle.holding.waiting import status_now
from dataforge.runs.handle.launches.asking import Asking

__all__ = ["Adding", "standing_of"]


@dataclass(frozen=True)
class Adding:
    """How rows are read that are added to a run, and which models are asked about them."""

    id: str | None
    encoding: str | None
    prefill: Prefill | Model | None
    asking: Asking

    def items(self, held: Held, items: Any, control: Any) -> Items:
        """The items of these rows, as the run takes them; raises whatever is wrong with them."""
        task, stored = held.description.task(), held.folder.items
        key = stored_keys(stored).column if self.id is None else self.id
        drafts = self.asking.other_drafts(self.prefill)
        batch = gather_items(task, items, control, key, self.encoding, drafts, may_be_empty=True)
        if not batch.count:
            return batch
        check_study(task, batch)
        batch = self._asked(held, batch)
        policy = Policy.from_json(held.description.policy)
        if policy.voters is not None:
            check_voters(task, policy.voters, batch)
        batch = planted(batch, self.asking.promise(self.prefill), Planting.under(policy), stored_drafts(stored))
        refuse_idle_controls(batch, held.description.publication.control_per_page, held.name)
        refuse_taught(publications_of(held.folder.path), batch)
        return batch

    def _asked(self, held: Held, batch: Items) -> Items:
        """The items with what models say of them: those that vote in the run and have no labels there, and for drafts.

        Items that the run has already are not asked about. What it costs is taken out of the run's budget, once for
        all who add the same; who adds at the same time waits.
        """
        if not self.asking.models:
            return batch
        with FileLock(held.folder.path / "models.lock"):
            return self._paid_and_asked(held, batch)

    def _paid_and_asked(self, held: Held, batch: Items) -> Items:
        folder, known = held.folder.path, held.fresh().state.numbering.index
        terms = terms_of(folder)
        policy = Policy.from_json(terms.policy)
        columns, there = policy.voters or {}, batch.rows.column_names
        voters = self.asking.voters
        voting = [one for one in voters if columns.get(one.name) == one.column and one.column not in there]
        asking = replace(self.asking, voters=voting)
        new = [place for place, key in enumerate(batch.keys) if key not in known]
        left, models = asking.set_aside(policy, batch.chosen(new), folder, terms.models) if new else (policy, None)
        if left.budget != policy.budget:
            change(folder, Asked({"budget": left.budget}, models=models), standing_of(held))
        return asking.asked(batch, folder, new)


def standing_of(held: Held) -> Standing:
    """What a change of a run's terms has to go with now."""
    return Standing(held.description.created, held.platform().now(), unit_price(status_now(held).promised))
