"""What a launch writes down of a run: what is published, pages and prices, and what its requester should know."""

from __future__ import annotations

from collections.abc import Sequence

from dataforge.catalogue import say
from dataforge.changes.terms import budget_for_workers
from dataforge.data.control_forms import form_notices
from dataforge.data.items import Items
from dataforge.issue.skills import only_experts
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.pricing import price
from dataforge.pricing.page_sizes import unverified_notice
from dataforge.records import BonusStep, Publication, Texts, unit_price
from dataforge.runs.core import texts
from dataforge.runs.core.bonus_steps import bonus_notices
from dataforge.runs.core.folder import Description
from dataforge.runs.driving.ways import policy_at_launch, policy_of, way_name
from dataforge.runs.handle.launches.passing import passing_notices
from dataforge.runs.handle.tables.results import names_of_labels
from dataforge.tasks.languages import language_notices
from dataforge.tasks.task import Task

__all__ = ["describe"]


def describe(
    name: str,
    task: Task,
    items: Items,
    policy: Policy,
    platform: Platform,
    *,
    open: bool = False,  # noqa: A002 - as for `launch`
) -> Description:
    """What is launched, without an identity: the publication with its pages and prices."""
    plan = price.plan(task, policy_of(task, policy), items, more=open)
    # Whether the budget does is told of the budget and the items that there are by then.
    elsewhere = list(price.budget_notices(policy, plan.clear))
    if way_name(task, policy) == "check":
        # Other workers judge what is on its pages.
        elsewhere.append(unverified_notice())
    publication = Publication(
        name=name,
        task=task.spec(),
        prices=plan.prices,
        real_per_page=plan.real_per_page,
        control_per_page=plan.control_per_page,
        lease=plan.lease,
        currency=policy.currency,
        budget=budget_for_workers(policy),
        languages=policy.languages,
        workers=None if policy.workers is None else policy.workers.record(),
        alone=policy.alone,
        bonuses=tuple([BonusStep(share, unit_price(paid)) for share, paid in (policy.bonuses or {}).items()]),
        wage_floor=unit_price(policy.wage_floor or 0.0),
        most_waiting=policy.most_waiting if way_name(task, policy) == "check" else None,
    )
    if publication.alone or only_experts(publication):
        # Who labels alone, and experts, need no checks and no usual page.
        elsewhere += plan.crowd_notices
    return Description(
        name=name,
        publication=publication,
        policy=policy_at_launch(task, policy).to_json(),
        platform=platform.name,
        created=platform.now(),
        commission=policy.commission or platform.commission,
        notices=(
            *(notice for notice in plan.notices if notice not in elsewhere),
            *items.notices,
            *_of_names(task, policy, items),
            *bonus_notices(policy, items.control_count, judged=way_name(task, policy) == "check"),
            *language_notices(task.spec(), _read_by(task, policy)),
            *(form_notices(items) if plan.control_per_page else ()),
        ),
        passing=passing_notices(platform, publication),
        open=open,
        settings=platform.settings(),
    )


def _read_by(task: Task, policy: Policy) -> tuple[str, ...] | None:
    """In which languages texts are wanted; None: in all in which some are. What we ask of a task has all of ours."""
    ours = task.description in (say("check_description"), say("trial_description"))
    return policy.languages if ours else policy.languages or None


def _of_names(task: Task, policy: Policy, items: Items) -> Sequence[Texts]:
    """Word of columns of the data that have other names in results."""
    ours = names_of_labels(task, policy, items)
    taken = [name for name in items.rows.column_names if name in ours.all]
    return [texts.set_apart(taken)] if taken else []
