"""Models that a launch asks, as voters and for drafts; what they cost is part of the budget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataforge.data.drafts import Prefill
from dataforge.data.items import Items
from dataforge.errors import SpecError
from dataforge.models import Model, cost_of_asking, spent, with_answers, with_drafts
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.records import MICRO, Money, Values

__all__ = ["NOBODY", "Asking"]


@dataclass(frozen=True)
class Asking:
    """Models as voters, and the one that makes drafts; each is asked once, also where it is both."""

    voters: Sequence[Model] = ()
    drafting: Model | None = None

    @classmethod
    def of(cls, voters: Sequence[Model], prefill: Prefill | Model | None) -> Asking:
        """Those of a launch; raises `SpecError` for two of one name."""
        drafting = prefill if isinstance(prefill, Model) else None
        if drafting is not None and any(one.name == drafting.name and one is not drafting for one in voters):
            raise SpecError(f"prefill, voters: two models are called {drafting.name!r}; call one otherwise")
        return cls(tuple(voters), drafting)

    def other_drafts(self, prefill: Prefill | Model | None) -> Prefill | None:
        """Where drafts are that no model makes."""
        return None if isinstance(prefill, Model) else prefill

    def promise(self, prefill: Prefill | Model | None) -> Prefill | None:
        """Where drafts are for who only asks of which outputs there are some: of all that a model makes."""
        return _of_all if isinstance(prefill, Model) else prefill

    @property
    def models(self) -> list[Model]:
        """All of them, each once."""
        also = [] if self.drafting is None or self.drafting in self.voters else [self.drafting]
        return [*self.voters, *also]

    def asked(self, items: Items, folder: Path, ask: Iterable[int]) -> Items:
        """The items with what models say of them: those at the places `ask` are asked about, unless they were."""
        places = list(ask)
        items = with_answers(items, self.voters, folder, places)
        return items if self.drafting is None else with_drafts(items, self.drafting, folder, places)

    def left_of(self, policy: Policy, items: Items, checkers: float) -> Policy:
        """The policy with what its budget leaves for people; raises `SpecError` if that is nothing.

        A launch that goes on takes the same out again. `checkers`: what models that judge answers cost at most.
        """
        return self._left(policy, cost_of_asking(items, self.models) + checkers)

    def set_aside(self, policy: Policy, items: Items, folder: Path, before: Money | None) -> tuple[Policy, Money]:
        """The policy with what is left for people once models are asked about these items, and what all cost then.

        What was set aside `before` and was not spent, by who was killed before it asked or for what a model did not
        answer, is not taken out once more. Raises as `left_of`.
        """
        already = sum(one.cost for one in spent(folder))
        cost = already + round(cost_of_asking(items, self.models, folder) * MICRO)
        before = already if before is None else before
        return self._left(policy, max(cost - before, 0) / MICRO), max(cost, before)

    def _left(self, policy: Policy, cost: float) -> Policy:
        if policy.budget is None:
            return policy
        if cost and cost >= policy.budget:
            asked, whole = (money(one, policy.currency)["en"] for one in (cost, policy.budget))
            raise SpecError(
                f"budget: to ask the models about all items costs {asked}, which leaves nothing of {whole} for people; "
                "give the run a larger one, or ask a cheaper model"
            )
        return policy.changed(budget=policy.budget - cost) if cost else policy


NOBODY = Asking()


def _of_all(inputs: Values) -> None:
    """Drafts of all outputs, as far as it is only asked of which there are some."""
